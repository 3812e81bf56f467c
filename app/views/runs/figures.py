"""The figures at the top of a run: how far, how fast, how long, how much."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from app.text import visible
from app.views.runs.words import MEANINGS, at_no_cost, money, time_left
from generation.run_progress import Progress

_UNITS = (("billion", 1_000_000_000), ("million", 1_000_000))


def show_figures(progress: Progress) -> None:
    """What the condition means, how far the run is, and six figures."""
    line = progress.line
    if (meaning := MEANINGS.get(line.condition)) is not None:
        st.caption(meaning)
    if progress.said:
        st.code(visible(progress.said), language=None, wrap_lines=True)
    accepted = progress.funnel[-1].count
    of = f" of {line.count:,}" if line.count is not None else ""
    share = _share(progress)
    _, between = time_left(progress.left)
    st.progress(share, text=f"{accepted:,}{of} accepted · {share:.0%}" + (f" · {between} left" if between else ""))
    figures = list(_figures(progress))
    for column, (label, value, said) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(label, value.replace("$", "\\$"), help=said.replace("$", "\\$"), border=True)


def _share(progress: Progress) -> float:
    """How much of what is wanted is done."""
    accepted, wanted = progress.funnel[-1].count, progress.line.count
    if wanted is None:
        ended, wanted = progress.funnel[2].count, progress.spec.items.get("size") or progress.books.sent
        return min(1.0, ended / wanted) if wanted else 0.0
    return min(1.0, accepted / wanted)


def _figures(progress: Progress) -> Iterator[tuple[str, str, str]]:
    """Label, value and what it means."""
    line, spending = progress.line, progress.spending
    yield (
        "Accepted",
        f"{progress.funnel[-1].count:,}",
        "Rows that passed. Those of shards that are not sealed yet are found by replay of their journals.",
    )
    pace = "–" if line.calls_a_minute is None else f"{line.calls_a_minute:,.0f}"
    yield "Calls a minute", pace, "In the last minute that had any."
    likely, between = time_left(progress.left)
    if line.condition in ("complete", "exhausted"):
        yield "Time left", "done", "Nothing is left to do."
    elif line.condition != "running":
        yield "Time left", "–", "Nobody works on it, or the provider decides."
    else:
        known = f"{between}, at the present pace and acceptance." if between else "Known after a few moments."
        yield "Time left", likely, known
    if at_no_cost(progress.spec):
        yield "Cost", "at no cost", "The offline teacher is no language model and costs nothing."
    else:
        yield "Cost", money(spending.usd), "By the prices there are now."
    yield "Tokens", _large(spending.tokens), f"{spending.prompt:,} of prompts and {spending.completion:,} of replies."
    cached = f"{spending.cached_share:.0%}"
    yield "From the cache", cached, "Share of the prompt tokens that the provider served from its cache."


def _large(count: int) -> str:
    for unit, size in _UNITS:
        if count >= size:
            return f"{count / size:,.2f} {unit}"
    return f"{count:,}"

"""A trial in the terminal: both sides of each composition, then the two in figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from engine.prices import Price
from engine.run import Run
from engine.terminal import plain, print_table, print_text, screen
from generation.trial import OPEN, Side, Tried, chance_of, only_one_accepted

SHIPPED = "shipped"
_REPLY_SHOWN = 800
"""Characters of a reply that gave no question."""


def show_pairs(run: Run, indices: NDArray[np.int64], old: Side, new: Side, file: str) -> None:
    """Each composition: what was asked, then question, answer and verdict with either prompt, side by side."""
    items = run.items.take(indices)
    for number, (index, item) in enumerate(zip(indices.tolist(), items, strict=True)):
        described = run.items.describe(item)
        topics, points = (", ".join(c["name"] for c in described[kind]) for kind in ("topics", "knowledge_points"))
        print_text(
            f"── {number + 1} of {len(indices)} · index {index} · {topics} · {points or 'no points'}", style="bold"
        )
        table = Table(expand=True, header_style="bold")
        for side in (SHIPPED, file):
            table.add_column(Text(plain(side)), ratio=1)
        table.add_row(*(Text(_cell(side.tried[number])) for side in (old, new)))
        screen().print(table)


def _cell(tried: Tried) -> str:
    if tried.row is not None:
        return plain(f"{tried.row['question']}\n\nanswer: {tried.row['answer']}\n{tried.verdict}")
    said = tried.replies[-1].reply.text.strip() if tried.replies else ""
    if len(said) > _REPLY_SHOWN:
        said = said[:_REPLY_SHOWN] + " ..."
    detail = f" ({tried.detail})" if tried.detail and tried.detail not in said else ""
    return plain(f"{said}\n\n{tried.verdict}{detail}".strip())


def show_difference(old: Side, new: Side, file: str, prices: Mapping[str, Price]) -> None:
    """Counts, tokens and price of both sides, and how much of the difference may be chance."""
    print_table(("", SHIPPED, file, "difference"), list(_figures(old, new, prices)), title="The two prompts")
    lost, won = only_one_accepted(old, new)
    if not lost + won:
        print_text("Each composition gave a question with both prompts or with neither.")
        return
    print_text(
        f"{lost + won} compositions gave a question with one prompt alone: {lost} with the {SHIPPED} one, {won} with "
        f"yours. Equally good prompts differ so much or more in {chance_of(lost, won):.0%} of such trials."
    )


def _figures(old: Side, new: Side, prices: Mapping[str, Price]) -> Iterator[tuple[str, str, str, str]]:
    yield _line("compositions", len(old.tried), len(new.tried))
    yield _line("accepted", old.accepted, new.accepted)
    for reason in {**old.reasons, **new.reasons}:
        label = reason if reason == OPEN else f"rejected: {reason}"
        yield _line(label, old.reasons[reason], new.reasons[reason])
    yield _line("calls", len(old.replies), len(new.replies))
    yield _line("prompt tokens", old.usage.prompt, new.usage.prompt)
    yield _line("completion tokens", old.usage.completion, new.usage.completion)
    cost = old.cost(prices), new.cost(prices)
    yield _line("price", *cost, money=True)
    tokens = (side.usage.prompt + side.usage.completion for side in (old, new))
    yield _line("tokens for one accepted question", *_each(tokens, old, new))
    yield _line("price of one accepted question", *_each(cost, old, new), money=True)
    yield _line("price of 1,000 accepted questions", *_each(cost, old, new, 1_000), money=True)


def _each(
    totals: Iterable[float | None], old: Side, new: Side, questions: int = 1
) -> tuple[float | None, float | None]:
    """The totals for so many accepted questions; None where nothing was accepted, or the total is not known."""
    one, other = (
        None if total is None or not side.accepted else questions * total / side.accepted
        for total, side in zip(totals, (old, new), strict=True)
    )
    return one, other


def _line(label: str, old: float | None, new: float | None, *, money: bool = False) -> tuple[str, str, str, str]:
    """A row of the table: both figures and what the new one has more."""

    def amount(value: float) -> str:
        return f"${value:,.4f}" if money else f"{value:,.0f}"

    one, other = ("not known" if value is None else amount(value) for value in (old, new))
    if old is None or new is None:
        return label, one, other, ""
    return label, one, other, f"{'-' if new < old else '+'}{amount(abs(new - old))}"

"""A run in sections: where its items went, its pace, its limits, what failed, who is at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from app.answers import NUMBER, frame
from app.text import visible
from app.views.runs.words import FAULTS, LOST, ago, moment, money
from generation.progress_view import span
from generation.run_progress import Flight, Progress

_STAGES = {"drawn": "Drawn", "asked": "Asked", "answered": "Answered", "accepted": "Accepted"}
_STAGE_HELP = "Asked: the first reply came. Answered: the conversation ended."
_COLOURS = ["#8a94a6", "#3b82f6"]
"""Of calls and rows, in light and dark."""
_SHARDS = 8
"""Shards of a worker that are named."""


def show_sections(progress: Progress) -> None:
    """The rest, in sections."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Where the items went", anchor=False, help=_STAGE_HELP)
        _show_funnel(progress)
        st.subheader("Cost and limits", anchor=False)
        _show_limits(progress)
    with right:
        st.subheader("Pace", anchor=False)
        _show_pace(progress)
        st.subheader("What failed at the endpoint", anchor=False)
        _show_faults(progress)
    st.subheader("In flight", anchor=False)
    _show_flights(progress)


def _show_funnel(progress: Progress) -> None:
    drawn = max(1, progress.funnel[0].count)
    rows: list[tuple[str, int, float]] = []
    for stage in progress.funnel:
        rows.append((_STAGES[stage.name], stage.count, stage.count / drawn))
        rows += [(f"   − {LOST.get(reason, reason)}", -count, count / drawn) for reason, count in stage.lost.items()]
    st.dataframe(
        frame(("stage", "items", "share of drawn"), rows),
        column_config={
            "stage": st.column_config.TextColumn(width=235),
            "items": st.column_config.NumberColumn(format="localized", width=70),
            "share of drawn": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
        },
        hide_index=True,
        width="stretch",
        height="content",
        alt="From drawn to accepted, and what went no further",
    )


def _show_pace(progress: Progress) -> None:
    series = progress.series
    if not series.starts:
        st.caption("No reply yet.")
        return
    import altair as alt  # half a second, which no other page shall wait for
    import pandas as pd

    calls, rows = (series.per_minute(counts) for counts in (series.calls, series.rows))
    times = [moment(start).replace(tzinfo=None) for start in (*series.starts, series.starts[-1] + series.width_s)]
    counts = {"calls": [*calls, calls[-1]], "rows": [*rows, rows[-1]]}  # so that the last interval has its width
    data = pd.DataFrame({"time": times, **counts}).melt("time", var_name="what", value_name="count")
    lasted = series.width_s * len(times)
    clock = "%H:%M:%S" if lasted < 600 else "%H:%M" if lasted < 86_400 else "%b %d, %H:%M"
    shown = alt.Chart(data).encode(
        x=alt.X("time:T", title=None, axis=alt.Axis(format=clock, tickCount=6, labelOverlap=True)),
        y=alt.Y("count:Q", title="a minute", stack=None, axis=alt.Axis(format=",.0f")),
        color=alt.Color("what:N", title=None, legend=alt.Legend(orient="top"), scale=alt.Scale(range=_COLOURS)),
        tooltip=[
            alt.Tooltip("time:T", format="%Y-%m-%d %H:%M:%S"),
            alt.Tooltip("what:N", title="a minute"),
            alt.Tooltip("count:Q", format=",.0f"),
        ],
    )
    calls_as_area = shown.transform_filter("datum.what == 'calls'").mark_area(interpolate="step-after", opacity=0.35)
    rows_as_line = shown.transform_filter("datum.what == 'rows'").mark_line(interpolate="step-after", strokeWidth=2)
    chart = (calls_as_area + rows_as_line).properties(height=260)
    st.altair_chart(chart, width="stretch")
    st.caption(f"Replies and rows a minute, by intervals of {span(series.width_s)}, by the clock of who looks.")


def _show_limits(progress: Progress) -> None:
    spending, budget = progress.spending, progress.spending.budget
    if budget.max_usd is not None:
        usd, reserved = spending.usd or 0.0, progress.reserved_usd or 0.0
        more = f" · {money(reserved)} more reserved for what is in flight" if reserved > 1e-6 else ""
        told = f"{money(usd)} of {money(budget.max_usd)}{more}"
        st.progress(_part(usd + reserved, budget.max_usd), text=told.replace("$", "\\$"))
    if budget.max_tokens is not None:
        told = f"{spending.tokens:,} of {budget.max_tokens:,} tokens"
        st.progress(_part(spending.tokens, budget.max_tokens), text=told)
    st.caption(" · ".join(_further(progress)))


def _further(progress: Progress) -> Iterator[str]:
    """What else there is to say of cost and limits."""
    spending, budget = progress.spending, progress.spending.budget
    yield f"{spending.calls:,} calls"
    if budget.max_usd is None and budget.max_tokens is None:
        yield "no limit of money or tokens"
    if budget.max_hours is not None:
        yield f"{budget.max_hours:g} hours of work at most"
    if budget.max_error_rate is not None:
        yield f"stops where {budget.max_error_rate:.0%} of the last {budget.error_window} items give no row"
    if spending.reasoning:
        yield f"{spending.reasoning:,} tokens of reasoning"
    if spending.estimated:
        yield f"{spending.estimated:,} tokens estimated, because the endpoint does not count"


def _part(taken: float, limit: float) -> float:
    return min(1.0, taken / limit) if limit > 0 else 1.0


def _show_faults(progress: Progress) -> None:
    if not progress.faults:
        st.caption("Nothing, as far as its workers said.")
        return
    rows = [(FAULTS.get(kind, kind), count) for kind, count in progress.faults.items()]
    _table(("kind", "requests"), rows, ("requests",), "Failed requests by kind")
    st.caption("Also those that were tried again and then answered; of the last workers, whose reports are kept.")
    if progress.last_fault:
        st.code(visible(progress.last_fault), language=None, wrap_lines=True)


def _show_flights(progress: Progress) -> None:
    if not progress.at_work and not progress.flights:
        st.caption("Nothing: nobody works on it.")
    if progress.at_work:
        rows = [
            (worker.name, len(worker.shards), _names(worker.shards), worker.in_flight, ago(worker.seen_s),
             f"{worker.waiting_s:.0f} s" if worker.waiting_s else "")
            for worker in progress.at_work
        ]  # fmt: skip
        columns = ("worker", "shards", "which", "calls in flight", "last sign of life", "asked to wait")
        _table(columns, rows, ("shards", "calls in flight"), "Who works on it")
    if progress.flights:
        waves = [
            (f"wave {flight.wave}", flight.calls, flight.answered, flight.shards, _where(flight), ago(flight.since_s),
             moment(flight.again_s).strftime("%H:%M:%S") if flight.again_s else "")
            for flight in progress.flights
        ]  # fmt: skip
        heads = ("wave", "calls", "answered", "shards", "where", "sent", "looked at again")
        _table(heads, waves, ("calls", "answered", "shards"), "Batches that are not settled")


def _where(flight: Flight) -> str:
    """Where a wave is: on its way, or what the provider calls its state."""
    if not flight.submitted:
        return "on its way"
    return f"at the provider: {flight.status.replace('_', ' ')}" if flight.status else "at the provider"


def _names(shards: tuple[int, ...]) -> str:
    return ", ".join(map(str, shards[:_SHARDS])) + (" …" if len(shards) > _SHARDS else "")


def _table(
    columns: tuple[str, ...], rows: Sequence[tuple[object, ...]], numbers: tuple[str, ...], alt_text: str
) -> None:
    st.dataframe(
        frame(columns, rows), column_config=dict.fromkeys(numbers, NUMBER), hide_index=True, width="stretch",
        height="content", placeholder="", alt=alt_text,
    )  # fmt: skip

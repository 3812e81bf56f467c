"""All runs in a table, as they stand now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.answers import NUMBER, frame
from app.views.runs.words import CONDITIONS, ago, moment, money
from generation.run_lines import Line

_SHOWN, _HEIGHT = 10, 400
"""So many rows are shown whole; of more, as many as fit so many pixels."""
_COLUMNS = (
    "run", "state", "recipe", "accepted", "wanted", "done", "calls a minute", "cost", "started", "last sign of life",
)  # fmt: skip


def show_table(lines: Sequence[Line], chosen: str) -> str:
    """The table; returns the run that was chosen in it, else `chosen`."""
    rows, names = [_row(line) for line in lines], [line.run for line in lines]
    marked: Any = st.dataframe(
        frame(_COLUMNS, rows),
        column_config={
            "run": st.column_config.TextColumn(width="medium", pinned=True),
            "accepted": NUMBER,
            "wanted": NUMBER,
            "done": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
            "calls a minute": st.column_config.NumberColumn(
                format="localized", help="In the last minute that it had any."
            ),
            "cost": st.column_config.TextColumn(alignment="right"),
            "started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        },
        hide_index=True,
        width="stretch",
        height="content" if len(rows) <= _SHOWN else _HEIGHT,
        placeholder="",
        on_select="rerun",
        selection_mode="single-row",
        key=f"runs-{'/'.join(names)}",
        selection_default={"selection": {"rows": [names.index(chosen)] if chosen in names else []}},
        alt="The runs; mark one to see all about it",
    )
    places = marked["selection"]["rows"]
    return names[places[0]] if places and places[0] < len(names) else chosen


def _row(line: Line) -> tuple[object, ...]:
    wanted = line.count if line.count is not None else (line.accepted + line.open + line.rejected) or None
    made = line.accepted if line.count is not None else line.accepted + line.rejected
    return (
        line.run,
        CONDITIONS[line.condition][0],
        line.recipe,
        line.accepted,
        wanted,
        min(1.0, made / wanted) if wanted else None,
        None if line.calls_a_minute is None else round(line.calls_a_minute),
        "" if not line.calls else money(line.usd) if line.usd != 0 else "at no cost",
        moment(line.began_s).tz_localize(None) if line.began_s else None,
        ago(line.seen_s),
    )

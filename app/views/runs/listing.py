"""All runs in a table, as they stand now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.answers import frame
from app.views.runs.words import CONDITIONS, ago, moment, money
from generation.run_lines import Line

_SHOWN, _HEIGHT = 10, 400
"""So many rows are shown whole; of more, as many as fit so many pixels."""
_COLUMNS = (
    "run", "state", "recipe", "accepted", "wanted", "done", "calls/min", "cost", "started", "last seen",
)  # fmt: skip


def show_table(lines: Sequence[Line], chosen: str) -> str:
    """The table; returns the run that was chosen in it, else `chosen`."""
    rows, names = [_row(line) for line in lines], [line.run for line in lines]
    marked: Any = st.dataframe(
        frame(_COLUMNS, rows),
        column_config={
            "run": st.column_config.TextColumn(width=160, pinned=True),
            "state": st.column_config.TextColumn(width=135),
            "recipe": st.column_config.TextColumn(width=80),
            "accepted": st.column_config.NumberColumn(format="localized", width=70),
            "wanted": st.column_config.NumberColumn(format="localized", width=65),
            "done": st.column_config.ProgressColumn(format="%d %%", min_value=0, max_value=100, width=95),
            "calls/min": st.column_config.NumberColumn(
                format="localized", help="Calls a minute, in the last minute that had any.", width=70
            ),
            "cost": st.column_config.TextColumn(alignment="right", width=85),
            "started": st.column_config.DatetimeColumn(format="D MMM HH:mm", width=90),
            "last seen": st.column_config.TextColumn(
                help="The last sign of life: a reply, or a worker's heartbeat.", width=85
            ),
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
    made = line.rows if line.count is not None else line.rows + line.rejected
    return (
        line.run,
        CONDITIONS[line.condition][0],
        line.recipe,
        line.rows if line.recipe else None,
        wanted,
        round(100 * min(1.0, made / wanted)) if wanted else None,
        None if line.calls_a_minute is None else round(line.calls_a_minute),
        "" if not line.calls else money(line.usd) if line.usd != 0 else "at no cost",
        moment(line.began_s).replace(tzinfo=None) if line.began_s else None,
        ago(line.seen_s),
    )

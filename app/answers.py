"""An answer as a table, a chart where it lends itself to one, and a file to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.text import visible
from graph.stores import Result

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula."""
BARS = 30
"""Bars of a chart at most."""
KINDS = {"topic": "topic", "knowledge_point": "knowledge point", "skill": "skill"}
"""The kinds of concepts in words."""
SIGNS = {"topic": "●", "knowledge_point": "◆", "skill": "▲"}
"""The same as shapes, as the picture draws them."""
NUMBER = st.column_config.NumberColumn(format="localized")
"""A column of numbers, their thousands parted."""


def frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """The rows for a table on a page; texts as the characters they are."""
    import pandas as pd  # a quarter of a second, and the first picture needs none of it

    shown = [[visible(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    return pd.DataFrame(shown, columns=list(columns))


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The rows as CSV; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell for cell in row])
    return out.getvalue()


def show_result(result: Result, name: str) -> None:
    """The table, the number of its rows, the chart and the download."""
    if not result.rows:
        st.info("No rows.", icon=":material/search_off:")
        return
    data = frame(result.columns, result.rows)
    table, chart = st.tabs(["Table", "Chart"])
    with table:
        numbers = {name: NUMBER for name, kind in zip(result.columns, result.types, strict=True) if kind == "int"}
        st.dataframe(data, hide_index=True, width="stretch", column_config=numbers)
    with chart:
        _show_chart(result, data)
    told = f"{len(result.rows):,} rows" + (", and there are more" if result.more else "")
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.caption(told)
    right.download_button(
        "Download CSV", as_csv(result.columns, result.rows), f"{name}.csv", "text/csv", icon=":material/download:"
    )


def _show_chart(result: Result, data: pd.DataFrame) -> None:
    """Bars of the first number by the most telling text, where there are both."""
    numbers = [name for name, kind in zip(result.columns, result.types, strict=True) if kind in ("int", "number")]
    texts = [name for name, kind in zip(result.columns, result.types, strict=True) if kind == "text"]
    names = [name for name in texts if name == "name" or name.endswith("_name")] or [t for t in texts if t != "id"]
    if not numbers or not names:
        st.caption("This answer has no number by name to draw.")
        return
    value = st.selectbox("Number", numbers, key="chart-number")
    drawn = data.head(BARS).copy()
    drawn["label"] = drawn[names[0]] if len(names) == 1 else drawn[names[:2]].agg(" + ".join, axis=1)
    st.bar_chart(
        drawn.drop_duplicates("label"), x="label", y=value, horizontal=True, sort=False, x_label=value, y_label=""
    )
    if len(data) > BARS:
        st.caption(f"The first {BARS} of {len(data):,} rows.")

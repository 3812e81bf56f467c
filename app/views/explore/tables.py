"""The picture as tables, for those who cannot use it."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from app.answers import KINDS, NUMBER
from app.state import Looked
from app.text import visible
from app.views.explore.link import Seen
from graph.neighbourhood import Around, Map
from graph.walked import Step

_ROW = 33
"""Pixels of a row in the theme's size of letters."""


def show_tables(
    looked: Looked, view: Map, seen: Seen, around: Around, path: tuple[str, ...], steps: tuple[Step, ...]
) -> None:
    """Concepts and edges that the picture shows, the path and the walk."""
    if steps:
        st.caption("The walk, step by step")
        show_rows(
            [
                {
                    "step": number, "concept": step.name, "kind": KINDS[step.kind], "seeds together": step.weight,
                    "chance": step.chance, "choices": step.choices, "counts": "yes" if step.counts else "met before",
                }
                for number, step in enumerate(steps)
            ],
            {"chance": st.column_config.NumberColumn(format="percent")},
        )  # fmt: skip
    if path:
        st.caption("The shortest path")
        show_rows([_concept(view, concept) for concept in path])
    if seen.whole:
        st.caption("All concepts; an edge is in the table of its concept's neighbourhood")
        nodes = looked.snapshot.nodes
        names = [visible(name) for name in nodes["name"].to_pylist()]
        kinds = [KINDS[kind] for kind in nodes["kind"].to_pylist()]
        table = pa.table({"concept": names, "kind": kinds, "seeds": nodes["count"]})
        table = table.sort_by([("seeds", "descending"), ("concept", "ascending")])
        st.dataframe(table, hide_index=True, height=420, column_config={"seeds": NUMBER})
        return
    name = {node.id: node.name for node in around.nodes}
    st.caption("Concepts, those asked for first")
    show_rows(
        [
            {"concept": node.name, "kind": KINDS[node.kind], "seeds": node.seeds, "steps away": node.steps}
            for node in around.nodes
        ]
    )
    st.caption("Edges between them; the weight is the number of seeds in which both occur")
    show_rows([{"one": name[link.source], "other": name[link.target], "weight": link.weight} for link in around.links])


def _concept(view: Map, concept: str) -> dict[str, Any]:
    node = view.node(view.place(concept))
    return {"concept": node.name, "kind": KINDS[node.kind], "seeds": node.seeds}


def show_rows(rows: list[dict[str, Any]], columns: dict[str, Any] | None = None, *, most: int = 10) -> None:
    """Rows as a table of at most so many lines; texts as they are."""
    clean = [{key: visible(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows]
    numbers = {key: NUMBER for key, value in (rows[0] if rows else {}).items() if isinstance(value, int)}
    height: int | Literal["content"] = "content" if len(rows) <= most else _ROW * (most + 1)
    st.dataframe(clean, hide_index=True, height=height, column_config={**numbers, **(columns or {})})

"""The part of a concept's card about the questions that were made of it."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from app.state import Looked
from app.text import escaped
from app.views.explore.tables import show_rows
from graph.card import Card
from graph.query import find_query, run_query
from graph.report.figures import SHORT
from graph.report.thin import thin_commands

BASES = ("asked", "claimed", "tagged")
COUNT = 50
"""Questions that the command asks for."""


def show_questions(looked: Looked, card: Card) -> None:
    """Questions by basis, and by level beside the seeds of that level."""
    result = run_query(looked.store(), find_query("use-of-concept"), {"concept": card.id})
    uses = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    if not uses:
        st.caption("No question uses it yet. Make some in a terminal, of compositions with this concept:")
        row = {"id": card.id, "name": card.name}
        st.code(thin_commands(looked.snapshot.fingerprint[:SHORT], [row], COUNT)[0], language=None, wrap_lines=True)
    total = {basis: sum(use["questions"] for use in uses if use["basis"] == basis) for basis in BASES}
    for column, (basis, what) in zip(
        st.columns(3),
        (("asked", "asked of them"), ("claimed", "claimed by their writer"), ("tagged", "read from their text")),
        strict=True,
    ):
        column.metric(basis.capitalize(), f"{total[basis]:,}", help=f"Questions of which it is {what}")
    st.caption("Coverage by level: seeds that mention it, and questions that use it on each basis")
    seeds = dict(card.levels)
    levels = [*seeds, *sorted({use["level"] for use in uses} - seeds.keys())]
    show_rows(
        [
            {"level": level or "not known", "seeds": seeds.get(level, 0)}
            | {
                basis: sum(use["questions"] for use in uses if (use["level"], use["basis"]) == (level, basis))
                for basis in BASES
            }
            for level in levels
        ]
    )
    if uses:
        there = urlencode({"graph": looked.snapshot.fingerprint[:SHORT], "concepts": card.id})
        st.link_button("Read them", f"questions?{there}", icon=":material/quiz:")
        runs = sorted({use["run"] for use in uses})
        st.caption(
            f"In {len(runs)} run{'s' * (len(runs) > 1)}: {escaped(', '.join(runs[:6]))}; "
            f"{sum(use['twins'] for use in uses if use['basis'] == 'asked'):,} twins of earlier questions, "
            f"{sum(use['rejected'] for use in uses if use['basis'] == 'asked'):,} rejected by a person"
        )

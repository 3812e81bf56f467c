"""One's own questions to the store, read-only."""

from __future__ import annotations

import streamlit as st

from app.answers import show_result
from app.state import Looked
from app.text import escaped
from graph.cypher.asking import ask
from graph.cypher.guard import check
from graph.stores import Result

EXAMPLES = {
    "Concepts of each kind": "MATCH (c:Concept)\nRETURN c.kind AS kind, count(*) AS concepts\nORDER BY kind",
    "Topics that no question is asked about": (
        "MATCH (c:Concept)\nWHERE c.kind = 'topic' AND c.asked = 0\n"
        "RETURN c.name AS topic, c.count AS seeds\nORDER BY seeds DESC, topic\nLIMIT 50"
    ),
    "Pairs of one concept": (
        "MATCH (a:Concept)-[r:CO_OCCURS]-(b:Concept)\nWHERE a.name = 'Probability'\n"
        "RETURN b.name AS with, r.weight AS seeds, r.asked AS questions\nORDER BY seeds DESC, with\nLIMIT 50"
    ),
}
TIMEOUT_S, ROWS = 10.0, 1_000


def show(looked: Looked) -> None:
    """The box, and the answer to what it holds."""
    st.caption(
        f"Read-only, up to {TIMEOUT_S:g} s and {ROWS:,} rows, in a process of its own. What a question may be made of "
        "is told in docs/cypher.md."
    )
    example = st.selectbox("Example", list(EXAMPLES), key="cypher-example")
    text = st.text_area("Cypher", EXAMPLES[example], height=160, key=f"cypher-{example}")
    if not st.button("Ask", icon=":material/play_arrow:", type="primary", shortcut="Ctrl+Enter"):
        return
    looked.store()  # made here, with its own words, where it is not there yet
    with st.spinner("Asking ..."):
        result: Result = ask(
            looked.place, looked.snapshot, looked.questions(), None, text, timeout_s=TIMEOUT_S, row_limit=ROWS
        )
    for note in check(text, {}).notes:
        st.caption(escaped(note))
    show_result(result, "cypher")

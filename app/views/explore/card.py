"""The card of a concept beside the picture: names and how they were merged, seeds, questions, the nearest."""

from __future__ import annotations

import streamlit as st

from app.answers import KINDS, SIGNS
from app.state import Looked
from app.text import escaped
from app.views.explore.asked import show_questions
from app.views.explore.held import meanings_of
from app.views.explore.naming import show_names
from app.views.explore.searching import go_to
from app.views.explore.tables import show_rows
from graph.card import Card, concept_card
from graph.neighbourhood import Map

SECTIONS = ("Names", "Seeds", "Questions", "Nearest")


@st.cache_resource(max_entries=256, show_spinner=False)
def _card(fingerprint: str, concept: str, _looked: Looked) -> Card:  # noqa: ARG001 - the key
    return concept_card(_looked.snapshot, concept)


def show_card(looked: Looked, view: Map, concept: str) -> None:
    """Show it. A part is made only where it is looked at."""
    card = _card(looked.snapshot.fingerprint, concept, looked)
    neighbours, weights = view.neighbours(view.place(concept))
    with st.container(border=True):
        st.header(escaped(card.name), anchor=False)
        st.caption(f"{SIGNS[card.kind]} {KINDS[card.kind]} · {card.id}")
        seeds, joined, names = st.columns(3)
        seeds.metric("Seeds", f"{card.seeds:,}", help="Seeds that mention it, under any of its names")
        joined.metric("Neighbours", f"{len(neighbours):,}", help="Concepts that a seed mentions together with it")
        names.metric("Names", f"{len(card.names):,}", help="Names that were merged into it, its own with them")
        if len(neighbours) == 0:
            st.caption("No seed mentions it together with another concept.")
        else:
            strongest = int(weights.argmax())
            other = view.node(int(neighbours[strongest]))
            st.caption(f"Most often with {escaped(other.name)}: in {int(weights[strongest]):,} seeds")
        section = st.segmented_control(
            "About the concept", SECTIONS, key="card-section", default=SECTIONS[0], required=True,
            label_visibility="collapsed", width="stretch",
        )  # fmt: skip
        match section:
            case "Names":
                show_names(looked, card)
            case "Seeds":
                _show_seeds(card)
            case "Questions":
                show_questions(looked, card)
            case "Nearest":
                _show_nearest(looked, concept)


def _show_seeds(card: Card) -> None:
    told = [f"{level} {count:,}" for level, count in card.levels if count]
    st.caption("Seeds by level: " + escaped(", ".join(told)) if told else "No level of its seeds is known.")
    show_rows(
        [
            {"seed": m.seed, "level": m.level, "subject": m.subject, "mentioned as": m.name, "source": m.source}
            for m in card.mentions
        ]
    )


def _show_nearest(looked: Looked, concept: str) -> None:
    st.caption("Concepts whose names mean most nearly the same, with the cosine of the graph's own embedding")
    found = meanings_of(looked).nearest(concept, most=10)
    if not found:
        st.caption("None is near.")
    for each in found:
        st.button(
            f"{each.score:.2f} · {escaped(each.name)} · {KINDS[each.kind]}", key=f"near-{each.id}", type="tertiary",
            on_click=go_to, args=(each.id,),
        )  # fmt: skip

"""What a row was made from: the walk on the graph, the seeds shown, the seeds behind its concepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.answers import SIGNS
from app.component import Act, Picture, show_picture
from app.state import Looked
from app.text import escaped, show_text
from app.views.explore.tables import show_rows
from app.views.questions.held import origin_now
from app.views.questions.link import choose
from generation.browsing import OpenedRun
from generation.browsing.origin import map_of
from graph.extraction import question_text
from graph.seed import Seed

KEY, HEIGHT, AROUND = "questions-picture", 420, 24


def show_origin(looked: Looked, run: OpenedRun, row: Mapping[str, Any]) -> None:  # noqa: ARG001 - as the other parts
    """Show it."""
    origin = origin_now(run, row)
    st.markdown(
        f"**Draw {origin.draw:,}** of {escaped(origin.sampler)} on graph {escaped(origin.graph[:9])}: "
        f"{len(origin.steps)} concepts, step by step"
    )
    if origin.replaces:
        st.button(f"Made in place of {origin.replaces}", type="tertiary", icon=":material/history:",
                  on_click=choose, args=(origin.replaces,))  # fmt: skip
    if origin.steps:
        walked = tuple(dict.fromkeys(step.concept for step in origin.steps))
        around = map_of(run).around(walked, most=len(walked) + AROUND)
        show_picture(
            Picture(chosen=walked[0], around=around, walk=origin.steps, keep=walked), _look, height=HEIGHT, key=KEY
        )
        show_rows(
            [
                {"step": number, "concept": f"{SIGNS[step.kind]} {step.name}", "seeds with both": step.weight,
                 "chance": step.chance, "choices": step.choices, "counts": "yes" if step.counts else "met before"}
                for number, step in enumerate(origin.steps, 1)
            ],
            {"chance": st.column_config.NumberColumn(format="percent")},
        )  # fmt: skip
    st.subheader(f"Seeds shown to the writer: {len(origin.shots)}", anchor=False)
    if not origin.shots:
        st.caption("It was shown none, or they are no longer in the workspace.")
    for seed in origin.shots:
        _show_seed(seed)
    st.subheader("Seeds behind its concepts", anchor=False)
    st.caption("Seeds that mention most of its concepts together; such seeds made the edges that were walked.")
    for each in origin.behind:
        _show_seed(each.seed, ", ".join(escaped(name) for name in each.concepts) + ("; shown" if each.shown else ""))


def _show_seed(seed: Seed, told: str = "") -> None:
    with st.container(border=True, gap="small"):
        show_text(question_text(seed))
        if seed.solution or seed.answer:
            with st.expander("Solution and answer"):
                show_text("\n\n".join(part for part in (seed.solution, f"**Answer** {seed.answer}") if part))
        facts = [told, escaped(seed.level), escaped(seed.subject), escaped(seed.source), seed.id]
        st.caption("  ·  ".join(fact for fact in facts if fact))


def _look(act: Act) -> None:
    """The picture is to be looked at: nothing that is done in it changes the page."""

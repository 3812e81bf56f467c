"""A question beside its nearest: other questions, and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app.state import Looked
from app.text import escaped, safe_markdown, show_text
from app.views.questions.held import nearest_now
from app.views.questions.link import Seen, choose, turn
from app.views.questions.listing import cut
from generation.browsing import OpenedRun
from generation.browsing.near import Neighbour

_CUT = 110


def show_nearest(
    looked: Looked, every: Sequence[OpenedRun], run: OpenedRun, row: Mapping[str, Any], seen: Seen
) -> None:
    """Show it."""
    found = nearest_now(looked, every, run, row)
    nearest = {_id(each): each for each in (*found.questions, *found.seeds)}
    if not nearest:
        st.caption("There is no other question, and no seed.")
        return
    chosen = nearest.get(seen.beside) or next(iter(nearest.values()))
    mine, other = st.columns(2, gap="small")
    with mine.container(border=True):
        st.caption("This question")
        show_text(row["question"])
        st.caption(f"Answer: {safe_markdown(cut(row['answer'], 200))}")
    with other.container(border=True):
        _show_other(chosen)
    for label, each in (("Nearest questions", found.questions), ("Nearest seeds", found.seeds)):
        st.subheader(label, anchor=False)
        if not each:
            st.caption("None.")
        for neighbour in each:
            _offer(neighbour, _id(neighbour) == _id(chosen))
    st.caption(
        "The cosine of embeddings, of 1 for the same meaning, comes first. " + escaped(found.searched()).capitalize()
    )


def _show_other(each: Neighbour) -> None:
    shared = f", {each.shared} concepts of both" if each.shared else ""
    kind = "A seed" if each.seed is not None else escaped(f"{each.row['run']}:{each.row['index']}")
    st.caption(f"{kind}: cosine {each.cosine:.2f}, {each.jaccard:.0%} of the word triples shared{shared}")
    show_text(each.text)
    answer = each.seed.answer if each.seed is not None else each.row["answer"]
    if answer:
        st.caption(f"Answer: {safe_markdown(cut(answer, 200))}")
    if each.seed is None:
        st.button("Read this one", icon=":material/arrow_forward:", type="tertiary", on_click=choose,
                  args=(each.row["id"],))  # fmt: skip


def _offer(each: Neighbour, shown: bool) -> None:
    wanted = _id(each)
    st.button(
        f"{each.cosine:.2f}  {safe_markdown(cut(each.text, _CUT))}", key=f"beside-{wanted}", type="tertiary", wrap=True,
        icon=":material/compare_arrows:" if shown else None, on_click=turn,
        args=(lambda seen: replace(seen, beside=wanted),),
    )  # fmt: skip


def _id(each: Neighbour) -> str:
    return each.seed.id if each.seed is not None else str(each.row["id"])

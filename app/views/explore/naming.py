"""The part of a concept's card about its names: how each came to it, and taking that back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import access
from app.access import Role
from app.state import Looked
from app.text import escaped
from app.views.explore.tables import show_rows
from engine.errors import SkillweaveError
from graph.card import Alias, Card, take_back

RULES = {
    "first": "first seen under it", "normalised": "same but for spelling", "alias": "alias table",
    "embedding": "near by embedding", "judged": "a model judged it the same", "renamed": "a person named it so",
    "merged": "a person merged it", "parted": "a person parted it",
}  # fmt: skip


def show_names(looked: Looked, card: Card) -> None:
    """The names, and a form to undo how one came here."""
    rows = [
        {
            "name": alias.name, "seeds": alias.mentions, "how": RULES.get(alias.rule, alias.rule),
            "score": alias.score, "by": alias.by, "why": alias.why,
        }
        for alias in card.names
    ]  # fmt: skip
    empty = {name for name in ("score", "why") if not any(row[name] for row in rows)}
    show_rows(
        [{name: value for name, value in row.items() if name not in empty} for row in rows],
        {"score": st.column_config.NumberColumn(format="%.3f", help="The cosine, where an embedding joined it")},
        most=8,
    )
    undoable = [alias for alias in card.names if alias.can_part or alias.decision is not None]
    if told := st.session_state.pop("undo-told", ""):
        st.success(told, icon=":material/check:")
    if fault := st.session_state.pop("undo-fault", ""):
        st.error(escaped(fault), icon=":material/error:")
    if not undoable:
        st.caption("All are its own name or spellings of it: there is no merge to undo.")
        return
    if not access.may(Role.REVIEWER):
        st.caption("Undoing a merge needs the role reviewer.")
        return
    with st.expander("Undo a merge", icon=":material/undo:"), st.form("undo", border=False):
        names = [alias.name for alias in undoable]
        st.selectbox("Name", names, key="undo-name", format_func=_label(undoable))
        st.text_input("Reason", key="undo-why", max_chars=300, help="For who reads the decision later.")
        st.caption("Makes a new graph at once and goes to it; the one you see now stays as it is.")
        st.form_submit_button("Undo", on_click=_undo, args=(looked, card))


def _label(aliases: list[Alias]) -> Callable[[str], str]:
    told = {
        alias.name: f"decision {alias.decision} of {alias.by}" if alias.decision is not None
        else RULES.get(alias.rule, alias.rule)
        for alias in aliases
    }  # fmt: skip
    return lambda name: f"{name} ({told[name]})"


def _undo(looked: Looked, card: Card) -> None:
    name, why = st.session_state["undo-name"], st.session_state["undo-why"].strip()
    if not why:
        st.session_state["undo-fault"] = "Say why, for who reads the decision later; nothing was changed."
        return
    alias = next((alias for alias in card.names if alias.name == name), None)
    if alias is None:
        return
    try:
        access.require(Role.REVIEWER)
        made = take_back(looked.snapshot, card.id, alias, by=access.person(), why=why)
        made.write(looked.place.graphs)
    except SkillweaveError as error:
        st.session_state["undo-fault"] = str(error)
        return
    st.session_state["graph-chosen"] = made.fingerprint
    st.session_state["undo-told"] = f"Graph {made.fingerprint[:9]} was made, and this is it."

"""What all pages share: the workspace, the graph that is looked at, its store. Opened once, for all sessions.

Everything is named by content, so what is cached is never old: a graph by its fingerprint, a store by its id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import streamlit as st

from app import access
from app.text import visible
from engine.errors import SkillweaveError
from engine.workspace import Workspace
from graph.snapshot import Snapshot, find_snapshot, list_snapshots
from graph.stores import Questions, Store

_P = ParamSpec("_P")
GRAPHS_KEPT, STORES_KEPT = 3, 3


def place() -> Workspace:
    """The workspace that `skillweave app` was given, by the environment."""
    return Workspace.find()


@st.cache_resource(max_entries=GRAPHS_KEPT, show_spinner="Opening the graph ...")
def _snapshot(folder: Path) -> Snapshot:
    return Snapshot.open(folder)


@dataclass(frozen=True, slots=True)
class Looked:
    """The graph a session looks at."""

    place: Workspace
    snapshot: Snapshot

    def questions(self) -> Questions:
        """The questions made from it, as they are now."""
        from generation.making import questions_of  # with all recipes; the first picture needs none of them

        return questions_of(self.place, self.snapshot)

    def store(self) -> Store:
        """Its store, with the questions made so far. Raises InputError where a server is down or holds another.

        It tells that it is made, where it is: two spinners at one place hide each other, so call it before another.
        """
        from graph.stores.opening import must_be_made

        questions = self.questions()
        told = "Opening the store ..."
        if must_be_made(self.place, self.snapshot, questions):
            told = f"Loading {questions.count:,} questions into the store, once; two million take about a minute ..."
        with st.spinner(told, show_time=True):
            return _store(str(self.place.root), self.snapshot.fingerprint, tuple(questions.shards), _looked=self)


@st.cache_resource(max_entries=STORES_KEPT, show_spinner=False, on_release=lambda store: store.close())
def _store(root: str, fingerprint: str, shards: tuple[str, ...], _looked: Looked) -> Store:  # noqa: ARG001 - the key
    from graph.stores.opening import open_store

    return open_store(_looked.place, _looked.snapshot, _looked.questions())


def choose_graph() -> Looked | None:
    """The graph that the sidebar names, and a link as `graph`; None, with what to run, where there is none."""
    known = list_snapshots(place().graphs)
    if not known:
        st.info("There is no graph in this workspace yet. Make one in a terminal:", icon=":material/hub:")
        st.code(f"skillweave quickstart --workspace {place().root}", language=None)
        return None
    metas = {str(meta["fingerprint"]): meta for meta in known}
    names = list(metas)
    wanted = st.query_params.get("graph", "")
    start = next((place for place, name in enumerate(names) if wanted and name.startswith(wanted)), 0)
    with st.sidebar:
        chosen = st.selectbox(
            "Graph", names, index=start, key="graph-chosen",
            format_func=lambda name: f"{name[:9]} · {metas[name]['counts']['nodes']:,} concepts",
        )  # fmt: skip
        counts, made = metas[chosen]["counts"], str(metas[chosen].get("created") or "")[:10]
        st.caption(f"{counts['edges']:,} edges, of {counts['seeds']:,} seeds" + (f"  \nmade {made}" if made else ""))
    st.query_params["graph"] = chosen[:9]
    return Looked(place(), _snapshot(find_snapshot(place().graphs, chosen)))


def page(show: Callable[_P, None]) -> Callable[_P, None]:
    """A page, or a part of one that refreshes by itself: for who may see it, and an error of ours is a sentence."""

    @wraps(show)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> None:
        access.stay()
        try:
            show(*args, **kwargs)
        except SkillweaveError as error:
            st.error("This cannot be shown now.", icon=":material/error:")
            st.code(visible(str(error)), language=None, wrap_lines=True)
            if st.button("Try again", icon=":material/refresh:"):
                st.rerun()

    return told

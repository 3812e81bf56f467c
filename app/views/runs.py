"""How every run stands, from its files alone: also one that another process or machine works on."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.answers import frame
from app.state import place
from app.text import escaped
from engine.books import Books, read_books
from engine.lease import workers
from engine.run import list_runs, read_spec

LIVE_S = 2.0
STATES = {
    "complete": ":material/check_circle: complete",
    "exhausted": ":material/block: exhausted",
    "incomplete": ":material/pause_circle: incomplete",
    "running": ":material/play_circle: running",
}


def show() -> None:
    """The page."""
    st.title("Runs")
    if not list_runs(place().runs):
        st.info("There are no runs in this workspace yet. Begin one in a terminal:", icon=":material/monitoring:")
        st.code("skillweave generate --count 500", language="sh")
        return
    _show_live()


@st.fragment(run_every=LIVE_S)
def _show_live() -> None:
    folders = list_runs(place().runs)
    books = {folder.name: read_books(folder) for folder in folders}
    rows = [
        (
            name,
            STATES[b.state].split(" ", 1)[1],
            b.accepted,
            b.count,
            b.open,
            sum(b.reasons.values()),
            sum(s.calls for s in b.spent),
        )
        for name, b in books.items()
    ]
    columns = ("run", "state", "accepted", "wanted", "open", "rejected", "calls")
    st.dataframe(frame(columns, rows), hide_index=True, width="stretch")
    names = list(books)
    wanted = st.query_params.get("run", "")
    chosen = st.selectbox(
        "Run", names, index=names.index(wanted) if wanted in names else len(names) - 1, key="run-chosen"
    )
    st.query_params["run"] = chosen
    _show_run(place().runs / chosen, books[chosen])


def _show_run(folder: Path, books: Books) -> None:
    spec = read_spec(folder)
    st.subheader(escaped(folder.name))
    st.markdown(STATES[books.state])
    for column, (label, value) in zip(
        st.columns(5),
        (
            ("Accepted", books.accepted),
            ("Ahead", books.ahead),
            ("Open", books.open),
            ("Rejected", sum(books.reasons.values())),
            ("Tokens", sum(s.prompt + s.completion for s in books.spent)),
        ),
        strict=True,
    ):
        column.metric(label, f"{value:,}", border=True)
    if books.count:
        st.progress(min(1.0, books.accepted / books.count), text=f"{books.accepted:,} of {books.count:,} accepted")
    if held := workers(folder / "lease"):
        st.caption("At work: " + ", ".join(escaped(name) for name in held))
    left, right = st.columns(2)
    with left:
        st.markdown("**Why rows were not accepted**")
        st.dataframe(frame(("reason", "items"), list(books.reasons.items())), hide_index=True, width="stretch")
    with right:
        st.markdown("**What it is**")
        models = ", ".join(f"{role}: {model.model}" for role, model in spec.models.items())
        facts = [("recipe", f"{spec.recipe} {spec.version}"), ("models", models), ("seed", str(spec.seed))]
        st.dataframe(frame(("what", "value"), facts), hide_index=True, width="stretch")
    if books.state == "incomplete":
        st.caption("Go on with it in a terminal:")
        st.code(f"skillweave resume {folder.name}", language="sh")

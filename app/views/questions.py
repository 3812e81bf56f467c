"""Read the questions: filter, page, and follow one back to what it was made from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.answers import frame
from app.state import Looked, choose_graph
from app.text import escaped, show_text
from engine.books import read_books
from engine.rows import calls_of
from engine.run import find_run
from generation.browsing import Filter, Key, browse
from generation.making import runs_of

PAGE = 20


def show() -> None:
    """The page."""
    st.title("Questions")
    looked = choose_graph()
    if looked is None:
        return
    runs = runs_of(looked.place, looked.snapshot)
    if not runs:
        st.info("No questions were made from this graph yet. Make some in a terminal:", icon=":material/quiz:")
        st.code("skillweave generate --count 500", language="sh")
        return
    names = [run.name for run in runs]
    kind = st.segmented_control("Rows", ["accepted", "rejected"], default="accepted", key="rows-kind") or "accepted"
    chosen = st.multiselect("Runs", names, default=names, key="rows-runs")
    folders = [run for run in runs if run.name in chosen]
    wanted = _filter(looked, kind, sorted({r for run in folders for r in read_books(run).reasons}))
    _show_page(looked, folders, wanted, kind)


def _filter(looked: Looked, kind: str, reasons: list[str]) -> Filter:
    if kind == "rejected":
        reason = st.selectbox("Reason", reasons, index=None, placeholder="any", key="rows-reason")
        return Filter(reason=reason or "")
    nodes = looked.snapshot.nodes
    ids = dict(zip(nodes["name"].to_pylist(), nodes["id"].to_pylist(), strict=True))
    left, right = st.columns([2, 1])
    concepts = left.multiselect("Concepts, all of which were asked for", list(ids), key="rows-concepts")
    words = right.text_input("Words in question or solution", key="rows-words")
    return Filter(concepts=tuple(ids[name] for name in concepts), words=words.strip())


def _show_page(looked: Looked, folders: list[Any], wanted: Filter, kind: str) -> None:
    """The rows after the key that this session has come to; a change of the filter begins anew."""
    marks: list[Key | None] = st.session_state.setdefault("rows-marks", [None])
    asked = (tuple(run.name for run in folders), wanted, kind)
    if st.session_state.get("rows-asked") != asked:
        st.session_state["rows-asked"] = asked
        marks[:] = [None]
    page = browse(folders, wanted, kind="rows" if kind == "accepted" else "rejected", after=marks[-1], size=PAGE)
    if not page.rows:
        st.info("No row is as you ask.", icon=":material/search_off:")
        return
    for row in page.rows:
        _show_rejected(row) if kind == "rejected" else _show_question(looked, row)
    back, number, on = st.columns(3, vertical_alignment="center")
    number.caption(f"Page {len(marks):,}")
    if back.button("Back", icon=":material/chevron_left:", disabled=len(marks) == 1):
        marks.pop()
        st.rerun()
    if on.button("Next", icon=":material/chevron_right:", disabled=page.next is None):
        marks.append(page.next)
        st.rerun()


def _show_question(looked: Looked, row: dict[str, Any]) -> None:
    with st.container(border=True):
        show_text(row["question"])
        names = [*(row.get("topics") or []), *(row.get("knowledge_points") or [])]
        st.caption("  ·  ".join(escaped(name) for name in names))
        with st.expander("Solution, answer and origin"):
            show_text(row["solution"])
            st.markdown(f"**Answer** {escaped(str(row['answer']))}")
            st.caption(
                f"{escaped(row['run'])}, index {row['index']:,}  ·  {escaped(row['id'])}  ·  {escaped(row['model'])}"
                f"  ·  {row['prompt_tokens'] + row['completion_tokens']:,} tokens in {row['calls']} calls"
            )
            if row.get("shots"):
                st.caption("Seeds shown as examples: " + ", ".join(escaped(seed) for seed in row["shots"]))
            if st.button("Show the conversation", key=f"talk-{row['id']}"):
                _show_conversation(looked, row["run"], row["index"])


def _show_conversation(looked: Looked, run: str, index: int) -> None:
    calls = calls_of(find_run(looked.place.runs, run), index)
    if calls is None:
        st.caption("Its shard is not sealed yet.")
        return
    for call in calls.to_pylist():
        for message in call["messages"]:
            with st.chat_message("user" if message["role"] != "assistant" else "assistant"):
                st.text(message["content"])
        with st.chat_message("assistant"):
            st.text(call["text"])
            st.caption(f"{escaped(call['model'])}, {escaped(call['finish'])}, attempt {call['attempt']}")


def _show_rejected(row: dict[str, Any]) -> None:
    with st.container(border=True):
        st.markdown(f"**{escaped(row['reason'])}**  {escaped(row['detail'] or '')}")
        st.caption(f"{escaped(row['run'])}, index {row['index']:,}")
        with st.expander("What was asked for"):
            st.dataframe(frame(["item"], [[row["item"]]]), hide_index=True)

"""The reading list: the rows of a page, cut to three lines each, and the way to the pages beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app.state import Looked
from app.text import escaped, safe_markdown
from app.views.questions.held import count_now
from app.views.questions.link import Seen, choose, turn
from generation.browsing import Filter, Key, OpenedRun, Page, Standing, browse
from generation.reviews import verdicts

PAGE, HEIGHT, FEW = 20, 780, 7
_CUT = 260
_MARKS = {"accept": ":material/thumb_up: accepted", "reject": ":material/thumb_down: rejected by a person"}


def show_list(
    looked: Looked, runs: Sequence[OpenedRun], chosen: Filter, seen: Seen, standing: Standing
) -> Sequence[Mapping[str, Any]]:
    """Show it; the rows of the page."""
    page = _page(runs, chosen, seen, standing)
    if not page.rows:
        st.info("No row is as you ask.", icon=":material/search_off:")
        if seen.after or seen.before:
            st.button("To the first page", on_click=turn, args=(Seen.begun,))
        return ()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        told = st.empty()
        _turn_over(page)
    told.caption("Counting …")
    read = seen.question or page.rows[0]["id"]
    findings = standing.of([row["id"] for row in page.rows]) if not chosen.rejected else {}
    said = verdicts(looked.place) if not chosen.rejected else {}
    with st.container(height=HEIGHT if len(page.rows) > FEW else "content", border=True, key="reading-list", gap=None):
        for row in page.rows:
            mine = "chosen" if read in (row["id"], f"{row['run']}:{row['index']}") else "other"
            with st.container(key=f"row-{mine}-{row['id']}", gap=None):
                st.button(
                    _label(row), key=f"read-{row['id']}", type="tertiary", wrap=True, width="stretch",
                    on_click=choose, args=(row["id"],),
                )  # fmt: skip
                marks = _marks(row, standing, findings.get(row["id"], []), said.get(row["id"], ""))
                st.caption("  ·  ".join((*marks, *_facts(row, many=len(runs) > 1))))
    total = count_now(looked, runs, chosen, standing)
    what = "rejected rows" if chosen.rejected else "questions"
    told.caption(f"{total} {what}, by {'run and ' if len(runs) > 1 else ''}index")
    return page.rows


def _page(runs: Sequence[OpenedRun], chosen: Filter, seen: Seen, standing: Standing) -> Page:
    def key(text: str) -> Key | None:
        return Key.read(text) if text else None

    bar = st.empty()

    def progress(done: int, of: int) -> None:
        bar.progress(done / of, f"Indexing the rows, once: {done:,} of {of:,} shards")

    try:
        return browse(
            runs,
            chosen,
            after=key(seen.after),
            before=key(seen.before),
            size=PAGE,
            standing=standing,
            progress=progress,
        )
    finally:
        bar.empty()


def _turn_over(page: Page) -> None:
    for name, icon, key, changed in (
        ("Previous", ":material/chevron_left:", page.previous, {"before": str(page.previous), "after": ""}),
        ("Next", ":material/chevron_right:", page.next, {"after": str(page.next), "before": ""}),
    ):
        st.button(
            name, icon=icon, disabled=key is None, key=f"questions-{name.lower()}", type="tertiary", on_click=turn,
            args=(lambda seen, changed=changed: replace(seen, question="", beside="", **changed),),
        )  # fmt: skip


def cut(text: str, most: int = _CUT) -> str:
    """The beginning of a text on one line, not cut within a formula; formulas on lines of their own are made inline."""
    line = " ".join(text.split()).replace("\\[", "\\(").replace("\\]", "\\)")
    if len(line) <= most:
        return line
    begun = line[:most]
    opened = begun.rfind("\\(")
    if opened > begun.rfind("\\)"):
        begun = begun[:opened]
    return (begun.rsplit(" ", 1)[0] if " " in begun else begun).rstrip() + " …"


def _label(row: Mapping[str, Any]) -> str:
    if "question" in row:
        return safe_markdown(cut(row["question"])) or "An empty question"
    return f"**{escaped(row['reason'])}**  {safe_markdown(cut(row['detail'] or '', 160))}"


def _facts(row: Mapping[str, Any], *, many: bool) -> list[str]:
    place = f"{escaped(row['run'])}:{row['index']}" if many else f"{row['index']:,}"
    names = [escaped(name) for name in (*(row.get("topics") or ()), *(row.get("knowledge_points") or ()))]
    return [place, escaped(row["level"]) or "level not known", *names]


def _marks(row: Mapping[str, Any], standing: Standing, findings: Sequence[Mapping[str, Any]], review: str) -> list[str]:
    marks = [_MARKS[review]] if review else []
    if findings:
        return [*marks, f":material/flag: {escaped(findings[0]['reason'])}"]
    return [*marks, ":material/check: kept"] if "question" in row and row["run"] in standing.runs else marks

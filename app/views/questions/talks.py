"""The conversations about a row, turn by turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.state import Looked
from app.text import escaped, visible
from app.views.questions.held import talks_now
from generation.browsing import OpenedRun
from generation.browsing.talks import Talk, Turn

_LONG, _HEIGHT = 900, 260
_PURPOSES = {"written": "How it was written", "solved again": "Solved again", "tagged": "Its concepts read again"}


def show_talks(looked: Looked, run: OpenedRun, row: Mapping[str, Any]) -> None:
    """Show them."""
    talks = talks_now(looked, run, row)
    if not talks:
        st.info("No call was made for it: it was rejected before one was sent.", icon=":material/speaker_notes_off:")
    for talk in talks:
        _show_talk(talk)


def _show_talk(talk: Talk) -> None:
    st.subheader(_PURPOSES[talk.purpose], anchor=False)
    calls = f"{len(talk.turns):,} call{'s' * (len(talk.turns) > 1)}"
    st.caption(f"Run {escaped(talk.run)}, index {talk.index:,}: {calls}, {money(talk.usd)}")
    before: tuple[tuple[str, str], ...] = ()
    for turn in talk.turns:
        said = tuple((message["role"], message["content"]) for message in turn.messages)
        if said == before and said:
            st.caption(f"The same prompt again, sample {turn.sample:,}")
        for role, content in () if said == before else said:
            with st.chat_message("assistant" if role == "assistant" else "user"):
                st.caption(escaped(role.capitalize()))
                _show_words(content)
        before = said
        _show_reply(turn)


def _show_reply(turn: Turn) -> None:
    with st.chat_message("assistant", avatar=":material/neurology:"):
        if turn.reasoning:
            with st.expander("Reasoning"):
                st.text(visible(turn.reasoning))
        if turn.text:
            _show_words(turn.text)
        if turn.error:
            st.caption(f"Error: {escaped(turn.error)}")
        usage = turn.usage
        facts = [
            escaped(turn.model),
            escaped(turn.finish),
            f"{usage.prompt:,} + {usage.completion:,} tokens",
            f"{usage.cached:,} cached" if usage.cached else "",
            money(turn.usd),
            f"attempt {turn.attempt}" if turn.attempt > 1 else "",
            "" if turn.used else "paid in vain: another reply was used",
            f"taken from {escaped(turn.origin)}" if turn.origin else "",
        ]
        st.caption("  ·  ".join(fact for fact in facts if fact))


def _show_words(text: str) -> None:
    """Words of a conversation as they are; long ones in a box of their own."""
    shown = visible(text)
    if len(shown) > _LONG:
        with st.container(height=_HEIGHT, border=True):
            st.text(shown)
    else:
        st.text(shown)


def money(usd: float | None) -> str:
    """US dollars as text that is no formula."""
    if usd is None:
        return "cost unknown"
    return f"\\${usd:,.6f}" if 0 < usd < 0.01 else f"\\${usd:,.4f}" if usd else "no cost"

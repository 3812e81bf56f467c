"""What was said of a row, by checks and by persons, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.state import Looked
from app.text import escaped, visible
from app.views.explore.tables import show_rows
from app.views.questions.held import talks_now
from app.views.questions.link import choose
from app.views.questions.talks import money
from generation.browsing import OpenedRun, Said, Standing, said_of
from generation.browsing.talks import Talk

_MONEY = st.column_config.NumberColumn(format="$%.6f")


def show_said(
    looked: Looked, every: Sequence[OpenedRun], run: OpenedRun, row: Mapping[str, Any], standing: Standing
) -> None:
    """Show it."""
    if "question" in row:
        said = said_of(run, standing, row["id"])
        st.subheader("Checks of the dataset", anchor=False)
        _show_checks(said, {each.name for each in every})
        st.subheader("Persons", anchor=False)
        _show_persons(said)
    st.subheader("Cost", anchor=False)
    _show_cost(talks_now(looked, run, row))


def _show_checks(said: Said, runs: set[str]) -> None:
    if not said.checked:
        st.caption("It was not checked yet. Check all questions in a terminal:")
        st.code("skillweave dataset check", language=None)
        return
    if not said.findings:
        st.markdown(":material/check: Nothing speaks against it: a dataset keeps it.")
    for found in said.findings:
        with st.container(border=True, gap="small"):
            st.markdown(f":material/flag: **{escaped(found['reason'])}**, found by {escaped(found['check'])}")
            if found["span"]:
                st.text(visible(found["span"]))
            if found["matched"]:
                told = f"{found['matched']} of {escaped(found['source'])}, score {found['score']:.2f}"
                if found["source"] in runs:
                    st.button(f"Read {told}", key=f"matched-{found['check']}", type="tertiary",
                              icon=":material/arrow_forward:", on_click=choose, args=(found["matched"],))  # fmt: skip
                else:
                    st.caption(told)
    failed = {found["check"] for found in said.findings}
    passed = [escaped(check) for check in said.checks if check not in failed]
    if passed:
        st.caption("Nothing found by " + ", ".join(passed) + ".")


def _show_persons(said: Said) -> None:
    if not said.persons:
        st.caption("Nobody said anything of it yet.")
        return
    show_rows(
        [
            {"verdict": each.verdict.verdict, "reason": each.verdict.reason, "by": each.verdict.by, "at": each.at[:19]}
            for each in said.persons
        ]
    )
    if len(said.persons) > 1:
        st.caption("The first of these is the last that was given: it counts.")


def _show_cost(talks: Sequence[Talk]) -> None:
    if not talks:
        st.caption("No call was made for it.")
        return
    show_rows(
        [
            {
                "conversation": f"{talk.purpose} in {talk.run}", "calls": len(talk.turns), "prompt": talk.usage.prompt,
                "cached": talk.usage.cached, "reply": talk.usage.completion, "reasoning": talk.usage.reasoning,
                "US dollars": talk.usd,
            }
            for talk in talks
        ],
        {"US dollars": _MONEY},
    )  # fmt: skip
    amounts = [talk.usd for talk in talks]
    total = None if None in amounts else sum(amount for amount in amounts if amount is not None)
    prices = sorted({turn.price for talk in talks for turn in talk.turns if turn.price})
    told = f", at the price of {escaped(', '.join(prices))}" if prices else ""
    st.caption(
        f"In all {money(total)}{told}. Prompt, cached, reply and reasoning are tokens; cached ones are part of the "
        "prompt's, reasoning of the reply's. What was taken from another run cost nothing."
    )

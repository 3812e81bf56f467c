"""The page of questions: what its address holds, its pages and parts, and what it says where there is nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.views.questions.link import TABS, Seen, link_of, read_seen
from app.views.questions.listing import PAGE, cut

SCRIPT = "from app.state import page\nfrom app.views import questions\npage(questions.show)()\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("questions") / "workspace"
    for arguments in (["quickstart", "--count", "60"], ["dataset", "check"]):
        command = [sys.executable, "-m", "skillweave", *arguments, "--workspace", str(place)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place


def opened(place: Path, monkeypatch: pytest.MonkeyPatch, **asked: str) -> AppTest:
    """The page as an address shows it."""
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(place))
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def listed(app: AppTest) -> list[str]:
    """The ids of the rows of the page, in order."""
    return [button.key.removeprefix("read-") for button in app.button if str(button.key).startswith("read-")]


def address(app: AppTest) -> dict[str, str]:
    """The parameters of the address."""
    return {name: value if isinstance(value, str) else value[-1] for name, value in app.query_params.items()}


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def test_a_page_is_turned_forward_and_back_and_the_address_says_where_one_is(workspace, monkeypatch):
    app = opened(workspace, monkeypatch)
    first = listed(app)
    assert len(first) == PAGE
    assert "60 questions, by index" in captions(app)
    assert app.button(key="questions-previous").disabled
    app.button(key="questions-next").click().run()
    second = listed(app)
    assert not set(first) & set(second)
    assert listed(opened(workspace, monkeypatch, after=address(app)["after"])) == second
    app.button(key="questions-next").click().run()
    assert app.button(key="questions-next").disabled
    app.button(key="questions-previous").click().run()
    assert listed(app) == second
    app.button(key="questions-previous").click().run()
    assert listed(app) == first


def test_a_filter_is_in_the_address_and_an_address_is_a_filter(workspace, monkeypatch):
    app = opened(workspace, monkeypatch)
    every = listed(app)
    app.text_input(key="questions-words").set_value("probability").run()
    found = listed(app)
    assert found != every
    assert address(app)["words"] == "probability"
    assert listed(opened(workspace, monkeypatch, words="PROBABILITY")) == found
    app.text_input(key="questions-words").set_value("no question says this").run()
    assert "No row is as you ask" in app.info[0].value
    app.text_input(key="questions-words").set_value("").run()
    assert listed(app) == every


def test_rare_filters_are_what_the_address_says_and_change_it(workspace, monkeypatch):
    (run,) = (path.name for path in (workspace / "runs").glob("mathscale-*"))
    app = opened(workspace, monkeypatch, run=run, shortest="200")
    assert app.selectbox(key=f"questions-run-{run}").value == run
    bounded = app.number_input(key="questions-shortest-200")
    assert bounded.value == 200
    few = listed(app)
    bounded.set_value(0).run()
    assert address(app)["shortest"] == "0"
    assert address(app)["run"] == run
    assert few != listed(app)
    app.selectbox(key="questions-review-").set_value("none").run()
    assert "60 questions" in captions(app)
    app.selectbox(key="questions-review-none").set_value("reject").run()
    assert "No row is as you ask" in app.info[0].value


def test_the_chosen_question_is_the_one_that_the_address_names(workspace, monkeypatch):
    app = opened(workspace, monkeypatch)
    wanted = listed(app)[7]
    app.button(key=f"read-{wanted}").click().run()
    assert address(app)["question"] == wanted
    assert wanted in captions(app)
    unknown = opened(workspace, monkeypatch, question="r00000000000000000000")
    assert "not in the runs of this graph" in unknown.info[0].value


@pytest.mark.parametrize("tab", TABS)
def test_every_part_of_a_question_is_shown(workspace, monkeypatch, tab):
    app = opened(workspace, monkeypatch, tab=tab)
    assert not app.error
    shown = " ".join(each.value for each in (*app.subheader, *app.markdown, *app.caption)).replace("\\", "")
    parts = {
        "Question": ("Solution", "Answer", "Concepts"),
        "Origin": ("of mathscale-walk/1", "Seeds shown to the writer: 8", "Seeds behind its concepts"),
        "Conversation": ("How it was written", "1 call", "tokens"),
        "Verdicts and cost": ("Nothing speaks against it", "Nobody said anything", "at the price of offline-teacher"),
        "Nearest": ("This question", "Nearest seeds", "word sketches of 60 of 60 questions"),
    }
    assert [part for part in parts[tab] if part not in shown] == []


def test_rejected_rows_are_shown_by_reason(workspace, monkeypatch):
    app = opened(workspace, monkeypatch, rows="rejected", reason="never")
    assert not app.exception
    assert app.segmented_control(key="questions-rows").value == "rejected"


def test_a_link_that_makes_no_sense_shows_the_first_page(workspace, monkeypatch):
    wild = {
        "after": "no key",
        "level": "",
        "shortest": "-3",
        "concepts": "t0000000000000000",
        "tab": "<b>",
        "rows": "x",
    }
    app = opened(workspace, monkeypatch, **wild)
    assert listed(app) == listed(opened(workspace, monkeypatch))
    assert "1 of the link's concepts are not in this graph" in captions(app)


words = st.text(max_size=20)
seens = st.builds(
    Seen, rows=st.sampled_from(["", "rejected"]), level=words, words=words, run=words, check=words, reason=words,
    concepts=st.lists(st.from_regex(r"[tk][0-9a-f]{16}", fullmatch=True), max_size=3).map(tuple),
    shortest=st.none() | st.integers(0, 10**6), after=st.sampled_from(["", "run:5", "a:b:7"]),
    review=st.sampled_from(["", "accept", "none"]), tab=st.sampled_from(["", *TABS]), question=words,
)  # fmt: skip


@given(seens)
def test_a_link_leads_back_to_what_was_seen(seen):
    assert read_seen(link_of(seen)) == seen


@given(st.text("abc \\()[]$.", max_size=80), st.integers(1, 60))
def test_a_cut_text_never_ends_within_a_formula(text, most):
    shown = cut(text, most)
    assert len(shown) <= max(most + 2, len(" ".join(text.split())) if len(" ".join(text.split())) <= most else 0)
    if shown.endswith(" …"):
        assert shown.rfind("\\(") <= max(shown.rfind("\\)"), -1) or "\\(" not in shown

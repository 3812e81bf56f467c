"""Every page on a real workspace and on an empty one: what a person is told, and that nothing ends in a traceback."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

MAIN = Path(__file__).parent.parent.parent / "app" / "main.py"
PAGES = ("coverage", "questions", "runs")


def opened(view: str, place: Path, monkeypatch: pytest.MonkeyPatch, **asked: str) -> AppTest:
    """The view as a session of its own sees it, its address with what is asked."""
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(place))
    script = f"from app.state import page\nfrom app.views import {view}\npage({view}.show)()\n"
    app = AppTest.from_string(script, default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize("view", PAGES)
def test_an_empty_workspace_says_what_to_run(view, tmp_path, monkeypatch):
    app = opened(view, tmp_path, monkeypatch)
    assert len(app.info) == 1
    assert app.code[0].value.startswith("skillweave ")


def test_a_shipped_query_is_asked_with_its_parameters(quickstart_workspace, monkeypatch):
    app = opened("coverage", quickstart_workspace, monkeypatch, tab="Queries")
    assert not app.error
    assert list(app.dataframe[0].value.columns) == ["id", "name", "points", "covered", "percent"]
    rows = len(app.dataframe[0].value)
    app.number_input(key="coverage-by-topic-limit").set_value(3).run()
    assert len(app.dataframe[0].value) == 3 < rows
    app.selectbox(key="query").set_value("concept-card").run()
    assert "Choose concept" in app.info[0].value
    app.selectbox(key="concept-card-concept").set_value("Probability").run()
    assert app.dataframe[0].value["name"].tolist() == ["Probability"]
    assert any("--param concept=Probability" in code.value for code in app.code)


def test_thin_spots_end_in_commands_that_run(quickstart_workspace, tmp_path, monkeypatch):
    workspace = shutil.copytree(quickstart_workspace, tmp_path / "workspace")
    app = opened("coverage", workspace, monkeypatch, tab="Where it is thin")
    (line,) = app.code[0].value.splitlines()
    assert "--sampler coverage-guided" in line
    assert "required" not in line
    app.segmented_control(key="thin").set_value("thin-pairs").run()
    shown = app.dataframe[0].value
    assert list(shown.columns[:2]) == ["concept", "and"]
    looked = shlex.split(line)
    command = [*looked[1:], "--workspace", str(workspace)]
    command[command.index("--count") + 1] = "5"
    done = subprocess.run([sys.executable, "-m", "skillweave", *command], check=True, capture_output=True, timeout=60)
    assert b"complete" in done.stdout


def test_own_cypher_is_answered_or_refused_in_a_sentence(quickstart_workspace, monkeypatch):
    app = opened("coverage", quickstart_workspace, monkeypatch, tab="Your own Cypher")
    (ask,) = (button for button in app.button if button.label == "Ask")
    ask.click().run()
    kinds = app.dataframe[-1].value
    assert kinds["kind"].tolist() == ["knowledge_point", "topic"]
    app.text_area[0].set_value("CREATE (n:Concept)").run()
    (ask,) = (button for button in app.button if button.label == "Ask")
    ask.click().run()
    assert not app.exception
    assert "CREATE is not allowed" in " ".join(code.value for code in app.code)


def test_runs_are_counted_as_the_command_line_counts_them(quickstart_workspace, monkeypatch):
    app = opened("runs", quickstart_workspace, monkeypatch)
    table = app.dataframe[0].value
    assert sorted(table["accepted"]) == [60, 363]
    assert set(table["state"]) == {"complete"}
    assert {metric.label: metric.value for metric in app.metric}["Accepted"] == "60"


def test_a_damaged_graph_is_told_in_a_sentence(quickstart_workspace, tmp_path, monkeypatch):
    place = tmp_path / "workspace"
    shutil.copytree(quickstart_workspace, place)
    (graph,) = (place / "graphs").glob("g*")
    (graph / "nodes.parquet").write_bytes(b"damaged")
    app = opened("coverage", place, monkeypatch)
    assert "cannot be shown" in app.error[0].value
    assert "nodes.parquet" in app.code[0].value

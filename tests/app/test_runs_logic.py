"""The page of runs by its logic: what the form orders, who may act, and what is told when something is amiss."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import access
from app.roles import Role
from app.text import escaped
from engine.batches.waves import Wave, Waves
from engine.books import read_books
from engine.run import read_spec, read_target, write_target
from engine.workspace import Workspace
from generation.launching import launched, start_run
from generation.ordering import Order

SCRIPT = "from app.state import page\nfrom app.views import runs\npage(runs.show)()\n"


@pytest.fixture
def workspace(quickstart_workspace: Path, tmp_path: Path) -> Workspace:
    root = tmp_path / "workspace"
    shutil.copytree(quickstart_workspace, root, ignore=shutil.ignore_patterns("stores", "datasets"))
    return Workspace(root)


@pytest.fixture
def opened(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def opened(run: str = "", *, form: bool = False) -> AppTest:
        monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(workspace.root))
        app = AppTest.from_string(SCRIPT, default_timeout=60)
        if run:
            app.query_params["run"] = run
        app.run()
        if form:
            button(app, "New run").click().run()
        assert not app.exception
        return app

    return opened


def quickstart_run(workspace: Workspace) -> Path:
    return next(workspace.runs.glob("mathscale-*"))


def button(app: AppTest, label: str):
    return next(each for each in app.button if each.label == label)


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def ended(workspace: Workspace, run: str) -> None:
    began = launched(workspace, run)
    assert began is not None
    end = time.monotonic() + 60
    while began.lives:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_form_plans_first_and_begins_what_it_planned(workspace, opened):
    app = opened(form=True)
    app.number_input(key="new-count").set_value(12)
    app.text_input(key="new-name").set_value("ordered")
    app.multiselect(key="new-mathscale-walk-levels").set_value(["high", "middle"])
    app.number_input(key="new-mathscale-walk-point_steps_max").set_value(3)
    app.number_input(key="new-seed").set_value(7)
    app.number_input(key="new-tokens").set_value(4_000_000).run()
    assert "Start this run" not in labels(app)
    button(app, "Show plan and price").click().run()
    assert {metric.label: metric.value for metric in app.metric}["Price"] == "at no cost"
    command = app.code[-1].value
    assert "--sampler-set=levels=high,middle" in command
    app.number_input(key="new-seed").set_value(8).run()
    assert "Start this run" not in labels(app), "what was planned is not what the form says now"
    button(app, "Show plan and price").click().run()
    button(app, "Start this run").click().run()
    assert not app.exception
    assert app.query_params["run"] in ("ordered", ["ordered"])
    ended(workspace, "ordered")
    folder = workspace.runs / "ordered"
    assert read_books(folder).accepted == 12
    spec = read_spec(folder)
    assert spec.seed == 8
    assert spec.items["settings"]["levels"] == ["high", "middle"]
    assert spec.items["settings"]["point_steps_max"] == 3
    assert read_target(folder).budget.max_tokens == 4_000_000
    app.run()
    assert "complete" in app.dataframe[0].value.set_index("run").loc["ordered"].tolist()


def test_what_cannot_begin_is_told_before_anything_is_made(workspace, opened):
    app = opened(form=True)
    app.text_input(key="new-name").set_value("../outside")
    button(app, "Show plan and price").click().run()
    assert "is no name for a run" in " ".join(code.value for code in app.code)
    assert "Start this run" not in labels(app)
    app.text_input(key="new-name").set_value("fine")
    app.text_input(key="new-mathscale-walk-required").set_value("no such concept")
    button(app, "Show plan and price").click().run()
    assert "no such concept" in " ".join(code.value for code in app.code)
    assert not (workspace.runs / "fine").exists()


def test_a_reader_sees_everything_and_no_button(opened, monkeypatch):
    monkeypatch.setattr(access, "role", lambda: Role.READER)
    app = opened()
    assert len(app.dataframe) > 1
    assert not {"New run", "Stop", "Resume"} & set(labels(app))


def test_who_lost_the_role_meanwhile_starts_nothing(workspace, opened, monkeypatch):
    app = opened(form=True)
    app.text_input(key="new-name").set_value("forbidden")
    button(app, "Show plan and price").click().run()
    monkeypatch.setattr(
        access, "require", lambda _: (_ for _ in ()).throw(access.NotAllowed("this needs the role admin"))
    )
    button(app, "Start this run").click().run()
    assert not app.exception
    assert "this needs the role admin" in " ".join(error.value for error in app.error)
    assert not (workspace.runs / "forbidden").exists()
    assert launched(workspace, "forbidden") is None


def test_a_run_that_failed_before_it_was_there_shows_its_log(workspace, opened):
    start_run(workspace, Order(name="unborn", graph="nonsense"), by="ada")
    ended(workspace, "unborn")
    app = opened("unborn")
    assert "nonsense" in " ".join(code.value for code in app.code)
    assert "Resume" not in labels(app)


def test_a_damaged_run_is_a_sentence_and_the_others_are_listed(workspace, opened):
    folder = workspace.runs / "damaged"
    shutil.copytree(quickstart_run(workspace), folder)
    next((folder / "shards").glob("*.seal.json")).write_text("{}")
    app = opened("damaged")
    assert "cannot be read" in app.dataframe[0].value.set_index("run").loc["damaged"].tolist()
    assert "is no seal of a shard" in " ".join(code.value for code in app.code)


def test_waves_at_the_provider_are_listed(workspace, opened):
    folder = workspace.runs / "by-batch"
    shutil.copytree(quickstart_run(workspace), folder)
    target = read_target(folder)
    write_target(folder, target.model_copy(update={"count": 900}))
    waves = Waves.of(folder)
    waves.folder.mkdir()
    waves.put_intent(
        Wave(
            run="b2:x", number=0, token="t" * 24, served_by="offline-teacher", model="m", requests=70, size=1,
            hash="b2:y", shards=(0,), at_ms=int(time.time() * 1000) - 7_200_000,
        )
    )  # fmt: skip
    app = opened("by-batch")
    assert "waiting for a batch" in app.dataframe[0].value.set_index("run").loc["by-batch"].tolist()
    (table,) = (each.value for each in app.dataframe if "wave" in each.value.columns)
    assert table[["wave", "calls", "where", "sent"]].to_numpy().tolist() == [["wave 0", 70, "on its way", "2 h ago"]]


def test_a_link_to_no_run_shows_the_latest(workspace, opened):
    app = opened("<script>")
    assert app.header[0].value == escaped(quickstart_run(workspace).name)

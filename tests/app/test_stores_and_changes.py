"""Every page in a browser on each store and on none; on a store that is down; while graph and run are being changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from in_browser import Sight
from playwright.sync_api import expect
from serving import Served, served

from engine.workspace import Workspace
from generation.making import questions_of
from graph.deciding import rename_concept
from graph.snapshot import Snapshot, find_snapshot

PAGES = ("Explore", "Coverage", "Questions", "Runs")
NOBODY = "bolt://127.0.0.1:1"
"""A port on which nothing listens."""


@pytest.fixture
def place(quickstart_workspace: Path, tmp_path: Path) -> Path:
    """A copy of the quickstart's workspace, to be changed."""
    shutil.copytree(quickstart_workspace, tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture(scope="module")
def neo4j_app(quickstart_workspace, neo4j_server, neo4j_database, tmp_path_factory):
    """The app on a quickstart's workspace whose store is a real Neo4j; it is held for this file."""
    folder = tmp_path_factory.mktemp("neo4j_app")
    shutil.copytree(quickstart_workspace, folder / "workspace")
    workspace = Workspace(folder / "workspace")
    snapshot = Snapshot.open(find_snapshot(workspace.graphs))
    environ = {
        "SKILLWEAVE_STORE": neo4j_server.url,
        "SKILLWEAVE_NEO4J_USER": neo4j_server.user,
        "SKILLWEAVE_NEO4J_PASSWORD": neo4j_server.password,
    }
    with neo4j_database() as opened:
        opened(snapshot, questions_of(workspace, snapshot))
        with served(workspace.root, folder / "log", environ) as app:
            yield app


def visit_all(sight: Sight) -> dict[str, str]:
    """Go to every page as a person does, by the navigation; what each says."""
    page, said = sight.open(), {}
    for name in PAGES:
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
        page.get_by_role("heading", name=name, level=1).wait_for()
        sight.settle()
        said[name] = page.get_by_test_id("stMainBlockContainer").inner_text()
    return said


def answer(sight: Sight) -> str:
    """What the page gives to take away of a query's answer."""
    page = sight.open("coverage", tab="Queries", query="coverage-by-topic")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download CSV").click()
    return saved.value.path().read_text(encoding="utf-8")


def assert_full(said: dict[str, str]) -> None:
    assert "Sample walk by" in said["Explore"]
    assert "What is covered" in said["Coverage"] or "Basis" in said["Coverage"]
    assert "60 questions" in said["Questions"]
    assert "complete" in said["Runs"]


def test_every_page_on_the_embedded_store(quickstart_app, look):
    assert_full(visit_all(look(quickstart_app.url)))


def test_every_page_on_neo4j_shows_the_same(neo4j_app, quickstart_app, look):
    sight = look(neo4j_app.url)
    assert_full(visit_all(sight))
    assert answer(sight) == answer(look(quickstart_app.url))
    sight.open(concept="Whole number arithmetic")
    sight.page.get_by_role("radio", name="Questions").click()
    sight.settle()
    expect(sight.page.get_by_text("Coverage by level")).to_be_visible()


def test_every_page_of_an_empty_workspace_says_what_to_run(empty_app, look):
    said = visit_all(look(empty_app.url))
    assert all("skillweave quickstart" in said[name] for name in ("Explore", "Coverage", "Questions"))
    assert "skillweave generate" in said["Runs"]


def test_a_store_that_is_down_is_told_where_it_is_needed_and_nowhere_else(place, tmp_path, look):
    environ = {"SKILLWEAVE_STORE": NOBODY, "SKILLWEAVE_NEO4J_PASSWORD": "any"}
    with served(place, tmp_path / "log", environ) as app:
        sight = look(app.url)
        said = visit_all(sight)
        assert NOBODY in said["Coverage"]
        assert "Try again" in said["Coverage"]
        assert "Sample walk by" in said["Explore"]
        assert "60 questions" in said["Questions"]
        sight.open(concept="Whole number arithmetic")
        sight.page.get_by_role("radio", name="Questions").click()
        assert NOBODY in sight.settle().get_by_test_id("stMainBlockContainer").inner_text()


def test_a_graph_that_is_replaced_while_it_is_read(place, tmp_path, look):
    with served(place, tmp_path / "log") as app:
        sight = look(app.url)
        page = sight.open(concept="Whole number arithmetic")
        old = find_snapshot(place / "graphs")
        snapshot = Snapshot.open(old)
        concept = page.url.partition("concept=")[2][:17]
        made = rename_concept(snapshot, concept, "Counting and reckoning", by="a person", why="clearer")
        made.write(place / "graphs")
        shutil.rmtree(old)
        page.get_by_role("radio", name="Seeds").click()
        sight.settle()
        sight.open(concept=concept)
        expect(page.get_by_role("heading", name="Counting and reckoning")).to_be_visible()
        (place / "graphs" / made.fingerprint / "nodes.parquet").write_bytes(b"half of a file")
        visit_all(sight)


def generating(place: Path, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "skillweave", "generate", "--count", str(count), "--seed", "5", "--name", "live"]
    return subprocess.Popen([*command, "--workspace", str(place)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_run_that_is_being_written_while_it_is_read(place, tmp_path, look):
    with served(place, tmp_path / "log") as app:
        sight, work = look(app.url), generating(place, 400)
        try:
            looked = 0
            while work.poll() is None or not looked:
                sight.open("runs", **({"run": "live"} if looked else {}))
                sight.open("questions", **({"run": "live"} if looked else {}))
                looked += 1
        finally:
            work.wait(120)
        assert work.returncode == 0
        page = sight.open("runs", run="live")
        expect(page.get_by_text("400 of 400 accepted")).to_be_visible()
        expect(sight.open("questions", run="live").get_by_text("400 questions")).to_be_visible()
        assert "Traceback" not in Served.said(app)

"""A colleague can go on with what a bundle brought: what runs stand on, beside their own folders, is in it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import REPOSITORY, run_skillweave

from engine.errors import InputError
from engine.run import read_spec
from engine.workspace import Workspace
from graph.merging.judging import read_pairs
from graph.sampling.coverage import read_coverage
from graph.snapshot import Snapshot, find_snapshot
from graph.withdrawn import Withdrawal, add_withdrawal, withdrawn_seeds
from skillweave.workspaces.bundle import write_bundle
from skillweave.workspaces.unbundle import read_bundle
from skillweave.workspaces.usage import room_of


@pytest.fixture(scope="module")
def guided(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a judged graph and a run that was guided by a coverage."""
    place = Workspace(tmp_path_factory.mktemp("guided") / "workspace")
    for command in (
        ("seeds", "import", str(REPOSITORY / "data" / "seeds" / "college.jsonl")),
        ("graph", "build", "college", "--domain", "none", "--min-count", "1", "--judge", "offline-teacher"),
        ("generate", "--count", "8", "--sampler", "coverage-guided", "--name", "guided"),
    ):
        ended = run_skillweave(place.root, *command)
        assert ended.returncode == 0, ended.stderr
    return place


def _stood_on(place: Workspace) -> set[str]:
    return {f"{part.name}/{file.name}" for part in (place.coverage, place.pairs) for file in part.iterdir()}


def test_a_guided_run_goes_on_where_it_was_unbundled(guided: Workspace, tmp_path: Path) -> None:
    snapshot = Snapshot.open(find_snapshot(guided.graphs))
    bundled = write_bundle(guided, snapshot, tmp_path / "b.tar", ["guided"])
    assert bundled.without == ()
    theirs = Workspace(tmp_path / "theirs")
    got = read_bundle(tmp_path / "b.tar", theirs)
    assert _stood_on(theirs) == _stood_on(guided) == {name for name in got.placed if name[0] in "cp"}
    assert len(_stood_on(theirs)) == 2
    assert not read_bundle(tmp_path / "b.tar", theirs).placed
    for command in (("extend", "guided", "--count", "12"), ("graph", "undecided", "--review")):
        ended = run_skillweave(theirs.root, *command)
        assert ended.returncode == 0, ended.stderr
    judging = snapshot.meta["judging"]["run"]
    assert read_pairs(theirs.root, read_spec(theirs.runs / judging).items["pairs"])
    assert read_coverage(theirs, read_spec(theirs.runs / "guided").items["coverage"]).questions == 0


def test_what_a_run_stands_on_and_is_gone_is_told(guided: Workspace, tmp_path: Path) -> None:
    mine = Workspace(tmp_path / "mine")
    shutil.copytree(guided.root, mine.root)
    for part in (mine.coverage, mine.pairs):
        shutil.rmtree(part)
    bundled = write_bundle(mine, Snapshot.open(find_snapshot(mine.graphs)), tmp_path / "b.tar", ["guided"])
    assert sorted(why.partition(" ")[0] for why in bundled.without) == ["coverage", "pairs"]
    assert all("is not in this workspace" in why for why in bundled.without)


@pytest.mark.parametrize("part", ["coverage", "pairs"])
def test_one_that_is_not_what_its_name_says_changes_nothing(guided: Workspace, tmp_path: Path, part: str) -> None:
    mine = Workspace(tmp_path / "mine")
    shutil.copytree(guided.root, mine.root)
    (file,) = (mine.root / part).iterdir()
    (other,) = (mine.root / ("pairs" if part == "coverage" else "coverage")).iterdir()
    file.write_bytes(other.read_bytes())
    write_bundle(mine, Snapshot.open(find_snapshot(mine.graphs)), tmp_path / "b.tar", ["guided"])
    theirs = Workspace(tmp_path / "theirs")
    with pytest.raises(InputError, match=file.name):
        read_bundle(tmp_path / "b.tar", theirs)
    assert not [path for path in theirs.root.rglob("*") if path.is_file()]


def test_du_and_gc_know_them(guided: Workspace, tmp_path: Path) -> None:
    rooms = {(room.what, room.name) for room in room_of(guided)}
    assert {tuple(name.removesuffix(".parquet").split("/")) for name in _stood_on(guided)} < rooms
    ended = run_skillweave(guided.root, "workspace", "gc", "--format", "json")
    assert json.loads(ended.stdout) == []


def test_what_was_withdrawn_stays_withdrawn_where_it_was_unbundled(guided: Workspace, tmp_path: Path) -> None:
    mine, theirs = Workspace(tmp_path / "mine"), Workspace(tmp_path / "theirs")
    shutil.copytree(guided.root, mine.root)
    snapshot = Snapshot.open(find_snapshot(mine.graphs))
    gone, kept, back = snapshot.mentions["seed_id"].unique().to_pylist()[:3]

    def on(day: int) -> datetime:
        return datetime(2026, 11, day, tzinfo=UTC)

    for seed, day in ((gone, 1), (kept, 1), (back, 1), ("s" + "0" * 16, 1)):
        add_withdrawal(mine, seed, f"of day {day}", now=lambda day=day: on(day))
    add_withdrawal(mine, back, "an error", back=True, now=lambda: on(2))
    add_withdrawal(theirs, kept, "long ago", now=lambda: on(1))
    add_withdrawal(theirs, kept, "asked again", back=True, now=lambda: on(3))
    add_withdrawal(theirs, back, "theirs", now=lambda: on(1))
    write_bundle(mine, snapshot, tmp_path / "b.tar", ["guided"], seeds=False)
    assert read_bundle(tmp_path / "b.tar", theirs).withdrawals == 2
    assert withdrawn_seeds(theirs) == {gone: Withdrawal(gone, "of day 1", "2026-11-01T00:00:00+00:00")}
    assert read_bundle(tmp_path / "b.tar", theirs).withdrawals == 0

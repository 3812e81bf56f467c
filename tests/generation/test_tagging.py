"""Tagging, with the real offline teacher: a run like any other, beside what was asked and claimed, and paid once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
from small_workspace import snapshot_of
from typer.testing import CliRunner, Result

from engine.books import Books, read_books
from engine.errors import InputError
from engine.files import file_hash
from engine.journal import journals_of
from engine.models import Endpoint
from engine.rows import read_accepted, read_rejected
from engine.run import open_run, read_spec
from engine.work import work_on
from engine.workspace import Workspace
from generation.agreement import Agreement, agreement
from generation.making import questions_of
from generation.recipes import ALL_RECIPES
from generation.tagging import earlier_replies, tag_run
from graph.extraction import EXTRACT
from graph.lexicon import Lexicon, load_lexicon
from graph.merging import aliases
from graph.query import find_query, run_query
from graph.snapshot import Snapshot, find_snapshot
from graph.stores.ladybug import LadybugStore, project
from skillweave.cli import app
from skillweave.models import CommandLineModels

QUESTIONS, MORE = 50, 80
OFTEN_BUSY_OR_CUT = "offline-teacher:429=0.2,retry_after_s=2,cut=0.3"
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class World:
    """A workspace with the run of a quickstart in it."""

    place: Workspace
    run: Path

    def command(self, *arguments: str) -> Result:
        result = CliRunner().invoke(app, [*arguments, "--workspace", str(self.place.root)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    def tag(self, *options: str) -> Path:
        """Tag the run, and return the folder of the tagging run, which is new or was there."""
        said = self.command("tag", self.run.name, *options).stdout
        (name,) = {word.removesuffix(":") for word in said.split() if word.startswith("tag-") and word.endswith(":")}
        return self.place.runs / name

    def tagging(self) -> Path:
        """The only tagging run there is."""
        (folder,) = self.place.runs.glob("tag-*")
        return folder

    def questions(self) -> list[dict[str, Any]]:
        return rows_of(self.run)

    def dataset(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(self.place.datasets / self.run.name / "data").to_pylist()
        return rows


def rows_of(run: Path) -> list[dict[str, Any]]:
    return [row for table in read_accepted(run) for row in table.to_pylist()]


def paid(run: Path) -> int:
    return sum(part.calls for part in read_books(run).spent)


@pytest.fixture(scope="module")
def quickstarted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tagging") / "workspace"
    result = CliRunner().invoke(
        app, ["quickstart", "--count", str(QUESTIONS), "--workspace", str(root)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture(scope="module")
def tagged_once(quickstarted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = copied(quickstarted, tmp_path_factory.mktemp("tagged"))
    world.tag()
    return world.place.root


@pytest.fixture
def untagged(quickstarted: Path, tmp_path: Path) -> World:
    """The quickstart's workspace, to be changed at will."""
    return copied(quickstarted, tmp_path / "untagged")


@pytest.fixture
def world(tagged_once: Path, tmp_path: Path) -> World:
    """The same, its questions tagged."""
    return copied(tagged_once, tmp_path / "tagged")


def copied(root: Path, to: Path) -> World:
    place = Workspace(to / "workspace")
    shutil.copytree(root, place.root)
    (run,) = place.runs.glob("mathscale-*")
    return World(place, run)


def test_every_question_is_read_alone_and_its_tags_stand_beside_what_was_asked_and_claimed(
    world: World, untagged: World
) -> None:
    assert {row["tagged"] for row in untagged.dataset()} == {None}
    assert _shards(world.run) == _shards(untagged.run)
    tagging = world.tagging()
    questions, tags = world.questions(), rows_of(tagging)
    books = read_books(tagging)
    assert (books.state, books.accepted, books.drawn) == ("complete", QUESTIONS, QUESTIONS)
    assert [tag["question_id"] for tag in tags] == [question["id"] for question in questions]
    assert {tag["run"] for tag in tags} == {world.run.name}
    nodes = {row["id"]: row for row in Snapshot.open(find_snapshot(world.place.graphs)).nodes.to_pylist()}
    for tag in tags:
        kinds = Counter(nodes[concept]["kind"] for concept in tag["tagged"])
        assert kinds["topic"] <= len(tag["topics"])
        assert kinds["knowledge_point"] <= len(tag["knowledge_points"])
        assert set(tag["tagged_other"]) <= {*tag["topics"], *tag["knowledge_points"]}
    assert sum(len(tag["tagged"]) for tag in tags) > QUESTIONS
    assert any(tag["tagged_other"] for tag in tags)

    calls = pq.read_table(next((tagging / "shards").glob("*.calls.parquet"))).to_pylist()
    frame = EXTRACT.prompts["extract"].replace("=== system\n", "").partition("{{question}}")[0][-60:]
    for call, question in zip(calls, questions, strict=True):
        assert call["messages"][-1]["content"].endswith(f"{frame}{question['question']}\n</question>")

    added = [(row["id"], row["tagged"], row["tagged_other"]) for row in world.dataset()]
    assert added == [(tag["question_id"], tag["tagged"], tag["tagged_other"]) for tag in tags]
    for row, question in zip(world.dataset(), questions, strict=True):
        added_here = ("tagged", "tagged_other", "again_of")
        assert {name: value for name, value in row.items() if name not in added_here} == question
        assert row["again_of"] is None
    card = (world.place.datasets / world.run.name / "README.md").read_text()
    assert "the question's text alone by `offline-teacher`" in card

    assert "tag-" in world.command("runs").stdout
    assert "tagged" in world.command("show", tagging.name, "--rows", "1").stdout
    assert paid(tagging) == QUESTIONS
    assert tag_run(world.place, world.run, CommandLineModels().ref("offline-teacher", world.place)) == tagging


def _shards(run: Path) -> dict[str, str]:
    return {file.name: file_hash(file) for file in (run / "shards").iterdir()}


def test_the_store_has_all_three_bases(world: World, untagged: World) -> None:
    snapshot = Snapshot.open(find_snapshot(world.place.graphs))
    query = find_query("concepts-by-use")

    def uses(place: Workspace) -> dict[str, dict[str, int]]:
        with closing(LadybugStore(project(snapshot, world.place.stores, questions_of(place, snapshot)))) as store:
            asked = {b: run_query(store, query, {"basis": b, "limit": 10_000}) for b in ("asked", "claimed", "tagged")}
        return {basis: {row[0]: row[4] for row in result.rows if row[4]} for basis, result in asked.items()}

    before, after = uses(untagged.place), uses(world.place)
    assert before["tagged"] == {}
    assert (after["asked"], after["claimed"]) == (before["asked"], before["claimed"])
    for basis in ("asked", "claimed", "tagged"):
        assert after[basis] == Counter(concept for row in world.dataset() for concept in row[basis])


def test_an_extended_run_is_tagged_anew_and_only_its_new_questions_are_paid(world: World) -> None:
    first = world.tagging()
    world.command("extend", world.run.name, "--count", str(MORE))
    assert [row["tagged"] is None for row in world.dataset()] == [False] * QUESTIONS + [True] * (MORE - QUESTIONS)
    half = agreement(world.place, world.run)
    assert (half.questions, half.unread, half.beyond) == (QUESTIONS, 0, MORE - QUESTIONS)

    second = world.tag()
    assert second != first
    assert paid(second) == MORE - QUESTIONS
    assert [row["question_id"] for row in rows_of(second)] == [row["id"] for row in world.questions()]
    assert [row["tagged"] for row in rows_of(second)][:QUESTIONS] == [row["tagged"] for row in rows_of(first)]
    assert all(row["tagged"] is not None for row in world.dataset())
    whole = agreement(world.place, world.run)
    assert (whole.questions, whole.beyond, whole.tags) == (MORE, 0, second.name)
    assert agreement(world.place, world.run, tags=first.name) == half

    for folder in (first, second):  # both are still what they were
        run = open_run(folder, ALL_RECIPES, world.place.root)
        there = np.array([0, QUESTIONS - 1, QUESTIONS, MORE - 1])
        there = there[there < (run.items.size or 0)]
        wanted = [world.questions()[place]["id"] for place in there.tolist()]
        assert [item.id for item in run.items.take(there)] == wanted
        assert len(set(run.items.identities(0, MORE).tolist())) == MORE


def test_a_killed_tagging_goes_on_by_resume_and_a_reply_that_was_cut_off_leaves_its_question_without_tags(
    world: World,
) -> None:
    calm = {row["question_id"]: row["tagged"] for row in rows_of(world.tagging())}
    command = [sys.executable, "-m", "skillweave", "tag", world.run.name, "--model", OFTEN_BUSY_OR_CUT]
    folder = world.place.runs / "killed"
    with subprocess.Popen(
        [*command, "--name", "killed", "--workspace", str(world.place.root)],
        cwd=Path(__file__).parents[2],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and not _journaled(folder):
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    assert 0 < paid(folder) < QUESTIONS
    assert read_books(folder).state == "incomplete"
    assert {row["id"]: row["tagged"] for row in world.dataset()} == calm  # a half tagging is not shown

    said = world.command("resume", "killed").stdout
    assert f"skillweave agreement {world.run.name}" in said
    books: Books = read_books(folder)
    assert books.state == "complete"
    assert paid(folder) == books.drawn == QUESTIONS
    rejected = [row for table in read_rejected(folder) for row in table.to_pylist()]
    assert {row["reason"] for row in rejected} == {"cut off"}
    cut = {orjson.loads(row["item"])["question_id"] for row in rejected}
    assert cut
    assert {row["id"]: row["tagged"] for row in world.dataset()} == {
        question: None if question in cut else tagged for question, tagged in calm.items()
    }
    found = agreement(world.place, world.run)
    assert (found.tags, found.questions, found.unread) == ("killed", QUESTIONS - len(cut), len(cut))


def _journaled(folder: Path) -> bool:
    return (folder / "shards").is_dir() and any(path.stat().st_size for path in journals_of(folder / "shards", 0))


def test_agreement_is_what_counting_by_hand_gives_and_closes(world: World) -> None:
    rows = world.dataset()
    snapshot = Snapshot.open(find_snapshot(world.place.graphs))
    found = agreement(world.place, world.run)
    uses = {
        basis: {(row["id"], concept) for row in rows for concept in row[basis]}
        for basis in ("asked", "claimed", "tagged")
    }
    asked, claimed, tagged = uses.values()
    assert found.claimed_and_tagged == len(asked & claimed & tagged)
    assert found.tagged_only == len((asked & tagged) - claimed)
    assert found.claimed_only == len((asked & claimed) - tagged)
    assert found.neither == len(asked - claimed - tagged)
    assert found.asked == len(asked)
    assert (found.tagged, found.unasked, found.claimed) == (len(asked & tagged), len(tagged - asked), len(claimed))
    others = sum(len(row["tagged_other"]) for row in rows)
    assert found.tagged_other == others
    assert found.tagged_precision == len(asked & tagged) / (len(tagged) + others)
    assert found.tagged_recall == len(asked & tagged) / len(asked)
    assert found.claimed_recall == len(claimed) / len(asked)

    by_hand = {}
    for concept in snapshot.nodes["id"].to_pylist():
        a, c, t = ({question for question, used in uses[basis] if used == concept} for basis in uses)
        if a or t:
            by_hand[concept] = (len(a), len(a & c), len(a & t), len(t - a))
    assert {line.id: (line.asked, line.claimed, line.tagged, line.unasked) for line in found.lines} == by_hand
    assert all(line.asked == line.tagged + line.missed for line in found.lines)
    recalls = [line.recall for line in found.lines if line.recall is not None]
    assert recalls == sorted(recalls)
    assert all(line.recall is None for line in found.lines[len(recalls) :])

    kinds, levels = agreement(world.place, world.run, "kind"), agreement(world.place, world.run, "level")
    for grouped in (kinds, levels):
        assert _totals(grouped) == _totals(found)
    assert {line.kind for line in kinds.lines} == {"topic", "knowledge_point"}
    assert len(levels.lines) == 5

    told = orjson.loads(world.command("agreement", world.run.name, "--by", "kind", "--format", "json").stdout)
    assert told["asked"] == found.asked
    assert [line["missed"] for line in told["lines"]] == [line.missed for line in kinds.lines]
    printed = world.command("agreement", world.run.name, "--format", "csv").stdout.splitlines()
    assert printed[0] == "id,kind,name,asked,claimed,tagged,missed,unasked,recall,precision"
    assert len(printed) == len(found.lines) + 1
    assert "claimed and tagged" in world.command("agreement", world.run.name, "--rows", "3").stdout


def _totals(found: Agreement) -> tuple[int, ...]:
    counts = ((line.asked, line.claimed, line.tagged, line.unasked) for line in found.lines)
    return tuple(map(sum, zip(*counts, strict=True)))


def test_a_changed_lexicon_is_a_new_tagging_that_pays_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = world.tagging()
    smaller = Lexicon(list(load_lexicon())[1:])
    monkeypatch.setattr(aliases, "load_lexicon", lambda: smaller)
    with pytest.raises(InputError, match=f"the lexicon is not the one .* skillweave tag {world.run.name}"):
        world.command("resume", first.name)
    ref = CommandLineModels().ref("offline-teacher", world.place)
    second = tag_run(world.place, world.run, ref)
    assert second != first
    run = open_run(second, ALL_RECIPES, world.place.root)
    nobody = {ref.served_by: Endpoint(ref=ref, base_url=NOWHERE)}
    assert work_on(run, nobody, label="tagging", reuse=earlier_replies(run)).books.accepted == QUESTIONS
    assert paid(second) == 0
    assert agreement(world.place, world.run).tags == second.name
    with pytest.raises(InputError, match=r"'other' is no complete tagging .* there are: tag-"):
        agreement(world.place, world.run, tags="other")


def test_what_cannot_be_tagged_is_one_clear_error(world: World, untagged: World) -> None:
    with pytest.raises(InputError, match=f"has no complete tagging.*skillweave tag {world.run.name}"):
        untagged.command("agreement", world.run.name)
    (extraction,) = world.place.runs.glob("extract-*")
    with pytest.raises(InputError, match="holds no questions"):
        world.command("tag", extraction.name)
    tagging = world.tagging()
    with pytest.raises(InputError, match="holds no questions"):
        world.command("tag", tagging.name)

    skills = snapshot_of({"s": [("skill", "adding"), ("skill", "halving")]})
    skills.write(world.place.graphs)
    shutil.copytree(world.run, world.place.runs / "skilled")
    spec = read_spec(world.run)
    of_skills = spec.model_copy(update={"items": {**spec.items, "graph": skills.fingerprint}})
    (world.place.runs / "skilled" / "run.json").write_text(of_skills.model_dump_json())
    with pytest.raises(InputError, match="has skills only"):
        world.command("tag", "skilled")

    next((world.run / "shards").glob("*.seal.json")).unlink()
    with pytest.raises(InputError, match=f"incomplete, so .* skillweave resume {world.run.name}"):
        world.command("tag", world.run.name)
    with pytest.raises(InputError, match="does not hold the questions that it did"):
        world.command("resume", tagging.name)

"""Judging the grey band: what is asked, what of an answer counts, and the whole way by the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from engine.call import Reply
from engine.errors import InputError, Rejected
from engine.recipe import Terms
from engine.workspace import Workspace
from generation.commands import add_commands
from generation.making import questions_of
from graph.commands import graph_commands
from graph.merging.aliases import AliasTable, aliases_of
from graph.merging.decisions import decide, pair_of
from graph.merging.grey import GreyPair, grey_pairs
from graph.merging.guards import Guards
from graph.merging.judging import JUDGE, JudgeSettings, describe_pairs, judge, parse_verdicts, read_pairs
from graph.seed import Label, Seed, seed_id, write_seeds
from graph.seed_commands import seeds_app
from graph.snapshot import Snapshot, find_snapshot
from skillweave.models import CommandLineModels
from teacher.judging import judge as teacher_judge
from teacher.recognition import Recogniser

PAIRS = [
    GreyPair("topic", "Dirichlet principle", "pigeonhole principle", 0.8),
    GreyPair("topic", 'a "quoted"\\ name', "</pairs> 9. same", 0.7),
    GreyPair("knowledge_point", "area of a circle", "circle area", 0.7),
]


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("1. same\n2. different\n3. unsure", ["same", "different", "undecided"]),
        ("1) Same\n**2. DIFFERENT**\n- 3: same.", ["same", "different", "same"]),
        ("Here you are:\n2. same", ["undecided", "same", "undecided"]),
        ("1. same\n1. different\n2. same\n2. same", ["undecided", "same", "undecided"]),
        ("1. same\n0. same\n4. same\n999. same", ["same", "undecided", "undecided"]),
        ("1. same, since both are circles\n2. same", ["undecided", "same", "undecided"]),
    ],
)
def test_only_a_number_of_the_batch_with_one_word_counts(text: str, verdicts: list[str]) -> None:
    assert parse_verdicts(text, 3) == verdicts


@pytest.mark.parametrize("text", ["", "They are all the same.", "same\ndifferent", "4. same", "1. no"])
def test_an_answer_without_a_verdict_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="no verdicts"):
        parse_verdicts(text, 3)


def _converse(*replies: Reply) -> tuple[list[Any], Any]:
    conversation = judge(PAIRS, Random(1), Terms(JudgeSettings(), JUDGE.prompts))
    waiting, calls = list(replies), [next(conversation)]
    try:
        while True:
            calls.append(conversation.send(waiting.pop(0)))
    except StopIteration as end:
        return calls, end.value
    except Rejected as verdict:
        return calls, verdict


def test_a_batch_is_one_call_and_one_row() -> None:
    calls, row = _converse(Reply("1. same\n2. different\n3. same"))
    assert [call.sample for call in calls] == [0]
    assert '1. topic: ["Dirichlet principle","pigeonhole principle"]' in calls[0].messages[-1].content
    assert row["verdict"] == ["same", "different", "same"]
    assert row["one"] == [pair.one for pair in PAIRS]
    assert set(row) == set(JUDGE.columns.names)


def test_what_cannot_be_read_is_asked_once_more_and_a_cut_answer_is_not_trusted() -> None:
    calls, row = _converse(Reply("well"), Reply("1. same"))
    assert [call.sample for call in calls] == [0, 1]
    assert row["verdict"] == ["same", "undecided", "undecided"]
    assert _converse(Reply("well"), Reply("well"))[1].reason == "no verdicts"
    assert _converse(Reply("1. same\n2. sa", finish="length"))[1].reason == "cut off"


def test_pairs_are_kept_by_their_content(tmp_path: Path) -> None:
    described = describe_pairs(Workspace(tmp_path), PAIRS)
    assert describe_pairs(Workspace(tmp_path), PAIRS) == described
    assert read_pairs(tmp_path, described["pairs"]) == PAIRS
    items = JUDGE.open_items(described, tmp_path)
    assert items.size == described["size"] == 1
    assert items.take(np.array([0])) == [PAIRS]
    file = tmp_path / "pairs" / f"{described['pairs']}.parquet"
    other = describe_pairs(Workspace(tmp_path), PAIRS[:1])
    file.write_bytes((tmp_path / "pairs" / f"{other['pairs']}.parquet").read_bytes())
    with pytest.raises(InputError, match="not what it was"):
        JUDGE.open_items(described, tmp_path)
    file.unlink()
    with pytest.raises(InputError, match="judge anew"):
        JUDGE.open_items(described, tmp_path)


_NEAR = {"fraction": [1, 0], "part of a whole": [0.75, 0.6614], "sine": [0, 1], "cosine": [0.02, 0.9998]}


def _table(embedder: Any, judged: dict[tuple[str, str], str], **names: int) -> dict[str, Any]:
    rows = decide(
        "topic",
        names or dict.fromkeys(_NEAR, 1),
        embedder=embedder,
        aliases=AliasTable({}),
        guards=Guards([["sine", "cosine"]]),
        threshold=0.85,
        judged=judged,
    )
    return {row.name: row for row in rows}


def test_what_a_model_judged_the_same_is_merged_by_its_name(plain_embedder: Callable[..., Any]) -> None:
    embedder = plain_embedder(near=_NEAR)
    table = _table(embedder, {pair_of("Part of a whole", "fractions"): "some-model"})
    merged = table["part of a whole"]
    assert (merged.rule, merged.by, merged.into_name) == ("judged", "some-model", "fraction")
    assert merged.score == pytest.approx(0.75, abs=1e-3)
    assert _table(embedder, {})["part of a whole"].rule == "first"


def test_no_verdict_moves_a_guard(plain_embedder: Callable[..., Any]) -> None:
    table = _table(plain_embedder(near=_NEAR), {pair_of("sine", "cosine"): "some-model"})
    assert table["cosine"].rule == "first"


def test_verdicts_make_no_chains(plain_embedder: Callable[..., Any]) -> None:
    """a ~ b and b ~ c said, a ~ c not: complete linkage leaves one out, whatever was said."""
    embedder = plain_embedder(near={"a": [1], "b": [0.8, 0.6], "c": [0.28, 0.96]})
    judged = {pair_of("a", "b"): "m", pair_of("b", "c"): "m"}
    table = _table(embedder, judged, a=1, b=1, c=1)
    assert len({row.into for row in table.values()}) == 2
    whole = _table(embedder, {**judged, pair_of("a", "c"): "m"}, a=1, b=1, c=1)
    assert len({row.into for row in whole.values()}) == 1


def test_the_grey_band_is_what_may_be_judged_nearest_first(plain_embedder: Callable[..., Any]) -> None:
    near = _NEAR | {"known one": [0, 0, 1], "known two": [0, 0, 0.8, 0.6], "piece": [0.7, 0.7141]}
    embedder = plain_embedder(near=near)
    aliases = AliasTable(aliases_of([("topic", "known one", []), ("topic", "known two", [])]))
    parts = {"embedder": embedder, "aliases": aliases, "guards": Guards([["sine", "cosine"]])}
    rows = decide("topic", dict.fromkeys(near, 1), threshold=0.9999, **parts)
    found = grey_pairs(rows, floor=0.6, most=10, **parts)
    assert (found[0].one, found[0].other) == ("part of a whole", "piece")
    assert ("fraction", "part of a whole") in {(pair.one, pair.other) for pair in found}
    names = {name for pair in found for name in (pair.one, pair.other)}
    assert not {("cosine", "sine"), ("known one", "known two")} & {(pair.one, pair.other) for pair in found}
    assert "known one" not in names
    assert grey_pairs(rows, floor=0.6, most=1, **parts) == found[:1]
    assert grey_pairs(rows, floor=0.6, most=10, settled=frozenset(row.into for row in rows), **parts) == []


def test_the_teacher_answers_the_prompt_by_its_lexicon() -> None:
    calls, _ = _converse(Reply("1. same"))
    messages = [{"role": message.role, "content": message.content} for message in calls[0].messages]
    text = teacher_judge(messages, Recogniser())
    assert parse_verdicts(text, 3) == ["undecided", "undecided", "same"]
    assert teacher_judge([{"role": "user", "content": "hello"}], Recogniser()) == ""


@pytest.fixture
def skillweave(tmp_path: Path) -> Callable[..., Any]:
    """Runs a command on the workspace `workspace`; what it raises is raised."""
    app = typer.Typer()
    app.add_typer(seeds_app, name="seeds")
    app.add_typer(graph_commands(questions_of, CommandLineModels()), name="graph")
    add_commands(app, CommandLineModels())

    def run(*arguments: str) -> Any:
        given = [*arguments, "--workspace", str(tmp_path / "workspace")]
        return CliRunner().invoke(app, given, catch_exceptions=False)

    return run


def test_the_whole_way_by_the_commands(tmp_path: Path, skillweave: Callable[..., Any]) -> None:
    """Without aliases there is doubt; the teacher settles it, and the same command again asks nothing anew."""
    place = Workspace(tmp_path / "workspace")
    skillweave("seeds", "import", str(Path(__file__).parents[2] / "data" / "seeds" / "college.jsonl"))
    build = ["graph", "build", "college", "--domain", "none", "--min-count", "1"]
    skillweave(*build)
    plain = Snapshot.open(find_snapshot(place.graphs))
    open_pairs = json.loads(skillweave("graph", "undecided", "--format", "json").stdout)
    assert open_pairs
    assert {row["verdict"] for row in open_pairs} == {"undecided"}
    assert "offline-teacher judged" in skillweave(*build, "--judge", "offline-teacher").stderr
    judged = Snapshot.open(find_snapshot(place.graphs))
    told = judged.meta["judging"]
    assert judged.fingerprint != plain.fingerprint
    assert told["pairs"] == told["same"] + told["different"] + told["undecided"] >= len(open_pairs)
    rows = [row for row in judged.merges.to_pylist() if row["rule"] == "judged"]
    assert rows
    assert {row["by"] for row in rows} == {told["model"]}
    assert all(0.65 <= row["score"] < 0.85 for row in rows)
    runs = {path.name: sorted(file.name for file in (path / "shards").iterdir()) for path in place.runs.iterdir()}
    skillweave(*build, "--judge", "offline-teacher")
    assert Snapshot.open(find_snapshot(place.graphs)).fingerprint == judged.fingerprint
    again = {path.name: sorted(file.name for file in (path / "shards").iterdir()) for path in place.runs.iterdir()}
    assert runs == again
    assert "more; see them with --rows" in skillweave("graph", "undecided", "--review", "--rows", "1").stderr


def test_what_a_person_parted_is_no_longer_undecided_and_what_was_not_still_is(
    tmp_path: Path, skillweave: Callable[..., Any]
) -> None:
    place = Workspace(tmp_path / "workspace").prepare()
    names = ["solving linear equations", "systems of linear equations", "graphing linear equations", "area of a circle"]
    labels = tuple(Label("knowledge_point", name) for name in names)
    write_seeds([Seed(seed_id("q"), "q", concepts=labels)], place.seeds / "lab.parquet")
    build = ("graph", "build", "lab", "--labels", "--threshold", "0.99", "--min-count", "1", "--domain", "none")
    assert skillweave(*build).exit_code == 0

    def told() -> set[tuple[str, str]]:
        found = [json.loads(skillweave("graph", *command, "--format", "json").stdout) for command in COMMANDS]
        pairs = [{(row.get("one") or row["name"], row.get("other") or row["into_name"]) for row in f} for f in found]
        assert pairs[0] == pairs[1], "both commands tell the same"
        return pairs[0]

    before = told()
    one, other = min(before)
    assert len({pair for pair in before if one in pair}) > 1
    skillweave("graph", "merge", one, other, "--why", "x")
    skillweave("graph", "split", one, one, "--why", "no")
    assert told() == before - {(one, other)}
    skillweave("graph", "undo")
    skillweave("graph", "undo")
    assert told() == before


COMMANDS = (("undecided",), ("merges", "--undecided"))

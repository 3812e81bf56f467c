"""A run in the store: texts that are twins, verdicts of persons, and the levels that the seeds give."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from typer.testing import CliRunner

from engine.rows import read_accepted
from engine.workspace import Workspace
from generation.making import questions_of
from generation.reviews import Verdict, add_verdicts
from generation.text_key import text_keys
from graph.seed import LEVELS
from graph.snapshot import Snapshot, find_snapshot
from graph.stores.ladybug import LadybugStore, project
from skillweave.cli import app


def test_a_run_is_loaded_with_twins_verdicts_and_levels(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "workspace")
    CliRunner().invoke(app, ["quickstart", "--count", "60", "--workspace", str(place.root)], catch_exceptions=False)
    snapshot = Snapshot.open(find_snapshot(place.graphs))
    (run,) = place.runs.glob("mathscale-*")
    (rows,) = read_accepted(run, ["id", "question"])
    ids, keys = rows["id"].to_pylist(), text_keys(rows["question"]).to_pylist()
    first = dict(zip(reversed(keys), reversed(ids), strict=True))
    before = project(snapshot, place.stores, questions_of(place, snapshot))
    add_verdicts(place, [Verdict(ids[3], "reject", "wrong", "Ada"), Verdict(ids[5], "reject", "vague", "Ada")])
    add_verdicts(place, [Verdict(ids[5], "accept", "", "Bo"), Verdict("of another graph", "accept", "", "Bo")])
    after = project(snapshot, place.stores, questions_of(place, snapshot))
    assert before != after
    assert project(snapshot, place.stores, questions_of(place, snapshot)) == after
    text = "MATCH (q:Question) RETURN q.id AS id, q.run AS run, q.level AS level, q.twin AS twin, q.review AS review"
    with closing(LadybugStore(before)) as store:
        assert {row[4] for row in store.query(text, {}).rows} == {""}
    with closing(LadybugStore(after)) as store:
        held = {row[0]: row[1:] for row in store.query(text, {}).rows}
        rejected = store.query("MATCH (:Concept)-[r:USED_IN]->(:Slice) WHERE r.rejected > 0 RETURN r.rejected AS n", {})
    assert held.keys() == set(ids)
    assert {run_of for run_of, *_ in held.values()} == {run.name}
    assert {level for _, level, *_ in held.values()} <= set(LEVELS)  # each of our own seeds has a level
    assert [held[question][2] for question in ids] == [
        "" if first[key] == question else first[key] for question, key in zip(ids, keys, strict=True)
    ]
    assert {question: row[3] for question, row in held.items() if row[3]} == {ids[3]: "reject", ids[5]: "accept"}
    assert {row[0] for row in rejected.rows} == {1}

"""Browsing questions: pages against plain Python over the rows, the index beside the run, the way back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_runs import add_shards, planted_run, row
from small_workspace import POINTS, TOPICS, Prepared, prepare

from engine.call import ModelRef
from engine.errors import InputError, SkillweaveError
from engine.rows import read_accepted
from engine.run import Target, create_run, plan_spec, read_target, write_target
from engine.workspace import Workspace
from generation.browsing import (
    Filter,
    Key,
    OpenedRun,
    browse,
    concept_ids,
    count,
    find_question,
    neighbours,
    open_runs,
    origin_of,
    reasons,
    standing_of,
)
from generation.browsing.indexing import SHARDS, index_folder, index_of, segments_of, stale
from generation.browsing.paging import every_row
from generation.composition import describe_walks
from generation.quality.plan import keep_plan, make_plan
from generation.recipes.mathscale.recipe import MATHSCALE
from generation.reviews import Verdict, add_verdicts
from generation.verdicts import check_runs, verdicts_of
from graph.concept import concept_id
from graph.embedding import default_embedder
from graph.seed import seeds_hash

QUESTIONS = (
    "What is \\( 2 + {} \\)?",
    "Tom pays ${} and gives 100% of it away, doesn't he? A question of a cellar.",
    "Probability: {} dice are thrown. " + "Think about it. " * 12,
)

IDS = sorted([concept_id("topic", name) for name in TOPICS] + [concept_id("knowledge_point", name) for name in POINTS])


def planted(prepared: Prepared) -> list[Path]:
    """Two runs of some shards, whose rows ask for concepts in a fixed mix; the second has an empty shard."""
    ids = prepared.snapshot.nodes["id"].to_pylist()

    def rows(first: int, number: int) -> list[str | dict[str, Any]]:
        return [
            row(
                QUESTIONS[at % 3].format(at), solution=f"The answer is {at}, of LEMONADE.",
                asked=sorted({ids[at % 5], ids[at % 7], ids[(at * at) % len(ids)]}),
            )
            for at in range(first, first + number)
        ]  # fmt: skip

    return [
        planted_run(prepared, "one", [rows(0, 9), rows(20, 1), rows(40, 30)], seed=1),
        planted_run(prepared, "two", [rows(7, 12), [], rows(60, 25)], seed=2),
    ]


class World(NamedTuple):
    """What the module's tests look at."""

    prepared: Prepared
    runs: list[OpenedRun]
    rows: list[dict[str, Any]]
    """All accepted ones in order, with run and level."""
    found: dict[str, set[str]]
    """What checks say against them, by id."""

    def __repr__(self) -> str:
        return "World()"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Checked runs, of whose questions persons said something."""
    prepared = prepare(tmp_path_factory.mktemp("browsing"))
    folders = planted(prepared)
    place = Workspace(prepared.root)
    runs = open_runs(place, folders)
    rows = [
        {**each, "run": run.name, "level": level}
        for run in runs
        for table in read_accepted(run.folder)
        for each, level in zip(table.to_pylist(), run.levels(table["index"], table["asked"]).to_pylist(), strict=True)
    ]
    add_verdicts(place, [Verdict(each["id"], "reject", "dull", "ada") for each in rows[::5]])
    add_verdicts(place, [Verdict(each["id"], "accept", "", "ada") for each in rows[::7]])
    keep_plan(place, make_plan())
    check_runs(place, folders, make_plan())
    found: dict[str, set[str]] = {}
    for table in verdicts_of(place, folders, make_plan()):
        for each in table.to_pylist():
            found.setdefault(each["id"], set()).update((each["check"], f"{each['check']}: {each['reason']}"))
    return World(prepared, runs, rows, found)


def fits(each: Mapping[str, Any], chosen: Filter, verdicts: Mapping[str, str], found: Mapping[str, set[str]]) -> bool:
    """Whether a row is as a filter asks, in plain Python."""
    said = found.get(each["id"], set())
    return (
        all(set(ids) & set(each["asked"]) for ids in chosen.concepts)
        and chosen.level in ("", each["level"])
        and (not chosen.words or chosen.words.lower() in f"{each['question']}\0{each['solution']}".lower())
        and (chosen.shortest is None or len(each["question"]) >= chosen.shortest)
        and (chosen.longest is None or len(each["question"]) <= chosen.longest)
        and (not chosen.review or verdicts.get(each["id"], "none") == chosen.review)
        and (not chosen.check or {"kept": not said, "faulted": bool(said)}.get(chosen.check, chosen.check in said))
    )


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    """Filters that some rows fit, and some that none does."""
    concept = st.sampled_from(IDS).map(lambda each: (each,)) | st.just((IDS[0], IDS[3]))
    return Filter(
        concepts=tuple(draw(st.lists(concept, max_size=2))),
        level=draw(st.sampled_from(["", "", "", "high"])),
        words=draw(st.sampled_from(["", "", "lemonade", "2 +", "100%", "doesn't", "_", "%", "cellar", "never said"])),
        shortest=draw(st.none() | st.integers(0, 250)),
        longest=draw(st.none() | st.integers(0, 250)),
        review=draw(st.sampled_from(["", "", "accept", "reject", "none"])),
        check=draw(st.sampled_from(["", "", "kept", "faulted", "duplicates", "duplicates: near another question"])),
    )


@given(chosen=filters(), size=st.integers(6, 40))
@settings(deadline=None)
def test_pages_give_every_row_that_fits_once_in_order_both_ways(world, chosen, size):
    _, runs, rows, found = world
    verdicts = {each["id"]: "reject" for each in rows[::5]} | {each["id"]: "accept" for each in rows[::7]}
    wanted = [each["id"] for each in rows if fits(each, chosen, verdicts, found)]

    pages, after = [], None
    while True:
        page = browse(runs, chosen, after=after, size=size)
        pages.append(page)
        if page.next is None:
            break
        after = page.next
    assert [each["id"] for page in pages for each in page.rows] == wanted
    assert count(runs, chosen).rows == len(wanted)
    assert [each["id"] for each in every_row(runs, chosen, most=size)] == wanted[:size]

    back, page = [], pages[-1]
    while page.previous is not None:
        page = browse(runs, chosen, before=page.previous, size=size)
        back.append([each["id"] for each in page.rows])
    assert back == [[each["id"] for each in page.rows] for page in reversed(pages[:-1])]


def test_a_page_has_the_columns_of_the_row_its_run_and_its_level(world):
    _, runs, rows, _ = world
    page = browse(runs, size=len(rows), columns=None)
    assert list(page.rows) == rows
    assert page.previous is None
    assert page.next is None


def test_a_count_of_words_stops_where_it_is_told_to(world):
    _, runs, rows, _ = world
    assert str(count(runs, Filter(words="lemonade"))) == str(len(rows))
    assert str(count(runs, Filter(words="lemonade"), most=10)) == "more than 10"


def test_rows_beyond_the_target_are_no_questions_yet(prepared):
    (folder, _) = planted(prepared)
    place = Workspace(prepared.root)
    (run,) = open_runs(place, [folder])
    every = [each["index"] for each in browse([run], size=100).rows]
    write_target(folder, read_target(folder).model_copy(update={"count": 14}))
    (run,) = open_runs(place, [folder])
    assert [each["index"] for each in browse([run], size=100).rows] == every[:14]
    assert [each["index"] for each in browse([run], Filter(shortest=0), size=100).rows] == every[:14]
    assert count([run]).rows == count([run], Filter(shortest=0)).rows == 14


def test_the_index_grows_with_the_shards_and_what_is_not_needed_any_more_is_told(prepared):
    folder = planted_run(prepared, "long", [[f"Question {number}?"] for number in range(3)], count=1_000)
    place = Workspace(prepared.root)
    (run,) = open_runs(place, [folder])
    assert count([run], Filter(longest=99)).rows == 3
    first = {file.name for file in index_folder(place).iterdir()}
    add_shards(folder, [[f"Question {number}?"] for number in range(3, SHARDS + 2)])
    (grown,) = open_runs(place, [folder])
    assert count([grown], Filter(longest=99)).rows == SHARDS + 2
    assert count([run], Filter(longest=99)).rows == 3, "a run as it was opened stays as it was"
    assert len(segments_of(grown)) == 3
    assert {file.name for file in stale(place, [grown])} == first
    assert stale(place, [run, grown]) == []


def test_an_index_that_was_removed_or_cannot_be_written_is_made_again(prepared):
    folders = planted(prepared)
    place = Workspace(prepared.root)
    runs = open_runs(place, folders)
    chosen = Filter(longest=60)
    page = browse(runs, chosen)
    shutil.rmtree(index_folder(place))
    assert browse(runs, chosen) == page
    shutil.rmtree(index_folder(place))
    index_folder(place).touch()  # no folder can be made there
    assert browse(runs, chosen) == page
    assert not Path(index_of(runs[0]).facts[0]).is_relative_to(place.root)


def test_a_concept_is_found_by_the_ids_of_all_that_was_merged_into_it(prepared):
    concept = prepared.snapshot.nodes["id"][0].as_py()
    name = prepared.snapshot.nodes["name"][0].as_py()
    assert concept_ids(prepared.snapshot, name) == (concept,)
    with pytest.raises(InputError, match="there is no concept"):
        concept_ids(prepared.snapshot, "no such thing")


def test_a_row_is_found_by_its_id_and_by_its_place(world):
    _, runs, rows, _ = world
    wanted = rows[33]
    assert find_question(runs, wanted["id"]) == wanted
    assert find_question(runs, str(Key(wanted["run"], wanted["index"]))) == wanted
    for unknown in ("r00000000000000000000", "one:0", "three:5"):
        with pytest.raises(InputError, match="skillweave questions list"):
            find_question(runs, unknown)


@pytest.mark.parametrize(
    "asked",
    [
        {"review": "perhaps"},
        {"reason": "refused"},
        {"rejected": True, "check": "kept"},
        {"rejected": True, "longest": 5},
    ],
)
def test_a_filter_that_no_row_can_fit_is_refused(asked):
    with pytest.raises(InputError):
        Filter(**asked)


def test_an_origin_tells_the_walk_and_gives_the_seeds_whole(world):
    prepared, runs, rows, _ = world
    run, each = runs[0], {**rows[0], "shots": [prepared.seeds[3].id, prepared.seeds[0].id]}
    names = dict(zip(*(prepared.snapshot.nodes[name].to_pylist() for name in ("id", "name")), strict=True))
    mentions = prepared.snapshot.mentions.to_pylist()
    origin = origin_of(run, each)
    assert origin.draw == each["index"]
    assert origin.shots == (prepared.seeds[3], prepared.seeds[0])
    for behind in origin.behind:
        mentioned = {m["concept_id"] for m in mentions if m["seed_id"] == behind.seed.id}
        assert behind.concepts == tuple(names[concept] for concept in each["asked"] if concept in mentioned)
    assert [len(behind.concepts) for behind in origin.behind] == sorted(
        (len(behind.concepts) for behind in origin.behind), reverse=True
    )
    assert origin.steps[0].name in TOPICS
    assert origin.replaces is None


def test_what_is_near_is_found_by_words_once_it_was_checked_and_by_concepts(world):
    _, runs, rows, _ = world
    here = next(each for each in rows if each["question"] == QUESTIONS[2].format(2))
    found = neighbours(runs, runs[0], here, default_embedder())
    assert found.sketched == found.of == len(rows)
    assert found.all_seeds == 40
    assert here["id"] not in {each.row["id"] for each in found.questions}
    best = found.questions[0]
    assert best.text.startswith("Probability: ")
    assert best.jaccard >= 0.5
    assert [round(each.cosine, 4) for each in found.questions] == sorted(
        (round(each.cosine, 4) for each in found.questions), reverse=True
    )
    texts = [each.text for each in found.seeds]
    vectors = default_embedder().encode([here["question"], *texts])
    assert np.allclose([each.cosine for each in found.seeds], vectors[1:] @ vectors[0], atol=1e-5)


def test_a_run_alone_stands_as_it_does_among_all_where_that_is_asked(world):
    _, runs, rows, found = world
    wanted = [row["id"] for row in rows if row["run"] == "two" and found.get(row["id"])]
    assert [row["id"] for row in browse(runs[1:], Filter(check="faulted"), standing=standing_of(runs)).rows] == wanted
    assert count(runs[1:], Filter(check="faulted"), standing=standing_of(runs)).rows == len(wanted)


def test_what_was_not_checked_is_neither_kept_nor_faulted(prepared):
    folders = planted(prepared)
    place = Workspace(prepared.root)
    runs = open_runs(place, folders)
    assert standing_of(runs).unchecked == ("one", "two")
    assert browse(runs, Filter(check="kept")).rows == browse(runs, Filter(check="faulted")).rows == []
    plan = make_plan(["duplicates"])
    keep_plan(place, plan)
    check_runs(place, folders[:1], plan)
    standing = standing_of(runs)
    assert (standing.runs, standing.unchecked) == (("one",), ("two",))
    assert {each["run"] for each in browse(runs, Filter(check="kept")).rows} == {"one"}


def test_a_level_is_the_one_that_the_composition_asks_for(prepared):
    named = [{"name": "ours", "hash": seeds_hash(prepared.seeds)}]
    items = describe_walks(prepared.snapshot.fingerprint, named, 0, settings={"levels": ["high", "college"]})
    model = ModelRef(served_by="planted", model="planted")
    spec = plan_spec(MATHSCALE, items=items, models={"writer": model}, seed=0)
    folder = create_run(prepared.root / "runs", "levels", spec, Target(count=9))
    add_shards(folder, [[f"Question {number}?" for number in range(9)]])
    runs = open_runs(Workspace(prepared.root), [folder])
    for number, level in enumerate(("high", "college")):
        rows = browse(runs, Filter(level=level)).rows
        assert [each["index"] for each in rows] == [index for index in range(1, 10) if index % 2 == number]
        assert {each["level"] for each in rows} == {level}
    assert count(runs, Filter(level="primary")).rows == 0


def test_a_run_that_was_sealed_without_calls_or_rejected_rows_is_read(world):
    runs = world.runs
    assert reasons(runs) == {}
    assert browse(runs, Filter(rejected=True)).rows == []


def test_a_sealed_file_that_is_gone_is_an_error_that_names_it(prepared):
    folder = planted_run(prepared, "hurt", [["A question?", "One more?", "A third?"], ["Another?"]])
    os.unlink(next((folder / "shards").glob("00001.*.rows.parquet")))
    runs = open_runs(Workspace(prepared.root), [folder])
    assert len(browse(runs, size=1).rows) == 1
    with pytest.raises(InputError, match=r"00001.*rows\.parquet is missing"):
        browse(runs, size=3)


def test_a_sealed_file_that_is_damaged_is_an_error_and_no_traceback(prepared):
    folder = planted_run(prepared, "hurt", [["A question?"]])
    (path,) = (folder / "shards").glob("*.rows.parquet")
    whole = path.read_bytes()
    for damaged in (b"x" * len(whole), whole[:4] + b"\0" * (len(whole) - 12) + whole[-8:]):
        path.write_bytes(damaged)
        with pytest.raises(SkillweaveError, match="skillweave"):
            browse(open_runs(Workspace(prepared.root), [folder]))


def test_a_graph_that_is_gone_leaves_rows_without_a_level_and_says_so_of_the_origin(prepared):
    folder = planted_run(prepared, "lone", [["A question?"]])
    shutil.rmtree(prepared.root / "graphs")
    runs = open_runs(Workspace(prepared.root), [folder])
    (each,) = browse(runs).rows
    assert each["level"] == ""
    with pytest.raises(InputError, match="graph"):
        origin_of(runs[0], {**each, "shots": []})

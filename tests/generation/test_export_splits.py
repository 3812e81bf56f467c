"""Splits share nothing, are of the size asked for and stay the same; balance takes so many rows of each topic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from export_world import World, ids, plain_writer, world_at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted_runs import planted_run, row
from small_workspace import prepare

from engine.errors import InputError
from engine.workspace import Workspace
from generation.components import components, same_key
from generation.datasets.balancing import balance
from generation.datasets.exporting import ExportOptions, export
from generation.datasets.splitting import split_rows
from generation.quality.plan import keep_plan, make_plan, read_plan
from generation.verdicts import check_runs, verdicts_of
from graph.sampling.rand import mix

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
EIGHTY = "train=0.8,validation=0.1,test=0.1"


def none() -> np.ndarray[Any, Any]:
    return np.zeros(0, np.int64)


def keys_of(rows: int) -> np.ndarray[Any, Any]:
    return mix(np.arange(1, rows + 1, dtype=np.uint64))


def by_union_find(rows: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """The lowest row of each row's component, the plain way."""
    parent = list(range(rows))

    def find(row: int) -> int:
        while parent[row] != row:
            row = parent[row]
        return row

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        parent[high] = low
    return [find(row) for row in range(rows)]


@settings(deadline=None)
@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_union_find(given: tuple[int, list[tuple[int, int]]]) -> None:
    rows, pairs = given
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    assert components(rows, ends[:, 0], ends[:, 1]).tolist() == by_union_find(rows, pairs)


def test_a_long_chain_is_one_component() -> None:
    order = np.argsort(keys_of(100_000)).astype(np.int64)
    assert not components(100_000, order[1:], order[:-1]).any()


def test_equal_keys_are_joined() -> None:
    one, other = same_key(np.array([7, 3, 7, 3, 7, 1], np.uint64))
    assert components(6, one, other).tolist() == [0, 1, 0, 1, 0, 5]


def test_splits_have_the_sizes_asked_for_and_hold_components_whole() -> None:
    rows = 20_000
    group = np.arange(rows) // 4
    first, last = np.flatnonzero(np.diff(group) == 0), np.flatnonzero(np.diff(group) == 0) + 1
    found = split_rows(keys_of(rows), first, last, SHARES)
    assert (found.components, found.largest, found.held) == (5_000, 4, 0)
    for name, size in found.sizes().items():
        assert abs(size - SHARES[name] * rows) <= 4
    assert all(len(set(part)) == 1 for part in found.of_row.reshape(-1, 4).tolist())


def test_which_split_a_row_is_in_does_not_depend_on_the_order_and_hardly_on_other_rows() -> None:
    keys = keys_of(10_000)
    found = split_rows(keys, none(), none(), SHARES).of_row
    order = np.argsort(mix(keys))
    assert split_rows(keys[order], none(), none(), SHARES).of_row.tolist() == found[order].tolist()
    more = split_rows(keys_of(11_000), none(), none(), SHARES).of_row[:10_000]
    assert np.count_nonzero(more != found) < 200


def test_a_component_larger_than_a_split_goes_where_it_fits_and_is_told() -> None:
    large = np.arange(1, 3_000)
    found = split_rows(keys_of(10_000), large, large - 1, SHARES)
    assert (found.held, found.largest) == (1, 3_000)
    assert set(found.of_row[:3_000].tolist()) == {0}
    assert {name: round(size / 10_000, 2) for name, size in found.sizes().items()} == SHARES
    everything = np.arange(1, 1_000)
    alone = split_rows(keys_of(1_000), everything, everything - 1, SHARES)
    assert alone.sizes() == {"train": 1_000, "validation": 0, "test": 0}


def test_what_is_no_row_joins_rows() -> None:
    found = split_rows(keys_of(4), np.array([0, 3]), np.array([9, 9]), {"a": 0.5, "b": 0.5})
    assert found.of_row[0] == found.of_row[3]
    assert (found.components, found.largest) == (3, 2)


def test_of_each_topic_the_same_rows_are_taken_and_what_is_short_is_told() -> None:
    topic = np.array([0] * 50 + [1] * 5 + [2] * 20, np.int32)
    keys = keys_of(len(topic))
    found = balance(topic, ["a", "b", "c"], keys, 10)
    assert Counter(topic[found.taken].tolist()) == {0: 10, 1: 5, 2: 10}
    assert found.short == {"b": 5}
    order = np.argsort(mix(keys))
    assert balance(topic[order], ["a", "b", "c"], keys[order], 10).taken.tolist() == found.taken[order].tolist()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = world_at(tmp_path_factory.mktemp("splits") / "workspace")

    def twins(index: int, item: Any) -> str:
        reply = plain_writer(index, item)
        if index % 20:
            return reply
        question = reply.partition("<question>\n")[2].partition("\n</question>")[0]
        return reply.replace(question, f"How much are {index} apples at ${index} each, and {index + 1} pears?")

    made.run("first", 150, twins)
    made.run("second", 150, items={**made.prepared.items, "seed": 12})
    return made


def compositions(rows: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    return {tuple(sorted(row["asked"])) for row in rows}


def test_no_composition_and_no_twin_is_in_two_splits(world: World) -> None:
    said = world.ok("dataset", "export", "first", "second", "--name", "a", "--split", EIGHTY).stdout
    assert "share no composition" in said
    parts = {split: world.rows("a", split) for split in SHARES}
    everything = [row for rows in parts.values() for row in rows]
    assert len(compositions(everything)) < len(everything), "the two runs share compositions"
    for one in parts:
        for other in parts:
            assert one == other or not compositions(parts[one]) & compositions(parts[other])
    pears = [split for split, rows in parts.items() for row in rows if "pears" in row["question"]]
    assert len(pears) > 2
    assert len(set(pears)) == 1
    for split, share in SHARES.items():
        assert abs(len(parts[split]) / len(everything) - share) < 0.03


def test_rows_that_a_check_found_alike_are_in_one_split(world: World) -> None:
    world.ok("dataset", "check", "--checks", "duplicates")
    arguments = ("dataset", "export", "first", "second", "--split", EIGHTY)
    world.ok(*arguments, "--name", "b", "--keep", "duplicates")
    place = world.place
    split_of = {row["id"]: split for split in SHARES for row in world.rows("b", split)}
    tables = verdicts_of(place, [place.runs / "first", place.runs / "second"], read_plan(place))
    pairs = [(row["id"], row["matched"]) for table in tables for row in table.to_pylist()]
    assert all(split_of[one] == split_of[other] for one, other in pairs)
    (place.root / "verdicts" / "plan.json").unlink()


def test_balanced_sampling_takes_so_many_of_each_topic(world: World) -> None:
    said = world.ok("dataset", "export", "first", "second", "--name", "c", "--balance", "topic", "--per", "60").stdout
    counts = Counter(row["topics"][0] for row in world.rows("c"))
    world.ok("dataset", "export", "first", "second", "--name", "all")
    every = Counter(row["topics"][0] for row in world.rows("all"))
    assert counts == {topic: min(60, rows) for topic, rows in every.items()}
    assert sum(counts.values()) < sum(every.values())
    short = [topic for topic, rows in every.items() if rows < 60]
    assert f"{len(short)} of {len(every)} topics have fewer" in " ".join(said.split()) or not short
    assert set(ids(world.rows("c"))) < set(ids(world.rows("all")))


BASES = [" ".join(Random(f"base {number}").choices([f"word{i}" for i in range(999)], k=60)) for number in range(8)]


def written(base: int, form: str, mark: int) -> str:
    """A question of its own, or one that is like all others of its base."""
    words = BASES[base].split()
    if form == "near":
        words[mark % 20] = f"other{'abcdefghij'[mark % 10]}"
    elif form == "numbers":
        words = f"A box {base} costs {mark}".split() + words[:20]
    elif form == "own":
        words = [f"{word}{'abcdefghij'[mark % 10]}{'abcdefghij'[mark // 10]}" for word in words]
    return " ".join(words)


def grams(text: str) -> frozenset[tuple[str, ...]]:
    words = text.lower().split()
    return frozenset(zip(words, words[1:], words[2:], strict=False))


ROW = st.tuples(
    st.integers(0, 7), st.sampled_from(["own", "own", "own", "near", "numbers"]), st.integers(0, 99), st.integers(0, 60)
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROW, min_size=20, max_size=60), st.integers(0, 1))
def test_whatever_the_rows_no_two_splits_share_a_composition_or_a_near_duplicate(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, int, int]], keep: int
) -> None:
    prepared = prepare(tmp_path_factory.mktemp("property"))
    planted = [
        row(written(base, form, mark), asked=[f"c{asked}", "c"] if asked else ["c", "d"])
        for base, form, mark, asked in rows
    ]
    half = len(planted) // 2
    runs = [planted_run(prepared, name, [part], seed=seed) for seed, (name, part) in
            enumerate((("a", planted[:half]), ("b", planted[half:])))]  # fmt: skip
    place = Workspace(prepared.root)
    plan = make_plan(["duplicates"])
    check_runs(place, runs, plan)
    keep_plan(place, plan)
    options = ExportOptions(shares={"train": 0.6, "test": 0.4}, keep=("duplicates",) if keep else ())
    try:
        folder = export(place, runs, "split", options).folder
    except InputError as error:  # all rows hang together
        assert "would have no row" in str(error)
        return
    train, test = (pq.read_table(folder / "data" / f"{split}-00000.parquet").to_pylist() for split in options.shares)
    assert not {frozenset(each["asked"]) for each in train} & {frozenset(each["asked"]) for each in test}
    sets = [[grams(each["question"]) for each in split] for split in (train, test)]
    alike = [(one, other) for one in sets[0] for other in sets[1] if len(one & other) >= 0.8 * len(one | other)]
    assert not alike
    numbers = [{re.sub(r"\d+", "0", each["question"].lower()) for each in split} for split in (train, test)]
    assert not numbers[0] & numbers[1]

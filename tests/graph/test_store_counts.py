"""What a store carries is what plain Cypher, or plain Python, counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from carried_counts import CARRIED, Loaded, loads
from examples import some
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.stores import StoreSettings
from graph.stores.ladybug import LadybugStore, project
from graph.stores.milestones import milestones
from graph.stores.projection import stage, staged_file
from graph.stores.schema import BASES, TABLES
from graph.stores.tally import Tally


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("counted")


def _staged(loaded: Loaded, chosen: StoreSettings | None = None) -> dict[str, pa.Table]:
    with TemporaryDirectory() as folder:
        staged = stage(loaded.snapshot, loaded.questions, Path(folder), chosen)
        tables = {name: pq.read_table(staged_file(Path(folder), name)) for name in TABLES}
        assert sorted(file.stem for file in Path(folder).iterdir()) == sorted(TABLES)
    assert staged.counts == {name: table.num_rows for name, table in tables.items()}
    return tables


@some(8)
@given(loaded=loads())
def test_the_embedded_store_carries_what_plain_cypher_counts(folder: Path, loaded: Loaded) -> None:
    with TemporaryDirectory(dir=folder) as stores:
        store = LadybugStore(project(loaded.snapshot, Path(stores), loaded.questions))
        for what, (carried, plain) in CARRIED.items():
            assert store.query(carried, {}).rows == store.query(plain, {}).rows, what
        store.close()


@some(12)
@given(loaded=loads())
def test_levels_twins_and_verdicts_are_those_of_plain_python(loaded: Loaded) -> None:
    questions = _staged(loaded)["Question"]
    assert questions["level"].to_pylist() == loaded.levels()
    assert questions["twin"].to_pylist() == loaded.twins()
    assert questions["review"].to_pylist() == [row["review"] or "" for row in loaded.rows]


@some(12)
@given(loaded=loads(), others=st.integers(0, 6))
def test_of_the_pairs_that_no_seed_has_the_most_used_are_kept(loaded: Loaded, others: int) -> None:
    table = _staged(loaded, StoreSettings(other_pairs=others))["USED_WITH"]
    for basis in BASES:
        counts, edges = loaded.pairs(basis), loaded.edges()
        ranked = sorted((pair for pair in counts if pair not in edges), key=lambda pair: (-counts[pair], pair))
        wanted = {pair: n for pair, n in counts.items() if pair in edges or pair in ranked[:others]}
        kept: Counter[tuple[str, str]] = Counter()
        for row in table.to_pylist():
            if row["basis"] == basis:
                kept[row["from_id"], row["to_id"]] += row["questions"]
        assert kept == wanted


@some(12)
@given(loaded=loads())
def test_milestones_tell_what_the_first_questions_touch(loaded: Loaded) -> None:
    rows = _staged(loaded)["Milestone"].to_pylist()
    every = len(loaded.rows)
    for basis in BASES:
        uses, edges = loaded.uses(basis), loaded.edges()
        found = [row for row in rows if row["basis"] == basis]
        for row in found:
            first = uses[: row["questions"]]
            assert row["concepts"] == len(set().union(*first))
            assert row["pairs"] == sum(any({*edge} <= used for used in first) for edge in edges)
        assert [row["id"] for row in found] == [f"{basis}/{row['questions']}" for row in found]
        assert [row["questions"] for row in found] == milestones(every).tolist()


def test_milestones_lie_evenly_on_a_logarithmic_axis_and_end_with_the_last_question() -> None:
    assert milestones(0).tolist() == []
    assert milestones(1).tolist() == [1]
    assert milestones(20).tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 20]
    many = milestones(2_000_001).tolist()
    assert (many[0], many[-2:]) == (1, [1_778_279, 2_000_001])
    assert set(milestones(1_000).tolist()) < set(many), "what was told of fewer questions is told of more"


@some(12)
@given(loaded=loads())
def test_no_property_is_null_and_nothing_depends_on_the_tables_that_questions_come_in(loaded: Loaded) -> None:
    tables = _staged(loaded)
    assert all(column.null_count == 0 for table in tables.values() for column in table.columns)
    whole = _staged(Loaded(loaded.snapshot, loaded.rows, 100))
    for name, table in tables.items():
        order = [(column, "ascending") for column in table.column_names]
        assert table.sort_by(order).equals(whole[name].sort_by(order)), name


@settings(deadline=None)
@given(
    added=st.lists(st.lists(st.tuples(st.integers(0, 40), st.integers(-3, 3), st.integers(0, 3)))),
    block=st.integers(1, 9),
    group_bits=st.integers(0, 3),
)
def test_a_tally_joins_by_key_in_order_whatever_it_holds_at_a_time(
    added: list[list[tuple[int, int, int]]], block: int, group_bits: int
) -> None:
    totals: dict[int, list[int]] = {}
    with TemporaryDirectory() as folder:
        tally = Tally(Path(folder) / "totals", (np.add, np.minimum), block=block)
        for rows in added:
            table = np.array(rows, np.int64).reshape(-1, 3)
            tally.add(table[:, 0], table[:, 1:].T)
            for key, one, other in rows:
                total, least = totals.get(key, (0, other))
                totals[key] = [total + one, min(least, other)]
        for _ in range(2):
            blocks = list(tally.blocks(group_bits))
            keys = [key for keys, _ in blocks for key in keys.tolist()]
            assert keys == sorted(totals)
            assert [v for _, values in blocks for v in values.T.tolist()] == [totals[key] for key in keys]
            groups = [{key >> group_bits for key in keys.tolist()} for keys, _ in blocks]
            assert sum(map(len, groups)) == len(set().union(*groups))

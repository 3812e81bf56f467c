"""Sealed runs whose rows a test writes itself: real run folders, ranges, Parquet files and seals, and no call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from small_workspace import Prepared

from engine.call import ModelRef
from engine.files import file_hash, put_new
from engine.run import Target, create_run, plan_spec, read_spec, row_id
from engine.sealing import COST_COLUMNS
from engine.shard import Seal, SealedFile, Shard, make_shard, shards_of
from generation.composition import describe_walks
from generation.recipes.mathscale.recipe import COLUMNS, MATHSCALE
from graph.seed import seeds_hash

SOLUTION = "Step 1: add the two numbers, which are 3 and 4.\nStep 2: 3 + 4 = 7.\nThe answer is 7."
_SCHEMA = pa.schema([("id", pa.string()), ("index", pa.int64()), *COLUMNS, *COST_COLUMNS])


def row(question: str, **columns: Any) -> dict[str, Any]:
    """A row of the mathscale recipe that is sound but for its question."""
    empty: dict[str, list[str]] = {
        name: [] for name in ("topics", "knowledge_points", "asked", "claimed", "claimed_other", "shots")
    }
    return {"question": question, "solution": SOLUTION, "answer": "7", **empty, "model": "planted", **columns}


def planted_run(
    prepared: Prepared,
    name: str,
    shards: Sequence[Sequence[str | dict[str, Any]]],
    *,
    seed: int = 0,
    count: int | None = None,
    rejected: int = 0,
) -> Path:
    """A complete run of these rows; a text is the question of a sound one. `seed` tells runs apart.

    Each shard has one repeat first and `rejected` indices that were refused after its rows.
    """
    named = [{"name": "ours", "hash": seeds_hash(prepared.seeds)}]
    items = describe_walks(prepared.snapshot.fingerprint, named, seed=seed)
    model = ModelRef(served_by="planted", model="planted")
    spec = plan_spec(MATHSCALE, items=items, models={"writer": model}, seed=seed)
    total = sum(map(len, shards))
    folder = create_run(prepared.root / "runs", name, spec, Target(count=count or total))
    add_shards(folder, shards, rejected=rejected)
    return folder


def add_shards(folder: Path, shards: Sequence[Sequence[str | dict[str, Any]]], rejected: int = 0) -> None:
    """Seal these rows after those that the run has."""
    run_id = read_spec(folder).id
    number = len(list((folder / "shards").glob("*.seal.json")))
    start = max((shard.stop for shard in shards_of(folder / "shards")), default=0)
    for rows in shards:
        first = start + 1
        shard = Shard(number, start, first + len(rows) + rejected)
        assert make_shard(folder / "shards", shard)
        full = [
            {"id": row_id(run_id, first + i), "index": first + i, **(row(each) if isinstance(each, str) else each)}
            for i, each in enumerate(rows)
        ]
        path = folder / "shards" / f"{number:05d}.0000.rows.parquet"
        pq.write_table(pa.Table.from_pylist(full, schema=_SCHEMA), path)
        sealed = SealedFile(name=path.name, size=path.stat().st_size, hash=file_hash(path), rows=len(rows))
        reasons = {"repeat": 1, **({"refused": rejected} if rejected else {})}
        seal = Seal(
            run=run_id, shard=number, start=shard.start, stop=shard.stop, passed=len(rows), rejected=reasons,
            last_passed=first + len(rows) - 1 if rows else None, spent=(), files={"rows": sealed},
        )  # fmt: skip
        assert put_new(folder / "shards" / f"{number:05d}.seal.json", seal.model_dump_json().encode())
        start, number = shard.stop, number + 1

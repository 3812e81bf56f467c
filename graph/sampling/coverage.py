"""A coverage: what the questions made so far use of a graph, at one moment. Coverage-guided drawing goes by it.

    coverage/<id>.parquet   what       id  other  questions
                            concept    ..         questions that use the concept
                            pair       ..  ..     questions that use both; only pairs of the seeds, lower id first
                            level      ..         questions of the level

Only what is used has a row. The id is `v` and blake2b over the graph's fingerprint, the basis, the number of questions
and the sorted rows: equal counts of a graph are one coverage, whichever runs they come from. The file's metadata says
these, and the runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.files import put_new
from engine.workspace import Workspace
from graph.sampling.uses import Used
from graph.snapshot import Snapshot

BASES = ("asked", "claimed", "tagged")
FORMAT = 1
SCHEMA = pa.schema([("what", pa.string()), ("id", pa.string()), ("other", pa.string()), ("questions", pa.int64())])
_META = b"skillweave"
_ORDER = [(column, "ascending") for column in ("what", "id", "other")]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What questions use of one graph, on one basis."""

    graph: str
    """The graph's fingerprint."""
    basis: str
    questions: int
    rows: pa.Table
    """Of the schema `SCHEMA`, sorted by what, id and other."""
    runs: Sequence[str] = ()
    """The names of the runs counted; not part of the id."""
    made: str = ""
    """When, in UTC; not part of the id."""

    @classmethod
    def of(cls, snapshot: Snapshot, basis: str, used: Used, questions: int, **more: Any) -> Coverage:
        """The coverage of counts by the numbers of the snapshot's nodes."""
        ids = snapshot.nodes["id"].combine_chunks()
        nodes = np.flatnonzero(used.concepts)
        one, other, both = used.pairs
        levels = {level: count for level, count in used.levels.items() if count}
        table = pa.concat_tables([
            _rows("concept", ids.take(pa.array(nodes)), None, pa.array(used.concepts[nodes])),
            _rows("pair", ids.take(pa.array(one)), ids.take(pa.array(other)), pa.array(both)),
            _rows("level", pa.array(levels.keys(), pa.string()), None, pa.array(levels.values(), pa.int64())),
        ])  # fmt: skip
        return cls(snapshot.fingerprint, basis, questions, table.sort_by(_ORDER).combine_chunks(), **more)

    @property
    def id(self) -> str:
        """`v` and 32 hexadecimal digits."""
        digest = hashlib.blake2b(orjson.dumps([FORMAT, self.graph, self.basis, self.questions]), digest_size=16)
        for column in self.rows.columns:
            digest.update(orjson.dumps(column.to_pylist()))
        return "v" + digest.hexdigest()

    def used(self, snapshot: Snapshot) -> Used:
        """The counts by the numbers of the snapshot's nodes. Raises InputError for another graph's."""
        if snapshot.fingerprint != self.graph:
            raise InputError(
                f"coverage {self.id} is that of graph {self.graph}, not of {snapshot.fingerprint}; take one of this "
                f"graph: skillweave coverage take --graph {snapshot.fingerprint}"
            )
        nodes = snapshot.nodes["id"].combine_chunks()

        def part(what: str) -> pa.Table:
            return self.rows.filter(pc.equal(self.rows["what"], what))

        concepts, pairs, levels = part("concept"), part("pair"), part("level")
        counts = np.zeros(len(nodes), np.int64)
        counts[pc.index_in(concepts["id"], nodes).to_numpy()] = concepts["questions"].to_numpy()
        ends = (pc.index_in(pairs[column], nodes) for column in ("id", "other"))
        return Used(
            counts,
            np.stack([column.to_numpy().astype(np.int64) for column in (*ends, pairs["questions"])]),
            dict(zip(levels["id"].to_pylist(), levels["questions"].to_pylist(), strict=True)),
        )

    def write(self, workspace: Workspace) -> str:
        """Put the coverage into the workspace and return its id. One that is there already stays."""
        folder = workspace.coverage
        folder.mkdir(parents=True, exist_ok=True)
        meta = {"format": FORMAT, "graph": self.graph, "basis": self.basis, "questions": self.questions,
                "runs": list(self.runs), "made": self.made}  # fmt: skip
        sink = pa.BufferOutputStream()
        pq.write_table(self.rows.replace_schema_metadata({_META: orjson.dumps(meta)}), sink, compression="zstd")
        put_new(folder / f"{self.id}.parquet", sink.getvalue().to_pybytes())
        return self.id


def _rows(what: str, ids: pa.Array, others: pa.Array | None, questions: pa.Array) -> pa.Table:
    none = pa.array([""] * len(ids), pa.string())
    return pa.table([pa.array([what] * len(ids), pa.string()), ids, none if others is None else others, questions],
                    schema=SCHEMA)  # fmt: skip


def read_coverage(workspace: Workspace, coverage: str) -> Coverage:
    """The coverage of this id. Raises InputError where it is gone, damaged, or not what its name says."""
    path = workspace.coverage / f"{coverage}.parquet"
    try:
        table = pq.read_table(path)
        meta = orjson.loads(table.schema.metadata[_META])
        found = Coverage(
            meta["graph"], meta["basis"], meta["questions"], table.select(SCHEMA.names).cast(SCHEMA), meta["runs"],
            meta["made"],
        )  # fmt: skip
    except FileNotFoundError:
        raise InputError(
            f"there is no coverage {coverage} in {path.parent}; see what there is: skillweave coverage list, "
            "or take one: skillweave coverage take"
        ) from None
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} is no coverage ({error}); put it back from a copy, or {_AGAIN}") from None
    if found.id != coverage:
        raise InputError(f"{path} was changed since it was taken; put it back from a copy, or {_AGAIN}")
    return found


_AGAIN = "delete it and take one again: skillweave coverage take"


def list_coverages(workspace: Workspace) -> list[tuple[str, Mapping[str, Any]]]:
    """The id and the metadata of every coverage, the last taken first."""
    found = []
    for path in sorted(workspace.coverage.glob("v*.parquet")):
        try:
            metadata = pq.read_schema(path).metadata or {}
            found.append((path.stem, orjson.loads(metadata[_META])))
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise InputError(f"{path} is no coverage ({error}); {_AGAIN}") from None
    return sorted(found, key=lambda each: (each[1]["made"], each[0]), reverse=True)


def find_coverage(workspace: Workspace, graph: str, which: str) -> str:
    """The id of the coverage of this graph that begins with `which`, or of the last taken, `latest`."""
    known = [name for name, meta in list_coverages(workspace) if meta["graph"] == graph]
    matching = known[:1] if which == "latest" else [name for name in known if name.startswith(which)]
    if len(matching) != 1:
        what = f"{len(matching)} coverages" if matching else "no coverage"
        raise InputError(
            f"{what} of graph {graph} begin{'s' * (not matching)} with {which!r}; see them: skillweave coverage list, "
            f"or take one: skillweave coverage take --graph {graph}"
        )
    return matching[0]


def now() -> str:
    """The time a coverage is taken."""
    return datetime.now(UTC).isoformat(timespec="microseconds")

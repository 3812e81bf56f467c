"""Whether sealed rows follow from sealed calls: the conversations run again, and must give the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.errors import NotDeterministic, RunError
from engine.replay import Dialogue, Passed
from engine.reuse import sealed_replies
from engine.rows import sealed_file
from engine.run import Run
from engine.sealing import engine_columns, replay_shard, row_schema
from engine.shard import Seal

_SHOWN = 80  # characters of a value


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not what it should be."""

    where: str
    """A file, or a row: `run RUN, index INDEX`."""
    what: str
    """In one sentence."""


def prove_rows(run: Run, seal: Seal, sealed: pa.Table) -> Iterator[Difference]:
    """How sealed rows of a shard differ from those that its sealed calls give; nothing where they are proved.

    `sealed` are rows of the shard in index order, all or some of them.
    """
    indices = sealed["index"].to_numpy().astype(np.int64)
    asked = _messages(run, seal, indices)
    rows: list[dict[str, Any]] = []
    try:
        for _, talk, ending in replay_shard(run, indices, sealed_replies(run, seal.shard)):
            if isinstance(ending, Passed):
                rows.append({**engine_columns(run, talk), **ending.row})
            else:
                why = "a reply is missing" if isinstance(ending, list) else f"they give no row ({ending.reason})"
                yield Difference(_place(run, talk.index), f"it does not follow from its calls: {why}")
                return
            if asked.get(talk.index) != _asked(talk):
                yield Difference(_place(run, talk.index), "the messages of its calls are not those that are asked")
                return
    except (NotDeterministic, RunError) as error:
        yield Difference(f"run {run.name}, shard {seal.shard}", f"its calls cannot be replayed: {error}")
        return
    replayed = pa.Table.from_pylist(rows, schema=row_schema(run))
    yield from differing(
        run.name, sealed.select(replayed.schema.names), replayed, "its calls give", "the sealed row has"
    )


def differing(run: str, found: pa.Table, right: pa.Table, ours: str, theirs: str) -> Iterator[Difference]:
    """The first row in which two tables of the same rows differ, column by column. Both have `index`."""
    if found.equals(right):
        return
    for one, other in zip(found.to_pylist(), right.to_pylist(), strict=True):
        for column, value in other.items():
            if one[column] != value:
                yield Difference(
                    f"run {run}, index {other['index']}",
                    f"column {column}: {ours} {_short(value)}, {theirs} {_short(one[column])}",
                )
        if one != other:
            return


def _place(run: Run, index: int) -> str:
    return f"run {run.name}, index {index}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _asked(talk: Dialogue) -> dict[str, list[dict[str, str]]]:
    return {ask.path: [{"role": m.role, "content": m.content} for m in ask.call.messages] for ask in talk.calls}


def _messages(run: Run, seal: Seal, indices: NDArray[np.int64]) -> Mapping[int, dict[str, list[dict[str, str]]]]:
    """The messages that the sealed calls say were sent, by index and place."""
    path = sealed_file(run.folder, seal, "calls")
    wanted = [("used", "=", True), ("index", ">=", int(indices[0])), ("index", "<=", int(indices[-1]))]
    found: dict[int, dict[str, list[dict[str, str]]]] = {}
    for call in pq.read_table(path, columns=["index", "path", "messages"], filters=wanted).to_pylist():
        found.setdefault(call["index"], {})[call["path"]] = call["messages"]
    return found

"""Judging: a model says of pairs of names in the grey band whether they mean the same.

One call a batch of pairs, one row a batch. It is a run like any other: journaled, resumed, priced, replayed. What the
model wrote is read line by line, and only a number of the batch with one of three words counts; a pair without a
readable answer, with two, or with `unsure` is undecided and waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import Field

from engine.asking import ask_until_read
from engine.call import Reply, content_hash
from engine.errors import InputError, Rejected
from engine.files import put_new, storage_errors
from engine.prompt import render
from engine.recipe import Conversation, Recipe, Settings, Terms
from engine.workspace import Workspace
from graph.merging.grey import GreyPair
from graph.sampling.rand import hash64

Verdict = Literal["same", "different", "undecided"]
Batch = Sequence[GreyPair]
PAIRS_A_CALL = 20
_COLUMNS = pa.schema([("kind", pa.string()), ("one", pa.string()), ("other", pa.string()), ("score", pa.float64())])
_LINE = re.compile(r"\W*(\d{1,3})\W+(same|different|unsure)\W*", re.IGNORECASE)
_ENDINGS = {"length": "cut off", "content_filter": "content filter", "refused": "refused"}


class JudgeSettings(Settings):
    """How pairs are judged."""

    domain: str = Field("mathematics", min_length=1, description="what the teacher of the prompt teaches")
    reasks: int = Field(1, ge=0, le=10, description="how often a reply without any verdict is asked for again")


def parse_verdicts(text: str, pairs: int) -> list[Verdict]:
    """The verdicts on pairs 1 to `pairs`, in order. Raises Rejected("no verdicts") where no line holds one."""
    said: dict[int, set[str]] = {}
    for line in text.splitlines():
        if (found := _LINE.fullmatch(line)) and 1 <= int(found[1]) <= pairs:
            said.setdefault(int(found[1]), set()).add(found[2].lower())
    if not said:
        raise Rejected("no verdicts", text[:200])
    return [_verdict(said.get(number, set())) for number in range(1, pairs + 1)]


def _verdict(words: set[str]) -> Verdict:
    if words == {"same"}:
        return "same"
    return "different" if words == {"different"} else "undecided"


def pairs_text(batch: Batch) -> str:
    """The pairs as the prompt shows them: `1. topic: ["one name","other name"]`, names as JSON."""
    lines = (
        f"{number}. {pair.kind.replace('_', ' ')}: {orjson.dumps([pair.one, pair.other]).decode()}"
        for number, pair in enumerate(batch, start=1)
    )
    return "\n".join(lines)


def judge(batch: Batch, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001 - nothing here is left to chance
    """One batch's conversation: one call, again where no verdict can be read."""
    settings: JudgeSettings = terms.settings
    messages = render(terms.prompts["judge"], {"domain": settings.domain, "pairs": pairs_text(batch)})

    def read(reply: Reply) -> list[Verdict]:
        if not reply.whole:
            raise Rejected(_ENDINGS[reply.finish], reply.error or "")
        return parse_verdicts(reply.text, len(batch))

    verdicts = yield from ask_until_read(messages, read, unreadable={"no verdicts"}, reasks=settings.reasks)
    return {**{name: [getattr(pair, name) for pair in batch] for name in _COLUMNS.names}, "verdict": verdicts}


class PairItems:
    """Batches of pairs, in the order of the pairs."""

    def __init__(self, pairs: Sequence[GreyPair], batch: int) -> None:
        self._batches = [pairs[start : start + batch] for start in range(0, len(pairs), batch)]
        self._identities = np.array([hash64(pairs_text(each)) for each in self._batches], np.uint64)

    @property
    def size(self) -> int | None:
        """How many batches there are."""
        return len(self._batches)

    def take(self, indices: NDArray[np.int64]) -> Sequence[Batch]:
        """The batches at `indices`, shape (n,)."""
        return [self._batches[i] for i in indices.tolist()]

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): one number for the text of each batch."""
        return self._identities[start:stop]

    def describe(self, item: Batch) -> Mapping[str, Any]:
        """The pairs of a batch."""
        return {"pairs": [[pair.kind, pair.one, pair.other] for pair in item]}


def describe_pairs(workspace: Workspace, pairs: Sequence[GreyPair]) -> dict[str, Any]:
    """Keep the pairs in pairs/<hash>.parquet and describe them as run.json does. Durable on return."""
    rows = [[pair.kind, pair.one, pair.other, pair.score] for pair in pairs]
    name = content_hash(rows).removeprefix("b2:")
    file = workspace.pairs / f"{name}.parquet"
    if not file.exists():
        sink = pa.BufferOutputStream()
        columns = {column: [getattr(pair, column) for pair in pairs] for column in _COLUMNS.names}
        pq.write_table(pa.table(columns, schema=_COLUMNS), sink)
        with storage_errors(file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
        put_new(file, sink.getvalue().to_pybytes())
    return {"kind": "pairs", "pairs": name, "batch": PAIRS_A_CALL, "size": -(-len(pairs) // PAIRS_A_CALL)}


def read_pairs(workspace: Path, name: str) -> list[GreyPair]:
    """The pairs that were kept under this hash. Raises InputError where they are missing or not the same any more."""
    file = Workspace(workspace).pairs / f"{name}.parquet"
    advice = "put the file back, or judge anew: skillweave graph build SEEDS --judge MODEL"
    try:
        pairs = [GreyPair(**row) for row in pq.read_table(file, schema=_COLUMNS).to_pylist()]
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{file} cannot be read ({error}); {advice}") from None
    if content_hash([[pair.kind, pair.one, pair.other, pair.score] for pair in pairs]) != f"b2:{name}":
        raise InputError(f"{file} is not what it was when the run began; {advice}")
    return pairs


def _open_items(described: Mapping[str, Any], workspace: Path) -> PairItems:
    if described.get("kind") != "pairs":
        raise InputError(
            f"judging works on pairs of names, not on {described.get('kind')!r}; begin a run: "
            "skillweave graph build SEEDS --judge MODEL"
        )
    return PairItems(read_pairs(workspace, described["pairs"]), described["batch"])


_NAMES = pa.list_(pa.string())
JUDGE = Recipe(
    name="judge-merges",
    version=1,
    converse=judge,
    columns=pa.schema(
        [("kind", _NAMES), ("one", _NAMES), ("other", _NAMES), ("score", pa.list_(pa.float64())), ("verdict", _NAMES)]
    ),
    open_items=_open_items,
    settings=JudgeSettings,
    prompts={"judge": Path(__file__).parent.with_name("prompts").joinpath("judge.prompt").read_text(encoding="utf-8")},
    sources=("engine.asking", "engine.prompt", "graph.merging.judging"),
)
"""Batches of pairs in, rows of (kind, one, other, score, verdict), each a list, out."""

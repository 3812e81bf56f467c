"""From the rows that may stay to those that do, each in its split: checks, then balance, then splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.errors import InputError
from engine.rows import Part as Accepted
from engine.workspace import Workspace
from generation.components import Places, same_key
from generation.datasets.balancing import balance
from generation.datasets.selecting import Selection, read_kept
from generation.datasets.splitting import split_rows
from generation.quality.plan import Plan, idle_checks, read_plan
from generation.text_key import text_keys
from generation.verdicts import kept_rows, verdicts_of
from graph.sampling.rand import hash64

OVER = "its topic has enough"
_NO_TOPIC = "(none)"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where each accepted row goes."""

    names: tuple[str, ...]
    """The splits."""
    split: NDArray[np.int8]
    """Of each accepted row the place of its split in `names`, shape (accepted rows,); of no meaning where it is out."""
    told: tuple[str, ...]
    """What a person should know, a sentence each."""
    described: dict[str, Any] = field(default_factory=dict)
    """What decided it, besides the options."""

    def sizes(self, selection: Selection) -> dict[str, int]:
        """Rows by split."""
        counts = np.bincount(self.split[selection.kept], minlength=len(self.names)).tolist()
        return dict(zip(self.names, counts, strict=True))


def arrange(
    workspace: Workspace,
    selection: Selection,
    shares: Mapping[str, float],
    *,
    per_topic: int | None = None,
    keep: Sequence[str] = (),
    checked: bool = True,
) -> Arrangement:
    """Leave out what checks and the quota of topics leave out, and give each row that stays its split.

    Raises InputError for a check in `keep` that there is not, and for rows that the checks were not asked about yet.
    """
    plan = read_plan(workspace) if checked and selection.kept.any() else Plan(checks=())
    told = _check(workspace, selection, plan, keep)
    if per_topic is not None:
        told += _balance(selection, per_topic)
    split = np.zeros(len(selection.code), np.int8)
    if len(shares) > 1:
        told += _split(workspace, selection, plan, shares, split)
    return Arrangement(tuple(shares), split, tuple(told), {"checks": plan.model_dump(mode="json")["checks"]})


def _check(workspace: Workspace, selection: Selection, plan: Plan, keep: Sequence[str]) -> list[str]:
    """Leave out what a check speaks against, but for the checks that are to leave out nothing."""
    if unknown := sorted(set(keep) - set(plan.names)):
        raise InputError(
            f"--keep {unknown[0]}: no such check was run, only {', '.join(plan.names) or 'none yet'}; run it: "
            "skillweave dataset check"
        )
    if not plan.checks:
        return ["No check was run over the rows, so near-duplicates among them were not looked for."]
    deciding = Plan(checks=tuple(check for check in plan.checks if check.name not in keep))
    places = {(part.run, part.seal.shard): part.place for part in selection.parts}

    def left_out(run: Path, part: Accepted) -> NDArray[np.bool_]:
        return ~selection.kept[places[run, part.seal.shard]]

    rows = kept_rows(workspace, _standing(selection), deciding, ["id"], left_out)
    judged = [(places[one.run, one.seal.shard], one.failed) for one in rows]
    for place, failed in judged:  # only now: what is found of a part rests on what stood in all of them
        for number in np.unique(failed[failed >= 0]).tolist():
            selection.leave_out(place, np.equal(failed, number), f"check: {deciding.names[number]}")
    kept = f"; {', '.join(f'`{name}`' for name in keep)} leave nothing out" if keep else ""
    idle = idle_checks(plan, workspace, selection.runs)
    asked = ", ".join(f"`{name}`" for name in plan.names if name not in idle)
    not_asked = "".join(f" `{name}` was not asked: {why}." for name, why in idle.items())
    return [f"Checks that were run over the rows: {asked}{kept}.{not_asked}"]


def _standing(selection: Selection) -> list[Path]:
    """The runs with a row that is not left out."""
    return [run for run in selection.runs if any(selection.kept[part.place].any() for part in selection.parts_of(run))]


def id_key(row: str) -> int:
    """64 bits of a row's id."""
    return int(row[1:17], 16) if len(row) == 21 and row[0] == "r" else hash64(row)


def _id_keys(ids: pa.ChunkedArray) -> NDArray[np.uint64]:
    return np.fromiter(map(id_key, ids.to_pylist()), np.uint64, len(ids))


def _balance(selection: Selection, per: int) -> list[str]:
    names: dict[str, int] = {}
    topics, keys = [np.zeros(0, np.int32)], [np.zeros(0, np.uint64)]
    for _, table in read_kept(selection, ["id", "topics"]):
        first = (row[0] if row else _NO_TOPIC for row in table["topics"].to_pylist())
        topics.append(np.fromiter((names.setdefault(topic, len(names)) for topic in first), np.int32, table.num_rows))
        keys.append(_id_keys(table["id"]))
    found = balance(np.concatenate(topics), list(names), np.concatenate(keys), per)
    over = np.zeros(len(selection.code), np.bool_)
    over[np.flatnonzero(selection.kept)[~found.taken]] = True
    selection.leave_out(slice(0, len(over)), over, OVER)
    told = [f"Of each topic at most {per:,} rows are taken; a row counts for the first topic of its composition."]
    if found.short:
        shown = ", ".join(f"`{name}` {count:,}" for name, count in list(found.short.items())[:_SHOWN])
        more = f" and {len(found.short) - _SHOWN:,} more" if len(found.short) > _SHOWN else ""
        told.append(f"{len(found.short):,} of {len(names):,} topics have fewer: {shown}{more}.")
    return told


def _split(
    workspace: Workspace, selection: Selection, plan: Plan, shares: Mapping[str, float], into: NDArray[np.int8]
) -> list[str]:
    ids, asked, texts = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for _, table in read_kept(selection, ["id", "asked", "question"]):
        ids.append(_id_keys(table["id"]))
        sets = ("\0".join(sorted(concepts)).encode() for concepts in table["asked"].to_pylist())
        digests = b"".join(blake2b(each, digest_size=8).digest() for each in sets)
        asked.append(np.frombuffer(digests, "<u8"))
        texts.append(text_keys(table["question"]).to_numpy())
    keys = np.concatenate(ids)
    alike = _alike(workspace, selection, plan, keys)
    edges = [same_key(np.concatenate(asked)), same_key(np.concatenate(texts)), alike]
    one, other = (np.concatenate(ends) for ends in zip(*edges, strict=True))
    split = split_rows(keys, one, other, shares)
    into[np.flatnonzero(selection.kept)] = split.of_row
    checked = " and no two rows that a check found alike" if plan.checks else ""
    told = [
        f"The splits share no composition, no question that differs only in case, spaces or numbers{checked}: the "
        f"{len(keys):,} rows hang together in {split.components:,} components, each whole in one split."
    ]
    if split.held:
        sizes = ", ".join(f"{name} {rows:,}" for name, rows in split.sizes().items())
        told.append(
            f"{split.held:,} components are larger than the smallest split asked for, the largest of "
            f"{split.largest:,} rows, so the sizes are not quite those asked for: {sizes}."
        )
    return told


def _alike(workspace: Workspace, selection: Selection, plan: Plan, keys: NDArray[np.uint64]) -> tuple[Places, Places]:
    """Edges between what a check found alike, shape (edges,) each; `keys` are those of the kept rows in their order.

    What is no kept row (a row that is out, a seed) has a place after them: rows that are like it belong together.
    """
    found, like = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    if plan.checks:
        for table in verdicts_of(workspace, _standing(selection), plan):
            matched = table.filter(pc.not_equal(table["matched"], ""))
            found.append(_id_keys(matched["id"]))
            like.append(_id_keys(matched["matched"]))
    ends = np.concatenate([*found, *like])
    order = np.argsort(keys, kind="stable")
    place = np.searchsorted(keys[order], ends)
    kept = np.isin(ends, keys)
    nodes = np.zeros(len(ends), np.int64)
    nodes[kept] = order[place[kept]]
    nodes[~kept] = len(keys) + np.unique(ends[~kept], return_inverse=True)[1]
    return nodes[: len(ends) // 2], nodes[len(ends) // 2 :]

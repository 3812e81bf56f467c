"""Taking a coverage: what the accepted questions of runs use of a graph, counted from their sealed rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.errors import InputError
from engine.run import read_spec
from engine.workspace import Workspace
from generation.composition import levels_asked
from generation.making import runs_of
from generation.tagging import find_tags, read_tagged
from graph.sampling.coverage import BASES, Coverage, find_coverage, now
from graph.sampling.samplers import find_sampler
from graph.sampling.uses import SeedMentions, Used, Uses
from graph.snapshot import Snapshot
from graph.stores.levels import SeedLevels


def choose_coverage(workspace: Workspace, snapshot: Snapshot, sampler: str, which: str | None) -> str | None:
    """The id of the coverage that `--coverage` names, taken now where it says so; None for a sampler without one.

    Raises InputError where there is no such coverage.
    """
    if not find_sampler(sampler).guided:
        return which  # None, or what `describe_walks` refuses
    if which == "none":
        return None
    if which in (None, "now"):
        return take_coverage(workspace, snapshot).write(workspace)
    return find_coverage(workspace, snapshot.fingerprint, which)


def take_coverage(
    workspace: Workspace, snapshot: Snapshot, basis: str = "asked", runs: Sequence[str] | None = None
) -> Coverage:
    """Count what the accepted questions of `runs` use; of all runs of the graph and of those it grew from without any.

    Touches no file. Trials of a prompt are left out. A question's level is the one its composition asks for, else that
    at which the seeds mention the concepts asked of it most. On the basis `tagged` only questions with tags count.
    Raises InputError for a basis or a run there is not.
    """
    if basis not in BASES:
        raise InputError(f"there is no basis {basis!r}, only {', '.join(BASES)}; give one: --basis asked")
    known = {run.name: run for run in runs_of(workspace, snapshot)}
    if unknown := sorted(set(runs or ()) - set(known)):
        names = ", ".join(known) or "none yet; begin one: skillweave generate"
        raise InputError(f"no run {unknown[0]!r} was made from graph {snapshot.fingerprint}; there are: {names}")
    chosen = [run for name, run in known.items() if runs is None or name in runs]
    counter = _Counter(snapshot, basis)
    for run in chosen:
        counter.add(run)
    return Coverage.of(
        snapshot, basis, counter.used(), counter.questions, runs=[run.name for run in chosen], made=now()
    )


class _Counter:
    """Counts on one basis; memory is one shard's and the graph's."""

    def __init__(self, snapshot: Snapshot, basis: str) -> None:
        levels = SeedLevels(snapshot)
        self._basis, self._levels = basis, pa.array(levels.names)
        self._uses = Uses(snapshot.adjacency(), Used(), SeedMentions(levels.names, levels.counts))
        resolver = snapshot.resolver()
        self._ids = pa.array(list(resolver), pa.string())
        nodes = snapshot.nodes["id"].combine_chunks()
        self._nodes = pc.index_in(pa.array(list(resolver.values()), pa.string()), nodes).to_numpy().astype(np.int32)
        self.questions = 0

    def used(self) -> Used:
        """What was counted."""
        return self._uses.used()

    def add(self, run: Path) -> None:
        """Count the accepted questions of a run."""
        items = read_spec(run).items
        tags = find_tags(run) if self._basis == "tagged" else None
        for table in read_tagged(run, ["id", "index", "asked", "claimed"], tags):
            known = table.filter(pc.is_valid(table[self._basis]))
            levels = self._uses.level_of(self._members(known["asked"]))
            asked = pc.index_in(levels_asked(items, known["index"]), self._levels)
            levels = np.where(asked.is_valid(), asked.fill_null(0), levels)
            self._uses.add(self._members(known[self._basis]), levels)
            self.questions += known.num_rows

    def _members(self, column: pa.ChunkedArray) -> NDArray[np.int32]:
        """Shape (places, c): the nodes of each list, each once, -1 in the other places; names of no node left out."""
        lists = column.combine_chunks()
        found = pc.index_in(pc.list_flatten(lists), value_set=self._ids)
        there = found.is_valid().to_numpy(zero_copy_only=False)
        rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)[there]
        nodes = self._nodes[found.drop_null().to_numpy()]
        rows, nodes = np.unique(np.stack((rows, nodes)), axis=1)
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)
        members = np.full((int(place.max(initial=-1)) + 1, len(lists)), -1, np.int32)
        members[place, rows] = nodes
        return members

"""Splits that share no composition and no near-duplicate.

Rows belong together where they were asked to use the same set of concepts, where their questions differ in nothing but
case, spaces and numbers, and where a check found them alike; what belongs together, over any chain of such rows, is
one component and goes whole into one split. Components lie on a line in the order of a hash of their name and are cut
where the sizes asked for end, so each split is its size to within one component. A component larger than the smallest
split is no matter of chance: the largest of these go first, each where most is missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from generation.components import Places, components
from graph.sampling.rand import mix

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_EXAMPLE = "--split train=0.9,validation=0.05,test=0.05"


@dataclass(frozen=True, slots=True)
class Split:
    """Rows cut into splits."""

    names: tuple[str, ...]
    of_row: NDArray[np.int8]
    """The place of each row's split in `names`, shape (rows,)."""
    components: int
    largest: int
    """The rows of the largest component."""
    held: int
    """Components larger than the smallest split asked for."""

    def sizes(self) -> dict[str, int]:
        """Rows by split."""
        counts = np.bincount(self.of_row, minlength=len(self.names))
        return dict(zip(self.names, counts.tolist(), strict=True))


def read_shares(text: str) -> dict[str, float]:
    """Shares by the name of their split, `train=0.9,test=0.1`, which are 1 together. Raises InputError for others."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, share = part.strip().partition("=")
        try:
            value = float(share)
        except ValueError:
            value = math.nan
        if not equals or not _NAME.fullmatch(name) or not 0 < value <= 1 or name in shares:
            raise InputError(f"--split: {part.strip()!r} is no share of its own; such as: {_EXAMPLE}")
        shares[name] = value
    if not math.isclose(sum(shares.values()), 1, abs_tol=1e-6):
        raise InputError(f"--split: the shares are {sum(shares.values()):g} together, not 1; such as: {_EXAMPLE}")
    return shares


def split_rows(keys: NDArray[np.uint64], one: Places, other: Places, shares: Mapping[str, float]) -> Split:
    """Cut rows into splits.

    `keys`, shape (rows,), are numbers of the rows that stay the same whatever else there is. `one` and `other` are
    pairs of what belongs together; a place after the rows is something else that joins them.
    """
    rows = len(keys)
    nodes = max(rows, *(int(ends.max(initial=-1)) + 1 for ends in (one, other)))
    label = components(nodes, one, other)[:rows]
    named, group, sizes = np.unique(label, return_inverse=True, return_counts=True)
    name = np.full(len(named), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(name, group, keys)  # (components,)
    order = np.lexsort((name, mix(name)))
    wanted = np.array(list(shares.values())) * rows
    chosen = np.full(len(named), -1, np.int8)
    large = order[np.argsort(-sizes[order], kind="stable")]
    large = large[sizes[large] > max(wanted.min(), 1)]
    missing = wanted.copy()
    for component in large.tolist():
        place = int(np.argmax(missing))
        chosen[component] = place
        missing[place] -= sizes[component]
    rest = order[chosen[order] < 0]
    ends = np.cumsum(np.maximum(missing, 0))
    middles = np.cumsum(sizes[rest]) - sizes[rest] / 2
    total = ends[-1] if ends[-1] > 0 else 1
    scaled = ends / total * sizes[rest].sum()
    chosen[rest] = np.minimum(np.searchsorted(scaled, middles, side="left"), len(shares) - 1).astype(np.int8)
    return Split(tuple(shares), chosen[group], len(named), int(sizes.max(initial=0)), len(large))

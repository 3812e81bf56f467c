"""Coverage-guided drawing: the paper's walk, bent towards what the questions so far leave thin.

What is used is counted: by concept, by pair of concepts that occur together in a seed, and by level. The counts begin
with those of a coverage (`graph.sampling.coverage`) and go on with the sampler's own draws. A temperature t from 0 to 1
says how far they decide:

- With probability t a draw aims: it picks a pair in proportion to the pair's thinness (`graph.sampling.uses`) and is a
  walk that uses it (`graph.sampling.aimed`). The others begin at a topic of the epoch, as the paper's do.
- A step of any draw goes along an edge in proportion to w^(1 - t) * thinness^t, w being the seeds that hold both.

So t = 0 is the paper's walk: draw for draw that of `mathscale-walk` with the same seed. And at t = 1 what seeds hold
together says where steps may lead, but not how often: among pairs equally thin all are equally likely.

Draws are made in stages, each by the counts at its begin. A stage has a draw for each 128 pairs, at least `STAGE`, and
at least a sixteenth of the draws before it. Its aims are spread by systematic sampling: where one pair is owed x of
them, it gets x rounded up or down. A draw that does not meet the condition is made again with an aim of its own.

Draw i is a pure function of (graph, coverage, sampler name and version, settings, seed, i), and costs the draws before
it where they were not made yet. All are kept: 32 bytes each with the paper's bounds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from graph.sampling.aimed import AimedWalks
from graph.sampling.constraints import TRIES, Condition
from graph.sampling.rand import bits, coin, hash64, streams
from graph.sampling.sampler import GraphArrays, Sampler, Starts
from graph.sampling.thinness import I64, log_power, weights_of
from graph.sampling.uses import SeedMentions, Used, Uses
from graph.sampling.walks import Walks, WalkSettings

SAMPLER = "coverage-guided/1"
STAGE, _PAIRS_A_DRAW, _GROWTH = 16, 128, 16
_BLOCK = 1 << 15  # draws at a time: the arrays of a block stay in the processor's cache
_AIMS, _ORDER, _OFFSET = range(3)  # which random numbers of a stream are for what
_FAR = 40  # a try's turns in the order of start topics are 2^40 beyond those of the try before
_U64 = 0xFFFFFFFFFFFFFFFF
_WIDTH = 20  # a pair of greatest thinness weighs 2^20


class GuidedSettings(WalkSettings):
    """How far coverage decides; the rest is the paper's walk."""

    temperature: float = Field(
        0.7, ge=0, le=1, description="0: the paper's walk; 1: what is thin decides as far as it can"
    )


class CoverageGuided(Sampler):
    """Draws compositions of one graph. Raises InputError where it has no topic to start from.

    `used` is what the questions so far use, `mentions` the levels of the seeds; with a `level` all draws are of it. At
    a temperature above 0 a draw that does not meet the `condition` in `constraints.TRIES` tries is empty.
    """

    def __init__(
        self,
        graph: GraphArrays,
        settings: GuidedSettings,
        seed: int,
        *,
        used: Used | None = None,
        mentions: SeedMentions | None = None,
        level: str = "",
        condition: Condition | None = None,
    ) -> None:
        super().__init__(graph, topics=settings.topic_steps_max + 1)
        self._settings, self._condition = settings, condition or Condition()
        self._key, self._order_key = hash64(f"{SAMPLER}:walk:{seed}"), hash64(f"{SAMPLER}:order:{seed}")
        self._paper = Walks(graph, settings, seed)
        self._starts = Starts(graph, hash64(f"{SAMPLER}:start:{seed}"))
        self._uses = Uses(graph, used or Used(), mentions, level)
        self._walks = AimedWalks(graph, self._uses, settings)
        self._aimable = np.flatnonzero(self._walks.aimable() & self._wanted())
        self._weight_logs = log_power(self._uses.weights, 1 - settings.temperature)
        self._made = 0
        self._paths = np.zeros((settings.topic_steps_max + settings.point_steps_max + 2, 0), np.int32)

    def paths(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """See Sampler."""
        if self._settings.temperature == 0:
            return self._paper.paths(indices)
        while len(indices) and self._made <= int(indices.max()):
            self._make_stage()
        paths: NDArray[np.int32] = self._paths[:, indices]
        return paths

    def members(self, path: NDArray[np.int32]) -> NDArray[np.int32]:
        """See Sampler."""
        return self._paper.members(path)

    def _wanted(self) -> NDArray[np.bool_]:
        """Shape (E,): the pairs to aim at: all, or those of a concept that is required."""
        required = np.array(self._condition.required, np.int32)
        every = np.full(len(self._uses), not len(required))
        wanted: NDArray[np.bool_] = every | np.isin(self._uses.one, required) | np.isin(self._uses.other, required)
        return wanted

    def _make_stage(self) -> None:
        begin = self._made
        end = begin + max(STAGE, len(self._uses) // _PAIRS_A_DRAW, begin // _GROWTH)
        if end > self._paths.shape[1]:
            more = np.full((len(self._paths), max(end, 2 * begin) - self._paths.shape[1]), -1, np.int32)
            self._paths = np.hstack((self._paths, more))
        thinness = self._uses.thinness()
        bent = self._weight_logs + np.rint(thinness * self._settings.temperature).astype(np.int64)
        self._walks.step_by(bent)
        running = np.cumsum(_weights(thinness[self._aimable]))

        left = np.arange(begin, end, dtype=np.int64)
        for attempt in range(TRIES if self._condition else 1):
            aims = self._aims(left, running, attempt)
            unmet = [
                self._draw(left[at : at + _BLOCK], aims[at : at + _BLOCK], attempt)
                for at in range(0, len(left), _BLOCK)
            ]
            left = np.concatenate(unmet)
            if not len(left):
                break
        self._made = end
        for at in range(begin, end, _BLOCK):
            self._uses.add(self.members(self._paths[:, at : min(at + _BLOCK, end)]))

    def _draw(self, indices: I64, aims: I64, attempt: int) -> I64:
        """Make these draws; returns those that do not meet the condition, which are left empty."""
        starts = self._starts.at(indices + (attempt << _FAR))
        paths = self._walks.paths(starts, aims, streams(self._key + attempt & _U64, indices))
        if not self._condition:
            self._paths[:, indices] = paths
            return indices[:0]
        met = self._condition.met(self.members(paths), self.topic_places)
        self._paths[:, indices[met]] = paths[:, met]
        return indices[~met]

    def _aims(self, indices: I64, running: I64, attempt: int) -> I64:
        """The pair that each draw aims at, -1 for none; `running` are the sums of the aimable pairs' weights.

        The draws that aim are put in a random order; the j-th of k takes the pair at (j + u) / k of the whole weight.
        """
        aims = np.full(len(indices), -1, np.int64)
        stream = streams(self._order_key + attempt & _U64, indices)
        aiming = np.flatnonzero(coin(bits(stream, _AIMS)) < self._settings.temperature * float(1 << 32))
        k = len(aiming)
        if not k or not len(running):
            return aims
        place = np.empty(k, np.int64)
        place[np.argsort(bits(stream[aiming], _ORDER), kind="stable")] = np.arange(k)
        share, rest = divmod(int(running[-1]), k)
        shift = int(bits(stream[aiming[:1]], _OFFSET)[0]) * (share + 1) >> 64
        at = place * share + place * rest // k + shift
        aims[aiming] = self._aimable[np.searchsorted(running, np.minimum(at, running[-1] - 1), "right")]
        return aims


def _weights(logs: I64) -> I64:
    """The weights of all pairs to aim at, as one choice."""
    return weights_of(logs, logs.max(), _WIDTH) if len(logs) else logs

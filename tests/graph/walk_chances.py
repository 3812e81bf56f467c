"""The paper's walk counted out by hand: every composition of a small graph with its exact chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sampled_graphs import Arrays

from graph.sampling.sampler import POINT, TOPIC
from graph.sampling.walks import WalkSettings

Path = tuple[int, ...]


def _walks(graph: Arrays, start: Path, kind: int, steps: int) -> dict[Path, float]:
    """The walks of so many steps from the last of `start` among nodes of a kind; shorter where there is no way on."""
    ways = {v: graph.weight(start[-1], v) for v in range(len(graph.ids)) if graph.kinds[v] == kind}
    ways = {v: w for v, w in ways.items() if w}
    if not steps or not ways:
        return {start: 1.0}
    found: Counter[Path] = Counter()
    for v, weight in ways.items():
        for whole, chance in _walks(graph, (*start, v), kind, steps - 1).items():
            found[whole] += chance * weight / sum(ways.values())
    return found


def chances(graph: Arrays, settings: WalkSettings) -> dict[frozenset[int], float]:
    """Composition -> its chance."""
    found: Counter[frozenset[int]] = Counter()
    starts = [v for v in range(len(graph.ids)) if graph.kinds[v] == TOPIC]
    topic_steps = range(settings.topic_steps_min, settings.topic_steps_max + 1)
    point_steps = range(settings.point_steps_min, settings.point_steps_max + 1)
    for start in starts:
        for steps in topic_steps:
            for topics, of_topics in _walks(graph, (start,), TOPIC, steps).items():
                for first, of_first in _walks(graph, topics[-1:], POINT, 1).items():
                    for more in point_steps if len(first) == 2 else (0,):
                        for points, of_points in _walks(graph, first[1:] or (-1,), POINT, more).items():
                            chance = of_topics * of_first * of_points / len(starts) / len(topic_steps)
                            chance /= len(point_steps) if len(first) == 2 else 1
                            found[frozenset({*topics, *points} - {-1})] += chance
    return found


def given(found: Mapping[frozenset[int], float], met: set[frozenset[int]]) -> dict[frozenset[int], float]:
    """The chances of these compositions, under the condition that it is one of them."""
    total = sum(found[composition] for composition in met)
    return {composition: found[composition] / total for composition in met}

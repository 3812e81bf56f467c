"""Complete linkage: two clusters become one only where every name of one is near every name of the other.

So a chain of near names, each a little off the next, does not run together as it does with connected components.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable


def complete_linkage(n: int, pairs: Iterable[tuple[int, int, float]]) -> list[int]:
    """Cluster 0..n-1 by the pairs (i, j, similarity) that may be joined; a pair not named may never be.

    Returns for each the smallest member of its cluster. The clusters whose farthest members are most similar are joined
    first, and of equals those with the smallest members, so the result does not depend on the order of the pairs.
    """
    # near[a][b]: the similarity of the two farthest members of the clusters a and b, where all of them may be joined
    near: dict[int, dict[int, float]] = {}
    heap = []
    for i, j, similarity in pairs:
        near.setdefault(i, {})[j] = similarity
        near.setdefault(j, {})[i] = similarity
        heap.append((-similarity, min(i, j), max(i, j)))
    heapq.heapify(heap)
    parent = list(range(n))
    while heap:
        negative, a, b = heapq.heappop(heap)
        if near.get(a, {}).get(b) != -negative:
            continue  # one of the two was joined to another cluster since
        parent[b] = a
        of_a, of_b = near.pop(a), near.pop(b)
        joined = {}
        for other in of_a.keys() | of_b.keys():
            if other in (a, b):
                continue
            near[other].pop(a, None)
            near[other].pop(b, None)
            if other in of_a and other in of_b:
                joined[other] = near[other][a] = min(of_a[other], of_b[other])
                heapq.heappush(heap, (-joined[other], min(a, other), max(a, other)))
        near[a] = joined
    for member in range(n):  # a parent is smaller than its child, so it is final before
        parent[member] = parent[parent[member]]
    return parent

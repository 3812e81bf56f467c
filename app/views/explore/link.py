"""What the page shows, as its address holds it: a link shows another person the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from graph.snapshot import Snapshot

HOPS, MOST = (1, 2, 3), (20, 40, 80, 120)
_ID = re.compile(r"[a-z][0-9a-f]{16}")
_PIN = re.compile(r"([a-z][0-9a-f]{16})_(-?\d{1,5})_(-?\d{1,5})")
_MANY = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What one sees; concepts by their ids."""

    concept: str = ""
    """The middle of the picture."""
    chosen: str = ""
    """Whose card is beside it; empty: the middle's."""
    expanded: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    pinned: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    """Both ends of a path, or none."""
    walk: int | None = None
    """The number of a draw."""
    sampler: str = ""
    hops: int = HOPS[0]
    most: int = MOST[1]
    least: int = 1
    """The least weight of an edge."""
    whole: bool = False

    def at(self, concept: str) -> Seen:
        """The same settings around another concept."""
        return replace(
            self, concept=concept, chosen="", expanded=(), hidden=(), pinned={}, path=(), walk=None, whole=False
        )


def read_seen(params: Mapping[str, str]) -> Seen:
    """What an address asks for; parts of it that make no sense are as if they were not there."""

    def number(name: str, other: int, allowed: Iterable[int]) -> int:
        value = params.get(name, "")
        return int(value) if value.isdecimal() and len(value) < 10 and int(value) in allowed else other

    def ids(name: str) -> tuple[str, ...]:
        return tuple(_ID.findall(params.get(name, ""))[:_MANY])

    path, walk = ids("path"), params.get("walk", "")
    return Seen(
        concept=params.get("concept", ""),
        chosen=params.get("card", ""),
        expanded=ids("expanded"),
        hidden=ids("hidden"),
        pinned={name: (int(x), int(y)) for name, x, y in _PIN.findall(params.get("pinned", ""))[:_MANY]},
        path=path if len(path) == 2 else (),
        walk=int(walk) if walk.isdecimal() and len(walk) < 10 else None,
        sampler=params.get("sampler", ""),
        hops=number("hops", HOPS[0], HOPS),
        most=number("most", MOST[1], MOST),
        least=number("least", 1, range(1, 1_000_000)),
        whole=params.get("view") == "whole",
    )


def link_of(seen: Seen) -> dict[str, str]:
    """The parameters of an address that shows it; what is as it is by default is left out."""
    plain = Seen()
    told = {
        "concept": seen.concept,
        "card": seen.chosen if seen.chosen != seen.concept else "",
        "expanded": ".".join(seen.expanded),
        "hidden": ".".join(seen.hidden),
        "pinned": ".".join(f"{name}_{x}_{y}" for name, (x, y) in seen.pinned.items()),
        "path": ".".join(seen.path),
        "walk": "" if seen.walk is None else str(seen.walk),
        "sampler": seen.sampler if seen.walk is not None else "",
        "view": "whole" if seen.whole else "",
    }
    for name in ("hops", "most", "least"):
        if (value := getattr(seen, name)) != getattr(plain, name):
            told[name] = str(value)
    return {name: value for name, value in told.items() if value}


def in_graph(seen: Seen, snapshot: Snapshot, places: Mapping[str, int]) -> tuple[Seen, list[str]]:
    """The same in this graph: ids of merged concepts lead to what they are now. Also the ids that are not in it."""
    given = [*seen.expanded, *seen.hidden, *seen.pinned, *seen.path, seen.concept, seen.chosen]
    if all(name in places or not name for name in given):
        return seen, []
    leads = snapshot.resolver()
    lost = [name for name in dict.fromkeys(given) if name and name not in leads]

    def now(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(leads[name] for name in names if name in leads))

    path = now(seen.path)
    return (
        replace(
            seen,
            concept=leads.get(seen.concept, ""),
            chosen=leads.get(seen.chosen, ""),
            expanded=now(seen.expanded),
            hidden=now(seen.hidden),
            pinned={leads[name]: place for name, place in seen.pinned.items() if name in leads},
            path=path if len(path) == 2 else (),
        ),
        lost,
    )

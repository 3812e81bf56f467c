"""A loader that stands still at a chosen moment, so that a test may kill it there; says `there` when it does.

    python loader_to_kill.py URL PASSWORD WEIGHT FOLDER PHASE MOMENT NUMBER

It loads `waves(WEIGHT)` in batches of 40 rows. PHASE: `clearing`, `loading` or `ready`. MOMENT: `after` the NUMBER-th
commit of that phase, or `within` that transaction, its rows written and not committed. A line on stdin lets it go on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neo4j
import pyarrow as pa

from engine.errors import SkillweaveError
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions, neo4j_loading
from graph.stores.neo4j_address import Address

CONCEPTS, REACH, QUESTIONS = 60, 5, 120


def waves(weight: int) -> Snapshot:
    """A ring of concepts, each joined to the next five; every edge has this weight and every concept this count."""
    ids = [f"k{n:03}" for n in range(CONCEPTS)]
    pairs = [(ids[n], ids[n + step]) for n in range(CONCEPTS - REACH) for step in range(1, REACH + 1)]
    none = pa.array([[]] * CONCEPTS, pa.list_(pa.string()))
    tables = {
        "nodes": {"id": ids, "kind": ["skill"] * CONCEPTS, "name": ids, "aliases": none, "count": [weight] * CONCEPTS},
        "mentions": {
            "seed_id": ["s"] * CONCEPTS,
            "concept_id": ids,
            "kind": ["skill"] * CONCEPTS,
            "name": ids,
            "level": ["high"] * CONCEPTS,
            "subject": [""] * CONCEPTS,
        },
        "merges": {
            "kind": ["skill"],
            "name": ["was"],
            "id": ["kold"],
            "into": ["k000"],
            "into_name": ["k000"],
            "rule": ["normalised"],
            "score": pa.array([None], pa.float64()),
            "by": ["rule"],
            "mentions": [1],
        },
        "edges": {
            "source": [lower for lower, _ in pairs],
            "target": [higher for _, higher in pairs],
            "weight": [weight] * len(pairs),
            "kinds": ["skill-skill"] * len(pairs),
        },
        "seeds": {"id": ["s"], "level": ["high"], "subject": [""], "source": [""]},
    }
    return Snapshot.from_tables({name: pa.table(columns) for name, columns in tables.items()})


def questions() -> Questions:
    """Each uses two neighbours of the ring."""
    rows = [
        {"id": f"q{n:03}", "run": "r", "level": "high", "asked": [f"k{n % 50:03}", f"k{n % 50 + 1:03}"]}
        for n in range(QUESTIONS)
    ]
    return Questions(["b2:1"], lambda: [pa.Table.from_pylist(rows, schema=QUESTION_SCHEMA)])


class _Slow(neo4j_loading._Loading):
    """Stands still at the moment that the command line names."""

    phase, moment, number = "", "", 0

    def _commit(self, work: Callable[..., int] | None = None, /, **changes: Any) -> int:
        phase = changes.get("state") or ("loading" if "loaded" in changes else "clearing")
        if phase == self.phase:
            type(self).number -= 1
        stands = phase == self.phase and self.number == 0

        def slow(transaction: neo4j.ManagedTransaction, manifest: object) -> int:
            done = work(transaction, manifest) if work is not None else 0
            if stands and self.moment == "within":
                _stand()
            return done

        made = super()._commit(slow, **changes)
        if stands and self.moment == "after":
            _stand()
        return made


def _stand() -> None:
    print("there", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    url, password, weight, folder, _Slow.phase, _Slow.moment, _Slow.number = *sys.argv[1:7], int(sys.argv[7])
    neo4j_loading.ROWS_A_BATCH = 40
    neo4j_loading._Loading = _Slow
    try:
        neo4j_loading.load(Address(url, "neo4j", password), waves(int(weight)), Path(folder), questions())
        print("loaded", flush=True)
    except SkillweaveError as error:
        print(error, flush=True)

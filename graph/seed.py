"""A seed: one question somebody wrote, with what is known of it; and a set of seeds as a Parquet file.

Formulas are kept as `\\( \\)` and `\\[ \\]`; a bare `$` is money.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from engine.call import content_hash
from engine.errors import InputError
from engine.files import replace
from graph.concept import Kind

Level = Literal["primary", "middle", "high", "competition", "college"]
LEVELS: tuple[str, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class Label:
    """What the source of a seed says the seed is about: a name, and of which kind it is."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Seed:
    """One seed question. `id` is a hash of question and options, so the same question is the same seed everywhere."""

    id: str
    question: str
    options: tuple[str, ...] = ()
    """The choices of a multiple-choice question, in order; empty otherwise."""
    answer: str = ""
    solution: str = ""
    source: str = ""
    """Where it comes from: a data set's name."""
    licence: str = ""
    level: str = ""
    """One of LEVELS, or empty where it is not known."""
    subject: str = ""
    difficulty: str = ""
    """As the source counts it: `Level 5` of MATH, `3` of TAL-SCQ's 0 to 4. Not comparable between sources."""
    concepts: tuple[Label, ...] | None = None
    """Labels that came with the seed, in the source's order; None where it has none."""


def seed_id(question: str, options: tuple[str, ...] = ()) -> str:
    """`s` and 16 hexadecimal digits of blake2b over question and options, as given."""
    text = "\x1f".join((question, *options))
    return "s" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


_TEXT = pa.string()
SEED_SCHEMA = pa.schema(
    [
        ("id", _TEXT),
        ("question", _TEXT),
        ("options", pa.list_(_TEXT)),
        ("answer", _TEXT),
        ("solution", _TEXT),
        ("source", _TEXT),
        ("licence", _TEXT),
        ("level", _TEXT),
        ("subject", _TEXT),
        ("difficulty", _TEXT),
        ("concepts", pa.list_(pa.struct([("kind", _TEXT), ("name", _TEXT)]))),
    ]
)
"""The columns of seeds/<name>.parquet: the fields of `Seed`, in order; `concepts` is null where a seed has none."""


def seeds_hash(seeds: Iterable[Seed]) -> str:
    """`b2:` and blake2b over the seeds sorted by id: the same seeds have the same hash in any order."""
    names = [field.name for field in fields(Seed)]
    return content_hash([[getattr(seed, name) for name in names] for seed in sorted(seeds, key=attrgetter("id"))])


def write_seeds(seeds: Sequence[Seed], path: Path) -> None:
    """Write a seed set, in its order; durable and whole on return, in place of what was there."""
    columns: dict[str, list[object]] = {name: [getattr(seed, name) for seed in seeds] for name in SEED_SCHEMA.names}
    columns["concepts"] = [None if s.concepts is None else [asdict(label) for label in s.concepts] for s in seeds]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=SEED_SCHEMA), sink, compression="zstd")
    replace(path, sink.getvalue().to_pybytes())


def read_seeds(path: Path) -> list[Seed]:
    """Read a seed set that `write_seeds` wrote, in its order. Raises InputError where it is missing or damaged."""
    try:
        table = pq.read_table(path, schema=SEED_SCHEMA)
    except FileNotFoundError:
        raise InputError(
            f"there are no seeds {path.stem!r} in {path.parent}; see what there is with: skillweave seeds list, "
            "or bring some in: skillweave seeds import FILE.jsonl"
        ) from None
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is no seed set ({error}); import it again: skillweave seeds import FILE") from None
    columns = [table[field.name].to_pylist() for field in fields(Seed)]
    places = {field.name: place for place, field in enumerate(fields(Seed))}
    columns[places["options"]] = [tuple(options) for options in columns[places["options"]]]
    columns[places["concepts"]] = [
        None if labels is None else tuple(Label(label["kind"], label["name"]) for label in labels)
        for labels in columns[places["concepts"]]
    ]
    return [Seed(*row) for row in zip(*columns, strict=True)]

"""From a file, a folder or a data set of others to seeds: what can be read becomes a `Seed`, the rest is reported.

A container (containers/) gives rows, a format (formats/) makes a seed of each. Rows stream: in memory are the seeds and
no more than the reports of the first rows that were skipped for each reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from engine.errors import InputError
from graph.loaders.containers import open_rows
from graph.loaders.formats import AUTO, find_format, recognise
from graph.loaders.formats.plain import FIELDS, LISTS, PLAIN
from graph.loaders.formulas import convert_dollars
from graph.loaders.rows import Cells, Faulty, Format, Row
from graph.seed import LEVELS, Seed, seed_id

FIRST_ROWS = 20
"""Of a file, by which its format is recognised."""
REPORTED = 100
"""Skipped rows that are reported one by one, for each reason. All are counted."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that gave no seed."""

    file: str
    line: int
    """Counted from 1: the line of a text file, the row of a table."""
    reason: str
    """A short constant to count by."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file gave, in its order."""

    seeds: tuple[Seed, ...]
    skipped: tuple[Skipped, ...]
    """The first `REPORTED` of each reason."""
    counts: Mapping[str, int]
    """Reason -> all rows that were skipped for it."""
    format: str
    """The format's name, one of graph.loaders.formats.FORMATS."""

    def reasons(self) -> dict[str, int]:
        """How many rows were skipped for which reason, the most frequent first."""
        return dict(sorted(self.counts.items(), key=lambda item: (-item[1], item[0])))


def load_seeds(
    where: str | Path,
    format: str = AUTO,  # noqa: A002 - the word of the command line
    *,
    columns: Mapping[str, str] | None = None,
    dollar_formulas: bool = False,
    source: str = "",
    licence: str = "",
    level: str = "",
    subject: str = "",
) -> Loaded:
    """Read the seeds of a file, a folder of JSON files, or a Hugging Face data set `hf:NAME[,CONFIG][:SPLIT]`.

    `format` is a name of FORMATS, or "auto": recognised from the first rows. `columns` says for a field of our own
    format (graph/loaders/formats/plain.py) which column holds it, and means that format; `dollar_formulas` that a `$`
    there opens a formula instead of a price. The last four stand in where a row says nothing.

    A faulty row is skipped and reported, and so is a question that came before; if that one has other labels, the first
    one takes them over. Raises InputError where the file cannot
    be read, is of no known format, or gives no seed at all.
    """
    if level and level not in LEVELS:
        raise InputError(f"level {level!r} is none of {', '.join(LEVELS)}; give one of these with --level")
    rows = open_rows(str(where), frozenset((columns or {}).get(name, name) for name in LISTS))
    first = list(islice(rows, FIRST_ROWS))
    readable = [row.cells for row in first if not isinstance(row.cells, Faulty)]
    form = _chosen(str(where), format, columns or {}, readable)
    if dollar_formulas and form is not PLAIN:
        raise InputError(
            f"the format {form.name} says itself what a $ is; leave --dollar-formulas out, or read the columns as your "
            "own: --format plain"
        )

    seeds: list[Seed] = []
    skipped: list[Skipped] = []
    counts: Counter[str] = Counter()
    places: dict[str, tuple[int, str, int]] = {}  # seed id -> its place in `seeds`, file and line
    for row in chain(first, rows):
        try:
            seed = _seed(row, form, columns or {}, dollar_formulas=dollar_formulas)
            if (known := places.get(seed.id)) is not None:
                place, file, line = known
                seeds[place], added = _with_labels_of(seeds[place], seed)
                same = f"the same as {'' if file == row.file else f'{file} '}line {line}"
                raise Faulty("duplicate question", f"{same}, which took over its labels" if added else same)
            places[seed.id] = len(seeds), row.file, row.line
            seeds.append(
                replace(
                    seed,
                    source=seed.source or source,
                    licence=seed.licence or licence,
                    level=seed.level or level,
                    subject=seed.subject or subject,
                )
            )
        except Faulty as fault:
            counts[fault.reason] += 1
            if counts[fault.reason] <= REPORTED:
                skipped.append(Skipped(row.file, row.line, fault.reason, fault.detail))
    loaded = Loaded(tuple(seeds), tuple(skipped), dict(counts), form.name)
    if not seeds:
        raise InputError(_nothing(str(where), loaded))
    return loaded


def _chosen(where: str, name: str, columns: Mapping[str, str], first: Sequence[Cells]) -> Format:
    """The format to read with. Raises InputError where names or columns do not fit the first rows."""
    if not columns:
        return recognise(where, first) if name == AUTO and first else find_format(PLAIN.name if name == AUTO else name)
    if name not in (AUTO, PLAIN.name):
        raise InputError(f"the format {name} has columns of its own; give either --format {name} or --column")
    for field, column in columns.items():
        if field not in FIELDS:
            raise InputError(f"--column {field}={column}: a seed has no {field!r}, only {', '.join(FIELDS)}")
        if first and not any(column in cells for cells in first):
            known = ", ".join(dict.fromkeys(name for cells in first for name in cells))[:300]
            raise InputError(f"--column {field}={column}: {where} has no column {column!r}, only {known}")
    return PLAIN


def _seed(row: Row, form: Format, columns: Mapping[str, str], *, dollar_formulas: bool) -> Seed:
    if isinstance(row.cells, Faulty):
        raise row.cells
    cells: Cells = {**row.cells, **{field: row.cells.get(column) for field, column in columns.items()}}
    seed = form.read(cells)
    if not dollar_formulas:
        return seed
    question, options = convert_dollars(seed.question), tuple(map(convert_dollars, seed.options))
    return replace(
        seed,
        id=seed_id(question, options),
        question=question,
        options=options,
        answer=convert_dollars(seed.answer),
        solution=convert_dollars(seed.solution),
    )


def _with_labels_of(first: Seed, again: Seed) -> tuple[Seed, bool]:
    """The first of two equal questions with the labels of both, and whether there was one more."""
    ours = first.concepts or ()
    more = tuple(label for label in again.concepts or () if label not in ours)
    return (replace(first, concepts=ours + more), True) if more else (first, False)


def _nothing(where: str, loaded: Loaded) -> str:
    why = "; ".join(f"{count} x {reason}" for reason, count in loaded.reasons().items()) or "it is empty"
    first = ""
    if loaded.skipped:
        row = loaded.skipped[0]
        first = f", first in {'' if row.file == where else f'{row.file} '}line {row.line}: {row.detail or row.reason}"
    return (
        f"{where} gives no seed ({why}{first}); each row needs at least a question, such as "
        '{"question": "What is 2 + 3?", "answer": "5"}. Say which column holds it: skillweave seeds import FILE '
        "--column question=COLUMN"
    )

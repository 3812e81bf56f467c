"""One row by its id or its place, with all its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import InputError
from engine.rows import sealed_file
from generation.browsing.database import ask
from generation.browsing.filtering import Filter, Key
from generation.browsing.opened import OpenedRun
from generation.browsing.paging import described
from generation.browsing.selecting import Selection, Span


def find_question(runs: Sequence[OpenedRun], given: str) -> Mapping[str, Any]:
    """The row of an id, or of a place as RUN:INDEX; accepted or rejected. It has `run` and `level` as well.

    Raises InputError where there is none.
    """
    key = Key.read(given) if ":" in given else _key(runs, given)
    for run in runs:
        if key is not None and run.name == key.run:
            for rejected in (False, True):
                selection = Selection(run, Filter(rejected=rejected))
                for table in selection.rows(Span(key.index, key.index + 1), None, 1):
                    if table.num_rows:
                        return described(run, table)[0]
    raise InputError(
        f"there is no row {given!r} in {', '.join(run.name for run in runs) or 'any run of this graph'}; see which "
        "there are: skillweave questions list"
    )


def places_of(runs: Sequence[OpenedRun], ids: Sequence[str]) -> dict[str, Key]:
    """Where the rows of these ids stand; an id of no row is left out."""
    found: dict[str, Key] = {}
    for run in runs:
        files = [
            str(sealed_file(run.folder, seal, kind))
            for kind in ("rows", "rejected")
            for seal in run.seals
            if kind in seal.files and seal.files[kind].rows
        ]
        missing = [row for row in ids if row not in found]
        if files and missing:
            text = "SELECT id, index FROM read_parquet(?) WHERE id IN (SELECT unnest(?))"
            found |= {row["id"]: Key(run.name, row["index"]) for row in ask(text, [files, missing]).to_pylist()}
    return found


def _key(runs: Sequence[OpenedRun], given: str) -> Key | None:
    return places_of(runs, [given]).get(given)

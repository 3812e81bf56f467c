"""A dataset of a run: its accepted rows as Parquet with a card, in a folder that `datasets.load_dataset` reads.

To the sealed columns it adds those that a complete tagging run of the questions gave (`generation.tagging.TAGS`), null
where a question has no tags.

datasets/<run>/README.md
               data/train-00000.parquet ...
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.books import Books, read_books
from engine.errors import InputError
from engine.files import storage_errors, sync, write_new
from engine.models import known_prices
from engine.prices import cost_of
from engine.progress import meter
from engine.run import read_spec
from engine.sealing import ROW_GROUP
from engine.workspace import Workspace
from generation.datasets.card import CardFacts, Example, SeedSource, render_card
from generation.tagging import Tags, find_tags, read_tagged
from graph.seed import read_seeds

_ROWS_A_FILE = 250_000
_EXAMPLES = 3


def write_dataset(workspace: Workspace, run: Path) -> Path:
    """Write datasets/<run>/, in place of what was there, and return it; durable on return. Memory is one shard's.

    Raises InputError where the run has no accepted rows.
    """
    books, spec = read_books(run), read_spec(run)
    if not books.accepted:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in books.reasons.items())
        raise InputError(
            f"run {run.name} has no accepted rows ({reasons or 'nothing was drawn'}), so there is no dataset; "
            f"see why: skillweave show {run.name} --rejected"
        )
    final = workspace.datasets / run.name
    fresh, old = final.with_name(f".{run.name}.new"), final.with_name(f".{run.name}.old")
    with storage_errors(final):
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "data").mkdir(parents=True)
        tags = find_tags(run)
        models, examples, schema = _write_rows(run, fresh / "data", books, tags)
        facts = CardFacts(
            name=run.name,
            recipe=spec.recipe,
            recipe_version=spec.version,
            graph=spec.items["graph"],
            sampler=spec.items["sampler"],
            sampling={name: str(value) for name, value in spec.items["settings"].items()},
            seed=spec.seed,
            models=models,
            seeds=tuple(_seed_source(workspace, entry["name"]) for entry in spec.items["seeds"]),
            books=books,
            cost_usd=cost_of(books.spent, known_prices(workspace)),
            columns={field.name: str(field.type) for field in schema},
            data_files="data/*.parquet",
            examples=examples,
            tagged_by=tuple(sorted({m.model for m in read_spec(tags.folder).models.values()})) if tags else (),
        )
        write_new(fresh / "README.md", render_card(facts).encode())
        for folder in (fresh / "data", fresh):
            sync(folder)
        shutil.rmtree(old, ignore_errors=True)
        if final.exists():
            final.rename(old)
        fresh.rename(final)
        sync(final.parent)
        shutil.rmtree(old, ignore_errors=True)
    return final


def _write_rows(
    run: Path, folder: Path, books: Books, tags: Tags | None
) -> tuple[dict[str, int], tuple[Example, ...], pa.Schema]:
    """Write the rows; returns how many each model wrote, the examples for the card, and the columns."""
    models: Counter[str] = Counter()
    examples: list[Example] = []
    writer: pq.ParquetWriter | None = None
    schema: pa.Schema | None = None
    written = files = 0
    with meter("writing the dataset", books.accepted) as progress:
        for table in read_tagged(run, tags=tags):
            schema = table.schema
            if writer is None or written >= files * _ROWS_A_FILE:
                if writer is not None:
                    writer.close()
                writer = pq.ParquetWriter(folder / f"train-{files:05d}.parquet", schema, compression="zstd")
                files += 1
            writer.write_table(table, row_group_size=ROW_GROUP)
            models.update(table["model"].to_pylist())
            head = table.slice(0, _EXAMPLES - len(examples)).to_pylist()
            examples += [Example(row["question"], row["solution"]) for row in head]
            written += table.num_rows
            progress.update(written)
    assert writer is not None and schema is not None  # noqa: S101 - there is at least one row
    writer.close()
    for path in folder.iterdir():
        sync(path)
    return dict(models), tuple(examples), schema


def _seed_source(workspace: Workspace, name: str) -> SeedSource:
    seeds = read_seeds(workspace.seeds / f"{name}.parquet")
    return SeedSource(name, len(seeds), tuple(sorted({seed.licence for seed in seeds if seed.licence})))

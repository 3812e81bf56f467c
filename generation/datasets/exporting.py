"""Export: the kept rows of one run or many as a dataset with splits and a card, whole or not at all.

    result = export(workspace, [run, ...], "first", ExportOptions(form=DatasetFormat.MESSAGES, shares={...}))

Two passes over sealed rows: the first chooses (`selecting`, `balancing`, `splitting`), the second writes (`sharding`).
Memory is a few groups of rows, and some 40 bytes an accepted row where rows are split or balanced.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from engine.errors import InputError
from engine.files import file_hash, storage_errors, sync, write_new
from engine.folders import held_folder
from engine.progress import meter
from engine.run import read_spec
from engine.workspace import Workspace
from generation.again import replaced_by
from generation.datasets.arranging import Arrangement, arrange
from generation.datasets.card import CardFacts, Example, render_card
from generation.datasets.facts import run_facts, seed_sources, taggers
from generation.datasets.formats import CONVERSED, DatasetFormat
from generation.datasets.manifest import NAME, DataFile, Manifest, Source, SourceRun
from generation.datasets.selecting import (
    Part,
    Selection,
    leave_out_replaced,
    leave_out_reviewed,
    leave_out_same,
    leave_out_withdrawn,
)
from generation.datasets.sharding import SplitWriter
from generation.tagging import TAGS, Tags, find_tags, without_tags

AGAIN_OF = pa.field("again_of", pa.string())
"""What a dataset says of a row beside its sealed columns: the id of the row in whose place it was made, else null."""
_EXAMPLES = 3
_SEAL = "{:05d}.seal.json"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a dataset is made of the accepted rows."""

    form: DatasetFormat = DatasetFormat.PARQUET
    shares: Mapping[str, float] = field(default_factory=lambda: {"train": 1.0})
    """The share of each split; they are 1 together."""
    per_topic: int | None = None
    """Rows of each topic at most; all of them if None."""
    keep: tuple[str, ...] = ()
    """Checks whose verdicts leave no row out."""
    checked: bool = True
    """Whether the checks that were last run leave rows out; else none does."""

    def described(self) -> dict[str, Any]:
        """As export.json holds them."""
        return dataclasses.asdict(self)


def command_of(manifest: Manifest, name: str) -> str:
    """The command that makes a dataset again as it was made, in its place."""
    options = manifest.options
    parts = ["skillweave", "dataset", "export", *(source.run.name for source in manifest.sources), f"--name {name}"]
    parts += [f"--format {manifest.form}"] if manifest.form is not DatasetFormat.PARQUET else []
    shares = ",".join(f"{split}={share:g}" for split, share in options["shares"].items())
    parts += [f"--split {shares}"] if len(options["shares"]) > 1 else []
    parts += [f"--balance topic --per {options['per_topic']}"] if options["per_topic"] else []
    parts += [f"--keep {check}" for check in options["keep"]]
    parts += [] if options["checked"] else ["--unchecked"]
    return " ".join([*parts, "--replace"])


@dataclass(frozen=True, slots=True)
class Exported:
    """A dataset that was made."""

    folder: Path
    manifest: Manifest
    told: tuple[str, ...]
    """What a person should know of how the rows were chosen, a sentence each."""
    unchanged: bool = False
    """It was there already, the same byte for byte."""


def export(
    workspace: Workspace,
    runs: Sequence[Path],
    name: str,
    options: ExportOptions | None = None,
    *,
    replace: bool = False,
) -> Exported:
    """Write datasets/<name>/; durable on return.

    Raises InputError for a run without questions, where no row is left or a split stays empty, where two runs disagree
    on a row, and where there is another dataset of that name and it is not to be replaced.
    """
    options = options or ExportOptions()
    final = workspace.datasets / name
    selection = Selection(runs)
    leave_out_same(selection)
    withdrawn = leave_out_withdrawn(workspace, selection)
    leave_out_reviewed(workspace, selection)
    leave_out_replaced(selection)
    arrangement = arrange(
        workspace,
        selection,
        options.shares,
        per_topic=options.per_topic,
        keep=options.keep,
        checked=options.checked,
    )
    _check_rows(selection, arrangement)
    with storage_errors(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        with held_folder(final) as fresh:
            manifest = _fill(workspace, fresh, name, selection, arrangement, options, withdrawn)
            unchanged = _put(fresh, final, manifest, replace=replace)
    return Exported(final, manifest, arrangement.told, unchanged)


def _check_rows(selection: Selection, arrangement: Arrangement) -> None:
    names = " ".join(run.name for run in selection.runs)
    if not selection.kept.any():
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in selection.counts().items())
        why = f"all are left out: {reasons}" if reasons else "there are no accepted rows"
        raise InputError(
            f"{names}: {why}, so there is no dataset; see why: skillweave show {selection.runs[0].name} --rejected"
        )
    if empty := [split for split, rows in arrangement.sizes(selection).items() if not rows]:
        raise InputError(
            f"the split {empty[0]} would have no row: {int(selection.kept.sum()):,} rows are too few for it, or hang "
            "together too much; ask for fewer splits or larger shares: --split train=0.8,test=0.2"
        )


def _fill(
    workspace: Workspace,
    folder: Path,
    name: str,
    selection: Selection,
    arrangement: Arrangement,
    options: ExportOptions,
    withdrawn: Sequence[str],
) -> Manifest:
    """Write everything into the folder."""
    for subfolder in ("data", "origin"):
        (folder / subfolder).mkdir()
    tags = {run: find_tags(run) for run in selection.runs}
    sources = tuple(_source(run, selection, tags[run]) for run in selection.runs)
    schema = _schema(selection, options.form)
    models: dict[Path, Counter[str]] = {run: Counter() for run in selection.runs}
    examples: list[Example] = []
    done = 0
    with meter("writing the dataset", int(selection.kept.sum())) as progress, ExitStack() as stack:
        writers = [stack.enter_context(SplitWriter(folder, split, options.form, schema)) for split in options.shares]
        for part, split, table in _rows(selection, arrangement, tags, schema):
            writers[split].add(table, part.run.name)
            models[part.run].update(table["model"].to_pylist())
            head = table.slice(0, _EXAMPLES - len(examples)).to_pylist()
            examples += [Example(row["question"], row["solution"]) for row in head]
            done += table.num_rows
            progress.update(done)
    files: list[DataFile] = [file for writer in writers for file in writer.files]
    splits = {split: writer.rows for split, writer in zip(options.shares, writers, strict=True)}
    is_parquet = options.form is DatasetFormat.PARQUET
    facts = CardFacts(
        name=name,
        runs=tuple(run_facts(workspace, run, selection.specs[run], models[run]) for run in selection.runs),
        seeds=seed_sources(workspace, selection.specs.values()),
        columns={f.name: str(f.type) for f in schema} if is_parquet else options.form.fields,
        rows=sum(splits.values()),
        splits=splits,
        suffix=options.form.suffix,
        left_out=selection.counts(),
        told=arrangement.told,
        examples=tuple(examples),
        tagged_by=taggers(tags.values()),
    )
    write_new(folder / "README.md", render_card(facts).encode())
    manifest = Manifest(
        form=options.form,
        sources=sources,
        options={**options.described(), **arrangement.described},
        withdrawn=tuple(withdrawn),
        left_out=selection.counts(),
        rows=facts.rows,
        splits=splits,
        files=tuple(files),
        card=file_hash(folder / "README.md"),
    )
    write_new(folder / NAME, manifest.content())
    for subfolder in ("data", "origin", "."):
        sync(folder / subfolder)
    return manifest


def _source(run: Path, selection: Selection, tags: Tags | None) -> Source:
    parts = selection.parts_of(run)
    tag_run = None
    if tags is not None:
        tag_run = _source_run(tags.folder, [seal.shard for seal in tags.seals])
    return Source(
        run=_source_run(run, [part.seal.shard for part in parts]),
        accepted=sum(part.rows for part in parts),
        tags=tag_run,
    )


def _source_run(run: Path, shards: Sequence[int]) -> SourceRun:
    seals = {shard: file_hash(run / "shards" / _SEAL.format(shard)) for shard in shards}
    return SourceRun(name=run.name, id=read_spec(run).id, seals=seals)


def _schema(selection: Selection, form: DatasetFormat) -> pa.Schema:
    """The columns that are read: all of them for Parquet, else what a conversation and its origin are made of."""
    first = {part.run: part for part in reversed(selection.parts)}
    sealed = pa.unify_schemas([first[run].read().schema.remove_metadata() for run in selection.runs if run in first])
    if form is not DatasetFormat.PARQUET:
        return pa.schema([f for f in sealed if f.name in {*CONVERSED, "index", "model"}])
    return pa.schema([*sealed, AGAIN_OF, *TAGS])


def _rows(
    selection: Selection, arrangement: Arrangement, tags: Mapping[Path, Tags | None], schema: pa.Schema
) -> Iterator[tuple[Part, int, pa.Table]]:
    """The kept rows, a part and split at a time, with the columns of the schema."""
    for part in selection.parts:
        kept = selection.kept[part.place]
        if not kept.any():
            continue
        table = dataset_rows(part.read(), part.of_run, tags[part.run], selection.specs[part.run].items, schema)
        split = arrangement.split[part.place]
        for place in np.unique(split[kept]).tolist():
            yield part, place, table.filter(pa.array(kept & (split == place)))


def dataset_rows(
    sealed: pa.Table, start: int, tags: Tags | None, items: Mapping[str, Any], schema: pa.Schema
) -> pa.Table:
    """What a dataset says of sealed rows of a run, which are its accepted rows from place `start` on.

    `items` are those of the run's run.json.
    """
    again_of = replaced_by(items, sealed["index"].to_pylist())
    table = sealed.append_column(AGAIN_OF, pa.array(again_of, AGAIN_OF.type))
    if "tagged" in schema.names:
        table = tags.join(table, start) if tags is not None else without_tags(table)
    columns = [
        table[f.name].cast(f.type) if f.name in table.column_names else pa.nulls(table.num_rows, f.type) for f in schema
    ]
    return pa.table(columns, schema=schema)


def _put(fresh: Path, final: Path, manifest: Manifest, *, replace: bool) -> bool:
    """Give the folder its name. True where the same dataset is there already."""
    if final.exists():
        if (final / NAME).is_file() and (final / NAME).read_bytes() == manifest.content():
            return True
        if not replace:
            raise InputError(
                f"there is another dataset {final.name}; choose another --name, or put this in its place: --replace"
            )
        old = fresh.with_name(f"{fresh.name}.old")
        final.rename(old)
        fresh.rename(final)
        shutil.rmtree(old, ignore_errors=True)
    else:
        fresh.rename(final)
    sync(final.parent)
    return False

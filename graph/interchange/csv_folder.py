"""A folder of CSV files: for Neo4j's admin import, and lossless for us.

    tables/nodes.csv ...           every table of the snapshot, as it is: what `skillweave graph import` reads
    meta.json                      what the snapshot's meta.json tells
    neo4j/Concept.csv ...          what stores hold (graph/stores/schema.py), a file of rows a label or type
          Concept-header.csv ...   its columns as `neo4j-admin database import` wants them: id:ID(Concept), count:long
          import.args              the arguments of that command: neo4j-admin database import full neo4j @import.args

Texts are always quoted, quotes doubled, so that nothing at all is not the empty text; lists are JSON. A folder from
elsewhere has nodes.csv (`id`, `name`, `kind`) and edges.csv (`source`, `target`, `weight`) with a line of names on top.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.files import sync, write_new
from graph.interchange.document import DRAWN, Document, beside, read_whole, same_graph, snapshot_of
from graph.snapshot import SCHEMAS, Snapshot
from graph.stores import Questions
from graph.stores.projection import stage, staged_file
from graph.stores.schema import TABLES, Table

_TYPES = {pa.string(): "", pa.int64(): ":long", pa.float64(): ":double"}
_AS_THEY_ARE = pa_csv.WriteOptions(include_header=False)
_READ = pa_csv.ParseOptions(newlines_in_values=True)


def write_csv_folder(snapshot: Snapshot, questions: Questions, folder: Path) -> None:
    """Write a graph, and the questions that are given, into a folder that is there and empty; durable on return."""
    tables, server, staging = folder / "tables", folder / "neo4j", folder / "staging"
    for each in (tables, server, staging):
        each.mkdir()
    for name in SCHEMAS:
        _write(tables / f"{name}.csv", _flat(getattr(snapshot, name)))
    told = {name: value for name, value in beside(snapshot).items() if name != "tables"}
    write_new(folder / "meta.json", orjson.dumps(told, option=orjson.OPT_INDENT_2))
    stage(snapshot, questions, staging)
    for name, table in TABLES.items():
        write_new(server / f"{name}-header.csv", (",".join(_header(table)) + "\n").encode())
        with pq.ParquetFile(staged_file(staging, name)) as staged, (server / f"{name}.csv").open("xb") as file:
            for batch in staged.iter_batches():
                pa_csv.write_csv(pa.table(batch), file, _AS_THEY_ARE)
        sync(server / f"{name}.csv")
    shutil.rmtree(staging)
    write_new(server / "import.args", _arguments().encode())
    for each in (tables, server):
        sync(each)


def read_csv_folder(path: Path, *, kind: str | None = None, foreign: bool = False) -> Snapshot:
    """The graph of a folder. Raises InputError naming file and line of what is missing or wrong."""
    if (path / "tables").is_dir() and not foreign:
        return _whole(path)
    rows, lines = {}, {}
    for name in DRAWN:
        rows[name], lines[name] = _foreign_rows(path / f"{name}.csv")
    document = Document(
        str(path),
        rows["nodes"],
        rows["edges"],
        None,
        lambda what, place: f"{path / what}.csv, line {lines[what][place]}",
    )
    return snapshot_of(document, kind=kind, foreign=True)


def _whole(path: Path) -> Snapshot:
    try:
        told = orjson.loads(read_whole(path / "meta.json"))
        fingerprint, meta = told["fingerprint"], told["meta"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InputError(
            f"{path / 'meta.json'} is damaged; export again: skillweave graph export GRAPH --to csv --out FOLDER"
        ) from None
    tables = {name: _read(path / "tables" / f"{name}.csv", schema) for name, schema in SCHEMAS.items()}
    return same_graph(Snapshot.from_tables(tables, meta), fingerprint, str(path))


def _flat(table: pa.Table) -> pa.Table:
    """The table with its lists as JSON."""
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [orjson.dumps(value).decode() for value in table[field.name].to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


def _write(path: Path, table: pa.Table) -> None:
    with path.open("xb") as file:
        pa_csv.write_csv(table, file)
    sync(path)


def _read(path: Path, schema: pa.Schema) -> pa.Table:
    lists = [field.name for field in schema if pa.types.is_list(field.type)]
    types = {field.name: pa.string() if field.name in lists else field.type for field in schema}
    convert = pa_csv.ConvertOptions(
        column_types=types,
        include_columns=schema.names,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    try:
        if path.stat().st_size == 0:
            return schema.empty_table()
        table = pa_csv.read_csv(path, parse_options=_READ, convert_options=convert)
        for name in lists:
            values = pa.array([orjson.loads(text) for text in table[name].to_pylist()], schema.field(name).type)
            table = table.set_column(schema.get_field_index(name), name, values)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); export again: skillweave graph export GRAPH --to csv --out FOLDER"
        ) from None
    return table


def _foreign_rows(path: Path) -> tuple[list[Mapping[str, Any]], list[int]]:
    """The rows of a file by the names of its first line, empty cells left out; and the line each begins on."""
    rows: list[Mapping[str, Any]] = []
    lines = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = next(reader, [])
            begin = reader.line_num + 1
            for cells in reader:
                if cells and len(cells) != len(names):
                    raise InputError(
                        f"{path}, line {begin}: {len(cells)} cells, and {len(names)} names stand on top. What a graph "
                        "needs at least: skillweave graph import --help"
                    )
                if cells:
                    row: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
                    if "aliases" in row and not row["aliases"].startswith("["):
                        row["aliases"] = [alias for alias in map(str.strip, row["aliases"].split(";")) if alias]
                    rows.append(row)
                    lines.append(begin)
                begin = reader.line_num + 1
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read ({error}); a graph of CSV has nodes.csv and edges.csv in UTF-8, see: "
            "skillweave graph import --help"
        ) from None
    return rows, lines


def _header(table: Table) -> list[str]:
    columns = [f"{name}{_TYPES[kind]}" for name, kind in table.properties.items()]
    if table.ends is None:
        return [f"id:ID({table.name})", *columns[1:]]
    return [f":START_ID({table.ends[0]})", f":END_ID({table.ends[1]})", *columns]


def _arguments() -> str:
    """The arguments of `neo4j-admin database import full`, one a line; files are found beside them."""
    lines = ["--multiline-fields=true", "--legacy-style-quoting=false", "--skip-bad-relationships=false"]
    for name, table in TABLES.items():
        option = "--nodes" if table.ends is None else "--relationships"
        lines.append(f"{option}={name}={name}-header.csv,{name}.csv")
    return "\n".join(lines) + "\n"

"""The command for a question of one's own: `skillweave graph cypher`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.errors import InputError
from engine.options import WorkspaceOption, named_values
from engine.progress import console
from engine.workspace import Workspace
from graph.cypher.asking import ask
from graph.cypher.guard import Value, check
from graph.cypher.tokens import MAX_CHARACTERS
from graph.options import GraphOption, RowsOption, StoreOption
from graph.snapshot import Snapshot, find_snapshot
from graph.stores import Questions

_EXAMPLE = "MATCH (c:Concept) RETURN c.name AS name, c.count AS seeds ORDER BY seeds DESC, name LIMIT 10"


def add_cypher_command(app: typer.Typer, questions_of: Callable[[Workspace, Snapshot], Questions]) -> None:
    """Put the command into `app`; `questions_of` finds the questions that were made from a graph."""

    @app.command("cypher")
    def cypher(
        text: Annotated[str | None, typer.Argument(help="A question in Cypher; - reads it from stdin.")] = None,
        file: Annotated[Path | None, typer.Option("--file", help="Read the question from this file.")] = None,
        param: Annotated[
            list[str] | None, typer.Option("--param", help="A parameter, as name=value; a value is JSON, or else text.")
        ] = None,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        timeout: Annotated[float, typer.Option("--timeout", help="Seconds it may take, up to 600.")] = 10.0,
        rows: RowsOption = 1_000,
        store: StoreOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Ask your own question in Cypher: read-only, within limits, in a process of its own; see docs/cypher.md."""
        question = _text(text, file)
        params = {name: _value(value) for name, value in named_values(param, "--param", "concept=Algebra").items()}
        notes = check(question, params).notes  # what is refused is told before a store is made
        place = Workspace.find(workspace)
        snapshot = Snapshot.open_lazily(find_snapshot(place.graphs, graph))
        result = ask(place, snapshot, questions_of(place, snapshot), store, question, params, timeout, rows)
        print_rows(result.columns, result.rows, form)
        if result.more:
            console.print(f"there are more than these {rows:,} rows; see more with --rows", markup=False)
        for note in notes:
            console.print(f"note: {note}", markup=False, soft_wrap=True)


def _text(text: str | None, file: Path | None) -> str:
    """The question. Raises InputError where there is none, or it is no UTF-8."""
    if (text is None) == (file is None):
        raise InputError(f'give one question, or --file, such as: skillweave graph cypher "{_EXAMPLE}"')
    if file is not None:
        try:
            with file.open("rb") as handle:
                return _read(handle, str(file))
        except OSError as error:
            raise InputError(f"{file} cannot be read ({error.strerror}); name a file with one question") from None
    return _read(sys.stdin.buffer, "stdin") if text == "-" else str(text)


def _read(source: BinaryIO, name: str) -> str:
    """At most a little more than a question may have."""
    content = source.read(4 * MAX_CHARACTERS + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None


def _value(text: str) -> Value:
    """What `--param` gives: a number, true, false, null, a "text" or a list of these as JSON, else the text itself."""
    try:
        value: Any = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return text
    return text if isinstance(value, dict) else value


def _no_constant(name: str) -> Any:
    raise ValueError(name)

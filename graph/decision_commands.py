"""The commands about decisions: `skillweave graph merges|left-out`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.options import WorkspaceOption
from engine.workspace import Workspace
from graph.options import GraphOption
from graph.snapshot import Snapshot, find_snapshot


class Rule(StrEnum):
    """Which decisions to show."""

    ANY = "any"
    FIRST = "first"
    NORMALISED = "normalised"
    ALIAS = "alias"
    EMBEDDING = "embedding"
    RENAMED = "renamed"


def add_decision_commands(app: typer.Typer) -> None:
    """Put the commands into `app`."""

    @app.command("merges")
    def merges(
        rule: Annotated[Rule, typer.Option("--rule", help="Decisions by this rule only.")] = Rule.ANY,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """List the decision table: every name, the concept it became, by which rule and whom."""
        snapshot = Snapshot.open(find_snapshot(Workspace.find(workspace).graphs, graph))
        columns = ("kind", "name", "into_name", "rule", "score", "by", "mentions", "into")
        rows = zip(*(snapshot.merges[column].to_pylist() for column in columns), strict=True)
        print_rows(columns, [row for row in rows if rule in (Rule.ANY, row[3])], form)

    @app.command("left-out")
    def left_out(
        graph: GraphOption = "latest", form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None
    ) -> None:
        """List the concepts that are no nodes, each with the reason."""
        table = Snapshot.open(find_snapshot(Workspace.find(workspace).graphs, graph)).left_out
        print_rows(table.column_names, zip(*(column.to_pylist() for column in table.columns), strict=True), form)

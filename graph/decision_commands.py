"""The commands about decisions: `skillweave graph rename|merge|split|undo`, and to see them `merges|decisions`."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from operator import attrgetter
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.errors import InputError
from engine.options import WorkspaceOption
from engine.progress import console
from engine.workspace import Workspace
from graph.deciding import joined_with, merge_concepts, rename_concept, split_concept, undo_decision
from graph.diff import Change, differences
from graph.finding import find_concept, find_kind
from graph.judged_making import undecided_pairs
from graph.merging.by_person import DecisionTable
from graph.options import GraphOption
from graph.snapshot import Snapshot, find_snapshot

_TOLD = 20
ByOption = Annotated[str | None, typer.Option("--by", help="Who decides; your login name if not given.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for who reads the decision later.")]
KindOption = Annotated[str | None, typer.Option("--kind", help="Look among concepts of this kind only.")]
ConceptArgument = Annotated[str, typer.Argument(help="A concept, by a name of it or an id it ever had.")]


class Rule(StrEnum):
    """Which decisions to show."""

    ANY = "any"
    FIRST = "first"
    NORMALISED = "normalised"
    ALIAS = "alias"
    EMBEDDING = "embedding"
    JUDGED = "judged"
    RENAMED = "renamed"
    MERGED = "merged"
    PARTED = "parted"


def add_decision_commands(app: typer.Typer) -> None:
    """Put the commands into `app`."""
    _add_deciding(app)

    @app.command("merges")
    def merges(
        rule: Annotated[Rule, typer.Option("--rule", help="Decisions by this rule only.")] = Rule.ANY,
        by: Annotated[str | None, typer.Option("--by", help="Decisions of rule, a model or a person only.")] = None,
        concept: Annotated[
            str | None, typer.Option("--concept", help="Names of this concept only; by a name of it or its id.")
        ] = None,
        undecided: Annotated[
            bool, typer.Option("--undecided", help="Pairs of names that nobody has decided of yet, the nearest first.")
        ] = False,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """List the decision table: every name, the concept it became, by which rule and whom, and why."""
        place = Workspace.find(workspace)
        snapshot = _open(place, graph)
        table = DecisionTable(snapshot)
        only = find_concept(table, concept) if concept is not None else None
        columns = ("kind", "name", "into_name", "rule", "score", "by", "mentions", "into")
        if undecided:
            rows: list[tuple[object, ...]] = []
            for pair, verdict, judge in undecided_pairs(place, snapshot):
                ends = {table.rows[pair.kind, name].into for name in (pair.one, pair.other)}
                if only is None or only in ends:
                    rows.append((pair.kind, pair.one, pair.other, verdict, pair.score, judge, None, "", None, ""))
        else:
            whys = _reasons(table)
            rows = [
                (*attrgetter(*columns)(row), *whys.get(key, (None, "")))
                for key, row in sorted(table.rows.items())
                if rule in (Rule.ANY, row.rule) and by in (None, row.by) and only in (None, row.into)
            ]
        print_rows((*columns, "decision", "why"), rows, form)

    @app.command("decisions")
    def decisions(
        graph: GraphOption = "latest", form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None
    ) -> None:
        """List what persons decided, in order: of what, who, why, and whether it stands."""
        table = DecisionTable(_open(Workspace.find(workspace), graph))
        leads = table.leads()
        columns = ("number", "action", "kind", "names", "concept_now", "state", "undoes", "by", "why", "at")
        rows = [
            (
                *(d.number, d.action, d.kind, "; ".join(d.names)),
                table.shown(leads[d.into]) if d.into in leads else "",
                *(d.state, d.undoes or None, d.by, d.why, d.at),
            )
            for d in table.decisions
        ]
        print_rows(columns, rows, form)
        if not rows:
            console.print(
                "nobody decided anything yet; see how: skillweave graph rename --help, and merge, split, undo",
                markup=False,
            )

    @app.command("left-out")
    def left_out(
        graph: GraphOption = "latest", form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None
    ) -> None:
        """List the concepts that are no nodes, each with the reason."""
        table = _open(Workspace.find(workspace), graph).left_out
        print_rows(table.column_names, zip(*(column.to_pylist() for column in table.columns), strict=True), form)


def _add_deciding(app: typer.Typer) -> None:
    @app.command("rename")
    def rename(
        concept: ConceptArgument,
        name: Annotated[str, typer.Argument(help="The name it is to be shown under.")],
        why: WhyOption,
        by: ByOption = None,
        kind: KindOption = None,
        graph: GraphOption = "latest",
        workspace: WorkspaceOption = None,
    ) -> None:
        """Show a concept under another name, whatever the counts are. Makes a new graph at once."""

        def decide(snapshot: Snapshot, find: Callable[[str], str]) -> Snapshot:
            return rename_concept(snapshot, find(concept), name, by=_person(by), why=why)

        _decide(Workspace.find(workspace), graph, kind, decide)

    @app.command("merge")
    def merge(
        one: Annotated[str, typer.Argument(metavar="A", help="A concept, by a name of it or an id it ever had.")],
        other: Annotated[str, typer.Argument(metavar="B", help="The concept that means the same.")],
        why: WhyOption,
        into: Annotated[
            str | None,
            typer.Option("--into", help="The one whose id and name stay; else that which more seeds mention."),
        ] = None,
        by: ByOption = None,
        kind: KindOption = None,
        graph: GraphOption = "latest",
        workspace: WorkspaceOption = None,
    ) -> None:
        """Make two concepts one: seeds, edges and questions of both count for it. Makes a new graph at once."""

        def decide(snapshot: Snapshot, find: Callable[[str], str]) -> Snapshot:
            target = find(into) if into is not None else None
            return merge_concepts(snapshot, find(one), find(other), into=target, by=_person(by), why=why)

        _decide(Workspace.find(workspace), graph, kind, decide)

    @app.command("split")
    def split(
        concept: ConceptArgument,
        names: Annotated[list[str], typer.Argument(metavar="NAME...", help="The names that leave it.")],
        why: WhyOption,
        by: ByOption = None,
        kind: KindOption = None,
        graph: GraphOption = "latest",
        workspace: WorkspaceOption = None,
    ) -> None:
        """Have names leave a concept and be one of their own. Makes a new graph at once."""

        def decide(snapshot: Snapshot, find: Callable[[str], str]) -> Snapshot:
            return split_concept(snapshot, find(concept), names, by=_person(by), why=why)

        _decide(Workspace.find(workspace), graph, kind, decide)

    @app.command("undo")
    def undo(
        decision: Annotated[
            str | None,
            typer.Argument(
                help="The number of a person's decision, or a name that a rule or model merged; else the last."
            ),
        ] = None,
        why: Annotated[str | None, typer.Option("--why", help="The reason, for who reads it later.")] = None,
        by: ByOption = None,
        kind: KindOption = None,
        graph: GraphOption = "latest",
        workspace: WorkspaceOption = None,
    ) -> None:
        """Undo a person's decision, or part what a rule or a model merged for good. Makes a new graph at once."""

        def decide(snapshot: Snapshot, _: Callable[[str], str]) -> Snapshot:
            if decision is None or decision.isdecimal():
                number = int(decision) if decision is not None else None
                return undo_decision(snapshot, number, by=_person(by), why=why or "taken back")
            concept, names = joined_with(snapshot, decision, find_kind(kind))
            return split_concept(snapshot, concept, names, by=_person(by), why=why or "merged by mistake")

        _decide(Workspace.find(workspace), graph, kind, decide)


def _decide(
    place: Workspace, graph: str, kind: str | None, decide: Callable[[Snapshot, Callable[[str], str]], Snapshot]
) -> None:
    """Make and write the graph after a decision, and tell what changed by it."""
    snapshot, chosen = _open(place, graph), find_kind(kind)
    table = DecisionTable(snapshot)
    made = decide(snapshot, lambda given: find_concept(table, given, chosen))
    if graph == "latest" and (now := find_snapshot(place.graphs).name) != snapshot.fingerprint:
        raise InputError(
            f"graph {now} was made meanwhile, and this decision was about {snapshot.fingerprint}; give the same "
            "command again, or say which graph: --graph; see: skillweave graph list"
        )
    made.write(place.graphs)
    changes = [change for change in differences(snapshot, made) if change.change.startswith("concept")]
    columns = [field.name for field in fields(Change)]
    print_rows(columns, map(attrgetter(*columns), changes[:_TOLD]), Format.TABLE)
    counts = []
    for name, what in (("nodes", "concepts"), ("edges", "edges"), ("left_out", "left out")):
        before, after = getattr(snapshot, name).num_rows, getattr(made, name).num_rows
        counts.append(f"{after:,} {what} ({after - before:+,})")
    console.print(f"graph {made.fingerprint}: {', '.join(counts)}", markup=False, soft_wrap=True)
    latest = find_snapshot(place.graphs).name
    is_latest = "it is the latest now" if latest == made.fingerprint else f"the latest is still {latest}"
    number = made.decisions["number"].to_pylist()[-1]
    console.print(
        f"{is_latest}; all changes: skillweave graph diff {snapshot.fingerprint[:10]} {made.fingerprint[:10]}; "
        f"take it back: skillweave graph undo {number}",
        markup=False,
        soft_wrap=True,
    )


def _open(place: Workspace, graph: str) -> Snapshot:
    return Snapshot.open(find_snapshot(place.graphs, graph))


def _reasons(table: DecisionTable) -> dict[tuple[str, str], tuple[int, str]]:
    """(kind, name) -> number and reason of the person's decision by which the name stands where it does."""
    standing = [d for d in table.decisions if d.state == "applied" and d.action != "undo"]
    return {(d.kind, name): (d.number, d.why) for d in standing for name in d.before or ()}


def _person(by: str | None) -> str:
    if by is not None and not by.strip():
        raise InputError("--by names nobody; give a name, or leave it out: skillweave graph undo --by NAME")
    try:
        return by or getpass.getuser()
    except (OSError, KeyError):
        raise InputError("this system has no name for you; give one: skillweave graph undo --by NAME") from None

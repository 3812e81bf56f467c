"""`skillweave questions list`, `show`, `near`, `reasons`: what the app's page of questions shows, for a script."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.answers import Format, FormatOption, OutOption, print_json, print_rows
from engine.errors import InputError
from engine.models import known_prices
from engine.options import WorkspaceOption
from engine.progress import console
from engine.terminal import print_text
from engine.workspace import Workspace
from generation.browsing import (
    Filter,
    Key,
    Origin,
    Said,
    Talk,
    browse,
    concept_ids,
    count,
    find_question,
    neighbours,
    open_runs,
    origin_of,
    reasons,
    said_of,
    standing_of,
    talks_of,
)
from generation.browsing.opened import OpenedRun
from generation.browsing.paging import LISTED, every_row
from generation.making import runs_of
from generation.options import GraphOption
from graph.similar import embedder_of
from graph.snapshot import Snapshot, find_snapshot

_SHOWN = ("run", "index", "id", "level", "question")
_SHOWN_REJECTED = ("run", "index", "id", "reason", "detail")
RunOption = Annotated[list[str] | None, typer.Option("--run", help="A run; may be repeated. Else all of the graph.")]
QuestionArgument = Annotated[str, typer.Argument(help="The id of a row, or its place as RUN:INDEX.")]


def question_commands() -> typer.Typer:
    """The commands of `skillweave questions`."""
    app = typer.Typer(no_args_is_help=True, help="Read the questions, and follow one back to what it was made from.")

    @app.command("list")
    def list_questions(
        concept: Annotated[
            list[str] | None, typer.Option(help="A concept that was asked for, by name or id; all, if repeated.")
        ] = None,
        level: Annotated[str, typer.Option(help="The level of the question.")] = "",
        words: Annotated[str, typer.Option(help="What question or solution contains, whatever the case.")] = "",
        check: Annotated[
            str, typer.Option(help="What checks say: kept, faulted, a check's name, or 'name: reason'.")
        ] = "",
        review: Annotated[str, typer.Option(help="What persons say: accept, reject or none.")] = "",
        shortest: Annotated[int | None, typer.Option(min=0, help="Characters of the question at least.")] = None,
        longest: Annotated[int | None, typer.Option(min=0, help="Characters of the question at most.")] = None,
        rejected: Annotated[bool, typer.Option("--rejected", help="The rows that gave no question.")] = False,
        reason: Annotated[str, typer.Option(help="Of rejected rows: why.")] = "",
        recipe: Annotated[str, typer.Option(help="The recipe that made them.")] = "",
        run: RunOption = None,
        after: Annotated[str, typer.Option(help="Only rows after this one, as RUN:INDEX.")] = "",
        limit: Annotated[int, typer.Option(min=0, help="Rows at most; 0: all.")] = 20,
        counting: Annotated[bool, typer.Option("--count", help="Tell only how many there are.")] = False,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        out: OutOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """List rows in the order of run and index; every column of them as CSV, JSON or Parquet."""
        place = Workspace.find(workspace)
        snapshot, runs = _opened(place, graph, run, recipe)
        chosen = Filter(
            rejected=rejected or bool(reason),
            concepts=tuple(concept_ids(snapshot, name) for name in concept or ()),
            level=level,
            words=words,
            shortest=shortest,
            longest=longest,
            reason=reason,
            check=check,
            review=review,
        )
        standing = standing_of(_opened(place, graph)[1]) if check else None
        for missing in standing.unchecked if standing is not None else ():
            console.print(f"of run {missing} nothing is known: check it with skillweave dataset check", markup=False)
        if counting:
            print_text(str(count(runs, chosen, standing=standing)))
            return
        whole = out is not None or form is not Format.TABLE
        if limit:
            begin = Key.read(after) if after else None
            columns_read = None if whole else LISTED
            page = browse(runs, chosen, after=begin, size=limit, columns=columns_read, standing=standing)
            rows: Sequence[Mapping[str, Any]] = page.rows
        else:
            page, rows = None, list(every_row(runs, chosen, None if whole else LISTED, standing=standing))
        shown = _SHOWN_REJECTED if chosen.rejected else _SHOWN
        columns = list(rows[0]) if whole and rows else list(shown)
        print_rows(columns, [[row.get(name) for name in columns] for row in rows], form, out=out)
        if not rows:
            console.print("no row is as you ask", markup=False)
        elif page is not None and page.next is not None:
            console.print(f"there are more: --after {page.next}", markup=False)

    @app.command()
    def show(
        question: QuestionArgument,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Tell all about one row: what it was made from, its conversations, what was said of it, what it cost."""
        place = Workspace.find(workspace)
        _, runs = _opened(place, graph)
        row = find_question(runs, question)
        run = _of(runs, row)
        origin, talks = origin_of(run, row), talks_of(run, row, known_prices(place))
        said = said_of(run, standing_of(runs), row["id"])
        if form is Format.JSON:
            told = {"row": row, "origin": origin, "conversations": talks, "said": said}
            print_json({name: _plain(value) for name, value in told.items()})
        elif form is Format.TABLE:
            _print(row, origin, talks, said)
        else:
            raise InputError(f"one row is no table, so not {form}; as JSON: --format json")

    @app.command()
    def near(
        question: QuestionArgument,
        most: Annotated[int, typer.Option(min=1, max=50, help="Of questions and of seeds at most.")] = 6,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        out: OutOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Tell which questions and seeds are nearest to a question, and what was searched for them."""
        snapshot, runs = _opened(Workspace.find(workspace), graph)
        row = find_question(runs, question)
        if row.get("question") is None:
            raise InputError(f"{question} is a rejected row and has no question that others could be near to")
        found = neighbours(runs, _of(runs, row), row, embedder_of(snapshot), most=most)
        rows = [
            ("question", each.row["id"], each.cosine, each.jaccard, each.shared, each.text) for each in found.questions
        ]
        rows += [
            ("seed", each.seed.id, each.cosine, each.jaccard, each.shared, each.text)
            for each in found.seeds
            if each.seed is not None
        ]
        cells = [(*row[:2], round(row[2], 3), round(row[3], 3), *row[4:]) for row in rows]
        print_rows(("what", "id", "cosine", "jaccard", "concepts", "text"), cells, form, out=out)
        console.print(found.searched(), markup=False, soft_wrap=True)

    @app.command("reasons")
    def tell_reasons(
        run: RunOption = None,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        out: OutOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Count rows by why they were rejected, and questions by what checks say against them."""
        _, runs = _opened(Workspace.find(workspace), graph, run)
        rows: list[tuple[str, str, int]] = [("rejected", reason, rows) for reason, rows in reasons(runs).items()]
        rows += standing_of(runs).counts()
        print_rows(("by", "reason", "rows"), rows, form, out=out)

    return app


def _opened(
    place: Workspace, graph: str, names: Sequence[str] | None = None, recipe: str = ""
) -> tuple[Snapshot, list[OpenedRun]]:
    """The graph, and the runs made from it of these names and this recipe; all without any."""
    snapshot = Snapshot.open_lazily(find_snapshot(place.graphs, graph))
    made = {folder.name: folder for folder in runs_of(place, snapshot)}
    if unknown := sorted(set(names or ()) - set(made)):
        known = ", ".join(made) or "none yet; begin one: skillweave generate"
        raise InputError(f"no run {unknown[0]!r} was made from graph {snapshot.fingerprint}; there are: {known}")
    runs = open_runs(place, [folder for name, folder in made.items() if not names or name in names])
    recipes = sorted({run.spec.recipe for run in runs})
    if recipe and recipe not in recipes:
        raise InputError(f"no run of this graph is of recipe {recipe!r}; there are: {', '.join(recipes) or 'none'}")
    return snapshot, [run for run in runs if not recipe or run.spec.recipe == recipe]


def _of(runs: Sequence[OpenedRun], row: Mapping[str, Any]) -> OpenedRun:
    return next(run for run in runs if run.name == row["run"])


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        told = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return told | ({"usd": value.usd, "usage": value.usage._asdict()} if isinstance(value, Talk) else {})
    if hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def _print(row: Mapping[str, Any], origin: Origin, talks: Sequence[Talk], said: Said) -> None:
    """All of it for a person."""
    print_text(f"── {row['id']} · {row['run']}:{row['index']} · {row['level'] or 'level not known'}", style="bold")
    for name in ("question", "solution", "answer", "reason", "detail"):
        if row.get(name):
            print_text(f"{name}: {row[name]}")
    print_text(f"\n── made from graph {origin.graph} by {origin.sampler}, draw {origin.draw:,}", style="bold")
    for step in origin.steps:
        weight = f"{step.weight} seeds together, chance {step.chance:.1%} of {step.choices:,}"
        again = "" if step.counts else ", met before"
        print_text(f"{step.part}: {step.name} ({step.kind.replace('_', ' ')})" + (
            "" if step.part == "start" else f", {weight}{again}"
        ))  # fmt: skip
    if origin.replaces:
        print_text(f"in place of {origin.replaces}")
    for seed in origin.shots:
        print_text(f"\nseed shown, {seed.id}: {seed.question}")
    for each in origin.behind:
        print_text(f"\nseed behind {', '.join(each.concepts)}, {each.seed.id}: {each.seed.question}")
    for talk in talks:
        usage = talk.usage
        cost = "cost unknown" if talk.usd is None else f"${talk.usd:,.4f}"
        print_text(
            f"\n── {talk.purpose} in run {talk.run}: {len(talk.turns)} calls, {usage.prompt:,} + {usage.completion:,} "
            f"tokens, {usage.cached:,} of them cached, {cost}; each turn: skillweave show {talk.run} --index "
            f"{talk.index}",
            style="bold",
        )
    print_text("\n── verdicts", style="bold")
    if not said.checked:
        print_text("not checked yet: skillweave dataset check")
    elif not said.findings:
        print_text(f"nothing speaks against it: {', '.join(said.checks)}")
    for found in said.findings:
        matched = f", {found['matched']} of {found['source']}" if found["matched"] else ""
        print_text(f"{found['check']}: {found['reason']}{matched} ({found['score']:.2f}) {found['span']}".rstrip())
    for given in said.persons:
        verdict = given.verdict
        print_text(f"{verdict.by}, {given.at}: {verdict.verdict} {verdict.reason}".rstrip())

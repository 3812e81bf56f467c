"""A graph with its grey band judged: build, ask about what neither spelling nor embeddings settle, build again.

What was asked and answered is a run of recipe `judge-merges`; the graph's meta.json says under `judging` which run,
which model and how many pairs came out how. Building again with the same names and the same model asks nothing anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.books import read_books
from engine.call import ModelRef
from engine.errors import Incomplete
from engine.models import known_prices
from engine.rows import read_accepted
from engine.run import Target, create_run, default_name, open_run, plan_spec, read_spec, set_budget
from engine.work import Models, open_endpoints, work_on
from engine.workspace import Workspace
from graph.build import GraphSettings
from graph.concept import KINDS
from graph.embedding import NONE, Embedder, open_embedder
from graph.merging.aliases import AliasTable
from graph.merging.by_person import DecisionTable
from graph.merging.decisions import Decision, Pair, pair_of
from graph.merging.domains import Domain, load_domain
from graph.merging.grey import GreyPair, grey_pairs
from graph.merging.guards import Guards
from graph.merging.judging import JUDGE, Verdict, describe_pairs, read_pairs
from graph.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a model said of the grey pairs of a graph."""

    run: str
    model: str
    verdicts: Mapping[tuple[str, Pair], Verdict]
    """(kind, pair of keys) -> verdict, in the order of the pairs; undecided ones are among them."""

    def same(self, kind: str) -> dict[Pair, str]:
        """The pairs of a kind that were judged the same, and the model that said so."""
        return {pair: self.model for (of, pair), verdict in self.verdicts.items() if (of, verdict) == (kind, "same")}

    def told(self) -> dict[str, Any]:
        """The entry `judging` of a graph's meta.json."""
        counts = Counter(self.verdicts.values())
        return {
            "run": self.run,
            "model": self.model,
            "pairs": len(self.verdicts),
            **{verdict: counts[verdict] for verdict in ("same", "different", "undecided")},
        }


def grey_band(
    snapshot: Snapshot, embedder: Embedder, domain: Domain, settings: GraphSettings, parent: Snapshot | None = None
) -> list[GreyPair]:
    """The grey pairs of a graph, kind by kind, the nearest first within each; `judge_most` of all kinds at most."""
    decisions = [Decision(**row) for row in snapshot.merges.to_pylist()]
    settled = frozenset(parent.merges["into"].to_pylist()) if parent is not None else frozenset()
    parted = DecisionTable(snapshot).parted()
    found = [
        pair
        for kind in KINDS
        for pair in grey_pairs(
            [decision for decision in decisions if decision.kind == kind],
            embedder=embedder,
            aliases=AliasTable(domain.aliases),
            guards=Guards(domain.contrasts),
            floor=settings.judge_from,
            most=settings.judge_most,
            settled=settled,
            parted=parted,
        )
    ]
    nearest = sorted(found, key=lambda pair: (-pair.score, pair.kind, pair.one, pair.other))[: settings.judge_most]
    return sorted(nearest, key=lambda pair: KINDS.index(pair.kind))


def judged(
    workspace: Workspace,
    pairs: Sequence[GreyPair],
    model: str,
    models: Models,
    *,
    subject: str,
    limits: Mapping[str, Any] | None = None,
    offline: bool = False,
) -> Judgement | None:
    """Have a model judge the pairs as a teacher of the subject, or take what it said before; None without any pair.

    `limits` and `offline` are as in `graph.making.make_graph`. Raises Incomplete where the run did not come to its end;
    what it paid is kept.
    """
    if not pairs:
        return None
    ref: ModelRef = models.ref(model, workspace)
    spec = plan_spec(
        JUDGE, items=describe_pairs(workspace, pairs), models={"writer": ref}, seed=0, settings={"domain": subject}
    )
    folder = create_run(workspace.runs, default_name(spec), spec, Target())
    run = open_run(folder, {JUDGE.name: JUDGE}, workspace.root)
    if read_books(folder).state != "complete":
        set_budget(folder, limits or {})
        with open_endpoints(models, run.spec.models.values(), workspace, offline=offline) as endpoints:
            prices = known_prices(workspace)
            worked = work_on(run, endpoints, label="judging pairs of names", prices=prices, offline=offline)
        if worked.books.state != "complete":
            why = f" (last fault: {worked.outcome.fault})" if worked.outcome.fault is not None else ""
            raise Incomplete(
                f"the judging {run.name} is {worked.books.state}: {worked.books.open:,} batches are open{why}. "
                "Give the same command again to go on; what was paid is kept",
                worked.exit_code,
            )
    return read_judgement(workspace, run.name)


def undecided_pairs(
    workspace: Workspace, snapshot: Snapshot, *, review: bool = False
) -> list[tuple[GreyPair, Verdict, str]]:
    """What is left for a person: (pair, verdict, model or nobody), the nearest first.

    Pairs whose names came together since are left out, those that a person parted, and without `review` those that a
    model called different. Of a graph that was merged without embeddings there are none.
    """
    made = snapshot.meta.get("embedder", {"name": NONE})
    if made["name"] == NONE:
        return []
    settings = GraphSettings(**snapshot.meta["settings"])
    told = snapshot.meta.get("judging")
    said = read_judgement(workspace, told["run"]) if told else None
    band = grey_band(snapshot, open_embedder(made["name"]), load_domain(settings.domain), settings)
    found: list[tuple[GreyPair, Verdict, str]] = []
    for pair in sorted(band, key=lambda pair: (-pair.score, pair.kind, pair.one, pair.other)):
        verdict = said.verdicts.get((pair.kind, pair_of(pair.one, pair.other))) if said else None
        if review or verdict in (None, "undecided"):
            found.append((pair, verdict or "undecided", said.model if said and verdict else ""))
    return found


def read_judgement(workspace: Workspace, name: str) -> Judgement:
    """What a judging run said; a pair whose batch was rejected is undecided."""
    folder = workspace.runs / name
    spec = read_spec(folder)
    verdicts: dict[tuple[str, Pair], Verdict] = {
        (pair.kind, pair_of(pair.one, pair.other)): "undecided"
        for pair in read_pairs(workspace.root, spec.items["pairs"])
    }
    for table in read_accepted(folder, JUDGE.columns.names):
        for row in table.to_pylist():
            for kind, one, other, verdict in zip(row["kind"], row["one"], row["other"], row["verdict"], strict=True):
                verdicts[kind, pair_of(one, other)] = verdict
    return Judgement(name, spec.models["writer"].model, verdicts)

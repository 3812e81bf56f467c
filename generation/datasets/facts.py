"""What a card says of the runs and seeds behind a dataset, read from their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.books import read_books
from engine.models import known_prices
from engine.prices import cost_of
from engine.run import RunSpec, read_spec
from engine.workspace import Workspace
from generation.datasets.card import RunFacts, SeedSource
from generation.tagging import Tags
from graph.seed import read_seeds


def run_facts(workspace: Workspace, run: Path, spec: RunSpec, models: Mapping[str, int]) -> RunFacts:
    """The facts of a run; `models`: rows of the dataset by the model that wrote them."""
    books = read_books(run)
    return RunFacts(
        name=run.name,
        recipe=spec.recipe,
        recipe_version=spec.version,
        graph=spec.items["graph"],
        sampler=spec.items["sampler"],
        sampling={name: str(value) for name, value in spec.items["settings"].items()},
        settings={name: str(value) for name, value in spec.settings.items()},
        seed=spec.seed,
        models=dict(models),
        books=books,
        cost_usd=cost_of(books.spent, known_prices(workspace)),
        again_of=spec.items.get("again", {}).get("run", ""),
    )


def seed_sources(workspace: Workspace, specs: Iterable[RunSpec]) -> tuple[SeedSource, ...]:
    """The seed sets that runs name, each once, by name."""
    names = sorted({entry["name"] for spec in specs for entry in spec.items["seeds"]})
    return tuple(_seed_source(workspace, name) for name in names)


def _seed_source(workspace: Workspace, name: str) -> SeedSource:
    seeds = read_seeds(workspace.seeds / f"{name}.parquet")
    stated = [seed.licence for seed in seeds if seed.licence]
    return SeedSource(name, len(seeds), tuple(sorted(set(stated))), len(seeds) - len(stated))


def taggers(tags: Iterable[Tags | None]) -> tuple[str, ...]:
    """The models that tagged."""
    folders = [each.folder for each in tags if each is not None]
    return tuple(sorted({model.model for folder in folders for model in read_spec(folder).models.values()}))

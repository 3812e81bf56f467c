"""Money stays money: GSM8K's 1,360 questions with two bare dollars or more, through every door a text passes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.drivers.online import OnlineOptions, drive
from engine.prompt import render
from engine.recipe import Conversation, Recipe, Terms
from engine.run import Target, create_run, open_run, plan_spec
from engine.workspace import Workspace
from generation.datasets import selecting
from generation.datasets.writing import write_dataset
from graph.extraction import EXTRACT, SeedItems, question_text
from graph.loaders import load_seeds
from graph.making import describe_seed_sets
from graph.seed import Seed, read_seeds, write_seeds

GSM8K = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "gsm8k" / "train.jsonl"
pytestmark = pytest.mark.skipif(not GSM8K.exists(), reason="GSM8K is not on this machine")


def _echo(seed: Seed, rng: Random, terms: Terms) -> Conversation:
    """The seed itself as a row, without a call."""
    yield from ()
    return {"question": seed.question, "solution": seed.solution, "model": "echo"}


ECHO: Recipe[Seed] = Recipe(
    name="echo",
    version=1,
    converse=_echo,
    columns=pa.schema([("question", pa.string()), ("solution", pa.string()), ("model", pa.string())]),
    open_items=EXTRACT.open_items,
    roles=(),
)


@pytest.fixture(scope="module")
def published() -> list[Mapping[str, Any]]:
    """The rows as published whose question has two dollars or more."""
    rows = [orjson.loads(line) for line in GSM8K.read_bytes().splitlines()]
    return [row for row in rows if row["question"].count("$") >= 2]


@pytest.fixture(scope="module")
def loaded() -> list[Seed]:
    return [seed for seed in load_seeds(GSM8K).seeds if seed.question.count("$") >= 2]


def test_loading_changes_no_letter(published: list[Mapping[str, Any]], loaded: list[Seed]) -> None:
    assert len(published) == 1360
    assert [seed.question for seed in loaded] == [row["question"].strip() for row in published]


def test_a_prompt_shows_each_whole(loaded: list[Seed]) -> None:
    for seed in loaded:
        values = {"domain": "mathematics", "question": question_text(seed)}
        last = render(EXTRACT.prompts["extract"], values)[-1].content
        assert f"\n{seed.question}\n" in last


def test_a_dataset_exports_each_whole(tmp_path: Path, loaded: list[Seed], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "RECIPES", {**selecting.RECIPES, ECHO.name: ECHO})
    place = Workspace(tmp_path).prepare()
    write_seeds(loaded, place.seeds / "gsm8k.parquet")
    assert read_seeds(place.seeds / "gsm8k.parquet") == loaded
    described = describe_seed_sets(place, ["gsm8k"])
    items = {"kind": "seeds", "seeds": described, "size": SeedItems(loaded).size}
    items |= {"graph": "none", "sampler": "none", "settings": {}}  # what a dataset's card tells
    folder = create_run(place.runs, "echo", plan_spec(ECHO, items=items, models={}, seed=0), Target())
    asyncio.run(drive(open_run(folder, {ECHO.name: ECHO}, place.root), {}, OnlineOptions(concurrency=1)))
    dataset = write_dataset(place, folder)
    exported = pq.read_table(dataset / "data", columns=["question", "solution"]).to_pylist()
    by_id = sorted(loaded, key=lambda seed: seed.id)
    assert exported == [{"question": seed.question, "solution": seed.solution} for seed in by_id]

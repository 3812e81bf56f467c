"""Workspaces with runs of questions, made without a model's server: every reply is written by the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
from small_workspace import Prepared, prepare
from typer.testing import CliRunner, Result

from engine.call import ModelRef, Reply, Usage
from engine.journal import Entry, encode, head
from engine.planner import Repeats
from engine.replay import dialogue
from engine.run import Run, Target, create_run, open_run, plan_spec
from engine.sealing import seal_shard
from engine.shard import Shard, make_shard
from engine.workspace import Workspace
from generation.composition import MathScaleItem
from generation.datasets.manifest import Manifest, read_manifest
from generation.recipes import RECIPES
from generation.recipes.mathscale.recipe import MATHSCALE
from skillweave.cli import app

MODEL = ModelRef(served_by="env:m", model="m")
Writer = Callable[[int, MathScaleItem], str]
"""(index, item) -> the text of the reply."""


def question_of(index: int, item: MathScaleItem) -> str:
    """A question of its own for each index: no two differ in numbers alone."""
    word = "".join("abcdefghij"[int(digit)] for digit in str(index))
    names = " and ".join(point.name for point in item.composition.points)
    return f"About {names}: what does the {word} box of {word} cost, where each {word} costs $3?"


def plain_writer(index: int, item: MathScaleItem) -> str:
    """A good reply to every index."""
    claimed = "\n".join(point.name for point in item.composition.points)
    return (
        f"<question>\n{question_of(index, item)}\n</question>\n<solution>\nBoxes hold {index} things. That makes "
        f"{index} times 3.\nThe answer is ${3 * index}.\n</solution>\n<concepts>\n{claimed}\n</concepts>"
    )


@dataclass(frozen=True)
class World:
    """A workspace with one graph, and the commands on it."""

    prepared: Prepared
    place: Workspace

    def copied(self, root: Path) -> World:
        """A copy of it, to be changed at will."""
        shutil.copytree(self.place.root, root)
        return World(self.prepared, Workspace(root))

    def run(
        self,
        name: str,
        drawn: int,
        write: Writer = plain_writer,
        *,
        shard: int = 20,
        items: dict[str, Any] | None = None,
        prompts: dict[str, str] | None = None,
        **spec: Any,
    ) -> Run:
        """A sealed run of `drawn` indices, answered by `write`."""
        planned = plan_spec(
            MATHSCALE,
            items={**(items or self.prepared.items)},
            models={"writer": MODEL},
            seed=spec.get("seed", 0),
            prompts=prompts,
        )
        folder = create_run(self.place.runs, name, planned, Target(max_draws=None if items else drawn))
        return self.fill(folder, drawn, write, shard=shard)

    def fill(self, folder: Path, drawn: int, write: Writer = plain_writer, *, shard: int = 20) -> Run:
        """Draw, answer and seal the first indices of a run that was made."""
        run = open_run(folder, RECIPES, self.place.root)
        repeats = Repeats(run)
        for number, start in enumerate(range(0, drawn, shard)):
            part = Shard(number, start, min(drawn, start + shard))
            make_shard(run.shards, part)
            sendable = repeats.sendable(part)
            lines = [head(())]
            for index, item in zip(sendable.tolist(), run.items.take(sendable), strict=True):
                lines += self._answer(run, index, item, write)
            (run.shards / f"{number:05d}.000001-1-test.calls.jsonl").write_bytes(b"".join(lines))
            assert seal_shard(run, part, sendable) is not None
        return run

    @staticmethod
    def _answer(run: Run, index: int, item: MathScaleItem, write: Writer) -> list[bytes]:
        lines: list[bytes] = []
        talk = dialogue(run.recipe, item, index, run.spec.seed, run.terms, run.spec.models, {})
        while isinstance(asks := talk.advance(), list):
            for ask in asks:
                reply = Reply(write(index, item), usage=Usage(10, 5), model="m-1")
                talk.replies[ask.path] = entry = Entry(index, ask.path, ask.key, reply, at_ms=1)
                lines.append(encode(entry))
        return lines

    def command(self, *arguments: str) -> Result:
        """Run a command, which may fail with one of our errors."""
        return CliRunner().invoke(app, [*arguments, "--workspace", str(self.place.root)])

    def ok(self, *arguments: str) -> Result:
        """Run a command that succeeds."""
        result = self.command(*arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result

    def folder(self, name: str) -> Path:
        """A dataset's folder."""
        return self.place.datasets / name

    def manifest(self, name: str) -> Manifest:
        """A dataset's manifest."""
        return read_manifest(self.folder(name))

    def rows(self, name: str, split: str = "*") -> list[dict[str, Any]]:
        """The rows of a dataset, of one split or of all."""
        rows: list[dict[str, Any]] = []
        for path in sorted((self.folder(name) / "data").glob(f"{split}-*")):
            if path.suffix == ".parquet":
                rows += pq.read_table(path).to_pylist()
            else:
                rows += [orjson.loads(line) for line in path.read_bytes().splitlines()]
        return rows


def ids(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The ids of rows."""
    return [row["id"] for row in rows]


def world_at(root: Path) -> World:
    """A world in a new folder."""
    root.mkdir(parents=True, exist_ok=True)
    return World(prepare(root), Workspace(root).prepare())

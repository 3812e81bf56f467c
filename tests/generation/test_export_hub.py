"""Pushing to the hub, against a simulated one in a process of its own: only where asked, whole, with clear refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from export_world import World, world_at
from simulated_hub import simulated_hub

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = world_at(tmp_path_factory.mktemp("hub") / "workspace")
    made.run("first", 20)
    return made


def command(world: World, home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The hub's package reads its settings when it is imported, so each command is a process."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    return subprocess.run(
        [sys.executable, "-m", "skillweave", "dataset", *arguments, "--workspace", str(world.place.root)],
        env={**clean, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1", **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_export_is_pushed_as_it_is_on_disk_and_only_where_asked(world: World, tmp_path: Path) -> None:
    with simulated_hub() as hub:
        told = {"HF_ENDPOINT": hub.url, "HF_TOKEN": "hf_simulated"}
        assert command(world, tmp_path, "export", "first", "--name", "quiet", **told).returncode == 0
        assert not hub.tokens
        done = command(world, tmp_path, "export", "first", "--name", "a", "--push", "me/questions", **told)
        assert done.returncode == 0, done.stderr
        assert f"pushed to {hub.url}/datasets/me/questions" in done.stdout
        assert [(made["name"], made["type"]) for made in hub.made] == [("questions", "dataset")], hub.made
        assert hub.made[0].get("visibility") == "private" or hub.made[0].get("private") is True
        assert hub.tokens == {"Bearer hf_simulated"}
        folder = world.folder("a")
        there = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert hub.files == there
        hub.refuses = True
        refused = command(world, tmp_path, "push", "a", "me/questions", **told)
        assert refused.returncode == 2
        assert "the hub refuses me/questions" in refused.stderr


def test_without_token_or_network_it_says_so_and_the_dataset_stays(world: World, tmp_path: Path) -> None:
    bare = command(world, tmp_path, "export", "first", "--name", "b", "--push", "me/questions", HF_ENDPOINT=NOWHERE)
    assert bare.returncode == 2
    assert "hf auth login" in bare.stderr
    assert "skillweave dataset push b me/questions" in " ".join(bare.stderr.split())
    assert world.manifest("b").rows
    away = command(world, tmp_path, "push", "b", "me/questions", HF_ENDPOINT=NOWHERE, HF_TOKEN="hf_simulated")
    assert away.returncode == 1
    assert f"the hub at {NOWHERE} cannot be reached" in " ".join(away.stderr.split())


def test_a_name_that_is_none_stops_before_anything_is_written(world: World, tmp_path: Path) -> None:
    failed = command(world, tmp_path, "export", "first", "--name", "c", "--push", "questions")
    assert failed.returncode == 2
    assert "--push me/my-dataset" in failed.stderr
    assert not world.folder("c").exists()

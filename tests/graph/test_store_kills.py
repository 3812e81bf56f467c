"""Loaders of the embedded store are killed with -9 while readers ask without pause: nobody ever sees half a graph."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
from killed_loaders import graph, questions

from graph.stores.ladybug import project

_SCRIPT = Path(__file__).with_name("killed_loaders.py")
KILLS, READERS = 14, 2


def _process(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(_SCRIPT), *map(str, arguments)]
    here = Path(__file__).parents[2]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=here, env={"PYTHONPATH": str(here)}
    )


def test_readers_see_the_old_graph_or_the_new_while_loaders_are_killed(tmp_path: Path) -> None:
    first = project(graph(1), tmp_path, questions())
    readers = [_process("read", tmp_path) for _ in range(READERS)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
    loaders = _process("load", tmp_path, KILLS)
    became = orjson.loads(loaders.communicate()[0])
    assert loaders.returncode == 0
    for reader in readers:
        said = orjson.loads(reader.communicate("stop\n")[0])
        assert said["faults"] == []
        assert said["asked"] > KILLS
        assert said["weights"][0] == 1  # the old graph
        assert said["weights"][-1] == 2 + KILLS  # and the new one
    there = {folder.name for folder in tmp_path.iterdir() if not folder.name.startswith(".")}
    assert first.name in there
    assert became["killed"] > 0
    assert len(there) == 1 + became["finished"]

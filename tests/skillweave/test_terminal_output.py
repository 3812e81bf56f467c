"""What a terminal, a pipe and nobody at all get to see."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from importlib.metadata import version

import pytest
from command_line import REPOSITORY, run_skillweave

from engine.run import list_runs


def on_a_terminal(place, columns: int, *arguments: str) -> str:
    """What a command writes to a terminal that is so many columns wide."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environ = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with subprocess.Popen(
        [sys.executable, "-m", "skillweave", *arguments, "--workspace", str(place)],
        cwd=REPOSITORY, stdin=its, stdout=its, stderr=its, env={**environ, "TERM": "dumb"},
    ):  # fmt: skip
        os.close(its)
        said = b""
        try:
            while part := os.read(ours, 65536):
                said += part
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(ours)
    return said.decode()


def test_in_eighty_columns_no_name_is_cut(quickstarted):
    place = quickstarted[0]
    said = on_a_terminal(place, 80, "runs")
    for run in list_runs(place / "runs"):
        assert run.name in said
    assert "…" not in said
    assert max(map(len, said.splitlines())) <= 80
    (graph,) = (path.name for path in (place / "graphs").iterdir())
    assert graph in on_a_terminal(place, 80, "graph", "list")


@pytest.mark.parametrize("arguments", [["show", "RUN", "--rows", "60"], ["graph", "merges", "--format", "csv"]])
def test_a_reader_that_has_seen_enough_is_no_failure(quickstarted, arguments):
    place = quickstarted[0]
    (run,) = (path.name for path in list_runs(place / "runs") if path.name.startswith("mathscale"))
    with subprocess.Popen(
        [sys.executable, "-m", "skillweave", *(run if word == "RUN" else word for word in arguments)],
        cwd=REPOSITORY, env={**os.environ, "SKILLWEAVE_WORKSPACE": str(place)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as command:  # fmt: skip
        command.stdout.read(10)
        command.stdout.close()
        said = command.stderr.read()
    assert (command.returncode, said) == (0, b"")


def test_an_empty_workspace_says_what_to_do_first(skillweave):
    for arguments, says in (
        (["runs"], "skillweave generate"),
        (["seeds", "list"], "skillweave seeds import"),
        (["graph", "list"], "skillweave graph build"),
    ):
        done = skillweave(*arguments)
        assert done.returncode == 0
        assert says in done.stderr


def test_a_concept_that_the_graph_does_not_have_is_told(quickstarted):
    done = run_skillweave(quickstarted[0], "graph", "query", "concept-card", "--param", "concept=fractons")
    assert "'fractons'" in done.stderr
    assert "skillweave graph query concepts-by-use" in done.stderr


def test_the_version_is_told(skillweave):
    assert skillweave("--version").stdout == f"skillweave {version('skillweave')}\n"

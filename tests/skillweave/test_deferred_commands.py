"""Commands are imported when they are asked for, and are all there when they are listed."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from command_line import REPOSITORY
from typer.main import get_group

from skillweave.cli import PARTS, app

SLOW = ("pyarrow", "numpy", "streamlit", "pandas", "engine.work", "graph.build", "generation.making")


@pytest.mark.parametrize("names", PARTS, ids=" ".join)
def test_each_part_puts_in_the_commands_it_is_named_for(names: tuple[str, ...]) -> None:
    made = typer.Typer()
    PARTS[names](made)
    assert tuple(get_group(made).commands) == names


def test_the_help_lists_every_command() -> None:
    assert list(get_group(app).commands) == [name for names in PARTS for name in names]


@pytest.mark.parametrize("command", ["--version", "app --help"])
def test_a_command_imports_nothing_that_only_others_need(command: str) -> None:
    told = f"import sys; print(*sorted(set({SLOW!r}) & set(sys.modules)))"
    asked = f"import sys; from skillweave.cli import main; sys.argv = ['skillweave', *{command.split()!r}]"
    script = f"{asked}\ntry: main()\nexcept SystemExit: pass\nprint(); {told}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert run.stdout.splitlines()[-1] == ""

"""What the first picture waits for: our component alone of all installed, and nothing that it does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import finding

ROOT = Path(__file__).parents[2]
UNTIL_THE_CARD = """
import sys
from streamlit.testing.v1 import AppTest
import app.views.explore.card as card

met = []
names = ("pandas", "pyarrow.dataset", "duckdb")
card.show_card = lambda *_: met.append([name for name in names if name in sys.modules])
test = AppTest.from_file("app/main.py", default_timeout=60).run()
assert not test.exception, test.exception
print(met, "pandas" in sys.modules)
"""
"""Explore as a session sees it, up to where the card would be made beside the picture."""


def test_our_component_is_found_as_streamlit_itself_finds_it():
    of_all = finding.find_all()
    assert finding.find_ours() == [found for found in of_all if found[0].name == finding.OURS]
    assert len(finding.find_ours()) == 1


@pytest.mark.parametrize(
    ("name", "other"), [("OURS", "skillweave-not-installed"), ("manifest_scanner", SimpleNamespace())]
)
def test_where_ours_is_not_found_or_streamlit_is_another_it_looks_everywhere(name, other, monkeypatch):
    monkeypatch.setattr(finding, name, other)
    assert {found[0].name for found in finding.find_ours()} >= {"skillweave"}


def test_the_picture_is_made_without_what_only_tables_need(quickstart_workspace):
    said = subprocess.run(
        [sys.executable, "-c", UNTIL_THE_CARD], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ, "SKILLWEAVE_WORKSPACE": str(quickstart_workspace)},
    )  # fmt: skip
    assert said.stdout.splitlines()[-1] == "[[]] False", said.stdout + said.stderr

"""The samples that people read are what the teacher writes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "make-samples"
SAMPLES = (ROOT / "teacher" / "samples.txt").read_text(encoding="utf-8")


def test_the_file_is_what_the_script_makes_under_another_hash_seed() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stderr}\nmake the samples anew (and read them): scripts/make-samples"


def test_there_are_sixty_and_none_is_a_refusal() -> None:
    heads = re.findall(r"^(\d+)  \((\w+)\)$", SAMPLES, re.MULTILINE)
    assert [int(number) for number, _ in heads] == list(range(1, 61))
    assert {level for _, level in heads} == {"primary", "middle", "high", "competition", "college"}
    assert len(re.findall(r"^The answer is -?\d+\.$", SAMPLES, re.MULTILINE)) == 60
    assert "refusal" not in SAMPLES


def test_each_asks_for_two_points_that_no_other_asks_for() -> None:
    asked = [line.split("; ") for line in re.findall(r"^Knowledge points: (.*)$", SAMPLES, re.MULTILINE)]
    assert all(len(points) == 2 for points in asked)
    assert len({point for points in asked for point in points}) == 120

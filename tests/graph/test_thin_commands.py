"""The commands that make questions where coverage is thin: they say what a row says, whatever its names hold."""

from __future__ import annotations

import shlex

import pytest

from graph.report.thin import thin_commands

BEGIN = ["skillweave", "generate", "--graph", "g1", "--sampler", "coverage-guided"]


def test_of_no_row_all_that_is_thin_is_drawn_for() -> None:
    assert thin_commands("g1", [], 7) == [shlex.join([*BEGIN, "--count", "7"])]


def test_a_row_is_required_at_its_level() -> None:
    row = {"id": "k1", "kind": "knowledge_point", "name": "prime numbers", "level": "middle", "seeds": 4}
    (line,) = thin_commands("g1", [row], 50)
    given = ["--sampler-set", "required=prime numbers", "--sampler-set", "levels=middle"]
    assert shlex.split(line) == [*BEGIN, *given, "--count", "50"]


def test_of_a_pair_both_are_required() -> None:
    row = {"a_id": "k1", "a_name": "angles", "b_id": "t1", "b_name": "Polygons", "seeds": 3}
    (line,) = thin_commands("g1", [row], 50)
    assert shlex.split(line)[6:8] == ["--sampler-set", "required=angles;Polygons"]


@pytest.mark.parametrize(
    "name",
    [
        "a, b",
        "a; rm -rf /",
        "[x]",
        " lead",
        'say "x"',
        "it's",
        "back\\slash",
        "line\nbreak",
        "turned\u202e",
        "\x1b[31m",
    ],
)
def test_a_name_that_a_setting_cannot_hold_is_given_by_id(name: str) -> None:
    (line,) = thin_commands("g1", [{"id": "k1", "name": name}], 1)
    assert "required=k1" in line
    assert line.isprintable()


@pytest.mark.parametrize("name", ["$(reboot)", "`reboot`", "a && b", "a|b", "--count", "$HOME", "#"])
def test_a_shell_reads_one_word_whatever_a_name_holds(name: str) -> None:
    (line,) = thin_commands("g1", [{"id": "k1", "name": name}], 1)
    assert shlex.split(line)[7] == f"required={name}"

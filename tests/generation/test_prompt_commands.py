"""`skillweave prompt`: eject, change, try beside the shipped one, use. The writer is a simulated endpoint."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quirky_writer import Writer, writing
from small_workspace import Prepared
from typer.testing import CliRunner, Result

from engine.books import read_books
from engine.errors import EndpointStop, InputError
from engine.rows import read_accepted
from engine.workspace import Workspace
from generation.making import questions_of
from generation.recipes.mathscale.recipe import MATHSCALE
from generation.trial import chance_of, first_compositions
from skillweave.cli import app

SHIPPED = MATHSCALE.prompts["write"]


@pytest.fixture
def writer(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """A workspace whose model `writer` is a simulated endpoint, at a price."""
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(prepared.root))
    monkeypatch.chdir(prepared.root)
    with writing() as writer:
        (prepared.root / "skillweave.toml").write_text(
            f'[models.writer]\nbase_url = "{writer.url}"\nmodel = "quirky"\nconcurrency = 4\n'
            "price = { prompt = 1, completion = 10, as_of = 2026-11-21 }\n"
        )
        yield writer


def skillweave(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def own_prompt(root: Path, text: str = SHIPPED.replace("Keep two rules", "BRIEFLY keep two rules")) -> str:
    (root / "my.prompt").write_text(text)
    return "my.prompt"


def trial(*more: str) -> Result:
    return skillweave("prompt", "try", "mathscale/write", "my.prompt", "--model", "writer", "--shots", "0", *more)


def figures(output: str) -> dict[str, tuple[str, ...]]:
    """The table of differences, by its first column."""
    table = output.partition("The two prompts")[2]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if line.startswith("│")]
    return {row[0]: tuple(row[1:]) for row in rows}


def test_the_prompts_are_listed_and_printed() -> None:
    listed = skillweave("prompt", "list")
    assert re.search(r"mathscale/write\s.*domain, knowledge_points, shots, topics", listed.output)
    assert skillweave("prompt", "list", "mathscale/write").output == SHIPPED
    assert "there is no prompt 'x/y'" in str(skillweave("prompt", "list", "x/y").exception)


def test_eject_writes_the_shipped_prompt_and_never_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = skillweave("prompt", "eject", "mathscale/write")
    assert "skillweave prompt try mathscale/write write.prompt" in result.output
    path = tmp_path / "write.prompt"
    assert path.read_text() == SHIPPED
    path.write_text("mine")
    result = skillweave("prompt", "eject", "mathscale/write")
    assert isinstance(result.exception, InputError)
    assert "--force" in str(result.exception)
    assert path.read_text() == "mine"
    assert skillweave("prompt", "eject", "mathscale/write", "--force").exit_code == 0
    assert path.read_text() == SHIPPED
    assert skillweave("prompt", "eject", "extract/extract", "--to", "e.txt").exit_code == 0
    assert "{{question}}" in (tmp_path / "e.txt").read_text()
    for name, place in (("mathscale/write", "no/such/folder"), ("mathscale/write", str(tmp_path)), ("a/b", "c")):
        assert isinstance(skillweave("prompt", "eject", name, "--to", place, "--force").exception, InputError)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SHIPPED + "{{colour}} {{mood}}", r"my.prompt wants \{\{colour\}\}, \{\{mood\}\}.*\{\{domain\}\}.*Nothing was"),
        (SHIPPED, "word for word"),
        ("Write a question.", r"my.prompt: a prompt begins with a line"),
        ("=== robot\nWrite.", r"my.prompt: '=== robot'"),
        (None, "No such file.*prompt eject"),
        (b"=== user\n\xff", "no UTF-8"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_told_before_anything_is_paid(
    prepared: Prepared, writer: Writer, text: str | bytes | None, words: str
) -> None:
    if text is not None:
        (prepared.root / "my.prompt").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = trial()
    assert isinstance(result.exception, InputError)
    assert re.search(words, str(result.exception))
    assert writer.bodies == []
    assert list((prepared.root / "runs").iterdir()) == []


def test_a_missing_placeholder_is_told_first(prepared: Prepared, writer: Writer) -> None:
    own_prompt(prepared.root, SHIPPED.replace("{{domain}}", "physics").replace("{{topics}}", ""))
    output = trial("--n", "1").output
    assert output.startswith("my.prompt leaves out {{domain}}: the model will not be told\nmy.prompt leaves out {{top")


def test_both_prompts_are_asked_for_the_same_compositions_and_priced(prepared: Prepared, writer: Writer) -> None:
    own_prompt(prepared.root)
    result = trial("--n", "10")
    assert result.exit_code == 0, result.output
    old, new = ([body for body in writer.bodies if ("BRIEFLY" in body) is own] for own in (False, True))
    assert set(old) == {body.replace("BRIEFLY keep", "Keep") for body in new}
    assert len(set(old)) == 10
    assert result.output.count("── ") == 10
    table = figures(result.output)
    assert table["compositions"] == ("10", "10", "+0")
    assert table["calls"] == (str(len(old)), str(len(new)), f"{len(new) - len(old):+}")
    # the writer: 100 tokens in, 20 out (10 to a brief prompt); $1 and $10 a million
    accepted = [int(table["accepted"][side].replace(",", "")) for side in (0, 1)]
    paid = [len(old) * 300e-6, len(new) * 200e-6]
    assert table["price"] == (f"${paid[0]:,.4f}", f"${paid[1]:,.4f}", f"-${paid[0] - paid[1]:,.4f}")
    thousand = [1000 * cost / count for cost, count in zip(paid, accepted, strict=True)]
    assert table["price of 1,000 accepted questions"][:2] == tuple(f"${cost:,.4f}" for cost in thousand)
    assert sum(int(cells[0]) for label, cells in table.items() if label.startswith("rejected")) == 10 - accepted[0]
    assert "rejected: no question" in result.output
    assert "answer: 7" in result.output


def test_nothing_is_paid_twice(prepared: Prepared, writer: Writer) -> None:
    own_prompt(prepared.root)
    first = trial("--n", "6")
    asked = len(writer.bodies)
    assert f"{asked} calls were made now" in first.output
    again = trial("--n", "6")
    assert len(writer.bodies) == asked
    assert figures(again.output) == figures(first.output)
    assert trial("--n", "3").exit_code == 0  # fewer of the same
    assert len(writer.bodies) == asked
    more = trial("--n", "9")
    assert figures(more.output)["compositions"] == ("9", "9", "+0")
    assert len(set(writer.bodies)) == 18
    assert len(writer.calls) == len(set(writer.calls)), "a call was sent twice"
    own_prompt(prepared.root, SHIPPED + "\nBe kind.")
    asked = len(writer.bodies)
    assert trial("--n", "9").exit_code == 0  # the shipped side is there already
    assert all("Be kind" in body for body in writer.bodies[asked:])


def test_a_run_with_the_shipped_prompt_pays_its_side_of_the_trial(prepared: Prepared, writer: Writer) -> None:
    assert skillweave("generate", "--model", "writer", "--shots", "0", "--count", "4").exit_code == 0
    asked = len(writer.bodies)
    own_prompt(prepared.root)
    assert trial("--n", "5").exit_code == 0
    assert all("BRIEFLY" in body for body in writer.bodies[asked:])


def test_the_command_that_uses_it_takes_the_replies_of_the_trial(prepared: Prepared, writer: Writer) -> None:
    own_prompt(prepared.root)
    output = trial("--n", "8", "--seed", "3", "--set", "domain=modern physics").output
    command = output.splitlines()[-1].strip()
    reuse = re.search(r"try-[0-9a-f]{8}", command)
    assert reuse is not None
    assert command == (
        f"skillweave generate --prompt write=my.prompt --model writer --seed 3 --shots 0 --set 'domain=modern physics' "
        f"--reuse {reuse[0]}"
    )
    before = list(writer.calls)

    result = skillweave(*shlex.split(command)[1:], "--count", "12")
    assert result.exit_code == 0, result.output
    assert len(writer.calls) > len(before)
    assert not set(writer.calls[len(before) :]) & set(before)


def test_trials_are_runs_but_cover_nothing(prepared: Prepared, writer: Writer) -> None:
    own_prompt(prepared.root)
    trial("--n", "4")
    runs = sorted(path for path in (prepared.root / "runs").iterdir())
    assert [re.fullmatch(r"try-[0-9a-f]{8}", run.name) is not None for run in runs] == [True, True]
    for run in runs:
        assert (read_books(run).state, read_books(run).sent) == ("complete", 4)
        assert sum(table.num_rows for table in read_accepted(run)) == read_books(run).accepted
    assert list(questions_of(Workspace(prepared.root), prepared.snapshot).tables()) == []


def test_what_stays_open_is_told_and_gone_on_with(prepared: Prepared, writer: Writer) -> None:
    own_prompt(prepared.root)
    writer.fail_from = 6
    failed = trial("--n", "5")
    assert isinstance(failed.exception, EndpointStop)
    writer.fail_from = None
    kept = list(writer.calls)
    assert len(kept) == 5
    result = trial("--n", "5")
    assert result.exit_code == 0, result.output
    assert len(writer.calls) == len(set(writer.calls))


def test_a_prompt_that_writes_no_questions_cannot_be_tried(prepared: Prepared, writer: Writer) -> None:
    own_prompt(prepared.root)
    result = skillweave("prompt", "try", "extract/extract", "my.prompt", "--model", "writer")
    assert isinstance(result.exception, InputError)
    assert "skillweave graph build" in str(result.exception)


def test_with_the_offline_teacher_as_a_real_child(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(prepared.root)
    own_prompt(prepared.root)
    result = skillweave(
        "prompt", "try", "mathscale/write", "my.prompt", "--n", "3", "--shots", "0", "--workspace", str(prepared.root)
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    table = figures(result.output)
    fates = {label: cells for label, cells in table.items() if label == "accepted" or label.startswith("rejected")}
    assert [sum(int(cells[side]) for cells in fates.values()) for side in (0, 1)] == [3, 3]
    assert int(table["completion tokens"][0]) > 0
    assert table["price"] == ("$0.0000", "$0.0000", "+$0.0000")
    assert "--reuse try-" in result.output
    assert f"--workspace {prepared.root}" in result.output.replace("\n", "").replace("  ", " ")


class _Cycle:
    """Items that repeat after `distinct`."""

    def __init__(self, distinct: int, size: int | None) -> None:
        self.distinct, self.size = distinct, size

    def identities(self, start: int, stop: int) -> Any:
        return (np.arange(start, stop) // 2 % self.distinct).astype(np.uint64)


def test_the_compositions_are_the_first_that_repeat_none() -> None:
    def first(distinct: int, size: int | None, count: int) -> list[int]:
        return list(first_compositions(_Cycle(distinct, size), count).tolist())  # type: ignore[arg-type]

    assert first(10_000, None, 5) == [0, 2, 4, 6, 8]
    assert first(10_000, None, 300) == list(range(0, 600, 2))
    assert first(3, None, 5) == [0, 2, 4]
    assert first(10_000, 7, 9) == [0, 2, 4, 6]


def test_the_chance_is_that_of_the_exact_sign_test() -> None:
    assert chance_of(0, 0) == chance_of(3, 3) == 1
    assert math.isclose(chance_of(0, 5), 2 / 32)
    assert math.isclose(chance_of(1, 7), 2 * 9 / 256)
    assert chance_of(2, 9) == chance_of(9, 2)

"""What a stage tells of its pace on plain lines: of a run that is resumed only what came since."""

from __future__ import annotations

import time

import pytest

from engine import progress


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_FIRST_LINE_S", 0.0)
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return " ".join(capsys.readouterr().err.split()).split("work: ")[1:]


def test_what_was_done_before_is_no_pace(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.meter("work", 1_000_000) as meter:
        meter.update(900_000)
        time.sleep(0.1)
        meter.update(900_010)
    first, second = said(capsys)
    assert first.strip() == "900,000 of 1,000,000"
    rate, left = second.split(", ")[1:]
    assert 0 < int(rate.removesuffix("/s").replace(",", "")) <= 100
    assert int(left.split()[0].replace(",", "")) >= 900


def test_a_stage_that_begins_at_nothing_tells_its_whole_pace(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.meter("work", 100) as meter:
        meter.update(0)
        time.sleep(0.05)
        meter.update(50)
    assert "50 of 100, " in said(capsys)[1]

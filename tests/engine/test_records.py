"""What is remembered between two looks at a run is what a first look finds."""

from __future__ import annotations

import pytest

from engine.books import read_books
from engine.errors import RunError
from engine.estimate import Range
from engine.history import History, Series, lately, time_left
from engine.records import Records
from engine.run import Target, write_target
from engine.unsealed import Unsealed


def test_a_second_look_finds_what_a_first_one_would(toy, simulated):
    endpoint, folder = simulated(), toy.create(target=Target(count=30))
    records = Records(folder)
    for count in (30, 80, 200):
        write_target(folder, Target(count=count))
        toy.work(folder, endpoint, shard_size=20)
        assert read_books(folder, records) == read_books(folder)
    assert len(records.seals) > 5
    assert records.first_ms is not None
    assert records.last_ms is not None
    assert records.first_ms <= records.last_ms


def test_journals_are_read_on_and_conversations_are_replayed_once(toy, simulated):
    endpoint, folder = simulated(), toy.create(size=60, target=Target())
    endpoint.behave(status=503, times=90)
    toy.work(folder, endpoint, concurrency=4, stop_after_failures=20)
    records, unsealed = Records(folder), Unsealed(toy.open(folder))
    before = read_books(folder, records)
    unsealed.look(records)
    assert before.open > 0
    ended = unsealed.ended
    toy.work(folder, endpoint, concurrency=4, stop_after_failures=20)
    between = read_books(folder, records)
    unsealed.look(records)
    assert between == read_books(folder)
    fresh = Unsealed(toy.open(folder))
    fresh.look(records)
    assert (fresh.ended, fresh.passed, fresh.reasons) == (unsealed.ended, unsealed.passed, unsealed.reasons)
    assert unsealed.ended > ended
    assert 0 < unsealed.passed == len(unsealed.rows_at)
    endpoint.behave(status=200, times=0)
    toy.work(folder, endpoint)
    done = read_books(folder, records)
    unsealed.look(records)
    assert done.state == "complete"
    assert (unsealed.ended, records.journals) == (0, {})


def test_the_pace_holds_every_call_and_row_however_it_is_found(toy, simulated, monkeypatch):
    endpoint, folder = simulated(), toy.create(target=Target(count=120))
    toy.work(folder, endpoint, shard_size=20)
    records = Records(folder)
    books = read_books(folder, records)
    calls, rows = sum(part.calls for part in books.spent), books.accepted + books.ahead
    exact = History(folder).series(records)
    monkeypatch.setattr("engine.history.EXACT", 0)
    spread = History(folder).series(records)
    for seal in records.seals.values():
        object.__setattr__(seal, "first_ms", None)
    read_from_files = History(folder).series(records)
    for series in (exact, spread, read_from_files):
        assert sum(series.calls) == pytest.approx(calls)
        assert sum(series.rows) == pytest.approx(rows)
    assert exact.starts == spread.starts == read_from_files.starts
    assert exact.per_minute(exact.calls)[0] == exact.calls[0] * 60 / exact.width_s


def test_a_run_without_replies_has_no_pace(toy):
    folder = toy.create()
    records = Records(folder)
    assert read_books(folder, records).drawn == 0
    assert History(folder).series(records) == Series()


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (
            (5.0, 10.0, 10.0, 10.0, 10.0, 3.0),
            (10.0, 10.0, 10.0),
        ),  # neither the first nor the last is whole
        ((5.0, 9.0, 0.0, 0.0, 8.0, 10.0, 12.0, 1.0), None),
        ((5.0, 4.0, 1.0), None),
        ((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), None),
    ],
)
def test_the_present_pace(calls, expected):
    series = Series(tuple(float(n) for n in range(len(calls))), 1.0, calls, calls)
    pace = lately(series, now_s=len(calls) - 0.5)
    if expected is not None:
        assert (pace.likely, pace.low, pace.high) == expected
    elif any(calls[1:-1]) and len(calls) > 4:
        assert pace.low < pace.likely < pace.high
    else:
        assert pace is None


def test_the_time_left_is_a_range_around_what_is_likely():
    pace = Range(10.0, 8.0, 12.0)
    left = time_left(pace, passed=80, ended=100, calls=200, rows=800)
    assert left.low < left.likely < left.high
    assert left.likely == pytest.approx(1000 * 2 / 10, rel=0.05)
    every = time_left(pace, passed=80, ended=100, calls=200, items=50)
    assert every.likely == pytest.approx(50 * 2 / 10)
    assert time_left(pace, passed=0, ended=0, calls=0, rows=5) is None
    assert time_left(pace, passed=5, ended=5, calls=5, rows=0) is None


@pytest.mark.parametrize("kind", ["range", "seal"])
def test_a_damaged_file_is_named(toy, simulated, kind):
    folder = toy.create(target=Target(count=10))
    toy.work(folder, simulated())
    (folder / "shards" / f"00000.{kind}.json").write_text("{}")
    with pytest.raises(RunError, match=rf"00000\.{kind}\.json is no"):
        read_books(folder)


def test_a_range_that_a_listing_lacked_is_read(toy, simulated, monkeypatch):
    folder = toy.create(target=Target(count=100))
    toy.work(folder, simulated(), shard_size=20)
    names = sorted(path.name for path in (folder / "shards").iterdir())
    monkeypatch.setattr("engine.records.os.listdir", lambda _: [n for n in names if n != "00001.range.json"])
    assert read_books(folder).balanced

"""The batch driver against real files and batches endpoints: what online makes, by waves, whatever goes wrong."""

from __future__ import annotations

import asyncio
import signal
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from batch_world import Serve, batch_process, behave, stats
from toy import SimulatedEndpoint, Toy
from toy_recipe import TOY
from work_on_batches import POINTS, QUICK
from work_on_toy import endpoints

from engine.batches.options import BatchOptions
from engine.batches.waves import WaveFile, Waves, shards_in_flight
from engine.books import read_books
from engine.budget import Budget
from engine.drivers.batch import drive_batches
from engine.errors import SkillweaveError
from engine.prices import Price, cost_of
from engine.reuse import EarlierRun
from engine.run import Target, open_run


def work(folder: Path, endpoint: SimulatedEndpoint, reuse: Any = None, **given: Any) -> tuple[int, str]:
    """Work on the run to its end, in this process: exit code and last words."""
    run = open_run(folder, {"toy": TOY}, folder.parent.parent)
    options = BatchOptions(**{**QUICK, **given})
    try:
        outcome = asyncio.run(drive_batches(run, endpoints(endpoint.base_url), options, reuse=reuse))
    except SkillweaveError as error:
        return int(error.exit_code), str(error)
    return 0, f"{read_books(folder).state} {outcome.fault or ''}"


def fates(folder: Path) -> dict[str, int]:
    """Rows of all waves by fate."""
    found: dict[str, int] = {}
    for records in Waves.of(folder).settled().values():
        for record in records:
            for fate, count in record.rows.items():
                found[fate] = found.get(fate, 0) + count
    return found


def test_a_recipe_of_many_turns_makes_the_same_rows_as_online(toy: Toy, serve: Serve) -> None:
    endpoint = serve()
    online = toy.create("online", target=Target(count=40))
    toy.work(online, endpoint)
    folder = toy.create(target=Target(count=40))
    assert work(folder, endpoint, max_requests=30, shard_size=20) == (0, "complete ")
    assert toy.accepted(folder) == toy.accepted(online)
    waves = Waves.of(folder)
    assert max(wave.requests for wave in waves.all().values()) == 30
    assert stats(endpoint)["batches"] == len(waves.all())
    assert not waves.in_flight()
    assert not list(waves.folder.glob("*.jsonl"))
    calls = toy.table(folder, "calls")
    assert fates(folder) == {"reply": calls.num_rows}


def test_a_wave_ends_at_the_requests_or_the_bytes_whichever_comes_first(toy: Toy, serve: Serve) -> None:
    endpoint = serve()
    folder = toy.create(size=60, target=Target(), reasks=0, voters=1, round_size=1)
    assert work(folder, endpoint, max_requests=20, max_bytes=6_000, shard_size=25, waves=1)[0] == 0
    waves = list(Waves.of(folder).all().values())
    sizes = [(wave.requests, wave.size) for wave in waves]
    assert all(requests <= 20 and size <= 6_000 for requests, size in sizes)
    assert any(requests == 20 for requests, _ in sizes), "the short lines of first turns: cut by their number"
    assert any(requests < 20 and size + size / requests > 6_000 for requests, size in sizes), "long ones: by the bytes"
    assert stats(endpoint)["batches"] == len(waves)
    assert toy.table(folder, "calls").num_rows == endpoint.asked == sum(wave.requests for wave in waves)


def test_the_limits_are_the_provider_s_own_unless_others_are_given(tmp_path: Path) -> None:
    limits = BatchOptions()
    waves = Waves.of(tmp_path)
    many = WaveFile(waves, limits.max_requests, limits.max_bytes)
    for _ in range(50_000):
        assert many.fits(b"{}\n")
        many.add(0, b"{}\n")
    assert not many.fits(b"{}\n")
    large, line = WaveFile(waves, limits.max_requests, limits.max_bytes), bytes(1_000_000)
    for _ in range(200):
        assert large.fits(line)
        large.add(0, line)
    assert (large.size, large.fits(b"\n")) == (200_000_000, False)
    for file in (many, large):
        file.drop()
    assert not list(waves.folder.iterdir())


def test_a_call_that_no_wave_can_hold_is_told(toy: Toy, serve: Serve) -> None:
    code, said = work(toy.create(size=3, target=Target()), serve(), max_bytes=100)
    assert code == 2
    assert "bytes, more than a wave may have" in said


def test_what_an_earlier_run_answered_is_in_no_wave(toy: Toy, serve: Serve) -> None:
    endpoint = serve()
    old = toy.create("old", size=30, target=Target())
    toy.work(old, endpoint)
    before = endpoint.asked
    new, calm = (toy.create(name, size=50, target=Target(), reasks=4) for name in ("new", "calm"))
    assert work(new, endpoint, EarlierRun(toy.open(old), toy.open(new).items), max_requests=40)[0] == 0
    asked = endpoint.asked - before
    calls = toy.table(new, "calls").to_pylist()
    assert sum(call["origin"] == "" for call in calls) == asked < len(calls)
    assert {call["index"] for call in calls if call["origin"] == "old"} == set(range(30))
    assert sum(wave.requests for wave in Waves.of(new).all().values()) == asked
    toy.work(calm, endpoint)
    assert toy.accepted(new) == toy.accepted(calm)
    same = toy.create("same", size=30, target=Target())
    batches = stats(endpoint)["batches"]
    assert work(same, endpoint, EarlierRun(toy.open(old), toy.open(same).items))[0] == 0
    assert stats(endpoint)["batches"] == batches, "all of it was answered"


def test_a_run_is_begun_online_and_finished_by_batches_and_the_other_way_round(toy: Toy, serve: Serve) -> None:
    endpoint = serve()
    alone = toy.create("alone", target=Target(count=60))
    toy.work(alone, endpoint)
    needed = endpoint.asked
    folder = toy.create(target=Target(count=30))
    toy.work(folder, endpoint)
    for count, by_batches in ((40, True), (50, False), (60, True)):
        (folder / "target.json").write_text(Target(count=count).model_dump_json())
        if by_batches:
            assert work(folder, endpoint)[0] == 0
        else:
            toy.work(folder, endpoint)
    assert toy.accepted(folder) == toy.accepted(alone)
    assert endpoint.asked - needed == toy.table(folder, "calls").num_rows


def test_kills_at_every_point_submit_nothing_twice_and_lose_nothing(toy: Toy, serve: Serve) -> None:
    endpoint = serve(moody=True)
    folder = toy.create(size=30, target=Target(), reasks=1)
    options = {"max_requests": 6, "shard_size": 15, "waves": 2}
    for point in POINTS:
        with batch_process(folder, endpoint, kill=point, **options) as child:
            assert child.wait(60) == -signal.SIGKILL, f"it should have died {point}"
    assert work(folder, endpoint, **options)[0] == 0
    books = toy.books(folder)
    assert (books.state, books.open, books.drawn) == ("complete", 0, 30)
    calls = toy.table(folder, "calls")
    addresses = list(zip(calls["index"].to_pylist(), calls["path"].to_pylist(), strict=True))
    assert len(set(addresses)) == len(addresses) == endpoint.asked, "every call was paid once"
    assert all(calls["used"].to_pylist())
    told = stats(endpoint)
    assert told["batches"] == len(Waves.of(folder).all()), "every wave was submitted once"
    assert told["files"] == told["batches"], "every file was uploaded once"


FAULTS = {
    "shuffled, twice, and missing rows": ("batch_shuffle=1,batch_duplicate=0.3,batch_missing=0.3,batch_times=4", {}),
    "rows with errors": ("5xx=0.3", {}),
    "signs that look like line ends": ("separators=1", {}),
    "the answer to a submission lost": ("batch_lost_reply=1", {}),
    "expired": ("batch_expire_after=4,batch_times=3", {}),
    "more tokens than are taken": ("batch_fail=token_limit_exceeded,batch_times=3", {}),
    "too many batches": ("batch_refuse=rate_limit_exceeded,batch_times=0", {}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_batch_leaves_open_goes_into_the_next(toy: Toy, serve: Serve, fault: str) -> None:
    faults, options = FAULTS[fault]
    endpoint = serve(faults)
    folder = toy.create(size=16, target=Target(), voters=1, round_size=1)
    code, said = work(folder, endpoint, max_requests=12, tries=9, **options)
    assert (code, said.split()[0]) == (0, "complete")
    calls = toy.table(folder, "calls")
    addresses = list(zip(calls["index"].to_pylist(), calls["path"].to_pylist(), strict=True))
    assert len(set(addresses)) == len(addresses)
    assert stats(endpoint)["batches"] == len(Waves.of(folder).all())
    rows = fates(folder)
    assert rows["reply"] == len(addresses)
    expected = {
        "shuffled, twice, and missing rows": {"twice", "open: missing"},
        "rows with errors": {"open: HTTP 500"},
        "expired": {"open: batch_expired"},
        "more tokens than are taken": {"open: missing"},
    }
    assert set(rows) == {"reply"} | expected.get(fault, set())


def test_a_batch_that_somebody_cancelled_stops_the_run_and_keeps_what_came(toy: Toy, serve: Serve) -> None:
    endpoint = serve("batch_cancel_after=5")
    folder = toy.create(size=12, target=Target())
    code, said = work(folder, endpoint)
    assert code == 4
    assert "wave 0 of run toy was cancelled at the provider" in said
    assert sum(spent.calls for spent in toy.books(folder).spent) == 5
    behave(endpoint, "")
    assert work(folder, endpoint)[0] == 0
    assert toy.books(folder).state == "complete"
    assert fates(folder)["open: missing"] == 7


def test_what_never_comes_is_left_open_or_rejected(toy: Toy, serve: Serve) -> None:
    endpoint = serve("5xx=1")
    folder = toy.create(size=6, target=Target())
    code, said = work(folder, endpoint, tries=2)
    assert (code, said.split()[0]) == (0, "incomplete")
    assert "simulated" in said, "the last fault is told"
    assert stats(endpoint)["batches"] == 2
    assert work(folder, endpoint, tries=1, give_up=True)[0] == 0
    assert toy.books(folder).reasons == {"transport": 6}


def test_a_batch_that_can_never_succeed_stops_with_the_provider_s_words(toy: Toy, serve: Serve) -> None:
    endpoint = serve("batch_fail=invalid_endpoint")
    code, said = work(toy.create(size=6, target=Target()), endpoint)
    assert code == 4
    assert "invalid_endpoint (as asked)" in said
    behave(endpoint, "batch_fail=billing_hard_limit_reached")
    code, said = work(toy.create("other", size=6, seed=2, target=Target()), endpoint)
    assert code == 4
    assert "Top up the account" in said


def test_another_worker_takes_over_what_a_killed_one_had_in_flight(toy: Toy, serve: Serve) -> None:
    endpoint = serve("batch_s=1.5,batch_times=0")
    folder = toy.create(size=24, target=Target())
    options = {"shard_size": 6, "stale_after_s": 2.0}
    with batch_process(folder, endpoint, **options) as first:
        while not stats(endpoint)["batches"]:
            time.sleep(0.02)
        with batch_process(folder, endpoint, **options) as second:
            time.sleep(0.5)
            first.kill()
            assert second.wait(60) == 0
    assert toy.books(folder).state == "complete"
    assert toy.table(folder, "calls").num_rows == endpoint.asked, "nothing was asked again"
    assert stats(endpoint)["batches"] == len(Waves.of(folder).all())


def test_ctrl_c_leaves_the_batch_at_the_provider_and_online_keeps_off_its_shards(toy: Toy, serve: Serve) -> None:
    endpoint = serve("batch_s=2")
    folder = toy.create(size=10, target=Target())
    with batch_process(folder, endpoint) as child:
        while not Waves.of(folder).known(0, "submitted"):
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 130
    assert shards_in_flight(folder) == {0}
    toy.work(folder, endpoint)
    assert (endpoint.asked in (0, 10), toy.books(folder).open) == (True, 10), "online left it alone"
    assert work(folder, endpoint, cancel=True)[0] == 0
    assert not shards_in_flight(folder)
    brought = sum(spent.calls for spent in toy.books(folder).spent)
    behave(endpoint, "")
    toy.work(folder, endpoint)
    assert toy.books(folder).state == "complete"
    assert endpoint.asked == toy.table(folder, "calls").num_rows >= brought


def test_waves_keep_the_limits_of_the_run_also_where_a_killed_worker_had_one_in_flight(toy: Toy, serve: Serve) -> None:
    endpoint = serve("batch_s=1")
    most = 10_000
    folder = toy.create(size=40, target=Target(budget=Budget(max_tokens=most)))
    with batch_process(folder, endpoint) as child:
        while not Waves.of(folder).known(0, "submitted"):
            assert child.poll() is None
            time.sleep(0.02)
        child.kill()
    first = Waves.of(folder).all()[0].requests
    assert 1 <= first < 40, "a call without max_tokens is reserved at more than 4,096 tokens"
    behave(endpoint, "")
    assert work(folder, endpoint)[0] == 0, "what was reserved and not taken is used"
    spent = sum(part.prompt + part.completion for part in toy.books(folder).spent)
    assert spent == 15 * endpoint.asked <= most
    assert stats(endpoint)["batches"] == len(Waves.of(folder).all())
    poor = toy.create("poor", size=40, seed=2, target=Target(budget=Budget(max_tokens=4_000)))
    code, said = work(poor, endpoint)
    assert (code, "--max-tokens" in said) == (4, True)
    assert not Waves.of(poor).all(), "no wave was sent that the limit does not cover"


def test_replies_in_batches_are_booked_at_the_price_of_batches(toy: Toy, serve: Serve) -> None:
    endpoint = serve()
    folder = toy.create(size=5, target=Target())
    price = Price(id="simulated", prompt=2.0, completion=8.0, batch=0.5, as_of=date(2026, 11, 21))
    served = endpoints(endpoint.base_url)["simulated"].model_copy(update={"price": price})
    asyncio.run(drive_batches(toy.open(folder), {"simulated": served}, BatchOptions(**QUICK)))
    spent = toy.books(folder).spent
    assert {part.price for part in spent} == {"simulated@batch"}
    paid = cost_of(spent, {"simulated": price})
    assert paid is not None
    assert paid == pytest.approx(endpoint.asked * (10 * 2.0 + 5 * 8.0) / 2 / 1e6)

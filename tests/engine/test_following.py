"""One set of limits for many workers: parts never add up to more than the whole."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

import engine.drivers.following as following
from engine.call import ModelRef
from engine.drivers.following import GOOD_S, Divider, Follower, Part, keep_to
from engine.models import Endpoint
from engine.sender import open_senders


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def endpoint(**limits) -> dict[str, Endpoint]:
    ref = ModelRef(served_by="m", model="m-1")
    return {"m": Endpoint(ref=ref, base_url="http://127.0.0.1:9/v1", **limits)}


def test_parts_that_are_good_never_add_up_to_more_than_the_whole():
    clock, chance = Clock(), random.Random(5)
    divider, held = Divider(clock), {}
    for _ in range(3_000):
        clock.now += chance.uniform(0, 1.2)
        name = f"worker {chance.randint(0, 6)}"
        part = divider.renew(name, {"e": 0.0}, busy=chance.random() < 0.8)["e"]
        held[name] = (part.share, clock.now + GOOD_S)
        assert sum(share for share, until in held.values() if until > clock.now) <= 1 + 1e-9


def test_all_have_the_same_part_after_a_round_and_who_goes_leaves_its_part():
    clock = Clock()
    divider = Divider(clock)
    for _ in range(3):
        clock.now += 1
        shares = [divider.renew(name, {"e": 0.0}, busy=True)["e"].share for name in "abcd"]
    assert shares == pytest.approx([0.25] * 4)
    clock.now += GOOD_S
    for _ in range(3):
        clock.now += 1
        shares = [divider.renew(name, {"e": 0.0}, busy=True)["e"].share for name in "ab"]
    assert shares == pytest.approx([0.5] * 2)


def test_who_waits_for_others_leaves_them_nearly_all():
    clock = Clock()
    divider = Divider(clock)
    for _ in range(3):
        clock.now += 1
        idle, busy = (divider.renew(name, {"e": 0.0}, busy=name == "b")["e"].share for name in "ab")
    assert busy > 0.9
    assert idle + busy <= 1


def test_a_pause_that_one_was_asked_for_holds_all_until_it_is_over():
    clock = Clock()
    divider = Divider(clock)
    assert divider.renew("a", {"e": 7.0}, busy=True)["e"].pause_s == pytest.approx(7)
    clock.now += 2
    assert divider.renew("b", {"e": 0.0}, busy=True)["e"].pause_s == pytest.approx(5)
    clock.now += 6
    assert divider.renew("b", {"e": 0.0}, busy=True)["e"].pause_s == 0


def test_a_part_is_a_share_of_everything_that_the_endpoint_allows():
    async def go():
        given = endpoint(concurrency=40, requests_per_minute=600, tokens_per_minute=90_000, adaptive=False)
        async with open_senders({"r": given["m"].ref}, given) as senders:
            (line,) = senders["r"].pool.lines
            keep_to(line, Part(0.25, pause_s=3.0))
            limits = line.limits
            assert (limits.window.most, limits.window.limit) == (10, 10.0)
            assert (limits.requests.per_minute, limits.tokens.per_minute) == (150, 22_500)
            assert 2 < line.gate.closed_s <= 3
            keep_to(line, Part(1.0))
            assert (limits.window.most, limits.requests.per_minute) == (40, 600)

    asyncio.run(go())


def test_a_worker_that_cannot_reach_the_divider_takes_half_of_its_static_part(monkeypatch):
    monkeypatch.setattr(following, "GOOD_S", 0.2)
    monkeypatch.setattr(following, "RENEW_S", 0.05)
    answers = iter([Part(1.0)] * 3)

    async def renew(pauses, busy):
        await asyncio.sleep(0.05)
        part = next(answers, None)
        if part is None:
            raise ConnectionError("the divider is gone")
        return dict.fromkeys(pauses, part)

    async def go():
        given = endpoint(concurrency=64, requests_per_minute=800)
        async with open_senders({"r": given["m"].ref}, given) as senders:
            (line,) = senders["r"].pool.lines
            follower = asyncio.create_task(Follower(renew, most_workers=4).follow(senders.values()))
            seen: list[int] = []
            while len(seen) < 3:
                await asyncio.sleep(0.01)
                if seen[-1:] != [line.limits.window.most]:
                    seen.append(line.limits.window.most)
            assert seen == [8, 64, 8], "alone at first, then all there is, then alone again"
            assert line.limits.requests.per_minute == 100
            follower.cancel()
            with suppress(asyncio.CancelledError):
                await follower

    asyncio.run(go())

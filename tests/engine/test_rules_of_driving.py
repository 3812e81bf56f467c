"""The rules by which a run goes on, stops and is planned, one at a time."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from types import SimpleNamespace

import pytest
from sender_in_process import InProcess, work
from toy_recipe import TOY

from engine.call import Call, Message
from engine.errors import ConnectionFault, Fruitless, QuotaExhausted, Rejected, RunError
from engine.planner import Planner, Repeats
from engine.replay import Ask
from engine.reuse import EarlierRun
from engine.run import Target, write_target
from engine.shard import seals_of


def every_third(item, rng, terms):
    yield Call((Message("user", f"number {item}."),))
    if item % 3:
        raise Rejected("not a third")
    return {"number": item, "subject": "", "question": "", "votes": []}


def test_a_row_now_and_then_is_not_in_vain(toy):
    toy.recipe = dataclasses.replace(TOY, converse=every_third, filters=())
    folder = toy.create(size=60, target=Target())
    work(toy.open(folder), InProcess(), concurrency=1, patience=3)
    assert (toy.books(folder).state, toy.books(folder).accepted) == ("complete", 20)
    with pytest.raises(Fruitless):
        work(toy.open(toy.create("strict", size=60, target=Target())), InProcess(), concurrency=1, patience=2)


def test_failures_stop_a_run_only_in_a_row(toy):
    async def lose_the_even(call, sleep):
        if len(call.messages) == 2 and int(call.messages[1].content.rpartition(" ")[2].rstrip(".")) % 2 == 0:
            raise ConnectionFault("gone")

    folder = toy.create(size=40, target=Target())
    work(toy.open(folder), InProcess(lose_the_even), concurrency=1, stop_after_failures=2, shard_size=2)
    assert toy.books(folder).drawn == 40
    assert len(list((folder / "shards").glob("*.calls.jsonl"))) == 20


@pytest.mark.parametrize("stop_comes_first", [True, False])
def test_what_stops_a_run_outranks_a_fault_in_the_same_round_of_votes(toy, stop_comes_first):
    """And the third voter's reply is kept, though its round failed."""
    folder = toy.create(size=1, target=Target())

    async def vote(call, sleep):
        if call.role == "voter" and len(call.messages) == 4:
            if call.sample == 2:
                await asyncio.sleep(0.01)
            elif (call.sample == 0) == stop_comes_first:
                raise QuotaExhausted("no money")
            else:
                raise ConnectionFault("gone")

    sender = InProcess(vote)
    with pytest.raises(QuotaExhausted):
        work(toy.open(folder), sender)
    assert sum(spent.calls for spent in toy.books(folder).spent) == sender.answered == 2


def test_a_row_of_other_columns_is_the_recipes_fault(toy):
    def wrong(item, rng, terms):
        yield Call((Message("user", "Hi."),))
        return {"number": item}

    toy.recipe = dataclasses.replace(TOY, converse=wrong)
    folder = toy.create(size=3, target=Target())
    with pytest.raises(RunError, match=r"recipe toy must return the columns .*'votes'"):
        work(toy.open(folder), InProcess())
    assert not seals_of(folder / "shards")


def test_a_longer_run_is_not_exhausted_by_what_was_drawn_before(toy):
    folder = toy.create(target=Target(count=60, exhausted_after=30))
    work(toy.open(folder), InProcess(), shard_size=10)
    last = [seal.last_passed for seal in seals_of(folder / "shards").values()]
    indices = toy.table(folder, "rows")["index"].to_pylist()
    assert max(last) == max(indices)
    assert all(seal.last_passed in indices for seal in seals_of(folder / "shards").values())
    write_target(folder, Target(count=120, exhausted_after=30))
    work(toy.open(folder), InProcess(), shard_size=10)
    assert (toy.books(folder).state, toy.books(folder).accepted) == ("complete", 120)


def test_acceptance_is_taken_before_the_oldest_conversation_at_work(toy):
    planner = Planner(Repeats(toy.open(toy.create())), None, Target(count=100))
    for index in range(4):
        planner.begin(index)
    planner.open = 4
    for index in (1, 2, 3):
        planner.end(index, passed=False)  # refusals end sooner: no fair sample yet
    assert planner.acceptance == 1
    assert planner.wanted() == 100 - planner.open == 99
    planner.end(0, passed=True)
    share = 2 / 5  # one of four passed, and one more is thought to
    assert math.isclose(planner.acceptance, share + math.sqrt(share * (1 - share) / 4))
    rate = planner.acceptance
    assert planner.wanted() == math.ceil((99 + math.sqrt(99 * (1 - rate))) / rate)


def test_a_reused_reply_comes_to_the_index_that_asks_and_names_the_run_it_is_of(toy):
    folder = toy.create("old", size=60, target=Target())
    work(toy.open(folder), InProcess())
    old = toy.open(folder)
    later = SimpleNamespace(size=None, identities=lambda start, stop: old.items.identities(start + 20, stop + 20))
    earlier = EarlierRun(old, later)
    known = earlier.replies_of(25)["0"]
    call = Call((Message("user", "of that key"),))
    found = earlier.find(5, Ask("0", call, known.key))
    assert found is not None
    assert (found.index, found.origin, found.reply) == (5, "old", known.reply)
    assert earlier.find(5, Ask("0", call, "b2:another")) is None
    assert earlier.find(6, Ask("0", call, known.key)) is None
    assert earlier.find(45, Ask("0", call, known.key)) is None

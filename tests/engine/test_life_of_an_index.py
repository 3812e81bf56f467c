"""The table of an index's life (design.md), state by state: each count is proved from the files."""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest

from engine.errors import Fruitless, InputError, QuotaExhausted
from engine.run import Target, create_run, read_spec, write_target
from engine.shard import seals_of, shards_of


def test_a_run_ends_complete_with_the_rows_asked_for(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=50))
    toy.work(folder, endpoint)
    books = toy.books(folder)
    assert books.state == "complete"
    assert (books.accepted, books.open) == (50, 0)
    assert books.balanced
    rows = toy.accepted(folder)
    assert len({row["id"] for row in rows}) == 50
    assert [row["index"] for row in rows] == sorted(row["index"] for row in rows)
    assert all("\\( x^2 \\) costs $5 and $3" in row["question"] for row in rows)


def test_every_drawn_index_is_in_exactly_one_state(toy, simulated):
    folder = toy.create(distinct=90, target=Target(count=200, max_draws=120))
    toy.work(folder, simulated(), shard_size=16)
    books = toy.books(folder)
    passed = toy.table(folder, "rows")["index"].to_pylist()
    rejected = toy.table(folder, "rejected")["index"].to_pylist()
    assert len(passed) + len(rejected) == 90
    assert sorted(passed + rejected) == list(range(90))  # 90..119 repeat 0..29 and are never sent
    assert books.reasons["repeat"] == 30
    assert books.drawn == 120
    assert books.state == "exhausted"


def test_undrawn_indices_are_in_no_shard_and_are_never_asked(toy, simulated):
    endpoint = simulated()
    folder = toy.create(size=500, target=Target(count=10))
    toy.work(folder, endpoint)
    drawn = shards_of(folder / "shards")[-1].stop
    assert drawn == toy.books(folder).drawn < 60
    asked_first = {line["seed"] for line in endpoint.lines() if line["turns"] == 2}
    assert len(asked_first) <= 3 * drawn


def test_no_more_is_drawn_than_the_missing_rows_need_at_the_acceptance_seen(toy, simulated):
    folder = toy.create(target=Target(count=400))
    toy.work(folder, simulated(), shard_size=100)
    books = toy.books(folder)
    assert books.ahead <= 30
    assert books.acceptance is not None
    assert books.sent <= 430 / books.acceptance


def test_rejected_rows_keep_their_reason_detail_and_item(toy, simulated):
    folder = toy.create(target=Target(count=200), reasks=0)
    toy.work(folder, simulated())
    rows = toy.table(folder, "rejected").to_pylist()
    reasons = Counter(row["reason"] for row in rows)
    assert set(reasons) == {"no question", "voted down", "a seven"}
    assert dict(reasons) == {k: v for k, v in toy.books(folder).reasons.items() if k != "repeat"}
    assert {row["detail"] for row in rows if row["reason"] == "voted down"} <= {"0 of 3", "1 of 3"}
    assert all(json.loads(row["item"])["number"] % 10 == 7 for row in rows if row["reason"] == "a seven")


def test_what_stays_open_after_the_last_retry_makes_the_run_incomplete_and_resume_closes_it(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=40))
    endpoint.behave(status=503, times=30)
    outcome = toy.work(folder, endpoint, concurrency=4)
    books = toy.books(folder)
    assert books.state == "incomplete"
    assert books.open > 0
    assert "503" in str(outcome.fault)
    assert 0 not in seals_of(folder / "shards")
    toy.work(folder, endpoint)
    assert toy.books(folder).state == "complete"
    assert toy.books(folder).open == 0


def test_give_up_rejects_what_stays_open_for_transport(toy, simulated):
    endpoint = simulated()
    folder = toy.create(size=20, target=Target())
    endpoint.behave(status=500, times=1_000)
    toy.work(folder, endpoint, give_up=True)
    books = toy.books(folder)
    assert books.reasons == {"transport": 20}
    assert books.state == "complete"


def test_a_dead_endpoint_stops_the_run_instead_of_being_asked_for_ever(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=1_000))
    endpoint.behave(status=500, times=100_000)
    toy.work(folder, endpoint, stop_after_failures=10, concurrency=4)
    assert endpoint.asked <= (10 + 4) * 3  # three attempts a conversation
    assert toy.books(folder).state == "incomplete"


def test_an_exhausted_quota_stops_the_run_though_it_comes_as_a_429(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=1_000))
    endpoint.behave(status=429, times=100_000, body={"error": {"code": "insufficient_quota", "message": "no money"}})
    with pytest.raises(QuotaExhausted):
        toy.work(folder, endpoint, concurrency=8)
    assert endpoint.asked <= 8
    endpoint.behave()
    toy.work(folder, endpoint)
    assert toy.books(folder).state == "complete"


def test_a_rate_limit_uses_up_no_attempt(toy, simulated):
    endpoint = simulated()
    folder = toy.create(size=5, target=Target())
    endpoint.behave(status=429, times=40, headers={"Retry-After-Ms": "1"})  # three attempts would be gone long before
    toy.work(folder, endpoint, concurrency=2)
    assert toy.books(folder).state == "complete"
    assert toy.books(folder).open == 0


def test_extend_uses_what_is_ahead_before_it_asks_for_more(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=20))
    toy.work(folder, endpoint)
    before, asked = toy.accepted(folder), endpoint.asked
    ahead = toy.books(folder).ahead
    write_target(folder, Target(count=20 + ahead))
    toy.work(folder, endpoint)
    assert endpoint.asked == asked
    assert toy.books(folder).state == "complete"
    write_target(folder, Target(count=60))
    toy.work(folder, endpoint)
    books = toy.books(folder)
    assert (books.state, books.accepted) == ("complete", 60)
    assert toy.accepted(folder)[:20] == before
    assert shards_of(folder / "shards")[1].start == shards_of(folder / "shards")[0].stop


def test_an_extended_run_has_the_rows_of_one_that_aimed_there_at_once(toy, simulated):
    endpoint = simulated()
    folder = toy.create("grown", target=Target(count=15))
    toy.work(folder, endpoint, shard_size=4)
    write_target(folder, Target(count=80))
    toy.work(folder, endpoint, concurrency=3)
    at_once = toy.create("at-once", target=Target(count=80))
    toy.work(at_once, endpoint)
    assert toy.accepted(folder) == toy.accepted(at_once)


def test_a_run_whose_draws_all_repeat_is_exhausted(toy, simulated):
    endpoint = simulated()
    folder = toy.create(distinct=30, target=Target(count=1_000, exhausted_after=5_000))
    toy.work(folder, endpoint)
    books = toy.books(folder)
    assert books.state == "exhausted"
    assert books.reasons["repeat"] == books.drawn - 30
    assert books.drawn - 1 - toy.table(folder, "rows")["index"].to_pylist()[-1] >= 5_000
    asked = endpoint.asked
    toy.work(folder, endpoint)
    assert endpoint.asked == asked


def test_working_on_a_finished_run_asks_nothing(toy, simulated):
    endpoint = simulated()
    folder = toy.create()
    toy.work(folder, endpoint)
    asked, rows = endpoint.asked, toy.accepted(folder)
    toy.work(folder, endpoint)
    assert (endpoint.asked, toy.accepted(folder)) == (asked, rows)


def test_what_decides_a_row_is_in_run_json_and_nothing_else(toy):
    one, two = toy.create("one"), toy.create("two", target=Target(count=7))
    assert (one / "run.json").read_bytes() == (two / "run.json").read_bytes()
    assert toy.open(one).id == toy.open(two).id != toy.open(toy.create("three", voters=5)).id
    text = (one / "run.json").read_text()
    assert "one" not in json.loads(text).values()
    assert os.uname().nodename not in text


def test_a_name_taken_by_another_run_is_refused_and_the_same_run_is_found(toy):
    folder = toy.create("mine")
    assert toy.create("mine") == folder
    with pytest.raises(InputError, match="skillweave resume mine"):
        create_run(folder.parent, "mine", read_spec(folder).model_copy(update={"seed": 9}), Target(count=1))


def test_a_model_that_never_gives_a_row_stops_the_run_before_it_has_cost_much(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=10_000), reasks=0)
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "I would rather not."}}
    body = {"object": "chat.completion", "model": "simulated-1", "choices": [choice]}
    endpoint.behave(status=200, times=1_000_000, body=body)
    with pytest.raises(Fruitless, match=r"no question 100\).*skillweave resume toy --patience 1000"):
        toy.work(folder, endpoint, patience=100, concurrency=8)
    assert 100 <= endpoint.asked < 120
    endpoint.behave()
    write_target(folder, Target(count=30))
    toy.work(folder, endpoint, patience=100)
    assert toy.books(folder).state == "complete"
    assert toy.books(folder).reasons["no question"] >= 100

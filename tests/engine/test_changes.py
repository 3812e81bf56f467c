"""Nothing is accepted in place: what changes a row stops the run, and a new run pays only for new keys."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time

import pytest
from msgspec.structs import replace
from toy import MODELS, toy_process
from toy_recipe import PROMPT, TOY

from engine.call import Call, Message, ModelRef, Sampling, call_key, seed_of
from engine.errors import InputError, JournalDamaged, RecipeChanged
from engine.journal import journals_of, read_journal
from engine.reuse import EarlierRun, price_of_reuse
from engine.run import Target, create_run, open_earlier, plan_spec


def new_run(toy, name, prompt=None, items=None, **settings):
    prompts = {"write": prompt} if prompt else None
    items = items or {"distinct": 10_000}
    spec = plan_spec(TOY, items=items, models=MODELS, seed=1, settings=settings, prompts=prompts)
    return create_run(toy.root / "runs", name, spec, Target(count=50))


def test_a_recipe_of_another_version_or_source_stops(toy, simulated):
    endpoint = simulated()
    folder = toy.create()
    toy.recipe = dataclasses.replace(TOY, version=2)
    with pytest.raises(RecipeChanged, match=r"version 1 .* version 2"):
        toy.work(folder, endpoint)
    toy.recipe = dataclasses.replace(TOY, sources=("toy_recipe", "work_on_toy"))
    with pytest.raises(RecipeChanged):
        toy.work(folder, endpoint)
    assert endpoint.asked == 0


def test_a_recipe_that_is_not_deterministic_stops_before_it_sends(toy, simulated):
    endpoint = simulated("--latency", "20")
    folder = toy.create(target=Target(count=30))
    not_deterministic = {"TOY_IS_NOT_DETERMINISTIC": "1"}
    with toy_process(folder, endpoint, environ=not_deterministic, concurrency=1, commit_replies=1) as child:
        while 0 not in {e.index for path in journals_of(folder / "shards", 0) for e in read_journal(path)}:
            assert child.poll() is None
            time.sleep(0.01)
    journal = journals_of(folder / "shards", 0)[0].read_bytes()
    unasked = simulated()
    with toy_process(folder, unasked, environ=not_deterministic, concurrency=4) as child:
        assert child.wait(60) == 1
        assert child.stdout is not None
        assert child.stdout.read().startswith("NotDeterministic: index 0, place 0")
    assert unasked.asked == 0
    assert journals_of(folder / "shards", 0)[0].read_bytes() == journal


def test_reuse_of_an_equal_run_pays_nothing(toy, simulated):
    endpoint = simulated()
    old = toy.create("old")
    toy.work(old, endpoint)
    asked = endpoint.asked
    new = new_run(toy, "new", reasks=4)  # another run.json, the same calls but for questions that were no questions
    run = toy.open(new)
    toy.work(new, endpoint, reuse=EarlierRun(toy.open(old), run.items))
    again = endpoint.asked - asked
    assert again < 0.1 * asked
    fresh = [row for row in toy.table(new, "calls").to_pylist() if not row["origin"]]
    assert len(fresh) == again
    assert sum(spent.calls for spent in toy.books(new).spent) == again
    assert {row["origin"] for row in toy.table(new, "calls").to_pylist()} == {"", "old"}


def test_a_run_of_a_changed_recipe_lends_its_replies_to_the_new_one(toy, simulated):
    endpoint = simulated()
    old = toy.create("old", target=Target(count=30))
    toy.work(old, endpoint)
    asked = endpoint.asked
    toy.recipe = dataclasses.replace(TOY, version=2, filters=())  # a better filter lets the sevens pass
    new = toy.create("new", target=Target(count=30))
    earlier = open_earlier(old, {"toy": toy.recipe}, toy.root)
    toy.work(new, endpoint, reuse=EarlierRun(earlier, toy.open(new).items))
    assert endpoint.asked == asked
    assert toy.books(new).accepted == 30
    assert any(row["number"] % 10 == 7 for row in toy.accepted(new))


def test_reuse_matches_items_before_places(toy, simulated):
    """The new run holds the same items at other indices: 0..49 at 100..149 of a run over more numbers."""
    endpoint = simulated()
    old = toy.create("old", size=120, target=Target())
    toy.work(old, endpoint)
    earlier = EarlierRun(toy.open(old), toy.open(new_run(toy, "other", items={"distinct": 50})).items)
    assert [earlier.matching(index) for index in (0, 49, 50, 99)] == [0, 49, 0, 49]
    assert earlier.matching(0) == 0


def test_a_changed_prompt_is_priced_before_anything_is_paid(toy, simulated):
    endpoint = simulated()
    old = toy.create("old", target=Target(count=30))
    toy.work(old, endpoint)
    asked = endpoint.asked
    same = price_of_reuse(toy.open(old), toy.open(new_run(toy, "same", reasks=2)))
    changed = price_of_reuse(toy.open(old), toy.open(new_run(toy, "changed", PROMPT + " Be brief.")))
    assert (same.lost, same.tokens) == (0, 0)
    assert same.kept == toy.table(old, "calls").num_rows
    assert (changed.kept, changed.lost) == (0, same.kept)
    assert changed.tokens == sum(s.prompt + s.completion for s in toy.books(old).spent)
    assert endpoint.asked == asked


def test_what_nobody_asked_yet_is_no_price_of_a_change(toy, simulated):
    endpoint = simulated()
    old = toy.create("old", target=Target(count=30))
    endpoint.behave(status=500, times=60)  # 20 conversations end open
    toy.work(old, endpoint, concurrency=1)
    assert toy.books(old).open
    price = price_of_reuse(toy.open(old), toy.open(new_run(toy, "same", reasks=2)))
    assert (price.lost, price.tokens) == (0, 0)
    assert price.kept == sum(spent.calls for spent in toy.books(old).spent) > 0


def test_second_tries_and_votes_differ_by_sample_and_so_by_seed(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=60))
    toy.work(folder, endpoint)
    calls = toy.table(folder, "calls").to_pylist()
    by_prompt = {}
    for call in calls:
        prompt = (call["index"], str(call["messages"]))
        by_prompt.setdefault(prompt, []).append((call["sample"], call["key"]))
    several = [tries for tries in by_prompt.values() if len(tries) > 1]
    assert any(len(tries) == 3 for tries in several)
    for tries in several:
        assert [sample for sample, _ in tries] == list(range(len(tries)))
        assert len({key for _, key in tries}) == len(tries)
    assert len({line["seed"] for line in endpoint.lines()}) == len(calls)


def test_a_key_holds_what_decides_the_answer_and_nothing_else():
    call = Call((Message("user", "What is 2 + 2?"),))
    model = ModelRef(served_by="pool", model="m")
    key = call_key(call, model)
    assert key == call_key(Call((Message("user", "What is 2 + 2?"),), role="judge"), model)
    others = [
        call_key(replace(call, sample=1), model),
        call_key(replace(call, schema={"type": "object"}), model),
        call_key(call, ModelRef(served_by="other", model="m")),
        call_key(call, ModelRef(served_by="pool", model="n")),
        call_key(call, ModelRef(served_by="pool", model="m", sampling=Sampling(temperature=0.5))),
        call_key(Call((Message("system", "What is 2 + 2?"),)), model),
    ]
    assert len({key, *others}) == 7
    assert len({seed_of(k) for k in (key, *others)}) == 7
    # the promise to journals that are already written:
    assert key == "b2:a0a04b37e78c3bf7a29deaadd5900c67"


def test_rows_are_the_same_under_two_values_of_pythonhashseed(toy, simulated):
    endpoint = simulated()
    tables = []
    for value in ("0", "4711"):
        folder = toy.create(f"hash-{value}", target=Target(count=40))
        with toy_process(folder, endpoint, environ={"PYTHONHASHSEED": value}) as child:
            assert child.wait(60) == 0
        tables.append(toy.accepted(folder))
    assert tables[0] == tables[1]
    assert len(tables[0]) == 40


def test_settings_and_prompts_that_the_recipe_does_not_have_are_refused():
    with pytest.raises(InputError, match="voterz"):
        plan_spec(TOY, items={}, models=MODELS, seed=0, settings={"voterz": 3})
    with pytest.raises(InputError, match="no prompt 'right'"):
        plan_spec(TOY, items={}, models=MODELS, seed=0, prompts={"right": ""})
    with pytest.raises(InputError, match="'voter'"):
        plan_spec(TOY, items={}, models={"writer": MODELS["writer"]}, seed=0)


def test_a_torn_last_line_is_passed_over_and_a_damaged_one_is_named(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=30))
    endpoint.behave(status=500, times=3)  # one conversation is lost, so the first shard keeps its journal
    toy.work(folder, endpoint, concurrency=1)
    (journal,) = journals_of(folder / "shards", 0)
    whole = journal.read_bytes()
    lines = whole.splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]) + lines[3][:20] + b"\n" + b"".join(lines[4:]))
    with pytest.raises(JournalDamaged, match=rf"{journal.name}:4: .*head -n 3"):
        toy.work(folder, endpoint)
    journal.write_bytes(whole[:-7])
    asked = endpoint.asked
    toy.work(folder, endpoint)
    assert toy.books(folder).state == "complete"
    assert endpoint.asked - asked <= 8  # the lost conversation and the torn reply


def test_importing_the_engine_brings_no_questions_in():
    code = (
        "import engine.drivers.online, engine.reuse, engine.work, sys; "
        "print([m for m in sys.modules if m.split('.')[0] in {'graph', 'generation', 'teacher', 'app'}])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert out.stdout.strip() == "[]"

"""A run on object storage, worked on by processes that share nothing else, as machines would."""

from __future__ import annotations

import random
import secrets
import shutil
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from store_server import Store, forgetful_server, machines
from toy import Toy, toy_process

import engine.places.bucket
from engine.budget import Amount
from engine.call import Reply
from engine.errors import InputError, StorageError
from engine.journal import Entry, chain_of, encode, head, read_journal
from engine.lease import Lease, Lost, Watch, Worker, read_leases, try_take, workers
from engine.ledger import Grant, Ledger
from engine.places import place_of
from engine.places.bucket import Bucket, connect
from engine.places.joining import join, publish
from engine.run import Target, find_run, read_target, write_target

CONCURRENCY, COMMIT = 8, 16
OPTIONS = {"concurrency": CONCURRENCY, "commit_replies": COMMIT, "commit_delay_s": 0.1, "shard_size": 25}


@pytest.fixture
def url(store: Store) -> str:
    return store.make_bucket("b" + secrets.token_hex(6))


def begin(toy: Toy, url: str, **options) -> Path:
    folder = toy.create(**options)
    publish(folder, url)
    return folder


def test_machines_that_share_only_a_bucket_share_a_run_and_a_dead_one_costs_the_window(toy, simulated, url, tmp_path):
    endpoint = simulated("--latency", "60")
    begin(toy, url, size=200, target=Target())
    one, two, three = machines(tmp_path, url, 3)
    options = OPTIONS | {"stale_after_s": 2.0, "beat_s": 0.3, "rest_s": 0.3, "numbering": "elsewhere"}
    with (
        toy_process(one.root / "runs" / "toy", endpoint, **options | {"numbering": "one"}) as first,
        toy_process(two.root / "runs" / "toy", endpoint, **options | {"numbering": "two"}) as second,
    ):
        while endpoint.asked < 250:
            assert first.poll() is None
            time.sleep(0.01)
        first.send_signal(signal.SIGKILL)
        with toy_process(three.root / "runs" / "toy", endpoint, **options | {"numbering": "three"}) as third:
            assert second.wait(120) == third.wait(120) == 0
    shutil.rmtree(one.root)
    calm = toy.create("calm", size=200, target=Target())
    (seen,) = machines(tmp_path / "later", url, 1)
    folder = find_run(seen.root / "runs", "toy")
    books = seen.books(folder)
    assert (books.state, books.sealed, books.open) == ("complete", books.shards, 0)
    used = seen.table(folder, "calls")["used"].to_pylist().count(True)
    print(f"{endpoint.asked} asked, {used} used")
    assert endpoint.asked <= used + CONCURRENCY + COMMIT
    toy.work(calm, simulated())
    assert seen.accepted(folder) == toy.accepted(calm)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_machines_on_a_bucket_survive_a_storm(toy, simulated, url, tmp_path):
    endpoint, chance = simulated("--latency", "100", "--moody"), random.Random(7)
    begin(toy, url, size=400, target=Target())
    options = OPTIONS | {"stale_after_s": 2.0, "beat_s": 0.3, "rest_s": 0.3}
    fleet, count, blows = [], iter(range(1_000)), 0
    with ExitStack() as stack:

        def add() -> None:
            number = next(count)
            (machine,) = machines(tmp_path / f"m{number}", url, 1)
            folder = machine.root / "runs" / "toy"
            fleet.append(stack.enter_context(toy_process(folder, endpoint, **options | {"numbering": str(number)})))

        for _ in range(3):
            add()
        while any(child.poll() is None for child in fleet):
            after = endpoint.asked + 100
            while endpoint.asked < after and any(child.poll() is None for child in fleet):
                time.sleep(0.02)
            living = [child for child in fleet if child.poll() is None]
            if not living or blows >= 12:
                continue
            child, blows = chance.choice(living), blows + 1
            if blows % 2:
                child.kill()
                add()
            else:
                child.send_signal(signal.SIGSTOP)
                time.sleep(chance.uniform(0, 5))
                child.send_signal(signal.SIGCONT)
        assert {child.returncode for child in fleet} <= {0, -signal.SIGKILL}
    (seen,) = machines(tmp_path / "later", url, 1)
    folder = find_run(seen.root / "runs", "toy")
    assert seen.books(folder).state == "complete"
    ended = seen.table(folder, "rows")["index"].to_pylist() + seen.table(folder, "rejected")["index"].to_pylist()
    assert sorted(ended) == list(range(400))
    used = seen.table(folder, "calls")["used"].to_pylist().count(True)
    print(f"{endpoint.asked} asked, {used} used, {blows} blows")
    assert endpoint.asked <= used + 2 * blows * (CONCURRENCY + COMMIT)


def test_a_lease_on_a_bucket_is_one_workers_until_its_heart_rests(toy, url, tmp_path, monkeypatch):
    begin(toy, url, size=10, target=Target())
    one, two = (machine.root / "runs" / "toy" for machine in machines(tmp_path, url, 2))
    first = Worker.join(one / "lease")
    assert try_take(first, 0, read_leases(one / "lease"), Watch()) == Lease(one / "lease", 0, 1)
    monkeypatch.setattr(engine.lease, "numbering", lambda: "elsewhere")
    second, watch = Worker.join(two / "lease"), Watch()
    assert try_take(second, 0, read_leases(two / "lease"), watch) is None, "it was faster, which the put tells"
    place_of(two).look()
    assert len(workers(two / "lease")) == 2
    monkeypatch.setattr(engine.lease, "STALE_AFTER_S", 0.4)
    for _ in range(4):
        place_of(two).look()
        assert try_take(second, 0, read_leases(two / "lease"), watch) is None, "it beats"
        time.sleep(0.15)
        first.beat()
    deadline = time.monotonic() + 60
    lease = None
    while lease is None and time.monotonic() < deadline:
        place_of(two).look()
        lease = try_take(second, 0, read_leases(two / "lease"), watch)
    assert lease == Lease(two / "lease", 0, 2)
    with pytest.raises(Lost):
        Lease(one / "lease", 0, 1).check()


def test_a_journal_is_put_together_on_another_machine_byte_for_byte(toy, url, tmp_path):
    begin(toy, url, size=10, target=Target())
    one, two = (machine.root / "runs" / "toy" for machine in machines(tmp_path, url, 2))
    name = "shards/00000.000001-7-ab.calls.jsonl"
    lines = [head(()), *(encode(Entry(index, "0", "k", Reply("x" * index))) for index in range(4))]
    place_of(one).append(one / name, 0, lines[0] + lines[1])
    place_of(two).look_at(0)
    start = len(lines[0] + lines[1])
    place_of(one).append(one / name, start, lines[2])
    place_of(one).append(one / name, start, lines[2] + lines[3])  # the answer to the first had seemed to fail
    place_of(two).look_at(0)
    assert (two / name).read_bytes() == b"".join(lines[:4])
    assert [entry.index for entry in read_journal(two / name)] == [0, 1, 2]
    assert chain_of(two / "shards", 0)[0].size == len(b"".join(lines[:4]))
    with pytest.raises(StorageError, match="another process writes"):
        place_of(one).append(one / name, start, b"other")


def test_what_one_machine_aims_at_the_others_learn(toy, url, tmp_path):
    begin(toy, url, target=Target(count=5))
    one, two = (machine.root / "runs" / "toy" for machine in machines(tmp_path, url, 2))
    write_target(one, Target(count=9))
    place_of(two).look()
    assert read_target(two).count == 9


def test_two_machines_are_never_granted_the_same_money(toy, url, tmp_path):
    begin(toy, url)
    one, two = (Ledger(machine.root / "runs" / "toy" / "purse") for machine in machines(tmp_path, url, 2))
    seen, granted = one.read(), Amount(5.0, 100)
    assert one.state(seen, Grant("one", granted, began=0, at=1))
    assert not two.state(seen, Grant("two", granted, began=0, at=1)), "another was faster"
    assert two.read().taken() == granted, "and what it was granted is known with the refusal"
    assert two.state(two.read(), Grant("two", granted, began=0, at=2))


@pytest.mark.parametrize("store", ["moto"], indirect=True)  # versitygw asks for a signature of every header
def test_a_store_in_which_a_key_can_be_made_twice_is_refused(toy, store, url, monkeypatch):
    """A real store that does not know If-None-Match, asked over a real socket, with and without the header."""
    folder = toy.create()
    with forgetful_server(store) as forgetful:
        monkeypatch.setenv("AWS_ENDPOINT_URL", forgetful.endpoint)
        with pytest.raises(InputError, match="lets a key be made twice"):
            publish(folder, url)
    assert not (folder / "place.json").exists()
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.endpoint)
    files, root = connect(url)
    assert files.find(root) == [], "nothing of the question stays there"
    publish(folder, url)


def test_a_store_that_does_not_answer_is_named_in_one_sentence(toy, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    folder = toy.create()
    with pytest.raises(StorageError, match="s3://nowhere/runs/toy"):
        publish(folder, "s3://nowhere/runs")
    assert toy.books(folder).state == "incomplete"


def test_an_address_that_is_none_changes_nothing(toy):
    folder = toy.create()
    with pytest.raises(InputError, match="s4"):
        publish(folder, "s4://bucket/runs")
    assert not (folder / "place.json").exists()


def test_another_run_of_that_name_and_a_run_that_is_not_there_are_told(toy, url, tmp_path):
    begin(toy, url, seed=1)
    other = Toy(tmp_path / "other")
    other.root.mkdir()
    folder = other.create(seed=2)
    with pytest.raises(InputError, match="holds another run"):
        publish(folder, url)
    with pytest.raises(InputError, match="lies at"):
        join(other.root / "runs", "toy", url)
    with pytest.raises(InputError, match="there is no run at"):
        join(other.root / "runs", "missing", url)


def test_a_run_that_has_begun_on_a_disk_stays_there(toy, simulated, url):
    folder = toy.create(target=Target(count=5))
    toy.work(folder, simulated())
    with pytest.raises(InputError, match="has begun"):
        publish(folder, url)
    assert isinstance(place_of(folder), engine.places.Disk)
    assert not isinstance(place_of(folder), Bucket)

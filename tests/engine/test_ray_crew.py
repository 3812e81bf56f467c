"""A crew on a real cluster of two nodes: workers, a node and the head are killed, and nothing is lost or paid twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from toy import HERE, REPOSITORY, SimulatedEndpoint, Toy, toy_process

from engine.drivers.ray import shards_left
from engine.run import Target
from engine.shard import Shard, make_shard, seals_of

pytest.importorskip("ray", reason="the Ray driver wants the extra `ray`")
CONCURRENCY, COMMIT = 8, 16
WINDOW = CONCURRENCY + COMMIT
OPTIONS = {"concurrency": CONCURRENCY, "commit_replies": COMMIT, "commit_delay_s": 0.1, "shard_size": 25}
QUICK = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "8",
    "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{HERE}",
}
NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}


@contextmanager
def new_cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUICK.items():
            patch.setenv(name, value)
        cluster = Cluster(initialize_head=True, head_node_args=NODE | {"include_dashboard": False})
        try:
            yield cluster
        finally:
            cluster.shutdown()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    with new_cluster() as started:
        yield started


@contextmanager
def crew(folder: Path, endpoint: SimulatedEndpoint, address: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps a crew on the run."""
    (folder.parent / "pids").mkdir(exist_ok=True)
    given = OPTIONS | {"pids": str(folder.parent / "pids")} | options
    child = subprocess.Popen(
        [sys.executable, str(HERE / "toy_crew.py"), str(folder), endpoint.base_url, address, json.dumps(given)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | QUICK,
    )  # fmt: skip
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def pids(folder: Path) -> set[int]:
    return {int(path.name) for path in (folder.parent / "pids").iterdir()}


def wait_for(what: Callable[[], Any], child: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert child.poll() is None, child.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def parents(pid: int) -> list[int]:
    """The process and those above it."""
    found = []
    while pid > 1:
        found.append(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return found


def check_whole(toy: Toy, folder: Path, endpoint: SimulatedEndpoint, size: int, losses: int) -> None:
    books = toy.books(folder)
    assert (books.state, books.sealed, books.open) == ("complete", books.shards, 0)
    ended = toy.table(folder, "rows")["index"].to_pylist() + toy.table(folder, "rejected")["index"].to_pylist()
    assert sorted(ended) == list(range(size))
    assert sum(seal.stop - seal.start for seal in seals_of(folder / "shards").values()) == size
    used = toy.table(folder, "calls")["used"].to_pylist().count(True)
    print(f"{endpoint.asked} asked, {used} used, {losses} losses")
    assert endpoint.asked <= used + losses * WINDOW


@pytest.mark.timeout(150)
def test_a_node_joins_and_workers_and_a_node_that_are_killed_cost_their_windows(toy, simulated, cluster):
    endpoint, folder = simulated("--latency", "300"), toy.create(size=320, target=Target())
    with crew(folder, endpoint, cluster.address, least=1, most=4) as driver:
        wait_for(lambda: len(pids(folder)) == 2, driver)  # there is no room for more, but shards enough
        node = cluster.add_node(**NODE)
        try:
            wait_for(lambda: len(pids(folder)) == 4, driver)
            raylet = node.all_processes["raylet"][0].process.pid
            there = {pid for pid in pids(folder) if raylet in parents(pid)}
            os.kill(min(pids(folder) - there), signal.SIGKILL)
            asked = endpoint.asked
            wait_for(lambda: endpoint.asked > asked + 100, driver)
            os.kill(raylet, signal.SIGKILL)
            assert driver.wait(60) == 0, driver.stdout.read()
        finally:
            cluster.remove_node(node)
    assert there, "the second node had workers"
    assert len(pids(folder)) >= 5, "who died was replaced"
    check_whole(toy, folder, endpoint, 320, losses=1 + len(there))
    calm = toy.create("calm", size=320, target=Target())
    toy.work(calm, simulated())
    assert toy.accepted(folder) == toy.accepted(calm)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_node_that_sleeps_and_wakes_beside_its_replacement_does_no_harm(toy, simulated, cluster):
    node = cluster.add_node(**NODE)
    endpoint, folder = simulated("--latency", "200", "--moody"), toy.create(size=300, target=Target())
    raylet = node.all_processes["raylet"][0].process.pid
    try:
        with crew(folder, endpoint, cluster.address, least=4, most=4, stale_after_s=3.0, beat_s=0.5) as driver:
            wait_for(lambda: len(pids(folder)) == 4 and endpoint.asked > 100, driver)
            there = [pid for pid in pids(folder) if raylet in parents(pid)]
            for pid in [raylet, *there]:
                os.kill(pid, signal.SIGSTOP)
            wait_for(lambda: any(name.name.endswith(".000002") for name in (folder / "lease").iterdir()), driver)
            for pid in [raylet, *there]:
                os.kill(pid, signal.SIGCONT)
            assert driver.wait(90) == 0, driver.stdout.read()
    finally:
        cluster.remove_node(node)
    assert there
    check_whole(toy, folder, endpoint, 300, losses=2 * len(there))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_when_the_head_is_killed_a_plain_resume_finishes(toy, simulated):
    endpoint, folder = simulated("--latency", "200"), toy.create(size=300, target=Target())
    with new_cluster() as own:
        own.add_node(**NODE)
        with crew(folder, endpoint, own.address, least=3, most=3) as driver:
            wait_for(lambda: len(pids(folder)) == 3 and endpoint.asked > 100, driver)
            os.kill(own.head_node.all_processes["gcs_server"][0].process.pid, signal.SIGKILL)
            with toy_process(folder, endpoint, **OPTIONS) as plain:
                assert plain.wait(120) == 0
    check_whole(toy, folder, endpoint, 300, losses=3)


@pytest.mark.timeout(120)
def test_what_stops_one_worker_stops_the_crew_and_names_the_machine(toy, simulated, cluster):
    folder = toy.create(target=Target(count=5))
    endpoint = simulated()
    with crew(folder, endpoint, cluster.address, least=1, most=1, wants="A_KEY_THAT_IS_NOT_SET") as driver:
        assert driver.wait(60) not in (0, 130)
        said = driver.stdout.read()
    assert "InputError: worker on " in said
    assert "A_KEY_THAT_IS_NOT_SET is not set" in said
    assert endpoint.asked == 0


@pytest.mark.timeout(120)
def test_the_first_ctrl_c_lets_the_crew_finish_what_is_in_flight(toy, simulated, cluster):
    endpoint, folder = simulated("--latency", "300"), toy.create(size=400, target=Target())
    with crew(folder, endpoint, cluster.address, least=2, most=2) as driver:
        wait_for(lambda: len(pids(folder)) == 2 and endpoint.asked > 60, driver)
        driver.send_signal(signal.SIGINT)
        assert driver.wait(60) == 130, driver.stdout.read()
    books = toy.books(folder)
    assert books.state == "incomplete"
    assert sum(spent.calls for spent in books.spent) == endpoint.asked, "every reply that was paid is in the books"


def test_where_there_is_no_cluster_one_sentence_says_so(toy, simulated):
    folder = toy.create(target=Target(count=5))
    with crew(folder, simulated(), "127.0.0.1:9") as driver:
        assert driver.wait(60) not in (0, 130)
        assert "InputError: there is no Ray cluster at 127.0.0.1:9" in driver.stdout.read()


def test_the_crew_is_as_large_as_what_is_left(toy, simulated):
    folder = toy.create(size=40, target=Target())
    assert shards_left(toy.open(folder), 10) == 4
    assert make_shard(folder / "shards", Shard(0, 0, 10))
    assert shards_left(toy.open(folder), 10) == 4, "one is open, three are to be drawn"
    toy.work(folder, simulated(), shard_size=10)
    assert shards_left(toy.open(folder), 10) == 0
    assert shards_left(toy.open(toy.create("endless", seed=3, target=Target(count=60))), 25) == 3

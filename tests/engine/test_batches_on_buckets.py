"""Batches of a run on object storage: machines that share nothing else take over each other's waves."""

from __future__ import annotations

import secrets
import shutil
import signal
from pathlib import Path

import pytest
from batch_world import Serve, batch_process, stats
from store_server import Store, machines
from toy import SimulatedEndpoint, Toy

from engine.batches.waves import Waves, shards_in_flight
from engine.places import place_of
from engine.places.joining import publish
from engine.run import Target, find_run

SHORT = {"reasks": 0, "voters": 1, "round_size": 1}
OPTIONS = {"max_requests": 4, "shard_size": 3, "waves": 2, "stale_after_s": 2.0, "beat_s": 0.3, "rest_s": 0.3}
"""As far as a machine that died is concerned; each has numbers of processes of its own."""


def check_paid_once(toy: Toy, folder: Path, endpoint: SimulatedEndpoint) -> None:
    books = toy.books(folder)
    assert (books.state, books.open) == ("complete", 0)
    assert toy.table(folder, "calls").num_rows == endpoint.asked
    waves = Waves.of(folder)
    assert stats(endpoint)["batches"] == stats(endpoint)["files"] == len(waves.all())
    assert not waves.in_flight()


_LATER = ("after the upload", "after the submission", "after a commit")


@pytest.mark.parametrize(
    "point", ["after the intent", *(pytest.param(each, marks=pytest.mark.slow) for each in _LATER)]
)
def test_a_machine_that_is_lost_with_its_disk_leaves_its_waves_to_another(
    toy: Toy, serve: Serve, store: Store, tmp_path: Path, point: str
) -> None:
    endpoint = serve()
    url = store.make_bucket("w" + secrets.token_hex(6))
    publish(toy.create(size=6, target=Target(), **SHORT), url)
    one, two = machines(tmp_path, url, 2)
    lost, folder = one.root / "runs/toy", two.root / "runs/toy"
    with batch_process(lost, endpoint, **OPTIONS, numbering="one", kill=point) as child:
        assert child.wait(60) == -signal.SIGKILL
    shutil.rmtree(one.root)
    place_of(folder).look()
    assert shards_in_flight(folder), "the waves of a machine are known to the others"
    with batch_process(folder, endpoint, **OPTIONS, numbering="two") as child:
        assert child.wait(60) == 0
    (later,) = machines(tmp_path / "later", url, 1)
    check_paid_once(later, find_run(later.root / "runs", "toy"), endpoint)


def test_machines_on_a_bucket_share_the_waves_of_a_run_and_online_keeps_off(
    toy: Toy, serve: Serve, store: Store, tmp_path: Path
) -> None:
    endpoint = serve("batch_s=0.5,batch_times=0")
    url = store.make_bucket("w" + secrets.token_hex(6))
    publish(toy.create(size=12, target=Target(), **SHORT), url)
    one, two = (machine.root / "runs/toy" for machine in machines(tmp_path, url, 2))
    with (
        batch_process(one, endpoint, **OPTIONS, numbering="one") as first,
        batch_process(two, endpoint, **OPTIONS, numbering="two") as second,
    ):
        assert first.wait(90) == second.wait(90) == 0
    (later,) = machines(tmp_path / "later", url, 1)
    folder = find_run(later.root / "runs", "toy")
    check_paid_once(later, folder, endpoint)
    calm = toy.create("calm", size=12, target=Target(), **SHORT)
    toy.work(calm, serve())
    assert later.accepted(folder) == toy.accepted(calm)

"""What workers say of themselves: faults by kind, how it ended, in small files of which only the last are kept."""

from __future__ import annotations

import os

import pytest
from work_on_toy import POLICY, endpoints

from engine.budget import Budget
from engine.errors import AccessRefused, LimitReached
from engine.lease import read_leases
from engine.reports import MOST, Report, read_reports
from engine.run import Target
from engine.shard import seals_of
from engine.work import work_on


def work(toy, folder, endpoint):
    return work_on(toy.open(folder), endpoints(endpoint.base_url), label="toy", policy=POLICY, quiet=True)


def test_what_failed_and_was_tried_again_is_counted_by_kind(toy, simulated):
    endpoint, folder = simulated(), toy.create()
    endpoint.behave(status=503, times=7)
    assert work(toy, folder, endpoint).books.state == "complete"
    (report,) = read_reports(folder)
    assert report.faults == {"ServerFault": 7}
    assert "503" in report.last_fault
    assert (report.ended, report.in_flight) == ("done", 0)
    assert report.worker.endswith(f"process {os.getpid()}")
    assert report.began <= report.at


def test_how_the_work_ended_is_kept(toy, simulated):
    endpoint, folder = simulated(), toy.create(target=Target(count=50, budget=Budget(max_tokens=300)))
    with pytest.raises(LimitReached):
        work(toy, folder, endpoint)
    other = toy.create("other")
    endpoint.behave(status=401, times=1_000)
    with pytest.raises(AccessRefused):
        work(toy, other, endpoint)
    third = toy.create("third")
    endpoint.behave(status=503, times=100_000)
    assert work(toy, third, endpoint).books.open > 0
    limit, refused, failed = (read_reports(each)[-1] for each in (folder, other, third))
    assert limit.ended == "limit"
    assert "--max-tokens" in limit.said
    assert refused.ended == "endpoint"
    assert refused.faults["AccessRefused"] >= 1
    assert failed.ended == "faults"
    assert "503" in failed.said


def test_only_the_last_reports_stay_and_a_strange_one_harms_nothing(toy, simulated):
    endpoint, folder = simulated(), toy.create(target=Target(count=5))
    for number in range(MOST + 5):
        path = folder / "lease" / f"report-{number:012d}.json"
        path.write_text(Report(worker="elsewhere, process 1", began=number, at=number).model_dump_json())
        os.utime(path, (number, number))
    (folder / "lease" / "report-strange.json").write_text("{")
    assert work(toy, folder, endpoint).books.state == "complete"
    reports = read_reports(folder)
    assert len(reports) == MOST - 1
    assert reports[-1].ended == "done"
    assert reports[0].at == 7
    assert not read_leases(folder / "lease").workers


def test_seals_say_when_they_were_paid(toy, simulated):
    folder = toy.create()
    work(toy, folder, simulated())
    for seal in seals_of(folder / "shards").values():
        times = toy.table(folder, "calls")["at_ms"].to_pylist()
        assert min(times) <= seal.first_ms <= seal.last_ms <= max(times)

"""Options of many machines that lead nowhere: one sentence, and nothing is begun."""

from __future__ import annotations

import shutil

import pytest


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--driver", "ray", "--workers", "9:2"], "'9:2' is no least and most"),
        (["--driver", "ray", "--ray-address", "127.0.0.1:9"], "no Ray cluster at 127.0.0.1:9"),
        (["--place", "s3://bucket/runs"], "not at s3://bucket/runs/"),
        (["--place", "nowhere://bucket/runs", "--reuse", "x"], "not at nowhere://"),
    ],
)
def test_what_cannot_be_joined_is_told(quickstarted, workspace, skillweave, options, said):
    shutil.copytree(quickstarted[0], workspace)
    (run,) = (path.name for path in (workspace / "runs").iterdir() if path.name.startswith("mathscale"))
    done = skillweave("resume", run, *options)
    assert done.returncode not in (0, 1)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_another_machine_is_told_that_there_is_no_such_store(workspace, skillweave):
    done = skillweave("resume", "far", "--place", "nowhere://bucket/runs")
    assert done.returncode not in (0, 1)
    assert "give an address such as s3://bucket/runs" in " ".join(done.stderr.split())

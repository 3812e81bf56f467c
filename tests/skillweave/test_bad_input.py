"""What a tired person gives: one clear error with the next command to try, and never a half-written result."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest
from command_line import REPOSITORY, run_skillweave

GOOD = '{"question": "What is 2 + 2?", "answer": "4"}\n'
WHOLE_FILES = {
    "missing": (None, "no-such-file.jsonl"),
    "empty": (b"", "empty"),
    "wrong encoding": ('{"question": "What is 2 + 2?"}\n'.encode("utf-16"), "UTF-8"),
    "binary": (bytes(range(256)) * 50, "UTF-8"),
    "no usable row": (b'{"q": 1}\n{"q": 2}\n', "question"),
}
FAULTY_ROWS = {
    "duplicate": (GOOD + GOOD, "duplicate"),
    "no question": (GOOD + '{"answer": "4"}\n', "question"),
    "empty question": (GOOD + '{"question": "  "}\n', "question"),
    "not JSON": (GOOD + "{'question': 'What?'}\n", "JSON"),
    "a 50 MB line": (GOOD + json.dumps({"question": "x" * 50_000_000}) + "\n", "long"),
}


@pytest.mark.parametrize("fault", WHOLE_FILES)
def test_a_faulty_file_stops_with_one_error_and_leaves_nothing(skillweave, workspace, tmp_path, fault):
    content, says = WHOLE_FILES[fault]
    path = tmp_path / "no-such-file.jsonl"
    if content is not None:
        path = tmp_path / "seeds.jsonl"
        path.write_bytes(content)
    done = skillweave("seeds", "import", str(path))
    assert_one_error(done, 2)
    assert says in done.stderr
    assert str(path) in done.stderr
    assert not list(workspace.glob("seeds/*"))


@pytest.mark.parametrize("fault", FAULTY_ROWS)
def test_a_faulty_row_is_skipped_counted_and_named_with_its_line(skillweave, tmp_path, fault):
    content, says = FAULTY_ROWS[fault]
    path = tmp_path / "seeds.jsonl"
    path.write_text(content)
    done = skillweave("seeds", "import", str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 seeds in seeds, 1 rows skipped\n"
    assert "skipped 1: " in done.stderr
    assert says in done.stderr
    assert f"{path} line 2" in done.stderr


COMMANDS = {
    "an unknown recipe": (["generate", "--recipe", "mathscala"], "mathscale"),
    "an unknown run": (["resume", "nothing"], "there is no run 'nothing'"),
    "a run that is a path": (["resume", "../runs"], "there is no run"),
    "an unknown seed set": (["graph", "build", "nothing"], "skillweave seeds import"),
    "no graph yet": (["generate"], "skillweave graph build"),
    "an unknown query": (["graph", "query", "nothing"], "skillweave graph queries"),
    "a parameter without a value": (["graph", "query", "hubs", "--param", "limit"], "name=value"),
    "an unknown parameter": (["graph", "query", "hubs", "--param", "limits=3"], "limit"),
    "an unknown prompt": (["prompt", "list", "mathscale/right"], "mathscale/write"),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_a_command_that_cannot_work_says_what_to_try(skillweave, case):
    arguments, says = COMMANDS[case]
    done = skillweave(*arguments)
    assert_one_error(done, 2)
    assert says in done.stderr


def assert_one_error(done, code: int) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("error: "), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_graph_with_one_node_is_no_graph_and_nothing_of_it_is_written(skillweave, workspace, tmp_path):
    path = tmp_path / "seeds.jsonl"
    questions = ["A class has 3 rows of desks. What is the greatest common divisor of 4 and 6?"]
    path.write_text("".join(json.dumps({"question": question}) + "\n" for question in questions))
    assert skillweave("seeds", "import", str(path)).returncode == 0
    done = skillweave("graph", "build", "seeds")
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 2, done.stderr
    assert "--min-count" in last
    assert not list((workspace / "graphs").iterdir())


def test_a_setting_a_prompt_and_a_model_that_do_not_fit_are_told_before_anything_is_asked(quickstarted, tmp_path):
    place = quickstarted[0]
    runs = sorted(path.name for path in (place / "runs").iterdir())
    bad = tmp_path / "bad.prompt"
    bad.write_text("=== user\n{{no_such_value}}")
    cases = [
        (["--set", "reask=1"], "there is no setting 'reask'; see all with: skillweave recipes mathscale"),
        (["--sampler", "skill-pairs", "--sampler-set", "siz=1"], "there is no setting 'siz'"),
        (["--sampler", "skill-pairs", "--sampler-set", "size=9"], "setting size: it should be"),
        (["--set", "reasks"], "name=value"),
        (["--prompt", f"right={bad}"], "write"),
        (["--prompt", "write=/no/such/file"], "/no/such/file"),
        (["--model", "gpt-none"], "OPENAI_API_KEY"),
        (["--graph", "zzz"], "skillweave graph list"),
        (["--reuse", "nothing"], "no run 'nothing'"),
        (["--name", "a/b"], "no name for a run"),
    ]
    for options, says in cases:
        done = run_skillweave(place, "generate", "--count", "5", *options)
        assert_one_error(done, 2)
        assert says in done.stderr
    assert sorted(path.name for path in (place / "runs").iterdir()) == runs


def test_a_full_disk_says_so_and_the_same_command_goes_on(tmp_path):
    place = tmp_path / "workspace"

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    done = run_skillweave(place, "quickstart", "--count", "30", preexec=little_room)
    assert done.returncode == 1
    assert "no room to write" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    done = run_skillweave(place, "quickstart", "--count", "30")
    assert done.returncode == 0, done.stderr


def test_a_workspace_that_may_not_be_written(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    if os.getuid() == 0:  # root may write anywhere: be somebody else, in a process that has imported all it needs
        tmp_path.chmod(0o755)
        for parent in tmp_path.parents:
            if parent.stat().st_uid == os.getuid() and str(parent).startswith("/tmp/"):
                parent.chmod(0o755)
        said, code = _as_nobody(["quickstart", "--workspace", str(closed / "w")])
    else:
        done = run_skillweave(closed / "w", "quickstart")
        said, code = done.stderr, done.returncode
    assert code == 1
    assert said.startswith("error: ")
    assert "may not be written" in said
    assert "--workspace" in said
    assert list(closed.iterdir()) == []


def _as_nobody(arguments: list[str]) -> tuple[str, int]:
    import sys

    from skillweave.cli import main

    read, write = os.pipe()
    if (child := os.fork()) == 0:
        code = 99
        try:
            sys.stderr = os.fdopen(write, "w", closefd=False)
            os.setgid(65534)
            os.setuid(65534)
            sys.argv = ["skillweave", *arguments]
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    return said, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_file_of_the_users_own_that_hides_a_package_is_named(tmp_path):
    (tmp_path / "graph.py").write_text("x = 1\n")
    done = run_python(tmp_path, "import skillweave")
    assert done.returncode == 1
    assert "graph.py" in done.stderr
    assert "rename" in done.stderr


def run_python(folder: Path, code: str):
    import subprocess
    import sys

    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{REPOSITORY}"},
    )  # fmt: skip

"""A workspace is shared as one file, tells what takes room, and frees what nothing needs and nothing else."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from engine.errors import InputError, RunError
from engine.lease import Worker
from engine.rows import read_accepted
from engine.run import read_spec
from engine.workspace import Workspace
from generation.making import questions_of
from generation.reviews import ACCEPT, REJECT, Verdict, add_verdicts, read_verdicts, verdicts
from graph.deciding import merge_concepts, rename_concept
from graph.snapshot import Snapshot, find_snapshot
from graph.stores.ladybug import project
from graph.stores.projection import stage
from skillweave.workspace_commands import workspace_commands
from skillweave.workspaces.bundle import MANIFEST, write_bundle
from skillweave.workspaces.unbundle import read_bundle

Shell = Callable[..., str]
SECRET = "sk-not-for-a-colleague"


@pytest.fixture(scope="module")
def whole(quickstarted: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a graph, its extraction, a run of questions, a store, a dataset, verdicts and a secret."""
    place = Workspace(tmp_path_factory.mktemp("whole") / "workspace")
    shutil.copytree(quickstarted[0], place.root)
    place.config.write_text(f'[models.mine]\nbase_url = "https://secret.example"\n# {SECRET}\n', encoding="utf-8")
    ids = [row for table in read_accepted(_run(place), ["id"]) for row in table["id"].to_pylist()]
    add_verdicts(place, [Verdict(ids[0], REJECT, "wrong", "ada"), Verdict(ids[1], ACCEPT, "", "ada")])
    add_verdicts(place, [Verdict("r-of-another-run", ACCEPT, "", "ada")])
    return place


@pytest.fixture
def mine(whole: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it, to be changed."""
    shutil.copytree(whole.root, tmp_path / "mine")
    return Workspace(tmp_path / "mine")


def _run(place: Workspace) -> Path:
    return next(path for path in place.runs.iterdir() if "graph" in read_spec(path).items)


def _graph(place: Workspace) -> Snapshot:
    return Snapshot.open(find_snapshot(place.graphs))


def _shell(place: Workspace) -> Shell:
    def run(*arguments: str) -> str:
        given = [*arguments, "--workspace", str(place.root)]
        result = CliRunner().invoke(workspace_commands(questions_of), given, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    return run


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _opened(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    return pa.CompressedInputStream(pa.BufferReader(content), "zstd").read() if path.suffix == ".zst" else content


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.zst"])
def test_a_colleague_gets_graph_runs_seeds_and_verdicts_and_can_go_on(
    whole: Workspace, tmp_path: Path, suffix: str
) -> None:
    out, run, graph = tmp_path / f"for-you{suffix}", _run(whole), _graph(whole)
    said = _shell(whole)("bundle", str(out), "--run", run.name, "--reviews")
    assert f"skillweave workspace unbundle {out.name}" in said
    theirs = Workspace(tmp_path / "theirs")
    said = _shell(theirs)("unbundle", str(out))
    assert f"graph {graph.fingerprint} is here" in said
    assert _graph(theirs).fingerprint == graph.fingerprint
    rows = [[t.to_pylist() for t in read_accepted(_run(place))] for place in (whole, theirs)]
    assert rows[0] == rows[1]
    shards = [[name for name in questions_of(p, graph).shards if name.startswith("b2:")] for p in (whole, theirs)]
    assert shards[0] == shards[1] != []
    assert set(verdicts(theirs).values()) == {ACCEPT, REJECT}
    assert "r-of-another-run" not in verdicts(theirs), "verdicts of the bundled runs only"
    kept = {path.name for path in theirs.root.iterdir()}
    assert kept == {"graphs", "seeds", "runs", "stores", "datasets", "reviews.sqlite"}, "nothing hidden is left"
    again = _shell(theirs)("unbundle", str(out))
    assert again == said
    assert len(read_verdicts(theirs)) == 2


def test_the_same_workspace_gives_the_same_bytes_and_no_secret_is_in_them(
    whole: Workspace, mine: Workspace, tmp_path: Path
) -> None:
    run = _run(whole).name
    for path in mine.root.rglob("*"):
        os.utime(path, (1, 1))
    for suffix in (".tar", ".tar.gz", ".tar.zst"):
        outs = [tmp_path / f"{name}{suffix}" for name in ("one", "other")]
        write_bundle(whole, _graph(whole), outs[0], [run], reviews=True)
        write_bundle(mine, _graph(mine), outs[1], [run], reviews=True)
        assert outs[0].read_bytes() == outs[1].read_bytes()
        content = _opened(outs[0])
        for secret in (SECRET, "secret.example", "worker-", str(whole.root)):
            assert secret.encode() not in content
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in tar} == {(0, 0, 0, "", 0o644)}
            names = tar.getnames()
        assert names[0] == MANIFEST
        assert not [name for name in names if "lease" in name or "models" in name or name.endswith(".toml")]


def test_what_cannot_be_bundled_is_told(mine: Workspace, tmp_path: Path) -> None:
    graph, run = _graph(mine), _run(mine)
    worker = Worker.join(run / "lease")
    with pytest.raises(RunError, match="is being worked on by"):
        write_bundle(mine, graph, tmp_path / "a.tar", [run.name])
    worker.leave()
    concept = graph.nodes["id"].to_pylist()[0]
    child = rename_concept(graph, concept, "renamed", by="ada", why="x")
    child.write(mine.graphs)
    write_bundle(mine, child, tmp_path / "child.tar", [run.name])
    with pytest.raises(InputError, match="did not grow from"):
        other = Snapshot.from_tables({"nodes": graph.nodes})
        other.write(mine.graphs)
        write_bundle(mine, other, tmp_path / "b.tar", [run.name])
    with pytest.raises(InputError, match="is there already and stays"):
        write_bundle(mine, child, tmp_path / "child.tar")
    for seeds in mine.seeds.iterdir():
        seeds.unlink()
    (why,) = {reason[:13] for reason in write_bundle(mine, graph, tmp_path / "c.tar").without}
    assert why == "the seed set "
    assert "left out as asked" in write_bundle(mine, graph, tmp_path / "d.tar", seeds=False).without[-1]
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.fixture(scope="module")
def bundle(whole: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "a.tar"
    write_bundle(whole, _graph(whole), out, [_run(whole).name], reviews=True)
    return out


def _remade(bundle: Path, out: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> Path:
    """The bundle with its members changed."""
    with tarfile.open(bundle) as tar:
        members = [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    change(members)
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return out


def _listed(members: list[tuple[tarfile.TarInfo, bytes]], name: str, content: bytes = b"x") -> None:
    """Add a member, and list it as if it belonged there."""
    import hashlib

    told = orjson.loads(members[0][1])
    told["files"][name] = {"size": len(content), "hash": "b2:" + hashlib.blake2b(content, digest_size=16).hexdigest()}
    members[0] = (members[0][0], orjson.dumps(told))
    members.append((tarfile.TarInfo(name), content))


def _link(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    _listed(members, "runs/x/shards/link", b"")
    member = members[-1][0]
    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"


def _first(members: list[tuple[tarfile.TarInfo, bytes]], end: str) -> int:
    return next(place for place, (member, _) in enumerate(members) if member.name.endswith(end))


def _flip(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    at = _first(members, "nodes.parquet")
    member, content = members[at]
    members[at] = (member, content[:-1] + bytes([content[-1] ^ 1]))


ATTACKS: dict[str, Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]] = {
    "a path that leads out": lambda m: _listed(m, "runs/../../evil"),
    "another": lambda m: _listed(m, "seeds/../../../evil.parquet"),
    "an absolute path": lambda m: _listed(m, "/tmp/evil"),
    "a hidden file": lambda m: _listed(m, "runs/.ssh/authorized_keys"),
    "a hidden name": lambda m: _listed(m, "runs/x/.profile"),
    "the settings": lambda m: _listed(m, "skillweave.toml"),
    "a lease": lambda m: _listed(m, "runs/x/lease/00000.000001"),
    "a store": lambda m: _listed(m, "stores/x/graph.lbug"),
    "a backslash": lambda m: _listed(m, "runs/a\\..\\b"),
    "a line end": lambda m: _listed(m, "runs/a\nb/run.json"),
    "a deeper path": lambda m: _listed(m, "runs/x/shards/y/z"),
    "a link": _link,
    "a changed byte": _flip,
    "a file that is not listed": lambda m: m.append((tarfile.TarInfo("runs/x/more"), b"x")),
    "a file twice": lambda m: m.append(m[-1]),
    "a missing file": lambda m: m.pop(),
    "no manifest": lambda m: m.pop(0),
    "a damaged manifest": lambda m: m.__setitem__(0, (m[0][0], b"{}")),
    "nothing": lambda m: m.clear(),
    "a second graph": lambda m: _listed(m, f"graphs/g{'0' * 32}/meta.json", b"{}"),
    "reviews that are none": lambda m: _listed(m, "reviews.json", b"[1]") if not _without_reviews(m) else None,
}


def _without_reviews(members: list[tuple[tarfile.TarInfo, bytes]]) -> bool:
    members.pop(_first(members, "reviews.json"))
    return False


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_bundle_that_is_not_what_it_lists_changes_nothing(bundle: Path, tmp_path: Path, attack: str) -> None:
    place = Workspace(tmp_path / "deep" / "workspace").prepare()
    before = _files(tmp_path)
    bad = _remade(bundle, tmp_path / "bad.tar", ATTACKS[attack])
    with pytest.raises(InputError, match=r"nothing was changed|no graph|cannot be read|is missing|damaged"):
        read_bundle(bad, place)
    bad.unlink()
    assert _files(tmp_path) == before
    assert not [path for path in place.root.iterdir() if path.name.startswith(".")]


def test_a_file_that_is_cut_short_or_no_bundle_changes_nothing(bundle: Path, whole: Workspace, tmp_path: Path) -> None:
    place = Workspace(tmp_path / "workspace")
    for suffix in (".tar", ".tar.gz", ".tar.zst"):
        made = tmp_path / f"b{suffix}"
        write_bundle(whole, _graph(whole), made)
        content = made.read_bytes()
        for size in (0, 3, 700, len(content) // 2):
            made.write_bytes(content[:size])
            with pytest.raises(InputError, match="no bundle, or was changed or cut short"):
                read_bundle(made, place)
    with pytest.raises(InputError, match="cannot be read"):
        read_bundle(tmp_path / "nowhere.tar", place)
    assert not _files(place.root)


def test_what_is_there_and_another_stops_it_before_anything_is_placed(
    bundle: Path, whole: Workspace, tmp_path: Path
) -> None:
    place = Workspace(tmp_path).prepare()
    run = _run(whole).name
    shutil.copytree(whole.runs / run, place.runs / run)
    (place.runs / run / "target.json").write_text('{"count": 1}', encoding="utf-8")
    before = _files(tmp_path)
    with pytest.raises(InputError, match=rf"has another runs/{run} than .*; nothing was changed"):
        read_bundle(bundle, place)
    assert _files(tmp_path) == before


def test_where_one_part_cannot_be_put_the_others_are_taken_back(bundle: Path, tmp_path: Path) -> None:
    place = Workspace(tmp_path).prepare()
    place.graphs.rmdir()
    place.graphs.write_bytes(b"in the way")
    with pytest.raises((InputError, OSError)):
        read_bundle(bundle, place)
    assert _files(tmp_path) == {"graphs": b"in the way"}


def test_a_verdict_that_is_here_stays(bundle: Path, whole: Workspace, tmp_path: Path) -> None:
    place = Workspace(tmp_path).prepare()
    question = next(question for question, said in verdicts(whole).items() if said == REJECT)
    add_verdicts(place, [Verdict(question, ACCEPT, "", "bo")])
    assert read_bundle(bundle, place).verdicts == 1
    assert verdicts(place)[question] == ACCEPT


def test_questions_made_earlier_count_in_the_graph_after_a_decision(mine: Workspace, tmp_path: Path) -> None:
    graph = _graph(mine)
    uses = graph.nodes.filter(pc.equal(graph.nodes["kind"], "knowledge_point")).sort_by([("count", "descending")])
    merged = merge_concepts(graph, *uses["id"].to_pylist()[:2], by="ada", why="one")
    counts = []
    for each in (graph, rename_concept(graph, uses["id"][0].as_py(), "shown so", by="ada", why="x"), merged):
        folder = tmp_path / each.fingerprint
        folder.mkdir()
        staged = stage(each, questions_of(mine, each), folder)
        counts.append((staged.counts["Question"], staged.unresolved))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0][0] > 50


def test_du_tells_every_part_and_the_sum_is_the_workspaces(whole: Workspace) -> None:
    rows = json.loads(_shell(whole)("du", "--format", "json"))
    assert {row["what"] for row in rows} >= {"graph", "store", "run", "dataset", "seeds", "other"}
    assert sum(row["bytes"] for row in rows) == sum(len(content) for content in _files(whole.root).values())
    assert [row["bytes"] for row in rows] == sorted((row["bytes"] for row in rows), reverse=True)


MAKER = """
import sys, time
from pathlib import Path
from engine.folders import made_whole
with made_whole(Path(sys.argv[1])) as folder:
    (folder / "part").write_bytes(b"x" * 1000)
    print("made", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def maker(mine: Workspace) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a process that makes a folder of the workspace, and never ends by itself."""
    started: list[subprocess.Popen[str]] = []

    def start(where: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", MAKER, str(mine.root / where)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout is not None
        assert started[-1].stdout.readline() == "made\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def test_gc_frees_what_nothing_needs_and_nothing_else(
    mine: Workspace, maker: Callable[[str], subprocess.Popen[str]]
) -> None:
    shell, graph, run = _shell(mine), _graph(mine), _run(mine)
    for reviews in mine.root.glob("reviews.sqlite*"):
        reviews.unlink()  # the store was made before there were any
    assert json.loads(shell("gc", "--format", "json")) == [], "all of a quickstart is needed"
    needed = _files(mine.root)
    project(graph, mine.stores)  # without questions: not the store that would be asked now
    (mine.stores / "broken").mkdir()
    (mine.stores / "broken" / "graph.lbug").write_bytes(b"x")
    live, killed = maker("graphs/live"), maker("stores/killed")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    seal = next((run / "shards").glob("*.seal.json")).name.partition(".")[0]
    (run / "shards" / f"{seal}.000001.calls.jsonl").write_bytes(b"{}\n")
    (run / "shards" / f"{seal}.ffffffff.rows.parquet").write_bytes(b"x")
    (run / "shards" / "00099.ffffffff.rows.parquet").write_bytes(b"of a shard that is not sealed")
    old, young = mine.seeds / ".a.parquet.00000000.tmp", mine.seeds / ".b.parquet.00000000.tmp"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 90_000,) * 2)

    told = {row["path"]: row["why"] for row in json.loads(shell("gc", "--format", "json"))}
    kinds = {path: path.partition("/")[2] for path in told}
    assert len(told) == 6, told
    assert sum("an older store of graph" in why for why in told.values()) == 1
    assert told["stores/broken"].startswith("a store that was cut short")
    assert [why for path, why in told.items() if kinds[path].startswith(".killed.")] == [
        "left behind by a process that is gone"
    ]
    assert told["seeds/.a.parquet.00000000.tmp"] == "temporary, and untouched since yesterday"
    before = _files(mine.root)
    shell("gc")
    assert _files(mine.root) == before, "without --yes it only tells"

    shell("gc", "--yes")
    kept = _files(mine.root)
    assert needed.items() <= kept.items()
    more = {path for path in kept.keys() - needed.keys() if not path.startswith("graphs/.live.")}
    assert more == {"seeds/.b.parquet.00000000.tmp", f"runs/{run.name}/shards/00099.ffffffff.rows.parquet"}
    assert live.poll() is None
    assert json.loads(shell("gc", "--format", "json")) == []

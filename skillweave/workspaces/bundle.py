"""One file of a graph and chosen runs, for a colleague: a tar, plain or compressed by its suffix (.gz, .zst).

    skillweave-bundle.json      first: format, graph, runs, and every other member with its size and hash
    graphs/<fingerprint>/...    the snapshot
    runs/<name>/...             the runs it was made of, the chosen runs, and their tagging runs
    coverage/<id>.parquet       the coverages that chosen runs were guided by
    pairs/<hash>.parquet        the pairs of names that a judging run was asked about
    seeds/<name>.parquet        the seed sets of both
    withdrawn.json              the last word on each seed of these that was ever withdrawn, with its reason
    reviews.json                what persons said of the questions, where it is asked for

The same workspace gives the same bytes: members are sorted, times and owners are zero. skillweave.toml, leases and what
endpoints were found to do are never in it, so neither is a key or an address; prompts and replies are.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import secrets
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

import orjson
import pyarrow as pa

from engine.errors import InputError, RunError
from engine.files import file_hash, storage_errors, sync
from engine.lease import workers
from engine.progress import meter
from engine.rows import read_accepted
from engine.run import find_run, read_spec
from engine.shard import left_behind, seals_of
from engine.workspace import Workspace
from generation.reviews import read_verdicts
from generation.tagging import find_tags
from graph.making import seed_sets_of
from graph.seed import read_seeds, seeds_hash
from graph.snapshot import Snapshot, lineage
from graph.withdrawn import last_words

FORMAT = 1
MANIFEST, REVIEWS, WITHDRAWN = "skillweave-bundle.json", "reviews.json", "withdrawn.json"
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Bundled:
    """What was put into a bundle."""

    files: int
    size: int
    """Bytes of the members."""
    without: tuple[str, ...]
    """What was left out, and why, each a sentence."""


def write_bundle(
    place: Workspace,
    snapshot: Snapshot,
    out: Path,
    runs: Sequence[str] = (),
    *,
    seeds: bool = True,
    reviews: bool = False,
) -> Bundled:
    """Write the graph and the runs of these names to `out`; whole or not at all, durable on return.

    Raises InputError where `out` is there already or a run was made from a graph that this one did not grow from,
    RunError where somebody works on a run.
    """
    if out.exists():
        raise InputError(f"{out} is there already and stays; name another file: skillweave workspace bundle FILE")
    chosen = [find_run(place.runs, name) for name in runs]
    for run in chosen:
        made_from = read_spec(run).items.get("graph")
        if made_from not in lineage(snapshot):
            raise InputError(
                f"run {run.name} was made from graph {made_from}, which {snapshot.fingerprint} did not grow from; "
                f"bundle that graph: skillweave workspace bundle FILE --graph {made_from} --run {run.name}"
            )
    tagged = [tags.folder for run in chosen if (tags := find_tags(run)) is not None]
    without: list[str] = []
    extractions = []
    judging = snapshot.meta.get("judging") or {}
    for name in (*snapshot.meta.get("runs", ()), *filter(None, [judging.get("run")])):
        if (place.runs / name / "run.json").is_file():
            extractions.append(place.runs / name)
        else:
            without.append(f"the run {name}, of which the graph was made, is not in this workspace")
    files = {f"graphs/{snapshot.fingerprint}/{f.name}": f for f in (place.graphs / snapshot.fingerprint).iterdir()}
    for run in {run.name: run for run in (*extractions, *chosen, *tagged)}.values():
        files |= _files_of_run(run)
        files |= _stands_on(place, run, without)
    if seeds:
        files |= _seed_files(place, snapshot, without)
    else:
        without.append("seed questions were left out as asked, so nothing can be generated from the graph there")
    said = {REVIEWS: _reviews(place, chosen)} if reviews else {}
    if words := last_words(place, _seed_ids(snapshot, files)):
        said[WITHDRAWN] = orjson.dumps([asdict(word) for word in words], option=_PRETTY)
    return Bundled(*_write(out, snapshot, [run.name for run in chosen], files, said), tuple(without))


def _files_of_run(run: Path) -> dict[str, Path]:
    """The run's files without leases, and without what a crash left behind."""
    if who := workers(run / "lease"):
        raise RunError(f"run {run.name} is being worked on by {who[0]}; watch it end: skillweave runs {run.name}")
    left = set(left_behind(run / "shards", seals_of(run / "shards")))
    found = [path for part in (run, run / "shards") for path in part.iterdir() if path.is_file()]
    return {
        f"runs/{run.name}/{path.relative_to(run).as_posix()}": path
        for path in found
        if path not in left and not path.name.startswith(".")
    }


def _stands_on(place: Workspace, run: Path, without: list[str]) -> dict[str, Path]:
    """The files beside the run that its items are made of, seed sets and graphs apart."""
    items = read_spec(run).items
    files = {}
    for what, folder, name in (
        ("coverage", place.coverage, items.get("coverage")),
        ("pairs", place.pairs, items.get("pairs")),
    ):
        if name is None:
            continue
        path = folder / f"{name}.parquet"
        if path.is_file():
            files[f"{what}/{path.name}"] = path
        else:
            without.append(f"{what} {name}, with which run {run.name} was made, is not in this workspace")
    return files


def _seed_files(place: Workspace, snapshot: Snapshot, without: list[str]) -> dict[str, Path]:
    """The seed sets that the graph was made of, where they are what they were."""
    if any(not (place.runs / name / "run.json").is_file() for name in snapshot.meta.get("runs", ())):
        without.append("which seed sets it was made of stands in that extraction, so none is here")
        return {}
    files = {}
    for entry in seed_sets_of(place, snapshot):
        path = place.seeds / f"{entry['name']}.parquet"
        if path.is_file() and seeds_hash(read_seeds(path)) == entry["hash"]:
            files[f"seeds/{path.name}"] = path
        else:
            without.append(f"the seed set {entry['name']} is no longer the one that the graph was made of")
    return files


def _seed_ids(snapshot: Snapshot, files: Mapping[str, Path]) -> set[str]:
    """The seeds that the graph mentions, and those of the seed sets among the files."""
    ids = set(snapshot.mentions["seed_id"].to_pylist())
    return ids.union(seed.id for name, path in files.items() if name.startswith("seeds/") for seed in read_seeds(path))


def _reviews(place: Workspace, runs: Iterable[Path]) -> bytes:
    ids = {row for run in runs for table in read_accepted(run, ["id"]) for row in table["id"].to_pylist()}
    given = [asdict(one.verdict) for one in read_verdicts(place, last=True) if one.verdict.question in ids]
    return orjson.dumps(sorted(given, key=lambda one: str(one["question"])), option=_PRETTY)


def _write(
    out: Path, snapshot: Snapshot, runs: list[str], files: dict[str, Path], said: Mapping[str, bytes]
) -> tuple[int, int]:
    members = dict(sorted(files.items()))
    sizes = {name: path.stat().st_size for name, path in members.items()}
    described = {name: {"size": sizes[name], "hash": file_hash(path)} for name, path in members.items()}
    sizes |= {name: len(content) for name, content in said.items()}
    described |= {name: {"size": len(content), "hash": _hash(content)} for name, content in said.items()}
    told = {"format": FORMAT, "graph": snapshot.fingerprint, "runs": runs, "files": described}
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}.tmp")
    with storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (
                compressed(temporary, out.suffix) as stream,
                tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar,
                meter("bundling", len(members)) as progress,
            ):
                _add(tar, MANIFEST, orjson.dumps(told, option=_PRETTY))
                for name, content in sorted(said.items()):
                    _add(tar, name, content)
                for done, (name, path) in enumerate(members.items(), 1):
                    with path.open("rb") as file:
                        tar.addfile(_member(name, sizes[name]), file)
                    progress.update(done)
            sync(temporary)
            temporary.replace(out)
            sync(out.parent)
        finally:
            temporary.unlink(missing_ok=True)
    return len(sizes), sum(sizes.values())


@contextmanager
def compressed(path: Path, suffix: str) -> Iterator[IO[bytes]]:
    """A new file to write, compressed as the suffix says; no time and no name stand in it."""
    with path.open("xb") as file:
        if suffix == ".gz":
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as stream:
                yield cast("IO[bytes]", stream)
        elif suffix == ".zst":
            with pa.CompressedOutputStream(pa.PythonFile(file, "w"), "zstd") as stream:
                yield stream
        else:
            yield file


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    tar.addfile(_member(name, len(content)), io.BytesIO(content))


def _hash(content: bytes) -> str:
    return "b2:" + hashlib.blake2b(content, digest_size=16).hexdigest()

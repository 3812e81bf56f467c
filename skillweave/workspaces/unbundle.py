"""Put a bundle into a workspace: all of it or nothing, and never in place of something else.

A stranger may have made the file. Members are taken only by the names that its manifest lists, which must be plain
files of a graph, a run, a seed set or what a run stands on; each is checked by size and hash, and the graph by its
fingerprint, in a hidden folder. Only then are folders and files put in their places, graphs last. What is there already
and the same is left as it is; anything else that is there stops it before. A process that is killed between two renames
leaves whole parts: the same command again puts the rest.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import orjson
import pyarrow as pa

from engine.errors import InputError
from engine.files import file_hash, storage_errors, sync
from engine.folders import held_folder
from engine.run import read_spec
from engine.workspace import Workspace
from generation.reviews import VERDICTS, Verdict, add_verdicts, verdicts
from graph.merging.judging import read_pairs
from graph.sampling.coverage import read_coverage
from graph.seed import read_seeds, seeds_hash
from graph.snapshot import SCHEMAS, Snapshot
from graph.withdrawn import Withdrawal, read_word, take_words
from skillweave.workspaces.bundle import FORMAT, MANIFEST, REVIEWS, WITHDRAWN

_MOST_OF_A_MANIFEST = 64 << 20
_PIECE = 1 << 20
_PLACES = re.compile(
    r"graphs/g[0-9a-f]{32}/\w+\.(parquet|json)|seeds/[^/]+\.parquet|runs/[^/]+/(shards/)?[^/]+"
    r"|coverage/v[0-9a-f]{32}\.parquet|pairs/[0-9a-f]{32}\.parquet"
)
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Unbundled:
    """What a bundle brought."""

    graph: str
    runs: tuple[str, ...]
    placed: tuple[str, ...]
    """What is new in the workspace, as paths in it."""
    same: tuple[str, ...]
    """What was there already."""
    verdicts: int
    """Verdicts of persons that are new; a question that has one here keeps it."""
    withdrawals: int
    """Seeds that are withdrawn here now, or back, by a word that is later than what was said here."""


def read_bundle(path: Path, place: Workspace) -> Unbundled:
    """Put what the file holds into the workspace; durable on return.

    Raises InputError, with the workspace as it was, where the file is damaged or was changed, holds what no bundle
    holds, or would have to replace something.
    """
    place.prepare()
    with storage_errors(place.root), held_folder(place.root / "unbundled") as folder:
        told = _unpack(path, folder)
        graph, runs = _checked(path, folder, told)
        units = _units(folder)
        same = [unit for unit in units if (place.root / unit).exists()]
        if other := [unit for unit in same if not _is_same(folder / unit, place.root / unit)]:
            raise InputError(
                f"{place.root} has another {', '.join(other)} than {path}; nothing was changed. Put the bundle into "
                f"another workspace: skillweave workspace unbundle {path} --workspace FOLDER"
            )
        new = [unit for unit in units if unit not in same]
        said, words = _verdicts(path, folder), _words(path, folder)
        _place(folder, place.root, new)
        known = verdicts(place)
        added = add_verdicts(place, fresh) if (fresh := [one for one in said if one.question not in known]) else 0
        withdrawals = take_words(place, words)
    return Unbundled(graph, runs, tuple(new), tuple(same), added, withdrawals)


def _unpack(path: Path, folder: Path) -> Mapping[str, Any]:
    """Write the members into the folder, each as the manifest says; the manifest."""
    try:
        with _opened(path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            told: Mapping[str, Any] | None = None
            seen: set[str] = set()
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if told is None:
                    told = _manifest(path, member, content)
                    continue
                listed = told["files"].get(member.name)
                if content is None or listed is None or member.name in seen or member.size != listed["size"]:
                    raise InputError(_damaged(path, f"{member.name!r} is not what its manifest lists"))
                if member.name not in (REVIEWS, WITHDRAWN) and not _is_ours(member.name):
                    raise InputError(_damaged(path, f"{member.name!r} is no file that a bundle holds"))
                seen.add(member.name)
                _write(path, folder / member.name, content, listed)
    except (tarfile.TarError, EOFError, OSError, zlib.error, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise InputError(_damaged(path, str(error))) from None
    if told is None or (missing := told["files"].keys() - seen):
        raise InputError(_damaged(path, f"{min(missing)!r} is missing" if told is not None else "it is empty"))
    return told


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's content, decompressed as its first bytes say."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); a colleague makes it by: skillweave workspace bundle FILE"
        ) from None
    with file:
        head = file.read(4)
        file.seek(0)
        if head.startswith(_GZIP):
            with gzip.GzipFile(fileobj=file, mode="rb") as stream:
                yield cast("IO[bytes]", stream)
        elif head.startswith(_ZSTD):
            with pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd") as stream:
                yield stream
        else:
            yield file


def _manifest(path: Path, member: tarfile.TarInfo, content: IO[bytes] | None) -> Mapping[str, Any]:
    if content is None or member.name != MANIFEST or member.size > _MOST_OF_A_MANIFEST:
        raise InputError(_damaged(path, f"it does not begin with {MANIFEST}"))
    try:
        told = orjson.loads(content.read())
        version, _ = told["format"], [str(name) for name in (told["graph"], *told["runs"])]
        if not all(isinstance(listed["size"], int) and listed["hash"] for listed in told["files"].values()):
            raise ValueError("files")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(_damaged(path, f"{MANIFEST} cannot be read")) from None
    if version != FORMAT:
        raise InputError(
            f"{path} has format {version}, this skillweave reads {FORMAT}; upgrade it: pip install skillweave"
        )
    return dict(told)


def _is_ours(name: str) -> bool:
    """A plain path of what a bundle may hold: no part hidden, none that leads elsewhere, nothing unprintable."""
    parts = name.split("/")
    hidden = any(part.startswith(".") or "\\" in part for part in parts)
    return name.isprintable() and not hidden and _PLACES.fullmatch(name) is not None


def _write(path: Path, target: Path, content: IO[bytes], listed: Mapping[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.blake2b(digest_size=16)
    with target.open("xb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            file.write(piece)
    if "b2:" + digest.hexdigest() != listed["hash"]:
        raise InputError(_damaged(path, f"{target.name!r} has another hash than its manifest lists"))
    sync(target)


def _checked(path: Path, folder: Path, told: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The graph and the chosen runs, which are what they say they are."""
    graphs = sorted((folder / "graphs").iterdir()) if (folder / "graphs").is_dir() else []
    if [each.name for each in graphs] != [told["graph"]]:
        raise InputError(_damaged(path, f"it holds no graph {told['graph']}"))
    snapshot = Snapshot.open(graphs[0])
    made = Snapshot.from_tables({name: getattr(snapshot, name) for name in SCHEMAS}).fingerprint
    if {made, snapshot.fingerprint} != {told["graph"]}:
        raise InputError(_damaged(path, f"the rows of its graph are those of {made}, not {told['graph']}"))
    runs = folder / "runs"
    for run in runs.iterdir() if runs.is_dir() else ():
        read_spec(run)
    if missing := [name for name in told["runs"] if not (runs / name / "run.json").is_file()]:
        raise InputError(_damaged(path, f"it lists the run {missing[0]} and does not hold it"))
    for seeds in (folder / "seeds").glob("*"):
        read_seeds(seeds)
    for file in (folder / "coverage").glob("*"):
        read_coverage(Workspace(folder), file.stem)
    for file in (folder / "pairs").glob("*"):
        read_pairs(folder, file.stem)
    return told["graph"], tuple(told["runs"])


def _units(folder: Path) -> list[str]:
    """What is put in its place at once, as paths, graphs last."""
    return [
        f"{part}/{each.name}"
        for part in ("seeds", "coverage", "pairs", "runs", "graphs")
        if (folder / part).is_dir()
        for each in sorted((folder / part).iterdir())
    ]


def _is_same(new: Path, old: Path) -> bool:
    """Whether what is there already is what the bundle has: seeds by their hash, a run by its bytes.

    Graphs, coverages and pairs are named by what they hold.
    """
    if new.parent.name == "graphs":
        return (old / "meta.json").is_file()
    if new.parent.name in ("coverage", "pairs"):
        return old.is_file()
    if new.parent.name == "seeds":
        return seeds_hash(read_seeds(new)) == seeds_hash(read_seeds(old))
    files = [file for file in new.rglob("*") if file.is_file()]
    there = [old / file.relative_to(new) for file in files]
    return all(
        b.is_file() and a.stat().st_size == b.stat().st_size and file_hash(a) == file_hash(b)
        for a, b in zip(files, there, strict=True)
    )


def _place(folder: Path, root: Path, units: list[str]) -> None:
    """Put the units in their places; where one cannot be, those before it are taken back."""
    placed: list[str] = []
    for run in (folder / "runs").glob("*"):
        (run / "lease").mkdir()
        (run / "shards").mkdir(exist_ok=True)
    for each in sorted(folder.rglob("*"), reverse=True):
        if each.is_dir():
            sync(each)
    try:
        for unit in units:
            if (root / unit).exists():
                raise InputError(
                    f"{root / unit} was made meanwhile; nothing was changed. Give the same command again: "
                    "skillweave workspace unbundle FILE"
                )
            (root / unit).parent.mkdir(exist_ok=True)
            (folder / unit).rename(root / unit)
            placed.append(unit)
    except BaseException:
        for unit in reversed(placed):
            (root / unit).rename(folder / unit)
        raise
    for part in {unit.partition("/")[0] for unit in units}:
        sync(root / part)


def _verdicts(path: Path, folder: Path) -> list[Verdict]:
    if not (folder / REVIEWS).is_file():
        return []
    try:
        said = [Verdict(**row) for row in orjson.loads((folder / REVIEWS).read_bytes())]
        if not all(one.verdict in VERDICTS and one.question and one.by for one in said):
            raise ValueError
    except (ValueError, TypeError):
        raise InputError(_damaged(path, f"{REVIEWS} cannot be read")) from None
    return said


def _words(path: Path, folder: Path) -> list[Withdrawal]:
    if not (folder / WITHDRAWN).is_file():
        return []
    try:
        return [read_word(raw) for raw in orjson.loads((folder / WITHDRAWN).read_bytes())]
    except (ValueError, TypeError):
        raise InputError(_damaged(path, f"{WITHDRAWN} cannot be read")) from None


def _damaged(path: Path, why: str) -> str:
    return (
        f"{path} is no bundle, or was changed or cut short: {why}; nothing was changed here. Have it made again: "
        "skillweave workspace bundle FILE"
    )

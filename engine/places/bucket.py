"""A run on object storage, and its copy in a folder of this machine.

    <url>/run.json, target.json
          lease/…, purse/…                       as on a disk; a heartbeat is a put that changes the object's version
          shards/00042.range.json, .seal.json    made by conditional puts
                 00042.<token>.rows.parquet …    put before the seal that names them
                 00042.<attempt>.<byte>.calls.jsonl   a commit of a journal: what follows from that byte on
          batches/…                              as on a disk

A store cannot append, so each group commit of a journal is one object, put before the copy here grows by the same
bytes. Whoever takes the shard over puts the journal together again; places of bytes mean the same on every machine.

A conditional put whose answer was lost is sent again and then refused. What is found there tells whose it is: all that
may be made once holds its maker's token.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import orjson

from engine.errors import InputError, SkillweaveError, StorageError
from engine.files import file_hash, put_new, replace
from engine.shard import Seal, seals_of

_SEGMENT = re.compile(r"(.+)\.(\d{12})\.calls\.jsonl")
_LASTING = re.compile(
    r"lease/\d{5,}\.\d{6}(\.released)?|shards/\d{5,}\.(range|seal)\.json|purse/\d{6,}\.json"
    r"|batches/\d{5,}(\.uploaded|\.submitted|\.settled\.[\w-]+)?\.json"
)
_CHANGING = re.compile(r"target\.json|batches/\d{5,}\.seen\.json")
_WORKERS = "lease/worker-"
_PAGE = 256
"""Objects that are fetched at once."""


def connect(url: str) -> tuple[Any, str]:
    """The file system that an address names, and the path in it; nothing is asked yet."""
    try:
        fsspec = import_module("fsspec")
    except ImportError:
        raise InputError(f"{url}: runs on object storage want an extra: pip install 'skillweave[bucket]'") from None
    try:
        files, root = fsspec.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
    except (ImportError, ValueError) as error:
        raise InputError(f"{url}: {error}; give an address such as s3://bucket/runs") from None
    return files, str(root).rstrip("/")


@contextmanager
def store_errors(url: str) -> Iterator[None]:
    """Turn what a store refuses into one StorageError that names the address."""
    try:
        yield
    except (FileNotFoundError, FileExistsError, SkillweaveError):
        raise
    except Exception as error:  # each store has exceptions of its own
        why = " ".join(str(error).split()) or type(error).__name__
        raise StorageError(
            f"{url}: {why}. What is journaled is kept; give the same command again when the store answers"
        ) from error


def probe(files: Any, root: str, url: str) -> None:
    """Raise InputError where a key can be made twice: then nothing would keep two workers apart."""
    key = f"{root}/.probe-{secrets.token_hex(6)}"
    with store_errors(url):
        files.pipe_file(key, b"1", mode="create")
        try:
            files.pipe_file(key, b"2", mode="create")
        except FileExistsError:
            return
        finally:
            files.rm_file(key)
    raise InputError(
        f"{url}: this store lets a key be made twice (it ignores If-None-Match), so two workers could seal the same "
        "shard. Choose a store with conditional puts, or a folder that all machines share"
    )


@dataclass
class Bucket:
    """The place of a run on object storage."""

    folder: Path
    """The copy on this machine."""
    url: str
    _files: Any
    """An fsspec file system."""
    _root: str
    rest_s: ClassVar[float] = 5.0
    _versions: dict[str, str] = field(default_factory=dict)
    """Of what may change: heartbeats, the target, how waves stand."""

    @classmethod
    def open(cls, folder: Path, url: str) -> Bucket:
        """Open it. Raises InputError where the store is no good for it."""
        files, root = connect(url)
        probe(files, root, url)
        return cls(folder, url, files, root)

    # ---- names

    def _key(self, path: Path) -> str:
        return f"{self._root}/{path.relative_to(self.folder).as_posix()}"

    def _path(self, name: str) -> Path:
        return self.folder / name

    def _list(self, part: str = "", prefix: str = "") -> dict[str, str]:
        """The versions of what is there, by name in the run's folder."""
        with store_errors(self.url):
            under = f"{self._root}/{part}" if part else self._root
            found: Mapping[str, Mapping[str, Any]] = self._files.find(under, prefix=prefix, detail=True)
        return {
            key[len(self._root) + 1 :]: str(about.get("ETag") or about.get("etag") or about.get("mtime"))
            for key, about in found.items()
        }

    def _get(self, names: Iterable[str]) -> dict[str, bytes]:
        """The contents of these; without those that are gone by now."""
        wanted = sorted(names)
        contents: dict[str, bytes] = {}
        with store_errors(self.url):
            for start in range(0, len(wanted), _PAGE):
                keys = [f"{self._root}/{name}" for name in wanted[start : start + _PAGE]]
                for key, content in self._files.cat(keys, on_error="return").items():
                    if isinstance(content, FileNotFoundError):
                        continue
                    if isinstance(content, BaseException):
                        raise content
                    contents[key[len(self._root) + 1 :]] = content
        return contents

    def _create(self, key: str, content: bytes) -> bool:
        with store_errors(self.url):
            try:
                self._files.pipe_file(key, content, mode="create")
            except FileExistsError:
                return False
        return True

    # ---- reading

    def look(self) -> None:
        """One listing, and what is new in it. Leases of sealed shards tell nothing any more and stay away."""
        listed = self._list()
        sealed = {name[7:].partition(".")[0] for name in listed if name.endswith(".seal.json")}
        self._bring(name for name in listed if not (name.startswith("lease/") and name[6:].partition(".")[0] in sealed))
        self._look_at_workers({name: version for name, version in listed.items() if name.startswith(_WORKERS)})
        changed = {
            name: version
            for name, version in listed.items()
            if _CHANGING.fullmatch(name) and version != self._versions.get(name)
        }
        for name, content in self._get(changed).items():
            replace(self._path(name), content)
            self._versions[name] = changed[name]

    def _bring(self, listed: Iterable[str]) -> None:
        """Copy what is put once and is not here yet."""
        fresh = {name for name in listed if _LASTING.fullmatch(name) and not self._path(name).exists()}
        for name, content in self._get(fresh).items():
            self._path(name).parent.mkdir(exist_ok=True)
            put_new(self._path(name), content)

    def _look_at_workers(self, listed: Mapping[str, str]) -> None:
        """A heartbeat that changed there changes the time of the copy here."""
        for path in (self.folder / "lease").glob("worker-*"):
            if f"lease/{path.name}" not in listed:
                path.unlink(missing_ok=True)
        fresh = [name for name in listed if not self._path(name).exists()]
        for name, content in self._get(fresh).items():
            put_new(self._path(name), content)
        for name, version in listed.items():
            if self._versions.get(name) != version:
                self._versions[name] = version
                with suppress(FileNotFoundError):
                    os.utime(self._path(name))

    def look_at(self, shard: int) -> None:
        """The listing is of one moment: without a seal in it, its journals are all there were. Waves come before."""
        self._bring(self._list("batches"))
        while True:
            listed = self._list("shards", f"{shard:05d}.")
            seal = f"shards/{shard:05d}.seal.json"
            if seal in listed:
                for name, content in self._get({seal}).items():
                    put_new(self._path(name), content)
                return
            if self._assemble(listed):
                return

    def _assemble(self, listed: Iterable[str]) -> bool:
        """Add to the journals here what was committed elsewhere. False where some went meanwhile.

        Several processes of this machine may do so at once, and the journal's own: each byte has one place.
        """
        segments = [(match[1], int(match[2]), name) for name in listed if (match := _SEGMENT.fullmatch(name))]
        journals = {stem: self._path(f"{stem}.calls.jsonl") for stem, _, _ in segments}
        sizes = {stem: path.stat().st_size if path.exists() else 0 for stem, path in journals.items()}
        contents = self._get(name for stem, start, name in segments if start >= sizes[stem])
        for stem, start, name in sorted(segments):
            if start < sizes[stem]:
                continue
            if start > sizes[stem] or name not in contents:
                return False
            write_at(journals[stem], start, contents[name])
            sizes[stem] += len(contents[name])
        return True

    def fetch(self) -> None:
        """All that `look` brings, the sealed rows, and the journals of what is open."""
        self.look()
        seals = seals_of(self.folder / "shards")
        for seal in seals.values():
            self._fetch_sealed(seal)
        listed = self._list("shards")
        open_ = {name for name in listed if int(name[7:].partition(".")[0]) not in seals}
        if not self._assemble(open_):
            self.fetch()

    def _fetch_sealed(self, seal: Seal) -> None:
        for file in seal.files.values():
            path = self.folder / "shards" / file.name
            if path.exists():
                continue
            fresh = path.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
            with store_errors(self.url):
                self._files.get_file(self._key(path), str(fresh))
            if file_hash(fresh) != file.hash:
                fresh.unlink()
                raise StorageError(f"{self.url}/shards/{file.name} is not what its seal names; restore it from a copy")
            fresh.replace(path)

    # ---- writing

    def put_new(self, path: Path, content: bytes) -> bool:
        """By a conditional put."""
        made = self._create(self._key(path), content)
        if not made:
            with store_errors(self.url):
                found: bytes = self._files.cat_file(self._key(path))
            made, content = found == content, found
        put_new(path, content)
        return made

    def replace(self, path: Path, content: bytes) -> None:
        """By a put, here afterwards."""
        with store_errors(self.url):
            self._files.pipe_file(self._key(path), content)
        replace(path, content)

    def beat(self, path: Path) -> None:
        """By a put of what it says and the time, which gives it another version."""
        said = orjson.loads(path.read_bytes())
        with store_errors(self.url):
            self._files.pipe_file(self._key(path), orjson.dumps({**said, "at": time.time_ns()}))
        os.utime(path)

    def has(self, path: Path) -> bool:
        """By asking the store."""
        with store_errors(self.url):
            return bool(self._files.exists(self._key(path)))

    def remove(self, path: Path) -> None:
        """There first; of a journal, every commit."""
        names = [path.relative_to(self.folder).as_posix()]
        if path.name.endswith(".calls.jsonl"):
            names = list(self._list("shards", f"{path.name.removesuffix('calls.jsonl')}"))
        with store_errors(self.url):
            for name in names:
                with suppress(FileNotFoundError):
                    self._files.rm_file(f"{self._root}/{name}")
        path.unlink(missing_ok=True)

    def append(self, path: Path, start: int, content: bytes) -> None:
        """As an object of its own.

        One that is there from an attempt that seemed to fail holds the beginning of the same lines.
        """
        stem = self._key(path).removesuffix(".calls.jsonl")
        while content and not self._create(f"{stem}.{start:012d}.calls.jsonl", content):
            with store_errors(self.url):
                found: bytes = self._files.cat_file(f"{stem}.{start:012d}.calls.jsonl")
            if not found or not content.startswith(found):
                raise StorageError(f"{self.url}: another process writes the journal {path.name}; nothing was lost")
            start, content = start + len(found), content[len(found) :]

    def keep(self, path: Path) -> None:
        """By a put of the whole."""
        with store_errors(self.url):
            self._files.put_file(str(path), self._key(path))

    def bring(self, path: Path) -> None:
        """By a get of the whole."""
        if path.exists():
            return
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        with store_errors(self.url):
            self._files.get_file(self._key(path), str(fresh))
        fresh.replace(path)


def write_at(path: Path, start: int, content: bytes) -> None:
    """Write these bytes to that place of the file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(descriptor, content, start)
    finally:
        os.close(descriptor)

"""The journal: every reply, before anything is made of it.

One append-only JSON-lines file an attempt (a worker that holds a shard), created exclusively and named by the
generation of its lease. Replies are written in group commits: at the latest after `commit_replies` replies or
`commit_delay_s` seconds, with one fdatasync. What a `kill -9` can lose is the replies of one commit and what was in
flight; the last line may be torn and is then ignored.

Its first line says which journals it continues, each up to which byte. A worker that was overtaken without knowing may
write on for a moment: what it writes after its successor read is paid in vain, and decides nothing. So every
conversation rests on one chain of journals, even where the endpoint gives another reply to the same call.

Each line carries its format version `v`; this reader knows all that were ever written: 1; 2, which adds the reasoning
`r`; and 3, the first line. Journals of before 3 continue all that are older. In format 2 the usage `u` may have a fifth
number, the tokens that nobody counted but we.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import orjson
from msgspec import DecodeError, Struct
from msgspec.json import Decoder, Encoder
from msgspec.structs import astuple

from engine.call import Finish, Reply, Usage
from engine.errors import JournalDamaged
from engine.files import storage_errors, sync
from engine.places import place_of

FORMAT, HEAD_FORMAT = 2, 3
_GENERATION = re.compile(r"\d{5,}\.(\d{6})-[\w-]+\.calls\.jsonl")


@dataclass(frozen=True, slots=True)
class Part:
    """The beginning of a journal: its first `size` bytes, whole lines."""

    path: Path
    size: int


Chain = tuple[Part, ...]
"""What a worker knew when it began; of several replies at one address the first part's counts."""


class Entry(Struct, frozen=True, gc=False):
    """One journaled reply: its address, the key it was asked with, and what it cost by which price."""

    index: int
    path: str
    key: str
    reply: Reply
    at_ms: int = 0
    """Unix time of the reply, in milliseconds."""
    price: str = ""
    """The id of the price it was paid at; empty where no price is known."""
    origin: str = ""
    """The run it was taken from by --reuse, where nothing was paid; else empty."""


class _Line(Struct, omit_defaults=True):
    """An entry as it is written; what has a default may be missing."""

    v: int
    i: int
    p: str
    k: str
    t: str
    f: Finish
    u: tuple[int, ...]
    m: str
    a: int
    at: int
    e: str | None = None
    r: str = ""
    price: str = ""
    origin: str = ""


_encode_line, _decode_line = Encoder().encode, Decoder(_Line).decode


def encode(entry: Entry) -> bytes:
    """One line, newline included."""
    index, path, key, reply, at_ms, price, origin = astuple(entry)
    text, finish, usage, model, attempt, error, reasoning = astuple(reply)
    taken = usage if usage.estimated else usage[:4]
    line = _Line(
        FORMAT, index, path, key, text, finish, taken, model, attempt, at_ms, error or None, reasoning, price, origin
    )
    return _encode_line(line) + b"\n"


def _decode(line: bytes) -> Entry:
    read = _decode_line(line)
    if read.v not in (1, FORMAT):
        raise ValueError(f"format {read.v}")
    reply = Reply(read.t, read.f, Usage(*read.u), read.m, read.a, read.e, read.r)
    return Entry(read.i, read.p, read.k, reply, read.at, read.price, read.origin)


def head(chain: Chain) -> bytes:
    """The first line of a journal that continues the chain, newline included."""
    after = [[part.path.name, part.size] for part in chain]
    return orjson.dumps({"v": HEAD_FORMAT, "after": after}, option=orjson.OPT_APPEND_NEWLINE)


def read_head(path: Path) -> Chain | None:
    """What a journal continues; None for one without a first line that says so, of before format 3."""
    with path.open("rb") as handle:
        line = handle.readline()
    if not line.endswith(b"\n") or not line.startswith(b'{"v":3,'):
        return None
    return tuple(Part(path.with_name(name), size) for name, size in orjson.loads(line)["after"])


def read_journal(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
    """The entries of one attempt, in the order they were written. A torn last line is passed over.

    `start` and `stop` are places of bytes where a line begins. Raises JournalDamaged, with file and line, for any other
    line that cannot be read.
    """
    with path.open("rb") as handle:
        before = handle.read(start).count(b"\n")
        lines = handle.read(-1 if stop is None else stop - start).split(b"\n")
    lines.pop()  # what follows the last newline is nothing, or torn
    for number, line in enumerate(lines, before + 1):
        if number == 1 and line.startswith(b'{"v":3,'):
            continue
        try:
            yield _decode(line)
        except (DecodeError, ValueError, TypeError) as error:
            raise JournalDamaged(
                f"{path}:{number}: not a journal line of format 1 to {HEAD_FORMAT} ({error}); the replies before it "
                f"are whole. Keep a copy, cut the file there (head -n {number - 1}), and give the same command again"
            ) from error


def whole_size(path: Path) -> int:
    """The bytes of a journal's whole lines."""
    with path.open("rb") as handle:
        end = handle.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - (1 << 16))
            handle.seek(begin)
            if (newline := handle.read(end - begin).rfind(b"\n")) >= 0:
                return begin + newline + 1
            end = begin
    return 0


def generation_of(path: Path) -> int:
    """The generation of the lease under which a journal was written; 0 for one of before there were any."""
    match = _GENERATION.fullmatch(path.name)
    return int(match[1]) if match else 0


def journals_of(folder: Path, shard: int) -> list[Path]:
    """The journals of all attempts at a shard, oldest first."""
    return sorted(folder.glob(f"{shard:05d}.*.calls.jsonl"), key=lambda path: (generation_of(path), path.name))


def chain_of(folder: Path, shard: int) -> Chain:
    """What whoever takes the shard now knows: the last attempt, up to here, and what that one continued."""
    parts = [Part(path, size) for path in journals_of(folder, shard) if (size := whole_size(path))]
    continued = read_head(parts[-1].path) if parts else None
    return tuple(parts) if continued is None else (parts[-1], *continued)


class _AttemptFile:
    """One attempt's file. A write that fails leaves it as it was after the last whole commit."""

    def __init__(self, folder: Path, shard: int, generation: int, chain: Chain) -> None:
        self.path = folder / f"{shard:05d}.{generation:06d}-{os.getpid()}-{secrets.token_hex(3)}.calls.jsonl"
        self._place = place_of(folder.parent)
        with storage_errors(self.path):
            self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            sync(folder)
        self._length = 0
        self._head = head(chain)

    def commit(self, content: bytes) -> None:
        if not self._length:
            content = self._head + content
        self._place.append(self.path, self._length, content)
        try:
            with storage_errors(self.path):
                written = 0
                while written < len(content):
                    written += os.pwrite(self._handle, content[written:], self._length + written)
                os.fdatasync(self._handle)
        except BaseException:
            os.ftruncate(self._handle, self._length)
            raise
        self._length += len(content)

    def close(self) -> None:
        os.close(self._handle)


@dataclass
class Journal:
    """Writes the entries of one process, a file a shard, in group commits. For one event loop; `add` never waits.

    One commit is written at a time, in a thread, and it is written to its end: whoever waits for it may be cancelled.
    """

    folder: Path
    commit_replies: int = 256
    """A commit begins when this many replies wait for one."""
    commit_delay_s: float = 0.2
    """A commit begins when a reply has waited for this long."""
    after_commit: Callable[[], None] = lambda: None
    """Called after each commit, in the event loop: the place to beat a lease."""
    on_failure: Callable[[BaseException], None] = lambda _: None
    """Called, in the event loop, with what made a commit fail, or with what `after_commit` raised."""
    uncommitted: int = 0
    """Replies that a `kill -9` now would lose."""
    _begun: dict[int, tuple[int, Chain]] = field(default_factory=dict)
    _waiting: dict[int, list[Entry]] = field(default_factory=dict)
    _count: int = 0
    _files: dict[int, _AttemptFile] = field(default_factory=dict)
    _timer: asyncio.TimerHandle | None = None
    _writing: asyncio.Future[None] | None = None

    def begin(self, shard: int, generation: int, chain: Chain) -> None:
        """The shard is ours, in this generation; its journal, made at the first commit, continues the chain."""
        self._begun[shard] = (generation, chain)

    def add(self, shard: int, entry: Entry) -> None:
        """Remember a reply; durable after the next commit."""
        self._waiting.setdefault(shard, []).append(entry)
        self._count += 1
        self.uncommitted += 1
        if self._count >= self.commit_replies:
            self._begin()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.commit_delay_s, self._begin)

    def _begin(self) -> asyncio.Future[None]:
        """The commit at work, else a new one of all that waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writing is None:
            batch, self._waiting, self._count = self._waiting, {}, 0
            loop = asyncio.get_running_loop()
            self._writing = loop.create_future()
            count = sum(map(len, batch.values()))
            loop.run_in_executor(None, self._write, batch).add_done_callback(partial(self._written, batch, count))
        return self._writing

    def _written(self, left: dict[int, list[Entry]], count: int, written: asyncio.Future[None]) -> None:
        """Count what was written; what is left of a failed commit waits again, before what came later."""
        remaining = sum(map(len, left.values()))
        self.uncommitted -= count - remaining
        self._count += remaining
        for shard, entries in left.items():
            self._waiting[shard] = entries + self._waiting.get(shard, [])
        assert self._writing is not None  # noqa: S101 - this ends the commit that `_begin` began
        done, self._writing = self._writing, None
        try:
            written.result()
            self.after_commit()
        except Exception as error:  # noqa: BLE001 - nobody need await a commit: whoever made the journal is told
            self.on_failure(error)
            done.set_exception(error)
            done.exception()  # looked at: no warning where nobody awaits it
        else:
            done.set_result(None)
            if self._waiting and self._timer is None:  # a commit was wanted while this one was written
                self._begin()

    async def written(self) -> None:
        """Wait for the commit at work, else for one of all that waits. Raises StorageError where the disk refuses."""
        await asyncio.shield(self._begin())

    async def commit(self) -> None:
        """Make every reply added so far durable. Raises StorageError where the disk refuses; nothing is forgotten.

        Replies of a shard are written in the order they were added, so what a crash leaves is always a beginning: never
        the second turn of a conversation without the first.
        """
        if self._writing is not None:
            await asyncio.shield(self._writing)
        if self._waiting or self._writing is not None:  # the second commit holds what the first came too early for
            await asyncio.shield(self._begin())

    def _write(self, batch: dict[int, list[Entry]]) -> None:
        """Write and empty the batch, shard by shard."""
        for shard in list(batch):
            if shard not in self._files:
                self._files[shard] = _AttemptFile(self.folder, shard, *self._begun.get(shard, (1, ())))
            self._files[shard].commit(b"".join(map(encode, batch[shard])))
            del batch[shard]

    async def finish(self, shard: int) -> None:
        """Commit, and close the shard's file; a later `add` would begin a new one."""
        await self.commit()
        if (file := self._files.pop(shard, None)) is not None:
            file.close()

    def close(self) -> None:
        """Close the files; commit before."""
        if self._timer is not None:
            self._timer.cancel()
        for file in self._files.values():
            file.close()
        self._files.clear()

"""How a run comes to object storage, and how another machine finds it there."""

from __future__ import annotations

from pathlib import Path

import orjson

from engine.errors import InputError
from engine.files import put_new
from engine.folders import made_whole
from engine.places import PLACE
from engine.places.bucket import Bucket, connect, store_errors


def _address(url: str, name: str) -> str:
    return f"{url.rstrip('/')}/{name}"


def publish(folder: Path, url: str) -> None:
    """Let the run in `folder`, which nobody has begun, lie at `<url>/<its name>` from now on.

    Raises InputError where another run lies there, where this one lies elsewhere or has begun, and where the store
    cannot keep workers apart.
    """
    address = _address(url, folder.name)
    if (folder / PLACE).exists():
        _require(folder, address)
        return
    if any((folder / "shards").iterdir()):
        raise InputError(f"run {folder.name} has begun in {folder}; it stays there. Give a new run another --name")
    bucket = Bucket.open(folder, address)
    if not bucket.put_new(folder / "run.json", (folder / "run.json").read_bytes()):
        raise InputError(f"{address} holds another run; give this one another --name")
    bucket.put_new(folder / "target.json", (folder / "target.json").read_bytes())
    put_new(folder / PLACE, orjson.dumps({"url": address}))
    bucket.look()


def join(runs: Path, name: str, url: str) -> Path:
    """The folder here of the run at `<url>/<name>`; made where there is none.

    Raises InputError where there is no such run, or another one of that name here.
    """
    folder, address = runs / name, _address(url, name)
    if folder.exists():
        _require(folder, address)
        return folder
    files, root = connect(address)
    try:
        with store_errors(address):
            parts = {part: files.cat_file(f"{root}/{part}") for part in ("run.json", "target.json")}
    except FileNotFoundError:
        raise InputError(f"there is no run at {address}; begin it: skillweave generate --place {url}") from None
    with made_whole(folder) as fresh:
        for part in ("shards", "lease", "purse"):
            (fresh / part).mkdir()
        for part, content in parts.items():
            put_new(fresh / part, content)
        put_new(fresh / PLACE, orjson.dumps({"url": address}))
    return folder


def _require(folder: Path, address: str) -> None:
    known = folder / PLACE
    lies = orjson.loads(known.read_bytes())["url"] if known.exists() else str(folder)
    if lies != address:
        raise InputError(f"run {folder.name} lies at {lies}, not at {address}; give another --name or --workspace")

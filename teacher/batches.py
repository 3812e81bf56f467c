"""The files and batches endpoints, as OpenAI has them, with misbehaviour on request.

    POST /v1/files (multipart, purpose=batch)    GET /v1/files   GET|DELETE /v1/files/{id}   GET /v1/files/{id}/content
    POST /v1/batches    GET /v1/batches   GET /v1/batches/{id}    POST /v1/batches/{id}/cancel

A batch goes validating -> in_progress -> finalizing -> completed, within `batch_s` seconds and the time its rows take.
Replies are in its output file, refused and lost rows in its error file, on disk as long as the process lives. Rows are
answered one by one by whatever answers a single request, so a batch and a single request get the same reply.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs

import orjson

from teacher.asgi import Receive, Scope, Send, answer, answer_bytes, read_body
from teacher.completion import Refused
from teacher.faults import Faults
from teacher.upload import read_upload

MAX_REQUESTS, MAX_BYTES = 50_000, 200 * 1024 * 1024
_URL = "/v1/chat/completions"
_PAGE = 20
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})

AnswerRow = Callable[[dict[str, Any]], tuple[int, Any]]
"""The status and the body of the answer to one request's body."""


@dataclass(slots=True)
class _Batch:
    """One batch, as its object is shown; `stop` asks its task to end."""

    shown: dict[str, Any]
    faults: Faults
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def cancelled(self) -> bool:
        return self.stop.is_set()


@dataclass
class Batches:
    """The endpoints. `faults_of` gives the faults that hold for a model's name."""

    answer_row: AnswerRow
    faults_of: Callable[[str], Faults]
    _files: dict[str, dict[str, Any]] = field(default_factory=dict)
    _batches: dict[str, _Batch] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="offline-teacher-"))
        weakref.finalize(self, shutil.rmtree, self._place, ignore_errors=True)

    def stats(self) -> dict[str, int]:
        """Files that were uploaded and batches that were submitted, whatever became of them."""
        uploaded = sum(file["purpose"] == "batch" for file in self._files.values())
        return {"files": uploaded, "batches": len(self._batches)}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request for /files or /batches."""
        parts = scope["path"].removeprefix("/v1").strip("/").split("/")
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode()).items()}
        try:
            match (scope["method"], *parts):
                case ("POST", "files"):
                    await answer(send, 200, await self._upload(scope, receive))
                case ("GET", "files"):
                    await answer(send, 200, _page([*self._files.values()], query))
                case ("GET", "files", name):
                    await answer(send, 200, self._file(name))
                case ("DELETE", "files", name):
                    self._file(name)
                    (self._place / name).unlink()
                    del self._files[name]
                    await answer(send, 200, {"id": name, "object": "file", "deleted": True})
                case ("GET", "files", name, "content"):
                    await _send_file(send, self._place / name, self._file(name)["bytes"])
                case ("POST", "batches"):
                    await self._create(receive, send)
                case ("GET", "batches"):
                    await answer(send, 200, _page([batch.shown for batch in self._batches.values()], query))
                case ("GET", "batches", name):
                    await answer(send, 200, self._batch(name).shown)
                case ("POST", "batches", name, "cancel"):
                    await answer(send, 200, self._cancel(self._batch(name)))
                case _:
                    raise Refused(404, "there is no such address among files and batches", "not_found")
        except Refused as refused:
            await answer(send, refused.status, refused.body)

    # ---- files

    def _file(self, name: str) -> dict[str, Any]:
        if name not in self._files:
            raise Refused(404, f"No such File object: {name[:100]}", "not_found", "id")
        return self._files[name]

    async def _upload(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        name = "file-" + secrets.token_hex(8)
        try:
            fields, filename, size = await read_upload(receive, kind.decode("latin-1"), self._place / name, MAX_BYTES)
            if fields.get("purpose") != "batch":
                raise Refused(400, "only files with purpose batch are taken", "invalid_purpose", "purpose")
        except Refused:
            (self._place / name).unlink(missing_ok=True)
            raise
        return self._keep(name, filename, "batch", size)

    def _keep(self, name: str, filename: str, purpose: str, size: int) -> dict[str, Any]:
        self._files[name] = {
            "id": name, "object": "file", "bytes": size, "created_at": int(time.time()), "filename": filename,
            "purpose": purpose, "status": "processed",
        }  # fmt: skip
        return self._files[name]

    def _lines(self, name: str) -> Iterator[bytes]:
        with (self._place / name).open("rb") as file:
            yield from file

    # ---- batches

    def _batch(self, name: str) -> _Batch:
        if name not in self._batches:
            raise Refused(404, f"No batch found with id '{name[:100]}'.", "not_found", "id")
        return self._batches[name]

    async def _create(self, receive: Receive, send: Send) -> None:
        content = await read_body(receive, 1 << 20)
        try:
            asked = orjson.loads(content or b"")
            source, metadata = asked["input_file_id"], asked.get("metadata") or {}
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise Refused(400, "input_file_id is missing", "missing_required_parameter", "input_file_id") from None
        self._file(source)
        if asked.get("endpoint") != _URL:
            raise Refused(400, f"endpoint must be {_URL}", "invalid_endpoint", "endpoint")
        if asked.get("completion_window") != "24h":
            raise Refused(400, "completion_window must be 24h", "invalid_completion_window", "completion_window")
        faults = self.faults_of(_model_of(next(self._lines(source), b"")))
        number = len(self._batches) + 1
        if faults.batch_times is not None and number > faults.batch_times:
            faults = faults.without_batch_faults()
        if faults.batch_refuse is not None:
            raise Refused(429, f"Too many batches ({faults.batch_refuse}, as asked)", faults.batch_refuse)
        name = "batch_" + secrets.token_hex(8)
        counts = {"total": 0, "completed": 0, "failed": 0}
        self._batches[name] = batch = _Batch({
            "id": name, "object": "batch", "endpoint": _URL, "errors": None, "input_file_id": source,
            "completion_window": "24h", "status": "validating", "output_file_id": None, "error_file_id": None,
            "created_at": int(time.time()), "request_counts": counts, "metadata": metadata,
        }, faults)  # fmt: skip
        task = asyncio.get_running_loop().create_task(self._run(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if faults.batch_lost_reply:
            whole = orjson.dumps(batch.shown)
            headers = {"content-type": "application/json", "content-length": str(len(whole))}
            await answer_bytes(send, 200, whole[:20], headers, whole=False)
            return
        await answer(send, 200, batch.shown)

    def _cancel(self, batch: _Batch) -> dict[str, Any]:
        if batch.shown["status"] in _ENDED:
            raise Refused(409, f"Cannot cancel a batch with status '{batch.shown['status']}'.", "invalid_status")
        batch.stop.set()
        batch.shown["status"] = "cancelling"
        return batch.shown

    async def _pause(self, batch: _Batch) -> None:
        """A third of `batch_s`, or until somebody cancels."""
        with suppress(TimeoutError):
            async with asyncio.timeout(batch.faults.batch_s / 3):
                await batch.stop.wait()

    async def _run(self, batch: _Batch) -> None:
        shown, faults = batch.shown, batch.faults
        await self._pause(batch)
        errors = self._validate(shown["input_file_id"])
        if faults.batch_fail is not None:
            errors = [_error(faults.batch_fail, f"{faults.batch_fail} (as asked)", None)]
        if errors:
            shown.update(status="failed", errors={"object": "list", "data": errors})
            return
        if not batch.cancelled:
            shown["status"] = "in_progress"
        await self._pause(batch)
        await self._answer_rows(batch)
        if shown["status"] == "in_progress":
            shown["status"] = "finalizing"
            await self._pause(batch)
            shown["status"] = "cancelled" if batch.cancelled else "completed"

    def _validate(self, source: str) -> list[dict[str, Any]]:
        """What is wrong with the lines: a batch with a faulty line fails before a row is answered."""
        errors, seen, models = [], set(), set()
        number = 0
        for number, line in enumerate(self._lines(source), 1):
            try:
                row = orjson.loads(line)
                name, right = row["custom_id"], (row["method"], row["url"]) == ("POST", _URL)
                models.add(row["body"]["model"])
            except (orjson.JSONDecodeError, KeyError, TypeError):
                errors.append(_error("invalid_json_line", "This line is not a request", number))
                continue
            if not right:
                errors.append(_error("invalid_url", f"method and url must be POST {_URL}", number))
            if name in seen:
                errors.append(_error("duplicate_custom_id", f"custom_id {name} stands twice", number))
            if len(models) > 1:
                errors.append(_error("mismatched_model", "all requests of a batch must ask one model", number))
                models.pop()
            seen.add(name)
        if not number:
            errors.append(_error("empty_file", "The file holds no requests", None))
        if number > MAX_REQUESTS:
            errors.append(_error("too_many_requests", f"more than {MAX_REQUESTS:,} requests", None))
        return errors[:100]

    async def _answer_rows(self, batch: _Batch) -> None:
        shown, faults = batch.shown, batch.faults
        source, counts = shown["input_file_id"], shown["request_counts"]
        counts["total"] = sum(1 for _ in self._lines(source))
        most = faults.batch_expire_after if faults.batch_expire_after is not None else faults.batch_cancel_after
        replies: list[bytes] = []
        losses: list[bytes] = []
        for number, line in enumerate(self._lines(source)):
            row = orjson.loads(line)
            if batch.cancelled or (most is not None and number >= most):
                if faults.batch_expire_after is not None:
                    why = {"code": "batch_expired", "message": "This request could not be executed in time."}
                    losses.append(_row(row["custom_id"], None, why))
                continue
            status, body = self.answer_row(row["body"])
            counts["completed" if status == 200 else "failed"] += 1
            response = {"status_code": status, "request_id": secrets.token_hex(8), "body": body}
            (replies if status == 200 else losses).append(_row(row["custom_id"], response, None))
            if number % 20 == 0:
                await asyncio.sleep(0)
        replies = _shuffled(replies, faults, Random(source))
        shown["output_file_id"] = self._write(replies, "output")
        shown["error_file_id"] = self._write(losses, "error")
        if faults.batch_expire_after is not None:
            shown["status"] = "expired"
        elif batch.cancelled or faults.batch_cancel_after is not None:
            shown["status"] = "cancelled"

    def _write(self, rows: list[bytes], kind: str) -> str | None:
        if not rows:
            return None
        name = "file-" + secrets.token_hex(8)
        with (self._place / name).open("wb") as file:
            file.writelines(rows)
        self._keep(name, f"batch_{kind}.jsonl", "batch_output", (self._place / name).stat().st_size)
        return name


def _model_of(line: bytes) -> str:
    try:
        return str(orjson.loads(line)["body"]["model"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""


def _row(custom_id: str, response: dict[str, Any] | None, error: dict[str, str] | None) -> bytes:
    line = {"id": "batch_req_" + secrets.token_hex(8), "custom_id": custom_id, "response": response, "error": error}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _error(code: str, message: str, line: int | None) -> dict[str, Any]:
    return {"code": code, "message": message, "param": None, "line": line}


def _shuffled(rows: list[bytes], faults: Faults, chance: Random) -> list[bytes]:
    """The rows with some missing, some twice and in another order, as asked."""
    kept = [row for row in rows if chance.random() >= faults.batch_missing]
    kept += [row for row in kept if chance.random() < faults.batch_duplicate]
    if faults.batch_shuffle:
        chance.shuffle(kept)
    return kept


def _page(objects: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    """A page of a list, the newest first, after the id that `after` names."""
    newest = [shown for shown in reversed(objects) if query.get("purpose") in (None, shown.get("purpose"))]
    names = [shown["id"] for shown in newest]
    begin = names.index(query["after"]) + 1 if query.get("after") in names else 0
    limit = int(query.get("limit", _PAGE))
    page = newest[begin : begin + limit]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
    return {"object": "list", "data": page, "has_more": begin + limit < len(newest), **ends}


async def _send_file(send: Send, path: Path, size: int) -> None:
    headers = [(b"content-type", b"application/octet-stream"), (b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    with path.open("rb") as file:
        while piece := file.read(1 << 18):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})

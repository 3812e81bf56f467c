"""A provider's files and batches endpoints (OpenAI's shape), over aiohttp, with the errors of `engine.transports.wire`.

Files go up and come down in pieces, so a wave of 200 MB takes no memory. One attempt at a time: who calls tries again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from engine.errors import ConnectionFault, EndpointStop, MalformedReply
from engine.files import storage_errors
from engine.models import Endpoint
from engine.transports.exchange import behind_proxy
from engine.transports.wire import Answer, clean, read_answer

CHAT = "/v1/chat/completions"
WINDOW = "24h"
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
"""States in which nothing more will come of a batch."""
_PIECE = 1 << 18
_PAGE = 100
_SLACK_S = 86_400
"""How far the clocks of this machine and the provider's may differ, where a list is read back to a time."""


@dataclass(frozen=True, slots=True)
class BatchError:
    """Why a batch failed as a whole; `line` is the line of its file that is wrong, counted from 1, where one is."""

    code: str
    message: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as the provider describes it."""

    id: str
    status: str
    input_file: str
    files: tuple[str, ...]
    """Where its rows are: the replies, then the errors; none before it ended."""
    done: int
    """Rows that have ended, well or not."""
    total: int
    errors: tuple[BatchError, ...]
    metadata: Mapping[str, str]

    @classmethod
    def read(cls, shown: Mapping[str, Any]) -> Batch:
        """Raises KeyError, TypeError or AttributeError for what is no batch."""
        counts = shown.get("request_counts") or {}
        errors = (shown.get("errors") or {}).get("data") or []
        return cls(
            id=str(shown["id"]),
            status=str(shown["status"]),
            input_file=str(shown.get("input_file_id") or ""),
            files=tuple(shown[name] for name in ("output_file_id", "error_file_id") if shown.get(name)),
            done=int(counts.get("completed") or 0) + int(counts.get("failed") or 0),
            total=int(counts.get("total") or 0),
            errors=tuple(
                BatchError(str(e.get("code") or ""), str(e.get("message") or ""), e.get("line")) for e in errors
            ),
            metadata=dict(shown.get("metadata") or {}),
        )


class BatchApi:
    """One endpoint's files and batches. Made within an event loop.

    Every method raises a Fault that another try may cure, or an EndpointStop.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._name = endpoint.ref.served_by
        self._secret = endpoint.api_key.get_secret_value()
        headers = {"User-Agent": "skillweave"}
        if self._secret:
            headers["Authorization"] = f"Bearer {self._secret}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=60.0, sock_read=endpoint.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=behind_proxy(endpoint.base_url),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    # ---- files

    async def upload(self, path: Path, filename: str) -> str:
        """Upload a file of calls, in pieces; the provider's id of it."""
        with path.open("rb") as file:
            form = aiohttp.FormData()
            form.add_field("purpose", "batch")
            form.add_field("file", file, filename=filename, content_type="application/jsonl")
            return str((await self._json("POST", "/files", data=form))["id"])

    async def find_file(self, filename: str, since_s: float) -> str | None:
        """The id of a file that was uploaded under this name after that Unix time; None where there is none."""
        async for file in self._list("/files", {"purpose": "batch", "order": "desc"}, since_s):
            if file.get("filename") == filename:
                return str(file["id"])
        return None

    async def download(self, file_id: str, path: Path) -> None:
        """Append a file's content to `path`, in pieces, and a line's end; all or nothing of it."""
        async with self._request("GET", f"/files/{file_id}/content") as response:
            if response.status != 200:
                await self._refuse(response)
            with storage_errors(path), path.open("ab") as file:
                begin = file.tell()
                try:
                    async for piece in response.content.iter_chunked(_PIECE):
                        file.write(piece)
                except BaseException:
                    file.truncate(begin)
                    raise
                file.write(b"\n")

    # ---- batches

    async def create(self, file_id: str, metadata: Mapping[str, str]) -> Batch:
        """Submit a batch. Where the answer is lost the batch may be there all the same: see `find_batch`."""
        body = {"input_file_id": file_id, "endpoint": CHAT, "completion_window": WINDOW, "metadata": dict(metadata)}
        return self._batch(await self._json("POST", "/batches", json=body))

    async def get(self, batch_id: str) -> Batch | None:
        """The batch as it stands now; None where the provider knows none of this id."""
        async with self._request("GET", f"/batches/{batch_id}") as response:
            if response.status == 404:
                return None
            return self._batch(await self._object(response))

    async def cancel(self, batch_id: str) -> None:
        """Ask for its end; what was answered by then still comes. One that has ended stays as it is."""
        async with self._request("POST", f"/batches/{batch_id}/cancel") as response:
            if response.status not in (200, 400, 409):
                await self._refuse(response)

    async def find_batch(self, metadata: Mapping[str, str], file_id: str, since_s: float) -> Batch | None:
        """The batch with this metadata, or of this file, submitted after that Unix time; None where there is none."""
        async for shown in self._list("/batches", {}, since_s):
            batch = self._batch(shown)
            if batch.input_file == file_id or all(batch.metadata.get(n) == v for n, v in metadata.items()):
                return batch
        return None

    # ---- requests

    async def _list(self, address: str, query: Mapping[str, str], since_s: float) -> AsyncIterator[dict[str, Any]]:
        """What a list holds, the newest first, until that time."""
        after: dict[str, str] = {}
        while True:
            page = await self._json("GET", address, params={**query, **after, "limit": str(_PAGE)})
            shown = [entry for entry in page.get("data") or [] if isinstance(entry, dict)]
            for entry in shown:
                yield entry
            if not shown or not page.get("has_more") or int(shown[-1].get("created_at") or 0) < since_s - _SLACK_S:
                return
            after = {"after": str(shown[-1]["id"])}

    @asynccontextmanager
    async def _request(self, method: str, address: str, **how: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            url = self.endpoint.base_url + address
            async with self._session.request(method, url, allow_redirects=False, **how) as response:
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            why = clean(f"{type(error).__name__}: {error}", self._secret)
            raise ConnectionFault(f"{self._name}: {method} {address}: {why}") from None

    async def _refuse(self, response: aiohttp.ClientResponse) -> None:
        answer = Answer(response.status, response.headers, await response.read())
        reply = read_answer(answer, self._name, self._secret)
        raise EndpointStop(f"{reply.error}: its batch endpoint refuses what it was sent; see docs/batch.md")

    async def _json(self, method: str, address: str, **how: Any) -> dict[str, Any]:
        async with self._request(method, address, **how) as response:
            return await self._object(response)

    async def _object(self, response: aiohttp.ClientResponse) -> dict[str, Any]:
        if response.status not in (200, 201):
            await self._refuse(response)
        try:
            body = orjson.loads(await response.read())
        except orjson.JSONDecodeError as error:
            raise MalformedReply(f"{self._name}: {response.url.path}: no whole JSON ({error})") from None
        if not isinstance(body, dict):
            raise MalformedReply(f"{self._name}: {response.url.path}: no JSON object")
        return body

    def _batch(self, shown: Mapping[str, Any]) -> Batch:
        try:
            return Batch.read(shown)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise MalformedReply(f"{self._name}: what came is no batch") from None

"""The route that serves a whole graph to its picture: once, packed, past the page's socket.

Its address carries a key that only a page of this process gives out, so that who may not see the page cannot have it.
"""

from __future__ import annotations

import hmac
import secrets
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.text import one_line
from engine.errors import SkillweaveError
from engine.workspace import Workspace

_SECRET = secrets.token_bytes(16)
_KEPT = 3


def address(fingerprint: str) -> str:
    """Where the whole graph is, for who may see this page; relative to the page's own address."""
    return f"overview/{fingerprint}?key={_key(fingerprint)}"


def _key(fingerprint: str) -> str:
    return hmac.digest(_SECRET, fingerprint.encode(), "sha256").hex()[:32]


@lru_cache(maxsize=_KEPT)
def _packed(fingerprint: str) -> bytes:
    from graph.overview import overview  # not before the server answers
    from graph.snapshot import Snapshot, find_snapshot

    place = Workspace.find()
    return overview(place, Snapshot.open(find_snapshot(place.graphs, fingerprint)), one_line)


async def _serve(request: Request) -> Response:
    fingerprint = request.path_params["fingerprint"]
    if not hmac.compare_digest(request.query_params.get("key", "").encode(), _key(fingerprint).encode()):
        return PlainTextResponse("load the page again: its address is of an earlier start", status_code=403)
    try:
        body = await run_in_threadpool(_packed, fingerprint)
    except SkillweaveError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=86400"}
    return Response(body, media_type="application/json", headers=headers)


ROUTE = Route("/overview/{fingerprint}", _serve, methods=["GET"])

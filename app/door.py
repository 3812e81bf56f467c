"""Who is let in at all, before Streamlit answers: by machine where there is no sign-in, by cookie where there is.

Pages themselves are guarded by `access.gate`; what Streamlit gives to anybody is its own script, the page in which
everything is drawn. The door closes what could be had by an address alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri
from streamlit.web.server.server_util import AUTH_COOKIE_NAME, get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from app import access
from app.roles import Role
from engine.errors import SkillweaveError

HEALTH = "/_stcore/health"
OPEN = frozenset({HEALTH, "/_stcore/host-config", "/_stcore/stream"})
"""Of Streamlit's own routes, what a browser needs before anybody is known. The stream is where pages come from."""
CLOSED = ("/_stcore/", "/media/", "/component/", "/overview/")


class Door:
    """Turns away what is not from this machine, or not signed in, or begun by a page of another site."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one page's connection."""
        if scope["type"] in ("http", "websocket") and (refusal := _refusal(HTTPConnection(scope))):
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": refusal[1][:120]})
                return
            await PlainTextResponse(refusal[1], status_code=refusal[0])(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refusal(asked: HTTPConnection) -> tuple[int, str] | None:
    """Status and reason, where the request is turned away."""
    path: str = asked.scope["path"]
    if not access.sign_in_wanted():
        if not (_is_loopback(asked.client.host if asked.client else "") and _names_this_machine(asked.headers)):
            return 403, "the app has no sign-in, so it answers its own machine alone: open it as http://127.0.0.1"
    elif path.startswith(CLOSED) and path not in OPEN and not may_read(asked.cookies):
        return 401, "sign in first"
    if asked.scope["type"] == "websocket" and not _is_own_page(asked.headers):
        return 403, "a page of another site may not open this one"
    return None


def may_read(cookies: Mapping[str, str]) -> bool:
    """Whether the cookies are of a person who may see pages now. Checked as Streamlit checks them for a page."""

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return None if value is None else decode_signed_value(get_cookie_secret(), name, value)

    found = get_cookie_with_chunks(signed, AUTH_COOKIE_NAME)
    if found is None:
        return False
    try:
        claims = json.loads(found)
        return (
            claims.get("is_logged_in") is True
            and claims.get("origin") == get_origin_from_redirect_uri()
            and access.standing(claims) >= Role.READER
        )
    except (ValueError, AttributeError, SkillweaveError):
        return False


def _is_own_page(headers: Headers) -> bool:
    """Whether a page's connection was begun by a page of ours; a program that is no browser names no origin."""
    origin = headers.get("origin")
    if origin is None or urlsplit(origin).netloc == headers.get("host"):
        return True
    return access.sign_in_wanted() and origin == get_origin_from_redirect_uri()


def _names_this_machine(headers: Headers) -> bool:
    """Whether the address that was asked is one of this machine, and not a name that somebody pointed at it."""
    host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    return host == "localhost" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback

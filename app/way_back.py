"""Back to the link that a person opened, once signed in: Streamlit itself always comes back to the first page.

Who opens a page without being signed in gets a cookie that holds where that was, and that only the address to which the
provider sends people back is told. It is an address within the app and nothing else, whoever wrote the cookie.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import access, door
from app.sign_in import CALLBACK

COOKIE = "skillweave_way_back"
KEPT_S, LONGEST = 600, 2_000
_WITHIN = re.compile(r"/(?![/\\]|auth/|oauth2callback|_stcore/)[\x21-\x7e]*")
"""A page of this app with its query, as a browser writes it; not `//elsewhere`, and no part of signing in or out."""


class WayBack:
    """Keeps where a person wanted to go, for the time of signing in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; all but pages and the provider's answer pass as they are."""
        if scope["type"] != "http" or scope["method"] != "GET" or not access.sign_in_wanted():
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        if scope["path"] == CALLBACK:
            change = _turn(read(asked.cookies.get(COOKIE, "")))
        elif _is_page(asked) and not door.may_read(asked.cookies):
            change = _keep(written(asked))
        else:
            change = None

        async def send_changed(message: Message) -> None:
            if change is not None and message["type"] == "http.response.start":
                change(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_changed)


def written(asked: HTTPConnection) -> str:
    """The cookie's value for what was asked; "" where it is the first page as it always is, no page, or too long."""
    path, query = asked.scope["raw_path"], asked.scope["query_string"]
    address = (path + b"?" + query if query else path).decode("latin-1")
    return encoded(address) if address != "/" and _is_within(address) else ""


def encoded(address: str) -> str:
    """An address as a cookie can hold it."""
    return urlsafe_b64encode(address.encode()).decode().rstrip("=")


def read(value: str) -> str:
    """The address that a cookie holds; "" where it is none within the app."""
    try:
        whole = urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except ValueError:
        return ""
    return whole if _is_within(whole) else ""


def _is_within(address: str) -> bool:
    return len(address) <= LONGEST and _WITHIN.fullmatch(address) is not None


def _is_page(asked: HTTPConnection) -> bool:
    """Whether a browser asks for a page, and not for what a page is made of."""
    wanted = asked.headers.get("sec-fetch-dest", "document")
    return wanted == "document" and "text/html" in asked.headers.get("accept", "")


def _keep(value: str) -> Callable[[MutableHeaders], None] | None:
    cookie = f"{COOKIE}={value}; Path={CALLBACK}; Max-Age={KEPT_S}; HttpOnly; SameSite=Lax"
    return (lambda headers: headers.append("set-cookie", cookie)) if value else None


def _turn(address: str) -> Callable[[MutableHeaders], None] | None:
    def turned(headers: MutableHeaders) -> None:
        if headers.get("location") == "/":
            headers["location"] = address
        headers.append("set-cookie", f"{COOKIE}=; Path={CALLBACK}; Max-Age=0; HttpOnly; SameSite=Lax")

    return turned if address else None

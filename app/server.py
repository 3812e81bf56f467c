"""What `streamlit run` serves: the pages, our own routes, and headers that let a browser fetch nothing from outside."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import access, failures, overview
from app.door import Door
from app.finding import PICTURE, look_no_further
from app.sign_in import ENVIRONMENT, read_provider
from app.way_back import WayBack

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
"""One inline script of Streamlit's own page is refused by it, without harm."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_FRAME = sorted(
    f"static/js/{file.name}"
    for name in ("BidiComponent", "recordbatch", "serialization")
    for file in (Path(st.__file__).parent / "static" / "static" / "js").glob(f"{name}.*.js")
)
_PARTS = sorted(f"_stcore/bidi-components/skillweave.picture/{file.name}" for file in PICTURE.glob("*.js"))
PRELOADED = ", ".join(f"</{path}>; rel=modulepreload" for path in (*_FRAME, *_PARTS))
"""What Streamlit frames Explore's picture in, and the picture's parts: a browser would find them one by one, and last
of all. With sign-in they are not named, for only who has signed in may have them."""

COOKIES_SECURE = ENVIRONMENT in os.environ and read_provider(Path(os.environ[ENVIRONMENT])).home.startswith("https:")
"""Where people come by https, no cookie goes another way."""


class Guarded:
    """Puts the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["path"] == "/" and not access.sign_in_wanted():
                    headers["Link"] = PRELOADED
                if COOKIES_SECURE:
                    message["headers"] = [_secured(name, value) for name, value in message["headers"]]
            await send(message)

        await self._app(scope, receive, send_guarded)


def _to_the_first_page(request: Request) -> RedirectResponse:
    """Explore is the first page and lives at /; who types its name gets there, with what they ask for."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


def _secured(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    plain = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return name, value + b"; Secure" if plain else value


FIRST = "app.views.explore"
LATER = ("app.views.explore.card", "pandas", "app.views.questions", "app.views.coverage", "app.views.runs")
"""What the first look at a page would import: Explore's picture, and all else."""
LATER_S = 4.0
"""Seconds until the first page can be there, which an import would only hold up."""


def _import_pages() -> None:
    import_module(FIRST)
    time.sleep(LATER_S)
    for name in LATER:
        import_module(name)


@asynccontextmanager
async def _warmed(_: st.App) -> AsyncIterator[None]:
    """Import pages while a browser still loads Streamlit's own script, so that nobody waits for it."""
    Thread(target=_import_pages, name="imports", daemon=True).start()
    yield


look_no_further()
app = st.App(
    Path(__file__).with_name("main.py"),
    routes=[overview.ROUTE, Route("/explore", _to_the_first_page)],
    lifespan=_warmed,
    on_script_error=failures.tell,
    middleware=[Middleware(Guarded), Middleware(Door), Middleware(WayBack)],
)

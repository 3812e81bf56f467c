"""What `streamlit run` serves: the pages, our own routes, and headers that let a browser fetch nothing from outside."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import failures, overview
from app.door import Door
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
                MutableHeaders(scope=message).update(HEADERS)
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


app = st.App(
    Path(__file__).with_name("main.py"),
    routes=[overview.ROUTE, Route("/explore", _to_the_first_page)],
    on_script_error=failures.tell,
    middleware=[Middleware(Guarded), Middleware(Door), Middleware(WayBack)],
)

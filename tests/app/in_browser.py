"""A page of the app in a real browser, which may not do what no page of ours may do.

A page is at fault where it writes an error to the console, leaves an exception uncaught, opens a dialog or a window,
asks another machine for anything, or shows a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page, Playwright, Request

SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const still = app?.dataset.testScriptState === 'notRunning' && !document.querySelector('[data-stale=true]')
    && !['DISCONNECTED', 'CONNECTING', 'PINGING_SERVER'].includes(app.dataset.testConnectionState)
    && !document.querySelector('[data-testid=stSpinner], [data-testid=stSkeleton]')
    && document.querySelector('[data-testid=stMainBlockContainer]')?.innerText.trim();
  if (!still) { window.stillSince = undefined; return false; }
  window.stillSince ??= performance.now();
  return performance.now() - window.stillSince > 250;
}"""
"""The script of the page ended, and nothing began anew for a moment."""
STREAMLITS_OWN = (
    re.compile(r"[Ee]xecuting inline script violates .* Content Security Policy"),  # of its index.html, without harm
    re.compile(
        r"404 .*/[a-z]+/_stcore/(health|host-config)$"
    ),  # it looks for its server below the page's address first
)
TRACEBACKS = ("Traceback (most recent call last)", 'File "/', "This page failed")
TIMEOUT_MS = 60_000


@dataclass
class Sight:
    """One page in a context of its own."""

    page: Page
    home: str
    faults: list[str] = field(default_factory=list)

    def open(self, view: str = "", /, **query: str) -> Page:
        """Go to a page of the app and wait until all of it is there."""
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        self.page.goto(f"{self.home}/{view}{asked}", timeout=TIMEOUT_MS)
        return self.settle()

    def settle(self) -> Page:
        """Wait until the page is still; it must be without fault then."""
        self.page.evaluate("() => { window.stillSince = undefined }")
        self.page.wait_for_function(SETTLED, timeout=TIMEOUT_MS, polling=50)
        self.check()
        return self.page

    def check(self) -> None:
        """Fail where the page is at fault."""
        shown = self.page.locator("body").inner_text()
        self.faults += [f"shows {sign!r}: {shown[:2_000]}" for sign in TRACEBACKS if sign in shown]
        if self.page.locator("[data-testid=stException]").count():
            self.faults.append(f"shows an exception: {shown[:2_000]}")
        assert not self.faults, f"{self.page.url}: {self.faults}"

    def watch(self) -> None:
        """Note every fault from now on."""
        host = urlsplit(self.home).netloc

        def requested(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme not in ("data", "blob", "about") and address.netloc != host:
                self.faults.append(f"asked {request.url[:200]}")

        def said(message: ConsoleMessage) -> None:
            text = f"{message.text[:1_000]} at {message.location.get('url', '')[:200]}"
            if message.type == "error" and not any(own.search(text) for own in STREAMLITS_OWN):
                self.faults.append(f"console: {text}")

        def asked(dialog: Dialog) -> None:
            self.faults.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        self.page.on("request", requested)
        self.page.on("console", said)
        self.page.on("dialog", asked)
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        self.page.on("popup", lambda page: self.faults.append(f"window: {page.url}"))


@contextmanager
def sight(browser: Browser, home: str, *, dark: bool = False) -> Iterator[Sight]:
    """A page of the app at `home`, of a person who was never there before; without fault to its end."""
    context = browser.new_context(
        viewport={"width": 1500, "height": 1000}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    try:
        seen = Sight(context.new_page(), home)
        seen.watch()
        yield seen
        seen.check()
    finally:
        context.close()


ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


def _chromium() -> str | None:
    known = (Path("/usr/bin") / name for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((str(path) for path in known if path.is_file()), None)


def launched(playwright: Playwright) -> Browser:
    """Chromium that knows no machine but this one; the test is skipped where there is none."""
    try:
        return playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
    except Error as error:
        pytest.skip(f"no Chromium here: {error.message.splitlines()[0]}")


def lasting(playwright: Playwright, profile: Path) -> BrowserContext:
    """The same, but it keeps what it fetched in that folder, as a person's browser does from day to day."""
    return playwright.chromium.launch_persistent_context(
        profile, executable_path=_chromium(), args=ARGUMENTS, viewport={"width": 1500, "height": 1000}
    )

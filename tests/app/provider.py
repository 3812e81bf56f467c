"""A real OpenID Connect provider (oidc-provider-mock) on this machine, and the secrets that an app needs to use it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

CLIENT_SECRET, COOKIE_SECRET = "of-the-client-hush", "of-the-cookie-hush-0123456789abcdef"
PEOPLE = {
    name: {"email": f"{name}@example.org", "email_verified": True, "name": name.title()}
    for name in ("ada", "bo", "cy", "dan")
}


@dataclass(frozen=True, slots=True)
class Provider:
    """One that runs."""

    url: str

    def write_secrets(self, path: Path, home: str) -> Path:
        """The file for an app that people open at `home`."""
        told = {
            "redirect_uri": f"{home}/oauth2callback",
            "cookie_secret": COOKIE_SECRET,
            "client_id": "skillweave",
            "client_secret": CLIENT_SECRET,
            "server_metadata_url": f"{self.url}/.well-known/openid-configuration",
        }
        path.write_text("[auth]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items()))
        path.chmod(0o600)
        return path

    def set_person(self, name: str, claims: Mapping[str, object]) -> None:
        """What it tells of a person from now on."""
        request = urllib.request.Request(f"{self.url}/users/{name}", json.dumps(claims).encode(), method="PUT")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10):
            pass


@contextmanager
def provider(log: Path) -> Iterator[Provider]:
    """A provider that knows `PEOPLE`, each of whom signs in with one click."""
    made = Provider(f"http://127.0.0.1:{free_port()}")
    known = [part for name, told in PEOPLE.items() for part in ("--user-claims", json.dumps({"sub": name, **told}))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", made.url.rpartition(":")[2], *known]
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        _wait_for(f"{made.url}/.well-known/openid-configuration", process, log)
        yield made
    finally:
        process.terminate()
        process.wait(30)


def sign_in(page: Page, name: str, home: str) -> None:
    """As a person does it on the page that asks for it, until the app has the page again."""
    page.get_by_role("button", name="Sign in").click()
    button_of(page, name).click()
    page.wait_for_url(f"{home}/**")


def button_of(page: Page, name: str) -> Locator:
    """The person's button on the provider's page: by what it sends, for its words differ between versions."""
    return page.locator(f"button[name=sub][value={name}]").first


def free_port() -> int:
    """A port that nothing listens to."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise AssertionError(f"the provider did not start: {log.read_text(encoding='utf-8', errors='replace')}")

"""The app on workspaces of several kinds, and a browser to look at it.

    def test_it(quickstart_app, look):
        sight = look(quickstart_app.url)
        page = sight.open("questions", run="mathscale-...")   # a playwright Page that has settled
        page.get_by_role("button", name="Next").click()
        sight.settle()

A page at fault (see `in_browser`) fails the test where it settles, and at the test's end.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hostile_workspace import prepare
from in_browser import Sight, launched, sight
from playwright.sync_api import Browser, sync_playwright
from serving import Served, served

Look = Callable[..., Sight]
"""(url, dark=False) -> a page of the app there, in a context of its own."""


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest puts its script in the place of `__main__`, which every process spawned by a later test would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file of tests and no longer: while it is there, asyncio.run works in no other test of this process."""
    with sync_playwright() as playwright:
        made = launched(playwright)
        yield made
        made.close()


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    with ExitStack() as stack:
        yield lambda home, **how: stack.enter_context(sight(browser, home, **how))


@pytest.fixture(scope="session")
def quickstart_app(quickstart_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app on a quickstart's workspace, which no test changes."""
    folder = tmp_path_factory.mktemp("quickstart_app")
    place = folder / "workspace"
    shutil.copytree(quickstart_workspace, place)
    with served(place, folder / "log") as app:
        yield app


@pytest.fixture(scope="session")
def hostile_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app on a workspace in which every text is an attack."""
    folder = tmp_path_factory.mktemp("hostile_app")
    prepare(folder / "workspace")
    with served(folder / "workspace", folder / "log") as app:
        yield app


@pytest.fixture(scope="session")
def empty_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app on a workspace in which nothing is."""
    folder = tmp_path_factory.mktemp("empty_app")
    (folder / "workspace").mkdir()
    with served(folder / "workspace", folder / "log") as app:
        yield app

"""Runs in a browser: one is planned in the form, begun, seen to come on, stopped, resumed, and seen complete."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Served, served

from engine.books import read_books
from teacher.process import start

SLOW_MS = 60_000


@pytest.fixture(scope="module")
def app(quickstart_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app on a workspace of its own, whose skillweave.toml names a slow teacher that has a price."""
    folder = tmp_path_factory.mktemp("runs_page")
    place = folder / "workspace"
    shutil.copytree(quickstart_workspace, place)
    with start("slow_ms=1500") as teacher:
        (place / "skillweave.toml").write_text(
            f'[models.slow]\nbase_url = "{teacher.url}"\nmodel = "offline-teacher"\nconcurrency = 12\n'
            "price = { prompt = 1, completion = 2, as_of = 2026-11-21 }\nsampling = { max_tokens = 2000 }\n"
        )
        with served(place, folder / "log") as running:
            yield running


def badge(page: Page, word: str) -> Locator:
    return page.locator(".stMarkdownBadge", has_text=re.compile(rf"{word}$"))


def accepted(page: Page) -> int:
    said = page.get_by_text(re.compile(r"^[\d,]+ of 300 accepted")).first.inner_text()
    return int(said.partition(" ")[0].replace(",", ""))


def test_a_run_is_begun_watched_stopped_resumed_and_ends(app, look):
    sight = look(app.url)
    page = sight.open("runs")
    page.get_by_role("button", name="New run").click()
    sight.settle()
    expect(page.get_by_role("button", name="Start this run")).to_have_count(0)
    page.get_by_label("Questions wanted").fill("300")
    page.get_by_label("Name").fill("from-the-form")
    page.get_by_label("Limit of US dollars").fill("9")
    page.get_by_label("Limit of US dollars").press("Enter")
    page.get_by_role("combobox", name=re.compile("Model")).click()
    page.get_by_role("option", name="slow").click()
    sight.settle()
    page.get_by_role("button", name="Show plan and price").click()
    expect(page.get_by_role("button", name="Start this run")).to_be_visible(timeout=SLOW_MS)
    sight.settle()
    expect(page.get_by_text("Plan of from-the-form")).to_be_visible()
    expect(page.locator("[data-testid=stMetricValue]").nth(2)).to_contain_text(re.compile(r"\$\d+\.\d\d"))
    expect(page.locator("[data-testid=stCode]")).to_contain_text("--name=from-the-form")
    assert not (app.workspace / "runs" / "from-the-form").exists(), "nothing is made before the button is pressed"

    page.get_by_role("button", name="Start this run").click()
    expect(badge(page, "running")).to_be_visible(timeout=SLOW_MS)
    assert "run=from-the-form" in page.url
    expect(page.get_by_text(re.compile(r"^[1-9]\d* of 300 accepted"))).to_be_visible(timeout=SLOW_MS)
    before = accepted(page)
    page.wait_for_function(
        "before => parseInt(document.body.innerText.match(/(\\d+) of 300 accepted/)?.[1] ?? 0) > before", arg=before,
        timeout=SLOW_MS,
    )  # fmt: skip
    expect(page.get_by_text(re.compile(r"\$0\.\d\d of \$9\.00"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(badge(page, "stopped")).to_be_visible(timeout=SLOW_MS)
    stopped = read_books(app.workspace / "runs" / "from-the-form")
    assert stopped.open > 0
    assert sum(part.calls for part in stopped.spent) > 0
    sight.settle()

    page.get_by_role("button", name="Resume").click()
    page.get_by_label("Limit of tokens").fill("5000000")
    page.locator("[data-testid=stFormSubmitButton]").get_by_role("button").click()
    expect(badge(page, "complete")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("300 of 300 accepted · 100%")).to_be_visible(timeout=SLOW_MS)
    sight.settle()
    books = read_books(app.workspace / "runs" / "from-the-form")
    assert (books.state, books.accepted) == ("complete", 300)
    assert sum(part.calls for part in books.spent) <= books.sent + 12, "what came back before was not paid again"


def test_a_link_opens_the_run_it_names(app, look):
    (extraction,) = (path.name for path in (app.workspace / "runs").iterdir() if path.name.startswith("extract"))
    page = look(app.url, dark=True).open("runs", run=extraction)
    expect(page.get_by_role("heading", name=extraction)).to_be_visible()
    expect(page.get_by_text(re.compile("accepted · 100%"))).to_be_visible()

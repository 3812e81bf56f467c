"""Every page where every text is an attack: shown as what it is, harmless in what is saved, and in an address."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET

import pytest
from hostile import ATTACKS, plain, unseen
from hostile_workspace import DETAILS, HUB, NAMES, QUESTIONS, RUN, SOLUTIONS
from inspecting import assert_sound, words

from graph.snapshot import Snapshot, find_snapshot

HIGHEST = 9_000
"""Pixels of a page at most: what is long stands in boxes that scroll."""


@pytest.fixture(scope="module")
def snapshot(hostile_app):
    return Snapshot.open(find_snapshot(hostile_app.workspace / "graphs"))


def ids_of(snapshot):
    return dict(zip(snapshot.nodes["name"].to_pylist(), snapshot.nodes["id"].to_pylist(), strict=True))


def drawn(page):
    page.wait_for_selector(".stage[data-drawn]", state="attached")
    return page


def test_every_name_is_shown_as_it_is(hostile_app, look):
    page = drawn(look(hostile_app.url).open(concept=HUB, hops="2", most="120", search="alert"))
    assert_sound(page, highest=4_000)
    seen = words(page)
    assert [name for name in NAMES if unseen(name, seen)] == ["odd script"]  # which a person merged into another


def test_a_saved_picture_holds_shapes_and_words_alone(hostile_app, look, tmp_path):
    page = drawn(look(hostile_app.url).open(concept=HUB, hops="2", most="120"))
    with page.expect_download() as saved:
        page.locator(".bar").get_by_role("button", name="SVG").click()
    saved.value.save_as(tmp_path / "picture.svg")
    assert saved.value.suggested_filename == "skillweave-probability.svg"
    parts = list(ET.fromstring((tmp_path / "picture.svg").read_bytes()).iter())
    kinds = {part.tag.removeprefix("{http://www.w3.org/2000/svg}") for part in parts}
    assert kinds == {"svg", "rect", "path", "text"}
    assert not [name for part in parts for name in part.attrib if name.startswith("on") or name.endswith("href")]
    assert sum("<" in (part.text or "") for part in parts) > 2


def test_the_card_of_every_kind_of_name(hostile_app, look, snapshot):
    ids = ids_of(snapshot)
    sight = look(hostile_app.url)
    for name, section in (("long word", "Nearest"), ("link that hides its target", "Questions"), ("icon", "Seeds")):
        page = drawn(sight.open(concept=HUB, card=ids[" ".join(ATTACKS[name].split())]))
        assert plain(ATTACKS[name])[:300] in plain(page.get_by_role("heading", level=2).inner_text())
        page.get_by_role("radio", name=section).click()
        assert_sound(sight.settle(), highest=4_000)


def test_a_decision_is_told_with_who_made_it(hostile_app, look):
    sight = look(hostile_app.url)
    page = drawn(sight.open(concept="Dice"))
    page.get_by_text("Undo a merge").click()
    assert_sound(sight.settle(), highest=4_000)
    assert plain(ATTACKS["svg with a handler"]) in words(page)


def test_the_whole_graph_and_the_table(hostile_app, look):
    sight = look(hostile_app.url)
    page = drawn(sight.open(view="whole"))
    page.locator(".listed button").nth(60).wait_for(state="attached")
    seen = words(page)
    assert len([name for name in NAMES if not unseen(name, seen)]) > 100
    page.get_by_role("tab", name="Table").click()
    assert_sound(sight.settle(), highest=4_000)


@pytest.mark.parametrize("view", ["", "coverage", "questions", "runs"])
def test_an_address_is_a_stranger_as_well(hostile_app, look, view):
    script, link = ATTACKS["script"], ATTACKS["link that hides its target"]
    names = ("graph", "concept", "card", "query", "run", "search", "path", "pinned", "walk", "view", "row", "page")
    query = {name: f"{script} {link} ![x](http://evil.test/{name}.png)" for name in names}
    assert_sound(look(hostile_app.url).open(view, **query), highest=20_000)


def shown_of(texts: list[str], seen: str) -> tuple[list[str], list[str]]:
    """The attacks within these texts, and those of them that a page does not show."""
    within = [name for name, text in ATTACKS.items() if any(f"\n\n{text}\n\n" in each for each in texts)]
    return within, [name for name in within if unseen(name, seen)]


def read(page, wait, place: int) -> None:
    """Open a row of the list, by its place in it."""
    page.locator(".st-key-reading-list button").nth(place).click()
    wait()


def test_questions_and_solutions_are_shown_as_they_are(hostile_app, look):
    sight = look(hostile_app.url)
    page = sight.open("questions")
    seen = ""
    for place in range(len(QUESTIONS)):
        read(page, sight.settle, place)
        assert_sound(page, highest=HIGHEST)
        seen += words(page)
    within, missing = shown_of([*QUESTIONS, *SOLUTIONS[: len(QUESTIONS)]], seen)
    assert len(within) > 120
    assert missing == []


@pytest.mark.parametrize("tab", ["Origin", "Conversation", "Verdicts and cost", "Nearest"])
def test_the_way_back_of_a_question(hostile_app, look, tab):
    sight = look(hostile_app.url)
    page = sight.open("questions", tab=tab)
    page.locator("details:not([open]) > summary").evaluate_all("all => all.forEach((summary) => summary.click())")
    assert_sound(sight.settle(), highest=3 * HIGHEST)
    seen = words(page)
    if tab == "Conversation":
        assert plain(SOLUTIONS[0][:3_000]) in seen
    assert plain("Question 0") in seen


def test_what_was_rejected_is_shown_with_its_detail(hostile_app, look):
    sight = look(hostile_app.url)
    page = sight.open("questions", rows="rejected", reason="refused")
    for place in range(0, len(DETAILS) - 1, 4):
        read(page, sight.settle, place)
        seen = words(page)
        assert [detail for detail in DETAILS if plain(detail) in seen]
    assert_sound(page, highest=HIGHEST)


def test_a_run_whose_name_model_and_errors_are_attacks(hostile_app, look):
    sight = look(hostile_app.url)
    page = sight.open("runs", run=RUN)
    page.locator("details:not([open]) > summary").evaluate_all("all => all.forEach((summary) => summary.click())")
    assert_sound(sight.settle(), highest=HIGHEST)
    assert plain(RUN) in [plain(heading) for heading in page.get_by_role("heading").all_inner_texts()]


def test_answers_of_the_store_as_table_chart_and_file(hostile_app, look, tmp_path):
    sight = look(hostile_app.url)
    page = sight.open("coverage")
    assert_sound(page, highest=HIGHEST)
    for tab in ("Where it is thin", "Your own Cypher", "Queries"):
        page.get_by_role("tab", name=tab).click()
        assert_sound(sight.settle(), highest=HIGHEST)
    sight.open("coverage", tab="Queries", query="concepts-by-use")
    page.get_by_role("tab", name="Chart").click()
    assert_sound(sight.settle(), highest=HIGHEST)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download CSV").first.click()
    saved.value.save_as(tmp_path / "answer.csv")
    with (tmp_path / "answer.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) > 2
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "＝")]

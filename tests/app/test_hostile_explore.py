"""The page explore where every name is an attack: shown as what it is, harmless in what is saved, and in an address."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hostile import ATTACKS, plain, unseen
from hostile_workspace import HUB, NAMES
from inspecting import assert_sound, words

from graph.snapshot import Snapshot, find_snapshot

HIGHEST = 4_000
"""Pixels of this page at most; a person's screen has a thousand."""


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
    assert_sound(page, highest=HIGHEST)
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
    for name in ("long word", "link that hides its target", "turned around", "icon"):
        page = drawn(sight.open(concept=HUB, card=ids[" ".join(ATTACKS[name].split())]))
        assert plain(ATTACKS[name])[:300] in plain(page.get_by_role("heading", level=2).inner_text())
        for section in ("Seeds", "Questions", "Nearest"):
            page.get_by_role("radio", name=section).click()
            assert_sound(sight.settle(), highest=HIGHEST)


def test_a_decision_is_told_with_who_made_it(hostile_app, look):
    sight = look(hostile_app.url)
    page = drawn(sight.open(concept="Dice"))
    page.get_by_text("Undo a merge").click()
    assert_sound(sight.settle(), highest=HIGHEST)
    assert plain(ATTACKS["svg with a handler"]) in words(page)


def test_the_whole_graph_and_the_table(hostile_app, look):
    sight = look(hostile_app.url)
    page = drawn(sight.open(view="whole"))
    page.locator(".listed button").nth(60).wait_for(state="attached")
    seen = words(page)
    assert len([name for name in NAMES if not unseen(name, seen)]) > 100
    page.get_by_role("tab", name="Table").click()
    assert_sound(sight.settle(), highest=HIGHEST)


@pytest.mark.parametrize("view", ["", "coverage", "questions", "runs"])
def test_an_address_is_a_stranger_as_well(hostile_app, look, view):
    script, link = ATTACKS["script"], ATTACKS["link that hides its target"]
    names = ("graph", "concept", "card", "query", "run", "search", "path", "pinned", "walk", "view", "row", "page")
    query = {name: f"{script} {link} ![x](http://evil.test/{name}.png)" for name in names}
    assert_sound(look(hostile_app.url).open(view, **query), highest=20_000)

"""The page explore: what it shows of a link, what an act in the picture changes, and the picture in a real browser."""

from __future__ import annotations

import re
import shutil
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page
from streamlit.testing.v1 import AppTest

from app.component import Act, read_act
from app.views.explore.drawing import after
from app.views.explore.link import Seen, in_graph, link_of, read_seen
from graph.neighbourhood import Map
from graph.snapshot import Snapshot, find_snapshot, list_snapshots

SCRIPT = "from app.state import page\nfrom app.views import explore\npage(explore.show)()\n"
ONE, OTHER, THIRD = "t" + "1" * 16, "k" + "2" * 16, "s" + "3" * 16


@pytest.fixture(scope="module")
def explored(quickstart_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("explore") / "workspace"
    shutil.copytree(quickstart_workspace, place)
    return place


@pytest.fixture(scope="module")
def snapshot(explored: Path) -> Snapshot:
    return Snapshot.open(find_snapshot(explored / "graphs"))


def opened(place: Path, monkeypatch: pytest.MonkeyPatch, **params: str) -> AppTest:
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(place))
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def test_a_link_says_all_that_is_seen():
    seen = Seen(
        concept=ONE, chosen=OTHER, expanded=(OTHER, THIRD), hidden=(THIRD,), pinned={OTHER: (-12, 340)},
        path=(ONE, OTHER), walk=7, sampler="mathscale-walk", hops=2, most=120, least=3, whole=True,
    )  # fmt: skip
    assert read_seen(link_of(seen)) == seen
    assert link_of(Seen()) == {}
    assert read_seen({}) == Seen()


@pytest.mark.parametrize(
    "params",
    [
        {"hops": "9", "most": "-1", "least": "x", "walk": "1e9", "path": ONE, "pinned": "a_b_c", "hidden": "<b>"},
        {"walk": "9" * 40, "least": "٣" * 30, "expanded": "../../etc", "view": "other", "hops": ""},
    ],
)
def test_what_makes_no_sense_in_a_link_is_left(params):
    assert read_seen(params) == Seen()


@pytest.mark.parametrize(
    ("act", "changed"),
    [
        (Act("choose", OTHER), {"chosen": OTHER}),
        (Act("expand", OTHER), {"expanded": (OTHER,)}),
        (Act("hide", OTHER), {"hidden": (OTHER,), "chosen": ""}),
        (Act("pin", OTHER, place=(3, 4)), {"pinned": {OTHER: (3, 4)}}),
        (Act("path", OTHER, start=ONE), {"path": (ONE, OTHER), "walk": None}),
    ],
)
def test_an_act_in_the_picture_changes_what_is_seen(act, changed):
    seen = Seen(concept=ONE, walk=3)
    assert after(act, seen) == replace(seen, **changed)


def test_what_is_undone_is_as_before():
    pinned = after(Act("pin", OTHER, place=(3, 4)), Seen())
    assert after(Act("unpin", OTHER), pinned) == Seen()
    assert after(Act("hide", OTHER), Seen(expanded=(OTHER, THIRD))).expanded == (THIRD,)


@pytest.mark.parametrize(
    "said", [None, "hide", {"what": "delete", "id": ONE}, {"what": "hide"}, {"what": "hide", "id": 3}]
)
def test_what_a_browser_says_is_checked(said):
    assert read_act(said) is None


def test_a_link_of_a_merged_concept_leads_to_what_it_is_now(snapshot: Snapshot):
    merged = next(row for row in snapshot.merges.to_pylist() if row["id"] != row["into"])
    places = Map(snapshot).places
    seen, lost = in_graph(Seen(concept=merged["id"], hidden=(merged["id"], ONE)), snapshot, places)
    assert seen == Seen(concept=merged["into"], hidden=(merged["into"],))
    assert lost == [ONE]


def test_the_page_begins_at_the_hub_and_tells_the_same_in_a_table(explored, snapshot, monkeypatch):
    app = opened(explored, monkeypatch, shown="Table")
    view = Map(snapshot)
    hub = view.node(view.place(view.hub()))
    assert app.header[0].value == hub.name
    concepts, edges, names = (frame.value for frame in app.dataframe)
    assert concepts["concept"].iloc[0] == hub.name
    assert len(concepts) == 40
    assert edges["weight"].is_monotonic_decreasing
    assert "how" in names.columns


def test_a_name_in_a_link_is_understood_and_an_unknown_one_told(explored, monkeypatch):
    app = opened(explored, monkeypatch, concept="arithmetic")
    assert app.header[0].value == "Whole number arithmetic"
    app = opened(explored, monkeypatch, concept="![x](http://evil.test)")
    assert "there is no concept" in app.warning[0].value
    assert "](http" not in app.warning[0].value


def test_a_name_in_a_link_leaves_the_rest_of_it(explored, snapshot, monkeypatch):
    view = Map(snapshot)
    ends = (view.hub(), view.graph.ids[5])
    app = opened(explored, monkeypatch, concept="Triangles", path=".".join(ends), shown="Table")
    assert app.dataframe[0].value["concept"].tolist() == [
        view.node(view.place(concept)).name for concept in view.path(*ends)
    ]


def test_search_finds_by_name_and_by_meaning(explored, monkeypatch):
    app = opened(explored, monkeypatch)
    app.text_input(key="search").set_value("arithmetic").run()
    found = [button for button in app.button if button.key and button.key.startswith("found-")]
    assert any("Whole number arithmetic" in button.label for button in found)
    assert {button.key.split("-")[1] for button in found} >= {"name", "meaning"}
    chosen = found[-1]
    chosen.click().run()
    assert app.header[0].value in chosen.label
    app.text_input(key="search").set_value("xyzzyq").run()
    assert not app.exception


def test_the_parts_of_a_card(explored, monkeypatch):
    app = opened(explored, monkeypatch, concept="Whole number arithmetic")
    for section, shown in (("Seeds", "Seeds by level"), ("Questions", "Coverage by level"), ("Nearest", "cosine")):
        app.session_state["card-section"] = section
        app.run()
        assert not app.exception
        assert not app.error
        assert any(shown in caption.value for caption in app.caption)


def test_a_walk_of_a_link_is_told_step_by_step(explored, monkeypatch):
    app = opened(explored, monkeypatch, walk="3", sampler="mathscale-walk", shown="Table")
    steps = app.dataframe[0].value
    assert list(steps.columns)[:3] == ["step", "concept", "kind"]
    assert steps["chance"].between(0, 1).all()


def test_a_merge_is_undone_with_a_reason_and_the_new_graph_is_shown(explored, monkeypatch):
    before = {meta["fingerprint"] for meta in list_snapshots(explored / "graphs")}
    app = opened(explored, monkeypatch, concept="Whole number arithmetic")
    app.selectbox(key="undo-name").set_value("basic operations")
    (undo,) = (button for button in app.button if button.label == "Undo")
    undo.click().run()
    assert "Say why" in app.error[0].value
    assert {meta["fingerprint"] for meta in list_snapshots(explored / "graphs")} == before
    app.text_input(key="undo-why").set_value("these are operations")
    (undo,) = (button for button in app.button if button.label == "Undo")
    undo.click().run()
    assert not app.exception
    (made,) = {meta["fingerprint"] for meta in list_snapshots(explored / "graphs")} - before
    assert app.selectbox(key="graph-chosen").value == made
    assert made[:9] in app.success[0].value
    child = Snapshot.open(explored / "graphs" / made)
    assert child.decisions["why"].to_pylist() == ["these are operations"]
    assert "basic operations" not in app.dataframe[-1].value["name"].tolist()


def centre_of(page: Page, place: int) -> tuple[float, float, str]:
    x, y, name = page.locator(".picture").evaluate(
        "(root, place) => { const node = root.picture.scene.nodes[place];"
        " return [...root.picture.pointOf(node.id), node.name]; }", place,
    )  # fmt: skip
    return x, y, name


def test_in_a_browser_a_click_chooses_and_keys_zoom_and_pictures_are_saved(quickstart_app, look, tmp_path):
    sight = look(quickstart_app.url)
    page = sight.open()
    page.wait_for_selector(".stage[data-drawn]", state="attached")
    x, y, name = centre_of(page, 4)
    page.mouse.click(x, y)
    page.get_by_role("heading", name=name, exact=True).wait_for(timeout=30_000)
    sight.settle()
    assert "card=" in page.url
    assert name in page.locator(".status").inner_text()
    page.locator(".bar").get_by_role("button", name="Expand").click()
    page.wait_for_url(re.compile("expanded="), timeout=30_000)
    for form, start in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as saved:
            page.locator(".bar").get_by_role("button", name=form).click()
        file = tmp_path / f"picture.{form}"
        saved.value.save_as(file)
        assert file.read_bytes().startswith(start)
    page.get_by_text("Whole graph", exact=True).click()
    page.wait_for_url(re.compile("view=whole"), timeout=30_000)
    page.wait_for_function(
        "() => { const find = (n) => { for (const e of n.querySelectorAll('*')) {"
        " if (e.matches('.stage')) return e; const r = e.shadowRoot && find(e.shadowRoot); if (r) return r; } };"
        " return Number(find(document)?.dataset.drawn) > 100; }", timeout=60_000,
    )  # fmt: skip


def test_a_picture_that_the_card_lost_is_drawn_again(quickstart_app, look):
    page = look(quickstart_app.url).open("", view="whole")
    page.wait_for_selector(".stage[data-drawn]", state="attached")
    again = page.locator(".picture").evaluate(
        """async (root) => {
          const stage = root.picture, before = stage.mass, card = before.gl.getExtension("WEBGL_lose_context");
          const pause = () => new Promise((done) => setTimeout(done, 200));
          card.loseContext(); await pause(); card.restoreContext(); await pause();
          const now = stage.mass, { gl } = now, { width, height } = now.canvas;
          const dots = new Uint8Array(4 * width * height);
          now.draw(stage.view, stage.look, stage.dense, Infinity);
          gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, dots);
          return [now !== before, dots.filter((each) => each > 0).length];
        }"""
    )
    assert again[0]
    assert again[1] > 1_000


def test_the_questions_of_a_concept_are_one_click_away(quickstart_app, look, snapshot):
    concept = snapshot.nodes.sort_by([("count", "descending")])["id"][0].as_py()
    sight = look(quickstart_app.url)
    page = sight.open("explore", concept=concept)
    assert page.url.startswith(f"{quickstart_app.url}/?concept={concept}")
    page.get_by_text("Questions", exact=True).last.click()
    link = page.get_by_role("link", name="Read them")
    link.wait_for()
    href = link.get_attribute("href")
    assert href is not None
    other = look(quickstart_app.url)
    shown = other.open(href)
    assert f"concepts={concept}" in shown.url
    assert shown.get_by_role("heading", name="Questions", exact=True).is_visible()


def test_the_whole_graph_wants_the_key_of_this_start(quickstart_app, snapshot):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{quickstart_app.url}/overview/{snapshot.fingerprint}?key=guessed", timeout=20)
    with refused.value:
        assert refused.value.code == 403

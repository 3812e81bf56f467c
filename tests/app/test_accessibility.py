"""Every page by axe, in light and dark, full, opened and empty; the picture of the graph by keys alone."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from in_browser import Sight
from playwright.sync_api import Page

PAGES = {"explore": {"search": "angle"}, "coverage": {}, "questions": {}, "runs": {}}
STREAMLITS_OWN = {
    "list": "[data-testid=stSidebarNav]",  # its navigation has headings between the items of a list
    "listitem": "[data-testid=stSidebarNav]",
}
"""Rules that Streamlit itself breaks, and where."""
WITHIN = "([selector, place]) => Boolean(document.querySelector(selector)?.closest(place))"
FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.dataset.concept ?? element?.className ?? '';
}"""
"""The id of the concept whose button has the focus, else the class of what has it."""


def violations(page: Page, **options: object) -> list[str]:
    found = []
    for rule in Axe().run(page, options=options).response["violations"]:
        for node in rule["nodes"]:
            target = node["target"][0]
            own = STREAMLITS_OWN.get(rule["id"])
            if own and isinstance(target, str) and page.evaluate(WITHIN, [target, own]):
                continue
            why = [check["message"] for check in (*node["any"], *node["all"], *node["none"])][:1]
            found.append(f"{rule['id']}: {node['html'][:200]} {why}")
    return found


def in_both_schemes(sight: Sight) -> list[str]:
    """What is wrong in light with all open that opens, and of the colours in dark: nothing else changes with them."""
    page = sight.page
    page.locator("details:not([open]) > summary").evaluate_all("all => all.forEach((summary) => summary.click())")
    found = violations(sight.settle())
    page.emulate_media(color_scheme="dark")
    page.reload()
    found += violations(sight.settle(), runOnly=["color-contrast"])
    page.emulate_media(color_scheme="light")
    return found


def test_every_page_with_all_that_opens(quickstart_app, look):
    sight = look(quickstart_app.url)
    found = {}
    for name, query in PAGES.items():
        sight.open("" if name == "explore" else name, **query)
        found[name] = in_both_schemes(sight)
    assert not any(found.values()), found


def test_every_page_where_there_is_nothing(empty_app, look):
    sight = look(empty_app.url)
    found = {}
    for name in PAGES:
        sight.open("" if name == "explore" else name)
        found[name] = in_both_schemes(sight)
    assert not any(found.values()), found


def press_until(page: Page, key: str, wanted: str) -> str:
    """Press a key until the focus is on what this expression matches."""
    for _ in range(60):
        page.keyboard.press(key)
        if re.fullmatch(wanted, at := page.evaluate(FOCUSED)):
            return at
    raise AssertionError(f"{key} never comes to {wanted}")


def test_the_picture_is_named_and_worked_by_keys(quickstart_app, look):
    sight = look(quickstart_app.url)
    page = sight.open()
    page.wait_for_selector(".stage[data-drawn]", state="attached")
    tools = page.get_by_role("toolbar", name="Picture of the graph")
    for name in ("Expand", "Hide", "Pin", "Path to …", "Zoom in", "Zoom out", "Fit", "PNG", "SVG"):
        assert tools.get_by_role("button", name=name, exact=True).is_visible()
    page.get_by_label("Search a concept").focus()
    press_until(page, "Tab", "stage")
    camera = "(root) => { const { x, y, zoom } = root.picture.view; return [x, y, zoom]; }"
    before = page.locator(".picture").evaluate(camera)
    for key in ("ArrowRight", "ArrowDown", "+"):
        page.keyboard.press(key)
    assert all(now > then for now, then in zip(page.locator(".picture").evaluate(camera), before, strict=True))
    concepts = [press_until(page, "Tab", "[a-z][0-9a-f]{16}") for _ in range(3)]
    assert len(set(concepts)) == 3
    page.keyboard.press("Enter")
    page.wait_for_url(f"**card={concepts[-1]}**")
    sight.settle()
    assert page.get_by_text(concepts[-1]).is_visible()
    press_until(page, "Shift+Tab", "stage")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**expanded={concepts[-1]}**")
    sight.settle()
    assert page.evaluate(FOCUSED) == "stage"  # it stays where it was
    page.keyboard.press("h")
    page.wait_for_url(f"**hidden={concepts[-1]}**")

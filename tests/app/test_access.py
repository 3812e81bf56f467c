"""Sign-in at a real provider in a real browser: who sees what, what ends a session, and what no address gives away."""

from __future__ import annotations

import http.client
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from in_browser import Sight
from playwright.sync_api import Browser
from provider import CLIENT_SECRET, COOKIE_SECRET, PEOPLE, Provider, button_of, free_port, provider, sign_in
from serving import Served, served
from tls import tls_proxy

from app.roles import Role
from engine.workspace import Workspace
from graph.snapshot import Snapshot, list_snapshots

ROLES = (
    '[app]\nadmin = ["ada@example.org"]\nreviewer = ["bo@example.org"]\nreader = ["cy@example.org"]\ndefault = "none"\n'
)
CLOSED = (
    "/overview/g0000", "/media/x.png", "/component/x/y.js", "/_stcore/bidi-components/x/y.js", "/_stcore/metrics",
    "/_stcore/upload_file/a/b", "/_stcore/agent/openapi.json", "/_stcore/script-health-check",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Team:
    """An app with sign-in, and its provider."""

    app: Served
    provider: Provider

    def set_roles(self, text: str) -> None:
        (self.app.workspace / "skillweave.toml").write_text(text)


@pytest.fixture(scope="module")
def started(quickstart_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    place = folder / "workspace"
    shutil.copytree(quickstart_workspace, place)
    port = free_port()
    with provider(folder / "provider.log") as known:
        known.write_secrets(folder / "workspace.secrets.toml", f"http://127.0.0.1:{port}")
        with served(place, folder / "log", port=port) as app:
            yield Team(app, known)


@pytest.fixture
def team(started: Team) -> Iterator[Team]:
    """The team with its roles as they are at first."""
    started.set_roles(ROLES)
    yield started
    said = started.app.said()
    assert CLIENT_SECRET not in said
    assert COOKIE_SECRET not in said


@contextmanager
def visit(browser: Browser, team: Team, name: str = "", view: str = "", scheme: str = "light") -> Iterator[Sight]:
    """A browser of one person, who has signed in where a name is given. That it asks the provider is no fault."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=scheme)
    try:
        sight = Sight(context.new_page(), team.app.url)
        sight.open(view)
        if name:
            sign_in(sight.page, name, team.app.url)
            sight.settle()
        yield sight
    finally:
        context.close()


def status(url: str, headers: Mapping[str, str] | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers or {})), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def cookies_of(sight: Sight) -> dict[str, str]:
    return {each["name"]: each["value"] for each in sight.page.context.cookies()}


def as_header(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def account(sight: Sight) -> str:
    """What the account in the sidebar says."""
    sight.page.locator(".st-key-account button").first.click()
    text = sight.page.get_by_test_id("stPopoverBody").inner_text()
    sight.page.keyboard.press("Escape")
    return text.replace("\N{WORD JOINER}", "")


def shown(sight: Sight) -> str:
    return sight.page.locator("body").inner_text().replace("\N{WORD JOINER}", "")


def handshake(url: str, **headers: str) -> int:
    """The status that a page's connection is answered with; 101 where it is taken."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    asked = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers,
    }  # fmt: skip
    try:
        connection.request("GET", "/_stcore/stream", headers=asked)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_sees_a_page_before_signing_in(scheme, browser, team):
    with visit(browser, team, view="questions", scheme=scheme) as sight:
        assert "Sign in to see the graph, the questions and the runs of this workspace." in shown(sight)
        assert sight.page.get_by_test_id("stSidebarNav").count() == 0
        assert "Workspace" not in shown(sight)
        found = Axe().run(sight.page)
        assert not found.response["violations"], found.generate_report()


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_is_had_by_its_address_without_signing_in(path, team):
    assert status(team.app.url + path) == 401
    assert status(team.app.url + path, {"Cookie": "_streamlit_user=eyJ9.x.y"}) == 401
    assert status(team.app.url + path, {"Host": "evil.example/?"}) == 401


def test_what_a_browser_needs_before_is_open(team):
    for path in ("/", "/questions", "/_stcore/health", "/_stcore/host-config"):
        assert status(team.app.url + path) == 200


@pytest.mark.parametrize(("name", "role"), [("ada", Role.ADMIN), ("bo", Role.REVIEWER), ("cy", Role.READER)])
def test_each_person_has_the_role_that_is_set_and_its_buttons(name, role, browser, team):
    with visit(browser, team, name) as sight:
        assert f"{name}@example.org is {role.label} here." in account(sight)
        assert sight.page.get_by_text("Undo a merge").count() == (role >= Role.REVIEWER)
        assert sight.page.get_by_text("Undoing a merge needs the role reviewer.").count() == (role < Role.REVIEWER)
        sight.page.get_by_role("link", name="Runs").click()
        sight.page.get_by_role("heading", name="Runs").wait_for()
        sight.settle()
        assert sight.page.get_by_role("button", name="New run").count() == (role == Role.ADMIN)


def undo(sight: Sight, why: str) -> None:
    """Undo the merge that the card of the page offers first."""
    sight.page.get_by_text("Undo a merge").click()
    sight.page.get_by_role("textbox", name="Reason").fill(why)
    sight.page.get_by_role("button", name="Undo", exact=True).click()


def test_an_act_is_refused_where_the_role_went_after_its_button_was_drawn(browser, team):
    graphs = Workspace(team.app.workspace).graphs
    before = sorted(each.name for each in graphs.iterdir())
    with visit(browser, team, "bo") as sight:
        team.set_roles(ROLES.replace('reviewer = ["bo@example.org"]', "reviewer = []").replace('"cy@', '"bo@'))
        undo(sight, "they are two")
        sight.page.get_by_text("this needs the role reviewer; yours is reader").wait_for()
        assert sight.page.get_by_text("Undo a merge").count() == 0
    assert sorted(each.name for each in graphs.iterdir()) == before


def test_a_decision_is_signed_by_who_is_signed_in(browser, team):
    graphs = Workspace(team.app.workspace).graphs
    before = {each.name for each in graphs.iterdir()}
    with visit(browser, team, "bo") as sight:
        undo(sight, "they are two")
        sight.page.get_by_text("was made, and this is it").wait_for()
    (made,) = {each.name for each in graphs.iterdir()} - before
    decisions = Snapshot.open(graphs / made).decisions.to_pylist()
    assert [(each["by"], each["why"]) for each in decisions] == [("bo@example.org", "they are two")]
    shutil.rmtree(graphs / made)


def test_who_has_no_role_gets_a_sentence(browser, team):
    with visit(browser, team, "dan") as sight:
        assert "dan@example.org is signed in, but has no role here." in shown(sight)
        assert sight.page.get_by_test_id("stSidebarNav").count() == 0
        assert status(team.app.url + "/_stcore/metrics", as_header(cookies_of(sight))) == 401


def test_signing_in_leads_to_the_link_that_was_opened_and_lasts(browser, team):
    with visit(browser, team, "cy", "questions?words=no+question+says+this") as sight:
        assert urlsplit(sight.page.url).path == "/questions"
        assert "words=no" in sight.page.url
        sight.page.reload()
        sight.settle()
        assert "cy@example.org is reader here." in account(sight)
        assert "skillweave_way_back" not in cookies_of(sight)


def test_the_graph_is_had_with_the_cookie_and_the_key_alone(browser, team):
    fingerprint = str(list_snapshots(Workspace(team.app.workspace).graphs)[0]["fingerprint"])
    asked: list[str] = []
    with visit(browser, team, "cy") as sight:
        sight.page.on("request", lambda request: asked.append(request.url))
        sight.page.get_by_text("Whole graph", exact=True).click()
        sight.settle()
        (url,) = {each for each in asked if f"/overview/{fingerprint}" in each}
        cookies = as_header(cookies_of(sight))
        assert status(url, cookies) == 200
        assert status(url) == 401
        assert status(url.partition("?")[0], cookies) == 403


def test_signing_out_ends_it_in_every_window_and_for_a_copied_cookie(browser, team):
    with visit(browser, team, "ada") as sight:
        other = Sight(sight.page.context.new_page(), team.app.url)
        other.open("runs")
        assert "Runs" in shown(other)
        copied = as_header(cookies_of(sight))
        assert status(team.app.url + "/_stcore/metrics", copied) == 200
        sight.page.locator(".st-key-account button").first.click()
        sight.page.get_by_role("button", name="Sign out").click()
        sight.page.wait_for_url(f"{team.provider.url}/**")
        assert "_streamlit_user" not in cookies_of(sight)
        assert status(team.app.url + "/_stcore/metrics", copied) == 401
        other.page.get_by_role("link", name="Questions").click()
        other.page.get_by_role("button", name="Sign in").wait_for()
        assert other.page.get_by_test_id("stSidebarNav").count() == 0


def test_a_role_that_is_taken_away_is_gone_at_the_next_run(browser, team):
    with visit(browser, team, "ada") as sight:
        team.set_roles(ROLES.replace('admin = ["ada@example.org"]', ""))
        sight.page.get_by_role("link", name="Coverage").click()
        sight.page.get_by_text("has no role here").wait_for()
        team.set_roles(ROLES.replace('"bo@example.org"', '"ada@example.org"'))
        sight.page.reload()
        sight.settle()
        assert "ada@example.org is admin here." in account(sight)
        team.set_roles("[app]\nadmin = 3\n")
        sight.page.reload()
        sight.settle()
        assert "Who may do what cannot be read now." in shown(sight)
        assert status(team.app.url + "/_stcore/metrics", as_header(cookies_of(sight))) == 401


def test_a_session_ends_by_time(browser, team):
    with visit(browser, team, "bo") as sight:
        assert status(team.app.url + "/_stcore/metrics", as_header(cookies_of(sight))) == 200
        team.set_roles(ROLES + "session_hours = 0.00001\n")
        sight.page.get_by_role("link", name="Runs").click()
        sight.page.get_by_text("Your session is over. Sign in again to go on.").wait_for()
        assert status(team.app.url + "/_stcore/metrics", as_header(cookies_of(sight))) == 401
        team.set_roles(ROLES)
        sign_in(sight.page, "bo", team.app.url)
        sight.settle()
        assert "bo@example.org is reviewer here." in account(sight)


def test_a_page_that_refreshes_by_itself_ends_with_the_session(browser, team):
    with visit(browser, team, "cy", "runs") as sight:
        assert "Runs" in shown(sight)
        team.set_roles(ROLES + "session_hours = 0.00001\n")
        sight.page.get_by_text("Your session is over. Sign in again to go on.").wait_for(timeout=60_000)
        assert sight.page.get_by_test_id("stSidebarNav").count() == 0


def test_a_cookie_that_was_changed_is_none(browser, team):
    with visit(browser, team, "cy") as sight:
        good = cookies_of(sight)
        last, tokens = good["_streamlit_user"], good["_streamlit_user_tokens"]
        for changed in (tokens, "e30." + last, last[:-2] + "xx"):
            assert status(team.app.url + "/_stcore/metrics", as_header({**good, "_streamlit_user": changed})) == 401
        sight.page.context.add_cookies([{"name": "_streamlit_user", "value": changed, "url": team.app.url}])
        sight.open("questions")
        assert "Sign in to see the graph" in shown(sight)


def test_an_answer_that_was_not_asked_for_signs_nobody_in(browser, team):
    with visit(browser, team) as sight:
        for query in ("code=x&state=wrong", "state=&code=", "error=access_denied", ""):
            answer = sight.page.request.get(f"{team.app.url}/oauth2callback?{query}", max_redirects=0)
            assert answer.status == 302
            assert answer.headers["location"] == "/"
            assert "_streamlit_user" not in cookies_of(sight)


def test_an_answer_is_good_only_for_who_asked(browser, team):
    """A link with another's code and state signs nobody in: the state is bound to the browser that began."""
    with visit(browser, team) as attacker, visit(browser, team) as victim:
        attacker.page.route("**/oauth2callback?*", lambda route: route.abort())
        attacker.page.get_by_role("button", name="Sign in").click()
        with attacker.page.expect_request("**/oauth2callback?*") as caught:
            button_of(attacker.page, "cy").click()
        victim.page.goto(caught.value.url)
        victim.settle()
        assert "Sign in to see the graph" in shown(victim)
        assert "_streamlit_user" not in cookies_of(victim)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_site_is_not_connected(origin, team, quickstart_app):
    for home in (team.app.url, quickstart_app.url):
        assert handshake(home, Origin=origin) == 403
        assert handshake(home, Origin=home) == 101


def test_without_sign_in_only_names_of_this_machine_are_answered(quickstart_app):
    port = urlsplit(quickstart_app.url).port
    for host in (f"localhost:{port}", "127.0.0.1", "[::1]:8501"):
        assert status(quickstart_app.url, {"Host": host}) == 200
    for host in (f"evil.example:{port}", "10.0.0.7", "localhost.evil.example", ""):
        assert status(quickstart_app.url, {"Host": host}) == 403
        assert handshake(quickstart_app.url, Host=host, Origin=f"http://{host}") == 403


def test_without_sign_in_there_is_no_account(look, quickstart_app):
    page = look(quickstart_app.url).open("runs")
    assert page.get_by_test_id("stSidebarNav").count() == 1
    assert page.locator(".st-key-account").count() == 0


def test_behind_tls_people_sign_in_and_no_cookie_goes_another_way(browser, started, tmp_path):
    (tmp_path / "workspace").mkdir()
    app_port, tls_port = free_port(), free_port()
    secrets = started.provider.write_secrets(tmp_path / "s.toml", f"https://127.0.0.1:{tls_port}")
    with (
        tls_proxy(tmp_path, tls_port, app_port) as home,
        served(tmp_path / "workspace", tmp_path / "log", {"SKILLWEAVE_APP_SECRETS": str(secrets)}, app_port) as app,
    ):
        assert f"people open {home}" in app.said()
        assert "nobody is admin" in app.said()
        with visit(browser, Team(app, started.provider)) as sight:
            link = sight.page.get_by_role("link", name="Open the app where people sign in")
            assert link.get_attribute("href") == home
            assert sight.page.get_by_role("button", name="Sign in").count() == 0
        context = browser.new_context(ignore_https_errors=True)
        sight = Sight(context.new_page(), home)
        sight.open("questions")
        sign_in(sight.page, "cy", home)
        sight.settle()
        assert "cy@example.org is reader here." in account(sight)
        cookies = {each["name"]: each for each in context.cookies()}
        assert {"_streamlit_user", "_streamlit_xsrf"} <= set(cookies)
        assert all(each["secure"] and each["sameSite"] == "Lax" for each in cookies.values())
        assert cookies["_streamlit_user"]["httpOnly"]
        context.close()


def test_people_are_who_the_provider_says(browser, team):
    """An address that the provider did not verify gives no role, and a name cannot draw anything."""
    team.provider.set_person("dan", {"email": "ada@example.org", "email_verified": False, "name": "<b>Ada</b>"})
    try:
        with visit(browser, team, "dan") as sight:
            assert "has no role here" in shown(sight)
            assert "ada@example.org" not in shown(sight)
    finally:
        team.provider.set_person("dan", PEOPLE["dan"])

"""What any address of the app answers, to anybody: headers, other sites, and links that somebody wrote by hand."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message

import pytest
from serving import served
from streamlit.testing.v1 import AppTest

from app import way_back

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def asked(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> tuple[int, Message, bytes]:
    """Status, headers and body."""
    try:
        request = urllib.request.Request(url, headers=dict(headers or {}), method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("path", ["/", "/runs", "/_stcore/health", "/overview/g0", "/media/none", "/../../etc/passwd"])
def test_every_answer_has_the_headers(path, quickstart_app):
    _, headers, _ = asked(quickstart_app.url + path)
    assert {name: headers[name] for name in HEADERS} == HEADERS
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["script-src"].replace("'wasm-unsafe-eval'", "")
    assert not [source for source in policy.values() if "http" in source or "*" in source]


def test_a_refusal_has_the_headers_too(quickstart_app):
    status, headers, _ = asked(quickstart_app.url, {"Host": "evil.example"})
    assert status == 403
    assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/media/none"])
def test_no_other_site_may_read_an_answer(path, quickstart_app):
    for method in ("GET", "OPTIONS"):
        _, headers, _ = asked(quickstart_app.url + path, {"Origin": "https://evil.example"}, method)
        assert headers["Access-Control-Allow-Origin"] is None


def test_no_other_site_may_send_a_page_messages(quickstart_app):
    _, _, body = asked(f"{quickstart_app.url}/_stcore/host-config")
    assert json.loads(body)["allowedOrigins"] == []


def test_nothing_is_uploaded_and_no_program_drives_a_page(quickstart_app):
    assert asked(f"{quickstart_app.url}/_stcore/upload_file/a/b", method="PUT")[0] == 403
    status, _, body = asked(f"{quickstart_app.url}/_stcore/agent/interact", method="POST")
    assert status in (403, 404, 405), body
    assert asked(f"{quickstart_app.url}/app/static/main.py")[2] == asked(quickstart_app.url)[2]


def test_no_page_shows_the_app_within_itself(browser, quickstart_app):
    page = browser.new_page()
    page.set_content(f'<iframe src="{quickstart_app.url}" width="800" height="600"></iframe>')
    (frame,) = (frame for frame in page.frames if frame != page.main_frame)
    assert frame.url == "chrome-error://chromewebdata/"
    page.close()


def test_settings_of_streamlit_on_this_machine_open_nothing(tmp_path):
    weaker = {
        "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false", "STREAMLIT_SERVER_ENABLE_CORS": "false",
        "STREAMLIT_SERVER_ENABLE_AGENT_API": "true", "STREAMLIT_SERVER_BASE_URL_PATH": "below",
        "STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full",
        "STREAMLIT_SERVER_ENABLE_STATIC_SERVING": "true",
    }  # fmt: skip
    (tmp_path / "workspace").mkdir()
    with served(tmp_path / "workspace", tmp_path / "log", weaker) as app:
        _, headers, _ = asked(f"{app.url}/_stcore/health", {"Origin": "https://evil.example"})
        assert headers["Set-Cookie"].startswith("_streamlit_xsrf=")
        assert headers["Access-Control-Allow-Origin"] is None
        assert asked(f"{app.url}/_stcore/agent/interact", method="POST")[0] in (403, 404, 405)


NAMES = (
    "after", "before", "beside", "chosen", "concept", "concepts", "expanded", "graph", "hidden", "least", "level",
    "most", "path", "pins", "query", "question", "reason", "recipe", "review", "rows", "run", "sampler", "shortest",
    "tab", "walk", "words",
)  # fmt: skip
HOSTILE = ("../../../../etc/passwd", "..\\..\\\x00\u202e<script>", "' OR 1=1 --", "9" * 400)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("view", ["coverage", "explore", "questions", "runs"])
def test_a_link_that_somebody_made_up_shows_a_page_all_the_same(view, value, quickstart_workspace, monkeypatch):
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(quickstart_workspace))
    app = AppTest.from_string(
        f"from app.state import page\nfrom app.views import {view}\npage({view}.show)()\n", default_timeout=60
    )
    for name in NAMES:
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    told = " ".join([*(each.value for each in app.error), *(each.value for each in app.code)])
    assert "root:" not in told
    assert "passwd" not in told


@pytest.mark.parametrize(
    "address",
    [
        "", "evil", "//evil.example", "/\\evil.example", "https://evil.example", "/auth/logout", "/_stcore/metrics",
        "/oauth2callback?code=1", "/a\r\nSet-Cookie: x=1", "/\u2028", "/" + "a" * 3_000,
    ],
)  # fmt: skip
def test_the_way_back_leads_to_pages_of_this_app_alone(address):
    assert way_back.read(way_back.encoded(address)) == ""


@pytest.mark.parametrize("address", ["/questions?run=a&words=1%2B1", "/?graph=g12", "/authors"])
def test_the_way_back_leads_to_the_link(address):
    assert way_back.read(way_back.encoded(address)) == address


@pytest.mark.parametrize("value", ["%", "====", "a", "\u00e9", "Li4v"])
def test_a_way_back_that_is_none_leads_nowhere(value):
    assert way_back.read(value) == ""


def test_the_first_page_names_the_parts_of_its_picture_and_they_are_there(quickstart_app):
    _, headers, _ = asked(quickstart_app.url)
    named = re.findall(r"<(/[^>]+)>; rel=modulepreload", headers["Link"])
    assert "/_stcore/bidi-components/skillweave.picture/stage.js" in named
    assert any(address.startswith("/static/js/BidiComponent.") for address in named)
    for address in named:
        status, headers, _ = asked(quickstart_app.url + address)
        assert (status, headers["Link"]) == (200, None)
        assert "javascript" in headers["Content-Type"]


def test_the_parts_of_the_picture_are_fetched_once(look, quickstart_app):
    sight = look(quickstart_app.url)
    fetched = []
    sight.page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    sight.open()
    parts = [name for name in fetched if name in ("picture.js", "stage.js", "gl.js")]
    assert sorted(parts) == ["gl.js", "picture.js", "stage.js"]
    assert len([name for name in fetched if name.startswith("BidiComponent.")]) == 1

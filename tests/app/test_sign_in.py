"""What `skillweave app` checks of sign-in before it starts, and that secrets stay where they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from provider import CLIENT_SECRET, COOKIE_SECRET, Provider
from typer.testing import CliRunner

from app.settings import AppSettings
from app.sign_in import doubts, find_secrets, read_provider
from engine.errors import InputError
from engine.workspace import Workspace
from skillweave.cli import app as skillweave

GOOD = {
    "redirect_uri": "https://skillweave.example.org/oauth2callback",
    "cookie_secret": COOKIE_SECRET,
    "client_id": "skillweave",
    "client_secret": CLIENT_SECRET,
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}


def written(path: Path, **changed: str | None) -> Path:
    told = {key: value for key, value in {**GOOD, **changed}.items() if value is not None}
    path.write_text("[auth]\n" + "".join(f'{key} = "{value}"\n' for key, value in told.items()))
    path.chmod(0o600)
    return path


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_provider(path)
    said = str(caught.value)
    assert str(path) in said
    assert CLIENT_SECRET not in said
    assert COOKIE_SECRET not in said
    return said


def test_a_whole_file_is_taken(tmp_path):
    provider = read_provider(written(tmp_path / "s.toml"))
    assert provider.home == "https://skillweave.example.org"
    assert not doubts(provider, AppSettings(admin=["ada@example.org"]))


def test_each_key_that_is_missing_is_named(tmp_path):
    said = refused(written(tmp_path / "s.toml", redirect_uri=None, cookie_secret=None, server_metadata_url=None))
    assert "lacks redirect_uri, cookie_secret, server_metadata_url" in said
    (tmp_path / "empty.toml").write_text("[auth]\n")
    assert "redirect_uri, cookie_secret, client_id, client_secret, server_metadata_url" in refused(
        tmp_path / "empty.toml"
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"client_id": " "}, "client_id of [auth] must be a text that is not empty"),
        ({"expose_tokens": "id"}, "[auth] has expose_tokens, which is not known here"),
        ({"cookie_secret": "hush" * 7}, "cookie_secret of [auth] is too short"),
        (
            {"redirect_uri": "https://skillweave.example.org"},
            "redirect_uri of [auth] must be the app's own address and",
        ),
        ({"redirect_uri": "https://a.example/x/oauth2callback"}, "must be the app's own address and /oauth2callback"),
        ({"redirect_uri": "https://a.example/oauth2callback?x=1"}, "redirect_uri of [auth] must be an address with"),
        ({"redirect_uri": "skillweave.example.org/oauth2callback"}, "redirect_uri of [auth] must be an address with"),
        ({"redirect_uri": "http://localhost:{port}/oauth2callback"}, "redirect_uri of [auth] must be an address with"),
        ({"redirect_uri": "https://a.example:443/oauth2callback"}, "must leave out :443, as a browser's address does"),
        ({"redirect_uri": "https://ada:pw@a.example/oauth2callback"}, "redirect_uri of [auth] must be an address with"),
        ({"server_metadata_url": "https://login.example.org"}, "must end in /.well-known/openid-configuration"),
        ({"server_metadata_url": "file:///etc/passwd"}, "server_metadata_url of [auth] must be an address with"),
    ],
)
def test_what_cannot_work_is_refused(changed, told, tmp_path):
    assert told in refused(written(tmp_path / "s.toml", **changed))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[auth", "this is not TOML"),
        (f'[auth]\ncookie_secret = "{COOKIE_SECRET}\n', "s.toml:2: this is not TOML"),
        ("auth = 3\n", "there is no table [auth]"),
        ("[other]\n", "there is no table [auth]"),
        ("[auth]\nredirect_uri = 3\ncookie_secret = 1\nclient_id = 1\nclient_secret = 1\nserver_metadata_url = 1\n",
         "redirect_uri of [auth] must be a text"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_told(text, told, tmp_path):
    (tmp_path / "s.toml").write_text(text)
    assert told in refused(tmp_path / "s.toml")


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path):
    assert "there are no secrets" in refused(tmp_path / "none.toml")
    (tmp_path / "s.toml").write_bytes(b"\xff\xfe")
    assert "it is not UTF-8" in refused(tmp_path / "s.toml")
    assert "cannot be read" in refused(tmp_path)


def test_what_is_likely_not_meant_is_told(tmp_path):
    path = written(
        tmp_path / "s.toml",
        redirect_uri="http://skillweave.example.org/oauth2callback",
        server_metadata_url="http://login.example.org/.well-known/openid-configuration",
    )
    path.chmod(0o644)
    told = doubts(read_provider(path), AppSettings())
    assert [each.split(":")[0] for each in told] == [
        "redirect_uri is http", "server_metadata_url is http", "others on this machine can read the secrets",
        "nobody is admin, so nobody can start a run here; name one in skillweave.toml",
    ]  # fmt: skip


def test_loopback_needs_no_tls(tmp_path):
    path = Provider("http://127.0.0.1:9400").write_secrets(tmp_path / "s.toml", "http://127.0.0.1:8501")
    assert not doubts(read_provider(path), AppSettings(claim="groups"))


@pytest.mark.parametrize("url", ["https://accounts.google.com", "https://login.microsoftonline.com/common/v2.0"])
def test_a_provider_where_anybody_has_an_account_is_doubted_until_strangers_are_kept_out(url, tmp_path):
    provider = read_provider(
        written(tmp_path / "s.toml", server_metadata_url=f"{url}/.well-known/openid-configuration")
    )
    (told,) = doubts(provider, AppSettings(claim="groups"))
    assert "anybody with an account" in told
    assert not doubts(provider, AppSettings(claim="groups", default="none"))


def test_secrets_are_what_is_given_else_the_environment_else_beside_the_workspace(tmp_path):
    place = Workspace.find(tmp_path / "workspace")
    assert find_secrets(place, None, {}) is None
    beside = written(tmp_path / "workspace.secrets.toml")
    assert find_secrets(place, None, {}) == beside
    assert find_secrets(place, None, {"SKILLWEAVE_APP_SECRETS": str(tmp_path / "e.toml")}) == tmp_path / "e.toml"
    assert find_secrets(place, tmp_path / "g.toml", {"SKILLWEAVE_APP_SECRETS": "e"}) == tmp_path / "g.toml"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "skillweave.example.org"])
def test_the_app_listens_to_others_only_with_sign_in(host, tmp_path):
    asked = CliRunner().invoke(skillweave, ["app", "--host", host, "--workspace", str(tmp_path)])
    assert isinstance(asked.exception, InputError)
    said = str(asked.exception)
    assert f"listens to this machine alone, not to {host}" in said
    assert f"--secrets FILE or in {tmp_path}.secrets.toml" in said
    assert "ssh -L" in said


def test_faulty_secrets_stop_the_start(tmp_path):
    path = written(tmp_path / "s.toml", client_secret=None)
    command = [sys.executable, "-m", "skillweave", "app", "--workspace", str(tmp_path), "--secrets", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "lacks client_secret" in done.stderr
    assert COOKIE_SECRET not in done.stdout + done.stderr


def test_a_bundle_holds_no_secret(quickstart_workspace, tmp_path):
    place = tmp_path / "workspace"
    shutil.copytree(quickstart_workspace, place)
    beside = written(tmp_path / "workspace.secrets.toml")
    written(place / "secrets.toml")
    graph = next(place.glob("graphs/g*")).name
    run = next(each.name for each in place.glob("runs/mathscale*"))
    bundle = tmp_path / "bundle.tar"
    command = [sys.executable, "-m", "skillweave", "workspace", "bundle", str(bundle), "--graph", graph, "--run", run]
    subprocess.run([*command, "--workspace", str(place)], check=True, capture_output=True, timeout=120)
    assert beside.exists()
    assert CLIENT_SECRET.encode() not in bundle.read_bytes()
    with tarfile.open(bundle) as tar:
        assert not [name for name in tar.getnames() if "secret" in name]

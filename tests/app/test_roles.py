"""Who gets which role by what the provider tells and skillweave.toml names; and that who may not act does not."""

from __future__ import annotations

import getpass
import time

import pytest
from streamlit.testing.v1 import AppTest

from app import access
from app.roles import Role, name_of, role_of
from app.settings import AppSettings
from engine.errors import InputError
from engine.workspace import Workspace

ADA = {"iss": "https://login.example.org", "sub": "1", "email": "Ada@Example.org", "email_verified": True}


def settings(**given: object) -> AppSettings:
    return AppSettings.model_validate(given)


def test_roles_are_ordered():
    assert Role.NONE < Role.READER < Role.REVIEWER < Role.ADMIN
    assert [role.label for role in Role] == ["none", "reader", "reviewer", "admin"]


@pytest.mark.parametrize(
    ("given", "role"),
    [
        ({}, Role.READER),
        ({"default": "none"}, Role.NONE),
        ({"admin": ["ada@example.org"]}, Role.ADMIN),
        ({"reviewer": [" ADA@example.ORG "], "reader": ["ada@example.org"]}, Role.REVIEWER),
        ({"reader": ["ada@example.org"], "default": "none"}, Role.READER),
        ({"admin": ["ada@example.org.evil.example", "da@example.org"]}, Role.READER),
    ],
)
def test_an_address_gives_the_highest_role_that_names_it(given, role):
    assert role_of(ADA, settings(**given)) == role


@pytest.mark.parametrize("verified", [False, "false", None, 0])
def test_an_address_that_was_not_verified_gives_nothing_and_names_nobody(verified):
    claims = {**ADA, "email_verified": verified}
    assert role_of(claims, settings(admin=["ada@example.org"], default="none")) == Role.NONE
    assert name_of(claims) == "1"


@pytest.mark.parametrize(
    ("claims", "given", "role"),
    [
        ({"groups": ["staff", "curriculum"]}, {"claim": "groups", "reviewer": ["curriculum"]}, Role.REVIEWER),
        ({"groups": "admin"}, {"claim": "groups"}, Role.ADMIN),
        ({"groups": ["admin"]}, {}, Role.READER),
        ({"groups": ["curriculum"]}, {"reviewer": ["curriculum"]}, Role.READER),
        ({"realm_access": {"roles": ["reviewer"]}}, {"claim": "realm_access.roles"}, Role.REVIEWER),
        ({"https://a.example/roles": ["admin"]}, {"claim": "https://a.example/roles"}, Role.ADMIN),
        ({"groups": [3, None, {"admin": 1}]}, {"claim": "groups", "default": "none"}, Role.NONE),
        ({"groups": {"admin": True}}, {"claim": "groups", "default": "none"}, Role.NONE),
        ({"groups": ["bo@example.org"]}, {"claim": "groups", "admin": ["bo@example.org"]}, Role.READER),
        ({"groups": ["Admin", "administrators"]}, {"claim": "groups"}, Role.READER),
    ],
)
def test_a_claim_gives_the_role_of_its_values(claims, given, role):
    assert role_of({**ADA, **claims}, settings(**given)) == role


def test_an_address_that_is_no_text_is_none():
    assert role_of({"sub": "1", "email": ["ada@example.org"]}, settings(admin=["ada@example.org"])) == Role.READER


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        (ADA, "ada@example.org"),
        ({"sub": "1", "preferred_username": "ada"}, "ada"),
        ({"sub": "1", "preferred_username": " "}, "1"),
        ({"sub": "a\u202eb\x00\nc"}, "abc"),
        ({"sub": "n" * 500}, "n" * 200),
        ({}, "unknown"),
    ],
)
def test_a_decision_is_signed_with_what_the_provider_vouches_for(claims, name):
    assert name_of(claims) == name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[app]\nadmins = ["a@b"]\n', "skillweave.toml:2: [app] admins: is not known here; its settings are admin,"),
        ('[app]\ndefault = "admin"\n', "skillweave.toml:2: [app] default: Input should be 'reader' or 'none'"),
        ("[app]\nsession_hours = 0\n", "skillweave.toml:2: [app] session_hours: Input should be greater than 0"),
        ('[app]\n\nadmin = "ada@example.org"\n', "skillweave.toml:3: [app] admin: Input should be a valid list"),
        ("app = 3\n", "[app] must be a table"),
        ("[app\n", "skillweave.toml:1"),
    ],
)
def test_faulty_settings_are_told_with_their_line(text, told, tmp_path):
    place = Workspace(tmp_path)
    place.config.write_text(text)
    with pytest.raises(InputError) as caught:
        access.app_settings(place)
    assert told in str(caught.value)


def test_settings_are_read_anew_when_the_file_changed(tmp_path):
    place = Workspace(tmp_path)
    assert access.app_settings(place) == AppSettings()
    place.config.write_text('[app]\nadmin = ["ada@example.org"]\n')
    assert access.app_settings(place).admin == ["ada@example.org"]
    place.config.unlink()
    assert access.app_settings(place) == AppSettings()


@pytest.mark.parametrize(
    ("age_h", "role"), [(0.0, Role.READER), (7.9, Role.READER), (8.1, Role.NONE), (-0.2, Role.READER)]
)
def test_a_sign_in_is_over_after_the_hours_that_are_set(age_h, role, tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(tmp_path))
    (tmp_path / "skillweave.toml").write_text("[app]\nsession_hours = 8\n")
    assert access.standing({**ADA, "iat": time.time() - age_h * 3600}) == role


@pytest.mark.parametrize("begun", [None, "now", {}])
def test_a_sign_in_that_tells_no_time_is_over(begun, tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(tmp_path))
    assert access.standing({**ADA, "iat": begun}) == Role.NONE


GATED = """
import streamlit as st
from app import access
access.gate()
access.show_account()
st.write(f"seen by {access.person()} as {access.role().label}")
def act():
    access.require(access.Role.REVIEWER)
    st.session_state["acted"] = True
st.button("Act", on_click=act)
"""


def test_without_sign_in_who_started_the_app_may_everything(tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("SKILLWEAVE_APP_SECRETS", raising=False)
    app = AppTest.from_string(GATED).run()
    assert app.markdown[-1].value == f"seen by {getpass.getuser()} as admin"
    app.button[0].click().run()
    assert app.session_state["acted"]


def test_secrets_that_vanish_open_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("SKILLWEAVE_APP_SECRETS", str(tmp_path / "gone.toml"))
    app = AppTest.from_string(GATED).run()
    assert not [each for each in app.markdown if "seen" in each.value]
    assert access.role() == Role.NONE
    with pytest.raises(access.NotAllowed, match="not signed in"):
        access.person()
    with pytest.raises(access.NotAllowed, match="needs the role reader; you are not signed in"):
        access.require(Role.READER)


def test_an_act_is_refused_once_the_role_is_gone(tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("SKILLWEAVE_APP_SECRETS", raising=False)
    app = AppTest.from_string(GATED).run()
    monkeypatch.setenv("SKILLWEAVE_APP_SECRETS", str(tmp_path / "secrets.toml"))
    app.button[0].click().run()
    assert "acted" not in app.session_state


def test_an_error_that_nobody_foresaw_is_a_sentence_without_what_it_says():
    app = AppTest.from_string("from app.failures import tell\ntell(ValueError('/home/ada/key'))").run()
    assert [each.value for each in app.error] == [
        "This page failed, and that is a fault of skillweave's. Load it again; what happened is in the app's log."
    ]


def test_an_error_of_ours_says_itself():
    script = (
        "from app.failures import tell\nfrom engine.errors import InputError\ntell(InputError('this needs a role'))"
    )
    assert [each.value for each in AppTest.from_string(script).run().error] == ["this needs a role"]

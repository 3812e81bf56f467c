"""Who is at this page, and what that person may do. Asked anew at every run of the script and at every act.

Without sign-in there is one person, who started the app and may everything: `skillweave app` then answers its own
machine alone. With it (`skillweave app --secrets FILE`, docs/app.md) nobody sees a page before the provider has told
who they are. Whether there is sign-in is settled when the server starts, so a file that vanishes opens nothing.

A function behind a button that writes asks `require` when it acts, and not only when the button is drawn:

    def _start() -> None:
        access.require(Role.ADMIN)
"""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

import streamlit as st

from app.roles import TABLE, AppSettings, Role, name_of, role_of
from app.text import escaped
from engine.errors import InputError, SkillweaveError
from engine.models import table_settings
from engine.workspace import Workspace

__all__ = ["NotAllowed", "Role", "gate", "may", "person", "require", "role", "show_account", "sign_in_wanted"]

ENVIRONMENT = "SKILLWEAVE_APP_SECRETS"
"""Where the secrets of sign-in are: set by `skillweave app` for the server it becomes. Absent: there is no sign-in."""


class NotAllowed(InputError):
    """The person's role does not reach so far; nothing was done."""


def sign_in_wanted() -> bool:
    """Whether this server shows its pages only to who has signed in."""
    return ENVIRONMENT in os.environ


def role() -> Role:
    """What the person of this session may do now; NONE where nobody is signed in, or not any more."""
    if not sign_in_wanted():
        return Role.ADMIN
    claims = _claims()
    if claims is None or _ended(claims):
        return Role.NONE
    return role_of(claims, _settings())


def may(wanted: Role) -> bool:
    """Whether the person may do what wants that role. For drawing; what acts calls `require`."""
    return role() >= wanted


def require(wanted: Role) -> None:
    """Raise NotAllowed, in a sentence for the person, unless the role reaches so far at this moment."""
    held = role()
    if held < wanted:
        has = f"yours is {held.label}" if held else "you are not signed in, or not any more"
        raise NotAllowed(f"this needs the role {wanted.label}; {has}. Ask who runs this app: [app] in skillweave.toml")


def person() -> str:
    """The name that is written with a decision: of the person signed in, else who started the app.

    Raises NotAllowed where sign-in is wanted and nobody is signed in, InputError where this system has no name.
    """
    if sign_in_wanted():
        claims = _claims()
        if claims is None:
            raise NotAllowed("you are not signed in, or not any more; load the page again")
        return name_of(claims)
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise InputError("this system has no name for you; give one: LOGNAME=ada skillweave app") from None


def gate() -> None:
    """Show the sign-in page and stop, unless the person may see pages. The first thing that a session runs."""
    try:
        held = role()
    except SkillweaveError as error:
        _stand("The roles cannot be read.", str(error))
    if held >= Role.READER:
        return
    claims = _claims()
    if claims is None:
        _stand("Sign in to see the graph, the questions and the runs of this workspace.")
    elif _ended(claims):
        _stand("Your session is over. Sign in again to go on.")
    else:
        _stand(f"{escaped(name_of(claims))} has no role here. Ask who runs this app to be named in skillweave.toml.")


def show_account() -> None:
    """Who is signed in, as what, and the way out; at the foot of the sidebar. Nothing where there is no sign-in."""
    if not sign_in_wanted():
        return
    st.sidebar.caption(f"{escaped(person())} · {role().label}")
    st.sidebar.button("Sign out", icon=":material/logout:", type="tertiary", on_click=st.logout)


def _stand(told: str, detail: str = "") -> None:
    st.title("skillweave", anchor=False)
    st.write(told)
    if detail:
        st.code(detail, language=None, wrap_lines=True)
    if _claims() is None:
        st.button("Sign in", type="primary", on_click=st.login)
    else:
        st.button("Sign out", icon=":material/logout:", on_click=st.logout)
    st.stop()


def _claims() -> Mapping[str, object] | None:
    """What the provider told of the person of this session; None where nobody is signed in."""
    told = cast("dict[str, object]", st.user.to_dict())
    return told if told.get("is_logged_in") is True else None


def _ended(claims: Mapping[str, object]) -> bool:
    """Whether the sign-in is older than a session lasts. Streamlit's cookie would last for a month."""
    begun = claims.get("iat")
    return not isinstance(begun, int | float) or time.time() - begun > _settings().session_hours * 3600


def _settings() -> AppSettings:
    """[app] of skillweave.toml as it is now, so that a role that is taken away is gone at the next run."""
    place = Workspace.find()
    try:
        stat = place.config.stat()
        version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    except OSError:
        version = (0, 0, 0)
    return _read(place, version)


@lru_cache(maxsize=1)
def _read(place: Workspace, version: tuple[int, int, int]) -> AppSettings:  # noqa: ARG001 - the key
    return table_settings(place, TABLE, AppSettings)

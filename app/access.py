"""Who is at this page, and what that person may do. Asked anew at every run of the script and at every act.

Without sign-in there is one person, who started the app and may everything: `skillweave app` then answers its own
machine alone. With it (`skillweave app --secrets FILE`, docs/app.md) nobody sees a page before the provider has told
who they are. Whether there is sign-in is settled when the server starts, so a file that vanishes opens nothing.

A function behind a button that writes asks `require` when it acts, and not only when the button is drawn:

    def _start() -> None:
        access.require(Role.ADMIN)

A part that refreshes by itself, past the gate, asks `stay`; what `app.state.page` wraps does.
"""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import streamlit as st

from app.roles import Role, name_of, role_of
from app.sign_in import ENVIRONMENT, Provider, read_provider
from app.text import escaped
from engine.errors import InputError, SkillweaveError
from engine.workspace import Workspace

if TYPE_CHECKING:
    from app.settings import AppSettings

__all__ = [
    "NotAllowed", "Role", "admitted", "app_settings", "gate", "may", "person", "require", "role", "show_account",
    "sign_in_wanted", "standing", "stay",
]  # fmt: skip

MAY = {
    Role.READER: "You may see every page.",
    Role.REVIEWER: "You may see every page, and undo merges.",
    Role.ADMIN: "You may see every page, undo merges, and start, stop and resume runs.",
}
_LONGEST_SESSION_S = 720 * 3600.0
_signed_out: set[tuple[str, str, float]] = set()
"""The sign-ins that ended by Sign out; the cookie of one is still a good cookie."""


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
    return Role.NONE if claims is None else standing(claims)


def standing(claims: Mapping[str, object]) -> Role:
    """The role of who was signed in with these claims; NONE once that sign-in is over."""
    settings = app_settings()
    return Role.NONE if _ended(claims, settings) else role_of(claims, settings)


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


def admitted() -> bool:
    """Whether the person may see pages now; never raises."""
    try:
        return may(Role.READER)
    except SkillweaveError:
        return False


def gate() -> None:
    """Show the sign-in page and stop, unless the person may see pages. It comes before the page in every run."""
    if admitted():
        return
    try:
        claims, settings, provider = _claims(), app_settings(), _provider()
    except SkillweaveError as error:
        with _card("Who may do what cannot be read now. Ask who runs this app to mend it:"):
            st.code(str(error), language=None, wrap_lines=True)
        st.stop()
    if claims is not None and not _ended(claims, settings):
        with _card(f"{escaped(name_of(claims))} is signed in, but has no role here. Ask who runs this app for one."):
            st.button("Sign out", icon=":material/logout:", on_click=_sign_out)
        st.stop()
    over = "Your session is over. Sign in again to go on."
    with _card("Sign in to see the graph, the questions and the runs of this workspace." if claims is None else over):
        _offer_sign_in(provider)
    st.stop()


def stay() -> None:
    """For a part that refreshes by itself: run the whole page, and its gate, once the person may not see it."""
    if not admitted():
        st.rerun()


def show_account() -> None:
    """Who is signed in, as what, and the way out; in the sidebar. Nothing where there is no sign-in."""
    if not sign_in_wanted():
        return
    held, name = role(), escaped(person())
    with st.sidebar.popover(name, icon=":material/account_circle:", type="tertiary", key="account"):
        st.write(f"{name} is {held.label} here.")
        st.caption(MAY[held])
        st.button("Sign out", icon=":material/logout:", on_click=_sign_out)


def app_settings(place: Workspace | None = None) -> AppSettings:
    """[app] of skillweave.toml as it is now, so that a role that is taken away is gone at the next run.

    Raises InputError for a file that cannot be read.
    """
    place = place or Workspace.find()
    try:
        stat = place.config.stat()
        version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    except OSError:
        version = (0, 0, 0)
    return _read(place, version)


@lru_cache(maxsize=1)
def _read(place: Workspace, version: tuple[int, int, int]) -> AppSettings:  # noqa: ARG001 - the key
    from app.settings import TABLE, AppSettings
    from engine.models import table_settings

    return table_settings(place, TABLE, AppSettings)


@contextmanager
def _card(told: str) -> Iterator[None]:
    """The only thing on the page."""
    st.space(120)
    with st.container(horizontal_alignment="center"), st.container(border=True, width=440, key="sign-in"):
        st.title("skillweave", anchor=False)
        st.write(told)
        yield


def _offer_sign_in(provider: Provider) -> None:
    """The way to the provider. It sends people back to one address only, so it can be taken from there alone."""
    if st.context.headers.get("Origin", provider.home) != provider.home:
        st.link_button("Open the app where people sign in", provider.home, icon=":material/login:")
        st.caption(f"That is {escaped(provider.home)}")
        return
    st.button("Sign in", icon=":material/login:", on_click=st.login)
    there = urlsplit(provider.server_metadata_url).hostname or ""
    st.caption(f"You go to {escaped(there)} and come back here.")


@lru_cache(maxsize=1)
def _provider() -> Provider:
    return read_provider(Path(os.environ[ENVIRONMENT]))


def _sign_out() -> None:
    claims = _claims()
    if claims is not None:
        now = time.time()
        _signed_out.difference_update([each for each in _signed_out if now - each[2] > _LONGEST_SESSION_S])
        _signed_out.add(_sign_in_of(claims))
    st.logout()


def _claims() -> Mapping[str, object] | None:
    """What the provider told of the person of this session; None where nobody is signed in."""
    told = cast("dict[str, object]", st.user.to_dict())
    return told if told.get("is_logged_in") is True else None


def _sign_in_of(claims: Mapping[str, object]) -> tuple[str, str, float]:
    """Which sign-in it is: of whom, and when."""
    begun = claims.get("iat")
    return str(claims.get("iss")), str(claims.get("sub")), float(begun) if isinstance(begun, int | float) else 0.0


def _ended(claims: Mapping[str, object], settings: AppSettings) -> bool:
    """Whether that sign-in is over: by Sign out, or by time. Streamlit's own cookie would last for a month."""
    which = _sign_in_of(claims)
    return which in _signed_out or time.time() - which[2] > settings.session_hours * 3600

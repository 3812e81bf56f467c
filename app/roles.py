"""Who may do what: three roles, each with what the one before it may, and how a signed-in person gets one.

An address counts only where the provider does not say that it was not verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import AppSettings

MOST_NAME = 200


class Role(IntEnum):
    """What a person may do; a higher one may all that a lower one may."""

    NONE = 0
    """Nothing."""
    READER = 1
    """See every page."""
    REVIEWER = 2
    """Decide about concepts and questions: undo a merge."""
    ADMIN = 3
    """Spend and stop: start, stop and resume runs."""

    @property
    def label(self) -> str:
        """As pages and skillweave.toml write it."""
        return self.name.lower()


def address_of(claims: Mapping[str, object]) -> str:
    """The person's mail address in lower case; "" where there is none, or the provider says it was not verified."""
    address = claims.get("email")
    if not isinstance(address, str) or claims.get("email_verified", True) not in (True, "true"):
        return ""
    return address.strip().casefold()


def name_of(claims: Mapping[str, object]) -> str:
    """What is written with a decision: the address, else the name at the provider, else its number of the person."""
    told = (address_of(claims), claims.get("preferred_username"), claims.get("sub"))
    name = next((each for each in told if isinstance(each, str) and each.strip()), "unknown")
    return "".join(sign for sign in name if sign.isprintable())[:MOST_NAME].strip()


def role_of(claims: Mapping[str, object], settings: AppSettings) -> Role:
    """The highest role that the person's address or the claim gives, else the default.

    Args:
        claims: what the provider told of the person.
        settings: whom skillweave.toml names. What holds an @ is an address, all else a value of the claim; a value that
            is the name of a role gives that role.
    """
    address, values = address_of(claims), _values(claims, settings.claim)
    for role in (Role.ADMIN, Role.REVIEWER, Role.READER):
        named: list[str] = getattr(settings, role.label)
        groups = {each for each in named if "@" not in each} | {role.label}
        if values & groups or (address and address in {each.strip().casefold() for each in named if "@" in each}):
            return role
    return Role.READER if settings.default == "reader" else Role.NONE


def _values(claims: Mapping[str, object], claim: str) -> set[str]:
    """What the claim holds: a text, or those of a list. A claim that has the very name goes before a path."""
    if not claim:
        return set()
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for name in claim.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return {found}
    return {each for each in found if isinstance(each, str)} if isinstance(found, list | tuple) else set()

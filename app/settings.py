"""The table [app] of skillweave.toml: who has which role, and for how long a sign-in lasts.

    # workspace/skillweave.toml
    [app]
    admin = ["ada@example.org"]
    reviewer = ["bo@example.org", "curriculum-team"]     # an address, or a value of the claim
    reader = []
    claim = "groups"             # what the provider tells of a person; a path where it is nested: realm_access.roles
    default = "reader"           # who signs in and is not named; "none" keeps them out
    session_hours = 12           # then a person signs in again

It is read again at every step that a person takes (docs/app.md).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TABLE = "app"
"""The table's name."""


class AppSettings(BaseModel):
    """[app] of skillweave.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin: list[str] = Field([], description="addresses, and values of the claim, that are admin")
    reviewer: list[str] = Field([], description="those that are reviewer")
    reader: list[str] = Field([], description="those that are reader")
    claim: str = Field("", description="the claim whose values count; a path of names where it is nested")
    default: Literal["reader", "none"] = Field("reader", description="who signs in and is not named")
    session_hours: float = Field(12.0, gt=0, le=720, description="hours from a sign-in to the next")

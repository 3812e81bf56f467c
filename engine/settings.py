"""What pydantic finds wrong with settings, in words for the person who gave them."""

from __future__ import annotations

from pydantic import ValidationError


def first_fault(error: ValidationError, kind: str = "setting") -> str:
    """The first fault of settings, without the value: that there is no such `kind`, or what it should be."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"there is no {kind} {where!r}"
    said = first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    return f"{kind} {where}: {said}" if where else said

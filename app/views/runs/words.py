"""How the page says what a run is in, what it costs, and when something was."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from engine.estimate import Range
from engine.run import RunSpec
from generation.progress_view import span
from generation.run_lines import Condition

_Colour = Literal["red", "orange", "blue", "green", "violet", "gray"]
CONDITIONS: Mapping[Condition, tuple[str, _Colour, str]] = {
    "complete": ("complete", "green", "check_circle"),
    "exhausted": ("exhausted", "orange", "block"),
    "running": ("running", "blue", "play_circle"),
    "starting": ("starting", "blue", "hourglass_top"),
    "stopping": ("stopping", "blue", "hourglass_bottom"),
    "waiting for a batch": ("waiting for a batch", "violet", "schedule"),
    "stopped": ("stopped", "gray", "pause_circle"),
    "at its limit": ("at its limit", "orange", "paid"),
    "failed at the endpoint": ("failed at the endpoint", "red", "cloud_off"),
    "fruitless": ("too few rows", "red", "error"),
    "failed": ("failed", "red", "error"),
    "left off": ("left off", "gray", "help"),
    "cannot be read": ("cannot be read", "red", "broken_image"),
}
"""Of each condition its word, colour and sign."""
MEANINGS: Mapping[Condition, str] = {
    "exhausted": "No more new compositions can be drawn, or as many were drawn as it may.",
    "stopping": "Nothing new is sent; what is in flight is kept.",
    "waiting for a batch": "Its calls are at the provider, which answers within a day.",
    "stopped": "Somebody stopped it. Everything that came back is kept; it can be resumed.",
    "at its limit": "What it may take is taken. Resume it with a higher limit.",
    "failed at the endpoint": "The endpoint answered with errors until the run gave up. What came back is kept.",
    "fruitless": "So many conversations gave no row that going on would have wasted money.",
    "left off": "Nobody works on it, and nobody said why: its process was killed, or its machine went away.",
}
FAULTS: Mapping[str, str] = {
    "RateLimited": "asked to wait (429)",
    "ServerFault": "error of the server (5xx)",
    "ConnectionFault": "no connection, or no answer in time",
    "MalformedReply": "answer that cannot be read",
    "QuotaExhausted": "no money or quota left",
    "AccessRefused": "key, model or address refused",
    "EndpointStop": "endpoint said that going on is pointless",
}
LOST: Mapping[str, str] = {
    "repeat": "repeat of an earlier composition",
    "waiting": "waiting for its turn, or in flight",
    "under way": "conversation under way",
    "ahead": "ahead: kept for when more are wanted",
    "transport": "given up: the endpoint failed it",
}


RIGHT = st.column_config.TextColumn(alignment="right")
"""A column of figures with their units."""


def badge(condition: Condition) -> None:
    """The condition, as it stands beside a run's name."""
    word, colour, sign = CONDITIONS[condition]
    st.badge(word, icon=f":material/{sign}:", color=colour)


def at_no_cost(spec: RunSpec) -> bool:
    """Whether all that is asked is our own offline teacher."""
    return all(model.served_by == "offline-teacher" for model in spec.models.values())


def money(usd: float | None) -> str:
    """Dollars to the cent; of less than a cent that there is something. For a place that is no Markdown."""
    if usd is None:
        return "price unknown"
    return "< $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def ago(seconds: float | None) -> str:
    """How long ago a Unix time was."""
    if seconds is None:
        return ""
    passed = time.time() - seconds
    unit = next(unit for unit in (86_400, 3600, 60, 1) if passed >= unit or unit == 1)
    return "now" if passed < 3 else f"{span(passed // unit * unit)} ago"


def moment(seconds: float) -> datetime:
    """A Unix time in the time zone of who looks; in UTC where this machine does not know that one."""
    try:
        return datetime.fromtimestamp(seconds, ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.fromtimestamp(seconds, UTC)


def time_left(left: Range | None) -> tuple[str, str]:
    """The time left, and its range in words; nothing of what is not known."""
    if left is None:
        return "unknown", ""
    return _roughly(left.likely), f"{_roughly(left.low)} to {_roughly(left.high)}"


def _roughly(seconds: float) -> str:
    return span(seconds if seconds < 600 else round(seconds / 60) * 60)

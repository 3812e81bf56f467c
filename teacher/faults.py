"""Misbehaviour on request, so that what must survive a bad endpoint can be tested against one.

Faults are asked for by text: `429=0.1,retry_after_s=2,slow_ms=50`. It stands in the server's `--faults`, after a colon
in the model's name (`offline-teacher:cut=0.05`), or in the header `x-offline-teacher-faults`; later ones win.

Faults of transport are drawn anew for every request, so that a retry gets through. Faults of content are drawn from the
request itself: the same request gets the same faulty reply for ever, as the same bad prompt would. Those of batches
(`batch_...`) befall a whole batch; within one, a fault of transport makes the row one of the error file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.errors import InputError
from engine.settings import first_fault

HEADER = "x-offline-teacher-faults"
TRANSPORT = ("429", "5xx", "hang", "drop", "truncated", "wrong_type")
CONTENT = ("cut", "malformed", "wrong", "separators")

_TAG_OR_HEADING = re.compile(r"</?\w+>|^[A-Z][\w ]*:[ \t]*$", re.MULTILINE)
_FINAL_NUMBER = re.compile(r"(.*The answer is[^\d\n]*)(\d+)", re.DOTALL)


class Faults(BaseModel):
    """How often the teacher misbehaves. Shares are of all requests; one suffers at most one fault of either kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate_limited: float = Field(0, ge=0, le=1, alias="429", description="share answered 429 with Retry-After")
    retry_after_s: float = Field(1, ge=0, description="seconds that such a 429 names")
    quota_after: int | None = Field(None, ge=0, description="requests after which every one is an exhausted quota")
    server_error: float = Field(0, ge=0, le=1, alias="5xx", description="share answered 503")
    hang: float = Field(0, ge=0, le=1, description="share never answered")
    drop: float = Field(0, ge=0, le=1, description="share whose connection breaks in the middle of the reply")
    truncated: float = Field(0, ge=0, le=1, description="share answered with half a JSON text")
    wrong_type: float = Field(0, ge=0, le=1, description="share answered with an HTML page")
    slow_ms: float = Field(0, ge=0, description="milliseconds that every answer is held back")
    cut: float = Field(0, ge=0, le=1, description="share of replies cut off, with finish_reason length")
    malformed: float = Field(0, ge=0, le=1, description="share of replies without their tags and headings")
    wrong: float = Field(0, ge=0, le=1, description="share of replies whose final answer is wrong")
    separators: float = Field(0, ge=0, le=1, description="share of replies with U+2028, U+0085 and U+000C in them")
    batch_s: float = Field(0, ge=0, description="seconds that a batch takes at least")
    batch_times: int | None = Field(None, ge=0, description="batches that the faults of batches befall; all if None")
    batch_fail: str | None = Field(None, description="code with which a batch fails, such as token_limit_exceeded")
    batch_refuse: str | None = Field(None, description="code of a 429 with which a batch is not taken")
    batch_lost_reply: bool = Field(False, description="a batch is made, but the answer that says so breaks off")
    batch_expire_after: int | None = Field(None, ge=0, description="rows after which a batch expires")
    batch_cancel_after: int | None = Field(None, ge=0, description="rows after which a batch is cancelled by somebody")
    batch_shuffle: bool = Field(False, description="a batch's replies come in another order")
    batch_duplicate: float = Field(0, ge=0, le=1, description="share of a batch's replies that come twice")
    batch_missing: float = Field(0, ge=0, le=1, description="share of a batch's replies that never come")

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        for names in (TRANSPORT, CONTENT):
            if sum(self._share(name) for name in names) > 1:
                raise ValueError(f"the shares of {', '.join(names)} are more than 1 together")
        return self

    def _share(self, name: str) -> float:
        return float(getattr(self, {"429": "rate_limited", "5xx": "server_error"}.get(name, name)))

    def without_batch_faults(self) -> Faults:
        """These faults, as they hold for a batch after the first `batch_times`."""
        kept = {"batch_s"}
        return self.model_copy(
            update={
                name: field.default
                for name, field in type(self).model_fields.items()
                if name.startswith("batch_") and name not in kept
            }
        )

    def draw(self, names: tuple[str, ...], chance: Random) -> str | None:
        """The fault that befalls one request, if any: one draw over the shares of `names`."""
        left = chance.random()
        for name in names:
            left -= self._share(name)
            if left < 0:
                return name
        return None


def parse_faults(*texts: str) -> Faults:
    """The faults that `name=value,...` asks for; later texts win. Raises InputError for an unknown name or value."""
    asked: dict[str, Any] = {}
    for text in texts:
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = part.partition("=")
            if not equals:
                raise InputError(f"fault {part!r}: write name=value, such as 429=0.1; {_NAMES}")
            asked[name.strip()] = value.strip()
    return _faults(asked)


def _faults(asked: Mapping[str, Any]) -> Faults:
    try:
        return Faults.model_validate(asked)
    except ValidationError as error:
        raise InputError(f"{first_fault(error, 'fault')}; {_NAMES}") from None


_NAMES = "there are " + ", ".join(field.alias or name for name, field in Faults.model_fields.items())


def spoil(text: str, fault: str, chance: Random) -> str:
    """The reply with a fault of content; unchanged where it offers the fault no hold."""
    if fault == "cut":
        return text[: int(len(text) * chance.uniform(0.2, 0.8))]
    if fault == "malformed":
        return _TAG_OR_HEADING.sub("", text)
    if fault == "separators":
        return text.replace(" ", "\u2028", 1).replace(" ", "\x85", 1).replace(" ", "\x0c", 1)
    return _FINAL_NUMBER.sub(lambda found: found[1] + str(int(found[2]) + chance.randint(1, 9)), text, count=1)

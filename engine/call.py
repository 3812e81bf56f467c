"""What is asked of a model and what it answers.

A `Call` says everything that decides the answer and nothing else; its key is `b2:` + blake2b of the canonical JSON of
just that. Timeouts, retries, concurrency and credentials are not in it. `sample` tells equal prompts apart: a second
try after a reply that could not be parsed, and each vote, raises it.

A reply lives at an address: the item's index and the path, its place in the conversation. The first turn is `0`; a
tuple of calls in the second turn is `1.0`, `1.1`, ...

Messages, calls and replies are structs of msgspec, made in a tenth of a dataclass's time (`msgspec.structs.replace`
makes changed ones). They are in no cycle, so the garbage collector never looks at them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import orjson
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

Role = Literal["system", "user", "assistant"]
KEY_VERSION = "b2:"
_KEEPS_GIL = 2_047
"""Bytes that hashlib hashes without giving up the interpreter. For more it does, which costs the event loop up to 5 ms
to get it back from a thread that seals: a hundred times what the hash takes."""


class Message(Struct, frozen=True, gc=False):
    """One message of a conversation."""

    role: Role
    content: str


class Sampling(BaseModel):
    """How a model is sampled. A field that is None is not sent, so the endpoint's own default holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float | None = Field(None, ge=0, le=2, description="0 is greedy; the endpoint's default if None")
    top_p: float | None = Field(None, gt=0, le=1, description="nucleus share of probability mass")
    max_tokens: int | None = Field(None, ge=1, description="tokens of the reply at most")
    stop: tuple[str, ...] | None = Field(None, description="texts that end the reply")

    @property
    def sent(self) -> dict[str, Any]:
        """What is sent of it, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


class ModelRef(BaseModel):
    """A model as run.json names it. `served_by` is a name in skillweave.toml, or `env:<model>`; never a URL."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    served_by: str
    model: str
    sampling: Sampling = Sampling()


class Call(Struct, frozen=True, gc=False):
    """One request. `role` names one of the run's models (most recipes have only `writer`)."""

    messages: tuple[Message, ...]
    role: str = "writer"
    sample: int = 0
    schema: Mapping[str, Any] | None = None
    """A JSON schema the reply must follow. Never for anything that holds mathematics: JSON eats backslashes."""
    sampling: Sampling | None = None
    """Overrides the model's sampling settings for this call."""


class Usage(NamedTuple):
    """Tokens as the endpoint counted them. `cached` is part of `prompt`, `reasoning` part of `completion`.

    `estimated` are those of prompt and completion that it did not count, but we (`engine.tokens`): all or none.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0
    estimated: int = 0


Finish = Literal["stop", "length", "content_filter", "refused"]


class Reply(Struct, frozen=True, gc=False):
    """What came back. A lasting refusal is a reply too: `finish` is `content_filter` or `refused`, `error` says why."""

    text: str
    finish: Finish = "stop"
    usage: Usage = Usage()
    model: str = ""
    """The model's name as the endpoint reported it."""
    attempt: int = 1
    error: str | None = None
    reasoning: str = ""
    """What the model thought before it answered, where the endpoint shows it; never part of `text`."""

    @property
    def whole(self) -> bool:
        """The model ended the reply itself: it was neither cut off nor refused."""
        return self.finish == "stop"


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. The same value gives the same bytes on every machine."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_hash(value: Any) -> str:
    """`b2:` and 32 hexadecimal digits of blake2b over the canonical JSON of `value`."""
    content = canonical(value)
    digest = hashlib.blake2b(content[:_KEEPS_GIL], digest_size=16)
    for begin in range(_KEEPS_GIL, len(content), _KEEPS_GIL):
        digest.update(content[begin : begin + _KEEPS_GIL])
    return KEY_VERSION + digest.hexdigest()


def call_key(call: Call, model: ModelRef) -> str:
    """The key of a call served by `model`: everything that decides the answer, and nothing else."""
    sampling = call.sampling if call.sampling is not None else model.sampling
    return content_hash(
        [
            [[m.role, m.content] for m in call.messages],
            model.served_by,
            model.model,
            sampling.sent,
            call.schema,
            call.sample,
        ]
    )


def seed_of(key: str) -> int:
    """The `seed` sent with a call: 31 bits of its key, so equal calls get equal answers where the server can."""
    return int(key.removeprefix(KEY_VERSION)[:8], 16) & 0x7FFFFFFF

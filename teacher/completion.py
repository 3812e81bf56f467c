"""A chat completion by rule: a pure function of (messages, model, settings, seed).

The prompt's shape says what is asked: to extract concepts from a question, to judge pairs of names, or to write a
question from concepts.
Anything else is refused with a sentence. Tokens are counted as words and signs, one each: an estimate, for the books of
a test.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from engine.call import canonical
from teacher.faults import CONTENT, Faults, spoil

MODEL = "offline-teacher"
REPORTED_MODEL = "offline-teacher-1"
_SETTINGS = ("max_completion_tokens", "max_tokens", "seed", "stop", "temperature", "top_p")
_TOKEN = re.compile(r"\w+|[^\w\s]")

Messages = list[dict[str, str]]
Write = Callable[[Messages, Random], str]
Read = Callable[[Messages], str]
"""The reply to a prompt that leaves nothing to chance: to extract concepts, or to judge pairs of names."""


class Refused(Exception):
    """A request that gets an error answer, in OpenAI's shape."""

    def __init__(self, status: int, message: str, code: str, param: str | None = None) -> None:
        super().__init__(message)
        kind = code if status >= 429 else "invalid_request_error"
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a completion, checked. `faults` is what stands after a colon in the model's name."""

    model: str
    faults: str
    messages: Messages
    settings: Mapping[str, Any]

    @classmethod
    def read(cls, content: bytes) -> Request:
        """Raises Refused for what is no such request, another model, or a field that would be ignored."""
        try:
            request = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise Refused(400, f"the request is no JSON: {error}", "invalid_json") from None
        if not isinstance(request, dict) or not isinstance(request.get("model"), str):
            raise Refused(400, "the request must be an object with a model", "invalid_request", "model")
        model, _, faults = request["model"].partition(":")
        if not model.startswith(MODEL):
            message = f"there is no model {model[:100]!r} here: this is the {MODEL}, no language model"
            raise Refused(404, message, "model_not_found", "model")
        for field, value in request.items():
            harmless = value is None or value is False or (field == "n" and value == 1)
            if field not in ("model", "messages", "user", *_SETTINGS) and not harmless:
                raise Refused(400, f"{field!r} is not supported by the {MODEL}", "unsupported_parameter", field)
        settings = {name: request[name] for name in _SETTINGS if request.get(name) is not None}
        return cls(model, faults, _messages(request.get("messages")), settings)


def _messages(given: object) -> Messages:
    if isinstance(given, list) and all(isinstance(m, dict) for m in given):
        plain = [{"role": m.get("role"), "content": m.get("content")} for m in given]
        if all(isinstance(text, str) for m in plain for text in m.values()):
            return plain
    raise Refused(400, "messages must be a list of objects with role and content", "invalid_request", "messages")


def complete(request: Request, write: Write, read: Read, faults: Faults) -> tuple[dict[str, Any], str | None]:
    """The completion, and the fault of content it was given, if any. Raises Refused for a prompt of another shape."""
    identity = canonical([request.messages, request.model, request.settings])
    digest = hashlib.blake2b(identity, digest_size=16).hexdigest()
    text, finish = _text(request.messages, Random(digest), write, read), "stop"
    chance = Random("fault:" + digest)
    fault = faults.draw(CONTENT, chance)
    if fault is not None:
        spoiled = spoil(text, fault, chance)
        fault = fault if spoiled != text else None
        text, finish = spoiled, "length" if fault == "cut" else "stop"
    text, finish = _limit(text, finish, request.settings)
    prompt, completion = sum(_tokens(m["content"]) for m in request.messages), _tokens(text)
    return {
        "id": f"chatcmpl-{digest}",
        "object": "chat.completion",
        "created": 0,
        "model": REPORTED_MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }, fault


def _text(messages: Messages, chance: Random, write: Write, read: Read) -> str:
    prompt = "\n".join(m["content"] for m in messages)
    if "Now write yours." in prompt:
        return write(messages, chance)
    if ("Knowledge points:" in prompt and "<question>" in prompt) or (
        "pair of names" in prompt and "<pairs>" in prompt
    ):
        return read(messages)
    if "Solve the question below." in prompt and "<question>" in prompt:
        return read(messages)
    can = (
        "it extracts concepts from a question, judges pairs of names, writes a question from concepts and solves "
        "sums, by skillweave's prompts"
    )
    raise Refused(400, f"the {MODEL} is no language model: {can}, and nothing else", "invalid_prompt", "messages")


def _limit(text: str, finish: str, settings: Mapping[str, Any]) -> tuple[str, str]:
    """The reply ended by the request's stop texts and token limit."""
    stop = settings.get("stop") or ()
    ends = [at for word in ([stop] if isinstance(stop, str) else stop) if (at := text.find(word)) >= 0]
    if ends:
        text, finish = text[: min(ends)], "stop"
    most = settings.get("max_completion_tokens") or settings.get("max_tokens")
    if isinstance(most, int) and _tokens(text) > most:
        token = next(found for n, found in enumerate(_TOKEN.finditer(text), 1) if n == most)
        return text[: token.end()], "length"
    return text, finish


def _tokens(text: str) -> int:
    return len(_TOKEN.findall(text))

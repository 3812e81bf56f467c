"""The chat completions wire: a call as a request body, an answer as a reply or one of our errors. No network here.

| what the endpoint answers                                        | what it becomes                              |
|------------------------------------------------------------------|----------------------------------------------|
| 200 and a reply that ended, was cut off, filtered, or refused    | `Reply` with that `finish`                   |
| 200 and anything else                                            | `MalformedReply`                             |
| 400, 403 by a content filter                                     | `Reply`, finish `content_filter`             |
| 400, 413, 422 for what is in the prompt                          | `Reply`, finish `refused`                    |
| 400, 422 for a setting the endpoint does not take                | `EndpointStop`, but see `Dialect.learn`      |
| 402, or any refusal with a code that means no quota              | `QuotaExhausted`                             |
| 429                                                              | `RateLimited` with the time it names         |
| 408, 409, 425, 5xx                                               | `ServerFault`                                |
| 401, 403, 404, a redirect, any other                             | `AccessRefused`                              |
"""

from __future__ import annotations

import math
import re
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from msgspec import Struct

from engine.call import Call, Finish, ModelRef, Reply, Usage, seed_of
from engine.capabilities import Capabilities, remedy
from engine.errors import AccessRefused, EndpointStop, MalformedReply, QuotaExhausted, RateLimited, ServerFault
from engine.transports.reasoning import reasoning_field, split_reasoning

MAX_BODY_BYTES = 32 * 1024 * 1024
"""A longer reply is none: it would fill the memory of a thousand calls in flight."""

_MAX_MESSAGE = 400
_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"})
_FILTER = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})
_NO_ACCESS = frozenset({"invalid_api_key", "model_not_found", "model_decommissioned"})
_UNKNOWN = frozenset({"unsupported_parameter", "unsupported_value", "unknown_parameter"})
_UNKNOWN_WORDS = re.compile(
    r"unsupported|not supported|unrecogni[sz]ed|unknown|extra|unexpected|not permitted", re.IGNORECASE
)
_BAD_VALUE = re.compile(
    r"\b(?:invalid|only)\W+(temperature|top_p)\b"
    r"|\b(temperature|top_p)\W+(?:must|may only|can only|cannot|is invalid)\b",
    re.IGNORECASE,
)
_SETTINGS = frozenset({"seed", "max_tokens", "max_completion_tokens", "temperature", "top_p", "response_format"})
_NEVER_THE_PROMPT = frozenset({"seed", "temperature", "top_p", "stop", "response_format"})
"""A refusal that names one of these is never about the length of a prompt, as one of `max_tokens` may be."""
_FINISH: Mapping[object, Finish] = {"stop": "stop", "length": "length", "content_filter": "content_filter"}


class Answer(Struct, frozen=True):
    """What came over the wire. `headers` are looked up in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(slots=True)
class Dialect:
    """What an endpoint is known to refuse: by its check, else learned from its answers. It lives with its transport."""

    seed: bool = True
    max_tokens: bool = True
    """False: the limit goes by its newer name, `max_completion_tokens`."""
    checked: Capabilities | None = None

    @classmethod
    def of(cls, checked: Capabilities | None) -> Dialect:
        """What is known before the first answer."""
        if checked is None:
            return cls()
        return cls(checked.seed != "refused", checked.limit_name != "max_completion_tokens", checked)

    def body(self, call: Call, model: ModelRef, key: str) -> dict[str, Any]:
        """The request body; settings that are None are left out, so the endpoint's own defaults hold.

        Raises EndpointStop where the endpoint was found not to take what decides the answer.
        """
        sampling = call.sampling if call.sampling is not None else model.sampling
        if self.checked is not None:
            self.checked.require(model.served_by, sampling, call.schema)
        body: dict[str, Any] = {
            "model": model.model,
            "messages": [{"role": m.role, "content": m.content} for m in call.messages],
            **sampling.sent,
        }
        if not self.max_tokens and "max_tokens" in body:
            body["max_completion_tokens"] = body.pop("max_tokens")
        if self.seed:
            body["seed"] = seed_of(key)
        if call.schema is not None:
            schema = {"name": "reply", "schema": call.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def learn(self, body: Mapping[str, Any], answer: Answer) -> bool:
        """True if the answer refused something in `body` that is now left out: the call is worth sending again."""
        if answer.status not in (400, 422):
            return False
        setting = _Problem.read(answer.content).unknown_setting()
        if setting == "seed" and "seed" in body:
            self.seed = False
            return True
        if setting == "max_tokens" and "max_tokens" in body:
            self.max_tokens = False
            return True
        return False


def read_answer(answer: Answer, name: str, secret: str = "") -> Reply:
    """The reply that an answer holds. `name` is the model's, for messages, in which `secret` never appears.

    Raises a Fault or an EndpointStop by the table above.
    """
    if answer.status != 200:
        return _refusal(answer.status, answer.headers, _Problem.read(answer.content), name, secret)
    media = answer.headers.get("content-type", "application/json")
    if media != "application/json" and not (media := media.partition(";")[0].strip().lower()).endswith("json"):
        raise MalformedReply(f"{name}: the reply is {clean(media, secret)}, not JSON")
    try:
        payload = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise MalformedReply(f"{name}: the reply is no whole JSON ({error})") from None
    if not isinstance(payload, dict):
        raise MalformedReply(f"{name}: the reply is no JSON object")
    choices = payload.get("choices")
    if not choices and payload.get("error"):  # gateways pass an upstream's failure on inside a 200
        problem = _Problem.read(answer.content)
        status = int(problem.code) if re.fullmatch(r"[45]\d\d", problem.code) else 502
        return _refusal(status, answer.headers, problem, name, secret)
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise MalformedReply(f"{name}: the reply holds no choices")
    return _read_choice(choices[0], payload, name, secret)


def _read_choice(choice: dict[str, Any], payload: dict[str, Any], name: str, secret: str) -> Reply:
    message = choice.get("message")
    if not isinstance(message, dict):
        raise MalformedReply(f"{name}: the reply's choice holds no message")
    usage, model = _usage(payload.get("usage")), clean(str(payload.get("model") or ""), secret)
    text, refusal = message.get("content"), message.get("refusal")
    _, reasoning = reasoning_field(message)
    if isinstance(refusal, str) and refusal:
        said = clean(refusal, secret)
        return Reply("", finish="refused", usage=usage, model=model, error=said, reasoning=reasoning)
    reason = choice.get("finish_reason")
    finish = _FINISH.get(reason if isinstance(reason, str) else None)
    if finish is None:
        raise MalformedReply(f"{name}: the reply ended with finish_reason {clean(repr(reason), secret)}")
    if text is None and (finish != "stop" or reasoning):
        text = ""  # a filter took it all, or nothing came but reasoning: asking again changes nothing
    if not isinstance(text, str):
        raise MalformedReply(f"{name}: the reply's message holds no text")
    within, text = split_reasoning(text)
    if within:
        reasoning = f"{reasoning}\n\n{within}" if reasoning else within
    error = "the endpoint's content filter ended the reply" if finish == "content_filter" else None
    return Reply(text, finish=finish, usage=usage, model=model, error=error, reasoning=reasoning)


def _refusal(status: int, headers: Mapping[str, str], problem: _Problem, name: str, secret: str) -> Reply:
    model = name.removeprefix("env:")
    said = f"{model}: HTTP {status}, {clean(problem.text, secret).rstrip('.')}"
    codes = {problem.code, problem.type}
    if status == 402 or (status >= 400 and codes & _QUOTA):
        raise QuotaExhausted(f"{said}. Top up the account, then: skillweave resume RUN")
    if status == 429:
        raise RateLimited(said, retry_after_s(headers))
    if status in (408, 409, 425) or status >= 500:
        raise ServerFault(said, retry_after_s(headers))
    if status in (400, 403) and (codes & _FILTER or problem.flagged):
        return Reply("", finish="content_filter", error=said)
    if status in (400, 413, 422) and not codes & _NO_ACCESS:
        setting = problem.unknown_setting()
        if setting and setting != "seed":
            raise EndpointStop(f"{said}. {remedy(name, setting)}")
        return Reply("", finish="refused", error=said)
    if status in (404, 405) or codes & _NO_ACCESS - {"invalid_api_key"}:
        raise AccessRefused(
            f"{said}. Check the address and the model's name (OPENAI_BASE_URL and --model, or base_url and model in "
            f"skillweave.toml) by: skillweave model check {shlex.quote(model)}"
        )
    if 300 <= status < 400:
        raise AccessRefused(f"{said}: it sends us elsewhere. Set OPENAI_BASE_URL or base_url to the final address")
    raise AccessRefused(
        f"{said}. Check the key (OPENAI_API_KEY, or the variable that api_key_env in skillweave.toml names), then: "
        "skillweave resume RUN"
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """What an error body says, in OpenAI's shape, FastAPI's (`detail`), or any other text."""

    code: str
    type: str
    param: str
    text: str
    flagged: bool

    @classmethod
    def read(cls, content: bytes) -> _Problem:
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            body = content.decode(errors="replace")
        if isinstance(body, list) and body:
            body = body[0]
        error = body.get("error", body) if isinstance(body, dict) else body
        if not isinstance(error, dict):
            return cls("", "", "", str(error) or "no reason given", flagged=False)
        text = error.get("message") or orjson.dumps(error).decode()
        inner, metadata = error.get("innererror"), error.get("metadata")
        code = error.get("code") or (inner.get("code") if isinstance(inner, dict) else None)
        flagged = isinstance(metadata, dict) and "flagged_input" in metadata
        return cls(str(code or ""), str(error.get("type") or ""), str(error.get("param") or ""), str(text), flagged)

    def unknown_setting(self) -> str | None:
        """The setting that the endpoint does not know or does not take, if that is what it says."""
        if self.param:
            if self.param in _NEVER_THE_PROMPT or self.code in _UNKNOWN:
                return self.param
            names = [self.param]
        else:
            names = re.findall(r"\w+", self.text)
        if bad := _BAD_VALUE.search(self.text):
            return (bad[1] or bad[2]).lower()
        if not _UNKNOWN_WORDS.search(self.text):
            return None
        return next((name for name in names if name in _SETTINGS), None)


def read_problem(answer: Answer, secret: str = "") -> str:
    """What a refusal says, for a person; `secret` never appears."""
    return clean(_Problem.read(answer.content).text, secret)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that `retry-after-ms` or `Retry-After` asks for (a number or a date), never negative, else None.

    A date is counted from the answer's own `Date`, so that a wrong clock on either side does no harm.
    """
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    try:
        until = parsedate_to_datetime(headers.get("retry-after", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        now = time.time()
    return max(0.0, until - now)


def clean(text: str, secret: str) -> str:
    """A stranger's text for a message of ours: one line, short, and without the key that it may echo."""
    if secret:
        text = text.replace(secret, "***")
    if len(text) <= _MAX_MESSAGE and text.isprintable():
        return text
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _MAX_MESSAGE]).split())
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 3] + "..."


def _usage(usage: object) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    prompt, completion = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    return Usage(
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        _count(prompt.get("cached_tokens")) if isinstance(prompt, dict) else 0,
        _count(completion.get("reasoning_tokens")) if isinstance(completion, dict) else 0,
    )


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**40 else 0

"""Asks an endpoint once what it can do: the same messages again and again, with one setting more each time.

The first request holds nothing but a limit of tokens. Once that has been answered, what is refused with one more
setting is refused for that setting, whatever words the endpoint has for it. About eight requests, most of them for 128
tokens at most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from engine.call import Message, Reply, Usage
from engine.capabilities import Capabilities
from engine.errors import AccessRefused, EndpointStop, MalformedReply, QuotaExhausted, ServerFault
from engine.models import Endpoint
from engine.transports import open_transport
from engine.transports.exchange import Exchange
from engine.transports.reasoning import reasoning_field, split_reasoning
from engine.transports.retry import Gate, RetryPolicy, retried
from engine.transports.wire import Answer, read_answer, read_problem

POLICY = RetryPolicy(max_attempts=3, max_rate_limit_wait_s=120)
_WHOLE, _BEGINNING = 1_024, 128
"""Tokens of a reply at most: enough to see where reasoning ends, and enough to compare two replies."""
_SEEDS = (20_240_311, 20_240_312)
_SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["amber", "violet"]}},
    "required": ["verdict"],
    "additionalProperties": False,
}
"""Nothing in the messages leads to such a reply, so only an endpoint that keeps to it gives one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and what it took."""

    capabilities: Capabilities
    requests: int
    usage: Usage
    said: Mapping[str, str]
    """The endpoint's words for what it refused, by setting."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """An answered request: the reply as a recipe would get it, and the choice and usage as they came."""

    reply: Reply
    choice: Mapping[str, Any]
    usage: object

    @property
    def words(self) -> str:
        return self.reply.reasoning + self.reply.text


@dataclass
class _Examiner:
    endpoint: Endpoint
    exchange: Exchange
    messages: Sequence[Message]
    requests: int = 0
    usage: list[Usage] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    gate: Gate = field(default_factory=Gate)
    jitter: Random = field(default_factory=Random)

    async def ask(self, about: str, **settings: Any) -> _Seen | None:
        """The answer to the messages with these settings; None where it was refused, with the reason in `said`.

        Raises QuotaExhausted and AccessRefused, and the last ConnectionFault or RateLimited: they are about no setting.
        """
        name, secret = self.endpoint.ref.served_by, self.endpoint.api_key.get_secret_value()
        messages = [{"role": message.role, "content": message.content} for message in self.messages]
        body = {"model": self.endpoint.ref.model, "messages": messages, **settings}
        answers: list[Answer] = []

        async def attempt() -> Reply:
            self.requests += 1
            answers.append(await self.exchange.post(body))
            return read_answer(answers[-1], name, secret)

        try:
            reply = await retried(attempt, name, POLICY, gate=self.gate, rng=self.jitter)
        except (QuotaExhausted, AccessRefused):
            raise
        except (EndpointStop, ServerFault, MalformedReply) as error:
            self._note(about, answers, str(error))
            return None
        self.usage.append(reply.usage)
        if reply.finish in ("refused", "content_filter"):
            self._note(about, answers, reply.error or reply.finish)
            return None
        payload = orjson.loads(answers[-1].content)
        return _Seen(reply, payload["choices"][0], payload.get("usage"))

    def _note(self, about: str, answers: Sequence[Answer], otherwise: str) -> None:
        """Keep the endpoint's own words for a refusal, or ours where it had none."""
        told = bool(answers) and answers[-1].status != 200
        secret = self.endpoint.api_key.get_secret_value()
        self.said[about] = read_problem(answers[-1], secret) if told else otherwise


async def check_model(endpoint: Endpoint, messages: Sequence[Message]) -> Checked:
    """Ask an endpoint what it can do; `messages` should lead to replies that differ where they can. Writes no file.

    Raises EndpointStop where the messages alone are refused, and the last Fault where it cannot be reached.
    """
    exchange = open_transport(endpoint)
    try:
        return await _examine(_Examiner(endpoint, exchange, messages))
    finally:
        await exchange.close()


async def _examine(examiner: _Examiner) -> Checked:
    endpoint, ask = examiner.endpoint, examiner.ask
    limit_name, plain = await _plain(examiner)
    reasoning = _reasoning(plain)
    tokens = _BEGINNING if reasoning == "none seen" else _WHOLE
    limit = {} if limit_name == "neither" else {limit_name: tokens}
    found: dict[str, Any] = {"limit_name": limit_name, "reasoning": reasoning}
    found["seed"] = await _seed(examiner, limit)
    found["temperature"] = "any"
    if await ask("temperature", temperature=0.5, **limit) is None:
        found["temperature"] = "only 1" if await ask("temperature", temperature=1, **limit) is not None else "refused"
    schema = {"name": "reply", "schema": _SCHEMA, "strict": True}
    answer = await ask("JSON schema", response_format={"type": "json_schema", "json_schema": schema}, **limit)
    found["json_schema"] = "refused" if answer is None else "kept" if _follows(answer.reply.text) else "ignored"
    answer = await ask("log-probabilities", logprobs=True, top_logprobs=2, **limit)
    found["logprobs"] = "refused" if answer is None else "given" if _has_logprobs(answer.choice) else "ignored"
    capabilities = Capabilities(
        base_url=endpoint.base_url,
        model=endpoint.ref.model,
        checked_at=dt.datetime.now(dt.UTC).replace(microsecond=0),
        reported=plain.reply.model,
        usage=isinstance(plain.usage, dict),
        **found,
    )
    if await _own_settings_refused(examiner, capabilities):
        capabilities = capabilities.model_copy(update={"refused_sampling": endpoint.ref.sampling})
    used = Usage(*map(sum, zip(*examiner.usage, strict=True)))
    return Checked(capabilities, examiner.requests, used, examiner.said)


async def _plain(examiner: _Examiner) -> tuple[str, _Seen]:
    """The name that the token limit goes by, and the answer to the messages with nothing else."""
    for name in ("max_tokens", "max_completion_tokens"):
        if (seen := await examiner.ask("token limit", **{name: _WHOLE})) is not None:
            return name, seen
    if (seen := await examiner.ask("the messages alone")) is not None:
        return "neither", seen
    name, said = examiner.endpoint.ref.served_by, examiner.said["the messages alone"]
    raise EndpointStop(
        f"{name}: it refuses a plain question without any setting ({said}), so there is nothing to find out. Check the "
        f"model's name and address, then: skillweave model check {name.removeprefix('env:')}"
    )


async def _seed(examiner: _Examiner, limit: Mapping[str, int]) -> str:
    """Whether seeds do anything: twice the same one, then another."""
    words = []
    for seed in (_SEEDS[0], *_SEEDS):
        if (seen := await examiner.ask("seed", seed=seed, **limit)) is None:
            return "refused"
        words.append(seen.words)
    if words[0] != words[1]:
        return "not heeded"
    return "cannot tell" if words[1] == words[2] else "heeded"


async def _own_settings_refused(examiner: _Examiner, capabilities: Capabilities) -> bool:
    """Whether the model's own sampling settings are refused, each of them by itself being none that is."""
    sampling = examiner.endpoint.ref.sampling
    settings = sampling.sent
    refused_alone = capabilities.objection(sampling) is not None
    if not settings or refused_alone:
        return False
    if "max_tokens" in settings:
        settings[capabilities.limit_name] = settings.pop("max_tokens")
    return await examiner.ask("your settings", **settings) is None


def _reasoning(seen: _Seen) -> str:
    message = seen.choice["message"]
    if field_name := reasoning_field(message)[0]:
        return field_name
    if split_reasoning(message.get("content") or "")[0]:
        return "inside the text"
    return "hidden" if seen.reply.usage.reasoning else "none seen"


def _follows(text: str) -> bool:
    """Whether a text is what the schema allows, and nothing else."""
    try:
        reply = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return bool(reply in ({"verdict": "amber"}, {"verdict": "violet"}))


def _has_logprobs(choice: Mapping[str, Any]) -> bool:
    logprobs = choice.get("logprobs")
    return isinstance(logprobs, dict) and bool(logprobs.get("content"))

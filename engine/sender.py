"""Sends the calls of one role to one endpoint, with retries: what a driver needs of the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from engine.call import Call, ModelRef, Reply
from engine.models import Endpoint
from engine.transports import Transport, open_transport
from engine.transports.retry import Gate, RetryPolicy, send_with_retries


@dataclass
class _Line:
    """One endpoint's connections and its gate: all callers share them, so one Retry-After holds all."""

    endpoint: Endpoint
    transport: Transport
    gate: Gate = field(default_factory=Gate)
    jitter: Random = field(default_factory=Random)


@dataclass(frozen=True)
class EndpointSender:
    """Sends to an endpoint with the model and sampling settings that run.json names for a role."""

    model: ModelRef
    line: _Line
    policy: RetryPolicy

    @property
    def price(self) -> str:
        """The id of the endpoint's price; empty where none is known."""
        return self.line.endpoint.price.id if self.line.endpoint.price is not None else ""

    async def send(self, call: Call, key: str, sleep: Callable[[float], Awaitable[None]]) -> Reply:
        """The reply, after as many attempts as it took."""
        line = self.line
        return await send_with_retries(
            line.transport, call, self.model, key, self.policy, gate=line.gate, rng=line.jitter, sleep=sleep
        )


@asynccontextmanager
async def open_senders(
    models: Mapping[str, ModelRef], endpoints: Mapping[str, Endpoint], policy: RetryPolicy | None = None
) -> AsyncIterator[dict[str, EndpointSender]]:
    """A sender for each role of `models`; `endpoints` by what `served_by` names. Roles of one endpoint share it."""
    async with AsyncExitStack() as stack:
        lines: dict[str, _Line] = {}
        for name in {model.served_by: None for model in models.values()}:
            transport = open_transport(endpoints[name])
            stack.push_async_callback(transport.close)
            lines[name] = _Line(endpoints[name], transport)
        yield {
            role: EndpointSender(model, lines[model.served_by], policy or RetryPolicy())
            for role, model in models.items()
        }

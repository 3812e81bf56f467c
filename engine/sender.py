"""Sends the calls of one role to one endpoint, with retries: what a driver needs of the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from engine.call import Call, Reply
from engine.models import Endpoint
from engine.transports import Transport, open_transport
from engine.transports.retry import Gate, RetryPolicy, send_with_retries


@dataclass
class EndpointSender:
    """One endpoint behind a transport. Callers share its gate, so one Retry-After holds all of them."""

    endpoint: Endpoint
    transport: Transport
    policy: RetryPolicy
    gate: Gate = field(default_factory=Gate)
    _jitter: Random = field(default_factory=Random)

    @property
    def price(self) -> str:
        """The id of the endpoint's price; empty where none is known."""
        return self.endpoint.price.id if self.endpoint.price is not None else ""

    async def send(self, call: Call, key: str, sleep: Callable[[float], Awaitable[None]]) -> Reply:
        """The reply, after as many attempts as it took."""
        return await send_with_retries(
            self.transport,
            call,
            self.endpoint.ref,
            key,
            self.policy,
            gate=self.gate,
            rng=self._jitter,
            sleep=sleep,
        )


@asynccontextmanager
async def open_senders(
    endpoints: Mapping[str, Endpoint], policy: RetryPolicy | None = None
) -> AsyncIterator[dict[str, EndpointSender]]:
    """A sender for each role. Roles served by the same endpoint share one, and with it the connections and the gate."""
    async with AsyncExitStack() as stack:
        by_name: dict[str, EndpointSender] = {}
        for endpoint in endpoints.values():
            name = endpoint.ref.served_by
            if name not in by_name:
                transport = open_transport(endpoint)
                stack.push_async_callback(transport.close)
                by_name[name] = EndpointSender(endpoint, transport, policy or RetryPolicy())
        yield {role: by_name[endpoint.ref.served_by] for role, endpoint in endpoints.items()}

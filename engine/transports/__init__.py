"""How a call reaches a model: one attempt over the wire, in one of three ways with the same errors.

`fast` (our own HTTP/1.1) is the hot path; `lean` (aiohttp) takes its place behind a proxy; `official` (the openai
package) is there for the endpoints that need its breadth. `wire` holds what they share and knows no network;
`reasoning` parts thoughts from answers; `retry` makes one answer out of several attempts.
"""

from __future__ import annotations

from typing import Protocol

from engine.call import Call, ModelRef, Reply
from engine.models import Endpoint
from engine.transports.exchange import Exchange, behind_proxy


class Transport(Protocol):
    """One endpoint, one attempt at a time, any number at once."""

    async def send(self, call: Call, model: ModelRef, key: str) -> Reply:
        """Ask once. `key` is the call's key; the `seed` sent is made from it.

        Raises a Fault that a retry may cure, or an EndpointStop. What will not change (a prompt refused, a filter, a
        cut-off) is a Reply with its `finish`.
        """

    async def close(self) -> None:
        """Close the connections; nothing may be sent afterwards."""


def open_transport(endpoint: Endpoint) -> Exchange:
    """The transport that the endpoint's settings name. Opens no connection yet."""
    if endpoint.transport == "official":
        from engine.transports.official import OfficialTransport  # a second of start-up: only where it is used

        return OfficialTransport(endpoint)
    if endpoint.transport == "lean" or behind_proxy(endpoint.base_url):
        from engine.transports.lean import LeanTransport  # aiohttp's client: only where it is used

        return LeanTransport(endpoint)
    from engine.transports.fast import FastTransport

    return FastTransport(endpoint)

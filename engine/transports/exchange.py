"""What both transports do around one request: the endpoint's dialect, the time limit, the reading of the answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from engine.call import Call, ModelRef, Reply
from engine.errors import ConnectionFault
from engine.models import Endpoint
from engine.transports.wire import Answer, Dialect, read_answer


class Exchange(ABC):
    """One endpoint's requests. A subclass only knows how to post a body in time."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._dialect = Dialect.of(endpoint.checked)
        self._name = endpoint.ref.served_by
        self._secret = endpoint.api_key.get_secret_value()
        self.heard: Callable[[Mapping[str, str]], None] = lambda _: None
        """Told the headers of every answer."""

    async def send(self, call: Call, model: ModelRef, key: str) -> Reply:
        """Ask once; see `Transport.send`. `timeout_s` covers everything from the connection to the last byte."""
        while True:
            body = self._dialect.body(call, model, key)
            answer = await self.post(body)
            self.heard(answer.headers)
            if answer.status == 200 or not self._dialect.learn(body, answer):
                return read_answer(answer, self._name, self._secret)

    @abstractmethod
    async def post(self, body: dict[str, Any]) -> Answer:
        """POST a body as it is; the answer as it came, whatever its status.

        Raises ConnectionFault, also where the answer is not whole in time, and MalformedReply for a huge one.
        """

    def _too_late(self) -> ConnectionFault:
        return ConnectionFault(f"{self._name}: no whole answer within {self.endpoint.timeout_s:g} s")

    @abstractmethod
    async def close(self) -> None:
        """Close the connections."""

    @property
    def _proxied(self) -> bool:
        return behind_proxy(self.endpoint.base_url)


def behind_proxy(base_url: str) -> bool:
    """Whether the environment (HTTPS_PROXY, NO_PROXY) puts a proxy before this address; never before ourselves."""
    url = urlsplit(base_url)
    host = url.hostname or ""
    local = host in ("localhost", "::1") or host.startswith("127.")
    return not local and url.scheme in getproxies() and not proxy_bypass(host)

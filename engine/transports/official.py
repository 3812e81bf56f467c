"""The openai package, where its breadth is needed (files, batches, other clouds); forty times the CPU of `fast`."""

from __future__ import annotations

import asyncio
from typing import Any

import openai

from engine.errors import ConnectionFault, MalformedReply
from engine.models import Endpoint
from engine.transports.exchange import Exchange
from engine.transports.wire import MAX_BODY_BYTES, Answer, clean


class OfficialTransport(Exchange):
    """Chat completions over openai.AsyncOpenAI. Retries, time limit and reading are ours: the same errors as `lean`.

    The package hands a body over whole, so the cap on its size is checked only after it was read.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._client = openai.AsyncOpenAI(
            api_key=self._secret or "none",
            base_url=endpoint.base_url,
            timeout=endpoint.timeout_s,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=self._proxied),
        )
        self._headers: dict[str, Any] | None = None if self._secret else {"Authorization": openai.Omit()}

    async def post(self, body: dict[str, Any]) -> Answer:
        """POST a body as it is; see `Exchange.post`."""
        create = self._client.chat.completions.with_raw_response.create
        try:
            async with asyncio.timeout(self.endpoint.timeout_s):
                response = (await create(**body, extra_headers=self._headers)).http_response
        except TimeoutError:
            raise self._too_late() from None
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            why = clean(f"{type(cause).__name__}: {cause}", self._secret)
            raise ConnectionFault(f"{self._name}: {why}") from None
        if len(response.content) > MAX_BODY_BYTES:
            raise MalformedReply(f"{self._name}: a reply of more than {MAX_BODY_BYTES >> 20} MiB")
        return Answer(response.status_code, response.headers, response.content)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

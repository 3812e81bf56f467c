"""Tokens of a text, without any model's tokenizer: about how many, and how many at most.

About: 0.3 a character, what English mathematics with LaTeX takes of the tokenizers in use, give or take a quarter. At
most: one a byte, because every tokenizer in use falls back to bytes, and what a chat template puts around a message.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from msgspec.structs import replace

from engine.call import Call, Message, Reply, Usage

TOKENS_A_CHARACTER = 0.3
_TEMPLATE, _MOST_TEMPLATE = 4, 16
"""Tokens that a chat template puts around one message: about, and at most."""


def about_tokens(text: str) -> int:
    """Tokens of a text, about."""
    return math.ceil(len(text) * TOKENS_A_CHARACTER)


def about_prompt_tokens(messages: Iterable[Message]) -> int:
    """Tokens of a prompt, about."""
    return sum(about_tokens(message.content) + _TEMPLATE for message in messages)


def most_prompt_tokens(messages: Iterable[Message]) -> int:
    """Tokens that a prompt can have."""
    most = 0
    for message in messages:
        most += len(message.content.encode()) + _MOST_TEMPLATE
    return most


def with_usage(call: Call, reply: Reply) -> Reply:
    """The reply, with estimated tokens where the endpoint reported none; a function of the texts alone.

    An endpoint that counts says at least one token for a prompt, so none at all means that it does not count. A refusal
    without any text costs nothing.
    """
    if reply.usage.prompt or reply.usage.completion or not (reply.text or reply.reasoning):
        return reply
    prompt = about_prompt_tokens(call.messages)
    reasoning = about_tokens(reply.reasoning)
    completion = about_tokens(reply.text) + reasoning
    usage = Usage(prompt, completion, reasoning=reasoning, estimated=prompt + completion)
    return replace(reply, usage=usage)

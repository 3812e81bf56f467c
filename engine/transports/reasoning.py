"""Reasoning apart from the answer, before a recipe sees either.

Models that think aloud send their thoughts in a field of their own, or inside the text, before the answer and between
tags. The split is the same for every endpoint, checked or not, so that no row depends on who looked first; thoughts are
journaled and sealed beside the text, never lost. Only tags that a model sets of itself count, and only at the beginning
of a text; a recipe may ask for any others.
"""

from __future__ import annotations

from collections.abc import Mapping

FIELDS = ("reasoning_content", "reasoning")
"""Where endpoints put thoughts: the first as DeepSeek and SGLang do, the other as OpenRouter, Ollama and vLLM do."""
_TAGS = (
    ("<think>", "</think>"),
    ("<thought>", "</thought>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
)


def split_reasoning(text: str) -> tuple[str, str]:
    """(reasoning, answer). A text without reasoning is its own answer, unchanged.

    Thoughts that were cut off leave an empty answer. Where a chat template has written the opening tag into the prompt,
    the text holds the closing one alone: what stands before it is reasoning too.
    """
    if "think" not in text and "thought" not in text and "THINK" not in text:  # no tag without one of these
        return "", text
    body = text.lstrip()
    for begin, end in _TAGS:
        if body.startswith(begin):
            reasoning, _, answer = body[len(begin) :].partition(end)
            return reasoning.strip(), answer.lstrip()
        if end in body:
            before, _, answer = body.partition(end)
            if begin not in before:
                return before.strip(), answer.lstrip()
    return "", text


def reasoning_field(message: Mapping[str, object]) -> tuple[str, str]:
    """The name of the field that holds a message's thoughts, and these; two empty texts where none does."""
    for name in FIELDS:
        if name in message and isinstance(thoughts := message[name], str) and thoughts.strip():
            return name, thoughts.strip()
    return "", ""

"""The forms in which trainers read questions: what a row becomes in each.

A row is a conversation first: its own `messages` where its recipe made many turns, else its question and its solution
as two. From that follow all forms but Parquet, which has every column of the row. One JSON object a line:

    messages   {"id", "messages": [{"role", "content"}, ...]}     chat templates, TRL's conversational form
    alpaca     {"instruction", "input", "output"}                 Stanford Alpaca; two turns only
    sharegpt   {"id", "conversations": [{"from", "value"}, ...]}  from: system, human, gpt
    openai     {"messages": [{"role", "content"}, ...]}           OpenAI's fine-tuning; nothing else may stand there
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from engine.errors import InputError

Turns = list[dict[str, str]]
"""The turns of a conversation in order, each with `role` (system, user, assistant) and `content`."""
_FROM = {"system": "system", "user": "human", "assistant": "gpt"}
CONVERSED = ("id", "question", "solution", "messages")
"""The columns that a conversation is made of; a row need not have the last."""


class DatasetFormat(StrEnum):
    """How the rows of a dataset are written."""

    PARQUET = "parquet"
    MESSAGES = "messages"
    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    OPENAI = "openai"

    @property
    def suffix(self) -> str:
        """How its files end."""
        return ".parquet" if self is DatasetFormat.PARQUET else ".jsonl"

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields of a line with their types; none of Parquet, which has the columns of the rows."""
        turns = "list of {role, content}"
        return {
            DatasetFormat.PARQUET: {},
            DatasetFormat.MESSAGES: {"id": "string", "messages": turns},
            DatasetFormat.ALPACA: {"instruction": "string", "input": "string, always empty", "output": "string"},
            DatasetFormat.SHAREGPT: {"id": "string", "conversations": "list of {from, value}"},
            DatasetFormat.OPENAI: {"messages": turns},
        }[self]


def conversation_of(row: Mapping[str, Any]) -> Turns:
    """The turns of a row."""
    if row.get("messages"):
        return [{"role": turn["role"], "content": turn["content"]} for turn in row["messages"]]
    return [{"role": "user", "content": row["question"]}, {"role": "assistant", "content": row["solution"]}]


def record_of(row: Mapping[str, Any], form: DatasetFormat) -> dict[str, Any]:
    """The JSON object that a row becomes. Raises InputError for a conversation that Alpaca has no place for."""
    turns = conversation_of(row)
    match form:
        case DatasetFormat.MESSAGES:
            return {"id": row["id"], "messages": turns}
        case DatasetFormat.OPENAI:
            return {"messages": turns}
        case DatasetFormat.SHAREGPT:
            said = [{"from": _FROM[turn["role"]], "value": turn["content"]} for turn in turns]
            return {"id": row["id"], "conversations": said}
        case DatasetFormat.ALPACA:
            if [turn["role"] for turn in turns] != ["user", "assistant"]:
                raise InputError(
                    f"row {row['id']} is a conversation of {len(turns)} turns, and Alpaca holds one question and one "
                    "answer; write it in another form: skillweave dataset export RUN --name NAME --format messages"
                )
            return {"instruction": turns[0]["content"], "input": "", "output": turns[1]["content"]}
        case DatasetFormat.PARQUET:
            return dict(row)

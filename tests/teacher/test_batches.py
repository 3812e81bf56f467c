"""The teacher's files and batches endpoints, asked by the official client over a real socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import orjson
import pytest

from teacher.process import start

CHAT = "/v1/chat/completions"
PROMPT = "Topics: Addition\n\nKnowledge points: Adding whole numbers\n\nNow write yours."


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    with start() as child, openai.OpenAI(base_url=child.url, api_key="none", max_retries=0) as client:
        yield client


def row(number: object, faults: str = "", **changed: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": PROMPT}]
    body = {"model": "offline-teacher" + (f":{faults}" if faults else ""), "messages": messages, "seed": 1}
    return {"custom_id": str(number), "method": "POST", "url": CHAT, "body": body, **changed}


def ended(client: openai.OpenAI, path: Path, rows: list[Any]) -> openai.types.Batch:
    """The batch of these rows, once it has ended."""
    lines = [line if isinstance(line, bytes) else orjson.dumps(line) for line in rows]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    with path.open("rb") as handle:
        source = client.files.create(file=handle, purpose="batch")
    assert (source.bytes, source.filename) == (path.stat().st_size, path.name)
    metadata = {"token": path.name}
    batch = client.batches.create(input_file_id=source.id, endpoint=CHAT, completion_window="24h", metadata=metadata)
    assert next(iter(client.batches.list())).metadata == metadata
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        time.sleep(0.02)
        batch = client.batches.retrieve(batch.id)
    return batch


def rows_of(client: openai.OpenAI, file_id: str | None) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in client.files.content(file_id).content.splitlines()] if file_id else []


def test_a_row_gets_what_a_single_request_gets(client: openai.OpenAI, tmp_path: Path) -> None:
    refused = row("refused", body={"model": "offline-teacher", "messages": [{"role": "user", "content": "Hello"}]})
    batch = ended(client, tmp_path / "in.jsonl", [row("a"), refused])
    assert batch.status == "completed"
    assert batch.request_counts is not None
    assert (batch.request_counts.completed, batch.request_counts.failed, batch.request_counts.total) == (1, 1, 2)
    (reply,), (error,) = rows_of(client, batch.output_file_id), rows_of(client, batch.error_file_id)
    alone = client.chat.completions.create(
        model="offline-teacher", messages=[{"role": "user", "content": PROMPT}], seed=1
    )
    assert reply["response"]["body"]["choices"][0]["message"]["content"] == alone.choices[0].message.content
    assert (error["custom_id"], error["response"]["status_code"]) == ("refused", 400)


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([row("a"), row("a")], {("duplicate_custom_id", 2)}),
        ([row("a"), b"{", row("b", url="/v1/embeddings")], {("invalid_json_line", 2), ("invalid_url", 3)}),
        ([row("a"), row("b", "cut=1")], {("mismatched_model", 2)}),
        ([], {("empty_file", None)}),
        ([row("a", "batch_fail=token_limit_exceeded")], {("token_limit_exceeded", None)}),
    ],
    ids=["the same name twice", "no request", "two models", "nothing", "as asked"],
)
def test_a_faulty_file_fails_before_a_row_is_answered(
    client: openai.OpenAI, tmp_path: Path, rows: list[Any], codes: set[tuple[str, int | None]]
) -> None:
    batch = ended(client, tmp_path / "in.jsonl", rows)
    assert batch.status == "failed"
    assert batch.errors is not None
    assert {(error.code, error.line) for error in batch.errors.data or []} == codes
    assert (batch.output_file_id, batch.error_file_id) == (None, None)


@pytest.mark.parametrize(
    ("faults", "status", "answered", "lost"),
    [
        ("batch_expire_after=3", "expired", {"0", "1", "2"}, {"3", "4", "5"}),
        ("batch_cancel_after=2", "cancelled", {"0", "1"}, set()),
        ("5xx=1", "completed", set(), {"0", "1", "2", "3", "4", "5"}),
    ],
)
def test_faults_of_a_batch(
    client: openai.OpenAI, tmp_path: Path, faults: str, status: str, answered: set[str], lost: set[str]
) -> None:
    batch = ended(client, tmp_path / "in.jsonl", [row(n, faults) for n in range(6)])
    assert batch.status == status
    assert {line["custom_id"] for line in rows_of(client, batch.output_file_id)} == answered
    assert {line["custom_id"] for line in rows_of(client, batch.error_file_id)} == lost


def refused(ask: Callable[[], object]) -> int:
    with pytest.raises(openai.APIStatusError) as caught:
        ask()
    return caught.value.status_code


def test_what_is_no_file_or_batch_is_refused(client: openai.OpenAI, tmp_path: Path) -> None:
    assert refused(lambda: client.batches.retrieve("batch_none")) == 404
    assert refused(lambda: client.files.content("file-none")) == 404
    assert refused(lambda: client.files.create(file=b"{}", purpose="fine-tune")) == 400
    batch = ended(client, tmp_path / "in.jsonl", [row("a")])
    assert refused(lambda: client.batches.cancel(batch.id)) == 409

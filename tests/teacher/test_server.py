"""The offline teacher over real sockets: what it answers, how it misbehaves, and that it leaves no orphan."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from random import Random
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from engine.call import Call, Message, ModelRef, Reply, Sampling, call_key
from engine.errors import (
    AccessRefused,
    ConnectionFault,
    EndpointStop,
    InputError,
    MalformedReply,
    QuotaExhausted,
    RateLimited,
    ServerFault,
    SkillweaveError,
)
from engine.models import Endpoint
from engine.prompt import render
from engine.transports import open_transport
from teacher.completion import Messages
from teacher.faults import parse_faults
from teacher.process import start
from teacher.server import Teacher, serve

ROOT = Path(__file__).parents[2]
PROMPTS = {
    "extract": (ROOT / "graph/prompts/extract.prompt").read_text(),
    "write": (ROOT / "generation/recipes/mathscale/write.prompt").read_text(),
}
WRITTEN = "<question>\nWhat is 2 + 2?\n</question>\n<solution>\nAdd.\nThe answer is \\( {} \\).\n</solution>"
EXTRACTED = "Topics:\n1. Sums\nKnowledge points:\n1. adding"


def write(messages: Messages, chance: Random) -> str:
    return WRITTEN.format(chance.randrange(10**6))


def extract(messages: Messages) -> str:
    return EXTRACTED


@contextmanager
def served(teacher: Teacher) -> Iterator[str]:
    """The teacher on a port of its own, in a thread."""
    said: Queue[str] = Queue()
    done = threading.Event()
    thread = threading.Thread(target=serve, args=(teacher, "127.0.0.1", 0, said.put, done.wait))
    thread.start()
    try:
        yield said.get(timeout=60)
    finally:
        done.set()
        thread.join()


def request(url: str, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any, Any]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    connection.request(method, path, content, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    try:
        return response.status, orjson.loads(response.read()), response.headers
    finally:
        connection.close()


def completion(url: str, kind: str = "write", model: str = "offline-teacher", faults: str = "", **more: Any) -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": PROMPTS[kind]}], **more}
    status, answer, _ = request(url, "POST", "/v1/chat/completions", body, x_offline_teacher_faults=faults)
    assert status == 200, answer
    return answer


def text(answer: Any) -> str:
    return str(answer["choices"][0]["message"]["content"])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(Teacher(write, extract)) as url:
        yield url


def test_the_prompts_shape_says_what_is_asked(url: str) -> None:
    assert text(completion(url, "extract")) == EXTRACTED
    answer = completion(url, "write", seed=3)
    assert text(answer).startswith("<question>")
    assert answer["model"] == "offline-teacher-1"
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert completion(url, "extract")["usage"]["completion_tokens"] == 11, (
        "Topics : 1 . Sums Knowledge points : 1 . adding"
    )


def test_a_reply_is_a_function_of_the_request(url: str) -> None:
    base = completion(url, seed=3, temperature=0.7)
    assert completion(url, temperature=0.7, seed=3) == base
    assert completion(url, seed=3, temperature=0.7, user="somebody", n=1, stream=False) == base
    others = [
        completion(url, seed=4, temperature=0.7),
        completion(url, seed=3),
        completion(url, seed=3, temperature=0.8),
    ]
    others.append(completion(url, seed=3, temperature=0.7, model="offline-teacher-1"))
    assert len({text(answer) for answer in [base, *others]}) == 5


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        (b"{", 400, "invalid_json", "JSON"),
        ([], 400, "invalid_request", "object"),
        ({"model": "gpt-4o", "messages": []}, 404, "model_not_found", "no language model"),
        ({"model": "offline-teacher"}, 400, "invalid_request", "messages"),
        (
            {"model": "offline-teacher", "messages": [{"role": "user", "content": None}]},
            400,
            "invalid_request",
            "content",
        ),
        (
            {"model": "offline-teacher", "messages": [{"role": "user", "content": "Hi"}]},
            400,
            "invalid_prompt",
            "writes",
        ),
        ({"model": "offline-teacher", "messages": [], "stream": True}, 400, "unsupported_parameter", "stream"),
        ({"model": "offline-teacher", "messages": [], "n": 2}, 400, "unsupported_parameter", "'n'"),
        ({"model": "offline-teacher:429=2", "messages": []}, 400, "invalid_faults", "429"),
        ({"model": "offline-teacher:lazy=1", "messages": []}, 400, "invalid_faults", "there are 429, retry_after_s"),
        (b" " * (8 * 1024 * 1024 + 1), 413, "request_too_large", "8 MiB"),
    ],
)
def test_what_it_cannot_do_is_said(url: str, body: object, status: int, code: str, words: str) -> None:
    got, answer, _ = request(url, "POST", "/v1/chat/completions", body)
    assert (got, answer["error"]["code"]) == (status, code)
    assert words in answer["error"]["message"]


def test_the_other_addresses(url: str) -> None:
    assert request(url, "GET", "/health")[:2] == (200, {"status": "ok"})
    assert request(url, "GET", "/v1/models")[1]["data"][0]["id"] == "offline-teacher-1"
    assert request(url, "GET", "/v1/embeddings")[0] == 404


def test_stop_texts_and_token_limits_end_a_reply(url: str) -> None:
    answer = completion(url, "extract", max_tokens=4)
    assert (text(answer), answer["choices"][0]["finish_reason"]) == ("Topics:\n1.", "length")
    answer = completion(url, "extract", stop=["zzz", "Knowledge"])
    assert (text(answer), answer["choices"][0]["finish_reason"]) == ("Topics:\n1. Sums\n", "stop")


def send_all(url: str, count: int, *, faults: str = "", timeout_s: float = 60.0) -> list[Reply | SkillweaveError]:
    """What `count` calls that differ by sample get, each tried once."""
    model = f"offline-teacher:{faults}" if faults else "offline-teacher"
    ref = ModelRef(served_by="teacher", model=model, sampling=Sampling(temperature=0.7))

    async def main() -> list[Reply | SkillweaveError]:
        transport = open_transport(Endpoint(ref=ref, base_url=url, timeout_s=timeout_s, concurrency=1))
        outcomes: list[Reply | SkillweaveError] = []
        for sample in range(count):
            call = Call((Message("user", PROMPTS["write"]),), sample=sample)
            try:
                outcomes.append(await transport.send(call, ref, call_key(call, ref)))
            except SkillweaveError as error:
                outcomes.append(error)
        await transport.close()
        return outcomes

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429=0.5,retry_after_s=1.5", RateLimited),
        ("5xx=0.5", ServerFault),
        ("drop=0.5", ConnectionFault),
        ("truncated=0.5", MalformedReply),
        ("wrong_type=0.5", MalformedReply),
    ],
)
def test_faults_of_transport_are_drawn_anew_and_counted(fault: str, error: type[Exception]) -> None:
    teacher = Teacher(write, extract)
    with served(teacher) as url:
        first, again = send_all(url, 30, faults=fault), send_all(url, 30, faults=fault)
    failed = [[type(outcome) is error for outcome in outcomes] for outcomes in (first, again)]
    assert all(isinstance(outcome, (Reply, error)) for outcome in first + again)
    assert failed[0] != failed[1]
    total = sum(map(sum, failed))
    assert 10 < total < 50
    stats = teacher.stats()
    assert stats == {"asked": 60, "answered": 60 - total, "refused": 0, "faults": {fault.partition("=")[0]: total}}
    if error is RateLimited:
        assert {outcome.retry_after_s for outcome in first if isinstance(outcome, RateLimited)} == {1.5}


def test_an_exhausted_quota_stays_exhausted() -> None:
    with served(Teacher(write, extract, "quota_after=2")) as url:
        assert [type(outcome) for outcome in send_all(url, 4)] == [Reply, Reply, QuotaExhausted, QuotaExhausted]


def test_a_hanging_request_is_let_go_with_its_client() -> None:
    teacher = Teacher(write, extract)
    with served(teacher) as url:
        assert [type(outcome) for outcome in send_all(url, 1, faults="hang=1", timeout_s=1.0)] == [ConnectionFault]
        assert isinstance(send_all(url, 1)[0], Reply)
    assert teacher.stats()["faults"] == {"hang": 1}


def test_another_model_is_refused(url: str) -> None:
    ref = ModelRef(served_by="teacher", model="gpt-4o")

    async def main() -> None:
        transport = open_transport(Endpoint(ref=ref, base_url=url))
        try:
            with pytest.raises(AccessRefused, match="no language model"):
                await transport.send(Call((Message("user", "Hi"),)), ref, "b2:00000000")
        finally:
            await transport.close()

    asyncio.run(main())


def test_a_schema_stops_the_run_as_a_setting_it_does_not_take(url: str) -> None:
    ref = ModelRef(served_by="teacher", model="offline-teacher")

    async def main() -> None:
        transport = open_transport(Endpoint(ref=ref, base_url=url))
        try:
            with pytest.raises(EndpointStop, match="response_format"):
                await transport.send(Call((Message("user", PROMPTS["write"]),), schema={}), ref, "b2:00000000")
        finally:
            await transport.close()

    asyncio.run(main())


def test_faults_of_content_belong_to_the_request(url: str) -> None:
    plain = [completion(url, seed=seed) for seed in range(60)]
    faulty = [completion(url, seed=seed, faults="cut=0.2,malformed=0.2,wrong=0.2") for seed in range(60)]
    assert faulty == [
        completion(url, seed=seed, model="offline-teacher:cut=0.2,malformed=0.2,wrong=0.2") for seed in range(60)
    ]
    kinds = {"same": 0, "cut": 0, "malformed": 0, "wrong": 0}
    for good, bad in zip(plain, faulty, strict=True):
        before, after = text(good), text(bad)
        if bad["choices"][0]["finish_reason"] == "length":
            assert before.startswith(after)
            kinds["cut"] += 1
        elif "<question>" not in after:
            assert "What is 2 + 2?" in after
            kinds["malformed"] += 1
        elif before != after:
            head, _, number = before.partition("The answer is \\( ")
            assert after.startswith(head)
            assert int(after.removeprefix(head + "The answer is \\( ").split()[0]) > int(number.split()[0])
            kinds["wrong"] += 1
        else:
            kinds["same"] += 1
    assert all(5 <= count <= 40 for count in kinds.values()), kinds
    assert "Knowledge points:" not in text(completion(url, "extract", faults="malformed=1"))


def test_later_faults_win_and_bad_ones_are_named() -> None:
    assert parse_faults("429=0.1, slow_ms=5", "429=0.2", "").rate_limited == 0.2
    for bad in ("429", "429=x", "lazy=1", "429=0.7,5xx=0.7", "rate_limited=-1"):
        with pytest.raises(InputError, match="there are 429"):
            parse_faults(bad)


def test_each_request_is_a_line_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with served(Teacher(write, extract, "quota_after=2", log)) as url:
        for count, seed in enumerate((7, 7, 8), 1):
            request(url, "POST", "/v1/chat/completions", {"model": "offline-teacher", "seed": seed, "messages": []})
            assert len(log.read_bytes().splitlines()) == count
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    assert [(line["seed"], line["outcome"]) for line in lines] == [(7, "refused"), (7, "refused"), (8, "quota")]
    assert lines[0]["body"] == lines[1]["body"] != lines[2]["body"]


def refuses(url: str) -> bool:
    try:
        request(url, "GET", "/health")
    except OSError:
        return True
    return False


def test_a_child_lives_as_long_as_the_block_and_teaches(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    values = {"domain": "mathematics", "shots": "", "question": "What is 15% of 80?"}
    values |= {"topics": "1. Percentages", "knowledge_points": "1. percentage of a quantity\n2. unit rate"}
    with start("wrong=1", log) as child:
        answers = []
        for kind, faults in (("extract", ""), ("write", ""), ("write", "wrong=0")):
            messages = [{"role": m.role, "content": m.content} for m in render(PROMPTS[kind], values)]
            answers.append(text(completion(child.url, messages=messages, seed=1, faults=faults)))
        extracted, wrong, right = answers
        assert "Knowledge points:\n1. percentage of a quantity" in extracted
        assert "<question>" in right
        assert wrong != right
        assert wrong.partition("The answer is ")[0] == right.partition("The answer is ")[0]
        assert child.stats() == {"asked": 3, "answered": 3, "refused": 0, "faults": {"wrong": 1}}
        assert os.getsid(child.pid) == child.pid, "a Ctrl-C at the terminal must not reach it"
    assert refuses(child.url)
    assert len(log.read_bytes().splitlines()) == 3


def test_a_killed_parent_leaves_no_orphan() -> None:
    script = (
        "import time\nfrom teacher.process import start\nwith start() as c:\n print(c.url, flush=True)\n time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().decode().strip()
        assert not refuses(url)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    for _ in range(1_200):
        if refuses(url):
            return
        time.sleep(0.05)
    pytest.fail("the teacher outlived its parent")


def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(SkillweaveError, match=r"lazy.*there are 429"), start("lazy=1"):
        pass
    with pytest.raises(SkillweaveError, match="did not start"), start(log=tmp_path / "absent" / "log"):
        pass


def test_a_taken_port_is_one_clear_error(url: str) -> None:
    port = urlsplit(url).port
    assert port is not None
    with pytest.raises(InputError, match=rf"127.0.0.1:{port}.*--port 0"):
        serve(Teacher(write, extract), "127.0.0.1", port, print, until=None)


def test_the_command_says_how_to_use_it_and_ends_by_ctrl_c() -> None:
    command = [sys.executable, "-c", "from teacher.commands import app; app()", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        said = "".join(process.stdout.readline().decode() for _ in range(4))
        url = said.split("OPENAI_BASE_URL=")[1].split()[0]
        assert request(url, "GET", "/health")[0] == 200
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in complaints

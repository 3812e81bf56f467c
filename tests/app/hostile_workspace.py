"""A workspace in which every text is an attack: seeds, concepts, decisions, and a run whose writer is a stranger."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
from hostile import ATTACKS

from engine.workspace import Workspace
from graph.concept import KINDS, concept_id
from graph.deciding import merge_concepts
from graph.labels import graph_from_labels
from graph.seed import Label, Seed, seed_id, write_seeds

HUB = "Probability"
RUN = "<img src=x onerror=alert('run')> :red[run] ![r](http:evil.test) =1+1"
MODEL = "<b>gpt</b> [m](http://evil.test/model) :red[m]"
LONG_LINE = "100 kB " + "x" * 100_000
_SHORT = 1_000
NAMES = [name for name, text in ATTACKS.items() if len(text) <= 300 or name == "long word"]
"""The attacks that are names of concepts: as many as a picture shows."""


def packs(names: list[str], most: int) -> list[str]:
    """The attacks as few texts, each an attack's paragraphs one after the other."""
    texts = [""]
    for name in names:
        text = ATTACKS[name]
        if len(texts[-1]) + len(text) > most and texts[-1]:
            texts.append("")
        texts[-1] += f"\n\n{text}\n\n"
    return texts


SHORT = [name for name, text in ATTACKS.items() if len(text) <= _SHORT]
QUESTIONS = packs(SHORT, 2_000)
SOLUTIONS = packs([*(name for name in ATTACKS if name not in SHORT), *SHORT], 9_000)
LINES = [name for name, text in ATTACKS.items() if len(text) <= 180 and "\n" not in text]
DETAILS = packs(SHORT, 450)


@dataclass
class Stranger:
    """An endpoint that answers each request with the next of its texts: questions that pass, then what is rejected."""

    url: str = ""
    replies: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        lines = cycle(LINES)
        for place, question in enumerate(QUESTIONS):
            claims = "\n".join(f"- {next(lines)}" for _ in range(4))
            text = (
                f"<question>\nQuestion {place} {question}\n</question>\n<solution>\nA solution, worked out in steps. "
                f"{SOLUTIONS[place % len(SOLUTIONS)]}\nThe answer is {next(lines)}\n</solution>\n"
                f"<concepts>\n{claims}\n</concepts>"
            )
            self.replies.append({"text": text, "model": f"{MODEL} {next(lines)}"})
        refused = [f"<refusal>{detail}</refusal>" for detail in DETAILS]
        passed, self.replies = self.replies, []
        for place, reply in enumerate(passed):
            self.replies.append(reply)
            for text in (*DETAILS[place :: len(passed)], *refused[place :: len(passed)]):
                self.replies.append({"text": text, "model": MODEL})
        self.replies.insert(1, {"status": 400, "text": f"{LINES[0]} {LINES[1]} \x1b[31m"})

    @contextmanager
    def at_work(self) -> Iterator[Stranger]:
        """It, while it listens."""
        answers = cycle(self.replies)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                answer = next(answers)
                message = {"role": "assistant", "content": answer["text"]}
                reply: dict[str, Any] = {
                    "object": "chat.completion",
                    "model": answer.get("model", MODEL),
                    "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                    "usage": {"prompt_tokens": 100, "completion_tokens": 20},
                }
                if "status" in answer:
                    reply = {"error": {"message": answer["text"], "code": answer["text"]}}
                content = orjson.dumps(reply)
                self.send_response(answer.get("status", 200))
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


def prepare(root: Path) -> Workspace:
    """Fill the folder `root`; takes some seconds."""
    place = Workspace(root).prepare()
    labels = [Label(KINDS[number % 3], ATTACKS[name]) for number, name in enumerate(NAMES)]
    hub, dice = Label("topic", HUB), Label("knowledge_point", "Dice")
    seeds = []
    for number, text in enumerate(ATTACKS.values()):
        about = (labels[number % len(labels)], labels[(number + 1) % len(labels)])
        question = f"Seed {number} {text}"
        seeds.append(
            Seed(seed_id(question), question, (text, "other"), text, text, text[:300], text[:100], "high", text[:300],
                 concepts=(hub, *about, dice))
        )  # fmt: skip
    seeds.append(Seed(seed_id(LONG_LINE), LONG_LINE, source="long", concepts=(hub,)))
    write_seeds(seeds, place.seeds / "hostile.parquet")
    graph = graph_from_labels(place, ["hostile"], min_count=1)
    point = next(label for label in labels if label.kind == dice.kind)
    graph = merge_concepts(
        graph, concept_id(dice.kind, dice.name), concept_id(point.kind, point.name), by=ATTACKS["svg with a handler"],
        why=ATTACKS["image"],
    )  # fmt: skip
    graph.write(place.graphs)
    with Stranger().at_work() as stranger:
        (root / "skillweave.toml").write_text(
            f'[models.stranger]\nbase_url = "{stranger.url}"\nmodel = {orjson.dumps(MODEL).decode()}\nconcurrency = 1\n'
        )
        command = [
            sys.executable, "-m", "skillweave", "generate", "--model", "stranger", "--name", RUN, "--workspace",
            str(root), "--count", str(len(QUESTIONS)), "--set", "reasks=0",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place

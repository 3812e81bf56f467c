"""What the offline teacher writes, asked as the recipe asks: by the shipped prompt."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

import teacher.mathematics  # noqa: F401 - fills the registry
from engine.prompt import render
from teacher.chain import REGISTRY
from teacher.writing import target, write

PROMPT = (Path(__file__).parents[2] / "generation/recipes/mathscale/write.prompt").read_text(encoding="utf-8")
FORM = re.compile(
    r"<question>\n(?P<question>.+)\n</question>\n<solution>\n(?P<solution>.+\n"
    r"The answer is (?P<answer>-?\d+)\.)\n</solution>\n<concepts>\n(?P<concepts>.+)\n</concepts>",
    re.DOTALL,
)
TOPICS = {g.topic for generators in REGISTRY.values() for g in generators}
ALIASES = {"GCD": "greatest common divisor", "Percents": "Percentages"}


def recognise(kind: str, name: str) -> tuple[str, float] | None:
    name = ALIASES.get(name, name)
    return (name, 1.0) if name in (TOPICS if kind == "topic" else REGISTRY) else None


def ask(topics: list[str], points: list[str], shots: str = "", prompt: str = PROMPT) -> list[dict[str, str]]:
    def numbered(names: list[str]) -> str:
        return "\n".join(f"{i}. {name}" for i, name in enumerate(names, 1))

    values = {"domain": "mathematics", "shots": shots, "topics": numbered(topics), "knowledge_points": numbered(points)}
    return [{"role": m.role, "content": m.content} for m in render(prompt, values)]


def reply(topics: list[str], points: list[str], seed: int = 0, **more: str) -> str:
    return write(ask(topics, points, **more), Random(seed), recognise)


def concepts(text: str) -> list[str]:
    found = FORM.fullmatch(text)
    assert found, text
    return found["concepts"].splitlines()


def test_the_reply_has_the_prompts_form_and_claims_names_as_they_were_asked() -> None:
    text = reply(["Divisibility", "Percents"], ["GCD", "percentage of a quantity"])
    assert concepts(text) == ["Divisibility", "Percents", "GCD", "percentage of a quantity"]


def test_only_what_is_used_is_claimed() -> None:
    points = ["GCD", "percentage of a quantity", "median", "area of a triangle", "Riemann surfaces"]
    for seed in range(60):
        claimed = concepts(reply(["Statistics", "Topology"], points, seed))
        assert 2 <= sum(name in points for name in claimed) <= 3
        assert "Riemann surfaces" not in claimed
        assert "Topology" not in claimed
        assert ("Statistics" in claimed) == ("median" in claimed)


def test_three_points_are_used_at_times() -> None:
    points = ["GCD", "percentage of a quantity", "function evaluation"]
    counts = {len(concepts(reply([], points, seed))) for seed in range(40)}
    assert counts == {2, 3}


def test_a_point_goes_with_an_asked_topic() -> None:
    for seed in range(20):
        assert concepts(reply(["Modular arithmetic"], ["simple interest"], seed)) == [
            "Modular arithmetic",
            "simple interest",
        ]


def test_two_topics_do() -> None:
    assert concepts(reply(["Modular arithmetic", "Number bases"], ["sheaf cohomology"])) == [
        "Modular arithmetic",
        "Number bases",
    ]


def test_a_lone_point_with_its_topic_is_the_last_resort() -> None:
    only = next(t for t in sorted(TOPICS) if sum(any(g.topic == t for g in gs) for gs in REGISTRY.values()) == 1)
    point = next(p for p, gs in REGISTRY.items() if any(g.topic == only for g in gs))
    assert concepts(reply([only], [point])) == [only, point]


@pytest.mark.parametrize(
    ("topics", "points", "said"),
    [
        ([], ["simple interest", "Morse theory"], "Morse theory"),
        (["Topology"], ["homotopy <groups>"], "homotopy groups"),
        (["Divisibility"], [], "only Divisibility can be used"),
        ([], [], "no topic and no knowledge point"),
        ([], ["GCD", "greatest common divisor"], "only GCD"),
    ],
)
def test_it_refuses_with_a_reason_that_names_what_it_cannot_do(topics: list[str], points: list[str], said: str) -> None:
    text = reply(topics, points)
    assert re.fullmatch(r"<refusal>[^<>]+</refusal>", text)
    assert said in text


def test_shots_are_not_the_target() -> None:
    shots = "Here are examples.\nTopics:\n1. Statistics\nKnowledge points:\n1. median\nNow write yours. No, later.\n\n"
    assert concepts(reply(["Divisibility"], ["GCD", "sum of digits"], shots=shots)) == [
        "Divisibility",
        "GCD",
        "sum of digits",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Now write yours.\n\n**Topics:**\n\n 1) Divisibility\n\nKnowledge Points\n- GCD\n  2.  sum of digits  \n"
        "\nGood luck!\n1. luck",
        "Now write yours.\r\nTopics:\r\n1. Divisibility\r\nKnowledge points:\r\n1. GCD\r\n2. sum of digits\r\n",
        "Topics:\n1. Divisibility\nKnowledge points:\n1. GCD\n2. sum of digits\n2. GCD",
    ],
)
def test_an_edited_prompt_is_read_too(text: str) -> None:
    assert target(text) == [("topic", "Divisibility"), ("knowledge_point", "GCD"), ("knowledge_point", "sum of digits")]


def test_a_reply_is_a_pure_function() -> None:
    points = ["GCD", "median", "simple interest"]
    texts = [reply(["Statistics"], points, seed) for seed in (1, 1, 2, 3, 4)]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 4


def test_the_answer_stands_at_the_end_of_the_solution() -> None:
    for seed in range(40):
        points = Random(f"answer:{seed}").sample(list(REGISTRY), 4)
        found = FORM.fullmatch(reply([], points, seed))
        assert found
        assert "language model" not in found[0]
        steps = found["solution"].splitlines()[:-1]
        assert re.search(rf"(?<!\d){re.escape(found['answer'])}(?!\d)", steps[-1])

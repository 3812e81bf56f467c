"""The extraction recipe, fed by `send`: what is asked, what is made of replies, what is rejected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from engine.call import Call, Reply
from engine.errors import InputError, Rejected
from engine.recipe import Terms
from graph.extraction import EXTRACT, ExtractSettings, extract, parse_concepts
from graph.seed import Seed, seed_id, seeds_hash, write_seeds

GOOD = "Topics:\n1. Algebra\nKnowledge points:\n1. Linear equations\n2. Substitution"


def seed(question: str, options: tuple[str, ...] = (), source: str = "") -> Seed:
    return Seed(seed_id(question, options), question, options, source=source)


def converse(item: Seed, replies: Sequence[Reply | str], **settings: Any) -> tuple[list[Call], Any]:
    """The calls made and how it ended: the row, or the Rejected."""
    terms = Terms(ExtractSettings(**settings), EXTRACT.prompts)
    conversation, calls, waiting = extract(item, Random(1), terms), [], list(replies)
    try:
        calls.append(next(conversation))
        while True:
            reply = waiting.pop(0)
            calls.append(conversation.send(reply if isinstance(reply, Reply) else Reply(reply)))
    except StopIteration as end:
        assert not waiting
        return calls, end.value
    except Rejected as verdict:
        assert not waiting
        return calls, verdict


def test_one_call_shows_the_question_and_its_options_but_no_solution() -> None:
    item = Seed("s1", "Tom has $5 and \\( x \\) more. Which?", ("$6", "$7"), answer="$7", solution="Add them up.")
    calls, row = converse(item, [GOOD])
    assert row == {"seed_id": "s1", "topics": ["Algebra"], "knowledge_points": ["Linear equations", "Substitution"]}
    text = calls[0].messages[-1].content
    assert "Tom has $5 and \\( x \\) more. Which?\n(A) $6\n(B) $7\n</question>" in text
    assert "Add them up" not in text
    assert "mathematics teacher" in calls[0].messages[0].content
    assert set(row) == set(EXTRACT.columns.names)


@pytest.mark.parametrize(
    ("text", "topics", "points"),
    [
        ('Topics:\n1. Algebra.\n2. "Geometry"\nKnowledge points:\n1. Slope', ["Algebra", "Geometry"], ["Slope"]),
        ("# Topics\n- **Number Theory**\n\n# Knowledge Points\n- `Primes`", ["Number Theory"], ["Primes"]),
        ("**Topics:**\n1) Sets\n**Knowledge points:**\n1) Union", ["Sets"], ["Union"]),
        ("topics:\n1. Algebra (linear) (old)\nknowledge_points:\n1. Slope (rise)", ["Algebra (old)"], ["Slope (rise)"]),
        (
            "Topics:\n1. Ratio: parts\nKnowledge points:\n1. Vieta's formulas: sums",
            ["Ratio: parts"],
            ["Vieta's formulas"],
        ),
        ("Topics: Algebra\nKnowledge points: Slope", ["Algebra"], ["Slope"]),
        ("Topics:\r\n1. A\r\nKnowledge points:\r\n1. B\r\n2. b\r\n", ["A"], ["B"]),
        ("1. Topics:\n1. A\n2. Knowledge points:\n1. 2D shapes\nI hope this helps!", ["A"], ["2D shapes"]),
        ("Topics:\nDraft\nKnowledge points:\nD\nTopics:\nA\nKnowledge points:\nB", ["A"], ["B"]),
        ("Topics:\nKnowledge points:\n1. B", [], ["B"]),
        (
            "Topics:\nTwo-way tables\nKnowledge points:\nmulti-step problems",
            ["Two-way tables"],
            ["multi-step problems"],
        ),
        ("Topics:\n1. Topics in algebra\nKnowledge points:\n1. B", ["Topics in algebra"], ["B"]),
    ],
)
def test_names_are_cleaned_by_the_authors_rules(text: str, topics: list[str], points: list[str]) -> None:
    assert parse_concepts(text) == (topics, points)


def test_only_the_first_names_are_kept() -> None:
    text = "Topics:\n1. A\n2. B\n3. C\nKnowledge points:\n" + "\n".join(f"{i}. p{i}" for i in range(1, 9))
    assert converse(seed("q"), [text])[1]["topics"] == ["A", "B"]
    assert converse(seed("q"), [text])[1]["knowledge_points"] == ["p1", "p2", "p3", "p4", "p5"]
    assert converse(seed("q"), [text], max_topics=1, max_points=2)[1]["knowledge_points"] == ["p1", "p2"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It is about algebra.", "no headers"),
        ("Knowledge points:\n1. B\nTopics:\n1. A", "no headers"),
        ("Topics:\nKnowledge points:\n", "no concepts"),
        ("Topics:\n1. A\nKnowledge points:\n1. " + "long " * 50, "overlong concept"),
    ],
)
def test_what_cannot_be_read_is_asked_again_as_another_sample(text: str, reason: str) -> None:
    calls, row = converse(seed("q"), [text, GOOD])
    assert [call.sample for call in calls] == [0, 1]
    assert calls[0].messages == calls[1].messages
    assert row["topics"] == ["Algebra"]
    calls, verdict = converse(seed("q"), [text, text])
    assert (len(calls), verdict.reason) == (2, reason)
    assert len(converse(seed("q"), [text] * 4, reasks=3)[0]) == 4


@pytest.mark.parametrize(
    ("reply", "reason", "detail"),
    [
        (Reply("<refusal>No mathematics.</refusal>"), "refused", "No mathematics."),
        (Reply("", finish="refused", error="policy"), "refused", "policy"),
        (Reply("Topics:\n1. A", finish="length"), "cut off", ""),
        (Reply("", finish="content_filter", error="violence"), "content filter", "violence"),
    ],
)
def test_refusals_and_cut_offs_are_rejected_without_another_call(reply: Reply, reason: str, detail: str) -> None:
    calls, verdict = converse(seed("q"), [reply])
    assert (len(calls), verdict.reason, verdict.detail) == (1, reason, detail)


def test_items_are_the_seeds_of_all_sets_in_an_order_of_their_own(tmp_path: Path) -> None:
    first, second = [seed("a", source="1"), seed("b"), seed("c")], [seed("a", source="2"), seed("d")]
    (tmp_path / "seeds").mkdir()
    described: dict[str, Any] = {"kind": "seeds", "seeds": []}
    for name, seeds in (("one", first), ("two", second)):
        write_seeds(seeds, tmp_path / "seeds" / f"{name}.parquet")
        described["seeds"].append({"name": name, "hash": seeds_hash(seeds)})
    items = EXTRACT.open_items(described, tmp_path)
    assert items.size == 5
    taken = items.take(np.arange(5))
    assert [s.id for s in taken] == sorted(s.id for s in first + second)
    repeated = [i for i, s in enumerate(taken) if s.question == "a"]
    assert [taken[i].source for i in repeated] == ["1", "2"]
    identities = items.identities(0, 5)
    assert len(np.unique(identities)) == 4
    assert identities[repeated[0]] == identities[repeated[1]]
    assert (items.identities(2, 4) == identities[2:4]).all()
    assert items.describe(taken[0]) == {"seed_id": taken[0].id, "question": taken[0].question}

    write_seeds(first[:2], tmp_path / "seeds" / "one.parquet")
    with pytest.raises(InputError, match="not what it was"):
        EXTRACT.open_items(described, tmp_path)
    with pytest.raises(InputError, match="works on seeds"):
        EXTRACT.open_items({"kind": "walks"}, tmp_path)


def test_the_source_hash_covers_the_recipe() -> None:
    assert EXTRACT.source_hash().startswith("b2:")

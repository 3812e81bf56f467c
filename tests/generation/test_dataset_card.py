"""The dataset card: a header that hubs read, books that close, and strangers' text that stays text."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from markdown_it import MarkdownIt

from engine.books import Books
from engine.shard import Spent
from generation.datasets.card import CardFacts, Example, SeedSource, render_card

SPENT = Spent(model="m", price="", calls=1_500, prompt=1_000_000, completion=200_000, cached=50_000, reasoning=0)


def books(drawn: int, accepted: int, ahead: int, reasons: dict[str, int], spent: tuple[Spent, ...] = (SPENT,)) -> Books:
    return Books(accepted, drawn, accepted, ahead, 0, reasons, 1, 1, spent, "complete")


FACTS = CardFacts(
    name="first set",
    recipe="mathscale",
    recipe_version=1,
    graph="g0123",
    sampler="skill-pairs/1",
    sampling={"size": "3"},
    seed=7,
    models={"skillweave/offline-teacher-1": 1_500},
    seeds=(SeedSource("ours", 240, ("Apache-2.0",)), SeedSource("theirs", 1_000, ())),
    books=books(2_000, 1_200, 3, {"no answer": 97, "repeat": 600, "refused": 100}),
    cost_usd=0.0,
    columns={"id": "string", "question": "string"},
    examples=(Example("What costs $5?", "Five. The answer is $5."),),
)


def read(text: str) -> tuple[dict[str, object], str]:
    """The header's values and the body as HTML."""
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header), MarkdownIt("commonmark", {"html": True}).enable("table").render(body)


def test_the_header_is_what_a_hub_reads() -> None:
    header, _ = read(render_card(FACTS))
    assert header["pretty_name"] == "first set"
    assert header["size_categories"] == ["1K<n<10K"]
    assert header["configs"] == [{"config_name": "default", "data_files": "*.parquet"}]


@pytest.mark.parametrize(("rows", "size"), [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (2_000_000, "1M<n<10M")])
def test_sizes_have_the_hubs_names(rows: int, size: str) -> None:
    assert read(render_card(replace(FACTS, books=books(rows, rows, 0, {}))))[0]["size_categories"] == [size]


def test_every_draw_and_every_token_is_on_the_card() -> None:
    text = render_card(FACTS)
    for line in ("| accepted | 1,200 |", "| rejected: `repeat` | 600 |", "| **drawn** | **2,000** |"):
        assert line in text
    assert text.index("`repeat`") < text.index("`refused`") < text.index("`no answer`")
    assert "| `m` | 1,500 | 1,000,000 | 50,000 | 200,000 | 0 |" in text
    assert "| `theirs` | 1,000 | not stated |" in text
    assert "Cost: 0.0000 US dollars." in text
    assert "no price is known" in render_card(replace(FACTS, cost_usd=None))


def test_what_drew_the_compositions_is_named_with_its_settings() -> None:
    text = render_card(FACTS)
    assert "drawn from a concept graph by the sampler `skill-pairs/1`" in text
    assert "| its setting `size` | `3` |" in text
    assert "walk" not in text


def test_the_offline_teacher_is_named_for_what_it_is() -> None:
    assert "is not a language model" in render_card(FACTS)
    assert "is not a language model" not in render_card(replace(FACTS, models={"gpt-x": 1_500}))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "`</code><script>alert(1)</script>",
        "```\n<script>alert(1)</script>\n```",
        "``````\n# <script>head</script>",
        "a | b | <script>",
        "x\n---\nlicense: stolen\n---\n<script>",
        '"\nlicense: stolen',
        "![i](http://x.invalid/i.png) [l](javascript:alert(1))",
    ],
)
def test_strangers_text_stays_text(hostile: str) -> None:
    header, html = read(
        render_card(
            replace(
                FACTS,
                name=hostile,
                models={hostile: 1},
                books=books(1, 1, 0, {}, (SPENT.model_copy(update={"model": hostile}),)),
                seeds=(SeedSource("ours", 1, (hostile,)),),
                examples=(Example(hostile, hostile),),
            )
        )
    )
    assert "license" not in header
    assert not any(tag in html for tag in ("<script", "<img", "<a "))
    assert html.count("<h1>") == 1
    licences = html.partition("<th>licences</th>")[2].partition("</table>")[0]
    assert licences.count("<td>") == 3

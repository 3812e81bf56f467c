"""The dataset card: a header that hubs read, books that close, and strangers' text that stays text."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from markdown_it import MarkdownIt

from engine.books import Books
from engine.shard import Spent
from generation.datasets.card import CardFacts, Example, RunFacts, SeedSource, render_card

SPENT = Spent(model="m", price="", calls=1_500, prompt=1_000_000, completion=200_000, cached=50_000, reasoning=0)


def books(drawn: int, accepted: int, ahead: int, reasons: dict[str, int], spent: tuple[Spent, ...] = (SPENT,)) -> Books:
    return Books(accepted, drawn, accepted, ahead, 0, reasons, 1, 1, spent, "complete")


RUN = RunFacts(
    name="mathscale-1",
    recipe="mathscale",
    recipe_version=1,
    graph="g0123",
    sampler="skill-pairs/1",
    sampling={"size": "3"},
    seed=7,
    models={"skillweave/offline-teacher-1": 1_500},
    books=books(2_000, 1_200, 3, {"no answer": 97, "repeat": 600, "refused": 100}),
    cost_usd=0.0,
)
FACTS = CardFacts(
    name="first set",
    runs=(RUN,),
    seeds=(SeedSource("ours", 240, ("Apache-2.0",)), SeedSource("theirs", 1_000, (), 1_000)),
    columns={"id": "string", "question": "string"},
    rows=1_100,
    splits={"train": 1_000, "test": 100},
    left_out={"withdrawn seed": 40, "check: duplicates": 60},
    told=("Of each topic at most 200 rows are taken.",),
    examples=(Example("What costs $5?", "Five. The answer is $5."),),
)


def read(text: str) -> tuple[dict[str, object], str]:
    """The header's values and the body as HTML."""
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header), MarkdownIt("commonmark", {"html": True}).enable("table").render(body)


def test_the_card_says_what_share_of_the_prompts_the_provider_s_cache_served() -> None:
    assert "The provider served 5% of the prompt tokens from its cache." in read(render_card(FACTS))[1]


def test_the_header_is_what_a_hub_reads() -> None:
    header, _ = read(render_card(FACTS))
    assert header["pretty_name"] == "first set"
    assert header["size_categories"] == ["1K<n<10K"]
    files = [{"split": "train", "path": "data/train-*.parquet"}, {"split": "test", "path": "data/test-*.parquet"}]
    assert header["configs"] == [{"config_name": "default", "data_files": files}]


@pytest.mark.parametrize(
    ("seeds", "licence", "name"),
    [
        ([("CC-BY-4.0",)], "cc-by-4.0", None),
        ([("CC BY-SA 4.0",), ("MIT License", "mit")], ["cc-by-sa-4.0", "mit"], None),
        ([("MIT",), ("of my school",)], "other", "of my school"),
        ([('a "quoted"\n---\nline',)], "other", 'a "quoted" --- line'),
        ([("MIT",), ()], None, None),
        ([], None, None),
    ],
)
def test_the_header_names_the_licences_of_the_seeds_where_all_state_one(
    seeds: list[tuple[str, ...]], licence: object, name: str | None
) -> None:
    sources = tuple(SeedSource(f"s{i}", 9, names, 0 if names else 9) for i, names in enumerate(seeds))
    header, _ = read(render_card(replace(FACTS, seeds=sources)))
    assert (header.get("license"), header.get("license_name")) == (licence, name)


def test_a_set_with_some_licences_unstated_says_how_many_and_gets_no_licence() -> None:
    text = render_card(replace(FACTS, seeds=(SeedSource("ours", 240, ("MIT",), 3),)))
    assert "| `ours` | 240 | `MIT`, not stated of 3 |" in text
    assert "license" not in read(text)[0]


@pytest.mark.parametrize(("rows", "size"), [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (2_000_000, "1M<n<10M")])
def test_sizes_have_the_hubs_names(rows: int, size: str) -> None:
    assert read(render_card(replace(FACTS, rows=rows)))[0]["size_categories"] == [size]


def test_every_draw_and_every_token_is_on_the_card() -> None:
    text = render_card(FACTS)
    for line in ("| accepted | 1,200 |", "| rejected: `repeat` | 600 |", "| **drawn** | **2,000** |"):
        assert line in text
    assert text.index("`repeat`") < text.index("`refused`") < text.index("`no answer`")
    assert "| `m` | 1,500 | 1,000,000 | 50,000 | 200,000 | 0 |" in text
    assert "| `theirs` | 1,000 | not stated |" in text
    assert "Cost: 0.0000 US dollars." in text
    assert "no price is known" in render_card(replace(FACTS, runs=(replace(RUN, cost_usd=None),)))


def test_what_drew_the_compositions_is_named_with_its_settings() -> None:
    text = render_card(FACTS)
    assert "drawn from a concept graph by the sampler `skill-pairs/1`" in text
    assert "| its setting `size` | `3` |" in text
    assert "walk" not in text


def test_the_offline_teacher_is_named_for_what_it_is() -> None:
    assert "is not a language model" in render_card(FACTS)
    assert "is not a language model" not in render_card(replace(FACTS, runs=(replace(RUN, models={"gpt-x": 1_500}),)))


def test_what_an_export_left_out_and_how_it_was_split_stands_on_the_card() -> None:
    text = render_card(FACTS)
    lines = ("| accepted | 1,200 |", "| left out: `withdrawn seed` | 40 |", "| left out: `check: duplicates` | 60 |")
    for line in (*lines, "| **dataset** | **1,100** |", "| `train` | 1,000 |", "| `test` | 100 |"):
        assert line in text
    assert "Of each topic at most 200 rows are taken." in text


def test_each_of_many_runs_has_its_own_books() -> None:
    other = replace(RUN, name="mathscale-2", seed=8, cost_usd=1.5, again_of="mathscale-1", books=books(9, 9, 0, {}))
    _, html = read(render_card(replace(FACTS, runs=(RUN, other))))
    assert "<h3>Run <code>mathscale-1</code></h3>" in html
    second = html.partition("<h3>Run <code>mathscale-2</code></h3>")[2]
    for text in ("<td>made again: weak rows of</td>\n<td><code>mathscale-1</code></td>", "Cost: 1.5000 US dollars."):
        assert text in second


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
                runs=(
                    replace(
                        RUN,
                        name=hostile,
                        models={hostile: 1},
                        books=books(1, 1, 0, {hostile: 1}, (SPENT.model_copy(update={"model": hostile}),)),
                        settings={"domain": hostile},
                    ),
                    RUN,
                ),
                left_out={hostile: 1},
                seeds=(SeedSource("ours", 1, (hostile,)),),
                examples=(Example(hostile, hostile),),
            )
        )
    )
    assert (header["license"], header["license_name"]) == ("other", " ".join(hostile.split()))
    expected = {"pretty_name", "task_categories", "tags", "size_categories", "license", "license_name", "configs"}
    assert set(header) == expected
    assert not any(tag in html for tag in ("<script", "<img", "<a "))
    assert html.count("<h1>") == 1
    licences = html.partition("<th>licences</th>")[2].partition("</table>")[0]
    assert licences.count("<td>") == 3

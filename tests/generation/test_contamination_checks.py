"""Test questions and seeds in accepted rows: what is planted is found with its evidence, and nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random

import orjson
import pytest
from planted_runs import planted_run
from small_workspace import Prepared
from typer.testing import CliRunner, Result

from engine.errors import InputError
from engine.workspace import Workspace
from generation.quality.plan import CHECKS, make_plan, read_plan
from generation.quality.references import keep_reference
from generation.quality.template import template
from generation.verdicts import check_runs, kept_rows, verdicts_of
from skillweave.cli import app

VOCABULARY = [f"word{number}" for number in range(5_000)]
HOSTILE = ["", "x", "\\[ \\]", "word1 " * 150_000, "求一个数的平方是多少", "?" * 50]


def text(seed: int, words: int = 40) -> str:
    return " ".join(Random(f"text {seed}").choices(VOCABULARY, k=words))


@pytest.fixture
def tests_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    questions = [text(seed) for seed in range(30)] + ["What is 2 + 3?", "short one only"]
    path = tmp_path_factory.mktemp("tests") / "exam.jsonl"
    path.write_bytes(b"".join(orjson.dumps({"question": each, "answer": "5"}) + b"\n" for each in questions))
    return path


def command(prepared: Prepared, *arguments: str) -> Result:
    result = CliRunner().invoke(app, ["dataset", *arguments, "--workspace", str(prepared.root)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def found(prepared: Prepared, run: Path, check: str) -> dict[int, dict[str, object]]:
    """The verdicts of the checks that were last run, by the row's place."""
    place = Workspace(prepared.root)
    ids = [row for j in kept_rows(place, [run], read_plan(place), ["id"]) for row in j.table["id"].to_pylist()]
    lines = [line for table in verdicts_of(place, [run], read_plan(place)) for line in table.to_pylist()]
    return {ids.index(line["id"]): line for line in lines if line["check"] == check}


def test_stretches_of_test_questions_are_found_with_the_words(prepared: Prepared, tests_file: Path) -> None:
    word = text(0).split()
    rows = [
        f"{text(100, 20)} {' '.join(word[5:18])} {text(101, 20)}",  # 13 in a row
        f"{text(102, 20)} {' '.join(word[5:17])} {text(103, 20)}",  # 12 in a row: 5 of 33 runs of 8
        f"{' '.join(word[:19])} changed {' '.join(word[20:])}",
        f"{' '.join(word[:12])} a {' '.join(word[13:25])} b {' '.join(word[26:38])}",  # runs of 12 words only
        "WHAT is 2 - 3",  # the words of a short one, which are all that it has
        "And what is 2 + 3?",
        *(text(seed) for seed in range(200, 230)),
        *HOSTILE,
    ]
    run = planted_run(prepared, "a", [rows[:3], rows[3:]])
    command(prepared, "check", "a", "--against", str(tests_file), "--checks", "contamination", "--set",
            "contamination.share=0.4")  # fmt: skip
    verdicts = found(prepared, run, "contamination")
    assert {row: line["reason"] for row, line in verdicts.items()} == {
        0: "13 words of a test question",
        2: "13 words of a test question",
        3: "many runs of 8 words of a test question",
        4: "13 words of a test question",
    }
    assert verdicts[0]["span"] == " ".join(word[5:18])
    assert verdicts[0]["source"] == "exam.jsonl"
    assert verdicts[0]["matched"] == verdicts[2]["matched"] == verdicts[3]["matched"] != verdicts[4]["matched"]
    assert verdicts[0]["score"] == pytest.approx(1 / 28)
    assert verdicts[3]["score"] == pytest.approx(15 / 33)
    assert verdicts[4]["score"] == 1


def test_a_file_that_is_gone_is_still_known_and_other_tests_are_another_check(
    prepared: Prepared, tests_file: Path
) -> None:
    run = planted_run(prepared, "a", [[text(3), text(300)]])
    command(prepared, "check", "--against", str(tests_file), "--against", "ours", "--checks", "contamination")
    tests_file.unlink()
    kept = [j.kept.tolist() for j in kept_rows(Workspace(prepared.root), [run], read_plan(Workspace(prepared.root)))]
    assert kept == [[False, True]]
    plan = make_plan(["contamination"], (keep_reference(Workspace(prepared.root), "ours"),))
    with pytest.raises(InputError, match="was not asked about yet"):
        list(kept_rows(Workspace(prepared.root), [run], plan))
    check_runs(Workspace(prepared.root), [run], plan)
    assert [j.kept.tolist() for j in kept_rows(Workspace(prepared.root), [run], plan)] == [[True, True]]
    with pytest.raises(InputError, match=r"neither a seed set of this workspace \(there are: ours\) nor a file"):
        keep_reference(Workspace(prepared.root), str(tests_file))


def test_embeddings_near_a_test_question_are_found(prepared: Prepared, tmp_path: Path) -> None:
    question = "A train travels 60 miles in 2 hours. What is its average speed in miles per hour?"
    path = tmp_path / "exam.jsonl"
    path.write_bytes(orjson.dumps({"question": question, "answer": "30"}))
    near = "A train travels 60 miles in 2 hours. What is the average speed of it, in miles per hour?"
    far = ["Find the area of a circle of radius 3.", "How many primes are there below 30?"]
    run = planted_run(prepared, "a", [[near, *far, *HOSTILE]])
    command(prepared, "check", "--against", str(path), "--checks", "similarity")
    (line,) = found(prepared, run, "similarity").values()
    assert (line["reason"], line["source"]) == ("near a test question", "exam.jsonl")
    assert isinstance(line["score"], float) and 0.95 <= line["score"] <= 1


def test_copies_of_seeds_near_ones_and_those_with_other_numbers_are_told_apart(prepared: Prepared) -> None:
    seed = prepared.seeds[7]
    rows = [
        seed.question.upper(),
        "Seed question 123 costs $9; what is \\( 55 + 1 \\)?",
        "Seed question 123 costs $9; what is \\( 55 - 1 \\)?",
        "A bus has 5 seats in each of 4 rows. How many seats is that in all?",
        *HOSTILE,
    ]
    run = planted_run(prepared, "a", [rows])
    command(prepared, "check", "--checks", "seed-copies,swapped")
    copies, swapped = found(prepared, run, "seed-copies"), found(prepared, run, "swapped")
    assert {row: (line["reason"], line["matched"], line["score"]) for row, line in copies.items()} == {
        0: ("copies a seed", seed.id, 1.0)
    }
    assert {row: (line["reason"], line["source"]) for row, line in swapped.items()} == {
        1: ("a seed with other numbers", "ours"),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann has 5 apples and buys twelve more.", "Bob has 1,205 apples and buys 3 more."),
        ("Natalia sold 48 clips. How many did Natalia sell?", "Weng sold 3 clips. How many did Weng sell?"),
        ("He pays $3.50 to Tom on Monday.", "She pays $12 to Ann on Friday."),
        ("Let \\( x + y = 3 \\).", "Let \\( a + b = 45 \\)."),
        ("Write \\frac{1}{2} of 30", "Write \\frac{3}{4} of 2"),
    ],
)
def test_numbers_names_and_letters_make_no_other_template(one: str, other: str) -> None:
    assert template(one) == template(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann has 5 apples and buys 12 more.", "Ann has 5 apples and sells 12 more."),
        ("Let \\( x + y = 3 \\).", "Let \\( x + x = 3 \\)."),
        ("Let \\( x + y = 3 \\).", "Let \\( x - y = 3 \\)."),
        ("Ann gives Tom 3 nuts. How many has Ann?", "Ann gives Tom 3 nuts. How many has Tom?"),
        ("What is 3 cm in m?", "What is 3 m in cm?"),
        ("", "1"),
    ],
)
def test_other_words_signs_and_roles_make_another_template(one: str, other: str) -> None:
    assert template(one) != template(other)


def test_templates_of_hostile_texts() -> None:
    for each in HOSTILE:
        assert template(each) == template(f" {each} ")


def test_what_cannot_be_checked_is_one_clear_error() -> None:
    with pytest.raises(InputError, match=r"no check 'sense', only length, refusals"):
        make_plan(["sense"])
    with pytest.raises(InputError, match="contamination compares with test questions; name some: --against"):
        make_plan(["contamination"])
    with pytest.raises(InputError, match="check duplicates: setting jaccard: it should be less than or equal to 1"):
        make_plan(settings={"duplicates.jaccard": "2"})
    with pytest.raises(InputError, match=r"write check\.setting=value"):
        make_plan(["length"], settings={"duplicates.jaccard": "0.7"})
    assert make_plan().names == [name for name, kind in CHECKS.items() if not kind.against]

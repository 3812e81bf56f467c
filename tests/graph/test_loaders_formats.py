"""The public formats: small rows in full, and the real files by their figures."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import orjson
import pytest

from engine.errors import InputError
from graph.loaders import Loaded, load_seeds
from graph.loaders.formats.math import last_boxed
from graph.seed import Label, Seed

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not on this machine")
FORMULA = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
MONEY = re.compile(r"\$[\d.][\d,.]*")

TAL = {
    "problem": "Pat\\textquotesingle s number $$5A2A$$ is~\\uline{~~~~~~}~. It costs $\\textbackslash$ 12$. ",
    "answer_option_list": [[{"aoVal": "A", "content": "$$0$$ "}], [{"aoVal": "B", "content": "$$$1.50$$ "}]],
    "knowledge_point_routes": [
        "Overseas Competition->Knowledge Point->Number Theory Modules->Division ->Divisibility Rules",
        "Overseas In-curriculum->Knowledge Point->Number Theory Modules->Numbers",
    ],
    "answer_analysis": ["$$30 \\textbackslash\\%$$ of $5\\textless{}6$. "],
    "answer_value": "B",
    "difficulty": "3",
    "dataset_name": "tal",
}
SAT = {
    "passage": "Read this.",
    "question": "What is $x ?$",
    "options": ["(A)$2 a$", "(B)$\\$ 120$"],
    "label": "B",
    "other": {"solution": "Choice $\\mathbf{B}$ is correct."},
}
COLLEGE = {
    "question": "Find $(-7)(8)$",
    "answer": "$-3 \\sqrt{2}$",
    "data_source": "college_math.Beginning_and_Intermediate_Algebra",
    "data_topic": "college_math.linear_algebra",
    "license": "CC BY 3.0",
}
MATH = {
    "problem": "Compute $1+1$ for \\$5.",
    "level": "Level 5",
    "type": "Algebra",
    "solution": "It is \\fbox{1} no, $\\boxed{\\frac{1}{2}}$.",
}


@cache
def _real(file: str) -> Loaded:
    return load_seeds(DATA / file)


def _load(folder: Path, *rows: dict[str, object], form: str = "auto") -> tuple[Seed, ...]:
    path = folder / "rows.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return load_seeds(path, form).seeds


def test_tal_keeps_options_routes_and_difficulty(tmp_path: Path) -> None:
    (seed,) = _load(tmp_path, TAL)
    assert seed.question == "Pat's number \\( 5A2A \\) is ____ . It costs $12."
    assert seed.options == ("\\( 0 \\)", "$1.50")
    assert (seed.answer, seed.level, seed.difficulty, seed.source) == ("(B) $1.50", "competition", "3", "tal")
    assert seed.solution == "\\( 30 \\% \\) of \\( 5<6 \\)."
    assert seed.concepts == (
        Label("topic", "Number Theory Modules"),
        Label("topic", "Division"),
        Label("knowledge_point", "Divisibility Rules"),
        Label("knowledge_point", "Numbers"),
    )


def test_agieval_keeps_options_without_their_letters(tmp_path: Path) -> None:
    (seed,) = _load(tmp_path, SAT)
    assert seed.question == "Read this.\nWhat is \\( x ? \\)"
    assert (seed.options, seed.answer) == (("\\( 2 a \\)", "$120"), "(B) $120")
    assert seed.solution == "Choice \\( \\mathbf{B} \\) is correct."
    (cloze,) = _load(tmp_path, {"question": "$1+1$?", "options": None, "label": None, "answer": "$2$"})
    assert (cloze.options, cloze.answer) == ((), "\\( 2 \\)")


def test_college_math_has_its_licence_and_subject(tmp_path: Path) -> None:
    (seed,) = _load(tmp_path, COLLEGE)
    assert (seed.question, seed.answer) == ("Find \\( (-7)(8) \\)", "\\( -3 \\sqrt{2} \\)")
    assert (seed.licence, seed.level, seed.subject) == ("CC BY 3.0", "college", "linear algebra")
    assert seed.source == COLLEGE["data_source"]


def test_math_has_its_last_box_as_answer(tmp_path: Path) -> None:
    (seed,) = _load(tmp_path, MATH)
    assert (seed.question, seed.answer) == ("Compute \\( 1+1 \\) for $5.", "\\( \\frac{1}{2} \\)")
    assert (seed.level, seed.subject, seed.difficulty) == ("competition", "Algebra", "Level 5")
    later = {"problem": "p", "solution": "s", "answer": "x+1", "subject": "Geometry", "level": 3, "unique_id": "1"}
    (seed,) = _load(tmp_path, later)
    assert (seed.answer, seed.subject, seed.difficulty) == ("x+1", "Geometry", "3")


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        (r"so $\boxed{5}$ or $\boxed{6}$", "6"),
        (r"$\boxed{\frac{a_{1}}{\sqrt{2}}}$.", r"\frac{a_{1}}{\sqrt{2}}"),
        (r"$\boxed{\{1, 2\}}$", r"\{1, 2\}"),
        (r"\boxed 7 apples", "7"),
        (r"\fbox{x}", "x"),
        (r"\boxed{ -3 }", "-3"),
        (r"\boxed{never closed", None),
        ("no box", None),
        (r"ends in \boxed", None),
    ],
)
def test_the_box_is_found_by_counting_braces(solution: str, answer: str | None) -> None:
    assert last_boxed(solution) == answer


def test_math_is_read_from_a_folder_of_one_json_a_file(tmp_path: Path) -> None:
    for name, problem in (("algebra/10", "ten"), ("algebra/2", "two"), ("geometry/1", "one"), ("geometry/3", "")):
        path = tmp_path / "train" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps({**MATH, "problem": problem}, option=orjson.OPT_INDENT_2))
    loaded = load_seeds(tmp_path)
    assert [seed.question for seed in loaded.seeds] == ["two", "ten", "one"]
    (skipped,) = loaded.skipped
    assert (skipped.file, skipped.line, skipped.reason) == (str(tmp_path / "train/geometry/3.json"), 1, "no question")


def test_gsm8k_loses_its_calculator_and_no_money(tmp_path: Path) -> None:
    answer = "12/60 = $<<12/60=0.2>>0.2 a minute.\n50 minutes: $<<0.2*50=10>>10.\n#### 1,000"
    (seed,) = _load(tmp_path, {"question": "Earns $12 and $3?", "answer": answer})
    assert (seed.answer, seed.solution) == ("1,000", "12/60 = $0.2 a minute.\n50 minutes: $10.")
    assert (seed.question, seed.level) == ("Earns $12 and $3?", "")


@pytest.mark.parametrize(
    ("row", "fault", "reason"),
    [
        (TAL, {"answer_value": "C"}, "no such option"),
        (TAL, {"answer_option_list": [[{"aoVal": "B", "content": "1"}]]}, "options out of order"),
        (TAL, {"answer_option_list": [{"aoVal": "A"}]}, "wrong type"),
        (TAL, {"knowledge_point_routes": "A->B"}, "wrong type"),
        (SAT, {"label": ""}, "no such option"),
        (SAT, {"options": ["(B)1", "(A)2"]}, "options out of order"),
        (SAT, {"question": None, "passage": None}, "no question"),
        (MATH, {"solution": "none"}, "no boxed answer"),
        (COLLEGE, {"answer": ["2"]}, "wrong type"),
        ({"question": "q", "answer": "#### 4"}, {"question": "p", "answer": "4"}, "no answer marker"),
    ],
)
def test_a_faulty_row_among_good_ones_is_skipped(
    tmp_path: Path, row: dict[str, object], fault: dict[str, object], reason: str
) -> None:
    path = tmp_path / "rows.jsonl"
    key = "problem" if "problem" in row else "question"
    good = [{**row, key: f"good {number}"} for number in range(3)]
    path.write_bytes(b"\n".join(map(orjson.dumps, [*good[:2], {**row, **fault}, good[2]])))
    loaded = load_seeds(path)
    assert len(loaded.seeds) == 3
    assert [(skipped.line, skipped.reason) for skipped in loaded.skipped] == [(3, reason)]


def test_an_equal_question_gives_its_labels_to_the_first(tmp_path: Path) -> None:
    again = {**TAL, "knowledge_point_routes": ["Overseas Competition->Knowledge Point->Counting Modules->Numbers"]}
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, (TAL, again, TAL))))
    loaded = load_seeds(path)
    (seed,) = loaded.seeds
    assert seed.concepts is not None and seed.concepts[-1] == Label("topic", "Counting Modules")
    assert [row.detail for row in loaded.skipped] == [
        "the same as line 1, which took over its labels",
        "the same as line 1",
    ]


def test_a_format_can_be_named_and_must_exist(tmp_path: Path) -> None:
    (seed,) = _load(tmp_path, {"question": "q", "answer": "#### 4"}, form="plain")
    assert seed.answer == "#### 4"
    with pytest.raises(InputError, match=r"no format 'gsm9k'.*gsm8k"):
        _load(tmp_path, {"question": "q"}, form="gsm9k")


@real
@pytest.mark.parametrize(
    ("file", "form", "seeds", "duplicates"),
    [
        ("gsm8k/train.jsonl", "gsm8k", 7473, 0),
        ("gsm8k/test.jsonl", "gsm8k", 1319, 0),
        ("college_math/train.jsonl", "college_math", 1166, 5),
        ("college_math/test.jsonl", "college_math", 1235, 25),
        ("agieval/sat-math.jsonl", "agieval", 220, 0),
        ("tal_scq/en_single_choice_train_3K.jsonl", "tal_scq", 2826, 174),
        ("tal_scq/en_single_choice_test_2K.jsonl", "tal_scq", 1877, 123),
    ],
)
def test_real_files_are_recognised_and_read_to_the_last_row(file: str, form: str, seeds: int, duplicates: int) -> None:
    loaded = _real(file)
    assert loaded.format == form
    assert len(loaded.seeds) == seeds
    assert loaded.reasons() == ({"duplicate question": duplicates} if duplicates else {})


@real
@pytest.mark.parametrize(
    ("file", "strays"),
    [
        ("college_math/train.jsonl", 0),
        ("college_math/test.jsonl", 1),
        ("agieval/sat-math.jsonl", 0),
        ("tal_scq/en_single_choice_train_3K.jsonl", 6),
        ("tal_scq/en_single_choice_test_2K.jsonl", 19),
    ],
)
def test_outside_of_formulas_a_dollar_of_real_texts_is_money(file: str, strays: int) -> None:
    """But for the few texts (of 43,836) whose author lost a mark."""
    seeds = _real(file).seeds
    texts = [text for seed in seeds for text in (seed.question, seed.answer, seed.solution, *seed.options)]
    stray = [text for text in texts if "$" in MONEY.sub("", FORMULA.sub("", text))]
    assert len(stray) == strays


@real
def test_tal_has_a_route_for_every_item_and_two_for_few() -> None:
    seeds = _real("tal_scq/en_single_choice_train_3K.jsonl").seeds
    leaves = Counter(sum(x.kind == "knowledge_point" for x in seed.concepts or ()) for seed in seeds)
    assert leaves[0] == 0
    assert leaves[1] > 0.97 * len(seeds)
    assert all(len(seed.options) >= 2 and seed.answer[4:] in seed.options for seed in seeds)

"""Checks of one row: its answer, also against a second solution, its language, its size, and a model that declines."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from planted_runs import SOLUTION, planted_run, row
from small_workspace import Prepared
from typer.testing import CliRunner, Result

from engine.books import read_books
from engine.errors import InputError
from engine.rows import read_accepted, read_rejected
from engine.run import find_run
from engine.workspace import Workspace
from generation.quality.answers import answer_fault, stated_answers
from generation.quality.language import language_of
from generation.quality.plan import make_plan, read_plan
from generation.quality.same_answer import answer_key, same_answer
from generation.resolving import resolve_run
from generation.verdicts import kept_rows, verdicts_of
from skillweave.cli import app
from skillweave.models import CommandLineModels
from teacher.solving import value_of

HOSTILE = ["", " ", "\\[", "\\boxed{", "9" * 5_000, "1/0", "\\frac{1}{0}", "a" * 100_000, "求", "\ud800"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12", "12.0"), ("$12", "\\( 12 \\)"), ("\\$1,200", "1200"), ("1/2", "\\( \\frac{1}{2} \\)"),
        ("0.5", "\\dfrac{1}{2}"),
        ("x = 3", "3"), ("12 apples", "12"), ("12 cm", "12 CM."), ("-4", "\u22124"), ("\\( x + 1 \\)", "x+1"),
        ("**yes**", "Yes."), ("\\[ 7 \\]", "7"), ("", " "),
    ],
)  # fmt: skip
def test_the_same_answer_in_another_dress(one: str, other: str) -> None:
    assert same_answer(one, other) and same_answer(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("12", "13"), ("12 cm", "12 m"), ("1/2", "2"), ("x + 1", "x - 1"), ("-4", "4"), ("2 + 2", "4"),
     ("12", "12 13"), ("5", "x")],
)  # fmt: skip
def test_another_answer(one: str, other: str) -> None:
    assert not same_answer(one, other) and not same_answer(other, one)


def test_hostile_answers_are_only_equal_to_themselves() -> None:
    for one in HOSTILE:
        assert same_answer(one, one)
        assert isinstance(answer_key(one), str)
        assert answer_fault(one, one) is None or answer_fault(one, one)[0]  # type: ignore[index]
    assert answer_key("0.5") == answer_key("\\( \\frac{1}{2} \\)") == "1/2"


@pytest.mark.parametrize(
    ("answer", "solution", "fault"),
    [
        ("7", SOLUTION, None),
        ("7.0", SOLUTION, None),
        ("8", SOLUTION, "answer differs from its solution"),
        ("", SOLUTION, "no final answer"),
        ("7", "Count: 3 + 4 = 7.", "solution states no answer"),
        ("9", "3 + 4 = 7.\nThe answer is 9.", "answer not reached by its steps"),
        ("7", "3 + 4 = 7, so \\boxed{7}. The answer is 8.", "answer differs from its solution"),
        ("7", "3 + 4 = 7\n#### 7", None),
        ("\\( \\frac{3}{4} \\)", "It is 3 of 4, \\( \\frac{3}{4} \\).\nThe answer is \\( \\frac{3}{4} \\).", None),
        ("-2", "x = -2 follows.\nThe answer is -2.", None),
        ("0.25", "The share is 25%.\nThe answer is 0.25.", None),
        ("yes", "It holds.\nThe answer is yes.", None),
        ("5", "Nothing to compute.\nThe answer is 5.", None),
        ("1,200", "1,200 in all.\nThe answer is 1,200.", None),
    ],
)
def test_faults_of_answers(answer: str, solution: str, fault: str | None) -> None:
    found = answer_fault(answer, solution)
    assert (found and found[0]) == fault


def test_what_a_solution_states() -> None:
    assert stated_answers("The answer is 3. No: the answer is 4.\n\\boxed{\\frac{1}{2}}\n#### 5") == [
        "4",
        "\\frac{1}{2}",
        "5",
    ]
    assert stated_answers("\\boxed{1") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How many apples does Ann have if she buys 3 of them each day?", "English"),
        ("Wie viele Äpfel hat Anna, wenn sie jeden Tag drei von ihnen kauft und zwei isst?", "German"),
        ("Combien de pommes Anne a-t-elle si elle en achète trois par jour pour la semaine?", "French"),
        ("¿Cuántas manzanas tiene Ana si compra tres de las rojas por día en el mercado?", "Spanish"),
        ("小明有三个苹果，他又买了五个，一共有多少个苹果？", "another script"),
        ("Сколько яблок у Анны?", "another script"),
        ("Solve \\( x^2 - 5x + 6 = 0 \\).", "English"),
        ("\\[ \\int_0^1 x^2 \\, dx \\]", "English"),
        ("Let α and β be the angles.", "English"),
        ("", "English"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language


def command(prepared: Prepared, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--workspace", str(prepared.root)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def reasons(prepared: Prepared, run: Path) -> dict[int, str]:
    """Of the plan that was last run: the place of each failed row, and the first reason."""
    place = Workspace(prepared.root)
    found: dict[int, str] = {}
    ids = [row for j in kept_rows(place, [run], read_plan(place), ["id"]) for row in j.table["id"].to_pylist()]
    for table in verdicts_of(place, [run], read_plan(place)):
        for line in table.to_pylist():
            found.setdefault(ids.index(line["id"]), f"{line['check']}: {line['reason']}")
    return found


def test_faulty_rows_are_found_and_sound_ones_stay(prepared: Prepared) -> None:
    rows: list[str | dict[str, Any]] = [
        "What is the sum of the numbers three and four?",
        row("How much is three and four in this sum?", answer="8"),
        row("Tiny?"),
        row("As an AI language model, I cannot compute what three plus four is."),
        row(
            "What do three and four give when they are added?", solution="I'm sorry, but I can't solve it. " + SOLUTION
        ),
        row("Wie viel ist drei und vier, wenn man die beiden Zahlen addiert?"),
        row("What is three more than four, in digits?", solution="x" * 20_001 + SOLUTION),
    ]
    run = planted_run(prepared, "a", [rows[:4], rows[4:]])
    command(prepared, "dataset", "check", "--checks", "length,refusals,language,answers")
    assert reasons(prepared, run) == {
        1: "answers: answer differs from its solution",
        2: "length: question too short",
        3: "refusals: the model speaks of itself",
        4: "refusals: the model speaks of itself",
        5: "language: in German",
        6: "length: solution too long",
    }
    command(prepared, "dataset", "check", "--checks", "length", "--set", "length.question_min=3")
    assert reasons(prepared, run) == {6: "length: solution too long"}


def test_a_second_solution_of_the_offline_teacher_finds_the_wrong_answer(prepared: Prepared) -> None:
    wrong = row("What is 4 + 5?", solution=SOLUTION)
    run = planted_run(prepared, "a", [["What is 3 + 4?", wrong], ["Ann has 3 nuts, Tom has 4. How many is that?"]])
    command(prepared, "dataset", "check")
    assert reasons(prepared, run) == {}
    said = command(prepared, "dataset", "resolve", "a", "--name", "again").stdout
    assert "1 of 2 answers agree" in said
    again = find_run(prepared.root / "runs", "again")
    assert read_books(again).state == "complete"
    (refused,) = [each for table in read_rejected(again) for each in table.to_pylist()]
    assert refused["reason"] == "no answer"
    solved = [each for table in read_accepted(again) for each in table.to_pylist()]
    assert [(each["solved"], each["agrees"], each["cast"]) for each in solved] == [
        ("7", True, ["7"]),
        ("9", False, ["9"]),
    ]
    with pytest.raises(InputError, match="resolved was not asked about yet"):
        reasons(prepared, run)
    command(prepared, "dataset", "check")
    assert reasons(prepared, run) == {1: "resolved: another answer when solved again"}
    (line,) = (
        line for t in verdicts_of(Workspace(prepared.root), [run], make_plan(["resolved"])) for line in t.to_pylist()
    )
    assert (line["source"], line["span"]) == ("again", "9")
    command(prepared, "dataset", "check", "--checks", "resolved", "--set", "resolved.must_solve=true")
    assert reasons(prepared, run)[2] == "resolved: not solved again"


def test_votes_fly_until_most_agree_and_what_cannot_be_solved_again_is_refused(prepared: Prepared) -> None:
    planted_run(prepared, "a", [["What is \\( \\frac{1}{2} + 2^3 \\)?"]])
    command(prepared, "dataset", "resolve", "a", "--set", "votes=5", "--set", "round_size=2", "--name", "again")
    (solved,) = [each for t in read_accepted(prepared.root / "runs" / "again") for each in t.to_pylist()]
    assert (solved["solved"], solved["cast"], solved["calls"]) == ("17/2", ["17/2"] * 4, 4)
    place = Workspace(prepared.root)
    model = CommandLineModels().ref("offline-teacher", place)
    with pytest.raises(InputError, match="holds no questions with answers"):
        resolve_run(place, place.runs / "again", model)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("3 + 4 * (5 - 2)", Fraction(15)), ("2^3^1 - -1", Fraction(9)),
        ("\\( \\frac{1}{2} \\cdot 3 \\)", Fraction(3, 2)), ("10 \\div 4", Fraction(5, 2)),
        ("1/0", None), ("2^99", None), ("(" * 100 + "1", None), ("-" * 100 + "1", None),
        ("x + 1", None), ("", None), ("3 4 +", None),
    ],
)  # fmt: skip
def test_sums_are_computed_and_nothing_else(expression: str, value: Fraction | None) -> None:
    assert value_of(expression) == value

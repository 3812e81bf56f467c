"""CSV, Parquet, folders and Hugging Face data sets: the same seeds from each, and what is said of damaged ones."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import InputError
from graph.loaders import load_seeds
from graph.seed import Label

ROWS: list[dict[str, Any]] = [
    {"problem": "What is 2 + 3?", "result": "5", "tags": ["adding", "small numbers"]},
    {"problem": "A pen is $3, a book $5; both?", "result": "8", "tags": ["prices"]},
]
COLUMNS = {"question": "problem", "answer": "result", "knowledge_points": "tags"}


def test_csv_with_named_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "\ufeffproblem,result,tags\nWhat is 2 + 3?,5,adding; small numbers\n"
        '"A pen is $3,\na book $5; both?",8,"[""prices""]"\n'
    )
    loaded = load_seeds(path, columns=COLUMNS)
    assert [seed.question for seed in loaded.seeds] == ["What is 2 + 3?", "A pen is $3,\na book $5; both?"]
    assert [seed.answer for seed in loaded.seeds] == ["5", "8"]
    assert loaded.seeds[0].concepts == (Label("knowledge_point", "adding"), Label("knowledge_point", "small numbers"))
    assert loaded.seeds[1].concepts == (Label("knowledge_point", "prices"),)
    assert loaded.format == "plain"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_csv_of_another_delimiter_and_options_of_a_choice(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        delimiter.join(("question", "options", "skills")) + "\n" + delimiter.join(("q", '"2; 3"', "adding"))
    )
    (seed,) = load_seeds(path).seeds
    assert (seed.options, seed.concepts) == (("2", "3"), (Label("skill", "adding"),))


def test_csv_rows_that_do_not_fit_are_skipped_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(b'question,answer\n"two\nlines",1\nonly one cell\nb,2,3\n\ncaf\xe9,4\nbad \x01,5\nc,6\n')
    loaded = load_seeds(path)
    assert [seed.question for seed in loaded.seeds] == ["two\nlines", "c"]
    assert [(row.line, row.reason) for row in loaded.skipped] == [
        (4, "wrong number of cells"),
        (5, "wrong number of cells"),
        (7, "not UTF-8"),
        (8, "control character"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "no header"),
        ("a.csv", b"question,question\na,b\n", "names each column once"),
        ("a.csv", b'question,answer\n"never closed,1\n', "line 2"),
        ("a.csv", b"model,score\nx,1\n", "its columns: model, score"),
        ("a.parquet", b"PAR1 not really", "cannot be read as Parquet"),
        ("a.json", b'[{"question": "q"}]', "jq -c"),
    ],
)
def test_a_faulty_file_stops_with_one_error_and_the_next_command(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        load_seeds(path)
    assert says in str(error.value)
    assert str(path) in str(error.value)
    assert "skillweave seeds import" in str(error.value)


def test_a_wrong_column_names_those_there_are(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("problem,result\np,1\n")
    with pytest.raises(InputError, match=r"no column 'prob', only problem, result"):
        load_seeds(path, columns={"question": "prob"})
    with pytest.raises(InputError, match=r"a seed has no 'text', only question, answer"):
        load_seeds(path, columns={"text": "problem"})
    with pytest.raises(InputError, match="columns of its own"):
        load_seeds(path, "gsm8k", columns={"question": "problem"})


def test_dollar_formulas_are_converted_on_request_only(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("question,options,solution\nFind $x$ for \\$5,$1$; $2$,$x=1$\n")
    (plain,) = load_seeds(path).seeds
    assert plain.question == "Find $x$ for \\$5"
    (seed,) = load_seeds(path, dollar_formulas=True).seeds
    assert (seed.question, seed.options) == ("Find \\( x \\) for $5", ("\\( 1 \\)", "\\( 2 \\)"))
    assert seed.id != plain.id
    gsm8k = tmp_path / "gsm8k.jsonl"
    gsm8k.write_bytes(orjson.dumps({"question": "$5 or $6?", "answer": "#### 5"}))
    with pytest.raises(InputError, match="leave --dollar-formulas out"):
        load_seeds(gsm8k, dollar_formulas=True)


def test_parquet_gives_the_same_seeds_as_json_lines(tmp_path: Path) -> None:
    pq.write_table(
        pa.Table.from_pylist([*ROWS, {"problem": None}, {"problem": "q", "tags": [None]}]), tmp_path / "a.parquet"
    )
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(map(orjson.dumps, ROWS)))
    table = load_seeds(tmp_path / "a.parquet", columns=COLUMNS)
    assert table.seeds == load_seeds(tmp_path / "a.jsonl", columns=COLUMNS).seeds
    assert [(row.line, row.reason) for row in table.skipped] == [(3, "no question"), (4, "wrong type")]


def test_a_public_format_is_recognised_in_parquet_too(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([{"question": "q?", "answer": "so\n#### 4"}]), tmp_path / "a.parquet")
    loaded = load_seeds(tmp_path / "a.parquet")
    assert (loaded.format, loaded.seeds[0].answer) == ("gsm8k", "4")


@pytest.fixture
def hub_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test of ours leaves traces in the user's caches or reaches for a network."""
    for name in ("HF_HOME", "HF_DATASETS_CACHE"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path


def test_a_folder_of_parquet_is_a_hugging_face_data_set(hub_home: Path) -> None:
    folder = hub_home / "set"
    (folder / "data").mkdir(parents=True)
    for split, rows in (("train", ROWS), ("test", ROWS[:1])):
        pq.write_table(pa.Table.from_pylist(rows), folder / "data" / f"{split}-00000-of-00001.parquet")
    loaded = load_seeds(f"hf:{folder}", columns=COLUMNS)
    assert [seed.question for seed in loaded.seeds] == [row["problem"] for row in ROWS]
    assert loaded.seeds[1].concepts == (Label("knowledge_point", "prices"),)
    assert len(load_seeds(f"hf:{folder}:test", columns=COLUMNS).seeds) == 1
    with pytest.raises(InputError, match=r"no split 'dev', only test, train|no split 'dev', only train, test"):
        load_seeds(f"hf:{folder}:dev", columns=COLUMNS)


def test_what_save_to_disk_wrote_is_read(hub_home: Path) -> None:
    import datasets

    saved = datasets.Dataset.from_list([*ROWS, {"problem": " ", "result": "", "tags": []}])
    saved.save_to_disk(hub_home / "one")
    datasets.DatasetDict({"validation": saved}).save_to_disk(hub_home / "splits")
    for where in ("one", "splits", "splits:validation"):
        loaded = load_seeds(f"hf:{hub_home / where}", columns=COLUMNS)
        assert [seed.answer for seed in loaded.seeds] == ["5", "8"]
        assert [(row.line, row.reason) for row in loaded.skipped] == [(3, "no question")]


def test_an_unreadable_data_set_is_one_error(hub_home: Path) -> None:
    (hub_home / "empty").mkdir()
    with pytest.raises(InputError, match=r"hf:.*empty cannot be read.*skillweave seeds import hf:"):
        load_seeds(f"hf:{hub_home / 'empty'}")


def test_without_the_package_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match="pip install datasets"):
        load_seeds(f"hf:{tmp_path}")


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_memory_is_that_of_the_seeds_not_of_the_file(tmp_path: Path, suffix: str) -> None:
    """30 MB of rows that give three seeds."""
    path = tmp_path / f"large.{suffix}"
    rows = [{"question": f"q{number % 3}", "note": "n" * 10_000} for number in range(3_000)]
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=500, use_dictionary=False, compression="none")
    elif suffix == "csv":
        path.write_text("question,note\n" + "".join(f"{row['question']},{row['note']}\n" for row in rows))
    else:
        path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    del rows
    assert path.stat().st_size > 25_000_000
    tracemalloc.start()
    loaded = load_seeds(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(loaded.seeds) == 3
    assert loaded.reasons() == {"duplicate question": 2_997}
    assert peak < 15_000_000

"""JSON lines to seeds to Parquet, and what is said of faulty rows and files."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from graph.concept import KINDS
from graph.loaders import load_seeds
from graph.loaders.loading import REPORTED
from graph.loaders.rows import MOST_BYTES
from graph.seed import Label, Seed, read_seeds, seed_id, seeds_hash, write_seeds


def _write(folder: Path, *rows: object) -> Path:
    path = folder / "seeds.jsonl"
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows) + b"\n")
    return path


def test_every_field_of_our_format_is_read(tmp_path: Path) -> None:
    row = {
        "id": "mine-7",
        "question": " Find \\( x \\) if a pen costs $3 and a book $5. ",
        "options": ["1", "2"],
        "answer": 2,
        "solution": "It is 2.",
        "source": "own",
        "licence": "CC0",
        "level": "middle",
        "subject": "algebra",
        "difficulty": 3,
        "topics": ["Algebra", " ", "Algebra"],
        "knowledge_points": "equations",
        "skills": [],
    }
    (seed,) = load_seeds(_write(tmp_path, row)).seeds
    question = "Find \\( x \\) if a pen costs $3 and a book $5."
    assert seed == Seed(
        id=seed_id(question, ("1", "2")),
        question=question,
        options=("1", "2"),
        answer="2",
        solution="It is 2.",
        source="own",
        licence="CC0",
        level="middle",
        subject="algebra",
        difficulty="3",
        concepts=(Label("topic", "Algebra"), Label("knowledge_point", "equations")),
    )


def test_defaults_stand_in_only_where_a_row_says_nothing(tmp_path: Path) -> None:
    path = _write(tmp_path, {"question": "a"}, {"question": "b", "level": "high", "source": "x"})
    first, second = load_seeds(path, level="primary", source="y").seeds
    assert (first.level, first.source, second.level, second.source) == ("primary", "y", "high", "x")


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (b"{nonsense", "not JSON", ""),
        ([1], "not an object", "list"),
        ({"answer": "4"}, "no question", ""),
        ({"question": "  "}, "no question", ""),
        ({"question": 4}, "wrong type", "question"),
        ({"question": "q", "options": "ab"}, "wrong type", "options"),
        ({"question": "q", "answer": True}, "wrong type", "answer"),
        ({"question": "q", "level": "expert"}, "unknown level", "primary, middle"),
        ({"question": "good"}, "duplicate question", "line 1"),
        (b'{"question": "\\frac{1}{2}"}', "control character", "written twice"),
        (b'{"question": "caf\xe9"}', "not UTF-8", "byte"),
        (b'{"question": "\\ud800"}', "not JSON", ""),
        (b'{"question": "' + b"x" * MOST_BYTES + b'"}', "line too long", "8 MiB"),
    ],
)
def test_a_faulty_row_is_skipped_with_its_line_and_reason(
    tmp_path: Path, row: object, reason: str, detail: str
) -> None:
    path = _write(tmp_path, {"question": "good"}, b"", row, {"question": "also good"})
    loaded = load_seeds(path)
    assert [seed.question for seed in loaded.seeds] == ["good", "also good"]
    (skipped,) = loaded.skipped
    assert (skipped.file, skipped.line, skipped.reason) == (str(path), 3, reason)
    assert detail in skipped.detail
    assert loaded.reasons() == {reason: 1}


def test_a_line_of_50_mb_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as handle:
        handle.write(b'{"question": "')
        for _ in range(50):
            handle.write(b"x" * 1_000_000)
        handle.write(b'"}\n{"question": "after"}\n')
    tracemalloc.start()
    loaded = load_seeds(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [seed.question for seed in loaded.seeds] == ["after"]
    assert loaded.reasons() == {"line too long": 1}
    assert peak < 3 * MOST_BYTES


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no file"),
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        ('{"question": "q"}'.encode("utf-16"), "no UTF-8 text"),
        (b'{"question": ""}\n{"question": 1}\n{"question": ""}\n', "2 x no question; 1 x wrong type, first in line 1"),
        (b"nonsense", "1 x not JSON, first in line 1"),
        (b'{"answer": "4"}\n{"answer": "5"}\n', "of no format known (its columns: answer)"),
    ],
)
def test_a_faulty_file_is_one_error_with_the_next_command(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "file.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        load_seeds(path)
    assert says in str(error.value)
    assert str(path) in str(error.value)
    assert "skillweave seeds import" in str(error.value)


def test_an_empty_folder_and_an_unknown_default_level_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no \.json"):
        load_seeds(tmp_path)
    with pytest.raises(InputError, match=r"expert.*primary"):
        load_seeds(_write(tmp_path, {"question": "q"}), level="expert")


_texts = st.text(max_size=20)
_labels = st.builds(Label, kind=st.sampled_from(KINDS), name=_texts)
_seeds = st.builds(
    Seed,
    id=st.uuids().map(str),
    question=_texts,
    options=st.lists(_texts, max_size=3).map(tuple),
    answer=_texts,
    level=st.sampled_from(["", "high"]),
    concepts=st.none() | st.lists(_labels, max_size=2).map(tuple),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(_seeds, max_size=5, unique_by=lambda seed: seed.id), st.randoms())
def test_a_seed_set_comes_back_whole_and_its_hash_heeds_content_not_order(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[Seed], random: object
) -> None:
    path = tmp_path_factory.mktemp("seeds") / "set.parquet"
    write_seeds(seeds, path)
    assert read_seeds(path) == seeds
    shuffled = seeds[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert seeds_hash(shuffled) == seeds_hash(seeds)
    if seeds:
        assert seeds_hash(seeds[1:]) != seeds_hash(seeds)


def test_a_missing_or_damaged_seed_set_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="skillweave seeds list"):
        read_seeds(tmp_path / "none.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match=r"bad\.parquet is no seed set"):
        read_seeds(tmp_path / "bad.parquet")


def test_of_very_many_faulty_rows_all_are_counted_and_the_first_reported(tmp_path: Path) -> None:
    path = _write(tmp_path, {"question": "good"}, *[{"answer": "4"}] * (REPORTED + 50))
    loaded = load_seeds(path)
    assert len(loaded.skipped) == REPORTED
    assert loaded.reasons() == {"no question": REPORTED + 50}

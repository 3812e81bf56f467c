"""Duplicates across rows: found by sketches, decided for a dataset, the same however it is come to."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_runs import add_shards, planted_run
from small_workspace import Prepared

from engine.errors import InputError
from engine.run import read_target, write_target
from engine.workspace import Workspace
from generation.quality.against import TextIndex
from generation.quality.minhash import BANDS, jaccard, sketch_of
from generation.quality.near import alike, joined
from generation.quality.plan import Plan, make_plan
from generation.quality.words import grams_of, text_keys_of, word_list, word_places, words_of
from generation.verdicts import check_runs, kept_rows, verdicts_of

DUPLICATES = make_plan(["duplicates"])
VOCABULARY = [f"word{number}" for number in range(5_000)]
HOSTILE = [
    "",
    " ",
    "?!",
    "\\[ + - = \\]",
    "\\frac{a}{b}",
    "一个苹果和两个梨一共多少",
    "x" * 1_000_000,
    "a b " * 250_000,
    "\ud800 lone",
    "İstanbul",
]


def text(seed: int, words: int = 60) -> str:
    return " ".join(Random(f"text {seed}").choices(VOCABULARY, k=words))


def changed(original: str, words: int, seed: int = 0) -> str:
    """The text with so many words in a row changed."""
    parts = original.split()
    at = Random(f"at {seed}").randrange(len(parts) - words + 1)
    parts[at : at + words] = [f"other{seed}x{place}" for place in range(words)]
    return " ".join(parts)


def kept(place: Workspace, runs: Sequence[Path], plan: Plan = DUPLICATES) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for judged in kept_rows(place, runs, plan, ["index"]):
        found.setdefault(judged.run.name, []).extend(judged.table.filter(judged.kept)["index"].to_pylist())
    return found


def verdicts(place: Workspace, runs: Sequence[Path], plan: Plan = DUPLICATES) -> list[dict[str, object]]:
    return [line for table in verdicts_of(place, runs, plan) for line in table.to_pylist()]


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture
def place(prepared: Prepared) -> Workspace:
    return Workspace(prepared.root)


def test_of_equal_and_near_questions_the_first_stays_whatever_the_order_of_runs(
    prepared: Prepared, place: Workspace
) -> None:
    first = planted_run(prepared, "a", [[text(1), text(2)], [text(3), f"  {text(1).upper()}\n"]], seed=1)
    second = planted_run(prepared, "b", [[changed(text(2), 2), text(4), text(3)]], seed=2)
    for runs in ([first, second], [second, first, second]):
        check_runs(place, runs, DUPLICATES)
        assert kept(place, runs) == {"a": [1, 2, 4], "b": [2]}
    found = verdicts(place, [second, first])
    ids = {(j.run.name, i): row for j in kept_rows(place, [first, second], DUPLICATES, ["index", "id"])
           for i, row in zip(j.table["index"].to_pylist(), j.table["id"].to_pylist(), strict=True)}  # fmt: skip
    assert [(v["id"], v["reason"], v["matched"], v["source"]) for v in found] == [
        (ids["a", 5], "equal to an earlier question", ids["a", 1], "a"),
        (ids["b", 1], "near another question", ids["a", 2], "a"),
        (ids["b", 3], "equal to an earlier question", ids["a", 4], "a"),
    ]
    by_hand = [
        set(zip(*(w[i:] for i in range(3)), strict=False)) for w in (text(2).split(), changed(text(2), 2).split())
    ]
    assert found[1]["score"] == pytest.approx(len(by_hand[0] & by_hand[1]) / len(by_hand[0] | by_hand[1]))
    assert kept(place, [second]) == {"b": [1, 2, 3]}  # without the other run nothing speaks against them


def test_checked_run_by_run_or_at_once_the_files_are_the_same(
    prepared: Prepared, place: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def part(places: range) -> list[str]:
        return [text(i % 7) if i % 2 else changed(text(i % 7), 1, i) for i in places]

    runs = [
        planted_run(prepared, name, [part(range(seed, seed + 5)), part(range(seed + 5, seed + 9))], seed=seed)
        for seed, name in ((1, "c"), (2, "a"), (3, "b"))
    ]
    other = tmp_path_factory.mktemp("at-once") / "workspace"
    shutil.copytree(prepared.root, other)
    for stop in (1, 2, 3):
        check_runs(place, runs[:stop], DUPLICATES)
    check_runs(Workspace(other), [other / "runs" / run.name for run in runs], DUPLICATES)
    step_by_step, at_once = files(place.root / "verdicts"), files(other / "verdicts")
    assert at_once.items() <= step_by_step.items()
    assert {name for name in step_by_step.keys() - at_once.keys() if "over-" not in name} == set()
    assert kept(place, runs) == kept(Workspace(other), [other / "runs" / run.name for run in runs])


def test_only_new_shards_are_read_and_rows_ahead_are_nobodys_match(prepared: Prepared, place: Workspace) -> None:
    run = planted_run(prepared, "a", [[text(1), text(2), text(3)]], count=2)
    check_runs(place, [run], DUPLICATES)
    (rows,) = (run / "shards").glob("*.rows.parquet")
    content = rows.read_bytes()
    rows.write_bytes(b"x" * len(content))  # who reads it again fails
    add_shards(run, [[text(3), text(1)]])
    write_target(run, read_target(run).model_copy(update={"count": 5}))
    with pytest.raises(InputError, match=r"rows that duplicates was not asked about yet.* skillweave dataset check a"):
        kept(place, [run])
    check_runs(place, [run], DUPLICATES)
    rows.write_bytes(content)
    assert kept(place, [run]) == {"a": [1, 2, 3]}
    write_target(run, read_target(run).model_copy(update={"count": 2}))
    assert kept(place, [run]) == {"a": [1, 2]}


def test_what_is_left_out_is_nobodys_match(prepared: Prepared, place: Workspace) -> None:
    run = planted_run(prepared, "a", [[text(1), text(1), changed(text(1), 1)]])
    check_runs(place, [run], DUPLICATES)
    without_first = [
        judged.kept.tolist()
        for judged in kept_rows(place, [run], DUPLICATES, leave_out=lambda _, part: np.arange(part.rows) == 0)
    ]
    assert without_first == [[False, True, False]]


def test_a_check_that_is_killed_goes_on_where_it_was(prepared: Prepared, place: Workspace) -> None:
    shards = [[text(i * 40 + j % 30, 300) for j in range(40)] for i in range(16)]
    run = planted_run(prepared, "a", shards)
    command = [sys.executable, "-m", "skillweave", "dataset", "check", "a", "--workspace", str(place.root)]
    with subprocess.Popen(
        [*command, "--checks", "duplicates,length"], cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        while process.poll() is None and len(list(place.root.glob("verdicts/*/*/*.sketch"))) < 3:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    done = {path: path.stat().st_mtime_ns for path in place.root.glob("verdicts/*/*/*.sketch")}
    assert 0 < len(done) < len(shards)
    plan = make_plan(["duplicates", "length"])
    check_runs(place, [run], plan)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert len(kept(place, [run], plan)["a"]) == 16 * 30
    killed = {n: c for n, c in files(place.root / "verdicts").items() if not n.endswith(".tmp")}
    shutil.rmtree(place.root / "verdicts")
    check_runs(place, [run], plan)
    assert files(place.root / "verdicts") == killed


def test_the_same_run_twice_under_two_names_and_a_run_of_no_questions_are_refused(
    prepared: Prepared, place: Workspace
) -> None:
    run = planted_run(prepared, "a", [[text(1)]])
    shutil.copytree(run, run.with_name("b"))
    with pytest.raises(InputError, match=r"runs a and b have the same run\.json"):
        check_runs(place, [run, run.with_name("b")], DUPLICATES)


@pytest.mark.parametrize("size", [1, 3, 13])
def test_grams_are_those_of_the_words(size: int) -> None:
    texts = [each for each in (*HOSTILE, "one two three four", text(1)) if len(each) < 2_000]
    words = words_of(texts)
    grams = grams_of(words, size)
    known: dict[tuple[str, ...], int] = {}
    for place_, each in enumerate(texts):
        low, listed = each.lower(), word_list(each)
        assert [low[a:b] for a, b in word_places(each)] == listed
        runs = [tuple(listed[i : i + size]) for i in range(max(len(listed) - size + 1, min(len(listed), 1)))]
        hashes = grams.hashes[grams.ends[place_] : grams.ends[place_ + 1]].tolist()
        assert len(hashes) == len(runs)
        assert all(known.setdefault(run, number) == number for run, number in zip(runs, hashes, strict=True))
    assert len(set(known.values())) == len(known)


def test_hostile_texts_are_compared_like_others() -> None:
    texts = [*HOSTILE, *HOSTILE]
    sketch, keys = sketch_of(words_of(texts)), text_keys_of(texts)
    half = len(HOSTILE)
    assert (sketch.bands[:, :half] == sketch.bands[:, half:]).all()
    assert (keys[:half] == keys[half:]).all()
    sizes = np.diff(sketch.ends)[:half].tolist()
    assert [size > 0 for size in sizes] == [False, False, False, False, True, True, True, True, True, True]
    assert sizes[5] == len(HOSTILE[5]) - 2  # each character of a script without spaces is a word
    assert len(set(keys[:half].tolist())) == half - 1  # empty and blank are one text
    index = TextIndex(HOSTILE)
    assert index.equal(keys[:half]).tolist() == [0, 0, *range(2, half)]
    assert index.nearest(sketch_of(words_of(HOSTILE)), 0.8)[0].tolist() == [-1] * 4 + list(range(4, half))
    assert TextIndex([]).equal(keys).tolist() == [-1] * len(keys)
    assert TextIndex([]).nearest(sketch, 0.8)[0].tolist() == [-1] * len(keys)


def groups_of(texts: Sequence[str], least: float) -> list[int]:
    sketch = sketch_of(words_of(texts))

    def grams(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = [sketch.grams[sketch.ends[i] : sketch.ends[i + 1]] for i in at.tolist()]
        return np.concatenate([np.empty(0, np.uint32), *parts]), np.cumsum([0, *map(len, parts)])

    groups, _ = joined(len(texts), [alike(sketch.bands[band], grams, least) for band in range(BANDS)])
    listed: list[int] = groups.tolist()
    return listed


def test_pairs_of_a_planted_jaccard_index_are_found_at_the_rate_that_was_computed() -> None:
    originals = [text(seed) for seed in range(600)]
    copies = [changed(each, 1 + seed % 9, seed) for seed, each in enumerate(originals)]
    sketches = [sketch_of(words_of([one, two])) for one, two in zip(originals, copies, strict=True)]
    indices = np.array([jaccard(s.grams[: s.ends[1]], s.grams[s.ends[1] :]) for s in sketches])
    groups = np.array(groups_of([*originals, *copies], 0.7))
    assert groups[:600].tolist() == list(range(600))
    found = groups[600:] == np.arange(600)
    assert not found[indices < 0.7].any()
    high, middle = indices >= 0.8, (indices >= 0.7) & (indices < 0.8)
    assert min(high.sum(), middle.sum()) > 50
    assert found[high].mean() >= 0.995
    assert found[middle].mean() >= 0.95
    agree = np.array([[(s.bands[:, 0] == s.bands[:, 1]).mean()] for s in sketches])[:, 0]
    expected = indices**5  # the probability of a shared band
    assert abs(agree.mean() - expected.mean()) < 0.02


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=6).map(" ".join), min_size=1, max_size=16),
    st.sampled_from([0.6, 0.8, 1.0]),
)
def test_groups_are_the_components_of_alike_texts_that_met(texts: list[str], least: float) -> None:
    sketch = sketch_of(words_of(texts))
    parts = [sketch.grams[sketch.ends[i] : sketch.ends[i + 1]] for i in range(len(texts))]
    wordy = [i for i in range(len(texts)) if len(parts[i])]
    expected = list(range(len(texts)))
    for late in wordy:
        for early in (i for i in wordy if i < late):
            met = (sketch.bands[:, early] == sketch.bands[:, late]).any()
            if met and jaccard(parts[early], parts[late]) >= least:
                low, high = sorted((expected[early], expected[late]))
                expected = [low if group == high else group for group in expected]
    found = groups_of([texts[i] for i in wordy], least)
    assert [wordy[group] for group in found] == [expected[i] for i in wordy]


def test_a_crowd_of_one_template_is_one_group_without_comparing_all_with_all() -> None:
    base = text(1, 200)
    crowd = [changed(base, 1, seed) for seed in range(3_000)]
    compared = 0
    sketch = sketch_of(words_of(crowd))

    def grams(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal compared
        compared += len(at)
        parts = [sketch.grams[sketch.ends[i] : sketch.ends[i + 1]] for i in at.tolist()]
        return np.concatenate([np.empty(0, np.uint32), *parts]), np.cumsum([0, *map(len, parts)])

    groups, _ = joined(len(crowd), [alike(sketch.bands[band], grams, 0.8) for band in range(BANDS)])
    assert set(groups.tolist()) == {0}
    assert compared < 40 * BANDS * len(crowd)

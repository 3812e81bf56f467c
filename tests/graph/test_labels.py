"""Graphs made from labels: small ones in full, and those of the real label sets by their figures."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import orjson
import pytest

from engine.errors import InputError
from engine.workspace import Workspace
from generation.composition import CompositionItems, describe_walks
from graph.labels import graph_from_labels, label_rows, read_label_file
from graph.loaders import load_seeds
from graph.making import seed_sets_of
from graph.seed import Label, Seed, read_seeds, seed_id, write_seeds
from graph.snapshot import Snapshot, find_snapshot

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not on this machine")
TAL = DATA / "tal_scq" / "en_single_choice_train_3K.jsonl"
SKILLS = DATA / "skills" / "gsm8k_train_question2skill.json"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").prepare()


def _seed(question: str, *labels: tuple[str, str]) -> Seed:
    concepts = tuple(Label(kind, name) for kind, name in labels) or None  # type: ignore[arg-type]
    return Seed(seed_id(question), question, concepts=concepts)


def _write(place: Workspace, name: str, *seeds: Seed) -> None:
    write_seeds(seeds, place.seeds / f"{name}.parquet")


SEEDS = (
    _seed("one", ("topic", "Numbers"), ("knowledge_point", "Primes")),
    _seed("two", ("topic", "numbers"), ("knowledge_point", "Primes"), ("knowledge_point", "Digits")),
    _seed("three", ("knowledge_point", "Digits"), ("skill", "counting")),
    _seed("four"),
)


def test_labels_become_concepts_joined_where_seeds_share_them(place: Workspace) -> None:
    _write(place, "ours", *SEEDS)
    graph = graph_from_labels(place, ["ours"])
    names = dict(zip(graph.nodes["id"].to_pylist(), graph.nodes["name"].to_pylist(), strict=True))
    edges = {
        (frozenset((names[row["source"]].casefold(), names[row["target"]].casefold())), row["weight"])
        for row in graph.edges.to_pylist()
    }
    assert edges == {
        (frozenset(("numbers", "primes")), 2),
        (frozenset(("numbers", "digits")), 1),
        (frozenset(("primes", "digits")), 1),
    }
    assert [(row["name"], row["reason"]) for row in graph.left_out.to_pylist()] == [("counting", "fewer than 2 seeds")]
    assert graph_from_labels(place, ["ours"], min_count=1).meta["counts"]["nodes"] == 4


def test_meta_says_where_it_comes_from_and_the_seed_sets_are_found(place: Workspace) -> None:
    _write(place, "ours", *SEEDS)
    _write(place, "more", *SEEDS[:1], _seed("five", ("topic", "Numbers")))
    made = graph_from_labels(place, ["ours", "more"])
    graph = Snapshot.open(find_snapshot(place.graphs))
    assert graph.fingerprint == made.fingerprint
    sets = seed_sets_of(place, graph)
    assert [entry["name"] for entry in sets] == ["ours", "more"]
    assert graph.meta["labels"] == {"seeds": sets, "labelled": 4, "unlabelled": 1, "file": None}
    assert (graph.meta["runs"], graph.meta["embedder"]["name"]) == ([], "none")
    assert graph.seeds.num_rows == 5


def test_walks_of_such_a_graph_find_their_examples(place: Workspace) -> None:
    _write(place, "ours", *SEEDS)
    graph = graph_from_labels(place, ["ours"])
    items = CompositionItems.open(describe_walks(graph.fingerprint, seed_sets_of(place, graph), seed=1), place.root)
    drawn = items.take(np.arange(20))
    assert {shot.question for item in drawn for shot in item.shots} == {"one", "two", "three"}


def test_names_are_merged_by_meaning_on_request_only(place: Workspace) -> None:
    names = ("Calculating Solution from Solute and Solvent", "Calculating Solvent from Solution and Solute")
    labels = [("knowledge_point", names[number % 2]) for number in range(4)]
    _write(place, "ours", *(_seed(f"q{number}", label, ("topic", "t")) for number, label in enumerate(labels)))
    assert graph_from_labels(place, ["ours"]).meta["counts"]["nodes"] == 3
    by_meaning = graph_from_labels(place, ["ours"], threshold=0.85)
    assert by_meaning.meta["counts"]["nodes"] == 2
    assert by_meaning.meta["embedder"]["name"] != "none"


def test_a_label_file_adds_to_what_seeds_carry_and_says_what_found_no_partner(place: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(
        orjson.dumps({
            "question2skill": {" four\n": ["adding"], "three": ["adding"], "nobody's": ["x"]},
            "question2topic": {"four": ["Sums"]},
        })
    )  # fmt: skip
    labelled = label_rows(SEEDS, read_label_file(path))
    assert (labelled.unlabelled, labelled.unmatched) == (0, 1)
    rows = {row["seed_id"]: row for row in labelled.rows.to_pylist()}
    assert rows[seed_id("four")] == {
        "seed_id": seed_id("four"), "topics": ["Sums"], "knowledge_points": [], "skills": ["adding"],
    }  # fmt: skip
    assert rows[seed_id("three")]["skills"] == ["counting", "adding"]
    _write(place, "ours", *SEEDS)
    origin = graph_from_labels(place, ["ours"], labels_from=path).meta["labels"]
    assert (origin["file"]["name"], origin["file"]["unmatched"]) == ("labels.json", 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        (b"{", "no JSON"),
        (b"[]", "maps no questions"),
        (b'{"question2skill": []}', "maps no questions"),
        (b'{"question2skill": {"q": "adding"}}', "no list of names"),
        (b'{"question2skill": {"q": [1]}}', "no list of names"),
    ],
)
def test_a_faulty_label_file_is_one_error(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "labels.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_label_file(path)
    assert says in str(error.value)
    assert "question2skill" in str(error.value)
    assert str(path) in str(error.value)


def test_seeds_without_labels_are_one_error_with_the_next_command(place: Workspace) -> None:
    _write(place, "bare", _seed("one"), _seed("two"))
    with pytest.raises(InputError, match=r"no seed of bare has a label.*skillweave graph build bare"):
        graph_from_labels(place, ["bare"])


def test_the_graph_does_not_depend_on_the_order_of_seeds_or_of_hashes(place: Workspace) -> None:
    _write(place, "ours", *SEEDS)
    _write(place, "theirs", *reversed(SEEDS))
    made = graph_from_labels(place, ["ours"]).fingerprint
    assert graph_from_labels(place, ["theirs"]).fingerprint == made
    code = (
        "import sys; from pathlib import Path; from engine.workspace import Workspace; "
        "from graph.labels import graph_from_labels; "
        "print(graph_from_labels(Workspace(Path(sys.argv[1])), ['ours']).fingerprint)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(place.root)],
        cwd=REPOSITORY, env={"PYTHONHASHSEED": "7", "PATH": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == made


def test_a_column_of_any_file_becomes_labels_and_a_graph_by_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,chapter,tags\nq1,Sums,adding; carrying\nq2,Sums,adding\nq3,Sums,carrying\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "skillweave", *arguments, "--workspace", str(tmp_path / "workspace")]
        return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    columns = [part for pair in ("question=text", "topics=chapter", "skills=tags") for part in ("--column", pair)]
    imported = run("seeds", "import", str(path), *columns)
    assert (imported.returncode, imported.stdout) == (0, "3 seeds in mine, 0 rows skipped\n")
    assert "read as the format plain" in imported.stderr
    built = run("graph", "build", "mine", "--labels")
    assert built.returncode == 0, built.stderr
    assert "3 concepts, 3 edges, 3 seeds, 0 concepts left out" in built.stdout
    assert "no model was asked: 3 seeds have labels, 0 have none" in built.stderr
    assert run("graph", "build", "mine", "--labels", "--reuse", "x").returncode == 2


@real
def test_tal_by_its_routes(place: Workspace) -> None:
    seeds = load_seeds(TAL).seeds
    write_seeds(seeds, place.seeds / "tal.parquet")
    assert read_seeds(place.seeds / "tal.parquet") == list(seeds)
    graph = graph_from_labels(place, ["tal"])
    assert Counter(graph.nodes["kind"].to_pylist()) == {"knowledge_point": 251, "topic": 117}
    assert (graph.edges.num_rows, graph.left_out.num_rows) == (809, 130)
    degree = np.diff(graph.adjacency().indptr)
    assert int((degree == 0).sum()) == 1
    assert Counter(graph.edges["kinds"].to_pylist())["knowledge_point-knowledge_point"] == 29


@real
def test_gsm8k_by_its_skill_map_is_fourteen_skills_and_no_edge(place: Workspace) -> None:
    write_seeds(load_seeds(DATA / "gsm8k" / "train.jsonl").seeds, place.seeds / "gsm8k.parquet")
    graph = graph_from_labels(place, ["gsm8k"], labels_from=SKILLS)
    assert (graph.nodes.num_rows, graph.edges.num_rows) == (14, 0)
    assert set(graph.nodes["kind"].to_pylist()) == {"skill"}
    assert sum(graph.nodes["count"].to_pylist()) == 7473
    assert graph.meta["labels"]["file"]["unmatched"] == 0

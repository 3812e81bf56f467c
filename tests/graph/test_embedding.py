from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from model2vec import StaticModel

from engine.errors import InputError
from engine.files import file_hash
from engine.workspace import data_path
from graph.embedding import OURS, Embedder, default_embedder, folder_digest, open_embedder
from graph.lexicon import load_lexicon

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "law of sines",
    "",
    "?",
    "sine rule",
    "ÉQUATION  of the line's slope",
    "漢字",
    "x" * 5000,
    "½ + 1/3",
    "\ud800 circle",
]


@pytest.fixture(scope="module")
def ours() -> Embedder:
    return default_embedder()


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same small lexicon built twice, under different hash seeds."""
    base = tmp_path_factory.mktemp("builds")
    lexicon = base / "lexicon"
    lexicon.mkdir()
    shutil.copy(data_path("lexicon", "number_theory.jsonl"), lexicon)
    names = {json.loads(line)["name"] for line in (lexicon / "number_theory.jsonl").read_text().splitlines()}
    lines = []
    for line in (lexicon / "number_theory.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["kind"] == "knowledge_point":
            record["topic"] = [topic for topic in record["topic"] if topic in names]
        lines.append(json.dumps(record))
    (lexicon / "number_theory.jsonl").write_text("\n".join(lines))
    folders = []
    for hash_seed in ("1", "2"):
        folder = base / hash_seed
        command = [sys.executable, str(ROOT / "scripts" / "build_embedding.py"), "--tokens", "700", "--steps", "60"]
        command += ["--lexicon", str(lexicon), "--seeds", str(base / "none"), "--out", str(folder)]
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        subprocess.run(command, check=True, env=environment, capture_output=True, timeout=120)
        folders.append(folder)
    return folders


def test_two_builds_give_the_same_bytes(two_builds: list[Path]) -> None:
    one, two = ({file.name: file_hash(file) for file in folder.iterdir()} for folder in two_builds)
    assert one == two
    assert folder_digest(two_builds[0]) == folder_digest(two_builds[1])


def test_a_build_holds_four_files_that_everybody_may_read(two_builds: list[Path]) -> None:
    files = sorted(two_builds[0].iterdir())
    assert [file.name for file in files] == ["config.json", "model.safetensors", "modules.json", "tokenizer.json"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o644}


def test_a_built_folder_opens_like_ours(two_builds: list[Path]) -> None:
    built = open_embedder(str(two_builds[0]))
    assert built.name == str(two_builds[0])
    assert built.dimension == 128
    asked, near, far = built.encode(["HCF", "greatest common divisor", "base conversion"])
    assert asked @ near > asked @ far + 0.3


def test_ours_is_the_small_model_that_model2vec_reads(ours: Embedder) -> None:
    folder = data_path("embedding")
    model = StaticModel.from_pretrained(folder)
    assert (ours.name, ours.dimension) == (OURS, 128)
    assert model.embedding.dtype == np.float32
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3_500_000
    assert not (folder / "README.md").exists()
    np.testing.assert_array_equal(model.encode(["sine rule"]), ours.encode(["sine rule"]))


def test_vectors_have_length_one_or_are_zero(ours: Embedder) -> None:
    vectors = ours.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 128)
    assert vectors.dtype == np.float32
    zero = [text in {"", "?", "漢字"} for text in TEXTS]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.where(zero, 0, 1), atol=1e-6)
    assert ours.encode([]).shape == (0, 128)


def test_a_vector_does_not_depend_on_its_neighbours(ours: Embedder) -> None:
    together = ours.encode(TEXTS)
    alone = np.vstack([ours.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)


def test_case_accents_and_signs_do_not_count(ours: Embedder) -> None:
    one, two = ours.encode(["Viète's formulas!", "VIETE   FORMULAS"])
    np.testing.assert_array_equal(one, two)


def test_no_text_has_an_unknown_token() -> None:
    tokenizer = StaticModel.from_pretrained(data_path("embedding")).tokenizer
    for text in [*TEXTS[:-1], "qzxj7" * 40, "0123456789 abcdefghijklmnopqrstuvwxyz"]:
        assert "[UNK]" not in tokenizer.encode(text).tokens


@pytest.mark.parametrize(
    ("name", "alias", "contrast"),
    [
        ("law of sines", "sine rule", "law of cosines"),
        ("permutations", "ordered arrangements", "combinations"),
        ("greatest common divisor", "highest common factor", "least common multiple"),
        ("arithmetic mean", "average", "median"),
        ("area of a trapezoid", "trapezium area", "area of a triangle"),
        ("eigenvalues", "characteristic roots", "eigenvectors"),
        ("pigeonhole principle", "Dirichlet's box principle", "inclusion-exclusion principle"),
        ("dot product", "scalar product", "cross product"),
    ],
)
def test_an_alias_is_nearer_than_a_contrast(ours: Embedder, name: str, alias: str, contrast: str) -> None:
    own, near, far = ours.encode([name, alias, contrast])
    assert own @ near > own @ far


def test_aliases_of_the_lexicon_lead_to_their_concepts(ours: Embedder) -> None:
    points = [entry for entry in load_lexicon().of_kind("knowledge_point") if entry.aliases]
    scores = ours.encode([point.aliases[-1] for point in points]) @ ours.encode([point.name for point in points]).T
    assert (scores.argmax(axis=1) == np.arange(len(points))).mean() > 0.95


def test_the_digest_covers_every_file(two_builds: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(two_builds[0], copy)
    before = folder_digest(copy)
    (copy / ".hidden").write_text("not the model's")
    assert folder_digest(copy) == before == open_embedder(str(copy)).digest
    (copy / "config.json").write_text((copy / "config.json").read_text() + "\n")
    assert folder_digest(copy) != before


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "not json", "no tokenizer"])
def test_a_folder_that_is_no_model_is_one_clear_error(two_builds: list[Path], tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    if damage == "empty":
        folder.mkdir()
    elif damage != "missing":
        shutil.copytree(two_builds[0], folder)
    if damage == "cut":
        os.truncate(folder / "model.safetensors", 1000)
    elif damage == "not json":
        (folder / "config.json").write_text("{")
    elif damage == "no tokenizer":
        (folder / "tokenizer.json").unlink()
    with pytest.raises(InputError, match=r"give the folder of a static model, or `skillweave` for ours") as caught:
        open_embedder(str(folder))
    assert str(folder) in str(caught.value)


def test_a_model_of_broken_numbers_is_refused(two_builds: list[Path], tmp_path: Path) -> None:
    model = StaticModel.from_pretrained(two_builds[0])
    model.embedding[:] = np.nan
    model.save_pretrained(tmp_path / "model")
    with pytest.raises(InputError, match="gives no numbers"):
        open_embedder(str(tmp_path / "model"))


def test_ours_has_a_name_and_is_read_once() -> None:
    assert open_embedder(OURS) is default_embedder() is open_embedder(OURS)

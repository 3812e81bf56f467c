"""The real sentence-transformers package, on our own model's folder and on a small transformer of no training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.errors import InputError
from engine.workspace import Workspace, data_path
from generation.making import questions_of
from graph.commands import graph_commands
from graph.embedding import OURS, chosen_embedder, default_embedder, open_embedder
from graph.lexicon import load_lexicon
from graph.seed_commands import seeds_app
from graph.snapshot import Snapshot, find_snapshot
from skillweave.models import CommandLineModels

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
HUB_NAME = "somebody/some-model"
TEXTS = ["law of sines", "", "?", "漢字", "x" * 5000, "½ + 1/3", "\ud800 circle"]


@pytest.fixture(scope="module", autouse=True)
def _package() -> None:
    pytest.importorskip("sentence_transformers")


@pytest.fixture(scope="module")
def ours_for_them(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our folder without the file that model2vec knows it by: only sentence-transformers reads it."""
    folder = tmp_path_factory.mktemp("models") / "ours"
    shutil.copytree(data_path("embedding"), folder)
    (folder / "config.json").unlink()
    return folder


@pytest.fixture(scope="module")
def small_transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers and random weights with mean pooling, as its makers' tools write it."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    library: Any = pytest.importorskip("sentence_transformers")
    base = tmp_path_factory.mktemp("transformer")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "law", "of", "sine", "cosine", "##s", "area", "circle"]
    (base / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertModel(config).save_pretrained(base / "bert")
    transformers.BertTokenizerFast(vocab=str(base / "vocab.txt")).save_pretrained(base / "bert")
    library.SentenceTransformer(str(base / "bert"), device="cpu").save(str(base / "model"))
    return base / "model"


def test_sentence_transformers_reads_our_folder_and_gives_the_same_vectors() -> None:
    library = pytest.importorskip("sentence_transformers")
    model = library.SentenceTransformer(str(data_path("embedding")), device="cpu")
    texts = [name for entry in load_lexicon() for name in entry.names] + ["", "?", "漢字", "x" * 5000, "½ + 1/3"]
    theirs = model.encode(texts)
    assert np.isfinite(theirs).all()
    np.testing.assert_allclose(theirs, default_embedder().encode(texts), rtol=0, atol=1e-6)


def test_our_embedder_opens_it_and_gives_the_same_vectors(ours_for_them: Path) -> None:
    theirs = open_embedder(str(ours_for_them))
    assert (theirs.name, theirs.dimension) == (str(ours_for_them), 128)
    np.testing.assert_allclose(theirs.encode(TEXTS), default_embedder().encode(TEXTS), rtol=0, atol=1e-6)
    assert theirs.encode([]).shape == (0, 128)


def test_a_transformer_gives_unit_vectors_and_has_a_digest_of_what_decides_them(
    small_transformer: Path, tmp_path: Path
) -> None:
    embedder = open_embedder(str(small_transformer))
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    copy = tmp_path / "copy"
    shutil.copytree(small_transformer, copy)
    (copy / "README.md").write_text("words about it")
    (copy / "onnx").mkdir()
    (copy / "onnx" / "model.onnx").write_text("for another library")
    assert open_embedder(str(copy)).digest == embedder.digest
    settings = copy / "1_Pooling" / "config.json"
    pooling = json.loads(settings.read_text())
    settings.write_text(json.dumps(pooling, indent=8))
    assert open_embedder(str(copy)).digest != embedder.digest


def test_what_a_model_gives_no_numbers_for_is_zero(ours_for_them: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder: Any = open_embedder(str(ours_for_them))
    monkeypatch.setattr(embedder._model, "encode", lambda texts, **_: np.array([[np.nan, 1], [3, 4], [0, 0]]))
    np.testing.assert_allclose(embedder.encode(["a", "b", "c"]), [[0, 0], [0.6, 0.8], [0, 0]], atol=1e-7)


@pytest.mark.parametrize("damage", ["weights", "modules"])
def test_a_damaged_folder_is_one_clear_error(ours_for_them: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(ours_for_them, folder)
    (folder / {"weights": "model.safetensors", "modules": "modules.json"}[damage]).write_text("{")
    with pytest.raises(InputError, match=r"cannot be read .*give the folder of a model, its name on the hub"):
        open_embedder(str(folder))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A hub that answers nobody, and its cache."""
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_name_of_the_hub_without_a_network_is_one_clear_error(no_network: Path) -> None:
    with pytest.raises(InputError, match=r"no embedding model 'somebody/some-model': there is no such folder, and the"):
        open_embedder(HUB_NAME)


def test_a_name_of_the_hub_is_opened_from_its_cache(no_network: Path, ours_for_them: Path) -> None:
    revision = "0" * 40
    entry = no_network / f"models--{HUB_NAME.replace('/', '--')}"
    shutil.copytree(ours_for_them, entry / "snapshots" / revision)
    (entry / "refs").mkdir()
    (entry / "refs" / "main").write_text(revision)
    embedder = open_embedder(HUB_NAME)
    assert embedder.name == HUB_NAME
    assert embedder.digest == open_embedder(str(ours_for_them)).digest


def test_the_workspace_chooses_the_embedder_and_the_command_line_goes_first(
    tmp_path: Path, ours_for_them: Path
) -> None:
    place = Workspace(tmp_path)
    assert chosen_embedder(place).name == OURS
    place.config.write_text(f'[embedder]\nmodel = "{ours_for_them}"\n')
    assert chosen_embedder(place).name == str(ours_for_them)
    assert chosen_embedder(place, OURS).name == OURS
    place.config.write_text('[embedder]\nname = "x"\n')
    with pytest.raises(InputError, match="its setting is model"):
        chosen_embedder(place)


def test_a_graph_built_with_it_has_the_same_merges_and_grows_with_no_other(tmp_path: Path, ours_for_them: Path) -> None:
    place = Workspace(tmp_path / "workspace")
    graph = graph_commands(questions_of, CommandLineModels())
    lines = data_path("seeds", "college.jsonl").read_text().splitlines(keepends=True)

    def run(app: Any, *arguments: str) -> None:
        CliRunner().invoke(app, [*arguments, "--workspace", str(place.root)], catch_exceptions=False)

    for name, part in (("first", lines[:40]), ("more", lines[40:60])):
        (tmp_path / f"{name}.jsonl").write_text("".join(part))
        run(seeds_app, "import", str(tmp_path / f"{name}.jsonl"))
    run(graph, "build", "first")
    default = Snapshot.open(find_snapshot(place.graphs))
    shutil.rmtree(place.graphs)  # the same rows are the same graph, and the one that is there stays
    run(graph, "build", "first", "--embedder", str(ours_for_them))
    theirs = Snapshot.open(find_snapshot(place.graphs))
    assert theirs.fingerprint == default.fingerprint
    assert theirs.merges.drop_columns("score") == default.merges.drop_columns("score")
    assert theirs.meta["embedder"] == {
        "name": str(ours_for_them),
        "digest": open_embedder(str(ours_for_them)).digest,
        "dimension": 128,
    }
    assert theirs.meta["embedder"]["digest"] != default.meta["embedder"]["digest"]
    with pytest.raises(InputError, match="vectors of two models are never mixed"):
        run(graph, "build", "more", "--onto", "latest", "--embedder", OURS)
    run(graph, "build", "more", "--onto", "latest")
    assert Snapshot.open(find_snapshot(place.graphs)).meta["embedder"] == theirs.meta["embedder"]

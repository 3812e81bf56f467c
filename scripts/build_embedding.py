#!/usr/bin/env python3
"""Build data/embedding: a static embedding model for names of concepts, from our own texts alone.

    scripts/build_embedding.py                                   # 15 seconds of CPU; prints what it made
    scripts/build_embedding.py --out /tmp/model --tokens 1500 --steps 200

1. Texts: the lexicon (per concept its names and cues) and the seeds of data/seeds. Nothing else.
2. A WordPiece vocabulary: all characters, whole words, and pieces of words, by count and then by spelling. Text is
   reduced to [a-z0-9] and every character is a token, so no text has an unknown token.
3. Each token's first vector: half from what stands near it (PPMI, SVD), half from its spelling (character n-grams,
   SVD), weighted by rarity.
4. Names of one concept are drawn together, names of others pushed apart: multiple negatives ranking, with one more
   negative a pair in which a word is replaced by its contrast ("law of sines", "law of cosines"). All names of a batch
   stand in one shared phrase, so that only what differs can tell them apart.

Two builds on one machine give the same bytes, whatever PYTHONHASHSEED: one thread, sorted ties, seeded chance.
The folder is read by model2vec and by sentence-transformers. Needs the test requirements (scikit-learn, scipy).
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.utils.extmath import randomized_svd
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph.lexicon import Entry, load_lexicon, normal
from graph.merging.domains import taught_contrasts

UNKNOWN = "[UNK]"
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
LONGEST_WORD = 32
PHRASES = (
    *(
        "{}",
        "{}",
        "{}",
        "{} problems",
        "solving {}",
        "finding {}",
        "using {}",
        "properties of {}",
        "{} in word problems",
    ),
    *("applying {}", "understanding {}", "calculating {}", "basic {}", "{} of numbers", "definition of {}", "{} rules"),
    *("application of {}", "concept of {}", "computing {}", "{} questions", "introduction to {}", "comparing {}"),
)
"""What people write around a name. A batch shares one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the model besides the texts."""

    tokens: int = 6000
    dimension: int = 128
    steps: int = 600
    batch: int = 160
    rate: float = 0.01
    """Adam's step at the start; it falls linearly to a tenth."""
    pull: float = 0.005
    """Share of the way back to its first vector that a token goes after each step: without it names are learned by
    heart, and unknown ones are found less often than before the training (design/006-embedding-model.md)."""
    scale: float = 20.0
    """Cosines are multiplied by it before the softmax."""
    window: int = 8
    """Tokens on each side that count as near."""
    seed: int = 13


def make_tokenizer(vocabulary: Sequence[str]) -> Tokenizer:
    """A WordPiece tokenizer over text reduced to [a-z0-9]; words over LONGEST_WORD letters are cut."""
    ids = {token: number for number, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(vocab=ids, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex("['’]s\\b|['’]"), ""),
            normalizers.Replace(Regex("[^a-z0-9]+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Split(Regex(f".{{1,{LONGEST_WORD}}}"), "removed", invert=True),
        ]
    )
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def count_vocabulary(texts: Iterable[str], size: int) -> list[str]:
    """`size` tokens: [UNK], characters, then words (two thirds of the room) and pieces by count, ties by spelling."""
    normaliser = make_tokenizer([UNKNOWN]).normalizer
    words = Counter(word for text in texts for word in normaliser.normalize_str(text).split())
    alphabet = [UNKNOWN, *CHARACTERS, *(f"##{character}" for character in CHARACTERS)]
    pieces: Counter[str] = Counter()
    for word, count in words.items():
        for start in range(len(word)):
            for end in range(start + 2, min(start + 7, len(word) + 1)):
                pieces[f"##{word[start:end]}" if start else word[start:end]] += min(count, 5)
    known = dict.fromkeys(alphabet)
    by_count = sorted((-count, word) for word, count in words.items() if len(word) <= LONGEST_WORD)
    room = size - len(known)
    known.update(dict.fromkeys(word for _, word in by_count[: room * 2 // 3]))
    for _, piece in sorted((-count * len(piece), piece) for piece, count in pieces.items()):
        if len(known) >= size:
            break
        known.setdefault(piece)
    return list(known)


def first_vectors(
    tokenizer: Tokenizer, documents: Sequence[str], vocabulary: Sequence[str], settings: Settings
) -> NDArray[np.float32]:
    """(tokens, dimension): neighbourhood and spelling, halves of equal length, times rarity; [UNK] is zero."""
    half = settings.dimension // 2
    rows = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(documents))]
    near = _reduced(_positive_information(rows, len(vocabulary), settings.window), half, settings.seed)
    spelled = _reduced(_spelling(vocabulary), settings.dimension - half, settings.seed)
    holding = np.bincount(np.concatenate([np.unique(row) for row in rows if row]), minlength=len(vocabulary))
    rarity = np.log((1 + len(rows)) / (1 + holding)).astype(np.float32)
    vectors = np.hstack([_unit(near), _unit(spelled)]) * rarity[:, None]
    vectors[0] = 0
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1).mean(), dtype=np.float32)


def _positive_information(rows: Sequence[Sequence[int]], size: int, window: int) -> csr_array:
    """Positive pointwise mutual information of tokens within the window, near ones counting more. (size, size)."""
    near: Counter[tuple[int, int]] = Counter()
    for row in rows:
        for place, token in enumerate(row):
            for distance, other in enumerate(row[place + 1 : place + 1 + window], start=1):
                near[min(token, other), max(token, other)] += window + 1 - distance
    pairs = sorted(near)
    left, right = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    counts = np.array([near[pair] for pair in pairs], dtype=np.float64)
    one_way = csr_array((counts, (left, right)), shape=(size, size))
    both = (one_way + one_way.T).tocoo()
    totals = np.asarray(both.sum(axis=1)).ravel()
    smooth = totals**0.75
    information = np.log(both.data * smooth.sum() / (totals[both.row] * smooth[both.col]))
    keep = information > 0
    return csr_array((information[keep], (both.row[keep], both.col[keep])), shape=(size, size))


def _spelling(vocabulary: Sequence[str]) -> csr_array:
    """Tokens by character n-grams of 2 to 5, weighted by rarity. (tokens, n-grams)."""
    grams: dict[str, int] = {}
    places: list[tuple[int, int]] = []
    for number, token in enumerate(vocabulary):
        word = token[2:] if token.startswith("##") else f"<{token}"
        word = f"{word}>"
        for length in range(2, 6):
            places += [
                (number, grams.setdefault(word[start : start + length], len(grams)))
                for start in range(len(word) - length + 1)
            ]
    row, column = np.array(places).T
    counts = csr_array((np.ones(len(places)), (row, column)), shape=(len(vocabulary), len(grams)))
    return counts @ diags_array(np.log(len(vocabulary) / np.bincount(column, minlength=len(grams))))


def _reduced(matrix: csr_array, dimension: int, seed: int) -> NDArray[np.float64]:
    left, values, _ = randomized_svd(matrix, dimension, n_iter=6, random_state=seed)
    return np.asarray(left * np.sqrt(values))


def _unit(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))


class NameTrainer:
    """Draws names of one concept together, step by step."""

    def __init__(
        self, entries: Sequence[Entry], tokenizer: Tokenizer, vectors: NDArray[np.float32], settings: Settings
    ):
        self.entries = [entry for entry in entries if entry.aliases]
        self.tokenizer, self.vectors, self.settings = tokenizer, vectors, settings
        self.chance = np.random.default_rng(settings.seed)
        self.swaps = _swaps(taught_contrasts())
        self.owners = {normal(name): place for place, entry in enumerate(self.entries) for name in entry.names}
        by_topic: dict[str, list[int]] = {}
        for place, entry in enumerate(self.entries):
            by_topic.setdefault((entry.topics or (entry.kind,))[0], []).append(place)
        self.by_topic = [place for topic in sorted(by_topic) for place in by_topic[topic]]
        self.first = vectors.copy()
        self.mean, self.square = np.zeros_like(vectors), np.zeros_like(vectors)

    def train(self) -> float:
        """All steps; the mean loss of the last tenth."""
        losses = [self._step(step) for step in range(self.settings.steps)]
        return float(np.mean(losses[-max(1, len(losses) // 10) :])) if losses else 0.0

    def _step(self, step: int) -> float:
        chosen = self._chosen()
        phrases = [PHRASES[place] for place in self.chance.integers(len(PHRASES), size=2)]
        if step % 2:
            phrases[1] = phrases[0]
        names = [self._two_names(self.entries[place]) for place in chosen]
        others = [self._contrary(one) for one, _ in names]
        owners = np.array([*chosen, *(self.owners.get(normal(name), -1) for name in others)])
        same = owners[None, :] == np.array(chosen)[:, None]
        left = self._bags([phrases[0].format(one) for one, _ in names])
        right = self._bags([phrases[1].format(name) for name in [two for _, two in names] + others])
        here, there = left @ self.vectors, right @ self.vectors
        loss, here_slope, there_slope = ranking_loss(here, there, same, self.settings.scale)
        slope = left.T @ here_slope + right.T @ there_slope
        self._adam(slope, step)
        self.vectors -= np.float32(self.settings.pull) * (self.vectors - self.first)
        return loss

    def _chosen(self) -> list[int]:
        """Half of a batch anywhere, half side by side in the order of topics, where names are near each other."""
        size = min(self.settings.batch, len(self.entries))
        start = int(self.chance.integers(len(self.by_topic)))
        beside = [self.by_topic[(start + step) % len(self.by_topic)] for step in range(size // 2)]
        anywhere = self.chance.permutation(len(self.entries))
        return list(dict.fromkeys([*beside, *anywhere.tolist()]))[:size]

    def _two_names(self, entry: Entry) -> tuple[str, str]:
        one, two = self.chance.choice(len(entry.names), size=2, replace=False)
        return entry.names[one], entry.names[two]

    def _contrary(self, name: str) -> str:
        """The name with one word replaced by a contrast; where there is none, a name of another concept."""
        words = name.lower().split()
        places = [place for place, word in enumerate(words) if word in self.swaps]
        if not places:
            return self.entries[int(self.chance.integers(len(self.entries)))].name
        place = places[int(self.chance.integers(len(places)))]
        choice = self.swaps[words[place]]
        words[place] = choice[int(self.chance.integers(len(choice)))]
        return " ".join(words)

    def _bags(self, texts: list[str]) -> csr_array:
        """(texts, tokens): the share of each token in its text."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts)]
        ends = np.cumsum([0, *(len(row) for row in ids)])
        shares = np.concatenate([np.full(len(row), 1 / len(row), dtype=np.float32) for row in ids])
        return csr_array((shares, np.concatenate(ids), ends), shape=(len(texts), len(self.vectors)))

    def _adam(self, slope: NDArray[np.float32], step: int) -> None:
        rate = self.settings.rate * (1 - 0.9 * step / self.settings.steps)
        self.mean += np.float32(0.1) * (slope - self.mean)
        self.square += np.float32(0.01) * (slope * slope - self.square)
        mean, square = self.mean / (1 - 0.9 ** (step + 1)), self.square / (1 - 0.99 ** (step + 1))
        self.vectors -= (rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)


def ranking_loss(
    here: NDArray[np.float32], there: NDArray[np.float32], same: NDArray[np.bool_], scale: float
) -> tuple[float, NDArray[np.float32], NDArray[np.float32]]:
    """Multiple negatives ranking: row i of `here` (n, d) belongs to row i of `there` (m >= n, d).

    Other rows that mean the same (`same`, (n, m)) count neither for nor against it. Returns the mean cross-entropy of
    softmax(scale * cosine) and its slopes for both.
    """
    here_length, there_length = (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-12 for rows in (here, there))
    here_unit, there_unit = here / here_length, there / there_length
    scores = scale * here_unit @ there_unit.T
    own = np.arange(len(here))
    scores[same & (np.arange(len(there)) != own[:, None])] = -np.inf
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    shares /= shares.sum(axis=1, keepdims=True)
    loss = float(-np.log(shares[own, own] + 1e-12).mean())
    shares[own, own] -= 1
    shares *= scale / len(here)
    here_slope, there_slope = shares @ there_unit, shares.T @ here_unit
    return (
        loss,
        (here_slope - (here_slope * here_unit).sum(axis=1, keepdims=True) * here_unit) / here_length,
        (there_slope - (there_slope * there_unit).sum(axis=1, keepdims=True) * there_unit) / there_length,
    )


def _swaps(groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """word -> the words it is in contrast with, singular and plural."""
    swaps: dict[str, list[str]] = {}
    for group in groups:
        single = [word for word in group if " " not in word]
        for ending in ("", "s"):
            for word in single:
                swaps.setdefault(word + ending, []).extend(other + ending for other in single if other != word)
    return {word: tuple(dict.fromkeys(others)) for word, others in swaps.items() if others}


def documents_of(entries: Iterable[Entry], seeds: Path) -> list[str]:
    """One text a name, one a concept (all its names, its topics and cues), and the sentences of the seeds."""
    texts: list[str] = []
    for entry in entries:
        texts += [*entry.names, " ".join([*entry.names, *entry.topics]), " ".join([entry.name, *entry.cues])]
    for file in sorted(seeds.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            record = json.loads(line)
            for text in (record["question"], record.get("solution", "")):
                texts += [sentence for sentence in re.split(r"(?<=[.?!])\s+", text) if sentence]
    return texts


def build(entries: Sequence[Entry], documents: Sequence[str], settings: Settings) -> tuple[StaticModel, float]:
    """The model and its last loss."""
    vocabulary = count_vocabulary(documents, settings.tokens)
    tokenizer = make_tokenizer(vocabulary)
    trainer = NameTrainer(entries, tokenizer, first_vectors(tokenizer, documents, vocabulary, settings), settings)
    loss = trainer.train()
    trainer.vectors[0] = 0
    return StaticModel(trainer.vectors, tokenizer, normalize=True, max_length=None), loss


def save(model: StaticModel, folder: Path) -> None:
    """Write the folder: model.safetensors, tokenizer.json, config.json, modules.json, readable by everybody."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    for file in sorted(folder.iterdir()):
        if file.suffix == ".json":
            content = json.loads(file.read_text())
            file.write_text(json.dumps(content, ensure_ascii=False, indent=None if len(content) > 6 else 2) + "\n")
        file.chmod(0o644)


def main() -> None:
    """Build from the command line's folders and print size and time."""
    root = Path(__file__).resolve().parent.parent / "data"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lexicon", type=Path, default=root / "lexicon", help="folder of *.jsonl")
    parser.add_argument("--seeds", type=Path, default=root / "seeds", help="folder of *.jsonl; may be empty")
    parser.add_argument("--out", type=Path, default=root / "embedding", help="folder to write")
    parser.add_argument("--tokens", type=int, default=Settings().tokens, help="size of the vocabulary")
    parser.add_argument("--steps", type=int, default=Settings().steps, help="steps of training")
    given = parser.parse_args()
    entries = list(load_lexicon(given.lexicon))
    documents = documents_of(entries, given.seeds)
    model, loss = build(entries, documents, Settings(tokens=given.tokens, steps=given.steps))
    save(model, given.out)
    size = sum(file.stat().st_size for file in given.out.iterdir())
    print(
        f"{given.out}: {len(model.embedding)} tokens x {model.dim} from {len(documents)} texts, "
        f"{size / 1e6:.2f} MB, loss {loss:.3f}, {time.process_time():.1f} CPU s"
    )


if __name__ == "__main__":
    main()

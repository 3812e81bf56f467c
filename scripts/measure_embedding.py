#!/usr/bin/env python3
"""Measure how well our embedding model knows names it was not built with, beside TF-IDF over characters.

    scripts/measure_embedding.py        # two builds, half a minute of CPU; the figures of design/006-embedding-model.md

Two builds, each without a part of the lexicon that is then asked for:
aliases   every concept with two aliases or more lacks one of them, and the cues that give it away
concepts  every sixth concept is left out whole
A left-out name should be nearest to the remaining names of its own concept, among the names of all: R@1, R@3. Pairs of
a left-out name with its concept's should also be nearer than pairs that look alike and are held apart by
data/contrasts.json: AUC, the mean cosine of both, and how many of both reach the threshold of merging. `--part tune`
leaves out other aliases and concepts than `--part test`: settings were chosen on the first, figures are reported on
the second.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from build_embedding import Settings, build, documents_of
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score

from engine.workspace import data_path
from graph.lexicon import Entry, load_lexicon
from graph.merging.domains import load_contrasts
from graph.merging.guards import Guards

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
MERGED = 0.85
CONTRASTS = 800
"""How many of the pairs that are held apart are compared: those that look most alike."""


def without_aliases(entries: Sequence[Entry], part: int) -> tuple[list[Entry], list[tuple[str, int]]]:
    """The entries less one alias each, and (left-out alias, place of its entry)."""
    kept, asked = list(entries), []
    for place, entry in enumerate(entries):
        if len(entry.aliases) < 2:
            continue
        out = entry.aliases[(place + part) % len(entry.aliases)]
        others = tuple(alias for alias in entry.aliases if alias != out)
        words = set(out.lower().split()) - set(" ".join([entry.name, *others]).lower().split())
        cues = tuple(cue for cue in entry.cues if not words & set(cue.split()))
        kept[place] = replace(entry, aliases=others, cues=cues)
        asked.append((out, place))
    return kept, asked


def without_concepts(entries: Sequence[Entry], part: int) -> tuple[list[Entry], list[tuple[str, int]]]:
    """The entries less every sixth that has an alias, and (first alias, place in `entries`) of those."""
    out = [place for place, entry in enumerate(entries) if place % 6 == part and entry.aliases]
    gone = set(out)
    return [entry for place, entry in enumerate(entries) if place not in gone], [
        (entries[place].aliases[0], place) for place in out
    ]


def recall(encode: Encode, entries: Sequence[Entry], asked: Sequence[tuple[str, int]]) -> tuple[float, float]:
    """R@1 and R@3 of the asked names' concepts among all names but the asked ones."""
    left_out = {name for name, _ in asked}
    names = [(name, place) for place, entry in enumerate(entries) for name in entry.names if name not in left_out]
    owner = np.array([place for _, place in names])
    scores = encode([name for name, _ in asked]) @ encode([name for name, _ in names]).T
    best = np.full((len(asked), len(entries)), -1.0)
    for column, place in enumerate(owner):
        best[:, place] = np.maximum(best[:, place], scores[:, column])
    own = best[np.arange(len(asked)), [place for _, place in asked]]
    rank = (best > own[:, None]).sum(axis=1)
    return float((rank < 1).mean()), float((rank < 3).mean())


def contrasts(entries: Sequence[Entry], look: Encode) -> list[tuple[str, str]]:
    """Pairs of names of different concepts that a contrast group holds apart, those that look most alike first."""
    guards, names = Guards(load_contrasts()), [entry.name for entry in entries]
    scores = np.triu(look(names) @ look(names).T, k=1)
    pairs: list[tuple[str, str]] = []
    for flat in np.argsort(-scores, axis=None, kind="stable"):
        one, other = (names[place] for place in divmod(int(flat), len(names)))
        if guards.apart(one, other) == "contrast":
            pairs.append((one, other))
        if len(pairs) == CONTRASTS:
            break
    return pairs


def separation(encode: Encode, same: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> tuple[float, ...]:
    """AUC; mean cosine of the same pairs and of the others; share of both at MERGED or over."""
    pairs = [*same, *other]
    cosines = (encode([one for one, _ in pairs]) * encode([two for _, two in pairs])).sum(axis=1)
    truth = np.arange(len(pairs)) < len(same)
    return (
        float(roc_auc_score(truth, cosines)),
        float(cosines[truth].mean()),
        float(cosines[~truth].mean()),
        *(float((cosines[side] >= MERGED).mean()) for side in (truth, ~truth)),
    )


def main() -> None:
    """Build without the left-out names, and print one line a method and question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("tune", "test"), default="test", help="which names are left out")
    parser.add_argument("--steps", type=int, default=Settings().steps, help="steps of training; 0 for none")
    given = parser.parse_args()
    settings, part = Settings(steps=given.steps), ("tune", "test").index(given.part)
    entries = list(load_lexicon())
    for question, (kept, asked) in {
        "aliases": without_aliases(entries, part),
        "concepts": without_concepts(entries, part),
    }.items():
        model, loss = build(kept, documents_of(kept, data_path("seeds")), settings)
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        letters.fit([name for entry in kept for name in entry.names])

        def spelled(texts: Sequence[str], letters: TfidfVectorizer = letters) -> NDArray[np.float32]:
            return np.asarray(letters.transform(texts).toarray(), dtype=np.float32)

        apart = contrasts(entries, spelled)
        same = [(name, entries[place].name) for name, place in asked]
        for method, encode in (("ours", model.encode), ("characters", spelled)):
            first, third = recall(encode, entries, asked)
            area, near, far, merged, wrong = separation(encode, same, apart)
            print(
                f"{question:9}{method:11} asked {len(asked)}  R@1 {first:.3f}  R@3 {third:.3f}  AUC {area:.3f}  "
                f"same {near:.2f}  contrast {far:.2f}  at {MERGED}: {merged:.3f} and {wrong:.3f}"
                + (f"  loss {loss:.3f}" if method == "ours" else "")
            )


if __name__ == "__main__":
    main()

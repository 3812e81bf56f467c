"""Which concepts of the lexicon a name means, and which a question suggests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from graph.embedding import Embedder, default_embedder
from graph.lexicon import Entry, EntryKind, Lexicon, load_lexicon
from graph.merging.domains import load_contrasts
from graph.merging.guards import Guards
from graph.merging.normalise import normalise
from teacher.cues import Cues, Scored

NAME_THRESHOLD = 0.75
"""The least cosine of a name and a lexicon name that is taken to mean the same.

Each alias of a knowledge point looked up among all other names: from 0.75 on 91% of them are answered, and 94% of the
answers are right; from 0.65 on 98% and 93%, from 0.85 on 47% and 96%. The model has learnt from these aliases; names
that it never saw do worse.
"""
QUESTION_THRESHOLD = 0.55
"""The least cosine of a question's words and a knowledge point that is taken to be what the question is about."""
FEWEST_WORDS = 3
"""A question of fewer words than this (`Evaluate: ...`) says nothing by its words."""
NEAREST = 3
"""Knowledge points that a question without any cue gets at most."""
_REMEMBERED = 1 << 14
"""Names that are no lexicon names and are asked for again and again by one graph's prompts."""
_NO_WORDS = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]|\\[a-zA-Z]+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{3,}")


class Recogniser:
    """Recognises concepts; without arguments with our own lexicon, embedding model and guards. Immutable."""

    def __init__(
        self, lexicon: Lexicon | None = None, embedder: Embedder | None = None, guards: Guards | None = None
    ) -> None:
        self.lexicon = load_lexicon() if lexicon is None else lexicon
        self._embedder = default_embedder() if embedder is None else embedder
        self._guards = Guards(load_contrasts()) if guards is None else guards
        self._cues = Cues(self.lexicon)
        self._by_key: dict[tuple[EntryKind, str], Entry] = {}
        for entry in self.lexicon:
            self._by_key.setdefault((entry.kind, normalise(entry.name)), entry)
        for entry in self.lexicon:  # "congruences" is an alias, but "Congruence" is a name and goes first
            for name in entry.aliases:
                self._by_key.setdefault((entry.kind, normalise(name)), entry)
        self._named: dict[EntryKind, list[tuple[str, Entry]]] = {"topic": [], "knowledge_point": []}
        for entry in self.lexicon:
            self._named[entry.kind] += [(name, entry) for name in entry.names]
        self._vectors = {
            kind: self._embedder.encode([name for name, _ in named])  # (names, dimension)
            for kind, named in self._named.items()
        }
        self._by_meaning = lru_cache(maxsize=_REMEMBERED)(self._by_nearest_name)

    def recognise(self, kind: EntryKind, name: str) -> tuple[str, float] | None:
        """The lexicon's name of the concept that `name` means, and the cosine; None where nothing comes near enough.

        An equal name or alias, whatever its case and number, has 1.0. Else it is the nearest by embedding from
        NAME_THRESHOLD on, of equally near ones the first in the lexicon, unless a guard keeps the two names apart.
        """
        if found := self.lexicon.find(name, kind) or self._by_key.get((kind, normalise(name))):
            return found.name, 1.0
        return self._by_meaning(kind, name)

    def _by_nearest_name(self, kind: EntryKind, name: str) -> tuple[str, float] | None:
        for score, near, entry in self._near(kind, name, NAME_THRESHOLD):
            if self._guards.apart(name, near) is None:
                return entry.name, score
        return None

    def suggested(self, question: str) -> tuple[list[Scored], list[Scored]]:
        """Topics and knowledge points that the words of a question suggest, the likeliest first."""
        return self._cues.scores(question)

    def nearest(self, question: str) -> tuple[list[Scored], list[Scored]]:
        """The same by embedding: the nearest knowledge points from QUESTION_THRESHOLD on, and their main topics."""
        words = _WORD.findall(_NO_WORDS.sub(" ", question))
        if len(words) < FEWEST_WORDS:
            return [], []
        points: dict[str, Scored] = {}
        for score, _, entry in self._near("knowledge_point", " ".join(words), QUESTION_THRESHOLD):
            points.setdefault(entry.name, Scored(entry, score))
        best = list(points.values())[:NEAREST]
        topics: dict[str, Scored] = {}
        for point in best:
            topic = self.lexicon.find(point.entry.topics[0], "topic")
            if topic is not None:
                topics.setdefault(topic.name, Scored(topic, point.score))
        return list(topics.values()), best

    def _near(self, kind: EntryKind, text: str, threshold: float) -> Sequence[tuple[float, str, Entry]]:
        """(cosine, name or alias, entry) of what lies near, the nearest first."""
        vector = self._embedder.encode([text])[0]
        cosines = np.round((self._vectors[kind] @ vector).astype(float), 4)
        order = np.argsort(-cosines, kind="stable")
        named = self._named[kind]
        return [(float(cosines[i]), *named[i]) for i in order[:50].tolist() if cosines[i] >= threshold]

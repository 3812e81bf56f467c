"""Which concepts a question suggests, by the lexicon's cues and names, the likeliest first.

A cue weighs as much as its words are rare in the lexicon (the inverse document frequency of each word, an entry being a
document): `eigenvalue` says more than `how many`, and `# % off` more than `%`. An entry's own names are cues too, and
the best ones. A knowledge point gains a little where its topic is seen as well, and a topic gains by its knowledge
points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import log

from graph.cue import parts, tokens
from graph.lexicon import Entry, Lexicon

WORD_FADE = 0.6
"""Of the words of a cue the rarest counts whole, each further one this much of the one before."""
CUE_FADE = 0.5
"""The same for the cues of an entry, so that three vague ones do not outweigh a plain one."""
NAME_BONUS = 1.5
"""A name or alias of the entry in the question weighs this many times its words."""
TOPIC_SHARE = 0.15
"""Of the weight of its main topic's own cues, what a knowledge point gains."""
POINT_SHARE = 0.5
"""Of the weight of a knowledge point, what its main topic gains; its further topics gain half of that."""


@dataclass(frozen=True, slots=True)
class Scored:
    """An entry and how strongly a text suggests it."""

    entry: Entry
    score: float


class Cues:
    """The cues of a lexicon with their weights."""

    def __init__(self, lexicon: Lexicon) -> None:
        documents: Counter[str] = Counter()
        for entry in lexicon:
            documents.update({word for text in (*entry.names, *entry.cues) for word in tokens(text)})
        rarity = {word: log(len(lexicon) / count) for word, count in documents.items()}
        named: list[Entry] = []
        self._weights: dict[tuple[str, str], float] = {}
        for entry in lexicon:
            names = tuple(dict.fromkeys(name.lower() for name in entry.names if parts(name.lower())))
            named.append(replace(entry, cues=tuple(dict.fromkeys((*entry.cues, *names)))))
            for cue in named[-1].cues:
                bonus = NAME_BONUS if cue in names else 1.0
                words = {word: rarity[word] for group in parts(cue) for word in group}
                self._weights[entry.name, cue] = bonus * _fading(words.values(), WORD_FADE)
        self._lexicon = Lexicon(named)
        self._entries = {entry.name: entry for entry in lexicon}

    def scores(self, text: str) -> tuple[list[Scored], list[Scored]]:
        """Topics and knowledge points with a cue in the text, the highest score first."""
        topics: dict[str, float] = {}
        points: dict[str, float] = {}
        for sighting in self._lexicon.sightings(text):
            name = sighting.entry.name
            scores = topics if sighting.entry.kind == "topic" else points
            scores[name] = _fading((self._weights[name, cue] for cue in sighting.cues), CUE_FADE)
        gains: dict[str, float] = {}
        for name, score in points.items():
            main, *further = self._entries[name].topics
            points[name] = score + TOPIC_SHARE * topics.get(main, 0.0)
            gains[main] = gains.get(main, 0.0) + POINT_SHARE * points[name]
            for topic in further:
                gains[topic] = gains.get(topic, 0.0) + POINT_SHARE / 2 * points[name]
        for topic, gain in gains.items():
            topics[topic] = topics.get(topic, 0.0) + gain
        return self._ranked(topics), self._ranked(points)

    def _ranked(self, scores: dict[str, float]) -> list[Scored]:
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        return [Scored(self._entries[name], score) for name, score in ranked]


def _fading(weights: Iterable[float], fade: float) -> float:
    """The largest, plus `fade` times the next, plus its square times the third, and so on."""
    return sum(weight * fade**i for i, weight in enumerate(sorted(weights, reverse=True)))

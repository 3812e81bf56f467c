"""What a composition must be: constraints as settings of every sampler, and draws that hold to them.

Two kinds, with two exact meanings:

- **A smaller graph.** `levels`, `subjects` and `banned` take concepts away. The sampler then draws as it always does,
  from the concepts that are left, with the weights that their edges have in the whole graph; a distance between skills
  is still measured in the whole graph. `subjects` leaves the concepts that a seed of such a subject mentions. With
  `levels` every composition is of one level: draw i of L levels is draw i // L at the level i mod L, made of the
  concepts that a seed of that level (and such a subject) mentions.
- **A condition.** `required` and the numbers of topics and points. A draw that does not meet it is made again, up to
  `TRIES` times, and is then empty: a repeat of any other empty draw. So what is drawn has the sampler's own
  distribution, conditional on meeting it: no composition that meets it becomes likelier than another.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from engine.errors import InputError
from engine.recipe import Settings
from graph.seed import LEVELS
from graph.snapshot import Adjacency, Snapshot

TRIES = 64
"""How often a draw is made, at most, until it meets its condition."""
_LISTS = ("levels", "subjects", "required", "banned")
_GONE = np.uint8(255)
SettingsT = TypeVar("SettingsT", bound="Constraints")


class Constraints(Settings):
    """Which concepts a composition may and must have."""

    levels: tuple[str, ...] = Field((), description="each composition of one of these levels, in turn")
    subjects: tuple[str, ...] = Field((), description="only concepts that a seed of one of these subjects mentions")
    required: tuple[str, ...] = Field((), description="concepts that every composition has, by name or id")
    banned: tuple[str, ...] = Field((), description="concepts that none has, by name or id")

    @field_validator(*_LISTS, mode="before")
    @classmethod
    def _list(cls, given: object) -> object:
        """A list as one text: JSON, else parted by `;`, else by `,`."""
        if not isinstance(given, str):
            return given
        if given.lstrip().startswith("["):
            try:
                return tuple(orjson.loads(given))
            except orjson.JSONDecodeError:
                raise ValueError('it is no list; such as: a, b or ["a, with a comma", "b"]') from None
        parts = (part.strip() for part in given.split(";" if ";" in given else ","))
        return tuple(dict.fromkeys(part for part in parts if part))


class TopicCounts(Constraints):
    """How many topics a composition may have as well."""

    topics_min: int = Field(0, ge=0, description="fewest topics of a composition")
    topics_max: int | None = Field(None, ge=0, description="most topics of a composition")

    @model_validator(mode="after")
    def _topic_counts(self) -> TopicCounts:
        return _in_order(self, self.topics_min, self.topics_max, "topics")


class PointCounts(Constraints):
    """How many knowledge points a composition may have as well."""

    points_min: int = Field(0, ge=0, description="fewest knowledge points of a composition")
    points_max: int | None = Field(None, ge=1, description="most knowledge points of a composition")

    @model_validator(mode="after")
    def _point_counts(self) -> PointCounts:
        return _in_order(self, self.points_min, self.points_max, "points")


def _in_order(settings: SettingsT, low: int, high: int | None, what: str) -> SettingsT:
    if high is not None and low > high:
        raise ValueError(f"{what}_min={low} is more than {what}_max={high}")
    return settings


def constraint_names(settings: type[Settings]) -> list[str]:
    """The settings of a sampler that are constraints."""
    parts = (part for part in (Constraints, TopicCounts, PointCounts) if issubclass(settings, part))
    return [name for part in parts for name in part.__annotations__]


def constraints_of(settings: Settings) -> dict[str, Any]:
    """The constraints that are given, by name."""
    values = {name: getattr(settings, name) for name in constraint_names(type(settings))}
    return {name: value for name, value in values.items() if value != type(settings).model_fields[name].default}


def described(settings: Settings) -> dict[str, Any]:
    """The settings as run.json holds them: of the constraints only those that are given."""
    unset = set(constraint_names(type(settings))) - set(constraints_of(settings))
    return settings.model_dump(mode="json", exclude=unset)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a draw must meet; nothing, as it stands."""

    required: tuple[int, ...] = ()
    """Numbers of nodes."""
    topics: tuple[int, int | None] = (0, None)
    """Fewest and most."""
    points: tuple[int, int | None] = (0, None)

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return self != Condition()

    def met(self, members: NDArray[np.int32], topic_places: int) -> NDArray[np.bool_]:
        """Shape (c,): whether the draws of these `members`, shape (places, c), meet it. An empty one does not."""
        there = members >= 0
        met = np.asarray(there.any(axis=0))
        for node in self.required:
            met &= (members == node).any(axis=0)
        for (low, high), part in ((self.topics, there[:topic_places]), (self.points, there[topic_places:])):
            count = part.sum(axis=0)
            met &= count >= low
            if high is not None:
                met &= count <= high
        return met

    def parts(self, names: Sequence[str]) -> dict[str, Condition]:
        """Each of its parts alone, by the setting that asks for it; `names` are the nodes'."""
        found = {f"required={names[node]}": Condition(required=(node,)) for node in self.required}
        bounds = {
            f"topics_min={self.topics[0]}": Condition(topics=(self.topics[0], None)),
            f"topics_max={self.topics[1]}": Condition(topics=(0, self.topics[1])),
            f"points_min={self.points[0]}": Condition(points=(self.points[0], None)),
            f"points_max={self.points[1]}": Condition(points=(0, self.points[1])),
        }
        found |= {name: part for name, part in bounds.items() if part}
        return found


def condition_of(settings: Constraints, required: Sequence[int]) -> Condition:
    """The condition that the settings make; `required` are the nodes they name."""
    condition = Condition(tuple(required))
    if isinstance(settings, TopicCounts):
        condition = replace(condition, topics=(settings.topics_min, settings.topics_max))
    if isinstance(settings, PointCounts):
        condition = replace(condition, points=(settings.points_min, settings.points_max))
    return condition


def limited(graph: Adjacency, kept: NDArray[np.bool_]) -> Adjacency:
    """The graph with only the concepts `kept`, shape (n,), to be drawn. All keep their numbers and their edges."""
    return replace(graph, kinds=np.where(kept, graph.kinds, _GONE))


def mentioned_at(snapshot: Snapshot, level: str | None, subjects: Sequence[str]) -> NDArray[np.bool_]:
    """Shape (n,): the concepts that a seed of this level (any, with None) and one of these subjects (any) mentions."""
    chosen = snapshot.mentions
    if level is not None:
        chosen = chosen.filter(pc.equal(chosen["level"], level))
    if subjects:
        chosen = chosen.filter(pc.is_in(chosen["subject"], value_set=pa.array(subjects, pa.string())))
    numbers = pc.index_in(chosen["concept_id"].combine_chunks(), snapshot.nodes["id"].combine_chunks())
    kept = np.zeros(snapshot.nodes.num_rows, np.bool_)
    kept[numbers.to_numpy()] = True
    return kept


def check_known(snapshot: Snapshot, settings: Constraints, sampler: str) -> None:
    """Raises InputError for a level or subject that no seed of the graph has."""
    for column, wanted in (("level", settings.levels), ("subject", settings.subjects)):
        if not wanted:
            continue
        known = [text for text in pc.unique(snapshot.mentions[column]).to_pylist() if text]
        rank = {level: place for place, level in enumerate(LEVELS)}
        known.sort(key=lambda text: (rank.get(text, len(rank)), text))
        for text in wanted:
            if text not in known:
                raise InputError(
                    f"sampler {sampler}: {column}s={text}: no seed of the graph has the {column} {text!r}"
                    f"{_there_are(known, text)}; see them all: skillweave graph query coverage-by-{column}"
                )


def find_concepts(snapshot: Snapshot, given: Sequence[str], setting: str, sampler: str) -> list[list[int]]:
    """The nodes of each concept given by id (one it had in an earlier graph will do) or name, in any case.

    A topic and a knowledge point may share a name. Raises InputError for a concept that is not there.
    """
    ids, names = (snapshot.nodes[column].to_pylist() for column in ("id", "name"))
    number = {node: place for place, node in enumerate(ids)}
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name.casefold(), []).append(place)
    resolver = snapshot.resolver() if given else {}
    nodes = []
    for text in given:
        if text in resolver:
            nodes.append([number[resolver[text]]])
        elif text.casefold() in found:
            nodes.append(found[text.casefold()])
        else:
            raise InputError(
                f"sampler {sampler}: {setting}={text}: the graph has no concept of this name or id"
                f"{_there_are(names, text)}; see them all: skillweave graph query concepts-by-use"
            )
    return nodes


def _there_are(known: Sequence[str], near: str) -> str:
    """The names there are, where they are few; of many those that look like `near`."""
    if len(known) <= 12:
        return f"; there {'are' if known else 'is none'} {', '.join(known)}".rstrip()
    close = difflib.get_close_matches(near, list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(repr(text) for text in close)}?" if close else ""

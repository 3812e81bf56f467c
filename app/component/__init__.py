"""Our own picture of a graph, as a component of Streamlit: WebGL for a whole graph, a canvas for a part of it.

Its files are in skillweave/picture, for Streamlit looks for them in the import package that is named as the
distribution; skillweave/pyproject.toml tells it so. It depends on nothing and fetches nothing but the whole graph,
from the address it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.finding import PICTURE
from app.text import one_line
from graph.neighbourhood import Around
from graph.walked import Step

KEY = "explore-picture"
STYLE = (PICTURE / "picture.css").read_text(encoding="utf-8")
"""Comes with the picture, which would wait for it as a file."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did in the picture."""

    what: str
    """choose, expand, hide, pin, unpin, path, or open (a concept of the whole graph)."""
    concept: str
    start: str = ""
    """Of a path, the concept it begins at."""
    place: tuple[int, int] = (0, 0)
    """Of a pin, where it stands."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture shows: a part of the graph, or all of it from an address."""

    chosen: str = ""
    around: Around | None = None
    whole: str = ""
    pinned: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path: Sequence[str] = ()
    walk: Sequence[Step] = ()
    keep: Sequence[str] = ()
    """Concepts that cannot be hidden."""


def show_picture(picture: Picture, on_act: Callable[[Act], None], *, height: int = 600, key: str = KEY) -> None:
    """Draw it; what a person does comes to `on_act` before the page is made again. Each page has a `key` of its own."""

    def told() -> None:
        state: Any = st.session_state.get(key)
        if (act := read_act(state.get("act") if state else None)) is not None:
            on_act(act)

    # Registered here and not on import: only a session's server knows where the files of components are.
    render = st.components.v2.component("skillweave.picture", css=STYLE, js="picture.js")
    render(key=key, data=data_of(picture) | {"height": height}, on_act_change=told, height="content")


def read_act(said: Any) -> Act | None:
    """What the browser said, checked; None where it is nothing we know."""
    match said:
        case {"what": str(what), "id": str(concept)} if what in ACTS:
            x, y = said.get("x", 0), said.get("y", 0)
            place = (int(x), int(y)) if isinstance(x, int | float) and isinstance(y, int | float) else (0, 0)
            return Act(what, concept, str(said.get("start") or ""), place)
    return None


ACTS = ("choose", "expand", "hide", "pin", "unpin", "path", "open")


def data_of(picture: Picture) -> dict[str, Any]:
    """The picture as its JavaScript reads it. Tuples, for in lists Streamlit looks for tables, and imports pandas."""
    data: dict[str, Any] = {
        "chosen": picture.chosen,
        "path": tuple(picture.path),
        "keep": tuple(picture.keep),
        "walk": tuple(
            {"id": step.concept, "name": one_line(step.name), "weight": step.weight, "chance": step.chance,
             "choices": step.choices, "counts": step.counts}
            for step in picture.walk
        ),
    }  # fmt: skip
    if picture.whole:
        return data | {"whole": picture.whole}
    if picture.around is None:
        return data | {"nodes": (), "links": ()}
    nodes = []
    for node in picture.around.nodes:
        told: dict[str, Any] = {
            "id": node.id, "kind": node.kind, "name": one_line(node.name), "seeds": node.seeds, "steps": node.steps,
        }  # fmt: skip
        if node.id in picture.pinned:
            x, y = picture.pinned[node.id]
            told |= {"x": x, "y": y, "pinned": True}
        nodes.append(told)
    links = ((link.source, link.target, link.weight) for link in picture.around.links)
    return data | {"nodes": tuple(nodes), "links": tuple(links)}

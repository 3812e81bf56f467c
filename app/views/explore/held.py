"""What the page holds of a graph between two looks, by its fingerprint; and the address as the page's state."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.state import Looked
from app.views.explore.link import Seen, link_of, read_seen
from graph.neighbourhood import Map
from graph.sampling.opening import open_sampler
from graph.sampling.sampler import Sampler
from graph.sampling.samplers import SAMPLERS, sampler_settings
from graph.similar import Meanings, embedder_of

KEPT = 3
_NAMES = ("concept", "card", "expanded", "hidden", "pinned", "path", "walk", "sampler", "hops", "most", "least", "view")


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _map(fingerprint: str, _looked: Looked) -> Map:  # noqa: ARG001 - the key
    return Map(_looked.snapshot)


@st.cache_resource(max_entries=KEPT, show_spinner="Reading what the names mean ...")
def _meanings(fingerprint: str, _looked: Looked) -> Meanings:  # noqa: ARG001 - the key
    return Meanings(_looked.snapshot, embedder_of(_looked.snapshot))


@st.cache_resource(max_entries=2 * KEPT, show_spinner="Preparing the sampler ...")
def _sampler(fingerprint: str, name: str, _looked: Looked) -> Sampler:  # noqa: ARG001 - the key
    kind = SAMPLERS[name]
    return open_sampler(kind, _looked.snapshot, sampler_settings(kind, {}), 0)


def map_of(looked: Looked) -> Map:
    """The graph, to look around in."""
    return _map(looked.snapshot.fingerprint, looked)


def meanings_of(looked: Looked) -> Meanings:
    """The vectors of its names. Raises InputError where its model cannot be opened."""
    return _meanings(looked.snapshot.fingerprint, looked)


def sampler_of(looked: Looked, name: str) -> Sampler:
    """A sampler of it with its defaults and the seed 0. Raises InputError where it has nothing to draw."""
    return _sampler(looked.snapshot.fingerprint, name, looked)


def seen_now() -> Seen:
    """What the address asks for."""
    return read_seen(st.query_params.to_dict())


def see(seen: Seen) -> None:
    """Put it into the address."""
    told = link_of(seen)
    for name in _NAMES:
        if name in told:
            st.query_params[name] = told[name]
        elif name in st.query_params:
            del st.query_params[name]


def turn(change: Callable[[Seen], Seen]) -> None:
    """Change what is seen; for callbacks."""
    see(change(seen_now()))

"""The report that a script writes by `skillweave graph report`, within the page."""

from __future__ import annotations

import streamlit as st

from app.state import Looked
from graph.report.figures import Figures, figures
from graph.report.page import render, render_part
from graph.stores.schema import BASES

BASIS_HELP = (
    "asked: concepts that the writer was asked to use; claimed: those it said it used; tagged: those read from it"
)


@st.cache_data(max_entries=8, show_spinner="Counting ...")
def _figures(fingerprint: str, shards: tuple[str, ...], basis: str, _looked: Looked) -> Figures:  # noqa: ARG001 - the key
    return figures(_looked.snapshot, _looked.store(), basis)


@st.cache_data(max_entries=16, show_spinner="Drawing ...")
def _part(fingerprint: str, shards: tuple[str, ...], basis: str, _looked: Looked) -> str:
    return render_part(_figures(fingerprint, shards, basis, _looked=_looked))


def show(looked: Looked) -> None:
    """Figures and pictures on one basis."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    basis = left.segmented_control(
        "Basis", BASES, default="asked", required=True, key="basis", bind="query-params", help=BASIS_HELP
    )
    key = (looked.snapshot.fingerprint, tuple(looked.questions().shards), str(basis))
    right.download_button(
        "Download",
        lambda: render(_figures(*key, _looked=looked)),
        f"coverage-{basis}.html",
        "text/html",
        icon=":material/download:",
        help="One HTML page that needs no network, as: skillweave graph report",
        width="stretch",
    )
    looked.store()  # made here, with its own words, where it is not there yet
    # Streamlit's own element for HTML leaves pictures out; this one is our component, in skillweave/report.
    show_part = st.components.v2.component("skillweave.report", js="report.js")
    show_part(key="report", data={"part": _part(*key, _looked=looked)}, height="content")

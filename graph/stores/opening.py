"""Open the store that one URL chooses; what asks it need not know which it is.

    embedded                    a file of the workspace, made when it is first asked; the default
    neo4j                       the server that `skillweave neo4j start` started for this workspace
    neo4j://HOST:PORT, bolt://  any other, with +s for a certificate that is checked

The URL is what `--store` gives, else SKILLWEAVE_STORE, else `url` of [store] in skillweave.toml.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from engine.errors import InputError
from engine.models import text_setting
from engine.workspace import Workspace
from graph.snapshot import Snapshot
from graph.stores import Questions, Store
from graph.stores.ladybug import LadybugStore, project

EMBEDDED = "embedded"
ENVIRONMENT = "SKILLWEAVE_STORE"


def open_store(
    place: Workspace,
    snapshot: Snapshot,
    questions: Questions | None = None,
    url: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Store:
    """The store of the snapshot and the questions, ready to answer. The embedded one is made where it is not there.

    Raises InputError for a URL that is none, and where the store cannot be reached or holds something else.
    """
    chosen = store_url(place, url, environ)
    if chosen == EMBEDDED:
        return LadybugStore(project(snapshot, place.stores, questions))
    raise InputError(f"{chosen!r} is no store; take --store {EMBEDDED}")


def store_url(place: Workspace, given: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """Which store is meant: what is given, else the environment's, else the workspace's, else the embedded one."""
    return given or environ.get(ENVIRONMENT, "").strip() or text_setting(place, "store", "url") or EMBEDDED

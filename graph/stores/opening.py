"""Open the store that one URL chooses; what asks it need not know which it is.

    embedded                    a file of the workspace, made when it is first asked; the default
    neo4j                       the server that `skillweave neo4j start` started for this workspace
    neo4j://HOST:PORT, bolt://  any other, with +s for a certificate that is checked

The URL is what `--store` gives, else SKILLWEAVE_STORE, else `url` of [store] in skillweave.toml. User and password of a
server come from SKILLWEAVE_NEO4J_USER and SKILLWEAVE_NEO4J_PASSWORD; the workspace's own server knows its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from engine.errors import InputError
from engine.models import text_setting
from engine.workspace import Workspace
from graph.neo4j_server.server import PASSWORD_ENVIRONMENT, USER, LocalServer
from graph.snapshot import Snapshot
from graph.stores import Questions, Store, StoreSettings
from graph.stores.ladybug import LadybugStore, project, store_id
from graph.stores.neo4j_address import Address, checked_url

EMBEDDED, LOCAL = "embedded", "neo4j"
ENVIRONMENT, USER_ENVIRONMENT = "SKILLWEAVE_STORE", "SKILLWEAVE_NEO4J_USER"


def open_store(
    place: Workspace,
    snapshot: Snapshot,
    questions: Questions | None = None,
    url: str | None = None,
    settings: StoreSettings | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Store:
    """The store of the snapshot and the questions, ready to answer.

    The embedded one is made where it is not there. A server that holds no graph is loaded; one that holds another graph
    is left as it is, because others may be asking it: `skillweave neo4j load` replaces it.

    Raises InputError for a URL that is none, and where the server cannot be reached or holds something else;
    BeingLoaded where another process loads it.
    """
    chosen = store_url(place, url, environ)
    if chosen == EMBEDDED:
        return LadybugStore(project(snapshot, place.stores, questions, settings), settings)
    from graph.stores.neo4j import Neo4jStore
    from graph.stores.neo4j_loading import load

    address = server_address(place, chosen, environ)
    return Neo4jStore(address, load(address, snapshot, place.stores, questions, settings, replace=False))


def must_be_made(place: Workspace, snapshot: Snapshot, questions: Questions, url: str | None = None) -> bool:
    """Whether `open_store` has an embedded store to make first, which takes half a minute a million questions."""
    return store_url(place, url) == EMBEDDED and not (place.stores / store_id(snapshot, questions)).exists()


def store_url(place: Workspace, given: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """Which store is meant: what is given, else the environment's, else the workspace's, else the embedded one."""
    return given or environ.get(ENVIRONMENT, "").strip() or text_setting(place, "store", "url") or EMBEDDED


def server_address(place: Workspace, chosen: str, environ: Mapping[str, str] = os.environ) -> Address:
    """The server that `chosen` names, and who asks it.

    Raises InputError for a URL that is none or holds a password, where the workspace's own server does not run, and
    where no password is known.
    """
    own = LocalServer(place.neo4j)
    if chosen == LOCAL:
        if not own.running:
            raise InputError("the Neo4j server of this workspace does not run; start it: skillweave neo4j start")
        return Address(own.url, USER, own.password(environ), LOCAL)
    url = checked_url(chosen)
    password = environ.get(PASSWORD_ENVIRONMENT, "")
    if not password and own.running and own.url == url:
        password = own.password(environ)
    if not password:
        raise InputError(f"the password of {url} is not known: export {PASSWORD_ENVIRONMENT}=...")
    return Address(url, environ.get(USER_ENVIRONMENT) or USER, password)

"""How the names that a tagging model gives become concepts of a graph, as run.json describes it.

The layers are those of merging (graph/merging/resolving.py); what decides them stands in run.json by hash, since none
of it is in a graph's fingerprint: threshold, embedding model, alias table, contrast groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.call import content_hash
from engine.errors import InputError
from graph.embedding import NONE, OURS, open_embedder
from graph.merging.aliases import Aliases, AliasTable
from graph.merging.domains import MATHEMATICS, Domain, load_domain
from graph.merging.guards import Guards
from graph.merging.resolving import NameResolver
from graph.snapshot import Snapshot


def describe_names(snapshot: Snapshot, threshold: float | None = None) -> dict[str, Any]:
    """What decides which concept a name means: threshold and embedder as the graph was merged, domain as it is now.

    With a `threshold` of its own; a graph that was merged without embeddings then gets our model.
    """
    domain = _domain(snapshot)
    merged = snapshot.meta.get("embedder", {}).get("name", NONE)
    embedder = None
    if merged != NONE or threshold is not None:
        name = OURS if merged == NONE else merged
        embedder = {"name": name, "digest": open_embedder(name).digest}
    return {
        "threshold": threshold if threshold is not None else snapshot.meta.get("settings", {}).get("threshold", 1.0),
        "embedder": embedder,
        "aliases": _hash(domain.aliases),
        "contrasts": content_hash(domain.contrasts),
    }


def open_names(described: Mapping[str, Any], snapshot: Snapshot, advice: str) -> NameResolver:
    """Open what `describe_names` described. Raises InputError, ending with `advice`, where a part is another by now."""
    domain = _domain(snapshot)
    aliases, contrasts = domain.aliases, domain.contrasts
    embedder = open_embedder(described["embedder"]["name"]) if described["embedder"] else None
    for what, now, then in (
        ("lexicon", _hash(aliases), described["aliases"]),
        ("table of contrasts", content_hash(contrasts), described["contrasts"]),
        ("embedding model", embedder and embedder.digest, embedder and described["embedder"]["digest"]),
    ):
        if now != then:
            raise InputError(f"the {what} is not the one that the run began with; {advice}")
    return NameResolver(
        snapshot,
        aliases=AliasTable(aliases),
        guards=Guards(contrasts),
        embedder=embedder,
        threshold=described["threshold"],
    )


def _domain(snapshot: Snapshot) -> Domain:
    return load_domain(snapshot.meta.get("settings", {}).get("domain", MATHEMATICS))


def _hash(aliases: Aliases) -> str:
    return content_hash(sorted((kind, alias, name) for (kind, alias), name in aliases.items()))

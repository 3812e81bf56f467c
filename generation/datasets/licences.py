"""The licences of the seeds as a hub's header names them: `license:`, by the hub's own identifiers.

https://huggingface.co/docs/hub/repositories-licenses, as of November 2026; one that it has no name for is `other`, with
its own name beside it. A dataset whose seeds do not all state a licence gets no such line: nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import orjson

_CREATIVE_COMMONS = tuple(
    f"cc-{terms}-{version}"
    for terms in ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd")
    for version in ("2.0", "2.5", "3.0", "4.0")
)
HUB = frozenset(
    (
        *_CREATIVE_COMMONS, "cc0-1.0", "cc", "mit", "apache-2.0", "bsd", "bsd-2-clause", "bsd-3-clause", "gpl-2.0",
        "gpl-3.0", "lgpl-2.1", "lgpl-3.0", "agpl-3.0", "mpl-2.0", "epl-2.0", "isc", "unlicense", "wtfpl", "gfdl",
        "odc-by", "odbl", "pddl", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0",
    )
)  # fmt: skip
"""The hub's identifiers that are also what people write: in other case, or with spaces for the dashes."""


def licence_lines(licences: Iterable[str], *, all_stated: bool) -> list[str]:
    """The lines of the header for these licences; none where not all are stated."""
    stated = sorted(set(licences))
    if not stated or not all_stated:
        return []
    known = {licence: _on_hub(licence) for licence in stated}
    if unknown := [licence for licence in stated if not known[licence]]:
        return ["license: other", f"license_name: {orjson.dumps(' '.join(', '.join(unknown).split())).decode()}"]
    names = sorted(set(known.values()))
    return [f"license: {names[0]}"] if len(names) == 1 else ["license:", *(f"- {name}" for name in names)]


def _on_hub(licence: str) -> str:
    """The hub's identifier of a licence; empty where it has none."""
    name = re.sub(r"[\s_-]+", "-", licence.strip().lower()).removesuffix("-license")
    return name if name in HUB else ""

"""Options that several commands about graphs share."""

from __future__ import annotations

from typing import Annotated

import typer

GraphOption = Annotated[str, typer.Option("--graph", help="The beginning of a graph's fingerprint, or latest.")]
RowsOption = Annotated[int, typer.Option("--rows", min=1, help="Rows at most.")]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="Who answers: embedded, neo4j (started here), or a neo4j:// URL; see docs/stores.md."),
]

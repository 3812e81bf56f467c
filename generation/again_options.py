"""Which options of `skillweave generate` go with `--again`, which makes weak rows of a run again."""

from __future__ import annotations

import typer

from engine.errors import InputError


def is_given(context: typer.Context, name: str) -> bool:
    """Whether the person gave an option."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def check_again(context: typer.Context, run: str | None) -> None:
    """Raises InputError where --again and --where are not both there, or an option beside them decides nothing."""
    if run is None:
        raise InputError("--where says which rows of a run are made again; name the run: --again RUN")
    of_new = ("count", "recipe", "graph", "seed", "sampler", "sampling", "coverage", "shots", "max_draws")
    if given := [name for name in of_new if is_given(context, name)]:
        option = {"sampling": "sampler-set", "max_draws": "max-draws"}.get(given[0], given[0])
        raise InputError(
            f"--again {run} makes compositions of that run again, so --{option} decides nothing; leave it out, and "
            "give --model, --prompt or --set"
        )

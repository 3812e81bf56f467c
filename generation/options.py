"""Options and arguments that several commands of this package share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError

from engine.batches.options import BatchOptions
from engine.drivers.ray import RayOptions
from engine.errors import InputError
from engine.options import named_values
from engine.settings import first_fault

PlaceOption = Annotated[
    str | None,
    typer.Option(
        "--place", help="Object storage where the run lies (s3://bucket/runs), for machines that share no disk."
    ),
]
_CREW = "With --driver ray"
RayAddressOption = Annotated[
    str | None,
    typer.Option(rich_help_panel=_CREW, help="The cluster, as host:port; else RAY_ADDRESS, else this machine alone."),
]
CrewSizeOption = Annotated[
    str | None, typer.Option("--workers", rich_help_panel=_CREW, help="Workers at least and at most, as 2:16.")
]
RunArgument = Annotated[str, typer.Argument(help="A run's name; see them: skillweave runs")]
ModelOption = Annotated[
    str,
    typer.Option(
        help="A model of skillweave.toml, a model's id at OPENAI_BASE_URL, or offline-teacher (no model at all)."
    ),
]
GraphOption = Annotated[str, typer.Option(help="The beginning of a graph's fingerprint, or latest.")]
SeedOption = Annotated[int, typer.Option(help="Other seeds draw other compositions.")]
SamplerOption = Annotated[str, typer.Option(help="How they are drawn; see: skillweave samplers")]
SamplingOption = Annotated[list[str] | None, typer.Option("--sampler-set", help="A sampler's setting, as name=value.")]
CoverageOption = Annotated[
    str | None,
    typer.Option(
        help="What coverage-guided begins with: now (default), latest, none, or the beginning of a coverage's id."
    ),
]
ShotsOption = Annotated[int, typer.Option(min=0, help="Examples shown to the model.")]
SettingOption = Annotated[list[str] | None, typer.Option("--set", help="A recipe's setting, as name=value.")]
AgainOption = Annotated[
    str | None, typer.Option(metavar="RUN", help="Make weak rows of a run again; --where says which.")
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(metavar="WHAT=VALUE", help="With --again: reason=..., verdict=... or concept=...; may be repeated."),
]
ReuseOption = Annotated[str | None, typer.Option(help="A run whose replies are taken where the call is equal.")]


DriverOption = Annotated[
    Literal["online", "batch", "ray"] | None,
    typer.Option(
        help="By online, call by call; batch: by a provider's Batch API; ray: by many machines of a cluster. "
        "Else batch where batches are in flight."
    ),
]
BatchSetOption = Annotated[
    list[str] | None, typer.Option("--batch-set", help="A setting of the batch driver, as max_requests=10000.")
]


def batches_of(given: Iterable[str] | None, *, cancel: bool = False) -> BatchOptions:
    """The settings of the batch driver. Raises InputError for one that it does not have."""
    try:
        return BatchOptions.model_validate(
            {**named_values(given, "--batch-set", "max_requests=10000"), "cancel": cancel}
        )
    except ValidationError as error:
        raise InputError(f"--batch-set: {first_fault(error)}; see docs/batch.md") from None


def settings_of(given: Iterable[str] | None) -> dict[str, str]:
    """A recipe's settings by name."""
    return named_values(given, "--set", "domain=physics")


def sampling_of(given: Iterable[str] | None) -> dict[str, str]:
    """A sampler's settings by name."""
    return named_values(given, "--sampler-set", "point_steps_max=3")


def prompts_of(given: Iterable[str] | None) -> dict[str, str]:
    """The texts of prompts given as name=file, by name. Raises InputError for a file that is none or no text."""
    prompts = {}
    for name, path in named_values(given, "--prompt", "write=my.prompt").items():
        try:
            prompts[name] = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"--prompt {name}={path}: {error}; give a file: --prompt write=my.prompt") from None
    return prompts


def crew_of(address: str | None, workers: str | None) -> RayOptions:
    """The crew that the options ask for. Raises InputError for what is no size of one."""
    least, colon, most = (workers or "1:8").partition(":")
    if not least.isdigit() or (colon and not most.isdigit()) or not 1 <= int(least) <= int(most or least):
        raise InputError(f"--workers {workers!r} is no least and most; such as: --workers 2:16")
    return RayOptions(address=address, least=int(least), most=int(most or least))

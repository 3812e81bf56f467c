"""The samplers by name. run.json holds name and version: another version draws otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.errors import InputError
from engine.recipe import Settings
from engine.settings import first_fault
from graph.sampling import guided, pairs, two_composition, walks
from graph.sampling.constraints import constraint_names
from graph.sampling.sampler import GraphArrays, Sampler


@dataclass(frozen=True, slots=True)
class SamplerKind:
    """A way to draw compositions."""

    id: str
    """Name and version, as run.json holds them."""
    summary: str
    settings: type[Settings]
    open: Callable[[GraphArrays, Any, int], Sampler]
    """Opens it on a whole graph, without constraints; with them: `graph.sampling.opening`."""

    @property
    def name(self) -> str:
        """The name without the version."""
        return self.id.partition("/")[0]

    @property
    def guided(self) -> bool:
        """Whether it goes by a coverage."""
        return issubclass(self.settings, guided.GuidedSettings)


SAMPLERS: Mapping[str, SamplerKind] = {
    kind.name: kind
    for kind in (
        SamplerKind(
            walks.SAMPLER, "the paper's walk over topics and knowledge points", walks.WalkSettings, walks.Walks
        ),
        SamplerKind(
            two_composition.SAMPLER,
            "of each topic two paths: of it alone, and of it with another topic",
            two_composition.TwoCompositionSettings,
            two_composition.TwoComposition,
        ),
        SamplerKind(
            guided.SAMPLER,
            "the paper's walk, bent towards what questions so far leave thin",
            guided.GuidedSettings,
            guided.CoverageGuided,
        ),
        SamplerKind(pairs.SAMPLER, "sets of one to four skills", pairs.PairSettings, pairs.SkillPairs),
    )
}
DEFAULT = SAMPLERS["mathscale-walk"]


def find_sampler(name: str) -> SamplerKind:
    """The sampler of that name, with or without its version. Raises InputError naming those there are."""
    kind = SAMPLERS.get(name.partition("/")[0])
    if kind is None or name not in (kind.name, kind.id):
        known = ", ".join(kind.id for kind in SAMPLERS.values())
        raise InputError(f"there is no sampler {name!r}, only {known}; see them: skillweave samplers")
    return kind


def settings_table(kind: SamplerKind) -> list[tuple[str, object, str | None]]:
    """Name, default and meaning of each setting: the sampler's own first, then the constraints."""
    fields, constraints = kind.settings.model_fields, constraint_names(kind.settings)
    names = sorted(fields, key=lambda name: name in constraints)
    defaults = {name: "any" if fields[name].default in ((), None) else fields[name].default for name in names}
    return [(name, defaults[name], fields[name].description) for name in names]


def sampler_settings(kind: SamplerKind, given: Mapping[str, Any]) -> Settings:
    """The sampler's settings with `given` in place of the defaults. Raises InputError for what does not fit."""
    try:
        return kind.settings.model_validate(dict(given))
    except ValidationError as error:
        raise InputError(
            f"sampler {kind.name}: {first_fault(error)}; see its settings: skillweave samplers {kind.name}"
        ) from None

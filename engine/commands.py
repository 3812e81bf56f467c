"""`skillweave model check`: what an endpoint can do, asked once and kept in the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from engine.call import Message
from engine.capabilities import Capabilities
from engine.model_check import Checked, check_model
from engine.models import Endpoint
from engine.options import WorkspaceOption
from engine.prices import cost
from engine.terminal import print_table, print_text
from engine.work import Models
from engine.workspace import Workspace

_SEEDS = {
    "heeded": "sent with every call: equal calls get equal answers",
    "not heeded": "sent, but equal calls may get other answers, so two equal runs may differ",
    "cannot tell": "sent; every answer was the same, whatever the seed",
    "refused": "left out: equal calls may get other answers, so two equal runs may differ",
}
_TEMPERATURES = {
    "any": "sent as it is set",
    "only 1": "a run that sets another stops before it sends anything",
    "refused": "a run that sets one stops before it sends anything",
}
_REASONINGS = {
    "none seen": "nothing to part from the answers",
    "inside the text": "parted from the answer before it is read, and kept with the call",
    "hidden": "only its tokens are known; they are paid as part of the reply",
}


def model_commands(models: Models, messages: Sequence[Message]) -> typer.Typer:
    """The commands of `skillweave model`. `models` opens what NAME names, `messages` are what a check asks."""
    app = typer.Typer(help="Look at the models.", no_args_is_help=True)

    @app.callback()
    def model() -> None:
        """Look at the models."""

    @app.command()
    def check(
        name: Annotated[str, typer.Argument(help="A model, as --model of skillweave generate takes it.")],
        workspace: WorkspaceOption = None,
    ) -> None:
        """Ask a model's endpoint once what it can do, in about eight small calls; later runs go by what it finds."""
        place = Workspace.find(workspace)
        ref = models.ref(name, place)
        with models.open([ref], place) as endpoints:
            endpoint = endpoints[ref.served_by]
            checked = asyncio.run(check_model(endpoint, messages))
        print_checked(endpoint, checked)
        if endpoint.lasting:
            print_text(f"kept in {checked.capabilities.write(place.models)}")
        else:
            print_text("not kept: it is started anew for each command")
        checked.capabilities.require(ref.served_by, ref.sampling)

    return app


def print_checked(endpoint: Endpoint, checked: Checked) -> None:
    """What was found, what follows from it, and what it cost."""
    found = checked.capabilities
    title = f"{found.model} at {found.base_url}"
    print_table(("ability", "found", "what follows"), _lines(found), title=title)
    for about, said in checked.said.items():
        print_text(f"refused, {about}: {said}", style="dim")
    used = checked.usage
    price = f"${cost(used, endpoint.price):,.4f}" if endpoint.price and found.usage else "unknown"
    print_text(f"{checked.requests} calls, {used.prompt:,} + {used.completion:,} tokens, price {price}")


def _lines(found: Capabilities) -> list[tuple[str, str, str]]:
    limits = {"neither": "a run that sets max_tokens stops before it sends anything"}
    schemas = {"kept": "may be asked for"}
    where = f"in its own field, {found.reasoning}" if found.reasoning.startswith("reasoning") else found.reasoning
    return [
        ("model, as it reports it", found.reported or "not reported", "stands in every row"),
        ("token limit", found.limit_name, limits.get(found.limit_name, "max_tokens is sent under this name")),
        ("temperature", found.temperature, _TEMPERATURES[found.temperature]),
        ("seed", found.seed, _SEEDS[found.seed]),
        ("JSON schema", found.json_schema, schemas.get(found.json_schema, "a call that asks for one stops the run")),
        ("log-probabilities", found.logprobs, ""),
        ("reasoning", where, _REASONINGS.get(found.reasoning, "kept with the call")),
        ("usage", "reported" if found.usage else "not reported", _usage(found.usage)),
    ]


def _usage(reported: bool) -> str:
    return "runs are counted and priced" if reported else "tokens of its runs are estimated from the texts"

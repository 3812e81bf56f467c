"""Models for the command line: those of skillweave.toml and the environment, and the offline teacher as a child."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from engine.call import ModelRef
from engine.models import Endpoint, resolve
from engine.prices import shipped_prices
from engine.workspace import Workspace
from teacher.process import start

OFFLINE_TEACHER = "offline-teacher"
_CONCURRENCY = 64


class CommandLineModels:
    """Opens whatever `--model` names. `offline-teacher`, or `offline-teacher:<faults>`, is started for the command."""

    def ref(self, model: str, workspace: Workspace) -> ModelRef:
        """What run.json holds for `--model MODEL`."""
        if model.partition(":")[0] == OFFLINE_TEACHER:
            return ModelRef(served_by=OFFLINE_TEACHER, model=model)
        return resolve(model, workspace).ref

    @contextmanager
    def open(self, models: Iterable[ModelRef], workspace: Workspace) -> Iterator[dict[str, Endpoint]]:
        """The endpoints by `served_by`; a teacher that was started ends with the block."""
        with ExitStack() as stack:
            endpoints: dict[str, Endpoint] = {}
            for model in models:
                name = model.served_by
                if name in endpoints:
                    continue
                if name == OFFLINE_TEACHER:
                    endpoints[name] = Endpoint(
                        ref=model,
                        base_url=stack.enter_context(start()).url,
                        price=shipped_prices()[OFFLINE_TEACHER],
                        concurrency=_CONCURRENCY,
                        lasting=False,
                    )
                else:
                    endpoints[name] = resolve(name.removeprefix("env:"), workspace)
            yield endpoints

"""What a run has taken and what is left to pay: the figures of `skillweave plan`.

They stand on a sample of conversations (`engine.sampled`), the run's own or an earlier run's; without any, on its first
prompts, which are rendered and measured, and on assumptions that are said aloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from engine.call import Usage
from engine.estimate import NONE, Range, estimate
from engine.models import Endpoint
from engine.planner import Repeats
from engine.prices import Price, cost, cost_of
from engine.replay import dialogue
from engine.run import Run, Target
from engine.sampled import COLUMNS, Sample, ended_in, paid_so_far
from engine.shard import Shard
from engine.tokens import about_prompt_tokens

FEWEST = 5
"""Conversations from which on a sample says more than an assumption."""
_PROMPTS = 100
_REPLY = (200.0, 600.0, 2_000.0)
_ACCEPTANCE = (0.95, 0.8, 0.5)
_CALLS = (1.0, 1.1, 1.5)
"""What is assumed without a sample: tokens of a reply, acceptance, calls for each that a conversation begins with; in
each case the cheapest, the likely and the dearest."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is paid, and what is left to pay."""

    run: str
    rows: int | None
    """Rows wanted in all; None: as many as the items give."""
    rows_made: int
    ended: int
    """Conversations that have ended."""
    basis: str
    """What the figures stand on, in words."""
    sample: int
    """Conversations that they stand on; 0: assumptions."""
    acceptance: float
    """Of the sample, or assumed."""
    paid: Mapping[str, float]
    """calls, prompt, completion, cached, reasoning, estimated; and `usd` where all prices are known."""
    left: Mapping[str, Range]
    """The same, with conversations; `hours` and `bytes` where the sample tells."""
    priced: bool
    """Whether what is left has a price."""


def forecast(
    run: Run,
    target: Target,
    endpoints: Mapping[str, Endpoint],
    known: Mapping[str, Price],
    sample: Sample | None,
    *,
    kept: float = 0.0,
) -> Forecast:
    """What is paid and left of a run, which need not be there yet, for this target.

    `endpoints` by `served_by`, `known` prices by id; `kept` is the share of the calls that --reuse answers.
    """
    ended, made = ended_in(run)
    spent = paid_so_far(run)
    paid = {name: float(sum(getattr(part, name) for part in spent)) for name in COLUMNS if name != "usd"}
    if (usd := cost_of(spent, known)) is not None:
        paid["usd"] = usd
    rows = None if target.count is None else max(0, target.count - made)
    size = target.limit(run.items.size)
    items = None if target.count is not None else max(0, (size or 0) - ended)
    if sample is not None and len(sample) >= FEWEST:
        left, acceptance = _sampled(run, endpoints, sample, rows, items), float(sample.passed.mean())
        whose = "its own journal" if sample.run == run.name else f"run {sample.run}"
        basis = f"{len(sample):,} conversations of {whose}, of which {int(sample.passed.sum()):,} gave a row"
        priced = not np.isnan(sample.values[:, COLUMNS.index("usd")]).any()
    else:
        left, acceptance, basis, priced = _assumed(run, endpoints, rows, items)
        sample = None
    left = {name: bounds if name == "conversations" else bounds.times(1 - kept) for name, bounds in left.items()}
    if not priced:
        left.pop("usd", None)
    count = len(sample) if sample is not None else 0
    return Forecast(run.name, target.count, made, ended, basis, count, acceptance, paid, left, priced)


def _sampled(
    run: Run, endpoints: Mapping[str, Endpoint], sample: Sample, rows: int | None, items: int | None
) -> dict[str, Range]:
    if rows == 0 or items == 0:
        return dict.fromkeys(("conversations", *COLUMNS, "hours", "bytes"), NONE)
    values = np.nan_to_num(sample.values)
    names = ("conversations", *COLUMNS)
    left = dict(zip(names, estimate(sample.passed, values, rows=rows, items=items), strict=True))
    if sample.seconds_a_call:
        calls, at_once = left["calls"], sum(e.in_flight for e in _served(run, endpoints))
        faster = min(1.0, len(sample) / at_once)  # so few conversations could not fill what may be in flight
        hours = sample.seconds_a_call / 3600
        left["hours"] = Range(calls.likely * hours * faster, calls.low * hours * faster, calls.high * hours)
    if sample.bytes_a_conversation:
        left["bytes"] = left["conversations"].times(sample.bytes_a_conversation)
    return left


def _served(run: Run, endpoints: Mapping[str, Endpoint]) -> list[Endpoint]:
    return [endpoints[name] for name in dict.fromkeys(model.served_by for model in run.spec.models.values())]


def _assumed(
    run: Run, endpoints: Mapping[str, Endpoint], rows: int | None, items: int | None
) -> tuple[dict[str, Range], float, str, bool]:
    """Without a sample: measured prompts and assumed replies."""
    prompts = _first_prompts(run)
    begun, tokens = float(np.mean([n for n, _ in prompts])), float(np.mean([t for _, t in prompts]))
    role = run.recipe.roles[0]
    model = run.spec.models[role]
    most = model.sampling.max_tokens
    replies = [min(tokens_of, most or tokens_of) for tokens_of in _REPLY]
    price = endpoints[model.served_by].price
    bounds: dict[str, list[float]] = {name: [] for name in ("conversations", "calls", "prompt", "completion", "usd")}
    for acceptance, calls, reply in zip(_ACCEPTANCE, _CALLS, replies, strict=True):
        conversations = rows / acceptance if rows is not None else float(items or 0)
        asked = conversations * begun * calls
        usage = Usage(round(conversations * calls * tokens), round(asked * reply))
        for name, value in zip(bounds, (conversations, asked, usage.prompt, usage.completion), strict=False):
            bounds[name].append(float(value))
        bounds["usd"].append(cost(usage, price) or 0.0)
    left = {name: Range(likely, low, high) for name, (low, likely, high) in bounds.items()}
    basis = (
        f"assumptions: prompts of {tokens:,.0f} tokens, as its first {len(prompts):,} are by their length; replies of "
        f"{replies[1]:,.0f} tokens ({replies[0]:,.0f} to {replies[2]:,.0f}); of 100 conversations 80 give a row (50 to "
        "95); one call in ten is asked again (none to every second)"
    )
    return left, _ACCEPTANCE[1], basis, all(e.price is not None for e in _served(run, endpoints))


def _first_prompts(run: Run) -> list[tuple[int, int]]:
    """(calls, prompt tokens) that each of the first items begins with."""
    repeats = Repeats(run)
    stop = _PROMPTS if run.items.size is None else min(_PROMPTS, run.items.size)
    indices = repeats.sendable(Shard(0, 0, stop)) if run.folder.is_dir() else np.arange(stop)
    found = []
    for index, item in zip(indices.tolist(), islice(run.items.take(indices), stop), strict=True):
        step = dialogue(run.recipe, item, index, run.spec.seed, run.terms, run.spec.models, {}).advance()
        if isinstance(step, list):
            found.append((len(step), sum(about_prompt_tokens(ask.call.messages) for ask in step)))
    return found or [(0, 0)]

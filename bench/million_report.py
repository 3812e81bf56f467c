"""What `bench.million` measured, as a page and a picture: both of whatever phases are done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.figures import Figure

_SMOOTH_S, _GAP_S, _POINTS = 10, 10, 1_500
_COLOURS = ("#2a6fbb", "#d9822b", "#3a9a5b", "#8a5fbf", "#b8475c", "#5b6770", "#a08a2c")


def _ours(phase: Mapping[str, Any]) -> float:
    """CPU seconds of our own processes."""
    return float(sum(process["cpu_s"] for process in phase["processes"]))


def _wall(phase: Mapping[str, Any]) -> float:
    return float(phase.get("wall_s", phase["ended"] - phase["began"]))


def _peak(phase: Mapping[str, Any]) -> float:
    return float(max(process["peak_mib"] for process in phase["processes"]))


def read_samples(folder: Path) -> list[dict[str, Any]]:
    """The samples in their order; a line that was cut short is left out."""
    path = folder / "samples.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def worker_memory(samples: Iterable[Mapping[str, Any]], pairs: int, before: int) -> tuple[float, float]:
    """Most resident MiB of any worker in the first tenth of the calls, and in the last tenth."""
    first = last = 0.0
    for sample in samples:
        now = max((mib for role, mib in sample["mib"].items() if role.startswith("worker")), default=0.0)
        asked = sample["asked"] - before
        first = max(first, now if asked <= 0.1 * pairs else 0.0)
        last = max(last, now if asked >= 0.9 * pairs else 0.0)
    return first, last


def figures(folder: Path, state: Mapping[str, Any], window: int) -> list[Figure]:
    """What is promised of a whole run, and the figures beside it; `window` is what one kill may cost in calls."""
    pairs, books, made = state["pairs"], state["books"], state["phases"]["generate"]
    kills, phases = state["kills"], state["phases"]
    rejected = sum(books["reasons"].values())
    first, last = worker_memory(read_samples(folder), pairs, state["asked_before"])
    steps = json.loads((folder / "funnel.json").read_text())
    kept = next(step["rows"] for step in steps if step["stage"] == "kept")
    return [
        Figure("accepted pairs", books["accepted"], "==", pairs),
        Figure("drawn, less accepted, ahead and rejected by reason", books["drawn"] - books["accepted"]
               - books["ahead"] - rejected, "==", 0),
        Figure("processes killed at work", sum(kill["struck"] for kill in kills), ">=", len(kills)),
        Figure("calls beyond those needed", books["asked"] - books["needed"], "<=", window * len(kills)),
        Figure("seconds of generating", _wall(made)),
        Figure("accepted pairs a second", pairs / _wall(made)),
        Figure("CPU ms a pair, ours", 1000 * _ours(made) / pairs),
        Figure("CPU ms a pair, the teacher's", 1000 * made["server_cpu_s"] / pairs),
        Figure("peak MiB of a worker", _peak(made)),
        Figure("MiB of a worker in the last tenth, beyond 1.3 times the first's", last - 1.3 * first, "<=", 32),
        *(Figure(f"{name}: seconds", _wall(phase)) for name, phase in phases.items() if name != "generate"),
        *(Figure(f"{name}: peak MiB", _peak(phase)) for name, phase in phases.items() if name != "generate"),
        Figure("rows that are kept", kept),
    ]  # fmt: skip


def write_report(folder: Path, state: Mapping[str, Any]) -> None:
    """Write million.md and million.svg into the folder."""
    parts = [_head(state), _phases(state), _killed(state), _books(state), _funnel(folder), _disk(state)]
    (folder / "million.md").write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    if samples := read_samples(folder):
        _draw(folder / "million.svg", samples, state)


def _head(state: Mapping[str, Any]) -> str:
    text = f"""# {_made(state)} accepted pairs, from seeds to a verified dataset

![Calls, memory and load over time](million.svg)

Written by `python -m bench million`; what is done, and how, is said in `bench/million.py`. Machine:
{state["machine"]}, when it began.{_pauses(state)}"""
    if "so_far" not in state or "books" not in state:
        return text
    made, pairs = state["so_far"], state["books"]["accepted"]
    if pairs < state["pairs"]:
        text += (
            f"\n\n**It was stopped at {pairs:,} accepted pairs: all figures are of these. The same command goes on.**"
        )
    wall, ours, teacher = _wall(made), _ours(made), made["server_cpu_s"]
    cores = 2 * wall
    others = max(0.0, made["busy_s"] - ours - teacher)
    bound = f"""

**What bounds it: CPU.** Generating took {wall / 60:,.1f} minutes, {pairs / wall:,.0f} accepted pairs a second. The two
cores had {cores:,.0f} CPU seconds in that time; our two workers took {ours:,.0f} of them ({ours / cores:.0%}), the
offline teacher {teacher:,.0f} ({teacher / cores:.0%}), and everything else on the machine {others:,.0f}
({others / cores:.0%}). A pair took {1000 * ours / pairs:.2f} ms of ours and {1000 * teacher / pairs:.2f} ms of the
teacher's, starts after the kills included. Two cores with nothing else to do would give about
{2000 / (1000 * (ours + teacher) / pairs):,.0f} pairs a second. With a model behind a network the teacher's part is not
on this machine, and the model is what one waits for."""
    return text + bound


def _made(state: Mapping[str, Any]) -> str:
    """How many pairs there are, of those that are wanted."""
    made = state["books"]["accepted"] if "books" in state else 0
    return f"{made:,}" if made == state["pairs"] else f"{made:,} of {state['pairs']:,}"


def _pauses(state: Mapping[str, Any]) -> str:
    """How often it was stopped for other work; empty where it was not."""
    stopped = sum(all(process["code"] == 130 for process in life["processes"]) for life in state["lives"])
    times = "once" if stopped == 1 else f"{stopped} times"
    return f" It was stopped (SIGTERM) and gone on with {times}, to let other work pass." if stopped else ""


def _unfinished(state: Mapping[str, Any]) -> dict[str, Any]:
    return {"generate, not finished": state["so_far"]} if "so_far" in state else {}


def _phases(state: Mapping[str, Any]) -> str:
    lines = []
    phases = state["phases"] if "generate" in state["phases"] else state["phases"] | _unfinished(state)
    pairs = state["books"]["accepted"] if "books" in state else state["pairs"]
    for name, phase in phases.items():
        wall, ours = _wall(phase), _ours(phase)
        others = max(0.0, phase["busy_s"] - ours - phase["server_cpu_s"])
        per = 1000 * ours / pairs
        lines.append(
            f"| {name} | {wall:,.0f} | {ours:,.1f} | {per:.3f} | {phase['server_cpu_s']:,.1f} | "
            f"{others / (2 * wall):.0%} | {pairs / wall:,.0f} | {_peak(phase):,.0f} |"
        )
    return "\n".join(
        [
            "## What each phase took",
            "",
            "| phase | seconds | CPU seconds, ours | CPU ms a pair | CPU seconds, teacher | two cores, taken by others "
            "| pairs a second | peak MiB of a process |",
            "|---|---|---|---|---|---|---|---|",
            *lines,
        ]
    )


def _killed(state: Mapping[str, Any]) -> str:
    if not state["kills"]:
        return ""
    before = state.get("asked_before", 0)
    lines = [f"| {kill['asked'] - before:,} | {kill['struck']} |" for kill in state["kills"]]
    peaks = ", ".join(f"{process['peak_mib']:,.0f}" for life in state["lives"] for process in life["processes"])
    text = ["## Killed", "", "| calls asked by then | processes struck |", "|---|---|", *lines, "",
            f"Peak MiB of the workers, life by life: {peaks}."]  # fmt: skip
    if "books" in state and not state["books"]["open"]:
        books = state["books"]
        text.append(
            f"The teacher was asked {books['asked']:,} times and {books['needed']:,} were needed: "
            f"{books['asked'] - books['needed']:,} more, of at most {640 * len(state['kills']):,} "
            "(320 a worker and kill)."
        )
    return "\n".join(text)


def _books(state: Mapping[str, Any]) -> str:
    if "books" not in state:
        return ""
    books = state["books"]
    rows = [("accepted", books["accepted"]), ("ahead", books["ahead"]), ("open", books["open"])]
    rows += [(f"rejected: {reason}", count) for reason, count in books["reasons"].items()]
    total = sum(count for _, count in rows)
    lines = [f"| {what} | {count:,} |" for what, count in rows]
    closes = "the books close" if total == books["drawn"] else "THE BOOKS DO NOT CLOSE"
    told = f"{books['drawn']:,} drawn in {books['shards']:,} shards; the sum is {total:,}: {closes}."
    return "\n".join(["## The run's books", "", told, "", "| | indices |", "|---|---|", *lines])


def _funnel(folder: Path) -> str:
    path = folder / "funnel.json"
    if not path.exists():
        return ""
    lines = [f"| {s['stage']} | {s['reason']} | {s['rows']:,} | {s['all']:,} |" for s in json.loads(path.read_text())]
    head = ["## Where every row went (`skillweave dataset funnel`)", ""]
    return "\n".join(
        [*head, "| stage | reason | rows, each once | of which this is true |", "|---|---|---|---|", *lines]
    )


def _disk(state: Mapping[str, Any]) -> str:
    if not state.get("disk"):
        return ""
    lines = [
        f"| {what} | {size / 2**20:,.1f} | {size / state['books']['accepted']:,.0f} |"
        for what, size in state["disk"].items()
    ]
    return "\n".join(["## On disk", "", "| | MiB | bytes a pair |", "|---|---|---|", *lines])


def _draw(path: Path, samples: list[dict[str, Any]], state: Mapping[str, Any]) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "million"
    clock = _Clock(samples)
    rates = [_rate(samples, place) for place in range(len(samples))]
    chosen = range(0, len(samples), max(1, len(samples) // _POINTS))
    minutes = [clock.minutes(samples[place]["t"]) for place in chosen]
    figure, axes = plt.subplots(3, 1, figsize=(11, 8), sharex=True, height_ratios=(3, 3, 2))
    calls, memory, load = axes

    def line(on: Any, values: Callable[[int], float | None], colour: int, label: str = "") -> None:
        shown = [_gap(samples, place) or values(place) for place in chosen]
        on.plot(minutes, [None if value == -1 else value for value in shown], color=_COLOURS[colour], linewidth=1.2,
                label=label)  # fmt: skip

    line(calls, lambda place: rates[place], 0, "calls")
    line(memory, lambda place: samples[place]["mib"].get("worker 1"), 0, "worker 1")
    line(memory, lambda place: samples[place]["mib"].get("worker 2"), 1, "worker 2")
    line(memory, lambda place: _largest_other(samples[place]), 2, "the other commands")
    line(memory, lambda place: samples[place]["server_mib"], 5, "the teacher")
    line(load, lambda place: samples[place]["load"], 3)
    load.axhline(2, color="#999999", linewidth=0.8, linestyle=":")
    for on, what in zip(axes, ("calls answered a second", "resident MiB", "load average, 1 min"), strict=True):
        on.set_ylabel(what)
        on.set_ylim(0, 1.2 * on.get_ylim()[1])
        on.spines[["top", "right"]].set_visible(False)
        on.grid(axis="y", color="#dddddd", linewidth=0.6)
        for number, kill in enumerate(state["kills"]):
            label = "both workers killed with -9" if number == 0 else None
            on.axvline(clock.minutes(kill["t"]), color="#c0392b", linewidth=1, linestyle="--", label=label)
        for pause in clock.pauses:
            on.axvline(pause, color="#5b6770", linewidth=1, linestyle=":")
    _shade(axes, state, clock, minutes[-1])
    stopped = "; stopped and gone on with at the dotted ones" if clock.pauses else ""
    load.set_xlabel(f"minutes of work{stopped}; phases are shaded in turn, two busy cores are a load of 2")
    calls.legend(loc="upper right", fontsize=8, frameon=False, ncols=2)
    memory.legend(loc="upper left", fontsize=8, frameon=False, ncols=5)
    figure.suptitle(f"{_made(state)} accepted pairs on one machine of two cores", x=0.01, ha="left")
    figure.align_ylabels()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


class _Clock:
    """Minutes of work since the first sample: what passed while nobody measured does not count."""

    def __init__(self, samples: list[dict[str, Any]]) -> None:
        self._begin, self._gaps = samples[0]["t"], list[tuple[float, float]]()
        for early, late in pairwise(sample["t"] for sample in samples):
            if late - early > _GAP_S:
                self._gaps.append((early, late))
        self.pauses = [self.minutes(early) for early, _ in self._gaps]

    def minutes(self, at: float) -> float:
        """The minute of a moment."""
        idle = sum(min(at, late) - early for early, late in self._gaps if at > early)
        return float(at - self._begin - idle) / 60


def _shade(axes: Sequence[Any], state: Mapping[str, Any], clock: _Clock, end: float) -> None:
    """Every second phase, and the names of those that have room for one."""
    for number, (name, phase) in enumerate(sorted(state["phases"].items(), key=lambda each: each[1]["began"])):
        since, until = (clock.minutes(phase[side]) for side in ("began", "ended"))
        for on in axes:
            on.axvspan(since, until, color="#000000", alpha=0.05 if number % 2 else 0.0, linewidth=0)
        if until - since > 0.015 * end:
            axes[2].text((since + until) / 2, 0.04, name, rotation=0 if name == "generate" else 90, ha="center",
                         va="bottom", fontsize=7, transform=axes[2].get_xaxis_transform())  # fmt: skip


def _largest_other(sample: Mapping[str, Any]) -> float | None:
    return max((mib for role, mib in sample["mib"].items() if not role.startswith("worker")), default=None)


def _gap(samples: list[dict[str, Any]], place: int) -> int:
    """-1 where nobody measured before this sample, so that no line is drawn over it."""
    return -1 if place and samples[place]["t"] - samples[place - 1]["t"] > _GAP_S else 0


def _rate(samples: list[dict[str, Any]], place: int) -> float:
    """Calls answered a second over the last seconds."""
    early = max(0, place - _SMOOTH_S)
    seconds = samples[place]["t"] - samples[early]["t"]
    return (samples[place]["asked"] - samples[early]["asked"]) / seconds if seconds > 0 else 0.0

"""The drawings of the report, as SVG that stands in the page: no script, no font and no picture is fetched.

What a model or a file wrote never passes through matplotlib: a name is drawn as a placeholder and put in, escaped, when
the SVG is done, so it can neither be read as a formula nor end an element. Colours are put in the same way, as
variables of the page's style sheet, so that a picture follows the reader's light or dark. The same figures give the
same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from engine.terminal import plain
from graph.report.figures import Answer, Growth, Heat, Pairs

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # takes a second to import, so not before a picture is drawn
    from matplotlib.figure import Figure

INK, MUTED, GRID, SEEDS, QUESTIONS, BOTH = (f"#01020{number}" for number in range(6))
_VARIABLES = {INK: "ink", MUTED: "muted", GRID: "grid", SEEDS: "seeds", QUESTIONS: "questions", BOTH: "both"}
_WIDTH = 9.2
"""Inches, at 72 units each."""
_MOST_LETTERS = 32
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "skillweave",
    "text.parse_math": False,
    "font.size": 10.0,
    "font.sans-serif": ["DejaVu Sans"],
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
}


def long_tail(seeds: Sequence[int], questions: Sequence[int]) -> str:
    """Rank against count on two logarithmic axes; both are sorted, the largest first."""

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import LogLocator

        axes = _axes(figure, left=0.07, bottom=0.16)
        axes.set(xscale="log", yscale="log", xlabel="rank of the concept", ylabel="")
        more_seeds = seeds[0] > questions[0]
        curves = ((seeds, SEEDS, "seeds", more_seeds), (questions, QUESTIONS, "questions", not more_seeds))
        for counts, colour, label, above in curves:
            shown = [count for count in counts if count]
            if not shown:
                continue
            ranks = spread(len(shown))
            axes.plot(ranks, [shown[rank - 1] for rank in ranks], color=colour, solid_joinstyle="round")
            beside = (4, 6 if above else -14)
            axes.annotate(label, (1, shown[0]), beside, textcoords="offset points", color=colour, fontweight="bold")
        _plain_ticks(axes, "xy")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.margins(y=0.1)

    return _svg("tail", 3.6, draw)


def heat_map(heat: Heat, *, with_questions: bool) -> str:
    """A row for each topic, a column for each level; a panel of seeds and one of questions beside it."""
    names = _Names()
    height = 0.9 + 0.27 * len(heat.topics)
    panels = [("seeds", heat.seeds, SEEDS)] + ([("questions", heat.questions, QUESTIONS)] if with_questions else [])

    def draw(figure: Figure) -> None:
        for number, (title, rows, colour) in enumerate(panels):
            width = (0.745 - 0.02 * (len(panels) - 1)) / len(panels)
            axes = figure.add_axes((0.25 + number * (width + 0.02), 0.02, width, 1 - 0.75 / height))
            most = max((count for row in rows for count in row), default=0)
            for y, row in enumerate(rows):
                for x, count in enumerate(row):
                    strength = (count / most) ** 0.5 if most else 0
                    _cell(axes, x, y, colour, 0.08 + 0.54 * strength if count else 0)
                    axes.text(x, y, f"{count:,}" if count else "·", ha="center", va="center", fontsize=8.5,
                              color=INK if count else MUTED)  # fmt: skip
            _grid_of(axes, len(heat.levels), len(heat.topics))
            axes.set_xticks(range(len(heat.levels)), [names.place(level or "not known", 11) for level in heat.levels])
            axes.set_yticks(range(len(heat.topics)), [names.place(t) for t in heat.topics] if not number else [])
            axes.tick_params(axis="x", labelsize=8)
            axes.set_title(title, color=colour, fontweight="bold", fontsize=11, pad=22)

    return _svg("heat", height, draw, names)


def pair_matrix(pairs: Pairs) -> str:
    """Which two topics come together: in seeds and questions, in seeds alone, in questions alone."""
    names, count = _Names(), len(pairs.topics)

    def draw(figure: Figure) -> None:
        side = 0.27 * count
        height = side + 0.55
        axes = figure.add_axes((0.28, 0.02, min(0.7, side * 1.25 / _WIDTH), side / height))
        for one, other in sorted({*pairs.seeds, *pairs.questions}):
            both = (one, other) in pairs.seeds and (one, other) in pairs.questions
            colour = BOTH if both else SEEDS if (one, other) in pairs.seeds else QUESTIONS
            for x, y in ((one, other), (other, one)):
                _cell(axes, x, y, colour, 0.8)
        for place in range(count):
            _cell(axes, place, place, GRID, 1.0)
        _grid_of(axes, count, count)
        axes.set_xticks(range(count), [str(place + 1) for place in range(count)])
        labels = [f"{names.place(topic)}  {place + 1}" for place, topic in enumerate(pairs.topics)]
        axes.set_yticks(range(count), labels)

    return _svg("pairs", 0.55 + 0.27 * count, draw, names)


def growth_curve(growth: Growth, concepts: int, pairs: int) -> str:
    """Percent of the graph's concepts and pairs that the first n questions touch."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, left=0.07, bottom=0.16, right=0.86)
        axes.set(xlabel="questions, in the order in which they were made", ylim=(0, 103))
        if growth.questions[-1] > 10:
            axes.set_xscale("log")
        curves = ((growth.concepts, concepts, QUESTIONS, "concepts"), (growth.pairs, pairs, BOTH, "pairs of seeds"))
        ends = [100 * touched[-1] / whole for touched, whole, _, _ in curves if whole]
        places = _apart(ends, 8)
        for (touched, whole, colour, label), end, place in zip(
            (curve for curve in curves if curve[1]), ends, places, strict=True
        ):
            axes.plot(growth.questions, [100 * count / whole for count in touched], color=colour, marker="o", ms=3)
            axes.annotate(
                f"{int(end)}% {label}", (growth.questions[-1], place), (7, 0), va="center",
                textcoords="offset points", color=colour, fontweight="bold", annotation_clip=False,
            )  # fmt: skip
        axes.set_yticks(range(0, 101, 25), [f"{y}%" for y in range(0, 101, 25)])
        _plain_ticks(axes, "x")

    return _svg("growth", 3.4, draw)


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """The heights, the lower ones moved down until each is so far below the next higher one."""
    placed: dict[int, float] = {}
    above = float("inf")
    for place in sorted(range(len(heights)), key=lambda place: -heights[place]):
        above = placed[place] = min(heights[place], above - least)
    return [placed[place] for place in range(len(heights))]


def bands(answer: Answer) -> str:
    """How many concepts have no question, one, a few, many."""
    rows = [(str(row[0]), int(row[1])) for row in answer.rows]

    def draw(figure: Figure) -> None:
        axes = _axes(figure, left=0.2, bottom=0.03)
        axes.barh(range(len(rows)), [count for _, count in rows], height=0.66,
                  color=[MUTED if band == "0" else QUESTIONS for band, _ in rows])  # fmt: skip
        most = max(count for _, count in rows)
        for y, (_, count) in enumerate(rows):
            axes.text(count + most * 0.008, y, f"{count:,}", va="center", fontweight="bold")
        labels = ["no question" if band == "0" else f"{band} question{'s' * (band != '1')}" for band, _ in rows]
        axes.set_yticks(range(len(rows)), labels)
        axes.set(xlim=(0, most * 1.08), ylim=(len(rows) - 0.4, -0.6), xticks=[])
        axes.spines[["bottom", "left"]].set_visible(False)
        axes.tick_params(length=0)
        axes.grid(visible=False)

    return _svg("bands", 0.2 + 0.36 * len(rows), draw)


def spread(count: int, most: int = 160) -> list[int]:
    """1, ..., count: all of them where they are few, else so many that lie evenly on a logarithmic axis."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({round(count ** (step / (most - 1))) for step in range(most)})


class _Names:
    """Names of concepts, each drawn as a placeholder."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def place(self, name: str, most: int = _MOST_LETTERS) -> str:
        """The placeholder of a name, which is cut where it is long."""
        shown = " ".join(plain(name).split())
        self._names.append(shown if len(shown) <= most else shown[: most - 1].rstrip() + "…")
        return f"%{len(self._names) - 1:05d}%"

    def put_in(self, svg: str) -> str:
        """The SVG with every name in its place, escaped."""
        return re.sub(r"%(\d{5})%", lambda match: escape(self._names[int(match[1])]), svg)


def _axes(figure: Figure, *, left: float, bottom: float, right: float = 0.98) -> Axes:
    axes = figure.add_axes((left, bottom, right - left, 0.96 - bottom))
    axes.grid(visible=True)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    return axes


def _cell(axes: Axes, x: int, y: int, colour: str, opacity: float) -> None:
    from matplotlib.patches import Rectangle

    if opacity:
        axes.add_artist(Rectangle((x - 0.46, y - 0.45), 0.92, 0.9, facecolor=colour, alpha=opacity, linewidth=0))


def _grid_of(axes: Axes, columns: int, rows: int) -> None:
    """Axes of cells: labels above and to the left, no lines."""
    axes.set(xlim=(-0.5, max(columns, 1) - 0.5), ylim=(max(rows, 1) - 0.5, -0.5))
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=9)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for label in axes.get_yticklabels():
        label.set_color(INK)


def _plain_ticks(axes: Axes, which: str) -> None:
    """Whole numbers with commas, at powers of ten on a logarithmic axis."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    for axis in (axes.xaxis if letter == "x" else axes.yaxis for letter in which):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else ""))
        axis.set_minor_locator(NullLocator())


def _svg(name: str, height: float, draw: Callable[[Figure], None], names: _Names | None = None) -> str:
    """Draw, and make of it an element for the page."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height))
        draw(figure)
        sink = io.StringIO()
        figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = sink.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"\s*<metadata>.*?</metadata>|\s*<style.*?</style>|\s*<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg, count=1)
    svg = re.sub(r"font: [^;\"]*?([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"; font-family: [^;\"]*|font-family: [^;\"]*; ?", "", svg)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'( id="|"#|url\(#)', rf"\1{name}-", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    return names.put_in(svg) if names is not None else svg

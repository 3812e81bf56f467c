"""Links become one question whose answer needs all of them.

    A baker fills 12 trays with 8 rolls each. Let \\( A \\) be the number of rolls that she bakes.
    Find the number of positive divisors of \\( A \\).

The first link takes a number drawn from its domain, each later one takes the value of the link before it. A chain is
used only if a second computation agrees (the links' `check`, folded from the first number on) and if no link is idle:
another number in the place of any link's value, or of the first number, changes the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from random import Random

from graph.seed import LEVELS
from teacher.chain import Generator, Link

LARGEST = 1_000_000
"""No value of a chain is larger: a student works it out by hand."""
DRAWS = 64
"""How many chains are tried, over all orders, before a set of generators is given up."""
SHIFTS = (1, -1, 2, -2, 3, 5, -7, 10, 12, -20, 60, 100)
"""What is added to a number, besides doubling and trebling it, to put another in its place."""

# Stands for the name of link i's value until all texts are known: characters of the Unicode private use area.
_UNNAMED = "\ue000\ue001\ue002\ue003"
_NAMES = ("AB", "AB", "NM", "KM", "MN", "PQ", "ST", "nm", "km", "pq", "st", "DW", "GH")
_FORMULA = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
_COMMAND = re.compile(r"\\(?:begin|end|text|operatorname|mathrm)\{[^}]*\}|\\,d[a-z]|\be\^|\\[A-Za-z]+")

_NAMING = (
    "Let {name} be {quantity}.",
    "Let {name} be {quantity}.",
    "Let {name} denote {quantity}.",
    "Suppose that {name} is {quantity}.",
    "Write {name} for {quantity}.",
    "The number {name} is {quantity}.",  # not before another "number"
)
_ASKING = (
    "Find {quantity}.",
    "Find {quantity}.",
    "What is {quantity}?",
    "Determine {quantity}.",
    "Work out {quantity}.",
)
_RESULT = ("Thus {name} = {value} {end}", "Hence {name} = {value} {end}", "This gives {name} = {value} {end}")


@dataclass(frozen=True, slots=True)
class Composition:
    """One question made of one to four links, with its solution and all that proves it."""

    question: str
    solution: str
    """Numbered steps, one a line, and a last line `The answer is N.`"""
    answer: int
    start: int
    """The first link's input."""
    links: tuple[Link, ...]
    generators: tuple[Generator, ...]

    @property
    def knowledge_points(self) -> tuple[str, ...]:
        """In the order of the links."""
        return tuple(g.knowledge_point for g in self.generators)

    @property
    def topics(self) -> tuple[str, ...]:
        """In the order of the links, each once."""
        return tuple(dict.fromkeys(g.topic for g in self.generators))

    @property
    def level(self) -> str:
        """The highest level of the links."""
        return max((g.level for g in self.generators), key=LEVELS.index)


def compose(choices: Sequence[Sequence[Generator]], chance: Random, draws: int = DRAWS) -> Composition | None:
    """One generator of each choice, in some order, as one question; None where none of `draws` tries made a sound one.

    A choice is usually the generators of one knowledge point. Deterministic in its arguments.
    """
    orders = list(permutations(range(len(choices))))
    chance.shuffle(orders)
    for draw in range(draws):
        generators = tuple(chance.choice(choices[i]) for i in orders[draw % len(orders)])
        chain = _chain(generators, chance)
        if chain is not None and is_sound(generators, *chain):
            start, links = chain
            question, solution = _text(links, chance)
            return Composition(question, solution, links[-1].value, start, links, generators)
    return None


def _chain(generators: tuple[Generator, ...], chance: Random) -> tuple[int, tuple[Link, ...]] | None:
    """Links for one drawn first number; None where a value leaves the next domain."""
    first = generators[0]
    start = chance.randint(first.low, max(first.low, min(first.high, chance.choice((20, 60, 150, 500)))))
    links: list[Link] = []
    number, given = start, str(start)
    for i, generator in enumerate(generators):
        if not generator.low <= number <= generator.high or (i and number < 2):
            return None
        link = generator.make(number, given, chance)
        if abs(link.value) > LARGEST:
            return None
        if any(_clash(earlier, link) for earlier in links):
            return None
        links.append(link)
        number, given = link.value, f"\\( {_UNNAMED[i]} \\)"
    return start, tuple(links)


def _letters(text: str) -> set[str]:
    """The letters that the formulas of a text use, names of values and LaTeX commands apart."""
    formulas = "".join(_COMMAND.sub("", formula) for formula in _FORMULA.findall(text))
    return {c for c in formulas if c.isalpha() and c not in _UNNAMED}


def _clash(earlier: Link, later: Link) -> bool:
    """Both links give a meaning to the same letter. Unknowns `x` and `y` in each are common and clear."""
    ours, theirs = (_letters(f"{link.setup} {link.quantity}") for link in (earlier, later))
    return not ours.isdisjoint(theirs - {"x", "y"})


def is_sound(generators: Sequence[Generator], start: int, links: Sequence[Link]) -> bool:
    """Both computations agree on every link's value, and each number of the chain decides the answer."""
    numbers = [start]
    for link in links:
        numbers.append(link.check(numbers[-1]))
        if numbers[-1] != link.value:
            return False
    return all(_decides(generators[i:], links[i:], numbers[i], numbers[-1]) for i in range(len(links)))


def altered(generators: Sequence[Generator], links: Sequence[Link], number: int) -> list[int]:
    """The answers with other numbers in the place of `number`, the input of `links[0]`.

    Only of numbers for which every link's question makes sense: within its domain and with a whole answer.
    """
    others = (*(number + shift for shift in SHIFTS), 2 * number, 3 * number)
    answers = (_answer(generators, links, other) for other in others)
    return [answer for answer in answers if answer is not None]


def _answer(generators: Sequence[Generator], links: Sequence[Link], number: int) -> int | None:
    """The links' checks applied one after the other; None where a number lies outside of a domain."""
    try:
        for generator, link in zip(generators, links, strict=True):
            if not generator.low <= number <= generator.high:
                return None
            number = link.check(number)
    except ArithmeticError:
        return None
    return number


def _decides(generators: Sequence[Generator], links: Sequence[Link], number: int, answer: int) -> bool:
    """More than half of the other numbers tried give another answer."""
    others = altered(generators, links, number)
    return sum(other != answer for other in others) * 2 > len(others)


def _text(links: tuple[Link, ...], chance: Random) -> tuple[str, str]:
    """Question and solution."""
    question: list[str] = []
    steps: list[str] = []
    for i, link in enumerate(links):
        last = i == len(links) - 1
        question.append(link.setup)
        naming = _NAMING[:-1] if "number" in link.quantity.split()[:4] else _NAMING
        frame = chance.choice(_ASKING if last else naming)
        question.append(frame.format(name=f"\\( {_UNNAMED[i]} \\)", quantity=link.quantity))
        steps.extend(link.steps)
        if not last:
            result = chance.choice(_RESULT).format(name=f"\\( {_UNNAMED[i]}", value=link.value, end="\\).")
            steps[-1] = f"{steps[-1]} {result}"
    text = " ".join(part for part in question if part)
    lines = [f"{number}. {step}" for number, step in enumerate(steps, 1)]
    solution = "\n".join([*lines, f"The answer is {links[-1].value}."])
    for unnamed, name in zip(_UNNAMED, _names(text + solution, chance), strict=False):
        text, solution = text.replace(unnamed, name), solution.replace(unnamed, name)
    return text, solution


def _names(text: str, chance: Random) -> str:
    """Letters that no formula of `text` uses, neither as capitals nor as small letters."""
    used = {letter for each in _letters(text) for letter in (each.lower(), each.upper())}
    free = [names for names in _NAMES if used.isdisjoint(names)]
    return chance.choice(free) if free else "".join(c for c in "ABCDEFGHKLMNPQRSTUVWXYZ" if c not in used)

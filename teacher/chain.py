"""Mathematics as links: each takes a number and yields a number, so that any chain composes.

A `Generator` makes a `Link` for a given number. The link says in words what is asked (`setup`, `quantity`), how a good
teacher would solve it (`steps`), the `value`, and `check`: a second, independent computation from the input alone.

    "A rectangle is 6 cm wide and 3 cm longer than that. Let \\( A \\) be its area ..."  (a bare $ is money)

See `compose` for how links become one question. The name of an earlier value is chosen there, after all links are
made, so that it collides with no letter of theirs: a link takes `given` as it comes and never spells it itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Link:
    """One piece of mathematics, made for one input number."""

    setup: str
    """Whole sentences that come before the question, may be empty. `given` (the input) stands here or in `quantity`."""
    quantity: str
    """A noun phrase whose value is `value`, such as `the number of positive divisors of \\( A \\)`."""
    steps: tuple[str, ...]
    """The worked solution, a sentence or two a step, with the input's actual number and ending at `value`."""
    value: int
    check: Callable[[int], int]
    """Input number -> value, by another way than `steps`; holds the link's parameters, not its result.

    Raises ArithmeticError for a number that has no whole answer under these parameters.
    """


@dataclass(frozen=True, slots=True)
class Generator:
    """Makes links for one knowledge point. Names are those of data/lexicon."""

    knowledge_point: str
    topic: str
    level: str
    low: int
    high: int
    """Every whole number low..high is a possible input."""
    make: Callable[[int, str, Random], Link]
    """(input number, how the text writes it: digits or `\\( A \\)`, chance) -> Link. `inside` puts it in a formula."""


def inside(given: str) -> str:
    """`given` without its own delimiters, to stand within a formula; never write a digit right before it."""
    return given.removeprefix("\\( ").removesuffix(" \\)")


REGISTRY: dict[str, list[Generator]] = {}
"""Generators by knowledge point, in order of definition."""

_Make = Callable[[int, str, Random], Link]


def generator(knowledge_point: str, topic: str, level: str, low: int = 1, high: int = 100) -> Callable[[_Make], _Make]:
    """Register a function as a generator for `knowledge_point`; one point may have several."""

    def register(make: _Make) -> _Make:
        REGISTRY.setdefault(knowledge_point, []).append(Generator(knowledge_point, topic, level, low, high, make))
        return make

    return register

"""Dot and cross products. Second computation: lengths by the polarisation identity, or a determinant."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import leibniz

_Vector = tuple[int, ...]


def _square(vector: _Vector) -> int:
    return sum(entry * entry for entry in vector)


def _polarised(left: _Vector, right: _Vector) -> int:
    """The dot product as a quarter of |u + v|^2 - |u - v|^2."""
    sums = tuple(a + b for a, b in zip(left, right, strict=True))
    differences = tuple(a - b for a, b in zip(left, right, strict=True))
    return (_square(sums) - _square(differences)) // 4


@generator("dot product", "Vectors", "college", low=1, high=300)
def _dot_in_space(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(1, 9), rng.randint(1, 9)
    c = rng.randint(2, max(3, min(7, 500 // n)))
    d, e = rng.randint(1, 9), rng.randint(1, 9)
    setup = rf"Let \( \mathbf{{u}} = ({a}, {inside(given)}, {b}) \) and \( \mathbf{{v}} = ({d}, {c}, {e}) \)."
    value = a * d + n * c + b * e
    steps = (
        "Multiply matching components and add the products.",
        rf"\( \mathbf{{u}} \cdot \mathbf{{v}} = {a} \times {d} + {n} \times {c} + {b} \times {e} = {a * d} + {n * c} + "
        rf"{b * e} = {value} \).",
    )
    return Link(
        setup,
        r"the dot product \( \mathbf{u} \cdot \mathbf{v} \)",
        steps,
        value,
        lambda x: _polarised((a, x, b), (d, c, e)),
    )


@generator("dot product", "Vectors", "college", low=2, high=300)
def _work_done(n: int, given: str, rng: Random) -> Link:
    c = rng.randint(2, max(3, min(7, 500 // n)))
    b, d = rng.randint(1, 9), rng.randint(1, 9)
    tool = rng.choice(("sledge", "crate", "cart", "boat"))
    setup = (
        rf"A {tool} is pulled with the constant force \( ({inside(given)}, {b}) \), in newtons, and moves by the "
        rf"vector \( ({c}, {d}) \), in metres. The work is the dot product of force and displacement."
    )
    value = n * c + b * d
    steps = (
        rf"The components give \( {n} \times {c} = {n * c} \) and \( {b} \times {d} = {b * d} \).",
        rf"The work is their sum, \( {n * c} + {b * d} = {value} \) joules.",
    )
    return Link(setup, "the work done in joules", steps, value, lambda x: _polarised((x, b), (c, d)))


@generator("dot product", "Vectors", "college", low=1, high=300)
def _perpendicular(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, max(3, min(7, 500 // n)))
    a = rng.randint(1, 9)
    b = rng.randint(1, 9)
    setup = rf"The vectors \( ({k}, {a}, -1) \) and \( ({inside(given)}, {b}, z) \) are perpendicular."
    value = k * n + a * b
    steps = (
        rf"Perpendicular vectors have the dot product 0: \( {k} \times {n} + {a} \times {b} - z = 0 \).",
        rf"So \( z = {k * n} + {a * b} = {value} \).",
    )

    def check(x: int) -> int:
        """Where the dot product, which falls by 1 as z grows by 1, comes down to 0."""
        return _polarised((k, a, -1), (x, b, 0))

    return Link(setup, r"the number \( z \)", steps, value, check)


@generator("cross product", "Vectors", "college", low=2, high=300)
def _third_component(n: int, given: str, rng: Random) -> Link:
    e = rng.randint(2, max(3, min(7, 500 // n)))
    a, c, f = rng.randint(1, 6), rng.randint(1, 6), rng.randint(1, 6)
    d = rng.randint(-6, -1)
    setup = rf"Let \( \mathbf{{p}} = ({inside(given)}, {a}, {c}) \) and \( \mathbf{{q}} = ({d}, {e}, {f}) \)."
    value = n * e - a * d
    steps = (
        r"The third component of \( \mathbf{p} \times \mathbf{q} \) is \( p_1 q_2 - p_2 q_1 \).",
        rf"It is \( {n} \times {e} - {a} \times ({d}) = {n * e} + {-a * d} = {value} \).",
    )
    return Link(
        setup,
        r"the third component of the cross product \( \mathbf{p} \times \mathbf{q} \)",
        steps,
        value,
        lambda x: leibniz(((0, 0, 1), (x, a, c), (d, e, f))),
    )


@generator("cross product", "Vectors", "college", low=1, high=300)
def _parallelogram(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, max(3, min(6, 400 // n)))
    a = rng.randint(0, 9)
    plate = rng.choice(("metal plate", "glass pane", "sheet of plywood"))
    setup = (
        rf"A {plate} is a parallelogram spanned by the vectors \( ({inside(given)}, 0, 0) \) and \( ({a}, {k}, 0) \), "
        "measured in decimetres. Its area is the length of their cross product."
    )
    value = n * k
    steps = (
        rf"The cross product is \( (0, 0, {n} \times {k} - 0 \times {a}) = (0, 0, {value}) \).",
        rf"Its length is \( {value} \), so the area is {value} square decimetres.",
    )
    return Link(
        setup,
        f"the area of the {plate} in square decimetres",
        steps,
        value,
        lambda x: leibniz(((x, 0, 0), (a, k, 0), (0, 0, 1))),
    )

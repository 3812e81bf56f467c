"""Calculus in several variables, vector calculus and complex analysis. Second computation: exact differences."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import difference_quotient, leibniz, simpson, whole
from teacher.mathematics.terms import product

TOPIC, VECTORS, COMPLEX = "Multivariable calculus", "Vector calculus", "Complex analysis"


@generator("partial derivatives", TOPIC, "college", low=2, high=400)
def _partial(n: int, given: str, rng: Random) -> Link:
    b, k, a = rng.randint(2, 6), rng.randint(2, 9), rng.randint(1, 3)
    f = rng.choice("fgh")
    lead = "" if a == 1 else str(a)
    setup = rng.choice(
        (
            rf"Let \( {f}(x, y) = {lead}x^2y + {k}y^2 \).",
            rf"The temperature of a plate is \( {f}(x, y) = {lead}x^2y + {k}y^2 \) degrees at the point \( (x, y) \).",
        )
    )
    along_x = rng.random() < 0.5
    letter = "x" if along_x else "y"
    if along_x:
        value = 2 * a * n * b
        steps = (
            rf"Keep \( y \) fixed: \( {f}_x(x, y) = {2 * a}xy \).",
            rf"At the given point this is \( {2 * a} \times {n} \times {b} = {value} \).",
        )
        at = rf"({inside(given)}, {b})"
    else:
        value = a * b * b + 2 * k * n
        steps = (
            rf"Keep \( x \) fixed: \( {f}_y(x, y) = {lead}x^2 + {2 * k}y \).",
            rf"At the given point this is \( {a} \times {b}^2 + {2 * k} \times {n} = {a * b * b} + {2 * k * n} = "
            rf"{value} \).",
        )
        at = rf"({b}, {inside(given)})"

    def check(m: int) -> int:
        if along_x:
            return whole(difference_quotient(lambda x: a * x * x * b + k * b * b, m))
        return whole(difference_quotient(lambda y: a * b * b * y + k * y * y, m))

    return Link(setup, rf"the partial derivative \( {f}_{letter} \) at the point \( {at} \)", steps, value, check)


@generator("gradient and directional derivatives", TOPIC, "college", low=2, high=300)
def _directional(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.choice(((3, 4, 5), (4, 3, 5), (6, 8, 10), (5, 12, 13)))
    p, q = rng.randint(1, 3), rng.randint(1, 3)
    setup = rng.choice(
        (
            rf"The height of a hill is \( h(x, y) = {_squared(p * c)}x^2 + {_squared(q * c)}y^2 \).",
            rf"Let \( h(x, y) = {_squared(p * c)}x^2 + {_squared(q * c)}y^2 \) in the whole plane.",
        )
    )
    y = rng.randint(1, 5)
    value = 2 * p * n * a + 2 * q * y * b
    quantity = (
        rf"the directional derivative of \( h \) at the point \( ({inside(given)}, {y}) \) in the direction of the "
        rf"vector \( ({a}, {b}) \)"
    )
    steps = (
        rf"The gradient at this point is \( ({2 * p * c} \times {n}, {2 * q * c} \times {y}) \).",
        rf"The direction as a unit vector is \( \left(\frac{{{a}}}{{{c}}}, \frac{{{b}}}{{{c}}}\right) \).",
        rf"Their dot product is \( {2 * p} \times {n} \times {a} + {2 * q} \times {y} \times {b} = {2 * p * n * a} + "
        rf"{2 * q * y * b} = {value} \).",
    )

    def check(m: int) -> int:
        """The height along the straight way, differentiated at its beginning."""
        return whole(difference_quotient(lambda t: p * c * (m + t * a / c) ** 2 + q * c * (y + t * b / c) ** 2, 0))

    return Link(setup, quantity, steps, value, check)


def _squared(factor: int) -> str:
    return "" if factor == 1 else str(factor)


@generator("double integrals", TOPIC, "college", low=2, high=300)
def _over_a_rectangle(n: int, given: str, rng: Random) -> Link:
    k, c = 2 * rng.randint(1, 3), rng.randint(1, 9)
    setup, quantity = rng.choice(
        (
            (
                "",
                rf"\( \int_0^{{{inside(given)}}} \int_0^{{{k}}} (x + {c})\,dx\,dy \)",
            ),
            (
                rf"A rectangular plate, \( 0 \le x \le {k} \) and \( 0 \le y \le {inside(given)} \), has the mass \( x "
                rf"+ {c} \) per unit of area at the point \( (x, y) \).",
                "the mass of the plate",
            ),
        )
    )
    inner = k * k // 2 + c * k
    value = n * inner
    steps = (
        rf"The inner integral is \( \frac{{{k}^2}}{{2}} + {c} \times {k} = {inner} \).",
        rf"It does not depend on \( y \), so the outer integral is \( {n} \times {inner} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: m * whole(simpson(lambda x: x + c, 0, k)))


@generator("Lagrange multipliers", TOPIC, "college", low=2, high=70)
def _largest_product(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 3)
    setup, quantity = rng.choice(
        (
            (
                rf"For positive \( x \) and \( y \) with \( x + {_squared(k)}y = {product(2 * k, n, given)} \), the "
                r"product \( xy \) is to be as large as possible.",
                "the largest possible value of this product",
            ),
            (
                r"The function \( f(x, y) = xy \) is maximised for positive \( x \) and \( y \) under the constraint "
                rf"\( x + {_squared(k)}y = {product(2 * k, n, given)} \).",
                r"the greatest value of \( f \)",
            ),
        )
    )
    value = k * n * n
    steps = (
        rf"With a multiplier, \( y = \lambda \) and \( x = {_squared(k)}\lambda \), so \( x = {_squared(k)}y \), and "
        rf"the constraint gives \( y = {n} \) and \( x = {k * n} \).",
        rf"The product is \( {k * n} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: max((2 * k * m - k * y) * y for y in range(2 * m + 1)))


@generator("extrema of functions of two variables", TOPIC, "college", low=2, high=70)
def _highest_point(n: int, given: str, rng: Random) -> Link:
    k, c = rng.randint(1, 6), rng.randint(1, 30)
    double = f"{2 * n}x" if given.isdigit() else f"{product(2, n, given)} x"
    setup, quantity = rng.choice(
        (
            ("", rf"the greatest value of \( f(x, y) = {double} + {2 * k}y - x^2 - y^2 + {c} \)"),
            (
                rf"The surface \( z = {c} + {double} + {2 * k}y - x^2 - y^2 \) has one highest point.",
                r"the \( z \)-coordinate of this point",
            ),
        )
    )
    value = n * n + k * k + c
    steps = (
        rf"Both partial derivatives, \( {2 * n} - 2x \) and \( {2 * k} - 2y \), vanish at \( ({n}, {k}) \), and the "
        "second derivatives are negative there.",
        rf"The value is \( {n}^2 + {k}^2 + {c} = {n * n} + {k * k} + {c} = {value} \).",
    )
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda m: (
            max(2 * m * x - x * x for x in range(2 * m + 1)) + max(2 * k * y - y * y for y in range(2 * k + 1)) + c
        ),
    )


@generator("divergence of a vector field", VECTORS, "college", low=2, high=900)
def _divergence(n: int, given: str, rng: Random) -> Link:
    k, m, a = rng.randint(2, 9), rng.randint(2, 9), rng.randint(1, 9)
    setup, quantity = rng.choice(
        (
            (
                rf"A vector field is given by \( \mathbf{{F}}(x, y, z) = (x^2, {k}y, {m}z + {a}) \).",
                rf"its divergence at a point with \( x = {inside(given)} \)",
            ),
            (
                rf"The velocity of a gas at \( (x, y, z) \) is \( \mathbf{{F}} = (x^2, {k}y, {m}z + {a}) \).",
                rf"\( \operatorname{{div}} \mathbf{{F}} \) where \( x = {inside(given)} \)",
            ),
        )
    )
    value = 2 * n + k + m
    steps = (
        rf"The divergence is the sum of the derivatives by \( x \), \( y \) and \( z \), that is \( 2x + {k} + {m} \).",
        rf"At \( x = {n} \) it is \( {2 * n} + {k} + {m} = {value} \).",
    )

    def check(x: int) -> int:
        parts = (
            difference_quotient(lambda t: t * t, x),
            difference_quotient(lambda t: k * t, 1),
            difference_quotient(lambda t: m * t + a, 1),
        )
        return whole(sum(parts, Fraction(0)))

    return Link(setup, quantity, steps, value, check)


@generator("Green's theorem", VECTORS, "college", low=2, high=300)
def _around_a_rectangle(n: int, given: str, rng: Random) -> Link:
    k, a, b = rng.randint(2, 6), rng.randint(1, 4), rng.randint(2, 6)
    minus = "" if a == 1 else str(a)
    setup = rng.choice(
        (
            rf"The boundary of the rectangle with the corners \( (0, 0) \), \( ({inside(given)}, 0) \), \( "
            rf"({inside(given)}, {k}) \) and \( (0, {k}) \) is passed once counterclockwise.",
            rf"Let \( \Gamma \) be the boundary of the rectangle \( 0 \le x \le {inside(given)} \), \( 0 \le y \le {k} "
            r"\), passed once counterclockwise.",
        )
    )
    quantity = rf"the line integral of \( -{minus}y\,dx + {b}x\,dy \) along this way"
    value = (a + b) * n * k
    steps = (
        rf"By Green's theorem it is the integral of \( {b} - (-{a}) = {a + b} \) over the rectangle.",
        rf"The area is \( {n} \times {k} = {n * k} \), so the line integral is \( {a + b} \times {n * k} = {value} \).",
    )
    # Side by side: along the bottom y = 0, up at the right x = m, back along the top y = k, down at x = 0.
    return Link(setup, quantity, steps, value, lambda m: b * m * k + -(a * k) * -m)


@generator("Jacobian determinants", TOPIC, "college", low=2, high=300)
def _jacobian(n: int, given: str, rng: Random) -> Link:
    b, c, d = rng.randint(1, 4), rng.randint(1, 4), rng.randint(5, 12)
    setup, quantity = rng.choice(
        (
            (
                rf"A change of variables is given by \( x = {inside(given)}\,u + {b}v \) and \( y = {c}u + {d}v \).",
                r"the Jacobian determinant \( \frac{\partial(x, y)}{\partial(u, v)} \)",
            ),
            (
                rf"The map \( (u, v) \mapsto ({inside(given)}\,u + {b}v,\; {c}u + {d}v) \) takes the unit square to a "
                "parallelogram.",
                "the area of the parallelogram",
            ),
        )
    )
    if n * d - b * c < 2:
        b = c = 1
        setup = rf"A change of variables is given by \( x = {inside(given)}\,u + v \) and \( y = u + {d}v \)."
        quantity = r"the Jacobian determinant \( \frac{\partial(x, y)}{\partial(u, v)} \)"
    value = n * d - b * c
    steps = (
        rf"The partial derivatives by \( u \) are {n} and {c}, those by \( v \) are {b} and {d}.",
        rf"The determinant is \( {n} \times {d} - {b} \times {c} = {n * d} - {b * c} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: leibniz(((m, c), (b, d))))


@generator("residue theorem", COMPLEX, "college", low=2, high=900)
def _two_poles(n: int, given: str, rng: Random) -> Link:
    k, p, q = rng.randint(2, 30), rng.randint(1, 2), rng.randint(3, 4)
    setup = rng.choice(
        (
            rf"The function \( \frac{{{inside(given)}}}{{z - {p}}} + \frac{{{k}}}{{z - {q}}} \) is integrated once "
            r"counterclockwise along the circle \( |z| = 5 \).",
            rf"Let \( f(z) = \frac{{{inside(given)}}}{{z - {p}}} + \frac{{{k}}}{{z - {q}}} \), integrated "
            "counterclockwise along the circle around 0 with radius 5.",
        )
    )
    quantity = r"the number \( k \) for which the integral is \( k\pi i \)"
    value = 2 * (n + k)
    steps = (
        rf"Both poles, {p} and {q}, lie inside of the circle; the residues there are {n} and {k}.",
        rf"The integral is \( 2\pi i \) times their sum, so the number is \( 2 \times ({n} + {k}) = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: sum((m, m, k, k)))


@generator("contour integrals", COMPLEX, "college", low=2, high=700)
def _winding(n: int, given: str, rng: Random) -> Link:
    turns = rng.randint(2, 4)
    word = {2: "twice", 3: "three times", 4: "four times"}[turns]
    radius = rng.randint(2, 7)
    extra = rng.choice(("z^2", "e^z", r"\cos z", "1"))
    setup = rng.choice(
        (
            rf"A path runs {word} counterclockwise along the circle \( |z| = {radius} \).",
            rf"Let the circle of radius {radius} around 0 be passed {word} in the positive direction.",
        )
    )
    quantity = (
        rf"the number \( k \) for which the integral of \( \frac{{{inside(given)}}}{{z}} + {extra} \) along this path "
        r"is \( k\pi i \)"
    )
    value = 2 * turns * n
    steps = (
        r"The second term is analytic everywhere and adds 0; one turn of \( \frac{1}{z} \) adds \( 2\pi i \).",
        rf"With {turns} turns and the factor {n}, \( k = 2 \times {turns} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: sum(2 * m for _ in range(turns)))

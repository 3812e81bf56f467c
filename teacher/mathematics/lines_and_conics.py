"""Lines, circles and conics, points in space. Second computation: other points, or the shoelace formula."""

from __future__ import annotations

from math import comb
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import shoelace, whole
from teacher.mathematics.linear import secant
from teacher.mathematics.terms import product

TOPIC, CONICS = "Coordinate geometry", "Conic sections"


@generator("equation of a line", TOPIC, "middle", low=6, high=700)
def _on_a_line(n: int, given: str, rng: Random) -> Link:
    p, q, slope = rng.randint(1, 5), rng.randint(1, 20), rng.randint(2, 5)
    setup, quantity = rng.choice(
        (
            (
                rf"A line passes through the point \( ({p}, {q}) \) and has the slope {slope}.",
                rf"the \( y \)-coordinate of its point with \( x = {inside(given)} \)",
            ),
            (
                rf"The points \( ({p}, {q}) \), \( ({p + 1}, {q + slope}) \) and \( ({inside(given)}, t) \) lie on one "
                "line.",
                r"the number \( t \)",
            ),
        )
    )
    value = q + slope * (n - p)
    steps = (
        rf"The line rises by {slope} for each unit to the right, so \( y = {q} + {slope}(x - {p}) \).",
        rf"For \( x = {n} \) this is \( {q} + {slope} \times ({n} - {p}) = {q} + {slope * (n - p)} = {value} \).",
    )
    # Collinear points span no area.
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda x: secant(lambda t: slope * (x - p) - (t - q), 0),
    )


@generator("intersection of lines", TOPIC, "middle", low=2, high=600)
def _where_two_lines_meet(n: int, given: str, rng: Random) -> Link:
    c, d = rng.randint(1, 12), rng.randint(1, 3)
    setup = rng.choice(
        (
            rf"The lines \( y = {d}x + {inside(given)} \) and \( y = {d + 1}x - {c} \) meet at one point.",
            rf"Two straight roads have the equations \( y = {d + 1}x - {c} \) and \( y = {d}x + {inside(given)} \), "
            "and there is a signpost where they cross.",
        )
    ).replace("1x", "x")
    where = "this point" if "point" in setup.split(".")[0] else "the signpost"
    up = rng.random() < 0.4
    x = n + c
    value = d * x + n if up else x
    quantity = rf"the \( {'y' if up else 'x'} \)-coordinate of {where}"
    first = rf"At the crossing \( {d + 1}x - {c} = {d}x + {n} \), so \( x = {n} + {c} = {x} \)."
    first = first.replace(" 1x", " x")
    steps = (
        (first, rf"There \( y = {d} \times {x} + {n} = {value} \).".replace("y = 1 \\times ", "y = "))
        if up
        else (
            "Both equations hold at the crossing, so the right sides are equal there.",
            first,
        )
    )

    def check(m: int) -> int:
        place = secant(lambda t: (d + 1) * t - c - d * t, m)
        return (d + 1) * place - c if up else place

    return Link(setup, quantity, steps, value, check)


@generator("x- and y-intercepts", TOPIC, "middle", low=2, high=500)
def _between_the_axes(n: int, given: str, rng: Random) -> Link:
    k, more = rng.randint(2, 5), rng.randint(2, 20)
    right = product(k, n, given)
    setup = rng.choice(
        (
            rf"The line \( x + {k}y = {right} \) cuts both coordinate axes.",
            rf"A ladder leans along the line \( x + {k}y = {right} \) from the \( x \)-axis to the \( y \)-axis.",
        )
    )
    quantity = rf"the sum of {more} and both intercepts of the line"
    value = k * n + n + more
    steps = (
        rf"For \( y = 0 \) the line meets the \( x \)-axis at {k * n}; for \( x = 0 \) it meets the \( y \)-axis at \( "
        rf"{k * n} \div {k} = {n} \).",
        rf"The sum is \( {k * n} + {n} + {more} = {value} \).",
    )
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda m: secant(lambda x: x, k * m) + secant(lambda y: k * y, k * m) + more,
    )


@generator("equation of a circle", TOPIC, "high", low=2, high=70)
def _radius_from_the_equation(n: int, given: str, rng: Random) -> Link:
    b, c = rng.randint(1, 9), rng.randint(1, 40)
    double = f"{2 * n}x" if given.isdigit() else f"{product(2, n, given)} x"
    setup, quantity = rng.choice(
        (
            (
                rf"A circle has the equation \( x^2 + y^2 - {double} + {2 * b}y = {c} \).",
                "the square of its radius",
            ),
            (
                rf"The points that satisfy \( x^2 - {double} + y^2 + {2 * b}y - {c} = 0 \) form a circle.",
                r"the number \( k \) for which the area enclosed by the circle is \( k\pi \)",
            ),
        )
    )
    value = n * n + b * b + c
    steps = (
        rf"Complete both squares: \( (x - {n})^2 + (y + {b})^2 = {c} + {n}^2 + {b}^2 \).",
        rf"So the square of the radius is \( {c} + {n * n} + {b * b} = {value} \).",
    )

    def check(m: int) -> int:
        """At the centre the left side is the negative of the square of the radius."""
        x, y = m, -b
        return -(x * x + y * y - 2 * m * x + 2 * b * y - c)

    return Link(setup, quantity, steps, value, check)


@generator("area in the coordinate plane", TOPIC, "high", low=2, high=500)
def _triangle_by_its_corners(n: int, given: str, rng: Random) -> Link:
    half, left, top = rng.randint(1, 5), rng.randint(0, 6), rng.randint(0, 9)
    base = 2 * half
    name = rng.choice(("triangle", "triangular field"))
    setup = rng.choice(
        (
            rf"A {name} has the corners \( ({left}, 0) \), \( ({left + base}, 0) \) and \( ({top}, {inside(given)}) "
            r"\).",
            rf"In the coordinate plane, the points \( ({left}, 0) \), \( ({left + base}, 0) \) and \( ({top}, "
            rf"{inside(given)}) \) are joined to form a {name}.",
        )
    )
    value = half * n
    steps = (
        rf"The base on the \( x \)-axis has the length \( {left + base} - {left} = {base} \), and the height is {n}.",
        rf"The area is \( \frac{{{base} \times {n}}}{{2}} = {value} \).",
    )
    return Link(
        setup,
        f"the area of the {name}",
        steps,
        value,
        lambda m: whole(shoelace([(left, 0), (left + base, 0), (top, m)])),
    )


@generator("area in the coordinate plane", TOPIC, "high", low=3, high=400)
def _quadrilateral_by_its_corners(n: int, given: str, rng: Random) -> Link:
    k, h = rng.randint(1, 4), rng.randint(1, 6)
    setup, quantity = rng.choice(
        (
            (
                rf"The corners of a kite are \( (0, 0) \), \( ({k}, {h}) \), \( (0, {inside(given)} + {h}) \) and \( "
                rf"(-{k}, {h}) \), in this order.",
                "the area of the kite",
            ),
            (
                rf"A sail has the corners \( (0, 0) \), \( ({k}, {h}) \), \( (0, {inside(given)} + {h}) \) and \( "
                rf"(-{k}, {h}) \), measured in decimetres.",
                "the area of the sail in square decimetres",
            ),
        )
    )
    value = k * (n + h)
    steps = (
        rf"One diagonal goes from \( -{k} \) to {k} and has the length {2 * k}; the other has the length \( {n} + {h} "
        rf"= {n + h} \). They are at right angles.",
        rf"So the area is \( \frac{{{2 * k} \times {n + h}}}{{2}} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: whole(shoelace([(0, 0), (k, h), (0, m + h), (-k, h)])))


@generator("three-dimensional coordinates", TOPIC, "high", low=2, high=70)
def _distance_in_space(n: int, given: str, rng: Random) -> Link:
    p, q, r, s = rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9)
    setup, quantity = rng.choice(
        (
            (
                rf"In space, the points \( ({p}, {q}, 0) \) and \( ({p + r}, {q + s}, {inside(given)}) \) are joined "
                "by a segment.",
                "the square of its length",
            ),
            (
                rf"A cable is stretched from the point \( ({p}, {q}, {inside(given)}) \) at the top of a mast to the "
                rf"point \( ({p + r}, {q + s}, 0) \) on the ground, with all lengths in metres.",
                "the square of the length of the cable",
            ),
        )
    )
    value = n * n + r * r + s * s
    steps = (
        rf"The coordinates differ by {r}, {s} and {n}.",
        rf"By the Pythagorean theorem in space, the square of the distance is \( {r}^2 + {s}^2 + {n}^2 = {r * r} + "
        rf"{s * s} + {n * n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(2 * i + 1 for side in (r, s, x) for i in range(side)))


@generator("lattice points", TOPIC, "competition", low=2, high=75)
def _points_of_a_triangle(n: int, given: str, rng: Random) -> Link:
    inner = rng.random() < 0.5
    setup = rng.choice(
        (
            rf"A triangle has the corners \( (0, 0) \), \( ({inside(given)}, 0) \) and \( (0, {inside(given)}) \).",
            rf"Consider the region where \( x \ge 0 \), \( y \ge 0 \) and \( x + y \le {inside(given)} \).",
        )
    )
    quantity = (
        "the number of points with whole coordinates strictly inside it"
        if inner
        else "the number of points with whole coordinates in it, its boundary included"
    )
    a, b = (n - 1, n - 2) if inner else (n + 2, n + 1)
    value = a * b // 2
    rows = rf"\( {n - 2} + {n - 3} + \cdots + 1 \)" if inner else rf"\( {n + 1} + {n} + \cdots + 1 \)"
    steps = (
        f"Count row by row, from the bottom to the top: the rows hold {rows} points."
        if n > 3
        else "Count row by row, from the bottom to the top; each row has one point less than the one below.",
        rf"The sum is \( \frac{{{a} \times {b}}}{{2}} = {value} \).",
    )

    def check(m: int) -> int:
        if inner:
            return sum(max(0, m - 1 - y) for y in range(1, m))
        return comb(m + 2, 2)

    return Link(setup, quantity, steps, value, check)


@generator("vertex of a parabola", "Quadratic equations", "high", low=2, high=70)
def _highest_point_of_a_parabola(n: int, given: str, rng: Random) -> Link:
    c = rng.randint(2, 60)
    double = f"{2 * n}x" if given.isdigit() else f"{product(2, n, given)} x"
    setup, quantity = rng.choice(
        (
            (
                rf"The parabola \( y = -x^2 + {double} + {c} \) opens downwards.",
                r"the \( y \)-coordinate of its vertex",
            ),
            (
                rf"A ball thrown from a cliff has the height \( {c} + {double} - x^2 \) decimetres above the sea after "
                r"\( x \) tenths of a second.",
                "its greatest height in decimetres",
            ),
        )
    )
    value = n * n + c
    steps = (
        rf"Complete the square: \( -x^2 + {2 * n}x + {c} = -(x - {n})^2 + {n}^2 + {c} \).",
        rf"The vertex lies at \( x = {n} \), at the height \( {n * n} + {c} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: max(-x * x + 2 * m * x + c for x in range(2 * m + 1)))


@generator("completing the square", "Quadratic equations", "high", low=2, high=70)
def _both_constants(n: int, given: str, rng: Random) -> Link:
    c = rng.randint(1, n * n - 1) if n < 8 else rng.randint(1, 60)
    double = f"{2 * n}x" if given.isdigit() else f"{product(2, n, given)} x"
    setup, quantity = rng.choice(
        (
            (rf"The term \( x^2 + {double} + {c} \) is written as \( (x + p)^2 - q \).", r"\( p + q \)"),
            (
                rf"By completing the square, the equation \( x^2 + {double} + {c} = 0 \) is brought to the form \( (x "
                r"+ p)^2 = q \).",
                r"the value of \( p + q \)",
            ),
        )
    )
    value = n + n * n - c
    steps = (
        rf"Half of {2 * n} is \( p = {n} \), and \( (x + {n})^2 \) has the constant \( {n}^2 = {n * n} \).",
        rf"So \( q = {n * n} - {c} = {n * n - c} \), and \( p + q = {n} + {n * n - c} = {value} \).",
    )

    def check(m: int) -> int:
        """The least value of the term is -q, at x = -p."""
        place = min(range(-2 * m, 1), key=lambda x: x * x + 2 * m * x)
        return -place - (place * place + 2 * m * place + c)

    return Link(setup, quantity, steps, value, check)


@generator("parabolas", CONICS, "high", low=2, high=700)
def _focus_and_point(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 20)
    right = product(4, n, given)
    letter = "" if given.isdigit() else " "
    setup = rng.choice(
        (
            rf"The parabola \( y^2 = {right}{letter}x \) has a focus.",
            rf"A mirror has the form of the parabola \( y^2 = {right}{letter}x \), with a lamp at its focus.",
        )
    )
    what = "lamp" if "lamp" in setup else "focus"
    value = n + k
    steps = (
        rf"From \( y^2 = 4px \) with \( 4p = {4 * n} \), the focus lies at \( ({n}, 0) \) and the directrix at \( x = "
        rf"-{n} \).",
        rf"A point of the parabola is as far from the focus as from the directrix: \( {k} + {n} = {value} \).",
    )

    def check(p: int) -> int:
        """The square of the distance, from (x - p)^2 + y^2, is a square."""
        square = (k - p) ** 2 + 4 * p * k
        return next(d for d in range(p + k, p + k + 2) if d * d == square)

    return Link(
        setup, rf"the distance from the {what} to a point of the parabola with \( x = {k} \)", steps, value, check
    )


@generator("ellipses", CONICS, "high", low=4, high=700)
def _around_the_foci(n: int, given: str, rng: Random) -> Link:
    c = rng.randint(2, min(20, n - 1))
    setup, quantity = rng.choice(
        (
            (
                f"An ellipse has semi-major axis {given}, and its foci lie {2 * c} apart. A point of the ellipse, not "
                "on the line through the foci, is joined to both foci.",
                "the perimeter of the triangle that this point forms with the foci",
            ),
            (
                f"A gardener puts a loop of rope around two posts {2 * c} feet apart and draws an ellipse with it. "
                f"The ellipse is twice {given} feet long.",
                "the length of the loop of rope in feet",
            ),
        )
    )
    value = 2 * n + 2 * c
    steps = (
        rf"The distances of a point of the ellipse from both foci add up to the major axis, \( 2 \times {n} = {2 * n} "
        r"\).",
        rf"With the distance of the foci this makes \( {2 * n} + {2 * c} = {value} \).",
    )
    # At the end of the major axis the loop lies folded: out to the far focus and back.
    return Link(setup, quantity, steps, value, lambda a: 2 * ((a - c) + 2 * c))


@generator("reflections", "Transformations", "middle", low=2, high=700)
def _point_and_image(n: int, given: str, rng: Random) -> Link:
    k, p = rng.randint(1, 15), rng.randint(1, 20)
    setup, quantity = rng.choice(
        (
            (
                rf"The point \( ({p}, {inside(given)}) \) is reflected across the horizontal line \( y = -{k} \).",
                "the distance between the point and its image",
            ),
            (
                f"A lamp hangs {given} cm above the floor of a hall, and a mirror lies {k} cm below the floor in a "
                "pit.",
                "the distance in centimetres between the lamp and its mirror image",
            ),
        )
    )
    value = 2 * (n + k)
    steps = (
        rf"The point lies \( {n} + {k} = {n + k} \) above the line of reflection.",
        rf"The image lies as far below it, so the distance is \( 2 \times {n + k} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda y: y - (-2 * k - y))

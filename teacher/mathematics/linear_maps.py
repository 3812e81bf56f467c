"""Linear algebra and vectors beyond determinants. Second computation: multiplying out, or Gaussian elimination."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import leibniz, whole
from teacher.mathematics.linear import secant
from teacher.mathematics.terms import product
from teacher.mathematics.wording import matrix

TOPIC = "Linear algebra"


def _times(left: tuple[tuple[int, ...], ...], right: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """The product of two square matrices."""
    size = range(len(left))
    return tuple(tuple(sum(left[i][k] * right[k][j] for k in size) for j in size) for i in size)


@generator("trace of a matrix", TOPIC, "college", low=2, high=70)
def _trace_of_a_square(n: int, given: str, rng: Random) -> Link:
    b, c, d = rng.randint(1, 6), rng.randint(1, 6), rng.randint(1, 9)
    name = rng.choice("BCRT")
    setup, quantity = rng.choice(
        (
            (
                rf"Let \( {name} = {matrix(((inside(given), b), (c, d)))} \).",
                rf"the trace of \( {name}^2 \)",
            ),
            (
                rf"The matrix \( {name} = {matrix(((inside(given), b), (c, d)))} \) has two eigenvalues.",
                "the sum of the squares of the two eigenvalues",
            ),
        )
    )
    value = n * n + 2 * b * c + d * d
    steps = (
        rf"The sum asked for is the trace of \( {name}^2 \), whose diagonal entries are \( {n}^2 + {b} \times {c} = "
        rf"{n * n + b * c} \) and \( {c} \times {b} + {d}^2 = {c * b + d * d} \).",
        rf"They add up to \( {n * n + b * c} + {c * b + d * d} = {value} \).",
    )
    # Sum of the squares of the eigenvalues by Vieta: square of the trace less twice the determinant.
    return Link(setup, quantity, steps, value, lambda x: (x + d) ** 2 - 2 * leibniz(((x, b), (c, d))))


@generator("matrix powers", "Matrices", "college", low=2, high=600)
def _shear_power(n: int, given: str, rng: Random) -> Link:
    k, c = rng.randint(3, 9), rng.randint(2, 9)
    name = rng.choice("BCRT")
    setup = rng.choice(
        (
            rf"Let \( {name} = {matrix(((1, inside(given)), (0, 1)))} \).",
            rf"A shear of the plane has the matrix \( {name} = {matrix(((1, inside(given)), (0, 1)))} \).",
        )
    )
    value = k * n + c
    steps = (
        rf"Each multiplication by \( {name} \) adds {n} to the upper right entry, so this entry of \( {name}^{k} \) is "
        rf"\( {k} \times {n} = {k * n} \).",
        rf"Together with {c} it is \( {k * n} + {c} = {value} \).",
    )

    def check(x: int) -> int:
        power: tuple[tuple[int, ...], ...] = ((1, 0), (0, 1))
        for _ in range(k):
            power = _times(power, ((1, x), (0, 1)))
        return power[0][1] + c

    return Link(setup, rf"the sum of {c} and the upper right entry of \( {name}^{k} \)", steps, value, check)


@generator("linear transformations", TOPIC, "college", low=2, high=600)
def _image_of_a_vector(n: int, given: str, rng: Random) -> Link:
    a, b, c, d, k = (rng.randint(2, 7) for _ in range(5))
    setup = rng.choice(
        (
            rf"A linear map \( L \) of the plane takes \( (1, 0) \) to \( ({a}, {b}) \) and \( (0, 1) \) to \( ({c}, "
            rf"{d}) \).",
            rf"For a linear transformation \( L \), \( L(1, 0) = ({a}, {b}) \) and \( L(0, 1) = ({c}, {d}) \).",
        )
    )
    quantity = rf"the sum of the two coordinates of \( L({inside(given)}, {k}) \)"
    first, second = a * n + c * k, b * n + d * k
    value = first + second
    steps = (
        rf"By linearity, \( L({n}, {k}) \) is {n} times the first image and {k} times the second one.",
        rf"The coordinates are \( {n} \times {a} + {k} \times {c} = {first} \) and \( {n} \times {b} + {k} \times {d} "
        rf"= {second} \).",
        rf"Their sum is \( {first} + {second} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: (a + b) * x + (c + d) * k)


@generator("rank-nullity theorem", TOPIC, "college", low=6, high=900)
def _kernel_dimension(n: int, given: str, rng: Random) -> Link:
    target, kernel = rng.randint(3, 5), rng.randint(1, 2)
    onto = rng.random() < 0.5
    if onto:
        setup = rng.choice(
            (
                f"A linear map from a vector space of dimension {given} onto a space of dimension {target} is given.",
                f"A system of {target} homogeneous linear equations that are independent of each other has {given} "
                "unknowns.",
            )
        )
        quantity = "the dimension of its kernel" if "map" in setup else "the dimension of its space of solutions"
        value, lost = n - target, target
    else:
        setup = rng.choice(
            (
                f"The kernel of a linear map that starts from a space of dimension {given} has dimension {kernel}.",
                f"A matrix with {given} columns has a null space of dimension {kernel}.",
            )
        )
        quantity = "the dimension of the image of the map" if "map" in setup else "the rank of the matrix"
        value, lost = n - kernel, kernel
    steps = (
        "By the rank-nullity theorem, the dimensions of kernel and image add up to the dimension of the space the "
        "map starts from.",
        rf"So what is asked is \( {n} - {lost} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: len(range(lost, x)))


@generator("orthogonality and orthonormal bases", TOPIC, "college", low=2, high=600)
def _made_orthogonal(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.randint(2, 6), rng.randint(2, 6), rng.randint(1, 7)
    setup = rng.choice(
        (
            rf"For one number \( t \), the vectors \( ({inside(given)}, {b}, -1) \) and \( ({a}, {c}, t) \) are "
            "orthogonal.",
            rf"A basis of a plane consists of \( ({inside(given)}, {b}, -1) \) and \( ({a}, {c}, t) \), and its "
            "vectors are orthogonal to each other.",
        )
    )
    value = a * n + b * c
    steps = (
        r"Orthogonal vectors have the dot product 0.",
        rf"So \( {a} \times {n} + {c} \times {b} - t = 0 \), which gives \( t = {a * n} + {b * c} = {value} \).",
    )
    return Link(
        setup,
        r"this number \( t \)",
        steps,
        value,
        lambda x: secant(lambda t: sum(p * q for p, q in ((x, a), (b, c), (-1, t))), 0),
    )


@generator("quadratic forms", TOPIC, "college", low=2, high=60)
def _value_of_a_form(n: int, given: str, rng: Random) -> Link:
    a, b, c, k = rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 5), rng.randint(1, 6)
    setup = rng.choice(
        (
            rf"The quadratic form \( q \) of the plane belongs to the symmetric matrix \( {matrix(((a, b), (b, c)))} "
            r"\).",
            rf"Let \( q(v) = v^T S v \) with \( S = {matrix(((a, b), (b, c)))} \), where \( v \) is a column vector.",
        )
    )
    value = a * n * n + 2 * b * n * k + c * k * k
    steps = (
        rf"The form is \( q(x, y) = {'' if a == 1 else a}x^2 + {2 * b}xy + {'' if c == 1 else c}y^2 \).",
        rf"So the value is \( {a} \times {n}^2 + {2 * b} \times {n} \times {k} + {c} \times {k}^2 = {a * n * n} + "
        rf"{2 * b * n * k} + {c * k * k} = {value} \).",
    )
    return Link(
        setup,
        rf"\( q({inside(given)}, {k}) \)",
        steps,
        value,
        lambda x: x * (a * x + b * k) + k * (b * x + c * k),
    )


@generator("Cayley-Hamilton theorem", TOPIC, "college", low=3, high=900)
def _characteristic_equation(n: int, given: str, rng: Random) -> Link:
    b, c, d = rng.randint(1, 3), rng.randint(1, 3), rng.randint(6, 12)
    name = rng.choice("BCRT")
    setup = rng.choice(
        (
            rf"By the Cayley-Hamilton theorem, the matrix \( {name} = {matrix(((inside(given), b), (c, d)))} \) "
            rf"satisfies \( {name}^2 = s\,{name} - t\,I \) with numbers \( s \) and \( t \).",
            rf"For \( {name} = {matrix(((inside(given), b), (c, d)))} \), the square \( {name}^2 \) is written as \( "
            rf"s\,{name} - t\,I \), where \( I \) is the identity matrix.",
        )
    )
    value = n + d + n * d - b * c
    steps = (
        rf"The number \( s \) is the trace, \( {n} + {d} = {n + d} \), and \( t \) is the determinant, \( {n} \times "
        rf"{d} - {b} \times {c} = {n * d - b * c} \).",
        rf"So \( s + t = {n + d} + {n * d - b * c} = {value} \).",
    )

    def check(x: int) -> int:
        """From the entries of the square: the upper right one gives s, then the upper left one gives t."""
        square = _times(((x, b), (c, d)), ((x, b), (c, d)))
        s = whole(Fraction(square[0][1], b))
        return s + s * x - square[0][0]

    return Link(setup, r"\( s + t \)", steps, value, check)


@generator("magnitude of a vector", "Vectors", "high", low=2, high=70)
def _squared_length(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(2, 12), rng.randint(2, 12)
    setup, quantity = rng.choice(
        (
            (
                rf"A drone flies along the vector \( ({a}, {inside(given)}, {b}) \), measured in metres.",
                "the square of the length of its flight in metres",
            ),
            (rf"Let \( \mathbf{{w}} = ({a}, {inside(given)}, {b}) \).", r"\( |\mathbf{w}|^2 \)"),
        )
    )
    value = a * a + n * n + b * b
    steps = (
        "The square of the length of a vector is the sum of the squares of its components.",
        rf"\( {a}^2 + {n}^2 + {b}^2 = {a * a} + {n * n} + {b * b} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(2 * i + 1 for c in (a, x, b) for i in range(c)))


@generator("scalar triple product", "Vectors", "college", low=2, high=400)
def _slanted_box(n: int, given: str, rng: Random) -> Link:
    a, b, p, q, r = rng.randint(2, 4), rng.randint(2, 4), rng.randint(1, 5), rng.randint(1, 5), rng.randint(1, 5)
    edges = rf"\( ({a}, 0, 0) \), \( ({p}, {b}, 0) \) and \( ({q}, {r}, {inside(given)}) \)"
    setup, quantity = rng.choice(
        (
            (f"A parallelepiped is spanned by the vectors {edges}.", "its volume"),
            (f"Three edges of a slanted box are the vectors {edges}.", "the volume of the box"),
        )
    )
    value = a * b * n
    steps = (
        rf"The cross product of the first two vectors is \( (0, 0, {a * b}) \).",
        rf"Its dot product with the third vector is \( {a * b} \times {n} = {value} \), and this is the volume.",
    )
    return Link(setup, quantity, steps, value, lambda x: leibniz(((a, 0, 0), (p, b, 0), (q, r, x))))


@generator("equation of a plane", "Vectors", "college", low=2, high=700)
def _point_on_a_plane(n: int, given: str, rng: Random) -> Link:
    a, b, p, q = rng.randint(2, 6), rng.randint(2, 6), rng.randint(1, 9), rng.randint(1, 9)
    d = product(1, n, given) if given.isdigit() else inside(given)
    setup, quantity = rng.choice(
        (
            (
                rf"The plane with the equation \( {a}x + {b}y - z = {d} \) is moved so that it passes through the "
                rf"point \( ({p}, {q}, 0) \), without being turned. Then the \( z \)-axis is cut at \( -e \).",
                rf"\( e + {d} \)",
            ),
            (
                rf"A plane passes through the point \( (0, 0, {d}) \) and has the normal vector \( ({a}, {b}, -1) \).",
                rf"the third coordinate of its point with \( x = {p} \) and \( y = {q} \)",
            ),
        )
    )
    e = a * p + b * q
    value = e + n
    steps = (
        rf"In the plane \( {a}x + {b}y - z \) is constant; the point with \( x = {p} \) and \( y = {q} \) gives \( {a} "
        rf"\times {p} + {b} \times {q} = {e} \) for the first two terms.",
        rf"So the number asked for is \( {e} + {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum((a * p, b * q, x)))


@generator("distance from a point to a line", "Coordinate geometry", "high", low=2, high=600)
def _to_a_line(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.choice(((3, 4, 5), (4, 3, 5), (6, 8, 10), (5, 12, 13)))
    p = rng.randint(1, 3)
    right = product(c, n, given)
    setup, quantity = rng.choice(
        (
            (
                rf"A straight road has the equation \( {a}x + {b}y + {right} = 0 \), and a well stands at the point \( "
                rf"({p * a}, {p * b}) \).",
                "the distance of the well from the road",
            ),
            (
                "",
                rf"the distance of the point \( ({p * a}, {p * b}) \) from the line \( {a}x + {b}y + {right} = 0 \)",
            ),
        )
    )
    inner = p * (a * a + b * b)
    value = p * c + n
    steps = (
        rf"Put the point into the left side: \( {a} \times {p * a} + {b} \times {p * b} + {c * n} = {inner + c * n} "
        r"\).",
        rf"Divide by \( \sqrt{{{a}^2 + {b}^2}} = {c} \): \( {inner + c * n} \div {c} = {value} \).",
    )

    def check(x: int) -> int:
        """The foot of the perpendicular, and the length of the way there."""
        share = Fraction(inner + c * x, a * a + b * b)
        square = whole((share * a) ** 2 + (share * b) ** 2)
        if isqrt(square) ** 2 != square:
            raise ArithmeticError("the distance is no whole number")
        return isqrt(square)

    return Link(setup, quantity, steps, value, check)

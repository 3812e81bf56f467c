"""Uses of derivatives and integrals. Second computation: difference quotients or Simpson's rule, both exact."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import difference_quotient, simpson, whole
from teacher.mathematics.wording import total

DERIVATIVES, INTEGRALS = "Applications of derivatives", "Applications of integrals"


@generator("tangent line to a curve", DERIVATIVES, "college", low=2, high=70)
def _point_of_a_tangent(n: int, given: str, rng: Random) -> Link:
    c, step = rng.randint(2, 40), rng.randint(2, 6)
    f = rng.choice("fgh")
    setup, quantity = rng.choice(
        (
            (
                rf"The tangent line to the curve \( y = x^2 + {c} \) at \( x = {inside(given)} \) is drawn.",
                rf"the \( y \)-coordinate of the tangent line at \( x = {inside(given)} + {step} \)",
            ),
            (
                rf"Let \( {f}(x) = x^2 + {c} \), and let \( t \) be the line that touches the graph of \( {f} \) where "
                rf"\( x = {inside(given)} \).",
                rf"the height of the line \( t \), {step} units to the right of the point of contact",
            ),
        )
    )
    height, slope = n * n + c, 2 * n
    value = height + slope * step
    steps = (
        rf"At \( x = {n} \) the curve has the height \( {n}^2 + {c} = {height} \) and the slope \( 2 \times {n} = "
        rf"{slope} \).",
        rf"A step of {step} to the right leads to \( {height} + {step} \times {slope} = {value} \) on the tangent.",
    )

    def check(x: int) -> int:
        """The chord of a parabola over a symmetric interval is parallel to the tangent."""
        chord = Fraction((x + step) ** 2 - (x - step) ** 2, 2 * step)
        return whole(x * x + c + chord * step)

    return Link(setup, quantity, steps, value, check)


@generator("related rates", DERIVATIVES, "college", low=2, high=400)
def _growing_figure(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 5)
    setup, quantity, rule = rng.choice(
        (
            (
                f"The side of a square on a screen grows by {k} cm per second.",
                f"the rate, in square centimetres per second, at which the area grows when the side is {given} cm long",
                r"The area is \( s^2 \), so by the chain rule it changes at the rate \( 2s\,\frac{ds}{dt} \).",
            ),
            (
                f"One leg of a right triangle is always twice as long as the other. The shorter leg grows by {k} mm "
                "per minute.",
                "the rate, in square millimetres per minute, at which the area grows when the shorter leg measures "
                f"{given} mm",
                r"With the shorter leg \( s \) the area is \( s^2 \), and its rate of change is \( 2s\,\frac{ds}{dt} "
                r"\).",
            ),
        )
    )
    value = 2 * n * k
    steps = (rule, rf"With \( s = {n} \) this is \( 2 \times {n} \times {k} = {value} \).")
    return Link(setup, quantity, steps, value, lambda s: whole(difference_quotient(lambda t: (s + k * t) ** 2, 0)))


@generator("critical points and extrema", DERIVATIVES, "college", low=2, high=900)
def _two_critical_points(n: int, given: str, rng: Random) -> Link:
    k, c = rng.randint(1, 15), rng.randint(2, 30)
    f = rng.choice("fgh")
    setup, quantity = rng.choice(
        (
            (
                rf"The function \( {f} \) has the derivative \( {f}'(x) = 6(x - {inside(given)})(x + {k}) \).",
                rf"the distance between the two critical points of \( {f} \) on the \( x \)-axis",
            ),
            (
                rf"A hiking trail has the height \( {f}(x) \) at the place \( x \), with \( {f}(0) = {c} \) and \( "
                rf"{f}'(x) = (x + {k})({inside(given)} - x) \).",
                r"the distance along the \( x \)-axis between the lowest dip and the highest top of the trail",
            ),
        )
    )
    value = n + k
    steps = (
        rf"The derivative is 0 for \( x = {n} \) and for \( x = -{k} \), and it changes its sign at both.",
        rf"These extrema are \( {n} - (-{k}) = {value} \) apart.",
    )
    return Link(setup, quantity, steps, value, lambda x: len([z for z in range(-k, x) if (z - x) * (z + k) <= 0]))


@generator("mean value theorem", DERIVATIVES, "college", low=2, high=900)
def _mean_value_point(n: int, given: str, rng: Random) -> Link:
    m, k = rng.randint(1, 12), rng.randint(2, 9)
    f = rng.choice("fgh")
    setup = rng.choice(
        (
            rf"Apply the mean value theorem to \( {f}(x) = x^2 + {k}x \) on the interval from {given} to \( "
            rf"{inside(given)} + {2 * m} \).",
            rf"On the interval \( [{inside(given)}, {inside(given)} + {2 * m}] \), the tangent to the graph of \( "
            rf"{f}(x) = x^2 + {k}x \) is parallel to the chord at exactly one point \( c \), as the mean value theorem "
            "promises.",
        )
    )
    value = n + m
    end = n + 2 * m
    mean = n + end + k
    steps = (
        rf"The chord has the slope \( \frac{{{f}({end}) - {f}({n})}}{{{end} - {n}}} = {n} + {end} + {k} = {mean} \).",
        rf"From \( 2c + {k} = {mean} \) follows \( c = \frac{{{mean} - {k}}}{{2}} = {value} \).",
    )

    def check(x: int) -> int:
        """Try all whole places of the interval."""
        rise = (x + 2 * m) ** 2 + k * (x + 2 * m) - x * x - k * x
        return next(c for c in range(x, x + 2 * m + 1) if (2 * c + k) * 2 * m == rise)

    return Link(setup, r"the point \( c \) of which the theorem speaks", steps, value, check)


@generator("velocity and acceleration", DERIVATIVES, "college", low=2, high=900)
def _velocity_from_place(n: int, given: str, rng: Random) -> Link:
    t, k = rng.randint(2, 6), rng.randint(1, 4)
    what = rng.choice(("A particle moves on a line", "A point of light moves on a wall", "A probe moves through space"))
    cubic = rng.random() < 0.5
    place = "t^3" if cubic else (f"{k}t^2" if k > 1 else "t^2")
    setup = rf"{what} so that its place after \( t \) seconds is \( s(t) = {place} + {inside(given)} t \) metres."
    if not given.isdigit():
        setup = setup.replace(f"{inside(given)} t", f"{inside(given)}\\,t")
    gain = 3 * t * t if cubic else 2 * k * t
    value = gain + n
    steps = (
        rf"The velocity is the derivative, \( s'(t) = {'3t^2' if cubic else f'{2 * k}t'} + {n} \).",
        rf"At \( t = {t} \) it is \( {gain} + {n} = {value} \) metres per second.",
    )
    quantity = rng.choice((rf"its velocity at \( t = {t} \) in metres per second", rf"\( s'({t}) \)"))
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda v: whole(difference_quotient(lambda x: (x**3 if cubic else k * x * x) + v * x, t)),
    )


@generator("linear approximation", DERIVATIVES, "college", low=2, high=70)
def _near_a_square(n: int, given: str, rng: Random) -> Link:
    tenths, c = rng.randint(1, 4), rng.randint(2, 9)
    setup, quantity = rng.choice(
        (
            (
                rf"Near \( x = {inside(given)} \), the function \( f(x) = 5x^2 + {c} \) is replaced by its linear "
                "approximation.",
                rf"the value that the approximation gives for \( x = {inside(given)} + 0.{tenths} \)",
            ),
            (
                rf"The value of \( 5x^2 + {c} \) for an \( x \) that is 0.{tenths} larger than {given} is estimated by "
                rf"means of the tangent at \( x = {inside(given)} \).",
                "this estimate",
            ),
        )
    )
    value = 5 * n * n + c + n * tenths
    steps = (
        rf"\( f({n}) = 5 \times {n}^2 + {c} = {5 * n * n + c} \), and \( f'({n}) = 10 \times {n} = {10 * n} \).",
        rf"The approximation is \( {5 * n * n + c} + {10 * n} \times \frac{{{tenths}}}{{10}} = {5 * n * n + c} + "
        rf"{n * tenths} = {value} \).",
    )

    def check(x: int) -> int:
        """A parabola lies above its tangent by the square of the step."""
        step = Fraction(tenths, 10)
        return whole(5 * (x + step) ** 2 + c - 5 * step**2)

    return Link(setup, quantity, steps, value, check)


@generator("area between curves", INTEGRALS, "college", low=2, high=700)
def _between_parabola_and_line(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 5)
    setup, quantity = rng.choice(
        (
            (
                rf"The curve \( y = 3x^2 + {inside(given)} \) lies above the line \( y = 2x \).",
                rf"the area between the two from \( x = 0 \) to \( x = {k} \)",
            ),
            (
                rf"A plot of land is bounded by the curve \( y = 3x^2 + {inside(given)} \), by the line \( y = 2x \) "
                rf"below it, and by the vertical lines \( x = 0 \) and \( x = {k} \).",
                "the area of the plot in square units",
            ),
        )
    )
    value = k**3 - k * k + n * k
    steps = (
        rf"The area is \( \int_0^{{{k}}} (3x^2 - 2x + {n})\,dx \), and \( x^3 - x^2 + {n}x \) is an antiderivative.",
        rf"This gives \( {k}^3 - {k}^2 + {n} \times {k} = {k**3} - {k * k} + {n * k} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda c: whole(simpson(lambda x: 3 * x * x + c - 2 * x, 0, k)))


@generator("volumes of revolution", INTEGRALS, "college", low=2, high=400)
def _turned_root(n: int, given: str, rng: Random) -> Link:
    k = 2 * rng.randint(1, 3)
    what = rng.choice(("vase", "bowl", "lamp shade"))
    setup = rng.choice(
        (
            rf"The region under the curve \( y = \sqrt{{{inside(given)} x}} \) from \( x = 0 \) to \( x = {k} \) is "
            r"turned about the \( x \)-axis.",
            rf"A {what} has the shape that arises when the curve \( y = \sqrt{{{inside(given)} x}} \), for \( x \) "
            rf"from 0 to {k}, is turned about the \( x \)-axis.",
        )
    )
    if given.isdigit():
        setup = setup.replace(f"{given} x", f"{given}x")
    value = n * k * k // 2
    steps = (
        rf"The volume is \( \pi \int_0^{{{k}}} y^2\,dx = \pi \int_0^{{{k}}} {n}x\,dx \).",
        rf"The integral is \( {n} \times \frac{{{k}^2}}{{2}} = {value} \), so the volume is \( {value}\pi \).",
    )
    return Link(
        setup,
        r"the number \( k \) for which the volume is \( k\pi \)",
        steps,
        value,
        lambda a: whole(simpson(lambda x: a * x, 0, k)),
    )


@generator("work done by a force", INTEGRALS, "college", low=2, high=700)
def _work_along_a_way(n: int, given: str, rng: Random) -> Link:
    k, slope = rng.randint(2, 6), 2 * rng.randint(1, 4)
    setup = rng.choice(
        (
            rf"A force of \( {inside(given)} + {slope}x \) newtons acts on a sledge in its direction of motion, where "
            rf"\( x \) is the way covered in metres. The sledge moves {k} metres.",
            rf"A spring is stretched by a force that is \( {slope}x + {inside(given)} \) newtons after \( x \) "
            rf"metres. It is stretched from \( x = 0 \) to \( x = {k} \).",
        )
    )
    value = n * k + slope // 2 * k * k
    steps = (
        rf"The work is the integral of the force, \( \int_0^{{{k}}} ({n} + {slope}x)\,dx \).",
        rf"It equals \( {n} \times {k} + {slope // 2} \times {k}^2 = {n * k} + {slope // 2 * k * k} = {value} \) "
        "joules.",
    )
    # The force grows evenly, so its mean counts.
    return Link(setup, "the work done in joules", steps, value, lambda a: whole(Fraction(a + a + slope * k, 2) * k))


@generator("average value of a function", "Integrals", "college", low=2, high=900)
def _mean_of_a_function(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 9)
    hours = rng.choice(("the noise in a street", "the brightness of a lamp", "the load of a power line"))
    setup, quantity = rng.choice(
        (
            ("", rf"the average value of \( f(x) = 3x^2 + {inside(given)} \) on the interval \( [0, {k}] \)"),
            (
                rf"During {k} hours {hours} is \( {inside(given)} + 3t^2 \) units, where \( t \) is the time in hours.",
                "its average over these hours in units",
            ),
        )
    )
    value = k * k + n
    steps = (
        rf"The integral from 0 to {k} is \( {k}^3 + {n} \times {k} = {k**3 + n * k} \).",
        rf"Divided by the length of the interval it gives \( {k**3 + n * k} \div {k} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda c: whole(simpson(lambda x: 3 * x * x + c, 0, k) / k))


@generator("antiderivatives", "Integrals", "college", low=2, high=600)
def _from_the_derivative(n: int, given: str, rng: Random) -> Link:
    k, c, a = rng.randint(2, 5), rng.randint(2, 50), rng.randint(1, 3)
    f = rng.choice("FGH")
    square = f"{3 * a}x^2"
    setup = rng.choice(
        (
            rf"The function \( {f} \) is an antiderivative of \( {square} + {inside(given)} \), and \( {f}(0) = {c} "
            r"\).",
            rf"For a function \( {f} \), \( {f}(0) = {c} \) and \( {f}'(x) = {square} + {inside(given)} \).",
        )
    )
    value = a * k**3 + n * k + c
    cube = "x^3" if a == 1 else f"{a}x^3"
    steps = (
        rf"All antiderivatives have the form \( {cube} + {n}x + C \), and \( {f}(0) = {c} \) gives \( C = {c} \).",
        rf"So \( {f}({k}) \) is \( {a} \times {k}^3 + {n} \times {k} + {c} = {a * k**3} + {n * k} + {c} = {value} \).",
    )
    return Link(
        setup,
        rf"\( {f}({k}) \)",
        steps,
        value,
        lambda m: c + whole(simpson(lambda x: 3 * a * x * x + m, 0, k)),
    )


@generator("Riemann sums", "Integrals", "college", low=3, high=60)
def _left_sum(n: int, given: str, rng: Random) -> Link:
    k = 2 * rng.randint(1, 4)
    right = rng.random() < 0.5
    end = "right" if right else "left"
    setup = rng.choice(
        (
            rf"The interval from 0 to {given} is cut into pieces of length 1, and the area under \( y = {k}x \) is "
            f"approximated by rectangles whose heights are taken at the {end} ends of the pieces.",
            rf"For \( f(x) = {k}x \) on \( [0, {inside(given)}] \), a Riemann sum is formed with steps of width 1 and "
            f"the {end} endpoints.",
        )
    )
    value = k // 2 * (n * (n + 1) if right else n * (n - 1))
    last = n if right else n - 1
    steps = (
        rf"The heights are the multiples of {k} up to \( {k} \times {last} = {k * last} \), and each width is 1.",
        rf"The sum is \( {k} \times \frac{{{last} \times {last + 1}}}{{2}} = {value} \).",
    )
    return Link(
        setup,
        "the value of this sum",
        steps,
        value,
        lambda x: sum(k * (i + 1 if right else i) for i in range(x)),
    )


@generator("trapezoidal rule", "Numerical methods", "college", low=2, high=900)
def _trapezoids(n: int, given: str, rng: Random) -> Link:
    inner = [rng.randint(3, 40) for _ in range(rng.choice((2, 3, 4)))]
    last = rng.randint(3, 40)
    setup = rng.choice(
        (
            f"A river is measured across at distances of 2 metres. The depths found are {given}, "
            f"{', '.join(map(str, inner))} and {last} decimetres, from one place to the next.",
            rf"A function has the values {given}, {', '.join(map(str, inner))} and {last} at the places \( 0, 2, 4, "
            rf"\ldots, {2 * (len(inner) + 1)} \).",
        )
    )
    value = n + 2 * sum(inner) + last
    steps = (
        "With steps of 2, each trapezoid has as its area the sum of its two heights.",
        rf"The outer heights count once and the inner ones twice: \( {n} + 2 \times ({total(inner)}) + {last} = "
        rf"{value} \).",
    )
    quantity = (
        "the area of the cross-section by the trapezoidal rule, in metres times decimetres"
        if "river" in setup
        else "the approximation of the integral over this interval by the trapezoidal rule"
    )

    def check(x: int) -> int:
        heights = [x, *inner, last]
        return sum(a + b for a, b in pairwise(heights))

    return Link(setup, quantity, steps, value, check)

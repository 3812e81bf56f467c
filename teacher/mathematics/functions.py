"""Functions. Second computation: another form of the same function, or the secant."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.linear import secant
from teacher.mathematics.terms import signed, times_x, whole

TOPIC = "Functions"


@generator("function evaluation", TOPIC, "middle", low=1, high=2000)
def _by_cases(n: int, given: str, rng: Random) -> Link:
    f = rng.choice("fgh")
    even, odd = rng.choice((2, 3)), rng.randint(1, 9)
    setup = rng.choice(
        (
            rf"For whole numbers \( x \) the function \( {f} \) is given by \( {f}(x) = \frac{{x}}{{2}} + {odd} \) if "
            rf"\( x \) is even and \( {f}(x) = {even}x + {odd} \) if \( x \) is odd.",
            rf"Let \( {f}(x) = \frac{{x}}{{2}} + {odd} \) for even and \( {f}(x) = {even}x + {odd} \) for odd \( x \).",
        )
    )
    value = n // 2 + odd if n % 2 == 0 else even * n + odd
    steps = (
        rf"{n} is even, so the first rule applies: \( {f}({n}) = \frac{{{n}}}{{2}} + {odd} = {value} \)."
        if n % 2 == 0
        else rf"{n} is odd, so the second rule applies: \( {f}({n}) = {even} \cdot {n} + {odd} = {value} \).",
    )

    def check(m: int) -> int:
        half, one = divmod(m, 2)
        return (1 - one) * (half + odd) + one * (even * (2 * half + 1) + odd)

    return Link(setup, rf"the value \( {f}({inside(given)}) \)", steps, value, check)


@generator("function evaluation", TOPIC, "middle", low=1, high=150)
def _quadratic_function(n: int, given: str, rng: Random) -> Link:
    f, h, k = rng.choice("fgh"), rng.randint(1, 6), rng.randint(2, 40)
    setup = rng.choice(
        (
            rf"A function is given by \( {f}(x) = (x - {h})^2 + {k} \).",
            rf"Let \( {f}(x) = (x - {h})^2 + {k} \) for all real numbers \( x \).",
        )
    )
    value = (n - h) ** 2 + k
    steps = (
        rf"Put {n} for \( x \): \( {f}({n}) = ({n} - {h})^2 + {k} \).",
        rf"\( {f'({n - h})' if n < h else n - h}^2 + {k} = {(n - h) ** 2} + {k} = {value} \).",
    )
    quantity = rng.choice((rf"\( {f}({inside(given)}) \)", rf"the value of \( {f}({inside(given)}) \)"))
    return Link(setup, quantity, steps, value, lambda x: x * x - 2 * h * x + h * h + k)


@generator("function evaluation", TOPIC, "middle", low=2, high=900)
def _two_values(n: int, given: str, rng: Random) -> Link:
    f, a, b, k = rng.choice("fgh"), rng.randint(2, 4), rng.randint(1, 20), rng.randint(2, 9)
    setup = rng.choice(
        (
            rf"The function \( {f} \) has the rule \( {f}(x) = {a}x + {b} \).",
            rf"Let \( {f}(x) = {a}x + {b} \).",
        )
    )
    first, second = a * n + b, a * k + b
    steps = (
        rf"\( {f}({n}) = {a} \cdot {n} + {b} = {first} \).",
        rf"\( {f}({k}) = {a} \cdot {k} + {b} = {second} \).",
        rf"The sum is \( {first} + {second} = {first + second} \).",
    )
    quantity = rf"\( {f}({inside(given)}) + {f}({k}) \)"
    return Link(setup, f"the value of {quantity}", steps, first + second, lambda x: a * (x + k) + 2 * b)


@generator("composition of functions", TOPIC, "high", low=1, high=600)
def _outer_after_inner(n: int, given: str, rng: Random) -> Link:
    f, g = rng.choice((("f", "g"), ("g", "h"), ("p", "q")))
    a, b, c, d = rng.randint(2, 3), rng.randint(1, 15), rng.randint(2, 3), rng.randint(1, 15)
    setup = rng.choice(
        (
            rf"Let \( {f}(x) = {a}x + {b} \) and \( {g}(x) = {c}x + {d} \).",
            rf"Two functions are given by \( {f}(x) = {a}x + {b} \) and \( {g}(x) = {c}x + {d} \).",
        )
    )
    inner, value = c * n + d, a * (c * n + d) + b
    steps = (
        rf"Work from the inside: \( {g}({n}) = {c} \cdot {n} + {d} = {inner} \).",
        rf"Then \( {f}({inner}) = {a} \cdot {inner} + {b} = {value} \).",
    )
    quantity = rng.choice(
        (rf"the value of \( {f}({g}({inside(given)})) \)", rf"the value of \( ({f} \circ {g})({inside(given)}) \)")
    )
    return Link(setup, quantity, steps, value, lambda x: a * c * x + (a * d + b))


@generator("composition of functions", TOPIC, "high", low=1, high=100)
def _square_inside(n: int, given: str, rng: Random) -> Link:
    f, g = rng.choice((("f", "g"), ("u", "v"), ("g", "h")))
    k, c = rng.randint(1, 5), rng.randint(1, 20)
    setup = rng.choice(
        (
            rf"Let \( {f}(x) = x^2 + {c} \) and \( {g}(x) = x + {k} \).",
            rf"Two functions have the rules \( {f}(x) = x^2 + {c} \) and \( {g}(x) = x + {k} \).",
        )
    )
    value = (n + k) ** 2 + c
    steps = (
        rf"\( {g}({n}) = {n} + {k} = {n + k} \).",
        rf"\( {f}({n + k}) = {n + k}^2 + {c} = {(n + k) ** 2} + {c} = {value} \).",
    )
    quantity = rf"the value of \( {f}({g}({inside(given)})) \)"
    return Link(setup, quantity, steps, value, lambda x: x * x + 2 * k * x + k * k + c)


@generator("composition of functions", TOPIC, "high", low=1, high=400)
def _twice_the_same(n: int, given: str, rng: Random) -> Link:
    f, a, b = rng.choice("fgh"), rng.randint(2, 3), rng.randint(1, 12)
    setup = rng.choice(
        (rf"Let \( {f}(x) = {a}x - {b} \).", rf"The function \( {f} \) is given by \( {f}(x) = {a}x - {b} \).")
    )
    if n <= b:
        setup, b = setup.replace(f"- {b}", f"+ {b}"), -b
    once, value = a * n - b, a * (a * n - b) - b
    steps = (
        rf"\( {f}({n}) = {a} \cdot {n} {signed(-b)} = {once} \).",
        rf"\( {f}({once}) = {a} \cdot {once} {signed(-b)} = {value} \).",
    )
    quantity = rf"the value of \( {f}({f}({inside(given)})) \)"
    return Link(setup, quantity, steps, value, lambda x: a * a * x - (a + 1) * b)


@generator("inverse functions", TOPIC, "high", low=1, high=3000)
def _inverse_of_a_product(n: int, given: str, rng: Random) -> Link:
    f, k = rng.choice("fgh"), rng.randint(2, 6)
    c = (-n) % k + k * rng.randint(0, 3)
    rule = f"{times_x(k)} {signed(-c)}".strip()
    setup = rng.choice((rf"Let \( {f}(x) = {rule} \).", rf"The function \( {f} \) is given by \( {f}(x) = {rule} \)."))
    value = (n + c) // k
    solve = rf"\( {rule} = {n} \)"
    steps = (
        rf"The value \( {f}^{{-1}}({n}) \) is the number \( x \) with {solve}.",
        rf"So \( {k}x = {n + c} \) and \( x = {value} \).",
    )
    quantity = rng.choice(
        (
            rf"the value of \( {f}^{{-1}}({inside(given)}) \)",
            rf"\( {f}^{{-1}}({inside(given)}) \), where \( {f}^{{-1}} \) is the inverse function",
        )
    )
    return Link(setup, quantity, steps, value, lambda m: secant(lambda x: k * x - c, m))


@generator("inverse functions", TOPIC, "high", low=1, high=600)
def _inverse_of_a_quotient(n: int, given: str, rng: Random) -> Link:
    f, k, c = rng.choice("fgh"), rng.randint(2, 4), rng.randint(1, 20)
    rule = rf"\frac{{x - {c}}}{{{k}}}"
    setup = rng.choice(
        (
            rf"The function \( {f} \) with \( {f}(x) = {rule} \) has an inverse function.",
            rf"Let \( {f}(x) = {rule} \), and let \( {f}^{{-1}} \) be its inverse function.",
        )
    )
    value = k * n + c
    steps = (
        rf"\( {f}^{{-1}}({n}) \) is the solution of \( {rule} = {n} \).",
        rf"Multiply by {k} and add {c}: \( x = {k} \cdot {n} + {c} = {value} \).",
    )

    def check(m: int) -> int:
        at_c, slope = Fraction(0), Fraction(1, k)  # the function is 0 at c and grows by 1/k
        return whole(c + (m - at_c) / slope)

    return Link(setup, rf"the value of \( {f}^{{-1}}({inside(given)}) \)", steps, value, check)

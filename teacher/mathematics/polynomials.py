"""Polynomials, exponents, logarithms and complex numbers. Second computation: Horner, bit lengths, conjugates."""

from __future__ import annotations

from math import isqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.terms import product, signed, times_x

POLYNOMIALS, POWERS = "Polynomials", "Exponents and logarithms"


def _horner(coefficients: tuple[int, ...], x: int) -> int:
    """The value at x; coefficients from the highest power down. Its last line is also the remainder by x - c."""
    value = 0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


@generator("evaluating polynomials", POLYNOMIALS, "middle", low=1, high=150)
def _at_the_input(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.randint(1, 2), rng.choice((-3, -2, -1, 1, 2, 3, 4, 5)), rng.randint(4, 30)
    polynomial = f"{times_x(a, 'x^2')} {'+' if b > 0 else '-'} {times_x(abs(b))} + {c}"
    setup, quantity = rng.choice(
        (
            ("", rf"the value of the polynomial \( {polynomial} \) at \( x = {inside(given)} \)"),
            ("", rf"the value that \( {polynomial} \) takes for \( x = {inside(given)} \)"),
        )
    )
    square, linear = a * n * n, b * n
    value = square + linear + c
    steps = (
        _put_in(a, b, n),
        rf"\( {square} {signed(linear)} + {c} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: _horner((a, b, c), x))


def _put_in(a: int, b: int, n: int) -> str:
    """The first step of the evaluation of a x^2 + b x at n."""
    factor = rf"{a} \cdot " if a > 1 else ""
    return rf"Put \( x = {n} \): \( {factor}{n}^2 = {a * n * n} \) and \( {b} \cdot {n} = {b * n} \)."


@generator("evaluating polynomials", POLYNOMIALS, "middle", low=1, high=1500)
def _with_a_coefficient(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 5) if n < 200 else 2
    e, c = rng.choice((2, 3)), rng.randint(1, 30)
    setup, quantity = rng.choice(
        (
            (
                rf"A polynomial is given by \( P(x) = x^{e} + {inside(given)}x + {c} \).",
                rf"the value \( P({k}) \)",
            ),
            ("", rf"the value of \( x^{e} + {inside(given)}x - {c} \) at \( x = {k} \)"),
        )
    )
    constant = c if setup else -c
    value = k**e + n * k + constant
    steps = (
        rf"Put \( x = {k} \): \( {k}^{e} = {k**e} \) and \( {n} \cdot {k} = {n * k} \).",
        rf"\( {k**e} + {n * k} {signed(constant)} = {value} \).",
    )
    middle = (0,) * (e - 2)
    return Link(setup, quantity, steps, value, lambda m: _horner((1, *middle, m, constant), k))


@generator("remainder theorem", POLYNOMIALS, "high", low=1, high=1500)
def _divided_by_a_number(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 4) if n < 300 else rng.randint(1, 2)
    a, c = rng.randint(1, 3), rng.randint(1, 30)
    polynomial = rf"\( {times_x(a, 'x^3')} + {inside(given)}x + {c} \)"
    quantity = rng.choice(
        (
            rf"the remainder when {polynomial} is divided by \( x - {k} \)",
            rf"the remainder of the division of {polynomial} by \( x - {k} \)",
        )
    )
    value = a * k**3 + n * k + c
    leading = rf"{a} \cdot " if a > 1 else ""
    steps = (
        rf"By the remainder theorem the remainder is the value of the polynomial at \( x = {k} \).",
        rf"\( {leading}{k}^3 + {n} \cdot {k} + {c} = {a * k**3} + {n * k} + {c} = {value} \).",
    )

    def check(m: int) -> int:
        row = [a]  # synthetic division
        for coefficient in (0, m, c):
            row.append(coefficient + k * row[-1])
        return row[-1]

    return Link("", quantity, steps, value, check)


@generator("remainder theorem", POLYNOMIALS, "high", low=1, high=150)
def _divided_by_the_input(n: int, given: str, rng: Random) -> Link:
    b, c = rng.randint(1, 6), rng.randint(1, 30)
    polynomial = rf"\( x^2 - {times_x(b)} + {c + 2 * b} \)"
    quantity = rng.choice(
        (
            rf"the remainder when {polynomial} is divided by \( x - {inside(given)} \)",
            rf"the number that must be subtracted from {polynomial} to make it divisible by \( x - {inside(given)} \)",
        )
    )
    value = n * n - b * n + c + 2 * b
    steps = (
        rf"By the remainder theorem the remainder is the value of the polynomial at \( x = {n} \).",
        rf"\( {n}^2 - {b} \cdot {n} + {c + 2 * b} = {n * n} - {b * n} + {c + 2 * b} = {value} \).",
    )

    def check(m: int) -> int:
        row = [1]  # synthetic division
        for coefficient in (-b, c + 2 * b):
            row.append(coefficient + m * row[-1])
        return row[-1]

    return Link("", quantity, steps, value, check)


@generator("laws of exponents", POWERS, "middle", low=2, high=800)
def _one_power(n: int, given: str, rng: Random) -> Link:
    base, k, c = rng.choice((2, 3, 5, 7, 10)), rng.randint(2, 3), rng.randint(4, 25)
    d = rng.randint(1, c - 1)
    text = rf"\frac{{({base}^{{{inside(given)}}})^{k} \cdot {base}^{{{c}}}}}{{{base}^{{{d}}}}}"
    quantity = rng.choice(
        (
            rf"the exponent \( x \) for which \( {text} = {base}^x \)",
            rf"the exponent when \( {text} \) is written as a single power of {base}",
        )
    )
    value = k * n + c - d
    steps = (
        rf"A power of a power multiplies the exponents: \( ({base}^{{{n}}})^{k} = {base}^{{{k * n}}} \).",
        rf"A product adds exponents and a quotient subtracts them: \( {k * n} + {c} - {d} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: ((1 << m) ** k * (1 << c) >> d).bit_length() - 1)


@generator("laws of exponents", POWERS, "middle", low=2, high=800)
def _to_a_smaller_base(n: int, given: str, rng: Random) -> Link:
    base, e, f = rng.choice(((2, 2, 3), (2, 3, 2), (2, 4, 3), (3, 2, 3), (3, 3, 2), (5, 2, 3)))
    c = rng.randint(2, 12)
    text = rf"{base**e}^{{{inside(given)}}} \cdot {base**f}^{{{c}}}"
    quantity = rng.choice(
        (
            rf"the number \( x \) with \( {text} = {base}^x \)",
            rf"the exponent of \( {text} \) as a power of {base}",
        )
    )
    value = e * n + f * c
    steps = (
        rf"\( {base**e} = {base}^{e} \) and \( {base**f} = {base}^{f} \).",
        rf"So the product is \( {base}^{{{e} \cdot {n}}} \cdot {base}^{{{f} \cdot {c}}} "
        rf"= {base}^{{{e * n} + {f * c}}} = {base}^{{{value}}} \).",
    )
    # the law holds for every base; with 2 the exponent is the length of the binary form
    return Link("", quantity, steps, value, lambda m: ((1 << e) ** m * (1 << f) ** c).bit_length() - 1)


@generator("logarithms", POWERS, "high", low=2, high=800)
def _logarithm_of_a_product(n: int, given: str, rng: Random) -> Link:
    base, e, f = rng.choice(((2, 3, 1), (2, 2, 3), (3, 2, 1), (3, 2, 3), (5, 2, 1), (2, 2, 5)))
    c = rng.randint(2, 15)
    text = rf"\log_{{{base}}} \left( {base**e}^{{{inside(given)}}} \cdot {base**f}^{{{c}}} \right)"
    quantity = rng.choice((rf"\( {text} \)", rf"the value of \( {text} \)"))
    value = e * n + f * c
    steps = (
        rf"The logarithm of a product is the sum of the logarithms, and \( \log_{{{base}}} {base**e} = {e} \), "
        rf"\( \log_{{{base}}} {base**f} = {f} \).",
        rf"So the value is \( {n} \cdot {e} + {c} \cdot {f} = {e * n} + {f * c} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: ((1 << e * m) * (1 << f * c)).bit_length() - 1)


@generator("logarithms", POWERS, "high", low=1, high=3000)
def _logarithmic_equation(n: int, given: str, rng: Random) -> Link:
    base, e = rng.choice(
        ((2, 3), (2, 4), (2, 5), (2, 6), (2, 7), (3, 2), (3, 3), (3, 4), (5, 2), (5, 3), (10, 2), (7, 2))
    )
    equation = rf"\( \log_{{{base}}} (x - {inside(given)}) = {e} \)"
    quantity = rng.choice((f"the solution of the equation {equation}", rf"the number \( x \) for which {equation}"))
    power = base**e
    steps = (
        rf"The equation says that \( x - {n} = {base}^{e} = {power} \).",
        rf"So \( x = {n} + {power} = {n + power} \).",
    )

    def check(m: int) -> int:
        argument = 1
        for _ in range(e):
            argument *= base
        return m + argument

    return Link("", quantity, steps, n + power, check)


_TRIPLES = ((3, 4, 5), (4, 3, 5), (5, 12, 13), (12, 5, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29))


@generator("modulus of a complex number", "Complex numbers", "high", low=1, high=400)
def _multiple_of_a_triple(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.choice(_TRIPLES[:4] if n > 40 else _TRIPLES)
    sign = rng.choice("+-")
    number = rf"\( {product(a, n, given)} {sign} {product(b, n, given)} i \)"
    quantity = rng.choice(
        (f"the modulus of the complex number {number}", f"the distance of {number} from 0 in the complex plane")
    )
    x, y = a * n, b * n
    steps = (
        rf"The modulus is \( \sqrt{{{x}^2 + {y}^2}} = {n} \cdot \sqrt{{{a}^2 + {b}^2}} \).",
        rf"\( {n} \cdot \sqrt{{{a * a + b * b}}} = {n} \cdot {c} = {c * n} \).",
    )
    return Link("", quantity, steps, c * n, lambda m: isqrt((a * m) ** 2 + (b * m) ** 2))


@generator("modulus of a complex number", "Complex numbers", "high", low=1, high=150)
def _squared_modulus(n: int, given: str, rng: Random) -> Link:
    b = rng.randint(1, 15)
    number = rf"{inside(given)} + {times_x(b, 'i')}" if rng.random() < 0.6 else rf"{b} - {inside(given)}i"
    setup, quantity = rng.choice(
        (
            (rf"Let \( z = {number} \), where \( i^2 = -1 \).", r"\( |z|^2 \)"),
            ("", rf"the square of the modulus of the complex number \( {number} \)"),
        )
    )
    value = n * n + b * b
    steps = (
        r"The square of the modulus is the sum of the squares of the real and the imaginary part.",
        rf"\( {n}^2 + {b}^2 = {n * n} + {b * b} = {value} \).",
    )

    def check(m: int) -> int:
        (x, y), (u, v) = (m, b), (m, -b)  # the number times its conjugate
        return x * u - y * v

    return Link(setup, quantity, steps, value, check)


@generator("modulus of a complex number", "Complex numbers", "high", low=1, high=300)
def _modulus_of_a_product(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.choice(_TRIPLES[:4])
    number = rf"\( {product(2, n, given)} i \cdot ({a} - {b}i) \)"
    quantity = rng.choice((f"the modulus of {number}", f"the absolute value of the complex number {number}"))
    steps = (
        r"The modulus of a product is the product of the moduli.",
        rf"\( |{2 * n}i| = {2 * n} \) and \( |{a} - {b}i| = \sqrt{{{a * a} + {b * b}}} = {c} \).",
        rf"\( {2 * n} \cdot {c} = {2 * n * c} \).",
    )

    def check(m: int) -> int:
        real, imaginary = 2 * m * b, 2 * m * a  # the product multiplied out
        return isqrt(real**2 + imaginary**2)

    return Link("", quantity, steps, 2 * n * c, check)

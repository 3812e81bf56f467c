"""Linear equations, inequalities and absolute values. Second computation: the secant, Cramer's rule, halving."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.terms import product, times_x, whole
from teacher.mathematics.wording import PEOPLE


def secant(f: Callable[[int], int], target: Fraction | int) -> int:
    """The whole x with f(x) = target, for a linear f known at 0 and 1 only."""
    return whole(Fraction(target - f(0)) / (f(1) - f(0)))


def last_true(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The largest x in low..high with holds(x), which is true up to some point and false after it."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


@generator("solving linear equations", "Linear equations", "middle", low=1, high=3000)
def _thought_of_a_number(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 6)
    c = (-n) % k + k * rng.randint(1, 4)
    who = rng.choice(PEOPLE)
    equation = rf"\( {k}x - {c} = {inside(given)} \)"
    setup, quantity = rng.choice(
        (
            ("", rf"the solution \( x \) of the equation {equation}"),
            (
                f"{who} thinks of a number, multiplies it by {k} and subtracts {c}. The result is {given}.",
                f"the number that {who} thinks of",
            ),
            (
                f"From {k} equal bags of nuts {c} nuts are taken out, and {given} nuts remain.",
                "the number of nuts that were in each bag at first",
            ),
        )
    )
    value = (n + c) // k
    steps = (
        rf"The equation is \( {k}x - {c} = {n} \). Add {c} to both sides: \( {k}x = {n + c} \).",
        rf"Divide by {k}: \( x = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: secant(lambda x: k * x - c, m))


@generator("solving linear equations", "Linear equations", "middle", low=1, high=600)
def _x_on_both_sides(n: int, given: str, rng: Random) -> Link:
    a, d = rng.randint(2, 4) if n > 60 else rng.randint(2, 7), rng.randint(1, 30)
    equation = rf"\( {a}(x - {inside(given)}) = {times_x(a - 1)} + {d} \)"
    quantity = rng.choice((f"the solution of the equation {equation}", rf"the number \( x \) for which {equation}"))
    value = a * n + d
    right = times_x(a - 1)
    steps = (
        rf"Multiply out: \( {a}x - {a * n} = {right} + {d} \).",
        rf"Subtract \( {right} \) and add {a * n} on both sides: \( x = {a * n} + {d} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: secant(lambda x: a * (x - m) - (a - 1) * x, d))


@generator("systems of two linear equations", "Linear equations", "middle", low=12, high=2000)
def _sum_and_difference(n: int, given: str, rng: Random) -> Link:
    d = n % 2 + 2 * rng.randint(1, 4)
    first, second = rng.sample(PEOPLE, 2)
    setup, larger, smaller = rng.choice(
        (
            (
                f"A club has {given} members, and there are {d} more adults than children among them.",
                "the number of adults in the club",
                "the number of children in the club",
            ),
            (
                f"{first} and {second} have {given} coins together, and {first} has {d} coins more than {second}.",
                f"the number of coins that {first} has",
                f"the number of coins that {second} has",
            ),
            (
                rf"The numbers \( u \) and \( v \) satisfy \( u + v = {inside(given)} \) and \( u - v = {d} \).",
                r"the number \( u \)",
                r"the number \( v \)",
            ),
        )
    )
    high, low = (n + d) // 2, (n - d) // 2
    large = rng.random() < 0.5
    steps = (
        rf"Write \( u + v = {n} \) and \( u - v = {d} \), with \( u \) the larger number.",
        rf"Adding the equations gives \( 2u = {n + d} \), so \( u = {high} \).",
        *(() if large else (rf"Then \( v = {n} - {high} = {low} \).",)),
    )

    def check(m: int) -> int:  # Cramer's rule; the determinant is -2
        return whole(Fraction(-m - d, -2)) if large else whole(Fraction(d - m, -2))

    return Link(setup, larger if large else smaller, steps, high if large else low, check)


@generator("systems of two linear equations", "Linear equations", "high", low=1, high=300)
def _two_unknowns(n: int, given: str, rng: Random) -> Link:
    s, t = rng.randint(1, 3), rng.randint(1, 3)
    a, b, c, d = rng.choice(((2, 1, 1, 1), (3, 1, 1, 1), (3, 2, 1, 2), (2, 1, 1, 2), (3, 1, 1, 2), (2, 1, 1, 3)))
    right, below = a * s + b * t, c * s + d * t
    setup = rng.choice(("The numbers", "Two numbers")) + (
        rf" \( u \) and \( v \) satisfy \( {times_x(a, 'u')} + {times_x(b, 'v')} = {product(right, n, given)} \) "
        rf"and \( {times_x(c, 'u')} + {times_x(d, 'v')} = {product(below, n, given)} \)."
    )
    x, y = s * n, t * n
    left, under = a * d - b * c, a * below - c * right
    quantity, value, last = rng.choice(
        (
            (r"\( u + v \)", x + y, rf"\( u + v = {x} + {y} = {x + y} \)"),
            (r"\( 2u + v \)", 2 * x + y, rf"\( 2u + v = {2 * x} + {y} = {2 * x + y} \)"),
            (r"\( u + 3v \)", x + 3 * y, rf"\( u + 3v = {x} + {3 * y} = {x + 3 * y} \)"),
        )
    )
    weights = {r"\( u + v \)": (1, 1), r"\( 2u + v \)": (2, 1), r"\( u + 3v \)": (1, 3)}[quantity]
    steps = (
        rf"Take {a} times the second equation minus {'' if c == 1 else f'{c} times '}the first: "
        rf"\( {times_x(left, 'v')} = {a * below * n} - {c * right * n} = {under * n} \), so \( v = {y} \).",
        rf"Put this into the first: \( {times_x(a, 'u')} = {right * n} - {b * y} = {a * x} \), so \( u = {x} \).",
        f"{last}.",
    )

    def check(m: int) -> int:
        det = a * d - b * c
        by_cramer = (Fraction((right * d - b * below) * m, det), Fraction((a * below - right * c) * m, det))
        return whole(weights[0] * by_cramer[0] + weights[1] * by_cramer[1])

    return Link(setup, f"the value of {quantity}", steps, value, check)


@generator("linear inequalities", "Inequalities", "middle", low=40, high=4000)
def _largest_solution(n: int, given: str, rng: Random) -> Link:
    k, b = rng.randint(2, 9), rng.randint(2, 20)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            ("", rf"the largest whole number \( x \) with \( {k}x + {b} \le {inside(given)} \)"),
            (
                f"{who} has {given} dollars for a day at the fair. Admission costs {b} dollars, each ride {k} dollars.",
                f"the greatest number of rides that {who} can pay",
            ),
            (
                f"A lift may carry {given} kilograms. It holds a trolley of {b} kilograms "
                f"and crates of {k} kilograms each.",
                "the greatest number of crates that it may carry with the trolley",
            ),
        )
    )
    value = (n - b) // k
    steps = (
        rf"The condition is \( {k}x + {b} \le {n} \), that is \( {k}x \le {n - b} \).",
        rf"Dividing by {k} gives \( x \le \frac{{{n - b}}}{{{k}}} \), and the largest such whole number is {value}.",
    )
    return Link(setup, quantity, steps, value, lambda m: last_true(lambda x: k * x + b <= m, 0, m))


@generator("linear inequalities", "Inequalities", "middle", low=1, high=600)
def _smallest_solution(n: int, given: str, rng: Random) -> Link:
    a = rng.randint(2, 5)
    c = rng.randint(1, a - 1)
    b = rng.randint(1, 15)
    quantity = rng.choice(
        (
            rf"the smallest whole number \( x \) with \( {a}x - {b} > {times_x(c)} + {inside(given)} \)",
            rf"the least integer \( x \) that satisfies \( {a}x > {times_x(c)} + {inside(given)} + {b} \)",
        )
    )
    total = n + b
    value = total // (a - c) + 1
    left = times_x(a - c)
    steps = (
        rf"Bring the terms with \( x \) to one side and the numbers to the other: "
        rf"\( {left} > {n} + {b} \), that is \( {left} > {total} \).",
        rf"The smallest whole number greater than \( \frac{{{total}}}{{{a - c}}} \) is {value}."
        if a - c > 1
        else f"The smallest whole number greater than {total} is {value}.",
    )
    return Link("", quantity, steps, value, lambda m: last_true(lambda x: a * x - b <= c * x + m, 0, m + b) + 1)


@generator("absolute value equations", "Absolute value", "high", low=1, high=900)
def _larger_solution(n: int, given: str, rng: Random) -> Link:
    k, c = rng.randint(2, 5), rng.randint(2, 12)
    equation = rf"\( \left| \frac{{x}}{{{k}}} - {c} \right| = {inside(given)} \)"
    value = k * (n + c)
    steps = (
        rf"The absolute value is {n} if \( \frac{{x}}{{{k}}} - {c} = {n} \) or \( \frac{{x}}{{{k}}} - {c} = -{n} \).",
        rf"So \( x = {k} \cdot ({n} + {c}) = {value} \) or \( x = {k} \cdot (-{n} + {c}) = {k * (c - n)} \).",
        f"The larger of the two is {value}.",
    )
    quantity = rng.choice((f"the larger solution of {equation}", f"the greatest number that solves {equation}"))
    return Link(
        "", quantity, steps, value, lambda m: last_true(lambda x: abs(x - k * c) <= k * m, k * c, k * (2 * m + c))
    )


@generator("absolute value equations", "Absolute value", "high", low=1, high=1500)
def _all_solutions(n: int, given: str, rng: Random) -> Link:
    k, d = rng.randint(2, 4), rng.randint(1, 40)
    equation = rf"\( |x - {inside(given)}| = {d} \)"
    low, high = n - d, n + d
    setup = rng.choice((f"The equation {equation} has two solutions.", f"Solve the equation {equation}."))
    quantity = f"the sum of the smaller solution and {k} times the larger one"
    value = low + k * high
    steps = (
        rf"The solutions lie at distance {d} from {n}: \( {n} - {d} = {low} \) and \( {n} + {d} = {high} \).",
        rf"\( {low} + {k} \cdot {high} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: (k + 1) * m + (k - 1) * d)


@generator("absolute value equations", "Absolute value", "competition", low=3, high=400)
def _distance_sum(n: int, given: str, rng: Random) -> Link:
    a = rng.randint(2, 20)
    b = a + 2 * rng.randint(1, 10)
    gap = b - a
    right = str(2 * n + gap) if given.isdigit() else f"{product(2, n, given)} + {gap}"
    equation = rf"\( |x - {a}| + |x - {b}| = {right} \)"
    value = b + n
    steps = (
        rf"To the right of {b} the left side is \( (x - {a}) + (x - {b}) = 2x - {a + b} \), "
        rf"so \( 2x = {2 * n + gap} + {a + b} = {2 * value} \) and \( x = {value} \).",
        rf"Between {a} and {b} the left side is only {gap}, and to the left of {a} all solutions are smaller.",
        f"So the largest solution is {value}.",
    )
    quantity = rng.choice((f"the larger solution of {equation}", f"the largest number that satisfies {equation}"))

    def check(m: int) -> int:
        return last_true(lambda x: abs(x - a) + abs(x - b) <= 2 * m + gap, a, a + b + 2 * m + gap)

    return Link("", quantity, steps, value, check)

"""Sequences and series. Second computation: write the terms out, or a closed form where the steps went term by term."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.wording import PEOPLE, listing

TOPIC = "Sequences and series"


def _nth(k: int) -> str:
    """`3rd`, `11th`, `20th`."""
    ending = "th" if k % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(k % 10, "th")
    return f"{k}{ending}"


@generator("arithmetic sequences", TOPIC, "middle", low=2, high=1500)
def _term_from_first(n: int, given: str, rng: Random) -> Link:
    d, k = rng.randint(2, 9), rng.randint(6, 30)
    setup, quantity = rng.choice(
        (
            (
                f"An arithmetic sequence has the first term {given} and the common difference {d}.",
                f"its {_nth(k)} term",
            ),
            (
                f"The front row of a theatre has {given} seats, "
                f"and each further row has {d} seats more than the row before.",
                f"the number of seats in row {k}",
            ),
            (
                f"{rng.choice(PEOPLE)} swims {given} metres on the first day "
                f"and {d} metres more on each day than on the day before.",
                f"the number of metres swum on day {k}",
            ),
        )
    )
    value = n + (k - 1) * d
    steps = (
        rf"From the first to the {_nth(k)} the difference {d} is added \( {k} - 1 = {k - 1} \) times.",
        rf"\( {n} + {k - 1} \cdot {d} = {n} + {(k - 1) * d} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: range(m, m + k * d, d)[-1])


@generator("arithmetic sequences", TOPIC, "middle", low=2, high=500)
def _term_at_the_input(n: int, given: str, rng: Random) -> Link:
    a, d = rng.randint(1, 40), rng.randint(2, 4) if n > 60 else rng.randint(2, 9)
    shown = rf"\( {a}, {a + d}, {a + 2 * d}, \dots \)"
    setup, quantity = rng.choice(
        (
            (f"The arithmetic sequence {shown} goes on without end.", f"the term at position {given}"),
            (
                f"The terms {shown} form an arithmetic sequence, and {a} is term number 1.",
                f"the value of term number {given}",
            ),
        )
    )
    value = a + (n - 1) * d
    steps = (
        f"The first term is {a}, and the common difference is {d}.",
        rf"The term at position {n} is \( {a} + ({n} - 1) \cdot {d} = {a} + {(n - 1) * d} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: range(a, a + m * d, d)[-1])


@generator("arithmetic sequences", TOPIC, "middle", low=40, high=4000)
def _terms_up_to_the_input(n: int, given: str, rng: Random) -> Link:
    a, d = rng.randint(1, 12), rng.randint(3, 11)
    shown = rf"\( {a}, {a + d}, {a + 2 * d}, {a + 3 * d}, \dots \)"
    quantity = rng.choice(
        (
            f"the number of terms of the arithmetic sequence {shown} that are not greater than {given}",
            f"the number of members of the arithmetic sequence {shown} that do not exceed {given}",
        )
    )
    steps_up = (n - a) // d
    steps = (
        rf"Term number \( j + 1 \) is \( {a} + {d}j \). The condition \( {a} + {d}j \le {n} \) "
        rf"means \( j \le \frac{{{n - a}}}{{{d}}} \).",
        rf"So \( j \) runs from 0 to {steps_up}, which makes \( {steps_up} + 1 = {steps_up + 1} \) terms.",
    )
    return Link("", quantity, steps, steps_up + 1, lambda m: len(range(a, m + 1, d)))


@generator("arithmetic series", TOPIC, "high", low=2, high=300)
def _sum_from_first(n: int, given: str, rng: Random) -> Link:
    d, k = rng.randint(2, 6), rng.randint(4, 6) if n > 60 else rng.randint(4, 14)
    setup, quantity = rng.choice(
        (
            (
                f"An arithmetic series starts with {given}, and its terms grow by {d} each time.",
                f"the sum of its first {k} terms",
            ),
            (
                f"{rng.choice(PEOPLE)} saves {given} dollars in the first week "
                f"and {d} dollars more each week than the week before.",
                f"the number of dollars saved in the first {k} weeks together",
            ),
            (
                f"A pile of pipes has {given} pipes in the top layer, and each layer below has {d} pipes more.",
                f"the number of pipes in the top {k} layers",
            ),
        )
    )
    last = n + (k - 1) * d
    value = k * (n + last) // 2
    steps = (
        rf"The last of the {k} terms is \( {n} + {k - 1} \cdot {d} = {last} \).",
        rf"The sum is \( \frac{{{k}}}{{2}} \cdot ({n} + {last}) = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: sum(range(m, m + k * d, d)))


@generator("arithmetic series", TOPIC, "high", low=3, high=60)
def _sum_of_as_many_terms(n: int, given: str, rng: Random) -> Link:
    a, d = rng.randint(1, 6), rng.randint(1, 3)
    shown = rf"\( {a} + {a + d} + {a + 2 * d} + \dots \)"
    quantity = rng.choice(
        (
            f"the sum of the first {given} terms of the arithmetic series {shown}",
            f"the value of the arithmetic series {shown} with {given} terms",
        )
    )
    last = a + (n - 1) * d
    value = n * (a + last) // 2
    steps = (
        rf"The {_nth(n)} term is \( {a} + {n - 1} \cdot {d} = {last} \).",
        rf"The sum is \( \frac{{{n}}}{{2}} \cdot ({a} + {last}) = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: sum(range(a, a + m * d, d)))


@generator("arithmetic series", TOPIC, "high", low=20, high=400)
def _sum_of_multiples(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(3, max(5, min(19, n // 6)))
    quantity = rng.choice(
        (
            f"the sum of all positive multiples of {k} that are not greater than {given}",
            f"the sum of the multiples of {k} between 1 and {given}, {given} included if it is one",
        )
    )
    count = n // k
    value = k * count * (count + 1) // 2
    steps = (
        rf"\( {n} = {count} \cdot {k} + {n % k} \), so the multiples are \( {k} \cdot 1 \) to \( {k} \cdot {count} \).",
        rf"Their sum is \( {k} \cdot (1 + \dots + {count}) "
        rf"= {k} \cdot \frac{{{count} \cdot {count + 1}}}{{2}} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: sum(range(k, m + 1, k)))


@generator("geometric sequences", TOPIC, "high", low=2, high=400)
def _geometric_term(n: int, given: str, rng: Random) -> Link:
    ratio = 2 if n > 20 else rng.randint(2, 3)
    k = rng.randint(3, 4) if n > 40 else rng.randint(3, 6)
    often = {2: "doubles", 3: "triples"}[ratio]
    setup, quantity = rng.choice(
        (
            (
                f"A geometric sequence has the first term {given} and the common ratio {ratio}.",
                f"its {_nth(k)} term",
            ),
            (
                f"A culture starts with {given} bacteria, and their number {often} every hour.",
                f"the number of bacteria after {k - 1} hours",
            ),
            (
                f"A rumour is known to {given} people on the first day, and each day the number of people "
                f"who know it {often}.",
                f"the number of people who know it on day {k}",
            ),
        )
    )
    value = n * ratio ** (k - 1)
    steps = (
        rf"In {k - 1} steps the factor is \( {ratio}^{{{k - 1}}} = {ratio ** (k - 1)} \).",
        rf"\( {n} \cdot {ratio ** (k - 1)} = {value} \).",
    )

    def check(m: int) -> int:
        for _ in range(k - 1):
            m = sum([m] * ratio)
        return m

    return Link(setup, quantity, steps, value, check)


@generator("geometric sequences", TOPIC, "high", low=1, high=200)
def _geometric_sum(n: int, given: str, rng: Random) -> Link:
    ratio = rng.choice((2, 3)) if n < 60 else 2
    k = rng.randint(3, 5 if ratio == 2 else 4)
    setup = rng.choice(
        (
            f"The first term of a geometric sequence is {given}, and each term is {ratio} times the one before.",
            f"A geometric sequence with the common ratio {ratio} begins with {given}.",
        )
    )
    weight = (ratio**k - 1) // (ratio - 1)
    terms = [n * ratio**i for i in range(k)]
    steps = (
        rf"The first {k} terms are {listing(terms)}.",
        rf"Their sum is \( {' + '.join(map(str, terms))} = {sum(terms)} \).",
    )
    return Link(setup, f"the sum of its first {k} terms", steps, sum(terms), lambda m: m * weight)


@generator("recursive sequences", TOPIC, "high", low=1, high=400)
def _double_and_subtract(n: int, given: str, rng: Random) -> Link:
    factor = 2 if n > 20 else rng.randint(2, 3)
    c, k = rng.randint(1, 12), rng.randint(3, 4 if n > 40 else 5)
    setup = rng.choice(
        (
            rf"A sequence is defined by \( a_1 = {inside(given)} \) and \( a_{{n+1}} = {factor}a_n + {c} \).",
            f"A sequence starts with {given}. Each further term is {factor} times the term before, plus {c}.",
        )
    )
    quantity = rf"the term \( a_{k} \)" if "a_1" in setup else f"the {_nth(k)} term of the sequence"
    terms = [n]
    lines = []
    for i in range(2, k + 1):
        lines.append(rf"\( a_{i} = {factor} \cdot {terms[-1]} + {c} = {factor * terms[-1] + c} \)")
        terms.append(factor * terms[-1] + c)
    steps = (
        rf"Call the terms \( a_1, a_2, a_3, \dots \), with \( a_1 = {n} \), and apply the rule again and again.",
        f"{', '.join(lines)}.",
    )
    power = factor ** (k - 1)
    shift = c * (power - 1) // (factor - 1)
    return Link(setup, quantity, steps, terms[-1], lambda m: power * m + shift)


@generator("recursive sequences", TOPIC, "competition", low=1, high=400)
def _sum_of_the_two_before(n: int, given: str, rng: Random) -> Link:
    b, k = rng.randint(1, 12), rng.randint(4, 6) if n > 40 else rng.randint(5, 8)
    setup = rng.choice(
        (
            rf"Let \( a_1 = {b} \), \( a_2 = {inside(given)} \) "
            rf"and \( a_{{n+2}} = a_{{n+1}} + a_n \) whenever \( n \ge 1 \).",
            f"A sequence starts with {b} and {given}. Each further term is the sum of the two before.",
        )
    )
    quantity = rf"the term \( a_{k} \)" if "a_1" in setup else f"the {_nth(k)} term of the sequence"
    terms = [b, n]
    while len(terms) < k:
        terms.append(terms[-1] + terms[-2])
    steps = (
        f"Add the two terms before again and again, starting from {b} and {n}.",
        f"The terms are {', '.join(map(str, terms))}.",
        f"The {_nth(k)} of them is {terms[-1]}.",
    )
    weights = [1, 0]  # how often a_1 is in each term; a_2 is in it as often as a_1 in the next
    while len(weights) <= k:
        weights.append(weights[-1] + weights[-2])
    return Link(setup, quantity, steps, terms[-1], lambda m: weights[k - 1] * b + weights[k] * m)

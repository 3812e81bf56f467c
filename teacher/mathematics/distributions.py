"""Random variables and some statistics. Second computation: sums over all cases, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import whole
from teacher.mathematics.terms import times
from teacher.mathematics.wording import PEOPLE

TOPIC = "Random variables and distributions"


@generator("binomial distribution", TOPIC, "high", low=2, high=900)
def _variance_of_heads(n: int, given: str, rng: Random) -> Link:
    trials, chance, k = rng.choice(((4, Fraction(1, 2), 1), (9, Fraction(1, 3), 2), (16, Fraction(1, 4), 3)))
    if n > 300:
        trials, chance, k = 4, Fraction(1, 2), 1
    act = {4: "A fair coin is tossed {} times", 9: "A die with three equally likely colours is rolled {} times",
           16: "One of four equally likely doors is chosen by chance, {} times over"}[trials]  # fmt: skip
    hit = {4: "heads", 9: "the colour red", 16: "the left-most door"}[trials]
    setup = f"{act.format(times(trials, n, given))}, and it is counted how often {hit} comes up."
    value = k * n
    quantity = rng.choice(("the variance of this count", "the square of the standard deviation of this count"))
    odds = rf"\frac{{{chance.numerator}}}{{{chance.denominator}}}"
    other = rf"\frac{{{chance.denominator - 1}}}{{{chance.denominator}}}"
    steps = (
        rf"The count is binomially distributed, and each trial adds the variance \( {odds} \times {other} \).",
        rf"All {trials * n} trials together have the variance \( {trials * n} \times {odds} \times {other} = {value} "
        r"\).",
    )
    # The mean square of one trial less the square of its mean, added up.
    return Link(setup, quantity, steps, value, lambda x: whole(trials * x * (chance - chance**2)))


@generator("variance of a random variable", TOPIC, "college", low=2, high=400)
def _scaled_and_shifted(n: int, given: str, rng: Random) -> Link:
    a, b, extra = rng.randint(2, 5 if n < 60 else 3), rng.randint(2, 20), rng.randint(2, 30)
    x, y = rng.choice((("X", "Y"), ("U", "V"), ("X", "Z")))
    setup = rng.choice(
        (
            rf"The independent random variables \( {x} \) and \( {y} \) have the variances {given} and {extra}.",
            rf"Let \( {x} \) and \( {y} \) be independent, with \( \operatorname{{Var}}({x}) = {inside(given)} \) and "
            rf"\( \operatorname{{Var}}({y}) = {extra} \).",
        )
    )
    value = a * a * n + extra
    steps = (
        rf"A factor counts with its square and a constant adds nothing: \( \operatorname{{Var}}({a}{x} + {b}) \) is \( "
        rf"{a}^2 \times {n} = {a * a * n} \).",
        rf"Variances of independent variables add up: \( {a * a * n} + {extra} = {value} \).",
    )

    def check(v: int) -> int:
        """With the variable that is plus or minus one root of the variance, each with probability one half."""
        mean_square = Fraction((a * a * v + b * b) + (a * a * v + b * b), 2)
        return whole(mean_square - b * b) + extra

    return Link(setup, rf"the variance of \( {a}{x} + {y} + {b} \)", steps, value, check)


@generator("covariance", TOPIC, "college", low=2, high=900)
def _variance_of_a_sum(n: int, given: str, rng: Random) -> Link:
    other, cov = rng.randint(5, 60), rng.randint(1, 9)
    x, y = rng.choice((("X", "Y"), ("U", "V"), ("X", "Z")))
    setup = rng.choice(
        (
            rf"Two random variables have the variances {given} and {other}, and their covariance is {cov}.",
            rf"The daily gains of two shares have the variances {given} and {other}; their covariance is {cov}.",
        )
    )
    value = n + other + 2 * cov
    steps = (
        rf"\( \operatorname{{Var}}({x} + {y}) = \operatorname{{Var}}({x}) + \operatorname{{Var}}({y}) + 2 "
        rf"\operatorname{{Cov}}({x}, {y}) \).",
        rf"So it is \( {n} + {other} + 2 \times {cov} = {value} \).",
    )
    # The sum of all entries of the covariance matrix.
    return Link(setup, "the variance of their sum", steps, value, lambda v: sum((v, cov, cov, other)))


@generator("Poisson distribution", TOPIC, "college", low=2, high=70)
def _second_moment(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 9)
    setup, quantity = rng.choice(
        (
            (
                "The number of calls that reach a switchboard in an hour has a Poisson distribution with mean "
                f"{given}.",
                f"the expected value of the square of this number, increased by {k}",
            ),
            (
                rf"A random variable \( X \) has a Poisson distribution with parameter {given}.",
                rf"\( \operatorname{{E}}(X^2) + {k} \)",
            ),
        )
    )
    value = n * n + n + k
    steps = (
        rf"Mean and variance of a Poisson distribution are equal, here {n}.",
        rf"The mean of the square is variance plus square of the mean: \( {n} + {n}^2 = {n + n * n} \).",
        rf"Increased by {k} it is \( {n + n * n} + {k} = {value} \).",
    )
    # The mean of X (X - 1) is the square of the parameter.
    return Link(setup, quantity, steps, value, lambda m: sum((m * m, m, k)))


@generator("exponential distribution", TOPIC, "college", low=2, high=70)
def _waiting_times(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 3)
    word = {2: "two", 3: "three"}[k]
    setup = rng.choice(
        (
            f"A lamp burns for a time with an exponential distribution, {given} days on average. When it fails it is "
            f"replaced by an equal one, until {word} lamps have failed.",
            f"At a counter, {word} customers are served one after the other. The times of service are independent and "
            f"exponentially distributed with mean {given} minutes.",
        )
    )
    unit = "days" if "days" in setup else "minutes"
    value = k * n * n
    steps = (
        rf"The variance of an exponential distribution is the square of its mean, \( {n}^2 = {n * n} \).",
        rf"The times are independent, so the variances add up: \( {k} \times {n * n} = {value} \).",
    )
    # The mean square is twice the square of the mean.
    return Link(
        setup,
        f"the variance of the whole time, measured in {unit}",
        steps,
        value,
        lambda m: sum(2 * m * m - m * m for _ in range(k)),
    )


@generator("probability density functions", TOPIC, "college", low=2, high=600)
def _heavy_tail(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 6)
    setup = rng.choice(
        (
            rf"The size of a claim has the probability density \( \frac{{{inside(given)}}}{{x^2}} \) for \( x \ge "
            rf"{inside(given)} \), and 0 for smaller \( x \).",
            rf"A random variable has the density \( \frac{{{inside(given)}}}{{x^2}} \) from \( x = {inside(given)} \) "
            "on, and takes no smaller values.",
        )
    )
    value = k * n
    steps = (
        rf"The probability of a value above \( m \) is \( \int_m^{{\infty}} \frac{{{n}}}{{x^2}}\,dx = "
        rf"\frac{{{n}}}{{m}} \).",
        rf"It is \( \frac{{1}}{{{k}}} \) for \( m = {k} \times {n} = {value} \).",
    )
    quantity = rf"the number \( m \) that is exceeded with probability \( \frac{{1}}{{{k}}} \)"
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(x) / Fraction(1, k)))


@generator("geometric distribution", TOPIC, "college", low=2, high=500)
def _until_success(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 6)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"Each packet of tea holds a golden ticket with probability 1 in {given}, independently of the "
                f"others. {who} buys packets until {k} golden tickets have been found.",
                f"the expected number of packets that {who} buys",
            ),
            (
                f"A sensor reports a fault in each minute with probability 1 in {given}, independently of the other "
                f"minutes. It is watched until it has reported {k} faults.",
                "the expected number of minutes that this takes",
            ),
        )
    )
    value = k * n
    steps = (
        rf"The number of trials up to one success has a geometric distribution with mean {n}.",
        rf"Expected values add up: \( {k} \times {n} = {value} \).",
    )
    # A mean m of one waiting time satisfies m = 1 + (1 - 1/x) m.
    return Link(setup, quantity, steps, value, lambda x: k * next(m for m in range(2 * x) if m * x == x + (x - 1) * m))


@generator("Markov chains", TOPIC, "college", low=2, high=900)
def _long_run_share(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 9)
    setup = rng.choice(
        (
            f"A machine that works breaks down within a day with probability 1 in {given}. A broken machine is "
            f"repaired within a day with probability 1 in {k}.",
            f"On a remote island a dry day is followed by a wet one with probability 1 in {given}, and a wet day by a "
            f"dry one with probability 1 in {k}, whatever came before.",
        )
    )
    state = "the machine works" if "machine" in setup else "it is dry"
    share = Fraction(n, n + k)
    value = share.numerator + share.denominator
    reduced = "" if share.numerator == n else rf" = \frac{{{share.numerator}}}{{{share.denominator}}}"
    steps = (
        rf"In the long run as many days lead out of the state as into it: \( \frac{{p}}{{q}} \times \frac{{1}}{{{n}}} "
        rf"= \left(1 - \frac{{p}}{{q}}\right) \times \frac{{1}}{{{k}}} \).",
        rf"So the share is \( \frac{{{n}}}{{{n} + {k}}} = \frac{{{n}}}{{{n + k}}}{reduced} \).",
        rf"\( p + q = {share.numerator} + {share.denominator} = {value} \).",
    )

    def check(x: int) -> int:
        """The mean stay in each state, x and k days, over a full turn."""
        shared = gcd(x, x + k)
        return (x + x + k) // shared

    quantity = (
        rf"\( p + q \), if the share of days in the long run on which {state} is written as a fraction \( "
        r"\frac{p}{q} \) in lowest terms"
    )
    return Link(setup, quantity, steps, value, check)


@generator("z-scores", "Statistics", "high", low=2, high=900)
def _value_from_z(n: int, given: str, rng: Random) -> Link:
    sd, z = rng.randint(2, 15), rng.choice((2, 3))
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"In a test the mean is {given} points and the standard deviation is {sd} points. The result of {who} "
                f"has a z-score of {z}.",
                f"the number of points that {who} has",
            ),
            (
                f"The weights of some parcels have a mean of {given} grams and a standard deviation of {sd} grams. "
                f"One parcel lies {z} standard deviations above the mean.",
                "the weight of this parcel in grams",
            ),
        )
    )
    value = n + z * sd
    steps = (
        rf"A z-score of {z} means {z} standard deviations above the mean, here \( {z} \times {sd} = {z * sd} \).",
        rf"So the value is \( {n} + {z * sd} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: next(v for v in range(m, m + 99) if Fraction(v - m, sd) == z))


@generator("average with a changed item", "Statistics", "middle", low=2, high=900)
def _one_more_number(n: int, given: str, rng: Random) -> Link:
    many, rise = rng.randint(3, 9), rng.randint(1, 6)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"The mean of {many} numbers is {given}. When one more number is added to the list, the mean becomes "
                f"{rise} larger.",
                "the number that is added",
            ),
            (
                f"After {many} games {who} has {given} points a game on average. With the next game the average rises "
                f"by {rise}.",
                f"the number of points that {who} makes in that game",
            ),
        )
    )
    value = n + (many + 1) * rise
    steps = (
        rf"The new mean is \( {n} + {rise} = {n + rise} \), so all \( {many} + 1 = {many + 1} \) numbers add up to \( "
        rf"{many + 1} \times {n + rise} = {(many + 1) * (n + rise)} \).",
        rf"The first {many} add up to \( {many} \times {n} = {many * n} \), which leaves \( {(many + 1) * (n + rise)} "
        rf"- {many * n} = {value} \).",
    )
    # The new number has the old mean, and brings the rise for itself and for each of the others.
    return Link(setup, quantity, steps, value, lambda m: m + sum(rise for _ in range(many + 1)))

"""Counting by listing, complements, paths, colourings and matches. Second computation: counting case by case."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.wording import PEOPLE

TOPIC = "Counting principles"


@generator("counting by listing", TOPIC, "primary", low=4, high=75)
def _ordered_pairs(n: int, given: str, rng: Random) -> Link:
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"A shop has many apples and many pears. {one} wants at least one of each, and at most {given} pieces "
                "of fruit in all.",
                f"the number of different choices that {one} has",
            ),
            (
                f"{one} and {two} each think of a positive whole number, and the two numbers add up to at most "
                f"{given}.",
                "the number of possible pairs of numbers, where it matters who thinks of which",
            ),
        )
    )
    value = n * (n - 1) // 2
    steps = (
        f"List by the first number: if it is 1, there are {n - 1} possibilities for the second; if it is 2, there are "
        f"{n - 2}; and so on, down to a single one.",
        rf"The sum of the numbers from 1 to {n - 1} is \( \frac{{{n - 1} \times {n}}}{{2}} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(a + b <= x for a in range(1, x) for b in range(1, x)))


@generator("addition principle", TOPIC, "high", low=2, high=500)
def _either_or(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(2, 9), rng.randint(3, 9)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"From one town to another there are {given} direct trains a day. One can also take one of {a} buses "
                f"to a junction and then one of {b} trains, all of which fit.",
                "the number of ways to travel on one day",
            ),
            (
                f"For a dessert {who} chooses either one of {given} cakes, or one of {a} kinds of ice cream together "
                f"with one of {b} sauces.",
                f"the number of desserts among which {who} can choose",
            ),
        )
    )
    value = n + a * b
    steps = (
        rf"The second kind allows \( {a} \times {b} = {a * b} \) combinations.",
        rf"The two kinds exclude each other, so the numbers are added: \( {n} + {a * b} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: x + sum(1 for _ in range(a) for _ in range(b)))


@generator("complementary counting", TOPIC, "competition", low=6, high=90)
def _at_least_one(n: int, given: str, rng: Random) -> Link:
    few = rng.randint(2, 4)
    setup, quantity = rng.choice(
        (
            (
                f"Of {given} members of a club, {few} are doctors. Two of all the members are sent to a meeting.",
                "the number of possible pairs with at least one doctor",
            ),
            (
                f"A box holds {given} different batteries, and {few} of them are empty. Two batteries are taken out "
                "together.",
                "the number of possible pairs in which at least one battery is empty",
            ),
        )
    )
    rest = n - few
    every, none = n * (n - 1) // 2, rest * (rest - 1) // 2
    value = every - none
    steps = (
        rf"There are \( \binom{{{n}}}{{2}} = \frac{{{n} \times {n - 1}}}{{2}} = {every} \) pairs in all.",
        rf"Pairs without any of the {few} number \( \binom{{{rest}}}{{2}} = \frac{{{rest} \times {rest - 1}}}{{2}} = "
        rf"{none} \).",
        rf"The others are \( {every} - {none} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: few * (x - few) + few * (few - 1) // 2)


@generator("tournament counting", TOPIC, "primary", low=3, high=900)
def _knockout(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 12)
    game = rng.choice(("chess", "table tennis", "badminton", "judo"))
    setup = rng.choice(
        (
            f"In a {game} tournament with {given} players, whoever loses a match is out; there are no ties. When the "
            f"winner is known, {k} more matches are played for fun.",
            f"A {game} cup is played by knockout with {given} players: the loser of a match leaves. Before it begins, "
            f"{k} test matches are played in which nobody leaves.",
        )
    )
    value = n - 1 + k
    steps = (
        rf"Each match of the knockout sends one player home, and all but one have to go: \( {n} - 1 = {n - 1} \) "
        "matches.",
        rf"With the other {k} there are \( {n - 1} + {k} = {value} \) matches.",
    )

    def check(x: int) -> int:
        """Round by round; an odd player out waits."""
        matches = 0
        while x > 1:
            matches += x // 2
            x -= x // 2
        return matches + k

    return Link(setup, "the number of all matches", steps, value, check)


@generator("factorial counting", TOPIC, "high", low=2, high=250)
def _order_and_choice(n: int, given: str, rng: Random) -> Link:
    k = rng.choice((3, 4) if n < 120 else (3,))
    fact = {3: 6, 4: 24}[k]
    word = {3: "three", 4: "four"}[k]
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"{who} puts {word} different books in a row on a shelf and one of {given} different vases beside "
                "them, at the right end.",
                f"the number of arrangements that {who} can make",
            ),
            (
                f"A programme has {word} different songs in any order, followed by one of {given} speeches.",
                "the number of possible programmes",
            ),
        )
    )
    value = fact * n
    product_text = r" \times ".join(str(i) for i in range(k, 0, -1))
    steps = (
        rf"The order of {word} things can be chosen in \( {product_text} = {fact} \) ways.",
        rf"Each order goes with any of the {n} single things: \( {fact} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(x for a in range(k) for _ in range(fact // k)))


@generator("permutations with repetition", TOPIC, "high", low=2, high=90)
def _flags_in_a_row(n: int, given: str, rng: Random) -> Link:
    first, second, things = rng.choice(
        (("red", "white", "flags"), ("black", "white", "beads"), ("yellow", "blue", "lamps"))
    )
    setup = rng.choice(
        (
            f"Two {first} and {given} {second} {things} are put in a row; {things} of one colour cannot be told apart.",
            f"A row is made of {given} {second} {things} and two {first} ones, and only the colours count.",
        )
    )
    value = (n + 2) * (n + 1) // 2
    steps = (
        rf"The row has \( {n} + 2 = {n + 2} \) places, and it is fixed by the two places of the {first} {things}.",
        rf"These can be chosen in \( \frac{{{n + 2} \times {n + 1}}}{{2}} = {value} \) ways.",
    )
    return Link(setup, "the number of different rows", steps, value, lambda x: sum(x - a + 1 for a in range(x + 1)))


@generator("counting lattice paths", TOPIC, "competition", low=2, high=90)
def _shortest_ways(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"In a town with streets like a grid, {who} walks from home to a shop that lies {given} blocks "
                "further east and 2 blocks further north, without any detour.",
                f"the number of ways that {who} can choose among",
            ),
            (
                f"A token stands in the lower left corner of a board with 3 rows and one more column than {given}. "
                "Each move takes it one square up or one to the right.",
                "the number of ways in which it can come to the upper right corner",
            ),
        )
    )
    value = (n + 2) * (n + 1) // 2
    steps = (
        rf"Every way has {n} steps to the right and 2 steps up, in any order: \( {n} + 2 = {n + 2} \) steps.",
        rf"It is fixed by the places of the steps up: \( \binom{{{n + 2}}}{{2}} = \frac{{{n + 2} \times {n + 1}}}{{2}} "
        rf"= {value} \) ways.",
    )

    def check(x: int) -> int:
        """Each crossing is reached from the left and from below."""
        row = [1] * (x + 1)
        for _ in range(2):
            for i in range(1, x + 1):
                row[i] += row[i - 1]
        return row[x]

    return Link(setup, quantity, steps, value, check)


@generator("counting squares and shapes", TOPIC, "primary", low=3, high=900)
def _squares_in_a_strip(n: int, given: str, rng: Random) -> Link:
    setup = rng.choice(
        (
            f"Unit squares are drawn side by side in two rows, {given} in each row, so that they form a rectangle.",
            f"A window has two rows of {given} equal square panes each.",
        )
    )
    value = 2 * n + n - 1
    steps = (
        rf"There are \( 2 \times {n} = {2 * n} \) small squares.",
        rf"Squares of two by two begin at any column but the last, \( {n} - 1 = {n - 1} \) times.",
        rf"Together these are \( {2 * n} + {n - 1} = {value} \) squares.",
    )
    return Link(
        setup,
        "the number of squares of any size in the figure",
        steps,
        value,
        lambda x: sum((2 - size + 1) * (x - size + 1) for size in (1, 2)),
    )


@generator("colouring problems", TOPIC, "competition", low=3, high=18)
def _fence_colours(n: int, given: str, rng: Random) -> Link:
    ring = rng.random() < 0.5
    what = rng.choice(("gates", "houses", "flower beds"))
    setup = rng.choice(
        (
            f"Three {what} stand {'in a circle, so that each is next to both others' if ring else 'in a row'}. Each "
            f"gets one of {given} colours, and neighbours must have different colours.",
            f"There are {given} colours for three {what} {'around a square' if ring else 'along a street'}"
            + (", each of which can be seen from the two others. " if ring else ". ")
            + f"Those that {'see each other' if ring else 'are neighbours'} must not have the same colour.",
        )
    )
    last = n - 2 if ring else n - 1
    value = n * (n - 1) * last
    steps = (
        rf"The first one can have any of {n} colours and the second one \( {n} - 1 = {n - 1} \).",
        rf"For the third {last} {'colour is' if last == 1 else 'colours are'} left, so there are \( {n} \times {n - 1} "
        rf"\times {last} = {value} \) ways.",
    )

    def check(x: int) -> int:
        """All colourings, less those in which neighbours agree."""
        both, one = x, x * x
        return x**3 - (3 * one - 3 * both + both) if ring else x**3 - (2 * one - both)

    return Link(setup, "the number of ways to colour them", steps, value, check)


@generator("sampling without replacement", "Probability", "high", low=4, high=90)
def _both_of_two(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    setup, event = rng.choice(
        (
            (
                f"Of {given} keys in a box only two open a chest. {who} takes out two keys at random, without putting "
                "the first one back.",
                "both of them open the chest",
            ),
            (
                f"Among {given} tickets of a raffle there are two main prizes. {who} draws two tickets, one after the "
                "other.",
                "both are main prizes",
            ),
        )
    )
    value = n * (n - 1) // 2
    steps = (
        rf"The first one is right with probability \( \frac{{2}}{{{n}}} \), and then the second one with \( "
        rf"\frac{{1}}{{{n - 1}}} \).",
        rf"The product is \( \frac{{2}}{{{n} \times {n - 1}}} = \frac{{1}}{{{value}}} \), so \( k = {value} \).",
    )
    quantity = rf"the number \( k \) for which \( \frac{{1}}{{k}} \) is the probability that {event}"
    return Link(setup, quantity, steps, value, lambda x: comb(x, 2))


@generator("complementary probability", "Probability", "high", low=2, high=70)
def _at_least_once(n: int, given: str, rng: Random) -> Link:
    setup, event = rng.choice(
        (
            (
                f"A wheel has {given} equal sectors, one of which wins. It is spun twice.",
                "it wins at least once",
            ),
            (
                f"A careless clerk puts each of two letters, by pure chance, into one of {given} pigeonholes.",
                "at least one letter lies in the first pigeonhole",
            ),
        )
    )
    top, bottom = 2 * n - 1, n * n
    value = top + bottom
    steps = (
        rf"The opposite has the probability \( \frac{{{n - 1}}}{{{n}}} \times \frac{{{n - 1}}}{{{n}}} = "
        rf"\frac{{{(n - 1) ** 2}}}{{{bottom}}} \).",
        rf"So the probability is \( 1 - \frac{{{(n - 1) ** 2}}}{{{bottom}}} = \frac{{{top}}}{{{bottom}}} \), which is "
        "in lowest terms.",
        rf"\( p + q = {top} + {bottom} = {value} \).",
    )

    def check(x: int) -> int:
        share = Fraction(1, x) + Fraction(1, x) - Fraction(1, x * x)
        return share.numerator + share.denominator

    quantity = (
        rf"\( p + q \), if the probability that {event} is written as a fraction \( \frac{{p}}{{q}} \) in lowest terms"
    )
    return Link(setup, quantity, steps, value, check)


@generator("conditional probability", "Probability", "high", low=3, high=900)
def _given_that(n: int, given: str, rng: Random) -> Link:
    k, other = rng.randint(2, 30), rng.randint(3, 40)
    setup, event = rng.choice(
        (
            (
                f"At a school {given} pupils play football only, {k} play football and an instrument, and {other} "
                "play an instrument only. A pupil who plays football is picked at random.",
                "this pupil plays an instrument",
            ),
            (
                f"A library has {given} novels in English, {k} novels in other languages and {other} other books. A "
                "book is taken at random, and it turns out to be a novel.",
                "it is not in English",
            ),
        )
    )
    share = Fraction(k, n + k)
    value = share.numerator + share.denominator
    reduced = "" if share.numerator == k else rf" = \frac{{{share.numerator}}}{{{share.denominator}}}"
    steps = (
        rf"Under the condition only \( {n} + {k} = {n + k} \) cases are possible, and {k} of them are favourable.",
        rf"So the probability is \( \frac{{{k}}}{{{n + k}}}{reduced} \), and \( p + q = {share.numerator} + "
        rf"{share.denominator} = {value} \).",
    )

    def check(x: int) -> int:
        """As the quotient of two probabilities among all."""
        everything = x + k + other
        quotient = Fraction(k, everything) / Fraction(x + k, everything)
        return whole(Fraction(quotient.numerator)) + quotient.denominator

    quantity = (
        rf"\( p + q \), if the probability that {event} is written as a fraction \( \frac{{p}}{{q}} \) in lowest terms"
    )
    return Link(setup, quantity, steps, value, check)

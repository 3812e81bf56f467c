"""Motion problems. Second computation: positions, moved along hour by hour or minute by minute."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.terms import times
from teacher.mathematics.wording import PEOPLE

TOPIC = "Motion problems"


@generator("meeting problems", TOPIC, "middle", low=6, high=300)
def _towards_each_other(n: int, given: str, rng: Random) -> Link:
    other, hours = rng.randint(8, 90), rng.randint(2, 5)
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity, unit = rng.choice(
        (
            (
                "Two trains leave two towns at the same time and run towards each other on parallel tracks, one at "
                f"{given} km per hour and the other at {other} km per hour. They meet after {hours} hours.",
                "the distance between the two towns in kilometres",
                ("hour", "km"),
            ),
            (
                f"{one} and {two} row towards each other from the two ends of a lake. {one} covers {given} metres a "
                f"minute and {two} {other} metres, and they meet after {hours} minutes.",
                "the length of the lake in metres",
                ("minute", "metres"),
            ),
            (
                f"From the two ends of a tunnel, two robots drive towards each other. In a minute one covers {given} "
                f"feet and the other {other} feet. It takes {hours} minutes until they stand face to face.",
                "the length of the tunnel in feet",
                ("minute", "feet"),
            ),
        )
    )
    value = hours * (n + other)
    steps = (
        rf"In one {unit[0]} the gap closes by \( {n} + {other} = {n + other} \) {unit[1]}.",
        rf"In {hours} {unit[0]}s it closes altogether: \( {hours} \times {n + other} = {value} \) {unit[1]}.",
    )
    # Each one's own way up to the meeting point.
    return Link(setup, quantity, steps, value, lambda x: sum([x] * hours) + sum([other] * hours))


@generator("overtaking problems", TOPIC, "middle", low=2, high=800)
def _catching_up(n: int, given: str, rng: Random) -> Link:
    slow, fast = rng.choice(((60, 90), (60, 80), (50, 60), (80, 100), (40, 50), (90, 120), (70, 105)))
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"{one} walks along a canal at {slow} metres a minute. When {one} has been walking for {given} "
                f"minutes, {two} sets out from the same place and runs after {one} at {fast} metres a minute.",
                f"the number of minutes that {two} runs before catching up with {one}",
            ),
            (
                f"A goods train leaves a station at {slow} km per hour. An express train leaves the same station "
                f"{given} minutes later and follows it at {fast} km per hour.",
                "the number of minutes that the express train needs to catch up with the goods train",
            ),
        )
    )
    ratio = Fraction(slow, fast - slow)
    value = whole(n * ratio)
    steps = (
        rf"The speeds differ by \( {fast} - {slow} = {fast - slow} \). The lead is what the slower one covers in {n} "
        "minutes.",
        rf"A lead of one minute at speed {slow} is made up in \( \frac{{{slow}}}{{{fast - slow}}} = {ratio} \) "
        "minutes.",
        rf"So it takes \( {n} \times {ratio} = {value} \) minutes.",
    )

    def check(x: int) -> int:
        """The number of minutes after which both have come equally far."""
        return next(t for t in range(6 * x + 1) if slow * (x + t) == fast * t)

    return Link(setup, quantity, steps, value, check)


@generator("upstream and downstream", TOPIC, "middle", low=6, high=300)
def _with_and_against_the_stream(n: int, given: str, rng: Random) -> Link:
    stream = rng.randint(1, min(6, n - 4))
    down, up = rng.randint(2, 4), rng.randint(2, 4)
    boat = rng.choice(("motor boat", "steamer", "patrol boat"))
    setup, quantity = rng.choice(
        (
            (
                f"A {boat} makes {given} km per hour in still water. On a river with a current of {stream} km per "
                f"hour it goes downstream for {down} hours and then upstream for {up} hours.",
                f"the number of kilometres that the {boat} covers along the banks altogether",
            ),
            (
                f"A bird flies {given} metres a minute in still air. It flies with a wind of {stream} metres a minute "
                f"for {down} minutes and then turns and flies against the wind for {up} minutes.",
                "the total number of metres that the bird covers over the ground",
            ),
        )
    )
    first, second = down * (n + stream), up * (n - stream)
    value = first + second
    steps = (
        rf"With the current it covers \( {down} \times ({n} + {stream}) = {first} \).",
        rf"Against the current it covers \( {up} \times ({n} - {stream}) = {second} \).",
        rf"Together that is \( {first} + {second} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: x * (down + up) + stream * (down - up))


@generator("journeys in stages", TOPIC, "primary", low=2, high=900)
def _stages(n: int, given: str, rng: Random) -> Link:
    hours, speed, last = rng.randint(2, 5), rng.randint(11, 80), rng.randint(5, 40)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"On a tour {who} first goes {given} km by ferry. Then {who} drives for {hours} hours at {speed} km "
                f"per hour and walks the last {last} km.",
                "the length of the whole tour in kilometres",
            ),
            (
                f"A lorry covers {given} km before noon. In the afternoon it drives for {hours} hours at {speed} km "
                f"per hour, and in the evening another {last} km.",
                "the number of kilometres that the lorry covers on that day",
            ),
            (
                f"A pigeon flies {given} km to its first rest. Then it flies for {hours} hours at {speed} km per hour "
                f"and, after a second rest, {last} km more.",
                "the number of kilometres that the pigeon flies altogether",
            ),
        )
    )
    middle = hours * speed
    value = n + middle + last
    steps = (
        rf"The middle stage is \( {hours} \times {speed} = {middle} \) km long.",
        rf"All three stages together make \( {n} + {middle} + {last} = {value} \) km.",
    )

    def check(x: int) -> int:
        """Along the way, hour by hour."""
        place = x
        for _ in range(hours):
            place += speed
        return place + last

    return Link(setup, quantity, steps, value, check)


@generator("average speed of a round trip", TOPIC, "middle", low=2, high=300)
def _there_and_back(n: int, given: str, rng: Random) -> Link:
    speeds = ((3, 6), (4, 12), (6, 12), (10, 15), (6, 3), (12, 4)) if n > 60 else ((20, 30), (12, 24), (40, 60))
    out, home = rng.choice(speeds)
    mean = whole(Fraction(2 * out * home, out + home))
    who = rng.choice(PEOPLE)
    setup = rng.choice(
        (
            f"{who} goes to a cabin at {out} km per hour and comes back on the same road at {home} km per hour. The "
            f"way there and back takes {given} hours in all.",
            f"A barge goes up a canal at {out} km per hour and comes back by the same way at {home} km per hour, "
            f"which takes {given} hours altogether.",
            f"An expedition crosses a plain at {out} km per hour and returns by the same route at {home} km per hour. "
            f"Without the rests this takes {given} hours.",
        )
    )
    value = mean * n
    steps = (
        rf"The average speed is the harmonic mean \( \frac{{2 \times {out} \times {home}}}{{{out} + {home}}} = {mean} "
        r"\) km per hour, not the mean of the two speeds, for more time is spent at the lower one.",
        rf"In {n} hours the whole way is \( {mean} \times {n} = {value} \) km.",
    )
    # The hours are shared in the ratio of the other way's speed.
    return Link(
        setup,
        "the length of the way there and back in kilometres",
        steps,
        value,
        lambda x: 2 * whole(Fraction(x * home, out + home) * out),
    )


@generator("circular track motion", TOPIC, "competition", low=10, high=400)
def _lapping(n: int, given: str, rng: Random) -> Link:
    slow, faster = rng.randint(2, 6), rng.randint(2, 4)
    length = times(faster, n, given)
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"A circular track is {length} metres long. {one} and {two} start together in the same direction; "
                f"{one} runs {slow} metres a second and {two} {slow + faster} metres a second.",
                f"the number of metres that {one} has run when {two} overtakes {one} for the first time",
            ),
            (
                f"Two model cars start side by side on a closed track of {length} decimetres. The slow one covers "
                f"{slow} and the fast one {slow + faster} decimetres in a second.",
                "the number of decimetres that the slow car has covered when it is lapped for the first time",
            ),
        )
    )
    value = slow * n
    steps = (
        rf"The faster one gains \( {slow + faster} - {slow} = {faster} \) every second and has to gain one whole lap, "
        f"{faster * n}.",
        rf"That takes \( {faster * n} \div {faster} = {n} \) seconds.",
        rf"In this time the slower one covers \( {slow} \times {n} = {value} \).",
    )

    def check(x: int) -> int:
        """Positions on the track, second by second."""
        lap = faster * x
        ahead = next(t for t in range(1, lap + 1) if (slow + faster) * t % lap == slow * t % lap)
        return slow * ahead

    return Link(setup, quantity, steps, value, check)


@generator("trains crossing", TOPIC, "middle", low=20, high=900)
def _train_on_a_bridge(n: int, given: str, rng: Random) -> Link:
    speed = rng.randint(12, 35)
    seconds = n // speed + rng.randint(4, 25)
    setup, quantity = rng.choice(
        (
            (
                f"A train that is {given} metres long runs at {speed} metres a second. From the moment its front "
                f"reaches a bridge until its end leaves the bridge, {seconds} seconds pass.",
                "the length of the bridge in metres",
            ),
            (
                f"A convoy of lorries, {given} metres from front to end, drives through a tunnel at {speed} metres a "
                f"second. {seconds} seconds after the first bumper went in, the last one comes out.",
                "the length of the tunnel in metres",
            ),
        )
    )
    value = speed * seconds - n
    steps = (
        rf"In {seconds} seconds the front covers \( {speed} \times {seconds} = {speed * seconds} \) metres.",
        "This is the length of what is crossed and the own length together.",
        rf"So what is crossed measures \( {speed * seconds} - {n} = {value} \) metres.",
    )

    def check(x: int) -> int:
        """Where the end has come to, seen from the beginning of the bridge, second by second."""
        end = -x
        for _ in range(seconds):
            end += speed
        if end <= 0:
            raise ArithmeticError("the train is still outside")
        return end

    return Link(setup, quantity, steps, value, check)

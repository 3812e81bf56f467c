"""Angles and polygons. Second computation: turning around a figure, or counting one by one."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.wording import PEOPLE

_POLYGONS = {5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon", 9: "nonagon", 10: "decagon", 12: "dodecagon"}


def _sum_by_fan(sides: int) -> int:
    """The angles of a convex polygon, summed over the triangles into which the diagonals from one corner cut it."""
    return sum(180 for _ in range(1, sides - 1))


@generator("angles in a triangle", "Angles", "middle", low=5, high=160)
def _third_angle(n: int, given: str, rng: Random) -> Link:
    second = rng.randint(5, 175 - n)
    thing = rng.choice(("triangle", "triangular road sign", "triangular set square", "triangular sail"))
    setup, quantity = rng.choice(
        (
            (
                f"Two angles of a {thing} measure {given} degrees and {second} degrees.",
                f"the third angle of the {thing} in degrees",
            ),
            (
                f"In a {thing}, the angle at the first corner is {given} degrees and the angle at the second corner "
                f"is {second} degrees.",
                "the angle at the remaining corner in degrees",
            ),
        )
    )
    value = 180 - n - second
    steps = (
        rf"The two known angles add up to \( {n} + {second} = {n + second} \) degrees.",
        rf"The angles of a triangle add up to 180 degrees, so the third one is \( 180 - {n + second} = {value} \) "
        "degrees.",
    )
    # Walking once around a triangle turns by 360 degrees in all; each outer turn is 180 minus the angle.
    return Link(setup, quantity, steps, value, lambda x: 180 - (360 - (180 - x) - (180 - second)))


@generator("angles in a triangle", "Angles", "middle", low=5, high=88)
def _apex_of_an_isosceles_triangle(n: int, given: str, rng: Random) -> Link:
    thing = rng.choice(("gable of a roof", "tent's front", "slice of a decorated board"))
    setup = (
        f"The {thing} has the shape of an isosceles triangle, and each of its two base angles measures {given} degrees."
    )
    value = 180 - 2 * n
    steps = (
        rf"Both base angles together measure \( 2 \times {n} = {2 * n} \) degrees.",
        rf"All three angles make 180 degrees, so the angle at the apex is \( 180 - {2 * n} = {value} \) degrees.",
    )
    return Link(setup, "the angle at its apex in degrees", steps, value, lambda x: 2 * (90 - x))


@generator("supplementary and complementary angles", "Angles", "middle", low=2, high=88)
def _complement_and_more(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (f"Two angles are complementary, and one of them measures {given} degrees.", "the other angle in degrees"),
            (
                f"{who} saws the right-angled corner of a board into two pieces; the first piece has an angle of "
                f"{given} degrees.",
                "the angle of the second piece in degrees",
            ),
            (
                f"A ladder leans against a vertical wall and makes an angle of {given} degrees with the level ground.",
                "the angle between the ladder and the wall in degrees",
            ),
        )
    )
    value = 90 - n
    steps = (
        "The two angles together make a right angle, 90 degrees, so they are complementary.",
        rf"The other angle is \( 90 - {n} = {value} \) degrees.",
    )
    return Link(setup, quantity, steps, value, lambda x: 180 - 90 - x)


@generator("supplementary and complementary angles", "Angles", "middle", low=2, high=170)
def _supplement(n: int, given: str, rng: Random) -> Link:
    part = rng.randint(2, 178 - n)
    setup, quantity = rng.choice(
        (
            (
                f"Three angles lie side by side along a straight line. Two of them measure {given} degrees and {part} "
                "degrees.",
                "the third of these angles in degrees",
            ),
            (
                rf"The angles \( \alpha \) and \( \beta \) are supplementary. The angle \( \alpha \) is {part} degrees "
                f"larger than an angle of {given} degrees.",
                "the size of \\( \\beta \\) in degrees",
            ),
        )
    )
    value = 180 - n - part
    steps = (
        rf"First add what is known: \( {n} + {part} = {n + part} \) degrees.",
        rf"Together with the angle we want, this makes a straight angle: \( 180 - {n + part} = {value} \) degrees.",
    )
    return Link(setup, quantity, steps, value, lambda x: (90 - x) + (90 - part))


@generator("interior angles of a polygon", "Polygons", "middle", low=3, high=30)
def _sum_of_interior_angles(n: int, given: str, rng: Random) -> Link:
    what = rng.choice(("polygon", "floor mosaic in the form of a polygon", "city wall in the form of a polygon"))
    setup = f"A convex {what} has {given} corners."
    value = 180 * (n - 2)
    steps = (
        rf"The diagonals from one corner cut a polygon with {n} corners into \( {n} - 2 = {n - 2} \) triangles.",
        rf"The angles of each triangle add up to 180 degrees, together \( {n - 2} \times 180 = {value} \) degrees.",
    )
    return Link(
        setup,
        "the sum of the interior angles of this polygon in degrees",
        steps,
        value,
        lambda x: sum(180 for _ in range(x)) - 360,
    )


@generator("interior angles of a polygon", "Polygons", "middle", low=10, high=170)
def _remaining_interior_angles(n: int, given: str, rng: Random) -> Link:
    sides = rng.choice(tuple(_POLYGONS))
    name = _POLYGONS[sides]
    article = "an" if name.startswith("o") else "a"
    setup, quantity = rng.choice(
        (
            (
                f"One interior angle of {article} {name} measures {given} degrees.",
                f"the sum of all the other interior angles of the {name} in degrees",
            ),
            (
                f"A courtyard has the shape of {article} {name}. At one of its corners the walls meet at an inner "
                f"angle of {given} degrees.",
                "the total of the inner angles at the remaining corners in degrees",
            ),
        )
    )
    full = 180 * (sides - 2)
    value = full - n
    steps = (
        rf"The interior angles of {article} {name} add up to \( ({sides} - 2) \times 180 = {full} \) degrees.",
        rf"Without the known angle there remain \( {full} - {n} = {value} \) degrees.",
    )
    return Link(setup, quantity, steps, value, lambda x: _sum_by_fan(sides) - x)


@generator("interior angles of a polygon", "Polygons", "middle", low=10, high=170)
def _fourth_angle(n: int, given: str, rng: Random) -> Link:
    second, third = rng.randint(50, 80), rng.randint(60, 100)
    shape = rng.choice(("quadrilateral", "four-sided field", "four-sided tile"))
    setup = f"Three of the interior angles of a {shape} measure {given} degrees, {second} degrees and {third} degrees."
    known = n + second + third
    value = 360 - known
    steps = (
        r"The interior angles of a figure with four sides add up to \( (4 - 2) \times 180 = 360 \) degrees.",
        rf"The known ones make \( {n} + {second} + {third} = {known} \) degrees, "
        rf"which leaves \( 360 - {known} = {value} \).",
    )
    return Link(
        setup, "its fourth interior angle in degrees", steps, value, lambda x: _sum_by_fan(4) - x - second - third
    )


@generator("diagonals of a polygon", "Polygons", "middle", low=4, high=90)
def _all_diagonals(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            (f"A convex polygon has {given} sides.", "the number of its diagonals"),
            (
                f"In a park, {given} lamps stand at the corners of a convex polygon. A cable is laid straight between "
                "every two lamps that are not neighbours.",
                "the number of cables",
            ),
        )
    )
    value = n * (n - 3) // 2
    steps = (
        rf"From each of the {n} corners a diagonal runs to every corner except itself and its two neighbours: \( {n} - "
        rf"3 = {n - 3} \) diagonals.",
        rf"This counts each diagonal at both ends, so there are \( \frac{{{n} \times {n - 3}}}{{2}} = {value} \) "
        "diagonals.",
    )
    # The k-th corner, when it is added between two neighbours, brings k - 2 new diagonals.
    return Link(setup, quantity, steps, value, lambda x: sum(range(2, x - 1)))


@generator("diagonals of a polygon", "Polygons", "middle", low=4, high=800)
def _diagonals_from_some_corners(n: int, given: str, rng: Random) -> Link:
    corners = rng.choice((2, 3))
    which = "two given neighbouring corners" if corners == 2 else "three given successive corners"
    least = 7
    setup = f"A convex polygon has {least} more sides than {given}."
    sides = n + least
    single = sides - 3
    value = 2 * single if corners == 2 else 3 * single - 1
    steps = (
        rf"The polygon has \( {n} + {least} = {sides} \) sides, so \( {sides} - 3 = {single} \) diagonals start at any "
        "corner.",
        rf"No diagonal joins two neighbours, so together there are \( 2 \times {single} = {value} \)."
        if corners == 2
        else "Of three successive corners only the first and the third are joined by a diagonal, which must be counted "
        rf"once: \( 3 \times {single} - 1 = {value} \).",
    )

    def check(x: int) -> int:
        """Pairs of corners that touch a chosen corner, less the sides among these pairs."""
        full = x + least
        return full * (full - 1) // 2 - (full - corners) * (full - corners - 1) // 2 - (corners + 1)

    quantity = f"the number of diagonals that have at least one end at one of {which}"
    return Link(setup, quantity, steps, value, check)

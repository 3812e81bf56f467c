"""Separable differential equations. Second computation: the equation itself, followed in small steps."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from random import Random

from teacher.chain import Link, generator, inside


def _runge_kutta(slope: Callable[[float, float], float], start: float, end: float, steps: int = 24) -> float:
    """y(end) for y' = slope(t, y), y(0) = start: the classical method of order four."""
    y, h = start, end / steps
    for i in range(steps):
        t = i * h
        k1 = slope(t, y)
        k2 = slope(t + h / 2, y + h / 2 * k1)
        k3 = slope(t + h / 2, y + h / 2 * k2)
        k4 = slope(t + h, y + h * k3)
        y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


@generator("separable differential equations", "Differential equations", "college", low=2, high=300)
def _growth(n: int, given: str, rng: Random) -> Link:
    base = rng.choice((2, 3) if n < 100 else (2,))
    time = rng.randint(1, 3 if n < 60 else 1)
    creature = rng.choice(("bacteria", "yeast cells", "algae"))
    plain = rng.random() < 0.5
    setup = (
        rf"The function \( y(t) \) solves \( y' = y \ln {base} \) with \( y(0) = {inside(given)} \)."
        if plain
        else rf"A culture starts with {given} {creature}. Their number \( y(t) \) after \( t \) hours obeys "
        rf"the differential equation \( y' = y \ln {base} \)."
    )
    factor = base**time
    value = n * factor
    steps = (
        rf"Separating the variables gives \( \frac{{dy}}{{y}} = \ln {base}\,dt \), so \( y = C \cdot {base}^t \) with "
        rf"\( C = y(0) = {n} \).",
        rf"Hence \( y({time}) = {n} \times {base}^{time} = {n} \times {factor} = {value} \).",
    )
    quantity = rf"\( y({time}) \)" if plain else f"the number of {creature} after {time} hour{'s' if time > 1 else ''}"
    rate = log(base)
    return Link(setup, quantity, steps, value, lambda x: round(_runge_kutta(lambda _, y: rate * y, x, time)))


@generator("separable differential equations", "Differential equations", "college", low=2, high=800)
def _cooling(n: int, given: str, rng: Random) -> Link:
    time = rng.randint(1, 4)
    above = 2**time * rng.randint(1, 9)
    piece = rng.choice(("steel bolt", "glass rod", "clay brick", "copper pipe"))
    unit = rng.choice(("minutes", "hours"))
    setup = (
        f"A chamber is kept at a constant temperature of {given} degrees. A {piece} that is put into it is {above} "
        rf"degrees warmer than the chamber. Its temperature \( u(t) \) after \( t \) {unit} satisfies \( u' = -(u - c) "
        r"\ln 2 \), where \( c \) is the temperature of the chamber."
    )
    value = n + above // 2**time
    steps = (
        rf"Separating, \( \frac{{du}}{{u - {n}}} = -\ln 2\,dt \), so \( u - {n} \) halves in every unit of time: \( u "
        rf"= {n} + {above} \cdot 2^{{-t}} \).",
        rf"At \( t = {time} \) this is \( {n} + \frac{{{above}}}{{{2**time}}} = {n} + {above // 2**time} = {value} \).",
    )
    rate = log(2)
    return Link(
        setup,
        rf"\( u({time}) \)",
        steps,
        value,
        lambda c: round(_runge_kutta(lambda _, u: -(u - c) * rate, c + above, time)),
    )


@generator("separable differential equations", "Differential equations", "college", low=1, high=60)
def _hyperbola(n: int, given: str, rng: Random) -> Link:
    at = rng.randint(2, 9)
    setup = (
        rf"The positive function \( y(x) \) solves \( y\,\frac{{dy}}{{dx}} = x \), and \( y(0) = {inside(given)} \)."
    )
    value = n * n + at * at
    steps = (
        r"Separating and integrating \( y\,dy = x\,dx \) gives \( y^2 = x^2 + C \).",
        rf"From \( y(0) = {n} \) follows \( C = {n}^2 = {n * n} \).",
        rf"So \( y({at})^2 = {at * at} + {n * n} = {value} \).",
    )
    return Link(
        setup,
        rf"\( y({at})^2 \)",
        steps,
        value,
        lambda start: round(_runge_kutta(lambda x, y: x / y, start, at, steps=160) ** 2),
    )


@generator("separable differential equations", "Differential equations", "college", low=1, high=300)
def _slowing_growth(n: int, given: str, rng: Random) -> Link:
    at = rng.randint(1, 2 if n > 60 else 4)
    value = n * (1 + at)
    setup = (
        rf"For \( x \ge 0 \) the function \( y(x) \) satisfies \( (1 + x)\,y' = y \) and \( y(0) = {inside(given)} \)."
    )
    steps = (
        r"Separating the variables, \( \frac{dy}{y} = \frac{dx}{1 + x} \), so \( \ln y = \ln(1 + x) + c \) "
        r"and \( y = C(1 + x) \).",
        rf"With \( C = y(0) = {n} \) we get \( y({at}) = {n} \times {1 + at} = {value} \).",
    )
    return Link(
        setup, rf"\( y({at}) \)", steps, value, lambda start: round(_runge_kutta(lambda x, y: y / (1 + x), start, at))
    )

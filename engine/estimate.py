"""From a sample of conversations to what a whole run will take: a likely figure and a range around it.

Rows and refusals may cost differently, so they are taken apart. For m more rows, R conversations are refused on the
way, and the total is the sum over m conversations that pass and R that do not. What is not known of it is drawn 4,000
times, always the same:

- the acceptance, from its distribution after the sample (Beta with Jeffreys' prior, so that a sample without a refusal
  is no proof that there are none);
- R, from the negative binomial distribution, or, where every item is asked, from the binomial one;
- the mean of either kind, from Student's t about the sample's mean, on the logarithm, since costs are skewed and never
  negative;
- the spread of so many conversations about their mean.

The range holds the middle 94 % of the draws: with small samples of skewed costs that is what the truth needs to be
within in nine cases of ten (tests/engine/test_estimate.py). The likely figure is the draws' median.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COVERAGE = 0.9
"""How often the truth is within a range, about."""
_MIDDLE = 0.94
_DRAWS = 4_000
_WIDEST = 3.0
"""A mean is at most e to this power away from the sample's: of two conversations, anything may follow."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is likely, and between which bounds it will be in nine cases of ten."""

    likely: float
    low: float
    high: float

    def times(self, factor: float) -> Range:
        """So much of it."""
        return Range(self.likely * factor, self.low * factor, self.high * factor)


NONE = Range(0.0, 0.0, 0.0)


def estimate(
    passed: NDArray[np.bool_], values: NDArray[np.float64], *, rows: int | None = None, items: int | None = None
) -> list[Range]:
    """What `rows` more rows will take, or else `items` more conversations; conversations first, then each column.

    The sample: `passed`, shape (n,), whether a conversation gave a row; `values`, shape (n, k), what each took. n > 0.
    """
    chance = np.random.default_rng(20261121)
    n, k = len(passed), int(passed.sum())
    acceptance = np.clip(chance.beta(k + 0.5, n - k + 0.5, _DRAWS), 1e-4, 1.0)
    if rows is not None:
        good = np.full(_DRAWS, rows, np.float64)
        bad = chance.negative_binomial(rows, acceptance).astype(np.float64) if rows else np.zeros(_DRAWS)
    else:
        good = chance.binomial(items or 0, acceptance).astype(np.float64)
        bad = (items or 0) - good
    totals = [good + bad]
    totals += [
        _total(column[passed], column, good, chance) + _total(column[~passed], column, bad, chance)
        for column in values.T
    ]
    return [_range(total) for total in totals]


def _total(
    sample: NDArray[np.float64], all_of_it: NDArray[np.float64], count: NDArray[np.float64], chance: np.random.Generator
) -> NDArray[np.float64]:
    """Draws of the sum over `count` conversations like the sample, or, where that is too small, like all of it."""
    few = len(sample) < 3
    if few:
        sample = all_of_it
    mean = float(sample.mean())
    if not mean:
        return np.zeros(_DRAWS)
    spread = float(sample.std(ddof=1)) if len(sample) > 1 else mean
    away = chance.standard_t(max(1, len(sample) - 1), _DRAWS) * spread / (mean * np.sqrt(len(sample)))
    if few:  # of its kind hardly any was seen: it may well cost half or twice as much
        away += chance.standard_normal(_DRAWS) / 2
    means = mean * np.exp(np.clip(away, -_WIDEST, _WIDEST))
    total: NDArray[np.float64] = np.maximum(
        0.0, count * means + chance.standard_normal(_DRAWS) * spread * np.sqrt(count)
    )
    return total


def _range(draws: NDArray[np.float64]) -> Range:
    low, likely, high = np.quantile(draws, [(1 - _MIDDLE) / 2, 0.5, (1 + _MIDDLE) / 2])
    return Range(float(likely), float(low), float(high))


def two_points(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The line through two measurements (size, what it took): what it takes to begin, and for one more. Neither < 0."""
    (small, took), (large, took_more) = sorted((one, other))
    slope = max(0.0, (took_more - took) / (large - small)) if large > small else took / max(small, 1.0)
    return max(0.0, took - slope * small), slope

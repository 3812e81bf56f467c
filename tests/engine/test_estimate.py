"""The ranges of a plan hold as often as they say, on samples whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.estimate import NONE, estimate, two_points

ROWS, TRIALS = 1_000, 120


def conversations(chance: np.random.Generator, n: int, acceptance: float, spread: float):
    """Skewed costs, and refusals that cost twice as much, as those do that are asked again."""
    passed = chance.random(n) < acceptance
    return passed, chance.lognormal(0, spread, n) * np.where(passed, 1.0, 2.0)


@pytest.mark.parametrize("acceptance", [0.4, 0.8, 1.0])
@pytest.mark.parametrize(("spread", "n"), [(0.3, 20), (0.3, 200), (0.8, 20), (0.8, 100)])
def test_what_it_really_takes_is_within_the_range_nine_times_of_ten(acceptance, spread, n):
    chance = np.random.default_rng(16)
    held = 0
    for _ in range(TRIALS):
        passed, cost = conversations(chance, n, acceptance, spread)
        _, money = estimate(passed, cost[:, None], rows=ROWS)
        refused = int(chance.negative_binomial(ROWS, acceptance)) if acceptance < 1 else 0
        truth = chance.lognormal(0, spread, ROWS).sum() + 2 * chance.lognormal(0, spread, refused).sum()
        held += money.low <= truth <= money.high
    assert held >= 0.85 * TRIALS


def test_a_larger_sample_gives_a_narrower_range_around_the_truth():
    widths = []
    for n in (20, 200, 2_000):
        passed, cost = conversations(np.random.default_rng(3), n, 0.8, 0.3)
        money = estimate(passed, cost[:, None], rows=ROWS)[1]
        assert money.low < money.likely < money.high
        widths.append((money.high - money.low) / money.likely)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.15


def test_where_every_item_is_asked_the_number_of_conversations_is_certain():
    passed, cost = conversations(np.random.default_rng(4), 100, 0.7, 0.3)
    asked, money = estimate(passed, cost[:, None], items=500)
    assert asked.low == asked.likely == asked.high == 500
    assert money.likely == pytest.approx(500 * cost.mean(), rel=0.1)


def test_nothing_wanted_takes_nothing_and_a_sample_without_a_row_still_gives_bounds():
    passed, cost = np.zeros(20, np.bool_), np.ones((20, 1))
    assert estimate(passed, cost, rows=0) == [NONE, NONE]
    asked, _ = estimate(passed, cost, rows=10)
    assert asked.likely > 200
    assert np.isfinite(asked.high)


def test_two_points_part_what_it_takes_to_begin_from_what_one_more_takes():
    assert two_points((10, 25.0), (110, 225.0)) == pytest.approx((5.0, 2.0))
    assert two_points((110, 225.0), (10, 25.0)) == pytest.approx((5.0, 2.0))
    assert two_points((10, 30.0), (20, 20.0)) == (30.0, 0.0)

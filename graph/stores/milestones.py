"""How coverage grew: what the first n questions touch, at a few n.

Of each concept and each pair only the first question that uses it matters; all the curve is in these numbers.
"""

from __future__ import annotations

import numpy as np

from graph.stores.tally import Integers

NEVER = np.iinfo(np.int64).max
"""The first use of what no question uses."""
_STEPS_A_DECADE, _DECADES = 12, 18


def milestones(questions: int) -> Integers:
    """Some numbers from 1 to `questions`, ascending, evenly spread on a logarithmic axis; `questions` is the last.

    None where there are no questions.
    """
    every = np.round(10.0 ** (np.arange(_STEPS_A_DECADE * _DECADES) / _STEPS_A_DECADE)).astype(np.int64)
    return np.unique(np.append(every[every < questions], questions)) if questions else np.empty(0, np.int64)


def touched(first_uses: Integers, at: Integers) -> Integers:
    """How many are touched by the first `at` questions, shape of `at`; `first_uses` are numbers of questions from 0."""
    counts: Integers = np.searchsorted(np.sort(first_uses), at)
    return counts

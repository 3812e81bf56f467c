"""Weights that are powers of counts, in whole numbers: the same on every machine.

A weight such as w^(1 - t) / (1 + c)^(4t) is kept as its logarithm, in whole steps of 2^-12 of a factor of two (so no
weight is off by more than 0.01 %). Only then it is made a number again, beside the others of the same choice: the
largest of them becomes 2^`width`, and none less than 1. A sum of logarithms is exact, and so no weight depends on the
last bit of somebody's floating point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]

_STEPS = 12
_ONE = 1 << _STEPS
_MANTISSA = 30
_POWERS: I64 = np.rint(np.exp2(np.arange(_ONE) / _ONE + _MANTISSA)).astype(np.int64)  # 2^30..2^31


def log_power(numbers: I64 | NDArray[np.float64], exponent: float) -> I64:
    """The logarithm of `numbers` ** `exponent`, in steps of 2^-12; the numbers are at least 1."""
    return np.rint(np.log2(numbers) * (exponent * _ONE)).astype(np.int64)


def weights_of(logs: I64, top: I64 | np.int64, width: I64 | int) -> I64:
    """The weights, at least 1, where one of the logarithm `top` is 2^`width` (at most 2^30); no logarithm is higher."""
    down = top - logs
    fraction = -down & (_ONE - 1)
    shift = ((down + fraction) >> _STEPS) + _MANTISSA - width
    weights: I64 = np.maximum(_POWERS[fraction] >> np.minimum(shift, 62), 1)
    return weights

"""Random numbers by counter: number (key, i, step) is computed, never drawn in turn.

So draw i is the same alone, in a block, in any order and on any machine, and a numpy Generator a sample (14 us) becomes
a few multiplications (30 ns). The mixer is the finaliser of splitmix64 (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014): a bijection of 64 bits in which each bit of the input moves every bit of
the output. Overflow is meant.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio, odd
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def hash64(text: str) -> int:
    """64 bits of blake2b over the text: the same in every process, unlike `hash()`."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def mix(numbers: U64) -> U64:
    """splitmix64's finaliser, element by element."""
    mixed = numbers ^ (numbers >> _30)
    mixed *= _FIRST
    mixed ^= mixed >> _27
    mixed *= _SECOND
    mixed ^= mixed >> _31
    return mixed


def streams(key: int, indices: NDArray[np.int64]) -> U64:
    """One stream of random numbers for each index, shape as `indices`; `key` tells independent uses apart."""
    return mix(np.uint64(key) + indices.astype(np.uint64) * _GAMMA)


def bits(of: U64, step: int) -> U64:
    """The `step`-th 64 random bits of each stream, step 0, 1, ..."""
    return mix(of + np.uint64((step + 1) * int(_GAMMA) & 0xFFFFFFFFFFFFFFFF))


def below(random: U64, bound: U64 | np.uint64) -> U64:
    """Whole numbers 0..bound-1 from the upper 32 bits; bound < 2^32. No probability is off by more than 2^-32."""
    return ((random >> _32) * bound) >> _32


def coin(random: U64) -> U64:
    """The lower 32 bits, which `below` leaves alone: a number 0..2^32-1 to compare with a threshold."""
    return random & _LOW


def between(random: U64, low: int, high: int) -> NDArray[np.int64]:
    """Whole numbers low..high, each equally likely, from the upper 32 bits."""
    return low + below(random, np.uint64(high - low + 1)).astype(np.int64)

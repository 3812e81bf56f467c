"""Which rows belong together: connected components over equal keys and over pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def same_key(keys: NDArray[np.uint64]) -> tuple[Places, Places]:
    """Edges that join rows of equal keys, shape (n,): each row but the first of its key, with the one before it."""
    order = np.argsort(keys, kind="stable")
    equal = keys[order][1:] == keys[order][:-1]
    return order[1:][equal], order[:-1][equal]


def components(rows: int, one: Places, other: Places) -> Places:
    """The component of each row, shape (rows,), named by its lowest row; edges join `one[i]` and `other[i]`.

    Every row's label is the lowest one seen around it; labels jump to their labels' labels, so that a chain of n rows
    takes about log n rounds. Memory is a few whole numbers a row and edge.
    """
    label = np.arange(rows, dtype=np.int64)
    while True:
        low = np.minimum(label[one], label[other])
        new = label.copy()
        for end in (one, other):
            np.minimum.at(new, label[end], low)  # the label's own row learns of the lower one
            np.minimum.at(new, end, low)
        while not np.array_equal(jumped := new[new], new):
            new = jumped
        if np.array_equal(new, label):
            return label
        label = new

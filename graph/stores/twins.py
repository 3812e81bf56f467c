"""Twins: questions with the text of an earlier one, once case, spaces and numbers are made equal."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class Twins:
    """The first question of every text. Holds 16 bytes a question, and its id."""

    def __init__(self) -> None:
        self._keys, self._places = np.empty(0, np.uint64), np.empty(0, np.int64)  # by key; where its first stood
        self._ids: list[pa.Array] = [pa.array([], pa.string())]
        self._count = 0

    def of(self, ids: pa.Array, text_keys: pa.Array) -> pa.Array:
        """For each of the questions that come next, the id of the first one with its key; '' for the first.

        A question without a key is nobody's twin.
        """
        own = np.arange(self._count, self._count + len(ids))
        firsts = own.copy()
        keyed = np.flatnonzero(text_keys.is_valid())
        keys, first, which = np.unique(text_keys.drop_null().to_numpy(), return_index=True, return_inverse=True)
        places = own[keyed][first]
        at = np.searchsorted(self._keys, keys)
        seen = at < len(self._keys)
        seen[seen] = self._keys[at[seen]] == keys[seen]
        places[seen] = self._places[at[seen]]
        firsts[keyed] = places[which]
        self._keys = np.insert(self._keys, at[~seen], keys[~seen])
        self._places = np.insert(self._places, at[~seen], places[~seen])
        self._ids.append(ids)
        self._count += len(ids)
        of = pa.chunked_array(self._ids).take(pa.array(firsts, mask=firsts == own))
        return pc.fill_null(of, "").combine_chunks()

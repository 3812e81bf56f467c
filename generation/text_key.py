"""A key for a question's text: texts with one key are the same but for case, spaces and numbers.

Case is made low, what is between words one space, and each number `0`: digits with the points and commas between them.
Signs, units and names stay, so `3 + 4` and `3 - 4` have two keys. The key is 64 bits of blake2b: among ten million
texts, two that differ share one by accident with a probability of 3 in a million.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SPACES = r"[\s\pZ]+"
_NUMBER = r"\p{Nd}+(?:[.,]\p{Nd}+)*"


def text_keys(texts: pa.ChunkedArray) -> pa.Array:
    """The keys of texts without nulls, shape (n,), as uint64."""
    spaced = pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(texts), _SPACES, " "))
    bare = pc.replace_substring_regex(spaced, _NUMBER, "0").cast(pa.binary())
    digests = b"".join(blake2b(text, digest_size=8).digest() for text in bare.to_pylist())
    return pa.array(np.frombuffer(digests, "<u8"))

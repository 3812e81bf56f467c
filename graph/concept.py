"""A concept, what a question is about: its kinds, and its id, which survives renaming and merging."""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

Kind = Literal["topic", "knowledge_point", "skill"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def concept_id(kind: str, first_name: str) -> str:
    """The kind's first letter and 16 hexadecimal digits of blake2b over kind and the first name it was seen under."""
    digest = hashlib.blake2b(f"{kind}\x1f{first_name}".encode(), digest_size=8).hexdigest()
    return kind[0] + digest

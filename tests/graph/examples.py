"""How many examples a property test takes: `sh scripts/test-slow` takes ten times as many."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

TIMES = int(os.environ.get("SKILLWEAVE_TEST_EXAMPLES", "1"))


def some(examples: int, **more: Any) -> settings:
    """Settings for so many examples in an ordinary run, each as long as it takes."""
    return settings(max_examples=examples * TIMES, deadline=None, **more)

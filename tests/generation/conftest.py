from __future__ import annotations

from pathlib import Path

import pytest
from small_workspace import Prepared, prepare


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    return prepare(tmp_path)

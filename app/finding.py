"""Where our component is, told to Streamlit instead of looked for.

At its start Streamlit reads the metadata of every distribution that is installed, each four times, in search of
components: 0.3 s where there are two hundred. Ours is known, and a page of ours uses no other.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.manifest_scanner import ComponentManifest

import skillweave

OURS = "skillweave"
PICTURE = Path(skillweave.__file__).with_name("picture")
"""The folder of its JavaScript and its style."""
find_all = manifest_scanner.scan_component_manifests
"""What Streamlit finds of all distributions."""


def find_ours(max_workers: int | None = None) -> list[tuple[ComponentManifest, Path]]:
    """What Streamlit's `scan_component_manifests` finds of our distribution; of all of them where it finds no such."""
    try:
        found = manifest_scanner._process_single_package(distribution(OURS))  # noqa: SLF001 - no public door
    except (AttributeError, TypeError, PackageNotFoundError):  # another Streamlit, or ours was never installed
        found = None
    return find_all(max_workers) if found is None else [found]


def look_no_further() -> None:
    """Let Streamlit find ours alone; call it before its runtime is made."""
    manifest_scanner.scan_component_manifests = find_ours

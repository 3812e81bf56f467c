"""Seeds of others: `load_seeds` reads a file, a folder or a data set, whatever its container and its format."""

from __future__ import annotations

from graph.loaders.loading import Loaded, Skipped, load_seeds

__all__ = ["Loaded", "Skipped", "load_seeds"]

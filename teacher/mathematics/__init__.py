"""The generators, one area a file. Importing this package registers all of them, in order of the files' names."""

from __future__ import annotations

import importlib
import pkgutil

for _area in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_area}")

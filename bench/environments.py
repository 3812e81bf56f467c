"""Python environments of their own for the tools that are measured beside us, made on first use and kept.

They lie in `~/.cache/skillweave/bench`, or in the folder that SKILLWEAVE_BENCH_CACHE names, one for each set of
requirements.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from bench.figures import Skip

_INSTALL_S = 900


def python_with(name: str, *requirements: str) -> Path:
    """The interpreter of an environment that holds these requirements, pinned. Raises Skip where pip cannot."""
    cache = Path(os.environ.get("SKILLWEAVE_BENCH_CACHE", Path.home() / ".cache" / "skillweave" / "bench"))
    text = "\n".join((sys.version, *requirements))
    folder = cache / f"{name}-{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}"
    python = folder / "bin" / "python"
    if not (folder / "whole").exists():
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            raise Skip(f"{name}: pip had not installed {requirements[0]} after {_INSTALL_S} s") from None
        if done.returncode:
            lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
            why = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "pip failed")
            raise Skip(f"{name} cannot be installed: {why}")
        (folder / "whole").touch()
    return python

"""Tell whether a process that wrote down who it is still lives."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def process_start(pid: int) -> str:
    """A token that tells a process from a later one with the same number; empty where the system has none.

    Raises ProcessLookupError for one that has ended and was not waited for.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    if fields[0] in "ZX":
        raise ProcessLookupError(pid)
    return fields[19]


def numbering() -> str:
    """What a process number belongs to: hosts may share a name, and containers on one host do not share numbers.

    The first namespace of numbers has the same name on every machine, so the boot is part of it.
    """
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def alive(pid: int, start: str) -> bool:
    """Whether the process of this number lives and is the one that had this start token."""
    try:
        with suppress(PermissionError):
            os.kill(pid, 0)
        return not start or process_start(pid) in ("", start)
    except ProcessLookupError:
        return False

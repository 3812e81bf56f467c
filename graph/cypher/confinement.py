"""What the child takes from itself before it reads a question; none of it can be had back.

| limit | by | where |
|---|---|---|
| no file may be written or grow | RLIMIT_FSIZE 0; Landlock | everywhere; Linux 5.13 |
| no file may be read but those named | Landlock | Linux 5.13 |
| no program may be started | Landlock | Linux 5.13 |
| no TCP connection | Landlock | Linux 6.7 |
| no signal to a process outside | Landlock | Linux 6.12 |
| so much more memory than it has | RLIMIT_AS | Linux |
| no core file; few open files | RLIMIT_CORE, RLIMIT_NOFILE | everywhere |

A child that asks a server may read and connect; the rest holds for it too. Landlock needs no privilege. It holds the
thread that asks for it and those it starts, so it comes before a store is opened. What it does not hold: UDP, handles
that are open already, and looking up whether a file exists.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights over files each version of Landlock knows, from the version on."""
_BIND_CONNECT = 0b11
_SCOPES = 0b11
_STATM = Path("/proc/self/statm")
"""How much memory the process has."""


def confine(readable: Sequence[Path] | None) -> int:
    """Give up everything but reading these files, for good. Returns the version of Landlock that holds; 0 is none.

    None leaves all files readable and all hosts within reach: the driver of a server needs both, and sees no text
    that it would understand.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    return _landlock(readable) if sys.platform == "linux" else 0


def limit_memory(more_bytes: int) -> None:
    """Let the process have so many bytes more than it has now; what asks for more gets none. Only on Linux.

    An embedded store maps its largest possible size when it opens, without using it: so the limit comes after.
    """
    if sys.platform == "linux":
        pages = int(_STATM.read_bytes().split()[0])
        most = pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_processor(more_s: float) -> None:
    """End the process once it used so many seconds of processor more, whatever becomes of its parent."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + more_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _landlock(readable: Sequence[Path] | None) -> int:
    system = ctypes.CDLL(None, use_errno=True)
    version: int = system.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return 0
    rights = (1 << _RIGHTS[max(known for known in _RIGHTS if known <= version)]) - 1
    network = _BIND_CONNECT
    if readable is None:
        rights, network = rights & ~(_READ_FILE | _READ_DIR), 0
    sizes = {1: 8, 4: 16, 6: 24}
    attributes = struct.pack("=QQQ", rights, network, _SCOPES)[
        : sizes[max(known for known in sizes if known <= version)]
    ]
    handle = _call(system, _CREATE, attributes, len(attributes), 0)
    for path in (*readable, _STATM) if readable is not None else ():
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        _call(system, _ADD, handle, _PATH_BENEATH, struct.pack("=Qi", _READ_FILE, opened), 0)
        os.close(opened)
    if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    _call(system, _RESTRICT, handle, 0)
    os.close(handle)
    return version


def _call(system: ctypes.CDLL, number: int, *arguments: bytes | int) -> int:
    result: int = system.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")
    return result

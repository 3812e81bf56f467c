"""The figures that were promised, measured.

    python -m bench                  list the benches
    python -m bench NAME ...         run these and print what they measured
    python -m bench --check [NAME]   run all that are short (or these); exit status 1 where a promise was not kept
    python -m bench dedup --model M  repeat its figures for another embedding model, by name or path

A bench is a file of this folder with `check() -> list[Figure]`. What needs data that is not here is skipped, and says
so. One that takes more than ten minutes says `LONG = True` and runs only where it is named.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from bench.figures import Figure, Skip, machine


def names(*, long: bool = True) -> list[str]:
    """The benches of this folder, by name; without the long ones on request."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("*.py"))}
    benches = {name: text for name, text in texts.items() if "\ndef check(" in text}
    return [name for name, text in benches.items() if long or "\nLONG = True\n" not in text]


def main() -> int:
    """Run what the command line names."""
    wanted = [
        argument
        for before, argument in zip(sys.argv, sys.argv[1:], strict=False)
        if not argument.startswith("-") and before != "--model"
    ]
    checking = "--check" in sys.argv
    if unknown := sorted(set(wanted) - set(names())):
        print(f"no bench {unknown[0]!r}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    if not wanted and not checking:
        print("\n".join(names()))
        return 0
    print(f"machine: {machine()}")
    missed = 0
    for name in wanted or names(long=False):
        print(f"\n{name}", flush=True)
        try:
            figures: list[Figure] = importlib.import_module(f"bench.{name}").check()
        except Skip as why:
            print(f"  skipped: {why}")
            continue
        for figure in figures:
            print(f"  {figure}", flush=True)
            missed += not figure.kept
    print(f"\n{missed} missed" if missed else "\nall kept")
    return int(checking and missed > 0)


if __name__ == "__main__":
    sys.exit(main())

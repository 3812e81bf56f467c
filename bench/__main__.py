"""The figures that were promised, measured.

    python -m bench                  list the benches
    python -m bench NAME ...         run these and print what they measured
    python -m bench --check [NAME]   run all that are short (or these); exit status 3 where a promise was not kept
    python -m bench dedup --model M  repeat its figures for another embedding model, by name or path

A bench is a file of this folder with `check() -> list[Figure]`. What needs data that is not here is skipped, and says
so. One that takes more than ten minutes says `LONG = True` and runs only where it is named.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

from bench.figures import Figure, Skip, machine

MISSED = 3
"""The exit status of a check that finds a promise not kept; 1 is of a bench that broke."""


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
    chosen = wanted or names(long=False)
    if len(chosen) > 1:
        return _each_alone(chosen, checking=checking)
    print(f"machine: {machine()}")
    print(f"\n{chosen[0]}", flush=True)
    missed = 0
    try:
        figures: list[Figure] = importlib.import_module(f"bench.{chosen[0]}").check()
    except Skip as why:
        print(f"  skipped: {why}")
        figures = []
    for figure in figures:
        print(f"  {figure}", flush=True)
        missed += not figure.kept
    print(f"\n{missed} missed" if missed else "\nall kept")
    return MISSED if checking and missed else 0


def _each_alone(chosen: list[str], *, checking: bool) -> int:
    """Each in a process of its own: none measures the memory and the heap that another left behind."""
    flags = [argument for argument in sys.argv[1:] if argument not in chosen]
    runs = {name: subprocess.run([sys.executable, "-m", "bench", name, *flags], check=False) for name in chosen}
    codes = {name: run.returncode for name, run in runs.items()}
    broken = [name for name, code in codes.items() if code not in (0, MISSED)]
    missed = [name for name, code in codes.items() if code == MISSED]
    for told, benches in (("ended with an error", broken), ("missed what was promised", missed)):
        if benches:
            print(f"{', '.join(benches)}: {told}")
    if not broken and not missed:
        print(f"all {len(chosen)} benches ran" + (", every promise kept" if checking else ""))
    return 1 if broken else MISSED if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Look through the questions of runs, however many there are, and follow one back to what it was made from.

    runs = open_runs(workspace, runs_of(workspace, snapshot))
    page = browse(runs, Filter(concepts=(concept_ids(snapshot, "Probability"),), words="dice"))
    browse(runs, chosen, after=page.next)                        the rows after it; `before=page.previous` goes back
    count(runs, chosen), reasons(runs)                           how many are as the filter asks; why rows were rejected
    find_question(runs, "r0123...")                              one row, with all its columns
    origin_of(workspace, run, row), talks_of(...), neighbours(...), said_of(...)

Rows come in the order of (run's name, index). Pages go by key, so a deep one costs what the first does. The sealed rows
are read by DuckDB; what a filter says is bound as a parameter and never becomes a part of a query's text. Facts by
which rows are found (concepts, level, length, reason) are indexed beside the runs (`generation.browsing.indexing`);
the index is derived, made in seconds where it is missing, and a page that asks for none of these does without.
"""

from __future__ import annotations

from generation.browsing.filtering import Filter, Key, concept_ids
from generation.browsing.finding import find_question
from generation.browsing.near import Nearest, neighbours
from generation.browsing.opened import OpenedRun, open_runs
from generation.browsing.origin import Origin, origin_of
from generation.browsing.paging import Count, Page, browse, count, reasons
from generation.browsing.standing import Said, Standing, said_of, standing_of
from generation.browsing.talks import Talk, talks_of

__all__ = [
    "Count",
    "Filter",
    "Key",
    "Nearest",
    "OpenedRun",
    "Origin",
    "Page",
    "Said",
    "Standing",
    "Talk",
    "browse",
    "concept_ids",
    "count",
    "find_question",
    "neighbours",
    "open_runs",
    "origin_of",
    "reasons",
    "said_of",
    "standing_of",
    "talks_of",
]

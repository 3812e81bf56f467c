"""The one folder that every command and the app share, and the folder of what we ship.

workspace/skillweave.toml     models by name (endpoints, limits, prices), store URL, embedder; secrets stay outside
          seeds/<name>.parquet  graphs/<fingerprint>/  stores/<id>  neo4j/  runs/<name>/  datasets/<name>/
          coverage/<id>.parquet  pairs/<hash>.parquet   what runs begin with, named by their content
          verdicts/             what checks found in questions; can be made again
          browsing/             an index of questions; made when it is missing
          models/<hash>.json    what endpoints were found to do, by `skillweave model check`
          logs/<run>.log        what the processes wrote that the app began
          reviews.sqlite        what persons said of generated questions
          withdrawn.jsonl       seeds that must go, and why
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError
from engine.files import storage_errors

ENVIRONMENT = "SKILLWEAVE_WORKSPACE"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths within a workspace. Making the object touches no file; `prepare` makes the folders."""

    root: Path

    @classmethod
    def find(cls, given: Path | None = None) -> Workspace:
        """`given`, else the environment's SKILLWEAVE_WORKSPACE, else ./workspace. Absolute."""
        return cls(Path(given or os.environ.get(ENVIRONMENT) or "workspace").expanduser().resolve())

    def prepare(self) -> Workspace:
        """Make the folders. Raises StorageError where that is not allowed."""
        with storage_errors(self.root):
            for folder in (self.seeds, self.graphs, self.stores, self.runs, self.datasets):
                folder.mkdir(parents=True, exist_ok=True)
        return self

    @property
    def config(self) -> Path:
        """skillweave.toml; need not exist."""
        return self.root / "skillweave.toml"

    @property
    def seeds(self) -> Path:
        """Imported seed sets, <name>.parquet."""
        return self.root / "seeds"

    @property
    def graphs(self) -> Path:
        """Snapshots, one folder a fingerprint."""
        return self.root / "graphs"

    @property
    def stores(self) -> Path:
        """Projections of snapshots into a Cypher store; can be rebuilt at any time."""
        return self.root / "stores"

    @property
    def neo4j(self) -> Path:
        """The Neo4j server of this workspace; made when it is first started."""
        return self.root / "neo4j"

    @property
    def runs(self) -> Path:
        """Runs, one folder a name."""
        return self.root / "runs"

    @property
    def datasets(self) -> Path:
        """Datasets made of runs, one folder a name."""
        return self.root / "datasets"

    @property
    def coverage(self) -> Path:
        """What questions used of graphs when it was taken, one file an id; made by the first."""
        return self.root / "coverage"

    @property
    def pairs(self) -> Path:
        """The pairs of names that judging runs ask about, one file a hash; made by the first."""
        return self.root / "pairs"

    @property
    def verdicts(self) -> Path:
        """What checks found in questions; made by the first check, and can be made again."""
        return self.root / "verdicts"

    @property
    def models(self) -> Path:
        """What endpoints were found to do, one file an address and model; made by the first check."""
        return self.root / "models"

    @property
    def logs(self) -> Path:
        """What processes wrote that work on runs in the background; made by the first."""
        return self.root / "logs"

    @property
    def reviews(self) -> Path:
        """The verdicts of persons; made by the first one."""
        return self.root / "reviews.sqlite"

    @property
    def withdrawn(self) -> Path:
        """The seeds that must go; made by the first one."""
        return self.root / "withdrawn.jsonl"


def data_path(*parts: str) -> Path:
    """A file of our own `data/`: beside the code in a checkout, in share/skillweave where the wheel puts it."""
    for base in (Path(__file__).resolve().parent.parent / "data", Path(sys.prefix) / "share" / "skillweave" / "data"):
        if base.is_dir():
            return base.joinpath(*parts)
    raise InputError("skillweave's own data folder is missing; install the package again: pip install skillweave")

"""Where a Neo4j server is. Needs no driver, so that commands which ask no server start without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from engine.errors import InputError

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""+s wants a certificate that the system trusts, +ssc takes any."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and who asks it. Its text never shows the password."""

    url: str
    user: str
    password: str = field(repr=False)
    given: str = ""
    """What `--store` was given to mean it; the URL where that is empty."""

    @property
    def option(self) -> str:
        """How a command names this store."""
        return f"--store {self.given or self.url}"


def checked_url(url: str) -> str:
    """The URL of a server. Raises InputError for one of another scheme, and one that holds a name or a password."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if "@" in parts.netloc:
        raise InputError(
            "a store's URL holds no name and no password, because it is logged and typed; "
            f"export SKILLWEAVE_NEO4J_USER=... SKILLWEAVE_NEO4J_PASSWORD=... and take --store {parts.scheme}://{host}"
            + (f":{port}" if port else "")
        )
    if parts.scheme not in SCHEMES or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise InputError(
            f"{url!r} is no store; take --store embedded, --store neo4j (see: skillweave neo4j start), or the URL of a "
            "server, such as --store neo4j://localhost:7687"
        )
    return url.rstrip("/")

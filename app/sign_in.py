"""The provider that people sign in at: where its secrets are, and what is wrong with them before the app starts.

    # workspace.secrets.toml beside the folder workspace, or what `skillweave app --secrets FILE` names
    [auth]
    redirect_uri = "https://skillweave.example.org/oauth2callback"
    cookie_secret = "..."                # ours alone: 32 characters or more, by chance
    client_id = "..."                    # these three come from the provider
    client_secret = "..."
    server_metadata_url = "https://login.example.org/.well-known/openid-configuration"

It is the file that Streamlit reads as its secrets. No message here holds a value of it, other than an address.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from engine.errors import InputError
from engine.workspace import Workspace

if TYPE_CHECKING:
    from app.settings import AppSettings

ENVIRONMENT = "SKILLWEAVE_APP_SECRETS"
"""The file, for a server that has sign-in; `skillweave app` sets it. Absent: there is none."""
KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
OPTIONAL_KEYS = ("client_kwargs",)
LEAST_COOKIE_SECRET = 32
CALLBACK, DISCOVERY = "/oauth2callback", "/.well-known/openid-configuration"
MAKE_SECRET = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105 - how to make one
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PUBLIC_PROVIDERS = ("accounts.google.com", "login.microsoftonline.com/common", "login.microsoftonline.com/consumers",
                    "login.microsoftonline.com/organizations", "appleid.apple.com", "gitlab.com")  # fmt: skip
"""Where anybody can have an account."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What a start needs to know of sign-in: no secret is in it."""

    path: Path
    redirect_uri: str
    server_metadata_url: str

    @property
    def home(self) -> str:
        """Where a person opens the app, without a slash at the end."""
        return self.redirect_uri.removesuffix(CALLBACK)


def secrets_beside(place: Workspace) -> Path:
    """Where the secrets are looked for: beside the workspace and not in it, so that who hands it on keeps them."""
    return place.root.with_name(f"{place.root.name}.secrets.toml")


def find_secrets(place: Workspace, given: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file that is given, else the environment's, else the one beside the workspace; None where there is none."""
    if given is not None or environ.get(ENVIRONMENT):
        return Path(given or environ[ENVIRONMENT]).expanduser().resolve()
    beside = secrets_beside(place)
    return beside if beside.exists() else None


def read_provider(path: Path) -> Provider:
    """Check the file. Raises InputError that names every key that is missing, or the first that cannot be."""
    told = _auth_of(path)
    missing = [key for key in KEYS if key not in told]
    if missing:
        raise InputError(f"{path}: [auth] lacks {', '.join(missing)}; docs/app.md says where each comes from")
    unknown = sorted(set(told) - {*KEYS, *OPTIONAL_KEYS})
    if unknown:
        raise InputError(
            f"{path}: [auth] has {', '.join(unknown)}, which is not known here; there are {', '.join(KEYS)}"
        )
    for key in KEYS:
        if not isinstance(told[key], str) or not told[key].strip():
            raise InputError(f"{path}: {key} of [auth] must be a text that is not empty")
    if len(told["cookie_secret"]) < LEAST_COOKIE_SECRET:
        raise InputError(
            f"{path}: cookie_secret of [auth] is too short: it signs who is who, and needs {LEAST_COOKIE_SECRET} "
            f"characters by chance. Make one: {MAKE_SECRET}"
        )
    redirect = _address(path, "redirect_uri", told["redirect_uri"])
    if redirect.path != CALLBACK:
        raise InputError(f"{path}: redirect_uri of [auth] must be the app's own address and {CALLBACK}, nothing more")
    if redirect.port == {"http": 80, "https": 443}[redirect.scheme]:
        raise InputError(f"{path}: redirect_uri of [auth] must leave out :{redirect.port}, as a browser's address does")
    if not _address(path, "server_metadata_url", told["server_metadata_url"]).path.endswith(DISCOVERY):
        raise InputError(f"{path}: server_metadata_url of [auth] must end in {DISCOVERY}")
    return Provider(path, told["redirect_uri"], told["server_metadata_url"])


def doubts(provider: Provider, settings: AppSettings) -> list[str]:
    """What is allowed, but most likely not meant: a sentence each, with what to do."""
    told = []
    if _in_the_clear(provider.redirect_uri):
        told.append("redirect_uri is http: whoever is on the way reads along. Put the app behind TLS (docs/app.md)")
    if _in_the_clear(provider.server_metadata_url):
        told.append("server_metadata_url is http: whoever is on the way can sign in as anybody. Use https")
    if os.name == "posix" and provider.path.stat().st_mode & 0o077:
        told.append(f"others on this machine can read the secrets: chmod 600 {provider.path}")
    public = next((name for name in PUBLIC_PROVIDERS if f"://{name}/" in provider.server_metadata_url), None)
    if public and settings.default != "none":
        told.append(
            f'anybody with an account at {public} becomes reader; set default = "none" in [app] of skillweave.toml'
        )
    if not settings.admin and not settings.claim:
        told.append(
            'nobody is admin, so nobody can start a run here; name one in skillweave.toml: [app] admin = ["..."]'
        )
    return told


def _auth_of(path: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"there are no secrets at {path}; docs/app.md says what the file holds") from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{path} cannot be read: {why}") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise InputError(f"{where}: this is not TOML; mend it and give the same command again") from None
    auth = told.get("auth")
    if not isinstance(auth, dict):
        raise InputError(f"{path}: there is no table [auth]; docs/app.md says what it holds")
    return auth


def _address(path: Path, key: str, value: str) -> SplitResult:
    address = urlsplit(value)
    try:
        whole = address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0
    except ValueError:
        whole = False
    if not whole or address.query or address.fragment or "@" in address.netloc:
        raise InputError(f"{path}: {key} of [auth] must be an address with http:// or https://, and no name, ? or #")
    return address


def _in_the_clear(value: str) -> bool:
    address = urlsplit(value)
    return address.scheme == "http" and address.hostname not in LOOPBACK

"""Models by name: where an endpoint is, how it is reached, what it costs. Secrets stay in the environment.

    # workspace/skillweave.toml
    [models.writer]
    base_url = "https://api.openai.com/v1"
    model = "gpt-4.1-mini"
    api_key_env = "OPENAI_API_KEY"
    price = "gpt-4.1-mini"                 # an id of [prices] here or of data/prices.json, or a table of its own
    sampling = { temperature = 0.7, max_tokens = 2048 }

A name that the file does not have is a model's own id, reached by OPENAI_BASE_URL and OPENAI_API_KEY alone.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from engine.call import ModelRef, Sampling
from engine.capabilities import Capabilities, read_capabilities
from engine.errors import InputError
from engine.prices import Price, shipped_prices
from engine.workspace import Workspace

OFFICIAL_URL = "https://api.openai.com/v1"
TABLES = frozenset({"models", "prices", "store", "embedder", "app"})
"""The tables that skillweave.toml may hold."""

_ModelT = TypeVar("_ModelT", bound=BaseModel)
TransportName = Literal["fast", "lean", "official"]


class _Reached(BaseModel):
    """How an endpoint is reached: decides no row, so it may change between a run and its resume."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transport: TransportName = Field(
        "fast", description="fast: our own HTTP/1.1; lean: aiohttp; official: the openai package"
    )
    timeout_s: float = Field(600.0, gt=0, description="seconds from the connection to the last byte of a reply")
    concurrency: int = Field(64, ge=1, description="calls in flight at once, at most")
    adaptive: bool = Field(True, description="find the calls in flight by slow start and back-off; false: the most")
    requests_per_minute: float | None = Field(None, gt=0, description="requests begun in a minute, at most")
    tokens_per_minute: float | None = Field(None, gt=0, description="prompt and completion tokens a minute, about")
    weight: float = Field(1.0, gt=0, description="its share of the calls, among several endpoints of one model")


class Endpoint(_Reached):
    """A model that can be asked. Its text never shows the key."""

    ref: ModelRef
    base_url: str = Field(description="the address before /chat/completions, without a slash at the end")
    api_key: SecretStr = SecretStr("")
    price: Price | None = None
    checked: Capabilities | None = Field(None, description="what `skillweave model check` found; None: not checked")
    lasting: bool = Field(True, description="False: gone with the command that started it, so no check of it is kept")
    others: tuple[Endpoint, ...] = Field((), description="further endpoints that serve the same model")

    @property
    def all(self) -> tuple[Endpoint, ...]:
        """This endpoint, and the others that serve the same model."""
        return (self, *self.others)

    @property
    def in_flight(self) -> int:
        """Calls in flight at once, at all of them, at most."""
        return sum(endpoint.concurrency for endpoint in self.all)


class _Member(_Reached):
    """[[models.NAME.endpoints]]: one more endpoint that serves the same model."""

    base_url: str
    api_key_env: str = "OPENAI_API_KEY"


class _Entry(_Reached):
    """[models.NAME] of skillweave.toml."""

    base_url: str = OFFICIAL_URL
    model: str
    api_key_env: str = Field("OPENAI_API_KEY", description="the environment variable that holds the key")
    price: str | dict[str, Any] | None = None
    sampling: Sampling = Sampling()
    endpoints: list[_Member] = Field([], description="further endpoints that serve the same model")


def resolve(
    model: str, workspace: Workspace, environ: Mapping[str, str] = os.environ, *, keyless: bool = False
) -> Endpoint:
    """The endpoint that `model` names: an entry of the workspace's skillweave.toml, else a model's id.

    Carries what the last `skillweave model check` found, if there was one. `keyless`: nothing is to be sent, so no key
    is looked for. Raises InputError for a faulty file, a missing key, an address that is none.
    """
    config = _Config.read(workspace.config)
    entry = config.models.get(model)
    if entry is not None:
        served_by, origin = model, f"{config.path}:{config.line(('models', model), 'base_url')}: [models.{model}]"
    else:
        served_by, origin = f"env:{model}", "OPENAI_BASE_URL"
        entry = _Entry(model=model, base_url=environ.get("OPENAI_BASE_URL") or OFFICIAL_URL)
    ref = ModelRef(served_by=served_by, model=entry.model, sampling=entry.sampling)
    known = f" ({config.path} has the models {', '.join(sorted(config.models))})" if config.models else ""
    served: list[tuple[_Entry | _Member, str]] = [(entry, origin)]
    for place, member in enumerate(entry.endpoints):
        line = config.line(("models", model, "endpoints"), "base_url", place)
        served.append((member, f"{config.path}:{line}: [[models.{model}.endpoints]]"))
    first, *others = (
        _endpoint(ref, reached, _address(reached.base_url, told), workspace, model, known, None if keyless else environ)
        for reached, told in served
    )
    price = config.price(model, entry, first.base_url)
    return first.model_copy(update={"price": price, "others": tuple(others)})


def _endpoint(
    ref: ModelRef,
    reached: _Entry | _Member,
    base_url: str,
    workspace: Workspace,
    model: str,
    known: str,
    environ: Mapping[str, str] | None,
) -> Endpoint:
    return Endpoint(
        ref=ref,
        base_url=base_url,
        api_key=SecretStr("") if environ is None else _key(reached.api_key_env, base_url, model, known, environ),
        checked=read_capabilities(workspace.models, base_url, ref.model),
        **{name: getattr(reached, name) for name in _Reached.model_fields},
    )


def known_prices(workspace: Workspace) -> dict[str, Price]:
    """Every price by id: the shipped ones, and those of skillweave.toml over them. Raises InputError as `resolve`."""
    config = _Config.read(workspace.config)
    own = {name: config.price(name, entry, entry.base_url) for name, entry in config.models.items()}
    inline = {price.id: price for price in own.values() if price is not None}
    return {**shipped_prices(), **inline, **config.prices}


def text_setting(workspace: Workspace, table: str, name: str) -> str | None:
    """A text that another floor reads, such as url of [store]; None where it is not given.

    Raises InputError for a faulty file, another name in that table, and what is no text.
    """
    config = _Config.read(workspace.config)
    settings = config.tables.get(table, {})
    if not isinstance(settings, dict):
        raise config.error((table,), f"must be a table, begun by a line [{table}]")
    for given, value in settings.items():
        if given != name:
            raise config.error((table,), f"{given}: is not known here; its setting is {name}", given)
        if not isinstance(value, str):
            raise config.error((table,), f"{given}: must be a text", given)
    return settings.get(name)


def named_models(workspace: Workspace) -> list[str]:
    """The names of the models that skillweave.toml has, sorted. Raises InputError for a faulty file."""
    return sorted(_Config.read(workspace.config).models)


def table_settings(workspace: Workspace, table: str, kind: type[_ModelT]) -> _ModelT:
    """A table that another floor reads, such as [app], as its settings; their defaults where it is not there.

    Raises InputError for a faulty file, a setting that `kind` does not have, and a value that it does not take.
    """
    config = _Config.read(workspace.config)
    settings = config.tables.get(table, {})
    if not isinstance(settings, dict):
        raise config.error((table,), f"must be a table, begun by a line [{table}]")
    return config.parse((table,), kind, settings)


class _Config:
    """skillweave.toml as far as models and prices go; an absent file is an empty one."""

    def __init__(self, path: Path, text: str, tables: dict[str, Any]) -> None:
        self.path, self.tables, self._text = path, tables, text
        self.prices: dict[str, Price] = {}
        self.models: dict[str, _Entry] = {}
        for name in tables:
            if name not in TABLES:
                raise self.error((name,), f"unknown table; there are {', '.join(sorted(TABLES))}")
        for name, table in self._named(tables, "prices"):
            self.prices[name] = self.parse(("prices", name), Price, {"id": name, **table})
        for name, table in self._named(tables, "models"):
            self.models[name] = self.parse(("models", name), _Entry, table)

    @classmethod
    def read(cls, path: Path) -> _Config:
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(path, "", {})
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path} cannot be read ({error}); mend it or move it away, and try again") from None
        try:
            return cls(path, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            number = line.group(1) if line else text.count("\n") + 1
            raise InputError(f"{path}:{number}: {error}; mend it and give the same command again") from None

    def price(self, model: str, entry: _Entry, base_url: str) -> Price | None:
        """The entry's own price, else that of its model id: by our table only at the official address."""
        if isinstance(entry.price, dict):
            return self.parse(("models", model, "price"), Price, {"id": model, **entry.price})
        shipped = shipped_prices()
        if entry.price is None:
            default = shipped.get(entry.model) if base_url == OFFICIAL_URL else None
            return self.prices.get(entry.model, default)
        found = self.prices.get(entry.price, shipped.get(entry.price))
        if found is None:
            ids = ", ".join(sorted({*self.prices, *shipped}))
            raise self.error(("models", model, "price"), f"there is no price {entry.price!r}; there are {ids}")
        return found

    def _named(self, tables: Mapping[str, Any], kind: str) -> list[tuple[str, dict[str, Any]]]:
        group = tables.get(kind, {})
        if not isinstance(group, dict):
            raise self.error((kind,), f"must be tables, each begun by a line [{kind}.NAME]")
        for name, table in group.items():
            if not isinstance(table, dict):
                raise self.error((kind, name), f"must be a table, begun by a line [{kind}.NAME]")
        return list(group.items())

    def parse(self, at: tuple[str, ...], kind: type[_ModelT], table: Mapping[str, Any]) -> _ModelT:
        """The table's settings. Raises InputError with file, line and the settings there are."""
        try:
            return kind.model_validate(table)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            loc, place, settings = first["loc"], 0, kind.model_fields
            if len(loc) > 1 and loc[0] == "endpoints" and isinstance(loc[1], int):
                at, place, loc, settings = (*at, "endpoints"), loc[1], loc[2:], _Member.model_fields
            field = ".".join(str(part) for part in loc)
            why = "is not known here" if first["type"] == "extra_forbidden" else first["msg"]
            fields = ", ".join(name for name in settings if name != "id")
            raise self.error(at, f"{field}: {why}; its settings are {fields}", field, place) from None

    def error(self, at: tuple[str, ...], why: str, field: str = "", place: int = 0) -> InputError:
        """What is wrong in the table `at`, the one at that place where there are several, with file and line."""
        name = f"[[{'.'.join(at)}]]" if at[2:] == ("endpoints",) else f"[{'.'.join(at)}]"
        return InputError(
            f"{self.path}:{self.line(at, field, place)}: {name} {why}. Mend it and give the same command again"
        )

    def line(self, at: tuple[str, ...], field: str = "", place: int = 0) -> int:
        """The line of a setting, else of its table's head, as far as plain text tells; 1 where neither is found."""
        lines = self._text.splitlines()
        quoted = [rf"[\"']?{re.escape(part)}[\"']?" for part in at]
        heads = [
            re.compile(r"\s*\[{1,2}\s*" + r"\s*\.\s*".join(quoted[:depth]) + r"\b") for depth in range(len(at), 0, -1)
        ]
        found = next((n for head in heads if (n := [n for n, line in enumerate(lines) if head.match(line)])), [])
        start = found[min(place, len(found) - 1)] if found else None
        if start is None:
            return 1
        setting = re.compile(rf"\s*[\"']?{re.escape(field.partition('.')[0])}[\"']?\s*=") if field else None
        for number, line in enumerate(lines[start + 1 :], start + 2):
            if line.lstrip().startswith("[") or setting is None:
                break
            if setting.match(line):
                return number
        return start + 1


def _address(url: str, origin: str) -> str:
    """The base URL without a slash at the end. Raises InputError for one that no request could go to."""
    url = url.strip().rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{origin}: the address must begin with http:// or https://, such as {OFFICIAL_URL}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InputError(f"{origin}: the address may hold no name, no key and no ?; keep the key in the environment")
    if url.endswith("/chat/completions"):
        raise InputError(f"{origin}: give the address without its end: {url.removesuffix('/chat/completions')}")
    return url


def _key(variable: str, base_url: str, model: str, known: str, environ: Mapping[str, str]) -> SecretStr:
    """The key of the environment; may be absent for an endpoint of one's own. Raises InputError, never showing it."""
    key = environ.get(variable, "").strip()
    if not key and base_url == OFFICIAL_URL:
        raise InputError(
            f"the model {model!r} is asked at {OFFICIAL_URL}, which wants a key{known}. Set it, export {variable}=..., "
            "or name an endpoint of your own, export OPENAI_BASE_URL=http://..., or take --model offline-teacher"
        )
    if not key.isascii() or not key.isprintable():
        raise InputError(f"{variable} holds characters that no key has; export it again")
    return SecretStr(key)

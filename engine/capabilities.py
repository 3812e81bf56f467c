"""What an endpoint was found to do, by `skillweave model check`: kept in the workspace, heeded by the transports.

    workspace/models/<hash of address and model>.json

Nothing needs it: without a check the transports learn a refused seed and the name of the token limit from the first
answers, in every process anew. A capability never decides a row in silence: what would change an answer (a temperature
left out, a schema that is not kept to) stops the run before anything is sent.
"""

from __future__ import annotations

import datetime as dt
import shlex
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.call import Sampling, content_hash
from engine.errors import EndpointStop, InputError
from engine.files import replace, storage_errors

_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


class Capabilities(BaseModel):
    """What one model at one address does, as seen on one day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    base_url: str
    model: str
    checked_at: dt.datetime = Field(description="when, in UTC")
    reported: str = Field(description="the model's name as the endpoint reports it; empty if it does not")
    limit_name: Literal["max_tokens", "max_completion_tokens", "neither"] = Field(description="the name it takes")
    temperature: Literal["any", "only 1", "refused"]
    seed: Literal["heeded", "not heeded", "cannot tell", "refused"] = Field(
        description="heeded: equal seeds gave equal answers, another seed another; cannot tell: all answers were equal"
    )
    json_schema: Literal["kept", "ignored", "refused"]
    logprobs: Literal["given", "ignored", "refused"]
    reasoning: Literal["none seen", "inside the text", "reasoning_content", "reasoning", "hidden"] = Field(
        description="where the thoughts come: inside the text, in a field of this name, or only counted in the usage"
    )
    usage: bool = Field(description="whether tokens are reported")
    refused_sampling: Sampling | None = Field(None, description="the settings that were refused though each was not")

    def write(self, folder: Path) -> Path:
        """Put it in place of an earlier check; durable on return. Returns the file."""
        path = _path(folder, self.base_url, self.model)
        with storage_errors(path):
            folder.mkdir(parents=True, exist_ok=True)
        replace(path, orjson.dumps(self.model_dump(mode="json"), option=_PRETTY))
        return path

    def require(self, served_by: str, sampling: Sampling, schema: object = None) -> None:
        """Raises EndpointStop where the endpoint was found not to take what would be sent to it."""
        objection = self.objection(sampling, schema)
        if objection is not None:
            setting, why = objection
            raise EndpointStop(
                f"{served_by}: by the check of {self.checked_at:%Y-%m-%d} the endpoint {why}; nothing was sent. "
                f"{remedy(served_by, setting)}"
            )

    def objection(self, sampling: Sampling, schema: object = None) -> tuple[str, str] | None:
        """The setting that the endpoint was found not to take, and why; None where nothing stands in the way."""
        wanted = sampling.temperature
        if wanted is not None and self.temperature == "refused":
            return "temperature", f"takes no temperature, and {wanted:g} is set"
        if wanted not in (None, 1) and self.temperature == "only 1":
            return "temperature", f"takes no temperature but 1, and {wanted:g} is set"
        if sampling.max_tokens is not None and self.limit_name == "neither":
            return "max_tokens", f"takes no limit of tokens, and {sampling.max_tokens} is set"
        if self.refused_sampling == sampling:
            given = sampling.sent
            settings = ", ".join(f"{name} = {value}" for name, value in given.items())
            return "some", f"refuses these settings as they are: {settings}"
        if schema is not None and self.json_schema != "kept":
            does = "does not keep to a JSON schema" if self.json_schema == "ignored" else "takes no JSON schema"
            return "response_format", f"{does}, and one is asked for"
        return None


def remedy(served_by: str, setting: str) -> str:
    """What to do about a setting that an endpoint refuses, as the end of a message."""
    name = shlex.quote(served_by.removeprefix("env:"))
    if setting == "response_format":
        change = "Take a model that does for this role, and start a new run"
    else:
        change = f"Leave {setting} out of the model's sampling in skillweave.toml and start a new run"
    return f"{change}; see what the endpoint takes now: skillweave model check {name}"


def read_capabilities(folder: Path, base_url: str, model: str) -> Capabilities | None:
    """What the last check of this model at this address found; None where there was none.

    Raises InputError for a file that is none of ours.
    """
    path = _path(folder, base_url, model)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        found = Capabilities.model_validate(orjson.loads(content))
    except (orjson.JSONDecodeError, ValidationError) as error:
        why = str(error).splitlines()[0]
        raise InputError(f"{path}: not a check of format 1 ({why}); remove it, and check the model again") from None
    return found


def _path(folder: Path, base_url: str, model: str) -> Path:
    return folder / f"{content_hash([base_url, model]).removeprefix('b2:')}.json"

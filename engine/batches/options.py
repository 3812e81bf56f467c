"""The settings of the batch driver."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class BatchOptions(BaseModel):
    """How the batch driver works. No row depends on any of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_requests: int = Field(50_000, ge=1, description="calls in one wave, at most")
    max_bytes: int = Field(200_000_000, ge=1, description="bytes of one wave's file, at most")
    waves: int = Field(4, ge=1, description="waves in flight at once, at most")
    shards: int = Field(256, ge=1, description="shards held at once, at most; each keeps a journal open")
    shard_size: int = Field(2_000, ge=1, description="indices to send that a shard holds at most")
    poll_first_s: float = Field(1.0, gt=0, description="seconds before a wave is asked for the first time")
    poll_most_s: float = Field(600.0, gt=0, description="seconds between two questions, at most; each wait grows")
    look_again_s: float = Field(5.0, ge=0, description="seconds between two looks for a batch that may have been made")
    outage_s: float = Field(3600.0, ge=0, description="seconds that the provider may fail before the work stops")
    tries: int = Field(3, ge=1, description="waves in a row that may bring a shard nothing, before it is left open")
    give_up: bool = Field(False, description="reject (`transport`) what is open then")
    patience: int = Field(1_000, ge=1, description="conversations in a row that give no row before the run stops")
    cancel: bool = Field(False, description="send nothing, cancel what is in flight, and keep what it brings")

"""What every model of a spec shares: nothing unknown is taken, nothing changes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SpecModel(BaseModel):
    """A frozen part of a spec that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

"""The base of every table of a case file: nothing unknown, nothing changed after reading."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the case file."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

"""The base of every table of a case file: nothing unknown, nothing changed after reading."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Table(BaseModel):
    """A table of the case file."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def fault(kind: str, template: str, context: dict[str, Any]) -> PydanticCustomError:
    """A validation error whose message is ``template`` filled in with Python's own formatting."""
    return PydanticCustomError(
        "fault", "{text}", {"text": template.format(**context), "kind": kind}
    )

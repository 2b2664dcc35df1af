"""The base of every table of a case file: nothing unknown, nothing changed after reading."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Table(BaseModel):
    """A table of the case file."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def fault(
    kind: str, template: str, context: dict[str, Any], at: str | None = None
) -> PydanticCustomError:
    """A validation error whose message is ``template`` filled in with Python's own formatting.

    ``at`` is the dotted key at fault, within the table that raises (default: the table itself; for
    the whole case, ``kind``).
    """
    details = {"text": template.format(**context), "kind": kind, "at": at or ""}
    return PydanticCustomError("fault", "{text}", details)


def short(value: Any) -> str:
    """A value for a message: what TOML would call it, cut off when it is long."""
    text = repr(value)
    if isinstance(value, bool):
        text = text.lower()
    return text if len(text) <= 60 else text[:57] + "..."

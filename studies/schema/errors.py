"""Errors in the input, said in one clear message each: key, value, allowed range, remedy."""

from __future__ import annotations

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from thincell.studies.schema.base import Table


class InputError(ValueError):
    """The input is wrong; the message is for people. Exit code 2."""


def explain(error: ValidationError, model: type[BaseModel], data: Any) -> InputError:
    """All findings of a validation, one per line, without pydantic's own words."""
    lines = []
    for finding in error.errors():
        location = [part for part in finding["loc"] if not _is_union_tag(part, finding, data)]
        key = ".".join(str(part) for part in location) or "case"
        lines.append(f"{key}: {_say(finding, location, model)}")
    return InputError("\n".join(dict.fromkeys(lines)))


def _is_union_tag(part: Any, finding: Any, data: Any) -> bool:
    """Whether a part of a location names a member of a union and not a key."""
    tags = {"chip", "coin", "mesh", "constant", "power-series", "exponential", "dilute"}
    tags |= {"butler-volmer", "linear", "tafel", "marcus-hush-chidsey", "equipotential"}
    if not isinstance(part, str):
        return False
    if part not in tags and not part.startswith(("landesfeind-", "valoen-reimers-")):
        return False
    place = finding["loc"].index(part)
    before = finding["loc"][:place]
    return bool(before) and before[-1] in (
        "cell", "kinetics", "diffusivity", "conductivity", "transference_number",
        "thermodynamic_factor",
    )


def _say(finding: Any, location: list[Any], model: type[BaseModel]) -> str:
    kind, value = finding["type"], finding.get("input")
    if kind == "extra_forbidden":
        return _unknown(str(location[-1]), location[:-1], finding["loc"][:-1], model)
    if kind == "missing":
        return "this key is missing; give it a value, or name a library entry that has it"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        allowed = finding["ctx"].get("expected_tags", "")
        name = finding["ctx"]["discriminator"].strip("'")
        return f"{name} must be one of {allowed}; got {_value(finding, name)}"
    if kind == "literal_error":
        return f"{value!r} is not allowed; it must be {finding['ctx']['expected']}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"{_short(value)} is not a table"
    if kind == "list_type":
        return f"{_short(value)} is not a list"
    if kind == "string_type":
        return f"{_short(value)} is not text"
    if kind in ("too_short", "too_long"):
        return f"{finding['msg'].lower()}"
    if kind.startswith(("int", "float", "greater", "less", "bool")):
        return f"{_short(value)}: {finding['msg'].lower()}"
    return str(finding["msg"])


def _value(finding: Any, name: str) -> str:
    data = finding.get("input")
    if isinstance(data, dict):
        return repr(data.get(name, "nothing"))
    return _short(data)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _unknown(
    key: str, location: list[Any], raw: tuple[Any, ...], model: type[BaseModel]
) -> str:
    known = _fields_at(raw, model)
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else f"; known keys: {', '.join(known)}"
    return f"unknown key{hint}"


def _fields_at(raw: tuple[Any, ...], model: type[BaseModel]) -> list[str]:
    """Names of the fields of the table at a location of the model."""
    current: Any = model
    for part in raw:
        current = _below(current, part)
        if current is None:
            return []
    names = []
    for table in _tables(current):
        for name, field in table.model_fields.items():
            names.append(field.alias or name)
    return sorted(set(names))


def _below(current: Any, part: Any) -> Any:
    tables = _tables(current)
    if len(tables) > 1:  # a union: its members are told apart by their tag
        return next((table for table in tables if part in _tag_set(table)), None)
    for table in tables:
        for name, field in table.model_fields.items():
            if part in (name, field.alias):
                return field.annotation
    arguments = get_args(current)
    if isinstance(part, int) and arguments:
        return arguments[0]
    if arguments and getattr(current, "__origin__", None) is dict:
        return arguments[1]
    return None


def _tag_set(table: Any) -> tuple[Any, ...]:
    field = table.model_fields.get("law") or table.model_fields.get("type")
    return get_args(field.annotation) if field is not None else ()


def _tables(annotation: Any) -> list[Any]:
    """Table classes in an annotation, through unions and Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return [annotation]
    found = []
    for argument in get_args(annotation):
        found += _tables(argument)
    return found

"""Errors in the input, said in one clear message each: key, value, allowed range, remedy."""

from __future__ import annotations

import difflib
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from thincell.studies.schema.base import Table, short


class InputError(ValueError):
    """The input is wrong; the message is for people, one line per mistake. Exit code 2."""


def one_line(text: str) -> str:
    """Text without line breaks and other control characters."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def explain(error: ValidationError, model: type[BaseModel]) -> InputError:
    """All findings of a validation, one per line, without pydantic's own words."""
    lines = []
    for finding in error.errors():
        location = _without_tags(finding["loc"], model)
        key = ".".join([str(part) for part in location] + _place(finding, location))
        lines.append(one_line(f"{key or 'case'}: {_say(finding, location, model)}"))
    return InputError("\n".join(dict.fromkeys(lines)))


def _place(finding: Any, location: list[Any]) -> list[str]:
    """What a fault says about its place within its table."""
    if finding["type"] != "fault":
        return []
    context = finding["ctx"]
    return [context["at"]] if context["at"] else ([] if location else [context["kind"]])


def _without_tags(raw: tuple[Any, ...], model: type[BaseModel]) -> list[Any]:
    """A location without the parts that name a member of a union and not a key."""
    current: Any = model
    location = []
    for part in raw:
        if _is_tag(current, part):
            current = _below(current, part)
            continue
        location.append(part)
        current = _below(current, part)
    return location


def _is_tag(current: Any, part: Any) -> bool:
    tables = _tables(current)
    return (
        len(tables) > 1
        and get_origin(current) not in (dict, list)
        and any(part in _tag_set(table) for table in tables)
    )


def _say(finding: Any, location: list[Any], model: type[BaseModel]) -> str:
    kind, value = finding["type"], finding.get("input")
    if kind == "extra_forbidden":
        return _unknown(str(location[-1]), finding["loc"][:-1], model)
    if kind == "missing":
        return "this key is missing; give it a value, or name a library entry that has it"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        name = finding["ctx"]["discriminator"].strip("'")
        allowed = finding["ctx"].get("expected_tags") or _tags_at(finding["loc"], model)
        if not isinstance(value, dict):
            return f"{short(value)} is not a table"
        given = value.get(name)
        if given is None:
            return f"the key {name} is missing; it must be one of {allowed}"
        return f"{name} = {short(given)} is not known; it must be one of {allowed}" + _hint(
            str(given), [item.strip().strip("'") for item in allowed.split(",")]
        )
    if kind == "literal_error":
        allowed = str(finding["ctx"]["expected"])
        known = allowed.replace(" or ", ", ").split(", ")
        hint = _hint(str(value), [item.strip("'") for item in known])
        return f"{short(value)} is not allowed; it must be {allowed}{hint}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"{short(value)} is not a table"
    if kind in ("list_type", "tuple_type"):
        return f"{short(value)} is not a list"
    if kind == "string_type":
        return f"{short(value)} is not text"
    if kind in ("too_short", "too_long"):
        return f"{short(value)}: {finding['msg'].lower()}"
    if kind == "fault":
        return str(finding["msg"])
    return f"{short(value)}: {_lower(str(finding['msg']))}"


def _lower(text: str) -> str:
    text = text.removeprefix("Input should be ")
    return f"must be {text}" if text[:1].islower() else text[:1].lower() + text[1:]


def _hint(key: str, known: list[str]) -> str:
    by_case = {item.lower(): item for item in known}
    close = difflib.get_close_matches(key.lower(), by_case, n=1, cutoff=0.5)
    return f"; did you mean {by_case[close[0]]!r}?" if close else ""


def _unknown(key: str, raw: tuple[Any, ...], model: type[BaseModel]) -> str:
    known = _fields_at(raw, model)
    listed = f"; known keys: {', '.join(known)}" if known else ""
    return f"unknown key{_hint(key, known) or listed}"


def _fields_at(raw: tuple[Any, ...], model: type[BaseModel]) -> list[str]:
    """Names of the fields of the table at a location of the model."""
    current = _at(raw, model)
    names = []
    for table in _tables(current) if current is not None else []:
        for name, field in table.model_fields.items():
            names.append(field.alias or name)
    return sorted(set(names))


def _tags_at(raw: tuple[Any, ...], model: type[BaseModel]) -> str:
    """Tags of the union at a location of the model."""
    tags = [tag for table in _tables(_at(raw, model)) for tag in _tag_set(table)]
    return ", ".join(repr(tag) for tag in tags)


def _at(raw: tuple[Any, ...], model: type[BaseModel]) -> Any:
    current: Any = model
    for part in raw:
        current = _below(current, part)
        if current is None:
            return None
    return current


def _below(current: Any, part: Any) -> Any:
    if current is None:
        return None
    origin, arguments = get_origin(current), get_args(current)
    if origin is dict:
        return arguments[1]
    if origin is list and isinstance(part, int):
        return arguments[0]
    tables = _tables(current)
    if len(tables) > 1:  # a union: its members are told apart by their tag
        return next((table for table in tables if part in _tag_set(table)), None)
    for table in tables:
        for name, field in table.model_fields.items():
            if part in (name, field.alias):
                return field.annotation
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

"""Reading a sweep file into one that stands on its own.

The base case is inlined and the names of files are absolute, so that a copy of it in another folder
means the same.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from thincell.studies.case import assign, locate_files, override
from thincell.studies.schema.case import read_toml
from thincell.studies.schema.errors import InputError, explain, one_line
from thincell.studies.sweep.file import SweepFile


def read(path: str | Path, overrides: tuple[str, ...] = ()) -> SweepFile:
    """Read a sweep file; ``overrides`` are texts KEY=VALUE that change its base case.

    The answer stands on its own: the base case inlined, the overrides among the fixed changes, names
    of files absolute.
    """
    path = Path(path)
    data = _tables(path, "SWEEP", "a sweep file")
    if "protocol" in data or "cell" in data:
        raise InputError(
            f"SWEEP: {path.name!r} is a case file, not a sweep file; run it with `thincell run`, or"
            " name it in a sweep file: case = 'FILE.toml'"
        )
    file = _validated(data)
    if file.case:
        place = path.parent / file.case
        base = _tables(place, "case", "a case file")
        if "axis" in base:
            raise InputError(f"case: {file.case!r} is a sweep file; the base must be a case file")
        locate_files(base, place.parent)
        del data["case"]
        data["base"] = base
    else:
        locate_files(data["base"], path.parent)
    changes = data.setdefault("set", {})
    for text in overrides:
        key, value = _setting(text)
        changes.pop(key, None)
        changes[key] = value
    _locate(data, path.parent)
    return _validated(data)


def _validated(data: dict[str, Any]) -> SweepFile:
    try:
        return SweepFile.model_validate(data)
    except ValidationError as error:
        raise explain(error, SweepFile) from None


def _setting(text: str) -> tuple[str, Any]:
    """Key and value of KEY=VALUE."""
    found: Any = {}
    override(found, text)
    parts = [part.strip() for part in text.partition("=")[0].split(".")]
    for part in parts:
        found = found[part]
    return ".".join(parts), found


def _locate(data: dict[str, Any], folder: Path) -> None:
    """Make names of files among the values absolute."""
    tables = [data["set"], *(axis["zip"] for axis in data["axis"] if "zip" in axis)]
    for table in tables:
        for key, value in table.items():
            many = [_located(key, item, folder) for item in value] if isinstance(value, list) else None
            table[key] = _located(key, value, folder) if many is None else many
    for axis in data["axis"]:
        if "values" in axis:
            axis["values"] = [_located(axis["key"], value, folder) for value in axis["values"]]


def _located(key: str, value: Any, folder: Path) -> Any:
    place: Any = {}
    assign(place, key, value)
    locate_files(place, folder)
    for part in key.split("."):
        place = place[part.strip()]
    return place


def _tables(path: Path, key: str, what: str) -> dict[str, Any]:
    """The tables of a TOML file; InputError when it cannot be read."""
    try:
        return read_toml(path)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name}: not valid TOML: {one_line(str(error))}") from None
    except FileNotFoundError:
        raise InputError(f"{key}: there is no file {str(path)!r}") from None
    except IsADirectoryError:
        raise InputError(f"{key}: {str(path)!r} is a folder, not {what}") from None
    except UnicodeDecodeError as error:
        text = f"not a text file in UTF-8 (byte {error.start}); {what} is TOML"
        raise InputError(f"{path.name}: {text}") from None
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{key}: cannot read {str(path)!r}: {reason}") from None

"""The library of chips, coin cells, electrolytes, metals and reactions, with sources.

An entry is a TOML file in which a quantity is text with a unit or a table
``{ value, source, confidence, range }``. A user's file in the same format is used by its path.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

KINDS = {
    "chips": ("thincell.geometry", "chips"),
    "coins": ("thincell.geometry", "coins"),
    "electrolytes": ("thincell.model", "electrolytes"),
    "metals": ("thincell.model", "metals"),
    "reactions": ("thincell.model", "reactions"),
}

CONFIDENCES = ("high", "medium", "low", "assumed")

INFORMATION = {"title", "citation", "doi", "notes", "source", "confidence", "range", "window"}
"""Keys that inform people and are not part of a case."""


class LibraryError(ValueError):
    """A missing or unreadable library entry."""


@dataclass(frozen=True)
class Provenance:
    """Where a value came from. ``key`` is its dotted path within the entry."""

    entry: str
    key: str
    value: Any
    source: str
    confidence: str
    range: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Entry:
    """One library entry: plain values, their provenance, and what it says about itself."""

    kind: str
    name: str
    values: dict[str, Any]
    provenance: tuple[Provenance, ...]
    information: dict[str, Any]


def folder(kind: str) -> Path:
    """The folder of a kind of entries."""
    package, name = KINDS[kind]
    return Path(str(resources.files(package))) / "library" / name


def names(kind: str) -> list[str]:
    """Names of all entries of a kind: file names, sorted."""
    return sorted(path.stem for path in folder(kind).glob("*.toml"))


@lru_cache(maxsize=256)
def load(kind: str, name: str) -> Entry:
    """An entry by name, or by the path of a user's file (it ends in .toml).

    Reactions are also found by the name inside the file, such as "Li/Li+".
    """
    path = _find(kind, name)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LibraryError(f"cannot read {path.name}: {error}") from None
    provenance: list[Provenance] = []
    values = _plain(raw, name, "", provenance)
    information = {key: raw[key] for key in INFORMATION if key in raw}
    return Entry(kind, name, values, tuple(provenance), information)


def _find(kind: str, name: str) -> Path:
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise LibraryError(f"there is no file {name!r}")
        return path
    known = names(kind)
    if name in known:
        return folder(kind) / f"{name}.toml"
    if kind == "reactions":
        aliases = reaction_names()
        if name in aliases:
            return folder(kind) / f"{aliases[name]}.toml"
        known = sorted({*known, *aliases})
    by_case = {item.lower(): item for item in known}
    close = difflib.get_close_matches(name.lower(), by_case, n=1, cutoff=0.5)
    hint = f"; did you mean {by_case[close[0]]!r}?" if close else ""
    raise LibraryError(
        f"the library has no {kind[:-1]} {name!r}{hint} (it has: {', '.join(known)};"
        f" a file of your own is given by its path, ending in .toml)"
    )


@lru_cache(maxsize=1)
def reaction_names() -> dict[str, str]:
    """Names inside the reaction files ("Li/Li+") and the files that hold them."""
    found = {}
    for name in names("reactions"):
        text = (folder("reactions") / f"{name}.toml").read_text(encoding="utf-8")
        found[str(tomllib.loads(text).get("name", name))] = name
    return found


def _plain(table: dict[str, Any], entry: str, prefix: str, found: list[Provenance]) -> dict[str, Any]:
    """Strip sources off a table, collecting them."""
    values: dict[str, Any] = {}
    for key, item in table.items():
        if key in INFORMATION:
            continue
        path = f"{prefix}{key}"
        if isinstance(item, dict) and "value" in item and "law" not in item:
            values[key] = item["value"]
            found.append(_provenance(entry, path, item["value"], item))
        elif isinstance(item, dict):
            values[key] = _plain(item, entry, f"{path}.", found)
            if "source" in item:
                found.append(_provenance(entry, path, values[key], item))
        else:
            values[key] = item
    return values


def _provenance(entry: str, key: str, value: Any, item: dict[str, Any]) -> Provenance:
    given = item.get("range")
    bounds = tuple(given) if isinstance(given, list) else None
    return Provenance(
        entry, key, value, str(item.get("source", "")), str(item.get("confidence", "")), bounds
    )


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``base`` with the keys of ``over`` on top, table by table.

    A law (a table with the key ``law``) is replaced whole when the law's name changes.
    """
    merged = dict(base)
    for key, item in over.items():
        below = merged.get(key)
        if isinstance(item, dict) and isinstance(below, dict):
            other_law = "law" in item and item["law"] != below.get("law")
            merged[key] = dict(item) if other_law else merge(below, item)
        else:
            merged[key] = item
    return merged

"""Every entry of the library with its values, their sources and how far to trust them."""

from __future__ import annotations

from typing import Any

from myst_text import code, escape, table

from thincell.studies.library import INFORMATION, KINDS, Entry, load, names

TITLES = {
    "chips": "Chips",
    "coins": "Coin cells",
    "electrolytes": "Electrolytes",
    "reactions": "Reactions",
    "metals": "Metals",
}


def page() -> str:
    """All kinds, all entries."""
    parts = []
    for kind in sorted(KINDS, key=list(TITLES).index):
        parts.append(f"## {TITLES[kind]}")
        parts += [_entry(load(kind, name)) for name in names(kind)]
    return "\n\n".join(parts) + "\n"


def _entry(entry: Entry) -> str:
    told = entry.information
    title = told.get("title") or entry.values.get("name", "")
    called = entry.values.get("name")
    also = f" (also `{called}`)" if called and "/" in str(called) else ""
    parts = [f"### `{entry.name}`", f"{escape(str(title).rstrip('.'))}{also}."]
    if told.get("citation"):
        doi = told.get("doi")
        link = f" [doi:{doi}](https://doi.org/{doi})" if doi else ""
        parts.append(f"{escape(told['citation'])}.{link}")
    if told.get("notes"):
        parts.append(escape(" ".join(told["notes"].split())))
    rows = [
        (code(p.key), code(_value(p.value)), p.confidence, _range(p.range), escape(p.source))
        for p in entry.provenance
    ]
    parts.append(table(("Key", "Value", "Confidence", "Plausible range", "Source"), rows))
    rest = _without_source(entry.values, {p.key for p in entry.provenance}, "")
    if rest:
        parts.append("Further keys: " + ", ".join(f"`{k} = {_value(v)}`" for k, v in rest) + ".")
    return "\n\n".join(parts)


def _value(value: Any) -> str:
    """A value as it stands in TOML; a law as its name and its numbers."""
    if isinstance(value, dict):
        return ", ".join(f"{k} = {_value(v)}" for k, v in value.items() if k not in INFORMATION)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _range(bounds: tuple[Any, ...] | None) -> str:
    return " to ".join(map(str, bounds)) if bounds else ""


def _without_source(values: dict[str, Any], told: set[str], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in values.items():
        path = prefix + key
        if path in told or path == "name":
            continue
        if isinstance(value, dict):
            found += _without_source(value, told, f"{path}.")
        else:
            found.append((path, value))
    return found

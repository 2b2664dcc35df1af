"""`thincell list` and `thincell show`: the library on paper, with sources and confidence."""

from __future__ import annotations

import difflib
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thincell.studies.library import KINDS, Entry, load, names
from thincell.studies.schema.errors import InputError


def kind_of(word: str) -> str:
    """The kind of entries meant by "chip" or "chips"; InputError with a hint when there is none."""
    singular = {kind[:-1]: kind for kind in KINDS}
    if word in KINDS or word in singular:
        return singular.get(word, word)
    close = difflib.get_close_matches(word.lower(), [*KINDS, *singular], n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise InputError(f"KIND: {word!r} is not one of {', '.join(KINDS)}{hint}")


def titles(word: str) -> list[tuple[str, str]]:
    """(name, title) of every entry of a kind."""
    kind = kind_of(word)
    return [(name, _title(load(kind, name))) for name in names(kind)]


def _title(entry: Entry) -> str:
    named = str(entry.values.get("name", ""))
    title = str(entry.information.get("title", ""))
    if entry.kind == "reactions" and named and named != entry.name:
        return f"{title} ({named})"
    return title or named


def show(word: str, name: str, console: Console) -> None:
    """Print an entry: what it is, its values, where each comes from."""
    kind = kind_of(word)
    entry = load(kind, name)
    console.print(f"[bold]{escape(name)}[/bold]  {escape(_title(entry))}", highlight=False)
    for key in ("citation", "doi", "notes"):
        if key in entry.information:
            console.print(escape(str(entry.information[key]).strip()), highlight=False)
    known = {item.key: item for item in entry.provenance}
    table = Table(show_lines=False)
    for heading in ("Key", "Value", "Confidence", "Range", "Source"):
        table.add_column(heading, overflow="fold")
    for key, value in _flat(entry.values, "", set(known)):
        item = known.get(key)
        bounds = " to ".join(map(str, item.range)) if item and item.range else ""
        row = (
            key,
            _say(value),
            item.confidence if item else "",
            bounds,
            item.source if item else "",
        )
        table.add_row(*(escape(text) for text in row))
    console.print(table)


def _flat(values: dict[str, Any], prefix: str, whole: set[str]) -> list[tuple[str, Any]]:
    """(dotted key, value); tables with a source of their own stay whole."""
    rows: list[tuple[str, Any]] = []
    for key, value in values.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and path not in whole:
            rows += _flat(value, f"{path}.", whole)
        else:
            rows.append((path, value))
    return rows


def _say(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_say(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)

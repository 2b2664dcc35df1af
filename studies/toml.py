"""Writing TOML: the tables of a resolved case, so that a run's folder can be run again."""

from __future__ import annotations

import json
from typing import Any


def dumps(data: dict[str, Any]) -> str:
    """TOML text of a case: scalars first, then tables, lists of tables as [[...]]."""
    return "\n".join(_table(data, "")).strip() + "\n"


def _table(data: dict[str, Any], path: str) -> list[str]:
    plain = {k: v for k, v in data.items() if not _is_table(v) and not _is_tables(v)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in data.items():
        place = f"{path}.{_key(key)}" if path else _key(key)
        if _is_table(value):
            lines += ["", f"[{place}]", *_table(value, place)]
        elif _is_tables(value):
            for item in value:
                lines += ["", f"[[{place}]]", *_table(item, place)]
    return lines


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _key(key: str) -> str:
    bare = key and all(c.isascii() and (c.isalnum() or c in "-_") for c in key)
    return key if bare else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)

"""Symbols of the sweep file: names for quantities of the case and for results of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thincell.studies.case import Case
from thincell.studies.schema.errors import InputError
from thincell.studies.sweep.expression import hint
from thincell.studies.sweep.file import SweepFile, overlap
from thincell.studies.sweep.names import COIN, results
from thincell.studies.sweep.quantity import number


@dataclass(frozen=True)
class Symbols:
    """Names for keys of the case and for results, told apart."""

    keys: dict[str, str]
    results: dict[str, str]

    @classmethod
    def of(cls, file: SweepFile, base: Case) -> Symbols:
        """The symbols of a sweep file; InputError when one names nothing."""
        data, known = base.resolved(), results(base.reactions)
        keys, found = {}, {}
        for name, target in file.symbols.items():
            if target.removeprefix(COIN) in known:
                found[name] = target
            elif _is_key(target, data, file):
                keys[name] = target
            else:
                near = hint(target, [*known, *_paths(data)])
                raise InputError(
                    f"symbols.{name}: {target!r} is neither a number of the case (such as 'cell.gap')"
                    f" nor of summary.json (such as 'Layer dry after [s]'){near}"
                )
        return cls(keys, found)

    def values(self, case: Case) -> dict[str, float]:
        """Values of those that are keys of the case; none for a key that it does not have."""
        if not self.keys:
            return {}
        data = case.resolved()
        found = {name: number(_at(data, key)) for name, key in self.keys.items()}
        return {name: item[0] for name, item in found.items() if item is not None}


def _is_key(target: str, data: Mapping[str, Any], file: SweepFile) -> bool:
    """A key with a number in the base, or one that the sweep brings in."""
    brought = [key for axis in file.axes for key in axis.keys]
    return number(_at(data, target)) is not None or any(overlap(target, key) for key in brought)


def _at(data: Any, key: str) -> Any:
    """The value at a dotted key; None if there is none."""
    for part in key.split("."):
        if isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        elif isinstance(data, dict) and part in data:
            data = data[part]
        else:
            return None
    return data


def _paths(data: Any, place: str = "") -> list[str]:
    """Dotted keys of everything that is no table."""
    if isinstance(data, dict):
        items = list(data.items())
    elif isinstance(data, list):
        items = [(str(k), item) for k, item in enumerate(data)]
    else:
        return [place]
    return [found for key, item in items for found in _paths(item, f"{place}.{key}" if place else key)]

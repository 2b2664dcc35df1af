"""Values of an axis as the case will read them: SI numbers with a unit, plain numbers, or names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from thincell.model.units import EXAMPLES, UnitError, parse
from thincell.studies.schema.errors import InputError

_WRITTEN = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(\D.*)", re.IGNORECASE)

#: Digits with which the numbers of a range are written.
DIGITS = 12


@lru_cache(maxsize=4096, typed=True)  # True is not 1 here
def quantity(value: str | float) -> tuple[float, str] | None:
    """(value in SI, unit of the case file); "" for a plain number, None for what is no quantity."""
    if isinstance(value, bool):
        return None
    try:
        return float(value), ""
    except ValueError:
        pass
    if not _WRITTEN.fullmatch(str(value)):
        return None
    for unit in EXAMPLES:
        try:
            return parse(str(value), unit), unit
        except UnitError:
            continue
    return None


def number(value: Any) -> tuple[float, str] | None:
    """As `quantity`, for a value of any kind."""
    return quantity(value) if isinstance(value, str | int | float) else None


def label(value: Any) -> str:
    """A value as people would call it: of a file its name, of a list or table its parts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {label(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(label(item) for item in value)
    text = str(value)
    return Path(text).name if Path(text).is_absolute() else text


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, both in the unit in which the first is written ("" if plain)."""

    start: float
    stop: float
    unit: str
    whole: bool
    log: bool

    @classmethod
    def between(cls, start: Any, stop: Any, spacing: str, place: str) -> Range:
        """The range as it was written; InputError when there is none."""
        first, last = _end(start, f"{place}.from"), _end(stop, f"{place}.to")
        if first[1] != last[1]:
            wanted = f"in units of {first[1]}" if first[1] else "a number without unit"
            raise InputError(f"{place}.to: {stop!r} is not {wanted}, as from = {start!r} is")
        a, unit = _split(start)
        b, other = _split(stop)
        if other != unit:
            zero, one = parse(f"0 {unit}", first[1]), parse(f"1 {unit}", first[1])
            b = _rounded((last[0] - zero) / (one - zero))
        if not a < b:
            raise InputError(f"{place}.to: {stop!r} must be above from = {start!r}; exchange them")
        if spacing == "log" and a <= 0:
            raise InputError(
                f"{place}.from: {start!r} must be above 0 for spacing = 'log'; raise it, or set spacing"
                " = 'linear'"
            )
        whole = isinstance(start, int) and isinstance(stop, int)
        return cls(a, b, unit, whole, spacing == "log")

    def at(self, share: float) -> str | float:
        """What to write at a share (0 to 1) of the way."""
        if self.log:
            value = self.start * (self.stop / self.start) ** share
        else:
            value = self.start + (self.stop - self.start) * share
        value = _rounded(value)
        if self.unit:
            return f"{value:.{DIGITS}g} {self.unit}"
        return int(value) if self.whole and value.is_integer() else value


def _end(value: Any, place: str) -> tuple[float, str]:
    found = number(value)
    if found is None or not math.isfinite(found[0]):
        raise InputError(
            f"{place}: {label(value)!r} is not a quantity or a number; write for example '500 nm'"
        )
    return found


def _split(value: Any) -> tuple[float, str]:
    """Number and unit as they are written."""
    match = _WRITTEN.fullmatch(str(value)) if isinstance(value, str) else None
    return (float(match[1]), match[2].strip()) if match else (float(value), "")


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")

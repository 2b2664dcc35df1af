"""Numbers with units for people: 5e-07 m reads 500 nm, 100 A/m^2 reads 10 mA/cm^2."""

from __future__ import annotations

import math
import re

_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"))
_LENGTHS = ((1.0, "m"), (1e-3, "mm"), (1e-6, "um"), (1e-9, "nm"))


def number(value: float, digits: int = 3) -> str:
    """A number with a few digits, without an exponent where it reads better so."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 1e-3 <= abs(value) < 1e5:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{digits}g}"


def seconds(value: float) -> str:
    """A time: ms, s, min, h."""
    if not math.isfinite(value):
        return "never"
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if value >= 10 * size:
            return f"{number(value / size)} {unit}"
    return _prefixed(value, "s") if value < 1 else f"{number(value)} s"


def metres(value: float) -> str:
    """A length: m, mm, um, nm."""
    for size, unit in _LENGTHS:
        if abs(value) >= size * (1 - 1e-9):
            return f"{number(value / size)} {unit}"
    return f"{number(value * 1e9)} nm"


def current_density(value: float) -> str:
    """A current density, from A/m^2 into mA/cm^2."""
    return f"{number(value / 10)} mA/cm^2"


def volts(value: float) -> str:
    """A voltage."""
    return _prefixed(value, "V")


def quantity(value: float, unit: str) -> str:
    """A value in an SI unit, said in the unit that people use for it."""
    known = {"s": seconds, "m": metres, "A/m^2": current_density, "V": volts}
    if unit in known:
        return known[unit](value)
    if unit in ("ohm", "A", "Hz"):
        return _prefixed(value, unit)
    if unit == "m/s":
        return f"{number(value * 1e9)} nm/s" if value < 1e-4 else f"{number(value * 1e3)} mm/s"
    if unit == "ohm m^2":
        return f"{number(value * 1e4)} ohm cm^2"
    return f"{number(value)} {unit}" if unit not in ("", "1") else number(value)


def nice(text: str) -> str:
    """The same with typographic units: um as µm, cm^2 as cm², ohm as Ω."""
    for plain, better in (
        (" um", " µm"),
        (" us", " µs"),
        (" uA", " µA"),
        (" uV", " µV"),
        ("^2", "²"),
        ("^3", "³"),
        ("ohm", "Ω"),
    ):
        text = text.replace(plain, better)
    return re.sub(r"(^|[ (])-(?=[0-9])", r"\1−", text)


def _prefixed(value: float, unit: str) -> str:
    for size, prefix in _PREFIXES:
        if abs(value) >= size * (1 - 1e-9):
            return f"{number(value / size)} {prefix}{unit}"
    return f"{number(value)} {unit}"

"""Units, at the edge only: text with a unit in, SI floats out. pint never enters a form."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any


class UnitError(ValueError):
    """A text that is not a quantity of the wanted dimension."""


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(inf|nan)\b", re.IGNORECASE)
"""What a quantity begins with; the rest is its unit, in which digits stand only as powers."""

_POWERS = re.compile(r"(\^|\*\*)\s*[-+]?\d(\.\d)?(?!\d)")


_BARE_POWERS = re.compile(r"(?<=[A-Za-z])(-?\d)(?!\d)")
"""Powers as people write them by hand: mA/cm2, mol L-1."""

_ONE_OVER = re.compile(r"^\s+1\s*/")
"""The 1 of "5 1/s"."""


@lru_cache(maxsize=1)
def registry() -> Any:
    """The pint registry, made at first use. Decimal keeps "500 nm" at 5e-07, to the last bit."""
    import pint

    return pint.UnitRegistry(non_int_type=Decimal, autoconvert_offset_to_baseunit=True)


@lru_cache(maxsize=4096)
def parse(text: str, unit: str) -> float:
    """Value of ``text`` in ``unit``, for example parse("500 nm", "m") = 5e-07.

    Raises UnitError with a message for people: what was read, and what is wanted.
    """
    import pint

    if unit == "1":
        try:
            return float(text)
        except ValueError:
            raise UnitError(f"{text!r} is not a number") from None
    example = EXAMPLES.get(unit, f"1 {unit}")
    text = text.strip()
    spelt = _spell(text)
    number = _NUMBER.match(spelt)
    if number is None:
        raise UnitError(f"{text!r} does not begin with a number; write for example {example!r}")
    name = _BARE_POWERS.sub(r"^\1", _ONE_OVER.sub("/", spelt[number.end() :]))
    if re.search(r"\d", _POWERS.sub("", name)):
        raise UnitError(f"{text!r} is not one number and a unit; write for example {example!r}")
    try:
        quantity = registry().Quantity(number.group() + name)
    except (pint.UndefinedUnitError, pint.PintError) as error:
        raise UnitError(f"{text!r}: {error}; write for example {example!r}") from None
    except Exception:
        raise UnitError(f"{text!r} is not a quantity; write for example {example!r}") from None
    if not isinstance(quantity, registry().Quantity):
        raise UnitError(f"{text!r} has no unit; write for example {example!r}")
    if quantity.dimensionless and registry().Quantity(1, unit).dimensionality:
        raise UnitError(f"{text!r} has no unit; write for example {example!r}")
    try:
        return float(quantity.to(unit).magnitude)
    except pint.DimensionalityError:
        raise UnitError(
            f"{text!r} has the dimension of {quantity.units:~P}, not of {unit};"
            f" write for example {example!r}"
        ) from None
    except (TypeError, ValueError):
        raise UnitError(f"{text!r} is not a quantity; write for example {example!r}") from None


EXAMPLES = {
    "m": "500 nm",
    "s": "5 s",
    "V": "-0.5 V",
    "A": "4 uA",
    "A/m^2": "10 mA/cm^2",
    "C/m^2": "1 mC/cm^2",
    "mol/m^3": "1 mol/L",
    "m^2/s": "3e-10 m^2/s",
    "S/m": "1.2 S/m",
    "K": "298.15 K",
    "V/s": "100 mV/s",
    "eV": "0.3 eV",
    "m^3/mol": "13 cm^3/mol",
    "J/m^2": "0.5 J/m^2",
    "kg/mol": "6.94 g/mol",
    "kg/m^3": "0.534 g/cm^3",
}
"""What to write, for error messages."""


def _spell(text: str) -> str:
    """Accept the micro sign and the middle dot that people paste."""
    return (
        text.replace("\N{MICRO SIGN}", "u")
        .replace("\N{GREEK SMALL LETTER MU}", "u")
        .replace("\N{MIDDLE DOT}", "*")
        .replace("\N{MINUS SIGN}", "-")
    )


def show(value: float, unit: str) -> str:
    """Text that `parse` reads back to the same float."""
    return f"{value!r} {unit}" if unit != "1" else repr(value)

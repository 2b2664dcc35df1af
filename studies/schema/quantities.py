"""Quantities of the case file: text with a unit, checked for dimension and range.

`Quantity("m", gt=0)` makes an annotated float: "500 nm" becomes 5e-07, a bare number or a wrong
dimension is an error that says what to write. The JSON Schema shows the unit and an example.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import AllowInfNan, BeforeValidator, PlainSerializer, Strict, WithJsonSchema

from thincell.model.units import EXAMPLES, UnitError, parse, show
from thincell.studies.schema.base import fault, short


def Quantity(
    unit: str, *, gt: float | None = None, ge: float | None = None, lt: float | None = None
) -> Any:
    """An annotated float in SI with dimension and range checks."""
    limits = [
        text
        for bound, text in (
            (gt, f"> {gt:g}" if gt is not None else ""),
            (ge, f">= {ge}"),
            (lt, f"< {lt}"),
        )
        if bound is not None
    ]
    wanted = " and ".join(limits)

    def read(value: Any) -> float:
        number = _number(value, unit)
        if not math.isfinite(number):
            raise fault("quantity", "{text} is not finite", {"text": repr(value)})
        bad = (
            (gt is not None and not number > gt)
            or (ge is not None and not number >= ge)
            or (lt is not None and not number < lt)
        )
        if bad:
            raise fault(
                "quantity_range",
                "{text} is outside the allowed range: it must be {wanted} {unit}",
                {"text": repr(value), "wanted": wanted, "unit": "" if unit == "1" else unit},
            )
        return number

    example = EXAMPLES.get(unit, f"1 {unit}")
    schema: dict[str, Any] = {"type": "string", "description": f"quantity in units of {unit}"}
    schema["examples"] = [example]
    if unit == "1":
        schema = {"type": "number"}
    if wanted:
        schema["x-range"] = wanted if unit == "1" else f"{wanted} {unit}"
    return Annotated[
        float,
        BeforeValidator(read),
        PlainSerializer(lambda v: v if unit == "1" else show(v, unit), when_used="always"),
        WithJsonSchema(schema),
    ]


def _number(value: Any, unit: str) -> float:
    if isinstance(value, bool):
        raise fault("quantity", "{text} is not a quantity", {"text": short(value)})
    if isinstance(value, int | float):
        if unit == "1":
            return float(value)
        raise fault(
            "quantity_unit",
            "{text} has no unit; write it as text with a unit, for example {example}",
            {"text": repr(value), "example": repr(EXAMPLES.get(unit, f"1 {unit}"))},
        )
    if not isinstance(value, str):
        raise fault(
            "quantity",
            "{text} is not a quantity; write for example {example}",
            {"text": short(value), "example": repr(EXAMPLES.get(unit, f"1 {unit}"))},
        )
    if unit == "Hz" and any(word in value for word in ("rad", "rpm", "revolution", "turn")):
        raise fault(
            "quantity_unit",  # pint takes a radian for 1, and would be wrong by 2 pi
            "{text} is an angular frequency; write cycles per second, for example '1 kHz'",
            {"text": repr(value)},
        )
    try:
        return parse(value, unit)
    except UnitError as error:
        raise fault("quantity_unit", "{text}", {"text": str(error)}) from None


Length = Quantity("m", gt=0)
Thickness = Quantity("m", ge=0)
Duration = Quantity("s", gt=0)
Potential = Quantity("V")
SweepRate = Quantity("V/s", gt=0)
Concentration = Quantity("mol/m^3", gt=0)
Temperature = Quantity("K", gt=0)
Diffusivity = Quantity("m^2/s", gt=0)
CurrentDensity = Quantity("A/m^2", gt=0)
MolarVolume = Quantity("m^3/mol", gt=0)
Energy = Quantity("eV", gt=0)
Frequency = Quantity("Hz", gt=0)
FlowRate = Quantity("m^3/s", gt=0)
Viscosity = Quantity("Pa*s", gt=0)
Number = Quantity("1")
Positive = Quantity("1", gt=0)
NonNegative = Quantity("1", ge=0)

Integer = Annotated[int, Strict()]
"""A whole number; neither text nor true or false."""
Real = Annotated[float, Strict(), AllowInfNan(False)]
"""A finite number without unit, as it stands in a law."""
Flag = Annotated[bool, Strict()]
"""true or false, nothing else."""


def _text_or_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise fault("quantity", "{text} is neither text nor a number", {"text": short(value)})
    return value


TextOrNumber = Annotated[
    Any, BeforeValidator(_text_or_number), WithJsonSchema({"type": ["string", "number"]})
]
"""A quantity whose unit depends on where it stands; read there."""


def _with_unit(example: str) -> Any:
    def check(value: Any) -> Any:
        if not isinstance(value, str) and value is not None:
            raise fault(
                "quantity_unit",
                "{text} has no unit; write it as text with a unit, for example {example}",
                {"text": short(value), "example": repr(example)},
            )
        return value

    return check


TextWithUnit = Annotated[str, BeforeValidator(_with_unit("10 mA/cm^2"))]
"""A current density or a current, read by the protocol."""

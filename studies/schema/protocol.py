"""The [[protocol]] steps: plate, strip, rest, hold, sweep; for a time, until an event, or both."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from thincell.model.units import UnitError, parse
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import (
    Duration,
    Integer,
    Potential,
    SweepRate,
    TextWithUnit,
)

KINDS = ("plate", "strip", "rest", "hold", "sweep")

CONDITIONS = {
    "voltage": "V",
    "current": "A/m^2",
    "charge": "C/m^2",
    "minimum concentration": "mol/m^3",
}
"""What a step may wait for, and its unit."""


@dataclass(frozen=True)
class Condition:
    """``quantity`` < or > ``value`` (SI)."""

    text: str
    quantity: str
    below: bool
    value: float


def read_condition(text: str) -> Condition:
    """Parse "voltage < -0.5 V", "charge > 1 mC/cm^2", "minimum concentration < 1 mol/m^3"."""
    match = re.fullmatch(r"\s*([A-Za-z ]+?)\s*([<>])\s*(.+?)\s*", text)
    examples = "'voltage < -0.5 V', 'charge > 1 mC/cm^2', 'minimum concentration < 10 mol/m^3'"
    if match is None:
        raise fault(
            "condition",
            "{text} is not a condition; write for example {examples}",
            {"text": repr(text), "examples": examples},
        )
    quantity, sign, value = match.groups()
    if quantity not in CONDITIONS:
        raise fault(
            "condition",
            "{quantity} is not something a step can wait for; it can wait for {allowed}",
            {"quantity": repr(quantity), "allowed": ", ".join(CONDITIONS)},
        )
    try:
        number = parse(value, CONDITIONS[quantity])
    except UnitError as error:
        raise fault("quantity_unit", "{text}", {"text": str(error)}) from None
    if not math.isfinite(number):
        raise fault("condition", "{text}: {value} is not finite", {"text": repr(text), "value": value})
    if quantity != "voltage" and number < 0:
        raise fault(
            "condition",
            "{text}: {quantity} is a magnitude and never negative",
            {"text": repr(text), "quantity": quantity},
        )
    return Condition(text, quantity, sign == "<", number)


class Sweep(Table):
    """Cyclic voltammetry: straight ramps through the vertices."""

    vertices: list[Potential] = Field(min_length=2, description="Potentials in order.")
    rate: SweepRate = Field(description="Sweep rate.")
    cycles: Integer = Field(default=1, ge=1, le=1000, description="Repetitions of all vertices.")

    @field_validator("vertices")
    @classmethod
    def _distinct(cls, vertices: list[float]) -> list[float]:
        if any(a == b for a, b in pairwise(vertices)):
            raise fault("sweep", "two vertices in a row are the same potential", {})
        return vertices

    def corners(self) -> list[tuple[float, float]]:
        """(time from the start [s], potential [V]) at every vertex."""
        path = list(self.vertices)
        for _ in range(self.cycles - 1):
            path += self.vertices if self.vertices[0] != path[-1] else self.vertices[1:]
        corners = [(0.0, path[0])]
        for a, b in pairwise(path):
            corners.append((corners[-1][0] + abs(b - a) / self.rate, b))
        return corners


class Step(Table):
    """One step of the protocol. Exactly one of plate, strip, rest, hold, sweep."""

    plate: TextWithUnit | None = Field(
        default=None,
        description="Cathodic current: per nominal area ('10 mA/cm^2') or total ('4 uA').",
    )
    strip: TextWithUnit | None = Field(default=None, description="Anodic current, as `plate`.")
    rest: Literal[True] | None = Field(default=None, description="No current.")
    hold: Potential | None = Field(default=None, description="Constant potential.")
    sweep: Sweep | None = Field(default=None, description="Cyclic voltammetry.")
    duration: Duration | None = Field(default=None, alias="for", description="At most this long.")
    until: list[str] = Field(
        default=[],
        description="Conditions that end the step, such as 'voltage < -0.5 V';"
        f" of {', '.join(CONDITIONS)}.",
    )
    compliance: Potential | None = Field(
        default=None,
        description="Largest magnitude of the working electrode's potential that the source can"
        " give (default 2 V). A current that needs more is not delivered in full.",
    )
    on_compliance: Literal["hold", "end"] = Field(
        default="hold", description="At the compliance voltage: hold it, or end the step."
    )

    @field_validator("until", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise fault(
                "step",
                "a step needs exactly one of {kinds}; this one has {given}",
                {"kinds": ", ".join(KINDS), "given": ", ".join(given) or "none"},
            )
        kind = given[0]
        for text in self.until:
            self._check_condition(kind, text)
        if kind in ("plate", "strip"):
            self.current()
        if kind != "sweep" and self.duration is None and not self.until:
            raise fault(
                "step",
                "a {kind} step needs 'for' (a duration) or 'until' (a condition), or both",
                {"kind": kind},
            )
        if kind == "sweep" and self.duration is not None:
            raise fault(
                "step",
                "a sweep lasts as long as its vertices and rate say: remove 'for'",
                {},
                at="for",
            )
        for key in ("compliance", "on_compliance"):
            if kind not in ("plate", "strip") and key in self.model_fields_set:
                if getattr(self, key) in (None, "hold"):
                    continue  # the default, as a resolved case writes it
                raise fault(
                    "step", "{key} applies to plate and strip, not to {kind}",
                    {"key": key, "kind": kind}, at=key,
                )  # fmt: skip
        if self.compliance is not None and self.compliance <= 0:
            raise fault(
                "step",
                "{value:g} V: compliance is a magnitude, it must be above 0 V",
                {"value": self.compliance},
                at="compliance",
            )
        return self

    def _check_condition(self, kind: str, text: str) -> None:
        """A condition that the step can never change is a mistake."""
        condition = read_condition(text)
        never = {"rest": ("charge", "current"), "hold": ("voltage",)}
        if condition.quantity in never.get(kind, ()):
            raise fault(
                "step",
                "{text}: the {quantity} of a {kind} step does not change, so that waiting for it is"
                " in vain",
                {"text": repr(text), "quantity": condition.quantity, "kind": kind},
                at="until",
            )

    @property
    def kind(self) -> str:
        """plate, strip, rest, hold or sweep."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    def current(self) -> tuple[float, bool]:
        """(magnitude, per area): [A.m-2] of nominal area, or [A] in total."""
        text = str(self.plate if self.plate is not None else self.strip)
        for unit, per_area in (("A/m^2", True), ("A", False)):
            try:
                value = parse(text, unit)
            except UnitError as error:
                message = str(error)
                continue
            if not math.isfinite(value):
                raise fault("step", "{text} is not finite", {"text": repr(text)}, at=self.kind)
            if value <= 0:
                raise fault(
                    "step",
                    "{text}: a current is a magnitude above 0; its direction is said by plate or strip",
                    {"text": repr(text)},
                    at=self.kind,
                )
            return value, per_area
        raise fault(
            "quantity_unit",
            "{text} is not a current density ('10 mA/cm^2') or a current ('4 uA'): {message}",
            {"text": repr(text), "message": message},
            at=self.kind,
        )

    def conditions(self) -> list[Condition]:
        """The conditions of `until`, read."""
        return [read_condition(text) for text in self.until]

"""Species, homogeneous reactions and immobile charge: parts of the [electrolyte] table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from thincell.model.species import FixedCharge, HomogeneousReaction
from thincell.model.units import UnitError, parse
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import (
    Concentration,
    Diffusivity,
    Integer,
    Length,
    Positive,
    Thickness,
)
from thincell.studies.schema.stoichiometry import ELECTRON, Equation, read_equation

#: Concentration of the standard state of equilibrium constants [mol.m-3].
STANDARD = 1000.0


class SpeciesTable(Table):
    """One dissolved species."""

    name: str = Field(min_length=1, description="Name, such as 'OH-'.")
    charge: Integer = Field(ge=-4, le=4, description="Charge number.")
    diffusivity: Diffusivity | None = Field(
        default=None,
        description="Diffusivity (default, for the salt's own ions: that which gives the salt's"
        " diffusivity and transference number at infinite dilution).",
    )
    concentration: Concentration | None = Field(
        default=None,
        description="Initial concentration (default, for the salt's own ions: that of the salt).",
    )
    diameter: Thickness = Field(
        default=0.0,
        description="Diameter of the solvated ion (nernst-planck-poisson); 0 m is a point ion.",
    )


class HomogeneousTable(Table):
    """A reaction between dissolved species, by mass action."""

    equation: str = Field(description="Such as 'H+ + OH- = H2O'; what is no species has activity 1.")
    equilibrium_constant: Positive = Field(
        description="Product over reactant concentrations at equilibrium, each in mol/L."
    )
    forward_rate: str = Field(
        description="Rate constant from left to right, in (L/mol)^(order - 1)/s, such as"
        " '1.4e11 L/mol/s'."
    )

    def build(self, names: Sequence[str], charges: Sequence[int]) -> HomogeneousReaction:
        """The reaction of the model between species with these names."""
        equation = read_equation(self.equation)
        left, right = self._members(equation, names)
        imbalance = sum(charges[k] * n for k, n in right) - sum(charges[k] * n for k, n in left)
        if imbalance or ELECTRON in {**equation.left, **equation.right}:
            raise fault(
                "homogeneous",
                "{text} does not conserve charge among the dissolved species; name all charged species"
                " in electrolyte.species",
                {"text": repr(self.equation)},
                at="equation",
            )
        forward = self._forward(sum(n for _, n in left))
        order = sum(n for _, n in right) - sum(n for _, n in left)
        backward = forward / (self.equilibrium_constant * STANDARD**order)
        return HomogeneousReaction(self.equation, left, right, forward, backward)

    def _members(self, equation: Equation, names: Sequence[str]) -> Any:
        number = {name: k for k, name in enumerate(names)}
        sides = [
            tuple((number[name], n) for name, n in side.items() if name in number)
            for side in (equation.left, equation.right)
        ]
        if not any(sides):
            raise fault(
                "homogeneous",
                "{text} names none of the species {names}",
                {"text": repr(self.equation), "names": ", ".join(names)},
                at="equation",
            )
        return sides

    def _forward(self, order: int) -> float:
        unit = {0: "mol/m^3/s", 1: "1/s"}.get(order, f"(m^3/mol)^{order - 1}/s")
        try:
            value = parse(self.forward_rate, unit)
        except UnitError as error:
            raise fault("quantity_unit", "{text}", {"text": str(error)}, at="forward_rate") from None
        if not value > 0:
            text = f"{self.forward_rate!r} must be positive"
            raise fault("quantity_range", "{text}", {"text": text}, at="forward_rate")
        return value


class FixedChargeTable(Table):
    """Ions that cannot move, such as those of a polyelectrolyte film."""

    charge: Integer = Field(ge=-4, le=4, description="Charge number of the immobilised ion.")
    concentration: Concentration = Field(description="Their concentration in the film.")
    thickness: Length | None = Field(
        default=None, description="Thickness of the film on the floor (default: the whole liquid)."
    )

    def build(self) -> FixedCharge:
        """Immobile charge of the model."""
        density = self.charge * self.concentration
        return FixedCharge(density) if self.thickness is None else FixedCharge(density, self.thickness)


PermittivityLaw = Literal["constant", "booth"]

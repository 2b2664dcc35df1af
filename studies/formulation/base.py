"""What `Problem` asks of a model: unknowns, residual, currents, and whose books are kept.

All in scaled units. ``rate_of`` turns a function of (fields, potential of the working electrode) into
the time derivative that the stepper makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import ufl
from numpy.typing import NDArray

from thincell.model.measures import Measures
from thincell.model.ops import Value
from thincell.model.reactions import Reaction
from thincell.model.terms import Surface

Array = NDArray[np.float64]
RateOf = Callable[[Callable[[Any, Any], Value]], Value]


class Formulation(Protocol):
    """A model of transport on a mesh."""

    #: Whether anything is stored, so that there is a time derivative.
    stores: bool

    @property
    def by_ion(self) -> bool:
        """Whether ions are followed one by one and shown by name."""

    @property
    def main(self) -> int:
        """The plated ion's number."""

    @property
    def fields(self) -> int:
        """Unknowns per node."""

    @property
    def cautious(self) -> tuple[int, ...]:
        """Fields whose Newton steps are limited."""

    @property
    def ions(self) -> tuple[str, ...]:
        """Names of the ions whose amounts are kept in the books."""

    def initial(self, points: Array) -> Array:
        """Unknowns (nodes, fields) at scaled points (nodes, 2) of the uncharged, uniform state."""

    def conserved(self, fields: Any) -> Any:
        """What is stored per volume of liquid, as UFL (a vector when there are several ions)."""

    def values(self, unknowns: Array) -> Array:
        """c_i/c0 from unknowns (nodes, fields): shape (nodes, ions)."""

    def reactant(self, fields: Any) -> Value:
        """c/c0 of what is plated, or of the salt."""

    def measured_potential(self, fields: Any) -> Value:
        """Potential (RT/F) that a reference electrode of the plated metal reads in the electrolyte."""

    def volume(self, measures: Measures, fields: Any, tests: Any, rate_of: RateOf) -> ufl.Form:
        """Volume part of the residual."""

    def partial_currents(self, surface: Surface, fields: Any) -> list[Value]:
        """Anodic-positive current density of each reaction."""

    def charging_current(self, surface: Surface, rate_of: RateOf) -> Value | None:
        """Current density that charges the double layer; None when there is none."""

    def inflow(self, surface: Surface, fields: Any, tests: Any, rate_of: RateOf) -> Value:
        """What the electrode delivers per area, tested."""

    def delivered(self, surface: Surface, partial: Sequence[Value], tests: Any) -> Value:
        """What given current densities of an electrode's reactions deliver, tested."""

    def overpotential(self, surface: Surface, fields: Any) -> Value:
        """eta (RT/F) of the electrode's first reaction."""

    def at_electrode(self, surface: Surface, fields: Any) -> dict[str, tuple[Value, float]]:
        """Further results along an electrode, by name with unit: scaled expression and its SI unit."""

    def released(self, ion: str, reaction: Reaction) -> float:
        """Ions that a reaction releases per scaled charge."""

    def amounts(self, fields: Any) -> dict[str, Value]:
        """What is stored of each ion per volume of the cell, in c0."""

    def production(self, fields: Any) -> dict[str, Value]:
        """Rate at which reactions in the liquid make each ion, per volume; only those that react."""

    def entering(self, fields: Any) -> dict[str, Value]:
        """Flux density of each ion that enters at open ends, where these are no fixed unknowns."""

    def reservoir(self) -> Sequence[tuple[int, float]]:
        """(field, value) kept at open ends."""

    def refresh(self) -> None:
        """Bring what depends on the state, besides the fields, up to date before an assembly."""


class Averageable(Formulation, Protocol):
    """A formulation that can be averaged over the height of a layer."""

    def across(self, fields: Any) -> Sequence[Sequence[Value]]:
        """B of `model.averaging`: unknowns at the floor less their averages, per flux and height."""

    def over_area(self, measures: Measures, fields: Any, tests: Any) -> Any:
        """What tests the sources of an area: flow adds its upwind parts."""

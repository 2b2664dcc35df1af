"""A model of transport with a deposit in it: its unknowns and the metal fraction xi, which comes last.

The inner model keeps its equations; the medium's transport is weighted with q(xi) and what it stores with
p = 1 - xi. `model.deposit` has the equations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import ufl
from dolfinx import fem

from thincell.model import deposit
from thincell.model.deposit import Interface
from thincell.model.electroneutral import Signed
from thincell.model.measures import Measures
from thincell.model.ops import Value
from thincell.model.reactions import Reaction
from thincell.model.terms import Surface
from thincell.studies.formulation.base import Array, RateOf
from thincell.studies.formulation.binary import BinarySalt
from thincell.studies.formulation.ionic import IonicSolution

#: Share of xi and p c that counts in the error of a time step.
SHARE = 0.2

#: Name of the metal's volume among the amounts.
METAL = "metal"


def _nothing() -> None:
    """Nothing follows the state."""


@dataclass
class Growing:
    """``inner`` on all fields but the last. ``psi`` gives the normal, ``mobility`` is M, ``speed`` v.

    ``beyond`` is the extrapolated state less that at the nearest point of its front.

    ``unit`` is the scaled volume of metal per charge: its balance is written per charge, so that all rows
    of the residual are currents.
    """

    inner: BinarySalt | IonicSolution
    interface: Interface
    psi: fem.Function
    beyond: fem.Function
    mobility: fem.Constant
    speed: fem.Function
    unit: fem.Constant
    start: Array
    before_assembly: Callable[[], None] = _nothing

    stores = True

    @classmethod
    def around(
        cls,
        inner: BinarySalt | IonicSolution,
        state: fem.Function,
        interface: Interface,
        unit: float,
        start: Array,
        scalars: fem.FunctionSpace,
    ) -> Growing:
        """Weight an inner model with the metal fraction of a state; ``start`` is xi at the nodes."""
        domain, xi = state.function_space.mesh, inner.fields
        share = interface.liquid(state[xi])
        transport = inner.medium.transport * interface.transport(state[xi])
        medium: Any = replace(inner.medium, transport=transport)
        if isinstance(inner, IonicSolution):
            medium = replace(medium, liquid=share)
        weighted: Any = replace(inner, medium=medium, liquid=lambda past: interface.liquid(past[xi]))
        if isinstance(inner, BinarySalt):
            background = medium.background + interface.background(state[xi])
            medium = replace(medium, background=background)
            weighted = replace(weighted, medium=medium, salt=Signed())
        zero, per_charge = fem.Constant(domain, 0.0), fem.Constant(domain, unit)
        psi, speed = fem.Function(scalars, name="psi"), fem.Function(scalars, name="speed")
        beyond = fem.Function(state.function_space, name="beyond")
        return cls(weighted, interface, psi, beyond, zero, speed, per_charge, start)

    # -- what the metal adds ------------------------------------------------------------------------

    @property
    def fields(self) -> int:
        return self.inner.fields + 1

    def xi(self, fields: Any) -> Value:
        """The metal fraction."""
        return fields[self.inner.fields]

    @property
    def swapped(self) -> tuple[int, int] | None:
        """The ion that follows from neutrality and the potential, in whose row that stands; see `split`."""
        if not isinstance(self.inner, IonicSolution):
            return None
        return self.inner.solution.anchor, self.inner.medium.count

    @property
    def normal(self) -> Value:
        """n of the extrapolated front, into the metal."""
        return deposit.normal(self.psi, self.interface.thickness)

    @property
    def area_density(self) -> Any:
        """A function of the fields: area of the front per volume."""
        return lambda fields: deposit.area_density(self.xi(fields), self.normal)

    def initial(self, points: Array) -> Array:
        return np.column_stack([self.inner.initial(points), self.start])

    def conserved(self, fields: Any) -> Value:
        inner = self.inner.conserved(fields)
        stored = [inner[k] for k in range(len(self.ions))] if self.inner.by_ion else [inner]
        return ufl.as_vector([*(self.inner.liquid(fields) * c for c in stored), self.xi(fields)])

    def followed(self, unknowns: Array) -> Array:
        """What the error of a time step is measured by at nodes: p c_i/c0 and xi, a fifth of them.

        At the front both change from 0 to 1 within the step's advance over the interface's thickness, which
        `courant` bounds; elsewhere they change far less.
        """
        xi = unknowns[:, -1:]
        return SHARE * np.column_stack([(1 - xi) * self.inner.values(unknowns), xi])

    def values(self, unknowns: Array) -> Array:
        """c_i/c0; not a number in the metal."""
        made = np.maximum(self.inner.values(unknowns), 0.0)
        made[unknowns[:, -1] > 0.5] = np.nan
        return made

    def volume(self, measures: Measures, fields: Any, tests: Any, rate_of: RateOf) -> ufl.Form:
        test = tests[self.inner.fields]
        rate = rate_of(lambda past, metal: self.xi(past))
        flux = deposit.profile_flux(
            self.xi(fields), self.normal, self.mobility, self.speed, self.interface.thickness
        )
        metal = (rate * test - ufl.inner(flux, ufl.grad(test))) / self.unit
        return self.inner.volume(measures, fields, tests, rate_of) + measures.volume(metal)

    def amounts(self, fields: Any) -> dict[str, Value]:
        return self.inner.amounts(fields) | {METAL: self.xi(fields)}

    # -- what the inner model knows -----------------------------------------------------------------

    @property
    def main(self) -> int:
        return self.inner.main

    @property
    def by_ion(self) -> bool:
        return self.inner.by_ion

    @property
    def cautious(self) -> tuple[int, ...]:
        return self.inner.cautious

    @property
    def ions(self) -> tuple[str, ...]:
        return self.inner.ions

    def reactant(self, fields: Any) -> Value:
        return self.inner.reactant(fields)

    def measured_potential(self, fields: Any) -> Value:
        return self.inner.measured_potential(fields)

    def partial_currents(self, surface: Surface, fields: Any) -> list[Value]:
        return self.inner.partial_currents(surface, fields)

    def front_fields(self, fields: Any) -> Any:
        """The inner model's fields at the nearest point of the front."""
        thickness = self.interface.thickness
        count = self.inner.fields
        return deposit.at_front(fields, self.beyond, count, self.normal, self.psi, thickness)

    def charging_current(self, surface: Surface, rate_of: RateOf) -> Value | None:
        return None

    def delivered(self, surface: Surface, partial: Sequence[Value], tests: Any) -> Value:
        return self.inner.delivered(surface, partial, tests)

    def inflow(self, surface: Surface, fields: Any, tests: Any, rate_of: RateOf) -> Value:
        return self.inner.inflow(surface, fields, tests, rate_of)

    def overpotential(self, surface: Surface, fields: Any) -> Value:
        return self.inner.overpotential(surface, fields)

    def at_electrode(self, surface: Surface, fields: Any) -> dict[str, tuple[Value, float]]:
        return self.inner.at_electrode(surface, fields)

    def released(self, ion: str, reaction: Reaction) -> float:
        return self.inner.released(ion, reaction)

    def production(self, fields: Any) -> dict[str, Value]:
        return self.inner.production(fields)

    def entering(self, fields: Any) -> dict[str, Value]:
        return self.inner.entering(fields)

    def reservoir(self) -> Sequence[tuple[int, float]]:
        return self.inner.reservoir()

    def refresh(self) -> None:
        self.inner.refresh()
        self.before_assembly()

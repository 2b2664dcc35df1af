"""Any number of ions, electroneutral or with Poisson's equation: `model.nernst_planck`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl

from thincell.geometry.tags import Tag
from thincell.model.constants import FARADAY
from thincell.model.double_layer import DoubleLayer
from thincell.model.ionic_reactions import IonicReaction
from thincell.model.measures import Measures
from thincell.model.nernst_planck import (
    Ions,
    charge_balance,
    electroneutrality,
    poisson,
    species_balance,
)
from thincell.model.ops import Value, ln
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales
from thincell.model.species import Solution
from thincell.model.terms import Surface
from thincell.studies import names
from thincell.studies.formulation.base import Array, RateOf
from thincell.studies.formulation.binary import everywhere
from thincell.studies.formulation.diffuse import Diffuse

#: Mass-transfer coefficient of an open end in D0/L: ions enter at this times c_i0 - c_i. All have the
#: same, so that no current enters where the solution is electroneutral.
OPEN = 1e4


@dataclass
class IonicSolution:
    """Nernst-Planck transport of n ions; unknowns (y_1 ... y_n, phi or psi).

    ``solution`` and ``scales`` hold plain numbers, ``medium`` constants of the mesh. ``layer`` is the
    resolved double layer (Poisson), ``diffuse`` the closure of an electroneutral one; both None: none.
    ``liquid`` of the fields is the share of the volume that a deposit leaves.
    """

    solution: Solution
    scales: Scales
    medium: Ions
    reactions: dict[str, IonicReaction]
    main: int
    layer: DoubleLayer | None = None
    diffuse: Diffuse | None = None
    liquid: Callable[[Any], Value] = everywhere

    stores = True
    by_ion = True

    @property
    def resolved(self) -> bool:
        """Whether space charge is solved for."""
        return self.layer is not None

    @property
    def fields(self) -> int:
        return self.medium.count + 1

    @property
    def cautious(self) -> tuple[int, ...]:
        return self.medium.variables.traces

    @property
    def ions(self) -> tuple[str, ...]:
        return tuple(s.name for s in self.solution.species)

    # -- states -----------------------------------------------------------------------------------

    def _initial_concentrations(self, points: Array) -> list[Array]:
        """c_i0/c0 at points: the solution's own, and counter-ions of immobile charge."""
        c0 = _value(self.medium.scales.concentration)
        length = _value(self.medium.scales.length)
        made = [np.full(len(points), s.concentration / c0) for s in self.solution.species]
        fixed = self.solution.fixed
        if fixed is not None:
            counter = self.solution.commonest(-1 if fixed.density > 0 else 1)
            assert counter is not None
            here = points[:, 1] * length <= fixed.thickness
            charge = abs(self.solution.charges[counter])
            made[counter] = made[counter] + here * abs(fixed.density) / c0 / charge
        return made

    def initial(self, points: Array) -> Array:
        unknowns = self.medium.variables.unknowns(self._initial_concentrations(points))
        if self.layer is not None:
            # neutral liquid between uncharged metals: charge is conserved from the first step on
            unknowns[-1] = unknowns[-1] - _value(self.layer.zero_charge) / _value(
                self.medium.scales.potential
            )
        return np.column_stack([np.broadcast_to(value, len(points)) for value in unknowns])

    def conserved(self, fields: Any) -> Value:
        return ufl.as_vector(self.medium.variables.concentrations(fields))

    def values(self, unknowns: Array) -> Array:
        return np.column_stack(self.medium.variables.concentrations(unknowns.T))

    def with_values(self, unknowns: Array, values: Array) -> Array:
        """The unknowns with other concentrations c_i/c0, shape (nodes, ions)."""
        count = self.medium.count
        made = self.medium.variables.unknowns(list(values.T))[:count]
        return np.column_stack([*made, unknowns[:, count:]])

    def reactant(self, fields: Any) -> Value:
        return self.medium.variables.concentrations(fields)[self.main]

    def measured_potential(self, fields: Any) -> Value:
        """phi + ln(c/c_ref)/z of the plated ion; phi itself when nothing is plated."""
        phi, log_c = self._at_surface(fields)
        for reaction in self.reactions.values():
            if reaction.reaction.kind == "plating":
                return phi + reaction.equilibrium_shift(log_c, self.medium.scales)
        return phi

    def _at_surface(self, fields: Any) -> tuple[Value, list[Value]]:
        """(phi, mu_i): ln c_i/c0, and where ions have a size what crowding adds.

        Electrochemical potentials are uniform through a double layer in equilibrium, so that its
        electrode has the same potential however it is charged.
        """
        v = self.medium.variables
        return v.potential(fields), v.chemical(fields)

    def _at_plane(self, surface: Surface, fields: Any) -> tuple[Value, list[Value]]:
        """(phi, mu_i) of the reaction plane: with the closure on the other side of the diffuse layer."""
        phi, log_c = self._at_surface(fields)
        if self.diffuse is None:
            return phi, log_c
        zeta = self.diffuse.zeta(surface, fields)
        charges = self.solution.charges
        return phi + zeta, [value - z * zeta for value, z in zip(log_c, charges, strict=True)]

    # -- residual -----------------------------------------------------------------------------------

    def volume(self, measures: Measures, fields: Any, tests: Any, rate_of: RateOf) -> ufl.Form:
        m, ions, anchor = measures, self.medium, self.solution.anchor
        rate = rate_of(lambda past, metal: self.liquid(past) * self.conserved(past))
        form = self._open_ends(m, fields, tests)
        for k in range(ions.count):
            if k != anchor:
                form += species_balance(m, ions, fields, k, tests[k], rate[k])
        last = tests[ions.count]
        if not self.resolved:
            balance = charge_balance(m, ions, fields, tests[anchor], None)
            return form + balance + electroneutrality(m, ions, fields, last)
        displacement = rate_of(lambda past, metal: ions.displacement(past))
        balance = charge_balance(m, ions, fields, tests[anchor], displacement)
        return form + balance + poisson(m, ions, fields, last)

    def _in_rows(self, gains: Sequence[Value], tests: Any) -> Value:
        """Sources of each ion, tested: the anchor's row holds the balance of charge."""
        anchor, charges = self.solution.anchor, self.solution.charges
        rows = [gain * tests[k] for k, gain in enumerate(gains) if k != anchor]
        charge = sum(z * gain for z, gain in zip(charges, gains, strict=True))
        return sum(rows) + charge * tests[anchor]

    def _open_ends(self, measures: Measures, fields: Any, tests: Any) -> ufl.Form:
        exchange = self._in_rows(list(self.entering(fields).values()), tests)
        return -sum(measures.surface(exchange, tag) for tag in (Tag.INLET, Tag.OUTLET))

    def entering(self, fields: Any) -> dict[str, Value]:
        scales, c = self.medium.scales, self.medium.variables.concentrations(fields)
        outside = [s.concentration / scales.concentration for s in self.medium.solution.species]
        return {ion: OPEN * (out - value) for ion, out, value in zip(self.ions, outside, c, strict=True)}

    def inflow(self, surface: Surface, fields: Any, tests: Any, rate_of: RateOf) -> Value:
        delivered = self.delivered(surface, self.partial_currents(surface, fields), tests)
        charging = self.charging_current(surface, rate_of)
        if charging is not None:
            delivered += charging * tests[self.solution.anchor]
            delivered += self._charge(surface.potential, fields) * tests[self.medium.count]
        return delivered

    def delivered(self, surface: Surface, partial: Sequence[Value], tests: Any) -> Value:
        releases = [self.reactions[r.name].release for r in surface.reactions]
        gains = [
            sum((nu[k] * j for nu, j in zip(releases, partial, strict=True) if nu[k]), 0.0)
            for k in range(self.medium.count)
        ]
        return self._in_rows(gains, tests)

    # -- electrodes ---------------------------------------------------------------------------------

    def partial_currents(self, surface: Surface, fields: Any) -> list[Value]:
        phi, log_c = self._at_plane(surface, fields)
        plane: list[Value] | None = None
        if self.solution.crowded and self.resolved:
            plane = [ln(c) for c in self.medium.variables.concentrations(fields)]
        return [
            self.reactions[r.name].current_density(
                surface.potential, phi, log_c, self.medium.scales, plane
            )
            for r in surface.reactions
        ]

    def _charge(self, metal: Value, fields: Any) -> Value:
        assert self.layer is not None
        return self.layer.charge(metal, self.medium.variables.potential(fields), self.medium.scales)

    def charging_current(self, surface: Surface, rate_of: RateOf) -> Value | None:
        if self.layer is None:
            return None
        if surface.tag == Tag.WORKING:
            return rate_of(lambda fields, metal: self._charge(metal, fields))
        return rate_of(lambda fields, metal: self._charge(surface.potential, fields))

    def overpotential(self, surface: Surface, fields: Any) -> Value:
        phi, log_c = self._at_plane(surface, fields)
        first = self.reactions[surface.reactions[0].name]
        return first.overpotential(surface.potential, phi, log_c, self.medium.scales)

    def at_electrode(self, surface: Surface, fields: Any) -> dict[str, tuple[Value, float]]:
        unit = self.scales.concentration
        c = self.medium.variables.concentrations(fields)
        found = {
            names.concentration_of(ion): (value, unit) for ion, value in zip(self.ions, c, strict=True)
        }
        if self.diffuse is not None:
            found |= self.diffuse.results(surface, fields)
        if self.layer is not None:
            density = FARADAY * unit * self.scales.length
            found[names.SURFACE_CHARGE.name] = (self._charge(surface.potential, fields), density)
        return found

    def released(self, ion: str, reaction: Reaction) -> float:
        return self.reactions[reaction.name].release[self.solution.number(ion)]

    # -- books --------------------------------------------------------------------------------------

    def amounts(self, fields: Any) -> dict[str, Value]:
        c = self.medium.variables.concentrations(fields)
        share = self.medium.porosity * self.liquid(fields)
        return {name: share * value for name, value in zip(self.ions, c, strict=True)}

    def production(self, fields: Any) -> dict[str, Value]:
        made = {name: self.medium.production(fields, k) for k, name in enumerate(self.ions)}
        return {name: value for name, value in made.items() if value is not None}

    def reservoir(self) -> Sequence[tuple[int, float]]:
        return []

    def refresh(self) -> None:
        if self.diffuse is not None:
            self.diffuse.refresh()


def _value(constant: Any) -> float:
    """The number in a fem.Constant."""
    return float(constant.value)

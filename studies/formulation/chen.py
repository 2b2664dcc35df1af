"""A deposit after Chen et al. 2015 as a formulation: c, phi and xi of `model.chen`, for comparison only.

Electrodes touch the only potential there is through a contact so good that its drop does not count; the
counter electrode also keeps c = c0, as an open end does. The current of the working electrode is that of
the metal that grows, so the books of metal and of cations close; that of the counter electrode is what the
electrolyte carries there, and the two differ: fault 1 of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from dolfinx import fem

from thincell.model import chen
from thincell.model.chen import PHI, XI, C, ChenDeposit
from thincell.model.measures import Measures
from thincell.model.ops import Value
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales
from thincell.model.terms import Surface
from thincell.studies.formulation.base import Array, RateOf
from thincell.studies.formulation.binary import CATIONS
from thincell.studies.formulation.growing import METAL, SHARE

#: Conductance of a contact over that of the liquid between floor and lid: the share of the drop lost in it.
CONTACT = 1e6


class Dissolved:
    """The fields without the metal."""

    fields = 2

    def values(self, unknowns: Array) -> Array:
        """c/c0 at nodes, also in the metal."""
        return unknowns[:, :1].copy()

    def with_values(self, unknowns: Array, values: Array) -> Array:
        """The unknowns with other concentrations c/c0, shape (nodes, 1)."""
        return np.column_stack([values, unknowns[:, 1:]])


@dataclass
class ChenSalt:
    """``law`` and ``scales`` hold constants of the mesh; ``start`` is xi at the nodes."""

    law: ChenDeposit
    scales: Scales
    start: Array

    inner = Dissolved()
    fields = chen.FIELDS
    ions: tuple[str, ...] = (CATIONS,)
    main = 0
    stores = True
    by_ion = False
    cautious: tuple[int, ...] = ()
    swapped: tuple[int, int] | None = None

    def xi(self, fields: Any) -> Value:
        """The metal fraction."""
        return fields[XI]

    def initial(self, points: Array) -> Array:
        made = np.zeros((len(points), self.fields))
        made[:, C], made[:, XI] = 1.0, self.start
        return made

    def conserved(self, fields: Any) -> Value:
        return ufl.as_vector([chen.cations(self.law, self.scales, fields), fields[XI]])

    def followed(self, unknowns: Array) -> Array:
        """What the error of a time step is measured by at nodes, as with `Growing`."""
        xi = unknowns[:, XI]
        return SHARE * np.column_stack([(1 - xi) * unknowns[:, C], xi])

    def values(self, unknowns: Array) -> Array:
        """c/c0; not a number in the metal."""
        return np.where(unknowns[:, [XI]] > 0.5, np.nan, unknowns[:, [C]])

    def reactant(self, fields: Any) -> Value:
        return fields[C]

    def measured_potential(self, fields: Any) -> Value:
        return fields[PHI]

    def volume(self, measures: Measures, fields: Any, tests: Any, rate_of: RateOf) -> ufl.Form:
        return chen.volume(measures, self.law, self.scales, fields, tests, rate_of)

    def contact_current(self, surface: Surface, fields: Any) -> Value:
        """Current density into the volume through the contact of an electrode."""
        conductance = CONTACT * self.law.liquid_conductivity / self.scales.conductivity
        return conductance * (surface.potential - fields[PHI])

    def front_current(self, fields: Any) -> Value:
        """Current density of a slow plain front in these fields, anodic positive."""
        law, scales = self.law, self.scales
        speed = law.front_speed(chen.overpotential(law, scales, fields), fields[C])
        return -self.charge_per_volume * speed * scales.time / scales.length

    @property
    def charge_per_volume(self) -> Value:
        """Scaled charge of the metal per scaled volume."""
        return self.law.charge / self.scales.equivalents * chen.sites_ratio(self.law, self.scales)

    def partial_currents(self, surface: Surface, fields: Any) -> list[Value]:
        return [self.contact_current(surface, fields)]

    def charging_current(self, surface: Surface, rate_of: RateOf) -> Value | None:
        return None

    def inflow(self, surface: Surface, fields: Any, tests: Any, rate_of: RateOf) -> Value:
        return self.delivered(surface, self.partial_currents(surface, fields), tests)

    def delivered(self, surface: Surface, partial: Sequence[Value], tests: Any) -> Value:
        return sum(partial) * tests[PHI]

    def overpotential(self, surface: Surface, fields: Any) -> Value:
        return chen.overpotential(self.law, self.scales, fields)

    def at_electrode(self, surface: Surface, fields: Any) -> dict[str, tuple[Value, float]]:
        return {}

    def released(self, ion: str, reaction: Reaction) -> float:
        """None: cations are counted together with the metal that they become."""
        return 0.0

    def amounts(self, fields: Any) -> dict[str, Value]:
        return {CATIONS: chen.cations(self.law, self.scales, fields), METAL: fields[XI]}

    def production(self, fields: Any) -> dict[str, Value]:
        return {}

    def entering(self, fields: Any) -> dict[str, Value]:
        return {}

    def reservoir(self) -> Sequence[tuple[int, float]]:
        return [(C, 1.0)]

    def refresh(self) -> None:
        return None


@dataclass
class ChenFront:
    """The working electrode: its current is that of the metal that grows, not that of its contact."""

    formulation: ChenSalt
    surface: Surface
    measures: Measures
    state: fem.Function
    rate_of: RateOf

    def _over(self, density: Value) -> ufl.Form:
        return self.measures.surface(density, self.surface.tag)

    def delivery(self, tests: Any) -> ufl.Form:
        return self._over(self.formulation.inflow(self.surface, self.state, tests, self.rate_of))

    def densities(self) -> dict[str, Value]:
        """Of a slow plain front in the fields of each point."""
        (reaction,) = self.surface.reactions
        return {reaction.name: self.formulation.front_current(self.state)}

    def currents(self) -> dict[str, ufl.Form]:
        grown = self.rate_of(lambda past, metal: past[XI])
        (reaction,) = self.surface.reactions
        return {reaction.name: self.measures.volume(-self.formulation.charge_per_volume * grown)}

    def charging(self) -> ufl.Form | None:
        return None

    def by_potential(self, tests: Any) -> tuple[ufl.Form, ufl.Form]:
        contact = self.formulation.inflow(self.surface, self.state, tests, self.rate_of)
        none = fem.Constant(self.measures.domain, 0.0)
        return self._over(ufl.diff(contact, self.surface.potential)), self._over(none)

"""A binary salt, or a reactant in excess supporting electrolyte: `electroneutral` and `ohmic`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl

from thincell.geometry.tags import Tag
from thincell.model import electroneutral, ohmic
from thincell.model.electrolyte import Electrolyte
from thincell.model.electroneutral import POSITIVE, Salt
from thincell.model.flow import Flow
from thincell.model.measures import Measures
from thincell.model.ops import Value, ln
from thincell.model.reactions import Reaction
from thincell.model.terms import Medium, Pair, Surface, partial_currents
from thincell.studies.formulation.base import Array, RateOf
from thincell.studies.formulation.diffuse import Diffuse

CATIONS = "cations"


def everywhere(fields: Any) -> Value:
    """Share of the volume that is not taken up by a deposit, where there is none."""
    return 1.0


@dataclass
class BinarySalt:
    """Concentrated-solution theory of one salt (`model.electroneutral`); unknowns (y, psi).

    ``salt`` says what y is, ``liquid`` of the fields the share of the volume that a deposit leaves; ``flow``
    carries the salt (`model.flow`).
    """

    electrolyte: Electrolyte
    medium: Medium
    diffuse: Diffuse | None = None
    salt: Salt = POSITIVE
    liquid: Callable[[Any], Value] = everywhere
    flow: Flow | None = None

    fields = 2
    ions: tuple[str, ...] = (CATIONS,)
    main = 0
    stores = True
    by_ion = False
    cautious: tuple[int, ...] = ()

    def initial(self, points: Array) -> Array:
        return np.tile([self.salt.unknown(1.0), 0.0], (len(points), 1))

    def conserved(self, fields: Any) -> Value:
        return self.salt.stored(fields)

    def values(self, unknowns: Array) -> Array:
        return np.array(self.salt.stored(unknowns.T)).reshape(-1, 1)

    def with_values(self, unknowns: Array, values: Array) -> Array:
        """The unknowns with other concentrations c/c0, shape (nodes, 1)."""
        return np.column_stack([self.salt.unknown(values[:, 0]), unknowns[:, 1:]])

    def reactant(self, fields: Any) -> Value:
        return self.salt.concentration(fields)

    def measured_potential(self, fields: Any) -> Value:
        return electroneutral.potential(self.salt, fields, self.electrolyte)

    def volume(self, measures: Measures, fields: Any, tests: Any, rate_of: RateOf) -> ufl.Form:
        rate = rate_of(lambda past, metal: self.liquid(past) * self.conserved(past))
        still = electroneutral.volume(measures, self.medium, self.salt, fields, tests, rate)
        if self.flow is None:
            return still
        return still + self.flow.carried(
            measures, self.medium, self.salt, fields, tests[0], rate, int(Tag.OUTLET)
        )

    def over_area(self, measures: Measures, fields: Any, tests: Any) -> Any:
        if self.flow is None:
            return tests
        more = self.flow.upwind(measures, self.medium, tests[0])
        share = self.medium.transference(self.salt.concentration(fields))
        return ufl.as_vector((tests[0] + more, tests[1] - share * more))

    def partial_currents(self, surface: Surface, fields: Any) -> list[Value]:
        zeta = 0.0 if self.diffuse is None else self.diffuse.zeta(surface, fields)
        return partial_currents(
            surface, self.medium, self.measured_potential(fields), _pair(self.salt, fields), zeta
        )

    def charging_current(self, surface: Surface, rate_of: RateOf) -> Value | None:
        return None

    def inflow(self, surface: Surface, fields: Any, tests: Any, rate_of: RateOf) -> Value:
        return self.delivered(surface, self.partial_currents(surface, fields), tests)

    def delivered(self, surface: Surface, partial: Sequence[Value], tests: Any) -> Value:
        shares = [r.cations_per_charge(self.electrolyte) for r in surface.reactions]
        cations = sum(share * j for share, j in zip(shares, partial, strict=True))
        return cations * tests[0] + sum(partial) * tests[1]

    def across(self, fields: Any) -> list[list[Value]]:
        """B of `model.averaging`: (y, psi) at the floor less averages, per flux of cations and charge."""
        c, m = self.salt.concentration(fields), self.medium
        salt = 1 / (m.diffusivity(c) * self.salt.slope(fields))
        coupled = m.excess(c) * self.salt.slope(fields) / (c + m.background)
        share = m.transference(c)
        ohm = 1 / m.conductivity(c)
        return [[salt, -share * salt], [-coupled * salt, ohm + coupled * share * salt]]

    def overpotential(self, surface: Surface, fields: Any) -> Value:
        return _overpotential(surface, self.measured_potential(fields), self.medium)

    def at_electrode(self, surface: Surface, fields: Any) -> dict[str, tuple[Value, float]]:
        return {} if self.diffuse is None else self.diffuse.results(surface, fields)

    def released(self, ion: str, reaction: Reaction) -> float:
        return reaction.cations_per_charge(self.electrolyte)

    def amounts(self, fields: Any) -> dict[str, Value]:
        stored = self.liquid(fields) * self.salt.stored(fields)
        return {CATIONS: self.medium.porosity * stored}

    def production(self, fields: Any) -> dict[str, Value]:
        return {}

    def entering(self, fields: Any) -> dict[str, Value]:
        return {}

    def leaving(self, fields: Any) -> dict[str, Value]:
        return {} if self.flow is None else {CATIONS: self.flow.leaving(self.salt, fields)}

    def reservoir(self) -> Sequence[tuple[int, float]]:
        return [(0, float(self.salt.unknown(1.0)))]

    def refresh(self) -> None:
        if self.diffuse is not None:
            self.diffuse.refresh()


def outside(electrolyte: Electrolyte, ratio: float) -> Any:
    """What `Diffuse` asks: the inner potential and the ions' concentrations, from (y, psi).

    The inner potential is that which a reference electrode of the metal would measure at the reference
    concentration c_ref: phi = Phi - ln(c/c_ref)/z+; ``ratio`` is c0/c_ref.
    """
    salt, unknowns = electrolyte.salt, POSITIVE

    def of(fields: Any) -> tuple[Value, list[Value]]:
        c, log_c = _pair(unknowns, fields)
        measured = electroneutral.potential(unknowns, fields, electrolyte)
        phi = measured - (log_c + ln(ratio)) / salt.cation_charge
        return phi, [salt.cation_number * c, salt.anion_number * c]

    return of


def _pair(salt: Salt, fields: Any) -> Pair:
    return salt.concentration(fields), salt.log_concentration(fields)


def _overpotential(surface: Surface, phi: Value, medium: Medium) -> Value:
    """E - Phi - U of the first reaction."""
    return surface.potential - phi - surface.reactions[0].equilibrium_potential / medium.scales.potential


@dataclass
class Ohmic:
    """Ohm's law at uniform concentration (`model.ohmic`); the unknown is Phi."""

    electrolyte: Electrolyte
    medium: Medium

    fields = 1
    ions: tuple[str, ...] = ()
    main = 0
    stores = False
    by_ion = False
    cautious: tuple[int, ...] = ()

    def initial(self, points: Array) -> Array:
        return np.zeros((len(points), 1))

    def conserved(self, fields: Any) -> Value:
        return 0.0

    def values(self, unknowns: Array) -> Array:
        return np.empty((0, 1))

    def reactant(self, fields: Any) -> Value:
        return 1.0

    def measured_potential(self, fields: Any) -> Value:
        return fields[0]

    def volume(self, measures: Measures, fields: Any, tests: Any, rate_of: RateOf) -> ufl.Form:
        return ohmic.volume(measures, self.medium, fields, tests)

    def partial_currents(self, surface: Surface, fields: Any) -> list[Value]:
        return partial_currents(surface, self.medium, fields[0], (1.0, 0.0))

    def charging_current(self, surface: Surface, rate_of: RateOf) -> Value | None:
        return None

    def inflow(self, surface: Surface, fields: Any, tests: Any, rate_of: RateOf) -> Value:
        return self.delivered(surface, self.partial_currents(surface, fields), tests)

    def delivered(self, surface: Surface, partial: Sequence[Value], tests: Any) -> Value:
        return sum(partial) * tests[0]

    def over_area(self, measures: Measures, fields: Any, tests: Any) -> Any:
        return tests

    def across(self, fields: Any) -> list[list[Value]]:
        """B of `model.averaging`: Phi at the floor less its average, per current."""
        return [[1 / self.medium.conductivity(1.0)]]

    def overpotential(self, surface: Surface, fields: Any) -> Value:
        return _overpotential(surface, fields[0], self.medium)

    def at_electrode(self, surface: Surface, fields: Any) -> dict[str, tuple[Value, float]]:
        return {}

    def released(self, ion: str, reaction: Reaction) -> float:
        return 0.0

    def amounts(self, fields: Any) -> dict[str, Value]:
        return {}

    def production(self, fields: Any) -> dict[str, Value]:
        return {}

    def entering(self, fields: Any) -> dict[str, Value]:
        return {}

    def reservoir(self) -> Sequence[tuple[int, float]]:
        return []

    def refresh(self) -> None:
        return None

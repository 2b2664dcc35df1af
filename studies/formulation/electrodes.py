"""Where the reactions of an electrode happen, and the integrals over that place.

A plain electrode is a tagged boundary. One that carries a deposit is the diffuse front of the metal
wherever it is, and what is still bare of the boundary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import ufl
from dolfinx import fem

from thincell.model import averaging, deposit
from thincell.model.measures import Measures, PlanMeasures
from thincell.model.ops import Value
from thincell.model.reactions import Reaction
from thincell.model.terms import Surface
from thincell.studies.formulation.base import Averageable, Formulation, RateOf
from thincell.studies.formulation.growing import Growing


class Electrode(Protocol):
    """The integrals that a problem needs of an electrode."""

    surface: Surface

    def delivery(self, tests: Any) -> ufl.Form:
        """What the electrode delivers to every balance, tested."""

    def currents(self) -> dict[str, ufl.Form]:
        """Anodic-positive current of each reaction."""

    def densities(self) -> dict[str, Value]:
        """Anodic-positive current density of each reaction, where they happen."""

    def charging(self) -> ufl.Form | None:
        """Current that charges its double layer; None when there is none."""

    def by_potential(self, tests: Any) -> tuple[ufl.Form, ufl.Form]:
        """Derivatives of ``delivery`` and of the whole current by the potential of the metal."""


@dataclass
class Boundary:
    """An electrode that is a tagged boundary."""

    formulation: Formulation
    surface: Surface
    measures: Measures
    state: fem.Function
    rate_of: RateOf

    def _over(self, density: Value) -> ufl.Form:
        return self.measures.surface(density, self.surface.tag)

    def delivery(self, tests: Any) -> ufl.Form:
        return self._over(self.formulation.inflow(self.surface, self.state, tests, self.rate_of))

    def densities(self) -> dict[str, Value]:
        partial = self.formulation.partial_currents(self.surface, self.state)
        return {r.name: j for r, j in zip(self.surface.reactions, partial, strict=True)}

    def currents(self) -> dict[str, ufl.Form]:
        return {name: self._over(j) for name, j in self.densities().items()}

    def charging(self) -> ufl.Form | None:
        density = self.formulation.charging_current(self.surface, self.rate_of)
        return None if density is None else self._over(density)

    def by_potential(self, tests: Any) -> tuple[ufl.Form, ufl.Form]:
        metal = self.surface.potential
        delivered = self.formulation.inflow(self.surface, self.state, tests, self.rate_of)
        density = sum(self.formulation.partial_currents(self.surface, self.state))
        charging = self.formulation.charging_current(self.surface, self.rate_of)
        whole = density if charging is None else density + charging
        return self._over(ufl.diff(delivered, metal)), self._over(ufl.diff(whole, metal))


@dataclass
class Area:
    """An electrode seen from above: an area of the floor, under a layer averaged over its height.

    The fields at the floor follow from the averages by `model.averaging`; there is no double layer.
    """

    formulation: Averageable
    surface: Surface
    measures: PlanMeasures
    state: fem.Function

    def densities(self) -> dict[str, Value]:
        m, reactions = self.formulation, self.surface.reactions
        zero = fem.Constant(self.measures.domain, 0.0)
        shifts = [ufl.variable(zero) for _ in range(m.fields)]
        fields = ufl.as_vector([self.state[k] + shift for k, shift in enumerate(shifts)])
        found = m.partial_currents(self.surface, fields)
        slopes = [[ufl.diff(j, shift) for shift in shifts] for j in found]
        fluxes = [self._delivered(reaction) for reaction in reactions]
        across = m.across(self.state)
        made = averaging.corrected(found, slopes, fluxes, across, self.measures.depth)
        return {r.name: j for r, j in zip(reactions, made, strict=True)}

    def _delivered(self, reaction: Reaction) -> list[Value]:
        """What a unit of current of a reaction delivers to each balance."""
        single = Surface(self.surface.tag, self.surface.potential, (reaction,))
        units = np.eye(self.formulation.fields)
        return [self.formulation.delivered(single, [1.0], row) for row in units]

    def _over(self, density: Value) -> ufl.Form:
        return self.measures.surface(density, self.surface.tag)

    def delivery(self, tests: Any) -> ufl.Form:
        partial = list(self.densities().values())
        return self._over(self.formulation.delivered(self.surface, partial, self._tests(tests)))

    def _tests(self, tests: Any) -> Any:
        return self.formulation.over_area(self.measures, self.state, tests)

    def currents(self) -> dict[str, ufl.Form]:
        return {name: self._over(j) for name, j in self.densities().items()}

    def charging(self) -> ufl.Form | None:
        return None

    def by_potential(self, tests: Any) -> tuple[ufl.Form, ufl.Form]:
        partial = list(self.densities().values())
        delivered = self.formulation.delivered(self.surface, partial, self._tests(tests))
        metal = self.surface.potential
        return self._over(ufl.diff(delivered, metal)), self._over(ufl.diff(sum(partial), metal))


class Film(Protocol):
    """A resistance in series with plating, at the nodes: R and the potential u_0 across it."""

    resistance: fem.Function
    drop: fem.Function


@dataclass
class Front:
    """An electrode under a growing deposit.

    ``metal`` is the front with all reactions, at the metal's local potential; on the bare boundary
    ``surface`` those that plate nothing happen too. ``rate`` is the factor A of the plating reactions,
    ``gamma`` the function Gamma(n) of the surface energy, ``slopes`` holds dj/deta of every plating
    reaction at the nodes, ``volumes`` the scaled volume of metal per charge of each. ``connected`` is 1 on
    metal in contact with the electrode, 0 on floating metal, and ``alive`` a factor on all rates.
    """

    formulation: Growing
    metal: Surface
    surface: Surface
    measures: Measures
    state: fem.Function
    rate: Value
    gamma: Any
    slopes: dict[str, fem.Function]
    volumes: dict[str, fem.Constant]
    connected: Value
    alive: Value = 1.0
    film: Film | None = None

    def densities(self) -> dict[str, Value]:
        """A j of every reaction on the metal."""
        partial = self.formulation.partial_currents(self.metal, self._fields())
        found: dict[str, Value] = {}
        for reaction, j in zip(self.metal.reactions, partial, strict=True):
            plating = self._plating(reaction)
            through = self._through_film(reaction, j) if plating else j
            found[reaction.name] = (self.rate if plating else 1.0) * through
        return found

    def _fields(self) -> Any:
        return self.formulation.front_fields(self.state)

    def _through_film(self, reaction: Reaction, bare: Value) -> Value:
        """j behind a film: see `growth.interphase`."""
        if self.film is None:
            return bare
        metal = self.metal.potential
        surface = Surface(self.metal.tag, metal - self.film.drop, (reaction,))
        (here,) = self.formulation.partial_currents(surface, self._fields())
        slope = ufl.diff(here, metal)
        return (here + slope * self.film.drop) / (1 + self.film.resistance * slope)

    def _plating(self, reaction: Reaction) -> bool:
        return reaction.name in self.volumes

    def _bare(self) -> Surface:
        """The uncovered boundary, with the reactions that plate nothing."""
        others = tuple(r for r in self.surface.reactions if not self._plating(r))
        return Surface(self.surface.tag, self.surface.potential, others)

    def rates(self) -> dict[str, Value]:
        """a A j of every reaction."""
        area = self.alive * self.formulation.area_density(self.state)
        return {name: area * j for name, j in self.densities().items()}

    def tested(self, reaction: Reaction, tests: Any) -> Value:
        """What a unit current of a reaction delivers to all balances."""
        single = Surface(self.metal.tag, self.metal.potential, (reaction,))
        whole = self.formulation.delivered(single, [1.0], tests)
        if not self._plating(reaction):
            return whole
        share = self.volumes[reaction.name] / self.formulation.unit
        return whole - share * tests[self.formulation.inner.fields]

    def _integrand(self, reaction: Reaction, rate: Value, test: Value) -> Value:
        """R_r, tested."""
        if not self._plating(reaction):
            return rate * test
        m = self.formulation
        weighted = self.alive * self.slopes[reaction.name] * test / reaction.electrons
        shape = deposit.capillarity(
            m.xi(self.state), m.normal, m.interface.thickness, self.gamma, weighted
        )
        return rate * test + shape

    def delivery(self, tests: Any) -> ufl.Form:
        found = [
            self.measures.volume(self._integrand(r, rate, self.tested(r, tests)))
            for r, rate in zip(self.metal.reactions, self.rates().values(), strict=True)
        ]
        bare = self._bare()
        if bare.reactions:
            partial = self._bare_currents(bare)
            found.append(self._over(self.formulation.delivered(bare, partial, tests)))
        return sum(found[1:], found[0])

    def _over(self, density: Value) -> ufl.Form:
        return self.measures.surface(density, self.surface.tag)

    def _bare_currents(self, bare: Surface) -> list[Value]:
        """Current densities of the other reactions times the share of the boundary that is bare."""
        share = deposit.unreacted(self.formulation.xi(self.state))
        return [share * j for j in self.formulation.partial_currents(bare, self.state)]

    def current_of(self, indicator: Value) -> ufl.Form:
        """Net current of all reactions on the metal where ``indicator`` is 1."""
        rates = self.rates()
        return self.measures.volume(
            sum(self._integrand(r, rates[r.name], indicator) for r in self.metal.reactions)
        )

    def currents(self) -> dict[str, ufl.Form]:
        one = fem.Constant(self.measures.domain, 1.0)
        found = {
            r.name: self.measures.volume(self._integrand(r, rate, one))
            for r, rate in zip(self.metal.reactions, self.rates().values(), strict=True)
        }
        bare = self._bare()
        for r, j in zip(bare.reactions, self._bare_currents(bare), strict=True):
            found[r.name] += self._over(j)
        return found

    def charging(self) -> ufl.Form | None:
        return None

    def slope(self, tests: Any, weight: Value) -> tuple[ufl.Form, ufl.Form]:
        """Derivatives of delivery and current by the metal's potential where ``weight`` is 1."""
        metal, delivered, current = self.metal.potential, [], []
        for reaction, rate in zip(self.metal.reactions, self.rates().values(), strict=True):
            slope = weight * ufl.diff(rate, metal)
            delivered.append(self.measures.volume(slope * self.tested(reaction, tests)))
            current.append(self.measures.volume(slope))
        return sum(delivered[1:], delivered[0]), sum(current[1:], current[0])

    def by_potential(self, tests: Any) -> tuple[ufl.Form, ufl.Form]:
        delivered, current = self.slope(tests, self.connected)
        bare = self._bare()
        if bare.reactions:
            slopes = [ufl.diff(j, self.surface.potential) for j in self._bare_currents(bare)]
            delivered += self._over(self.formulation.delivered(bare, slopes, tests))
            current += self._over(sum(slopes))
        return delivered, current

"""The deposit of a problem after Chen et al. 2015: for comparison with the literature only."""

from __future__ import annotations

from typing import Any

import numpy as np
from dolfinx import fem

from thincell.model.chen import ChenDeposit
from thincell.model.ops import ln
from thincell.studies.expressions import bare
from thincell.studies.formulation.chen import ChenSalt
from thincell.studies.growth.beginning import metal_fraction
from thincell.studies.growth.deposit import Deposit
from thincell.studies.growth.groups import plating, surface_energy
from thincell.studies.growth.nodal import NodalMeans
from thincell.studies.schema.case import Case
from thincell.studies.schema.deposit_chen import ChenTable


def law_of(case: Case) -> ChenDeposit:
    """kappa and W from delta and the surface energy, L_e from i0 at c0, the rest from case and table."""
    assert case.deposit is not None
    table, reaction = case.deposit.chen or ChenTable(), plating(case)
    electrolyte = case.electrolyte.build()
    c0, delta, gamma = electrolyte.concentration, case.deposit.interface, surface_energy(case)
    kinetics: Any = reaction.kinetics
    conductivity: float | None = table.conductivity
    diffusivity = table.diffusivity or float(electrolyte.salt_diffusivity(c0))
    law = ChenDeposit(
        mobility=table.mobility,
        gradient=6 * gamma * delta,
        barrier=3 * gamma / delta,
        transfer=kinetics.cathodic / reaction.electrons,
        equilibrium_potential=reaction.equilibrium_potential,
        sites=1 / float(reaction.molar_volume or 0.0),
        liquid_diffusivity=diffusivity,
        metal_diffusivity=table.metal_diffusivity * diffusivity,
        liquid_conductivity=conductivity or float(electrolyte.ionic_conductivity(c0)),
        metal_conductivity=table.metal_conductivity,
        charge=reaction.electrons,
    )
    return law.with_exchange_current_density(
        float(reaction.exchange(ln(c0 / reaction.exchange.reference)))
    )


class Whole:
    """Stands for the pieces of metal that float, of which this model knows none."""

    values: tuple[float, ...] = ()

    def __init__(self, nodes: int) -> None:
        self.labels = np.zeros(nodes, dtype=np.int32)

    def set_bodies(self, labels: np.ndarray, potentials: Any) -> None:
        """Metal without contact gets no potential of its own."""


class ChenMetal(Deposit):
    """A deposit without lagged coefficients, floating pieces, noise or film: only xi is to be known."""

    growing: Any

    def grow(self, inner: Any) -> Any:
        """The formulation, which takes the place of the inner one."""
        law = law_of(self._case)
        start = metal_fraction(self.table, self.ground, self.points)
        self.growing = ChenSalt(law.on(self.domain), self.scales.on(self.domain), start)
        self._means = NodalMeans(self.scalars)
        self._velocity = fem.Function(self.scalars, name="velocity")
        speed = -self.growing.front_current(self.state) / self.growing.charge_per_volume
        self._speed = self._means.compiled(bare(speed))
        self.pieces: Any = Whole(len(self.points))
        return self.growing

    @property
    def islands(self) -> None:
        """All metal is at the one potential, in contact or not."""
        return None

    def prepare(self, states: list[np.ndarray], ratio: float | None, time: float) -> None:
        """Nothing is lagged."""

    def _refresh(self, time: float) -> None:
        """Rates depend on the state alone."""

    def along(self, others: list[Any]) -> list[Any]:
        """Current density of a slow plain front, and other expressions, at the nodes."""
        return [bare(self.growing.front_current(self.state)), *(bare(e) for e in others)]

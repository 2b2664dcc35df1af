r"""Weak terms of transport, one plain function each, all in scaled units (see `scales`).

Sign: every term stands on the left-hand side of "sum of terms = 0". Fluxes and currents point out
of the electrolyte along the normal n; an electrode that delivers an anodic current density j has
i.n = -j and N+.n = -s j, with s cations per charge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ufl

from thincell.model.electrolyte import Electrolyte
from thincell.model.measures import Measures
from thincell.model.ops import Value
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales

Pair = tuple[Value, Value]
"""(c/c0, ln(c/c0))."""


@dataclass(frozen=True)
class Medium:
    """What the electrolyte is and what it fills, with every number a fem.Constant.

    ``porosity`` is the liquid's share of the volume and ``transport`` the factor on D and kappa
    (porosity^b in a separator); both are 1 in a free layer. ``background`` is a residual
    concentration of mobile ions, relative to c0, that keeps the equations determined where the salt
    has run out.
    """

    electrolyte: Electrolyte
    scales: Scales
    porosity: Any
    transport: Any
    background: Any

    def conductivity(self, c: Value) -> Value:
        """kappa, with the factor of the medium."""
        concentration = (c + self.background) * self.scales.concentration
        kappa = self.electrolyte.ionic_conductivity(concentration) / self.scales.conductivity
        return self.transport * kappa

    def excess(self, c: Value) -> Value:
        """chi_0 - chi."""
        concentration = (c + self.background) * self.scales.concentration
        chi = self.electrolyte.diffusion_potential_factor(concentration)
        return self.electrolyte.potential_shift() - chi

    def diffusivity(self, c: Value) -> Value:
        """D, with the factor of the medium."""
        concentration = (c + self.background) * self.scales.concentration
        d = self.electrolyte.salt_diffusivity(concentration) / self.scales.diffusivity
        return self.transport * d

    def transference(self, c: Value) -> Value:
        """t+."""
        concentration = (c + self.background) * self.scales.concentration
        return self.electrolyte.cation_transference(concentration)

    def current(self, c: Value, slope: Value, psi: Value) -> Value:
        r"""i = -kappa [grad psi + (chi_0 - chi) grad ln c]; ``slope`` is grad c."""
        ohmic = self.conductivity(c) * ufl.grad(psi)
        diffusion = self.conductivity(c) / (c + self.background) * self.excess(c) * slope
        return -ohmic - diffusion

    def cation_flux(self, c: Value, slope: Value, psi: Value) -> Value:
        r"""N+ = -D grad c + t+ i; ``slope`` is grad c."""
        return -self.diffusivity(c) * slope + self.transference(c) * self.current(c, slope, psi)


def divergence(measures: Measures, flux: Value, test: Value) -> ufl.Form:
    r"""-int flux . grad(test): the volume part of a conservation law integrated by parts."""
    return -measures.volume(ufl.inner(flux, ufl.grad(test)))


def storage(measures: Measures, rate: Value, test: Value) -> ufl.Form:
    r"""int rate test: what is stored per unit time."""
    return measures.volume(rate * test)


def inflow(measures: Measures, density: Value, tag: int) -> ufl.Form:
    r"""-int density over a boundary that delivers ``density`` (tested) to the electrolyte."""
    return -measures.surface(density, tag)


@dataclass(frozen=True)
class Surface:
    """Metal of one electrode: its tag, its potential (RT/F) and the reactions on it."""

    tag: int
    potential: Any
    reactions: tuple[Reaction, ...]


def partial_currents(
    surface: Surface, medium: Medium, phi: Value, c: Pair, zeta: Value = 0.0
) -> list[Value]:
    """Anodic-positive current density of each reaction, scaled; ``zeta`` of the diffuse layer."""
    e, s = medium.electrolyte, medium.scales
    return [r.current_density(surface.potential, phi, c, e, s, zeta) for r in surface.reactions]

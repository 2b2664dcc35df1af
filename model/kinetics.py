r"""Electrode kinetics: current density as a function of overpotential.

Sign: anodic positive. The overpotential enters as eta = F (E - Phi - U) / RT, dimensionless, and
the transfer coefficients follow Newman: alpha_a + alpha_c = n for a reaction of n electrons with
one rate-determining step.

Every law has ``current_density(eta, exchange)``: current density in the unit of ``exchange``, finite
at any overpotential (exponentials continue as parabolas beyond 60, see `ops.bounded_exp`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

from thincell.model.ops import Law, Value, bounded_exp, sqrt, tanh


class Kinetics(Protocol):
    """A law of electrode kinetics."""

    def current_density(self, eta: Value, exchange: Value) -> Value:
        """Anodic-positive current density in the unit of the exchange current density."""

    def slope_at_equilibrium(self) -> float:
        """d(i/i0)/d(eta) at eta = 0, so that R_ct = RT / (F i0 slope)."""

    def on(self, domain: object) -> Law:
        """The same law with constants of a mesh."""


@dataclass(frozen=True)
class ButlerVolmer(Law):
    r"""i = i0 [exp(alpha_a eta) - exp(-alpha_c eta)].

    Butler 1924, Erdey-Gruz & Volmer 1930; Newman & Thomas-Alyea, Electrochemical Systems, eq. 8.23.
    """

    anodic: float = 0.5
    cathodic: float = 0.5

    def current_density(self, eta: Value, exchange: Value) -> Value:
        return exchange * (self.oxidation(eta) - self.reduction(eta))

    def oxidation(self, eta: Value) -> Value:
        """exp(alpha_a eta)."""
        return bounded_exp(self.anodic * eta)

    def reduction(self, eta: Value) -> Value:
        """exp(-alpha_c eta)."""
        return bounded_exp(-self.cathodic * eta)

    def slope_at_equilibrium(self) -> float:
        return self.anodic + self.cathodic


@dataclass(frozen=True)
class LinearKinetics(Law):
    r"""i = i0 (alpha_a + alpha_c) eta: Butler-Volmer at small overpotential."""

    anodic: float = 0.5
    cathodic: float = 0.5

    def current_density(self, eta: Value, exchange: Value) -> Value:
        return exchange * (self.anodic + self.cathodic) * eta

    def slope_at_equilibrium(self) -> float:
        return self.anodic + self.cathodic


@dataclass(frozen=True)
class Tafel(Law):
    r"""One direction only: i = i0 exp(alpha_a eta) or i = -i0 exp(-alpha_c eta).

    For reactions far from equilibrium such as hydrogen evolution (``direction = "cathodic"``).
    """

    direction: Literal["anodic", "cathodic"] = "cathodic"
    anodic: float = 0.5
    cathodic: float = 0.5

    def current_density(self, eta: Value, exchange: Value) -> Value:
        if self.direction == "anodic":
            return exchange * bounded_exp(self.anodic * eta)
        return -exchange * bounded_exp(-self.cathodic * eta)

    def slope_at_equilibrium(self) -> float:
        return self.anodic if self.direction == "anodic" else self.cathodic


#: Nodes of the trapezoidal rule in `MarcusHushChidsey`, in units of 2 sqrt(lambda). The rule converges
#: exponentially; up to lambda = 40 (1 eV) its error is below 1e-6.
NODES = tuple(0.1 * k for k in range(-60, 61))


@dataclass(frozen=True)
class MarcusHushChidsey(Law):
    r"""Marcus-Hush-Chidsey kinetics: Marcus rates summed over the electrons of the metal.

    With the reorganisation energy lambda in units of kT,

        k(eta) = int exp[-(x - lambda - eta)^2 / (4 lambda)] / (1 + e^x) dx
        i = i0 [k(-eta) - k(eta)] / k(0),          k(-eta)/k(eta) = exp(eta)

    The integral over y = x - lambda - eta is a sum at fixed nodes. The current levels off when |eta|
    exceeds lambda. Chidsey 1991, 10.1126/science.251.4996.919; the closed form of Zeng et al. 2014,
    10.1016/j.jelechem.2014.09.038, was measured to be up to 17 % off in i/i0 and is not used.
    """

    reorganisation: float = 12.0

    def current_density(self, eta: Value, exchange: Value) -> Value:
        lam = self.reorganisation
        net, rest = 0.0, 0.0
        for node in NODES:
            weight, level = math.exp(-(node**2)), lam + 2 * sqrt(lam) * node
            net = net + weight * (tanh((level + eta) / 2) - tanh((level - eta) / 2))
            rest = rest + weight * (1 - tanh(level / 2))
        return exchange * net / rest

    def slope_at_equilibrium(self) -> float:
        return 1.0

r"""Electrode kinetics: current density as a function of overpotential.

Sign: anodic positive. The overpotential enters as eta = F (E - Phi - U) / RT, dimensionless, and
the transfer coefficients follow Newman: alpha_a + alpha_c = n for a reaction of n electrons with
one rate-determining step.

Every law has ``current_density(eta, exchange)``: current density in the unit of ``exchange``, finite
at any overpotential (exponentials continue as parabolas beyond 60, see `ops.bounded_exp`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from thincell.model.ops import Law, Value, bounded_exp, erf, sqrt, tanh


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


@dataclass(frozen=True)
class MarcusHushChidsey(Law):
    r"""Marcus-Hush-Chidsey kinetics in the closed form of Zeng, Smith, Bai & Bazant.

    With the reorganisation energy lambda in units of kT and

        A(eta) = erfc[(lambda - sqrt(1 + sqrt(lambda) + eta^2)) / (2 sqrt(lambda))]

    the rate constants k(eta) = A(eta) / (1 + exp(-eta)) and k(-eta), with k(eta)/k(-eta) = exp(eta),
    give

        i = i0 [k(eta) - k(-eta)] / k(0) = 2 i0 tanh(eta/2) A(eta)/A(0).

    J. Electroanal. Chem. 2014, 735, 77, 10.1016/j.jelechem.2014.09.038; within 5 % of the integral
    over the metal's Fermi sea. The current levels off when |eta| exceeds lambda.
    """

    reorganisation: float = 12.0

    def _overlap(self, eta: Value) -> Value:
        lam = self.reorganisation
        return 1 - erf((lam - sqrt(1 + sqrt(lam) + eta**2)) / (2 * sqrt(lam)))

    def current_density(self, eta: Value, exchange: Value) -> Value:
        overlap = self._overlap(eta) / self._overlap(0.0 * eta)
        return 2 * exchange * tanh(eta / 2) * overlap

    def slope_at_equilibrium(self) -> float:
        return 1.0

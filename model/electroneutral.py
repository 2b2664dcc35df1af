r"""Electroneutral transport of a binary salt: concentrated-solution theory.

In the electrolyte

    porosity dc/dt + div N+ = 0        N+ = -D grad c + t+ i
    div i = 0                          i  = -kappa (grad Phi - chi grad ln c)

with D, kappa, t+ and chi functions of c (see `electrolyte`). Boundary conditions:

| boundary                       | cations             | charge         |
|--------------------------------|---------------------|----------------|
| electrode, reactions r         | N+.n = -sum s_r j_r | i.n = -sum j_r |
| insulator, symmetry, reference | N+.n = 0            | i.n = 0        |
| reservoir (inlet, outlet)      | c = c0              | i.n = 0        |

Unknowns, in one blocked space of second-order elements: y with

    c/c0 = s ln(1 + exp(y/s)),         s = 1e-4,

which is c itself above s and its logarithm below: positive whatever Newton's method tries, and as
smooth as c where the salt runs out at an electrode's edge, where ln c is not; and the potential psi of
the anions, Phi = psi + (RT/F) chi_0 ln c with chi_0 = nu/(z+ nu+), which is constant where the anions
are at rest and so stays regular where Phi falls without bound. The conserved quantity is c: time
stepping acts on it, and salt is conserved to solver tolerance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import ufl

from thincell.model.electrolyte import Electrolyte
from thincell.model.measures import Measures
from thincell.model.ops import Value, log_softplus, softplus
from thincell.model.terms import Medium, divergence, storage

#: c/c0 at which the unknown turns from c to its logarithm.
SOFT = 1e-4

#: The same where reactions see a signed concentration.
SOFT_SIGNED = 1e-3

#: Residual concentration of mobile ions relative to c0; see `terms.Medium`.
BACKGROUND = 1e-9


class Salt(Protocol):
    """What the unknown y is: functions of (y, psi) and their inverse."""

    def concentration(self, fields: Value) -> Value:
        """c/c0, positive."""

    def log_concentration(self, fields: Value) -> Value:
        """ln(c/c0)."""

    def stored(self, fields: Value) -> Value:
        """What the balance of salt counts, in c0."""

    def slope(self, fields: Value) -> Value:
        """d stored/dy."""

    def gradient(self, fields: Value, background: Value) -> Value:
        """The gradient that drives diffusion, in c0."""

    def unknown(self, c: Any) -> Any:
        """y of a concentration c/c0, a number or an array."""


@dataclass(frozen=True)
class Positive:
    """c/c0 = s ln(1 + exp(y/s)): the salt of a cell without a deposit."""

    soft: float = SOFT

    def concentration(self, fields: Value) -> Value:
        return self.soft * softplus(fields[0] / self.soft)

    def log_concentration(self, fields: Value) -> Value:
        return math.log(self.soft) + log_softplus(fields[0] / self.soft)

    def stored(self, fields: Value) -> Value:
        return self.concentration(fields)

    def slope(self, fields: Value) -> Value:
        return 1 / (1 + ufl.exp(-fields[0] / self.soft))

    def gradient(self, fields: Value, background: Value) -> Value:
        return (self.concentration(fields) + background) * ufl.grad(self.log_concentration(fields))

    def unknown(self, c: Any) -> Any:
        return c + self.soft * np.log(-np.expm1(-c / self.soft))


#: The salt of all cells without a deposit.
POSITIVE = Positive()


@dataclass(frozen=True)
class Signed(Positive):
    """y is what is stored and what diffuses; reactions and properties see it softened, hence positive.

    For a diffuse front: the gradient that brings ions to it goes on through the layer, and where the front
    is nearly dry y ends below zero in the metal, where it has no meaning. Kept positive there it would
    have to fall without bound, and nothing would be left that Newton's method could solve.
    """

    soft: float = SOFT_SIGNED

    def stored(self, fields: Value) -> Value:
        return fields[0]

    def slope(self, fields: Value) -> Value:
        return 1.0 + 0 * fields[0]

    def gradient(self, fields: Value, background: Value) -> Value:
        return ufl.grad(fields[0])

    def unknown(self, c: Any) -> Any:
        return c


def potential(salt: Salt, fields: Value, electrolyte: Electrolyte) -> Value:
    """Phi in RT/F from the unknowns (y, psi)."""
    return fields[1] + electrolyte.potential_shift() * salt.log_concentration(fields)


def volume(
    measures: Measures, medium: Medium, salt: Salt, fields: Value, tests: Value, rate: Value
) -> ufl.Form:
    """Cation balance and charge balance in the liquid; ``rate`` is d(c/c0)/dt in scaled time."""
    c, psi = salt.concentration(fields), fields[1]
    slope = salt.gradient(fields, medium.background)
    v, w = tests[0], tests[1]
    return (
        storage(measures, medium.porosity * rate, v)
        + divergence(measures, medium.cation_flux(c, slope, psi), v)
        + divergence(measures, medium.current(c, slope, psi), w)
    )

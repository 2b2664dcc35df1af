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
from typing import Any

import numpy as np
import ufl

from thincell.model.electrolyte import Electrolyte
from thincell.model.measures import Measures
from thincell.model.ops import Value, log_softplus, softplus
from thincell.model.terms import Medium, divergence, storage

#: c/c0 at which the unknown turns from c to its logarithm.
SOFT = 1e-4

#: Residual concentration of mobile ions relative to c0; see `terms.Medium`.
BACKGROUND = 1e-9


def concentration(fields: Value) -> Value:
    """c/c0 from the unknowns (y, psi)."""
    return SOFT * softplus(fields[0] / SOFT)


def log_concentration(fields: Value) -> Value:
    """ln(c/c0) from the unknowns (y, psi)."""
    return math.log(SOFT) + log_softplus(fields[0] / SOFT)


def slope(fields: Value) -> Value:
    """dc/dy, c in c0."""
    return 1 / (1 + ufl.exp(-fields[0] / SOFT))


def unknown(c: Any) -> Any:
    """y of a concentration c/c0, a number or an array."""
    return c + SOFT * np.log(-np.expm1(-c / SOFT))


def potential(fields: Value, electrolyte: Electrolyte) -> Value:
    """Phi in RT/F from the unknowns (y, psi)."""
    return fields[1] + electrolyte.potential_shift() * log_concentration(fields)


def volume(measures: Measures, medium: Medium, fields: Value, tests: Value, rate: Value) -> ufl.Form:
    """Cation balance and charge balance in the liquid; ``rate`` is d(c/c0)/dt in scaled time."""
    c, log_c, psi = concentration(fields), log_concentration(fields), fields[1]
    v, w = tests[0], tests[1]
    return (
        storage(measures, medium.porosity * rate, v)
        + divergence(measures, medium.cation_flux(c, log_c, psi), v)
        + divergence(measures, medium.current(c, log_c, psi), w)
    )

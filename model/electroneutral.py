r"""Electroneutral transport of a binary salt: concentrated-solution theory.

Unknowns u = ln(c/c0) and Phi (RT/F), second-order elements. In the electrolyte

    porosity dc/dt + div N+ = 0        N+ = -D grad c + t+ i
    div i = 0                          i  = -kappa (grad Phi - chi grad ln c)

with D, kappa, t+ and chi functions of c (see `electrolyte`). Boundary conditions:

| boundary                    | cations               | charge        |
|-----------------------------|-----------------------|---------------|
| electrode, reactions r      | N+.n = -sum s_r j_r   | i.n = -sum j_r |
| insulator, symmetry, reference | N+.n = 0           | i.n = 0       |
| reservoir (inlet, outlet)   | c = c0                | i.n = 0       |

The logarithm keeps c positive whatever Newton's method tries. The conserved quantity is c itself:
time stepping acts on it, so salt is conserved to solver tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence

import ufl

from thincell.model.measures import Measures
from thincell.model.ops import Value, exp
from thincell.model.terms import Medium, Surface, divergence, electrode_terms, storage

FIELDS = ("logarithm of concentration", "electrolyte potential")


def concentration(fields: Value) -> Value:
    """c/c0 from the blocked unknown (ln c, Phi)."""
    return exp(fields[0])


def potential(fields: Value) -> Value:
    """Phi in RT/F from the blocked unknown (ln c, Phi)."""
    return fields[1]


def residual(
    measures: Measures,
    medium: Medium,
    surfaces: Sequence[Surface],
    fields: Value,
    tests: Value,
    rate: Value,
) -> ufl.Form:
    """Cation balance and charge balance; ``rate`` is d(c/c0)/dt in scaled time."""
    c, log_c, phi = concentration(fields), fields[0], fields[1]
    v, w = tests[0], tests[1]
    return (
        storage(measures, medium.porosity * rate, v)
        + divergence(measures, medium.cation_flux(c, log_c, phi), v)
        + divergence(measures, medium.current(c, log_c, phi), w)
        + electrode_terms(measures, medium, surfaces, (c, phi), (v, w))
    )

r"""Ohm's law in an electrolyte of uniform concentration.

Unknown Phi (RT/F). div i = 0, i = -kappa grad Phi. *Secondary* distribution: i.n = -sum j_r(Phi) on
the electrodes. *Primary* distribution: Phi equals the potential of the metal (kinetics infinitely
fast); the current then follows from the residual, never from a differentiated field.
"""

from __future__ import annotations

from collections.abc import Sequence

import ufl

from thincell.model.electrolyte import Electrolyte
from thincell.model.measures import Measures
from thincell.model.ops import Value
from thincell.model.terms import Medium, Surface, divergence, electrode_terms

FIELDS = ("electrolyte potential",)


def concentration(fields: Value) -> Value:
    """c/c0 = 1 everywhere."""
    return 1.0


def log_concentration(fields: Value) -> Value:
    """ln(c/c0) = 0 everywhere."""
    return 0.0


def potential(fields: Value, electrolyte: Electrolyte) -> Value:
    """Phi in RT/F."""
    return fields[0]


def residual(
    measures: Measures,
    medium: Medium,
    surfaces: Sequence[Surface],
    fields: Value,
    tests: Value,
) -> ufl.Form:
    """Charge balance."""
    phi = fields[0]
    kappa = medium.electrolyte.ionic_conductivity(medium.scales.concentration)
    current = -medium.transport * kappa / medium.scales.conductivity * ufl.grad(phi)
    return divergence(measures, current, tests[0]) + electrode_terms(
        measures, medium, surfaces, ((1.0, 0.0), phi), (None, tests[0])
    )

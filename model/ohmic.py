r"""Ohm's law in an electrolyte of uniform concentration.

Unknown Phi (RT/F). div i = 0, i = -kappa grad Phi. *Secondary* distribution: i.n = -sum j_r(Phi) on
the electrodes. *Primary* distribution: Phi equals the potential of the metal (kinetics infinitely
fast); the current then follows from the residual, never from a differentiated field.
"""

from __future__ import annotations

import ufl

from thincell.model.measures import Measures
from thincell.model.ops import Value
from thincell.model.terms import Medium, divergence


def volume(measures: Measures, medium: Medium, fields: Value, tests: Value) -> ufl.Form:
    """Charge balance in the liquid; the only field is Phi in RT/F."""
    kappa = medium.electrolyte.ionic_conductivity(medium.scales.concentration)
    current = -medium.transport * kappa / medium.scales.conductivity * ufl.grad(fields[0])
    return divergence(measures, current, tests[0])

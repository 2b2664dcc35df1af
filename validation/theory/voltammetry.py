"""Cyclic voltammetry of a reversible soluble couple in a layer of height h under a sealed lid.

Thin layer: peak current z^2 F^2 nu h c/(4RT), proportional to h. Thick layer: Randles-Sevcik. Between
them the exact convolution. H = h sqrt(F nu/(RT D)).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from thincell.studies import names
from thincell.validation.rows import Row, books
from thincell.validation.theory import exact
from thincell.validation.theory.cases import FARADAY, THERMAL_VOLTAGE, column, solve

DIFFUSIVITY, CONCENTRATION, RATE = 8e-10, 1.0, 0.1
UNIT = np.sqrt(DIFFUSIVITY * THERMAL_VOLTAGE / RATE)  # height for H = 1 [m]


def case(height: float) -> dict[str, Any]:
    """A one-dimensional layer; the counter electrode is ideal and releases nothing that diffuses."""
    return {
        "cell": column(height),
        "electrolyte": {
            "name": "RuNH3-KCl-aq",
            "concentration": f"{CONCENTRATION!r} mol/m^3",
            "concentration_range": ["0 mol/L", "1 mol/L"],
            "diffusivity": f"{DIFFUSIVITY!r} m^2/s",
            "conductivity": "10 S/m",
            "temperature": "298.15 K",
        },
        "reactions": {
            "couple": {
                "name": "RuNH3",
                "electrodes": ["working"],
            },
            "ideal": {"name": "ideal-counter"},
        },
        "protocol": [{"sweep": {"vertices": ["0.25 V", "-0.2 V"], "rate": f"{RATE} V/s"}}],
        "output": {"every": "4.5 s"},
        "mesh": {"columns": 1, "layers": 24, "edge": 2e-3, "growth": 1.3},
        "solver": {"tolerance": 1e-5},
    }


def rows() -> Iterator[Row]:
    """Peak currents for thin, intermediate and thick layers, and their limits."""
    for scaled in (0.05, 0.1, 1.0, 3.0, 20.0):
        height = float(scaled * UNIT)
        run = solve(case(height))
        wave = run.history[names.POTENTIAL.name] < 0.1  # past the step to the first potential
        peak = float(-np.min(run.history[names.CURRENT_DENSITY.name][wave]))
        wanted = exact.peak_current(RATE, DIFFUSIVITY, CONCENTRATION, height)
        label = f"reversible couple, H = {scaled:g}"
        yield Row(label, "peak current [A/m2]", peak, wanted, 1e-2)
        if scaled <= 0.1:
            thin = FARADAY * RATE * height * CONCENTRATION / (4 * THERMAL_VOLTAGE)
            yield Row(label, "against the thin layer", peak, thin, 1e-2)
        if scaled >= 20:
            thick = 0.446295 * FARADAY * CONCENTRATION * DIFFUSIVITY / UNIT
            yield Row(label, "against Randles-Sevcik", peak, float(thick), 1e-2)
        yield from books(label, run.summary)

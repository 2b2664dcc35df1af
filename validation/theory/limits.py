"""What a thin layer can carry: limiting current of coplanar electrodes, time to exhaustion.

Limiting current of a closed cell with equal electrodes and equal margins: the concentration is 0 on the
working electrode and 2 c0 on the counter electrode, and between them it obeys the Laplace problem of
the primary distribution, so that i_lim w = 2 z F D c0 / ((1 - t+) kappa R b). At a voltage V with fast
kinetics the cell carries J = tanh(F V/4RT) of it (V = 4 artanh J), which is what is compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import brentq

from thincell.studies import names
from thincell.validation.rows import Row, books
from thincell.validation.theory import exact
from thincell.validation.theory.cases import (
    FARADAY,
    THERMAL_VOLTAGE,
    column,
    dilute,
    plating,
    solve,
    strip,
)

HEIGHT = 0.5e-6
CATION, ANION = 2e-10, 4e-10
DIFFUSIVITY = 2 * CATION * ANION / (CATION + ANION)
TRANSFERENCE = CATION / (CATION + ANION)
CONCENTRATION = 1000.0
VOLTAGE = 0.35


def rows() -> Iterator[Row]:
    """Limiting current for two gaps, exhaustion times for three heights."""
    yield from _limiting(10.0, 20.0)
    yield from _limiting(20.0, 40.0)
    yield from _exhaustion()


def _limiting(width: float, gap: float) -> Iterator[Row]:
    """Widths and gaps in heights; the electrode is held VOLTAGE below equilibrium until steady."""
    time = ((gap + 2 * width) * HEIGHT) ** 2 / DIFFUSIVITY
    data = {
        "cell": strip(HEIGHT, width, gap, width, 0.0),
        "electrolyte": dilute(CATION, ANION),
        "reactions": {"plating": plating(1e8, kinetics={"concentration_exponent": 0.5})},
        "protocol": [{"hold": f"-{VOLTAGE} V", "for": f"{3 * time!r} s"}],
        "output": {"every": f"{3 * time!r} s"},
        "mesh": {"edge": 1e-4, "growth": 1.5, "columns": 8},
    }
    run = solve(data)
    resistance = exact.strip_resistance(width, gap, width)  # side walls 10 h away count for nothing
    salt = 2 * FARADAY * DIFFUSIVITY * CONCENTRATION / (1 - TRANSFERENCE)
    carried = np.tanh(VOLTAGE / (4 * THERMAL_VOLTAGE))
    wanted = float(salt / resistance / (width * HEIGHT) * carried)
    computed = float(-run.history[names.CURRENT_DENSITY.name][-1])
    label = f"closed coplanar cell, w = {width:g} h, g = {gap:g} h"
    yield Row(label, "limiting current density [A/m2]", computed, wanted, 1e-4)
    yield from books(label, run.summary)


def _exhaustion() -> Iterator[Row]:
    """A supported reactant in a sealed layer.

    c(0) = 1 - q (T + 1/3 - (2/pi^2) sum exp(-n^2 pi^2 T)/n^2).
    """
    for height in (0.2e-6, 0.5e-6, 2e-6):
        diffusivity, concentration = 8e-10, 10.0
        flux = 0.05  # i h/(F D c0): well inside the thin-layer regime
        current = flux * FARADAY * diffusivity * concentration / height
        unit = height**2 / diffusivity
        stop = 0.01

        def left(t: float, q: float = flux, s: float = stop) -> float:
            n = np.arange(1, 40)
            waves = np.sum(np.exp(-((n * np.pi) ** 2) * t) / n**2)
            return float(1 - q * (t + 1 / 3 - 2 / np.pi**2 * waves) - s)

        wanted = brentq(left, 1e-3, 1e3) * unit
        run = solve(
            {
                "cell": column(height),
                "electrolyte": {
                    "name": "RuNH3-KCl-aq",
                    "concentration": f"{concentration!r} mol/m^3",
                    "concentration_range": ["0 mol/L", "1 mol/L"],
                    "diffusivity": f"{diffusivity!r} m^2/s",
                },
                "reactions": {
                    "couple": {"name": "RuNH3", "electrodes": ["working"]},
                    "ideal": {"name": "ideal-counter"},
                },
                "protocol": [
                    {
                        "plate": f"{current!r} A/m^2",
                        "for": f"{3 * wanted!r} s",
                        "until": f"minimum concentration < {stop * concentration!r} mol/m^3",
                    }
                ],
                "output": {"every": f"{3 * wanted!r} s"},
                "mesh": {"columns": 1, "layers": 12, "edge": 1e-2},
                "solver": {"tolerance": 1e-6},
            }
        )
        computed = float(run.history[names.TIME.name][-1])
        label = f"sealed layer, h = {height * 1e6:g} um"
        yield Row(label, "time to 1 % [s]", computed, wanted, 1e-4)
        yield from books(label, run.summary)

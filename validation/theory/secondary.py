"""Secondary current distribution with linear kinetics: the end correction of a long electrode.

kappa R b = g/h + 2 dL/h, with dL/h the exact series in Bi = h/(kappa R_ct). Summed as an integral that
converges for every Bi; the tabulated value at Bi = 1e4 of an earlier truncation (0.44091621) is wrong
in the third digit: the sum is 0.44162227.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from thincell.validation.rows import Row
from thincell.validation.theory import exact
from thincell.validation.theory.cases import THERMAL_VOLTAGE, electrolyte, plating, solve, strip
from thincell.validation.theory.primary import HEIGHT, KAPPA, VOLTAGE, resistance

BIOT = (1e-4, 1e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4)
GAP = 4.0


def case(biot: float) -> dict[str, Any]:
    """Long electrodes, GAP heights apart, with R_ct = h/(kappa Bi)."""
    root = float(exact.secondary_roots(biot, 1)[0])
    width = max(14.0 / root, 10.0)
    exchange = biot * KAPPA * THERMAL_VOLTAGE / HEIGHT
    finest = min(2e-2, 2e-3 / biot**1.3) if biot > 1 else 2e-2
    return {
        "cell": strip(HEIGHT, width, GAP, width, 4.0),
        "electrolyte": {**electrolyte(conductivity=f"{KAPPA} S/m"), "model": "ohmic"},
        "reactions": {"plating": plating(exchange, "linear")},
        "protocol": [{"hold": f"{VOLTAGE} V", "for": "1 s"}],
        "output": {"every": "1 s"},
        "mesh": {"edge": max(finest, 1e-6), "growth": 1.3, "columns": 12, "layers": 4, "order": 3},
    }


def rows() -> Iterator[Row]:
    """dL/h for every Bi."""
    for biot in BIOT:
        run = solve(case(biot))
        computed = (resistance(run) - GAP) / 2
        yield Row(
            f"linear kinetics, Bi = {biot:g}",
            "end correction dL/h",
            computed,
            exact.end_correction_series(biot),
            1e-4,
        )

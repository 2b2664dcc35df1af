r"""Bazant, Chu and Bayly 2005: a thin cell below and beyond its limiting current.

    python examples/theory/space_charge.py

J is the current over the limiting current 4 F D c0/L. Without space charge no steady state carries
J = 1, and below it v = 4 artanh J (RT/F). With space charge the cell goes on: ions of one sign, driven
by the field alone, cross a layer without salt next to the plated electrode. The reference numbers were
computed with another method (collocation, scipy.solve_bvp) for eps = lambda_D/L = 0.01.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import thincell

CELL = Path(__file__).with_name("plate-cell.toml")
LIMIT = 4 * 96485.33212 * 1e-9 * 1.0 / 961.4e-9  # A/m2
THERMAL_VOLTAGE = 8.314462618 * 298.15 / 96485.33212

REFERENCE = {0.1: 0.421223, 0.5: 2.274185, 0.9: 5.305613, 1.0: 6.689190, 1.2: 11.154821, 1.5: 20.765358}


def main() -> dict[float, float]:
    """v(J), each from the state before; Newton's method needs no help on the way."""
    steady = thincell.Steady(thincell.Case.load(CELL))
    found = {}
    print("   J   v [RT/F]   reference   without space charge   Newton iterations")
    for current, reference in REFERENCE.items():
        state = steady.at_current(-current * LIMIT)  # cathodic: plating
        found[current] = -state.voltage / THERMAL_VOLTAGE
        neutral = f"{4 * np.arctanh(current):10.4f}" if current < 1 else "      none"
        print(f"{current:5.1f} {found[current]:10.5f} {reference:11.5f} {neutral:>17}"
              f" {state.effort.iterations:17d}")  # fmt: skip
    return found


if __name__ == "__main__":
    main()

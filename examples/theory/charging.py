r"""Bazant, Thornton and Ajdari 2004: how fast a cell with blocking electrodes charges.

    python examples/theory/charging.py

After a small step of the voltage the double layers charge through the resistance of the liquid. The time
constant is neither lambda_D^2/D nor L^2/D but, with half the distance L/2 and delta = (Stern layer's
thickness)/lambda_D, the geometric mean of both:

    tau = lambda_D (L/2) / (D (1 + delta)),     10.1103/PhysRevE.70.021506

up to terms of the order lambda_D/L, which is 1 % here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import thincell

CELL = Path(__file__).with_name("plate-cell.toml")
DEBYE, DISTANCE, DIFFUSIVITY, DELTA = 9.614e-9, 961.4e-9, 1e-9, 0.1


def main() -> tuple[float, float]:
    """(time constant [s] from the decay of the charging current, leading order of theory)."""
    tau = DEBYE * DISTANCE / 2 / (DIFFUSIVITY * (1 + DELTA))
    case = thincell.Case.load(
        CELL,
        [
            'reactions.plating.kinetics.exchange_current_density="1e-9 A/m^2"',  # blocking
            f'protocol=[{{hold="1 mV", for="{5 * tau} s"}}]',
            "solver.tolerance=1e-8",
            f'solver.first_step="{1e-3 * tau} s"',
            f'solver.largest_step="{0.02 * tau} s"',
        ],
    )
    history = thincell.run(case).history
    time, current = history["Time [s]"], history["Charging current density [A.m-2]"]
    decaying = (time > tau) & (time < 4 * tau)
    slope = np.polyfit(time[decaying], np.log(current[decaying]), 1)[0]
    print(f"time constant {-1e6 / slope:.4f} us, leading order of theory {1e6 * tau:.4f} us")
    print(f"ratio {-1 / slope / tau:.4f}; lambda_D^2/D = {1e6 * DEBYE**2 / DIFFUSIVITY:.3g} us,"
          f" L^2/D = {1e6 * DISTANCE**2 / DIFFUSIVITY:.3g} us")  # fmt: skip
    return float(-1 / slope), tau


if __name__ == "__main__":
    main()

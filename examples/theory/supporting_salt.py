r"""Three ions: what a supporting salt does to the limiting current.

    python examples/theory/supporting_salt.py

M+ X- is plated and stripped, N+ X- supports. At steady state neither N+ nor X- moves, so c_X is linear
in x and c_N = K/c_X. At the limiting current c_M = 0 at the plated electrode, where c_X = c_N = a:

    i_lim = 4 F D (<c_X> - a)/L,      a^2 ln(2 <c_X>/a - 1) / (2 (<c_X> - a)) = <c_N>

<> being means over the cell, which keeps its ions. Without support half of M+ arrives by migration; much
support takes this half away (Newman & Thomas-Alyea, Electrochemical Systems, ch. 19).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.optimize import brentq

import thincell

CELL = Path(__file__).with_name("plate-cell.toml")
FARADAY, DIFFUSIVITY, DISTANCE = 96485.33212, 1e-9, 961.4e-9


def exact(support: float) -> float:
    """i_lim [A/m2] for 1 mol/m3 of M+ and ``support`` [mol/m3] of N+."""
    mean = 1.0 + support

    def excess(a: float) -> float:
        return float(a**2 * np.log(2 * mean / a - 1) / (2 * (mean - a)) - support)

    a = brentq(excess, 1e-12, mean * (1 - 1e-9))
    return 4 * FARADAY * DIFFUSIVITY * (mean - a) / DISTANCE


def computed(support: float) -> float:
    """The same from a cell held at a potential far beyond: electroneutral, every ion by itself."""
    ion = '{{name="{}", charge={}, diffusivity="1e-9 m^2/s", concentration="{} mol/m^3"}}'
    ions = [ion.format("Li+", 1, 1.0), ion.format("PF6-", -1, 1.0 + support)]
    ions.append(ion.format("N+", 1, support))
    model = ["electrolyte.model=electroneutral", f"electrolyte.species=[{','.join(ions)}]"]
    model += ["mesh.edge=1e-5"]
    steady = thincell.Steady(thincell.Case.load(CELL, model))
    return -steady.at_potential(-0.6).current_density


def main() -> list[tuple[float, float, float]]:
    """(support, computed, exact) from little to much support."""
    rows = [(support, computed(support), exact(support)) for support in (0.01, 0.1, 1.0, 10.0)]
    for support, value, theory in rows:
        error = value / theory - 1
        print(f"{support:6.2f} mol/m3: {value:9.4f} A/m2, exact {theory:9.4f} A/m2 ({error:+.1e})")
    return rows


if __name__ == "__main__":
    main()

r"""Gouy and Chapman: the charge of a diffuse double layer against its potential.

    python examples/theory/gouy_chapman.py

At rest an electrode whose potential of zero charge differs from its equilibrium potential carries a
charge sigma, and the ions around it a diffuse layer with the potential zeta:

    c(x) = c0 exp(-F phi(x)/RT),        sigma = sqrt(8 eps RT c0) sinh(F zeta/2RT)

The first gives zeta from the concentration at the electrode, the second the charge.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import thincell

CELL = Path(__file__).with_name("plate-cell.toml")
THERMAL_ENERGY, EPSILON = 8.314462618 * 298.15, 78.4 * 8.8541878188e-12


def surface(zero_charge: float) -> tuple[float, float, float]:
    """(zeta [RT/F], charge [C/m2], charge of Gouy and Chapman) at a potential of zero charge [V]."""
    case = thincell.Case.load(
        CELL,
        [f'double_layer.potential_of_zero_charge="{zero_charge} V"', 'mesh.diffuse_potential="210 mV"'],
    )
    run = thincell.run(case)
    x, z = run.maps["points"].T
    rim = x == x.max()  # nodes on the axis of a disc have no weight of their own
    z, c = z[rim], run.maps["Concentration [mol.m-3]"][-1][rim]
    middle = float(c[np.argmin(np.abs(z - z.max() / 2))])
    electrode = run.profile("working")

    def mean(name: str) -> float:
        return float(np.average(electrode[name], weights=electrode["Area [m2]"]))

    zeta = -np.log(mean("Concentration [mol.m-3]") / middle)
    exact = np.sqrt(8 * EPSILON * THERMAL_ENERGY * middle) * np.sinh(zeta / 2)
    return float(zeta), mean("Surface charge density [C.m-2]"), float(exact)


def main() -> list[tuple[float, float, float]]:
    """A table from weakly to strongly charged electrodes."""
    rows = [surface(potential) for potential in (0.01, -0.05, -0.1, -0.25)]
    print(" zeta [RT/F]   charge [mC/m2]   Gouy-Chapman   error")
    for zeta, charge, exact in rows:
        print(f"{zeta:12.4f} {1e3 * charge:16.5f} {1e3 * exact:14.5f} {abs(charge / exact - 1):9.1e}")
    return rows


if __name__ == "__main__":
    main()

"""The coin-cell twin against an independent program: Li | separator | Li at 1 mA/cm2.

PyBaMM 26.10, half-cell DFN with the parameters of Xu et al. 2019: concentrations at the two faces
989.07 and 1009.55 mol/m3, potential drop 1.513 mV, overpotential -3.648 mV. The two PyBaMM faces average
999.31 and not 1000 mol/m3, so their difference is compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from thincell.studies import names
from thincell.validation.rows import Row, books
from thincell.validation.theory.cases import column, electrolyte, solve


def rows() -> Iterator[Row]:
    """Concentration difference, potential drop, overpotential."""
    run = solve(
        {
            "cell": column(25e-6, 0.39),
            "electrolyte": electrolyte(
                diffusivity="3.2227e-10 m^2/s",
                conductivity="1.1943 S/m",
                transference_number=0.38,
            ),
            "reactions": {"plating": {"name": "Li/Li+"}},
            "protocol": [{"plate": "1 mA/cm^2", "for": "100 s"}],
            "output": {"every": "100 s"},
            "mesh": {"columns": 1, "layers": 8},
        }
    )
    face = {name: run.profile(name) for name in ("working", "counter")}

    def difference(key: str) -> float:
        return float(np.mean(face["counter"][key]) - np.mean(face["working"][key]))

    case = "coin twin, 1 mA/cm2"
    yield Row(case, "difference of c [mol/m3]", difference(names.CONCENTRATION.name), 20.48, 1e-3)
    yield Row(case, "drop of Phi [mV]", 1e3 * difference(names.PHI.name), 1.513, 1e-3)
    eta = 1e3 * float(np.mean(face["working"][names.OVERPOTENTIAL.name]))
    yield Row(case, "overpotential [mV]", eta, -3.648, 1e-3)
    yield from books(case, run.summary)

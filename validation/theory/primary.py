"""Primary current distribution of coplanar electrodes in a strip, against conformal mapping.

Every row of the table of resistances, the local current density, and the cumulative current of a wide
electrode. The elements are of third order: with the r^(1/2) singularities of four edges, second-order
elements need about 60 000 unknowns for 1e-5, third-order ones 15 000.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from thincell.studies import names
from thincell.studies.results import Run
from thincell.validation.rows import Row
from thincell.validation.theory import exact
from thincell.validation.theory.cases import electrolyte, plating, solve, strip

HEIGHT = 1e-6
VOLTAGE = 0.01
KAPPA = 1.0

#: (working width, gap, counter width) in heights.
GEOMETRIES = (
    (0.1, 0.1, 0.1),
    (0.5, 0.5, 0.5),
    (1.0, 0.2, 1.0),
    (1.0, 1.0, 1.0),
    (2.0, 1.0, 2.0),
    (10.0, 1.0, 10.0),
    (40.0, 40.0, 40.0),
)

#: Most unknowns of a resistance.
UNKNOWNS = 20_000


def case(geometry: tuple[float, float, float], margin: float, mesh: dict[str, Any]) -> dict[str, Any]:
    """Equipotential electrodes held at a potential difference."""
    return {
        "cell": strip(HEIGHT, *geometry, margin),
        "electrolyte": {**electrolyte(conductivity=f"{KAPPA} S/m"), "model": "ohmic"},
        "reactions": {"plating": plating(1.0, "equipotential")},
        "protocol": [{"hold": f"{VOLTAGE} V", "for": "1 s"}],
        "output": {"every": "1 s"},
        "mesh": mesh,
    }


def resistance(run: Run) -> float:
    """kappa R b."""
    current = run.history[names.CURRENT.name][-1] / 1e-3  # per metre of electrode
    return float(KAPPA * VOLTAGE / current)


def mesh_for(geometry: tuple[float, float, float]) -> dict[str, Any]:
    """Third order, graded into the edges over the shortest length of the geometry.

    In a wide gap the ends matter less, and the finest cells would let rounding into the books.
    """
    reach, wide = min(1.0, *geometry), geometry[1] > 10
    return {
        "order": 3,
        "edge": 1e-3 if wide else 3e-6 * reach,
        "reach": reach,
        "growth": 1.4 if reach < 1 or wide else 1.36,
        "columns": 3,
        "layers": 2,
    }


def rows() -> Iterator[Row]:
    """Resistances, local current density, cumulative current."""
    for geometry in GEOMETRIES:
        run = solve(case(geometry, 4.0, mesh_for(geometry)))
        name = f"coplanar strip {geometry[0]:g}/{geometry[1]:g}/{geometry[2]:g} h"
        yield Row(name, "kappa R b", resistance(run), exact.strip_resistance(*geometry, 1.0), 1e-5)
        yield Row(name, "unknowns", run.manifest["unknowns"], 0, UNKNOWNS, absolute=True)
    yield from _local()
    yield from _cumulative()


def _local() -> Iterator[Row]:
    """Largest relative error of i(x) farther than 1e-3 h from an edge."""
    geometry = (1.0, 1.0, 1.0)
    mesh = {"order": 3, "edge": 1e-6, "growth": 1.12, "columns": 8, "layers": 8}
    run = solve(case(geometry, 4.0, mesh))
    profile = run.profile("working")
    d = profile[names.ALONG.name] / HEIGHT
    inside = (d > 1e-3) & (d < geometry[0] - 1e-3)
    density = np.array([_exact_density(geometry, x) for x in d[inside]])
    computed = np.abs(profile[names.LOCAL.name][inside]) / (KAPPA * VOLTAGE / HEIGHT)
    worst = float(np.max(np.abs(computed / density - 1)))
    yield Row("coplanar strip 1/1/1 h", "i(x), largest relative error", worst, 0.0, 1e-3, absolute=True)


def _exact_density(geometry: tuple[float, float, float], d: float) -> float:
    """|i| h/(kappa V) at a distance d (in h) from the working electrode's inner edge."""
    from scipy.special import ellipk

    w1, g, w2 = geometry
    x1, x2, x3, x4 = -w1, 0.0, g, g + w2

    def s(length: float) -> float:
        return float(np.sinh(np.pi * length / 2))

    cross = s(w1) * s(w2) / (s(w1 + g) * s(w2 + g))
    x = -d
    root = np.sqrt(s(x3 - x1) * s(x4 - x2) / abs(s(x - x1) * s(x - x2) * s(x - x3) * s(x - x4)))
    return float(np.pi / (4 * ellipk(1 - cross)) * root)


#: Distance from the edge, in heights, within which these shares of the current flow.
SHARES = {0.220636: 0.5, 0.611503: 0.75, 1.18100: 0.9, 1.62031: 0.95, 2.64428: 0.99}


def _cumulative() -> Iterator[Row]:
    """F(d) = (2/pi) arctan sqrt(exp(pi d/h) - 1) of a wide electrode."""
    geometry = (10.0, 10.0, 10.0)
    run = solve(case(geometry, 4.0, mesh_for(geometry)))
    profile = run.profile("working")
    area = profile[names.AREA.name]
    current = np.abs(profile[names.LOCAL.name]) * area
    ends = slice(2, None, 3)  # three samples per facet
    d = (np.cumsum(area) / 1e-3 / HEIGHT)[ends]
    share = (np.cumsum(current) / current.sum())[ends]
    deviation = share - _fraction(d)
    for distance, wanted in SHARES.items():
        computed = _fraction(np.array([distance])) + np.interp(distance, d, deviation)
        yield Row("wide electrode 10/10/10 h", f"F({distance:.4g} h)", computed[0], wanted, 1e-4)


def _fraction(d: np.ndarray) -> np.ndarray:
    return np.asarray(2 / np.pi * np.arctan(np.sqrt(np.expm1(np.pi * np.minimum(d, 200.0)))))

"""How many nodes the mesh of a deposit has and how many time steps it takes, without making either.

Triangles of longest edges between e/sqrt(2) and e, e the wanted size, hold 2/e^2 to 4/e^2 nodes per area; the
mean over all stages of bisection is 2/(e^2 ln 2). A piece of front needs the integral of that on both of
its sides, as far as the walls are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from thincell.studies.growth.following import GROWTH, box_height
from thincell.studies.growth.ground import Ground, Piece
from thincell.studies.schema.deposit import WIDTH, DepositTable

#: Mean of e^2 times the nodes per area.
NODES = 2 / math.log(2)

#: Points of the integrals over the distance from the front.
SAMPLES = 2000

#: Speed of the fastest tip over that of a film with the same current, for the number of time steps.
TIP = 2.0


def count_deposit_nodes(table: DepositTable, ground: Ground, coarse: int) -> int:
    """About the nodes of the first mesh, with the nuclei that may form; ``coarse`` are those of the cell."""
    x0, z0, x1, z1 = ground.bounds
    most = NODES / table.longest_edge**2 * (x1 - x0) * (z1 - z0)
    if table.adaptive:
        fine = sum(_around(table, ground.extent, *front) for front in _fronts(table, ground))
    else:
        fine = _in_box(table, ground)
    return coarse + round(min(fine, most))


def count_steps(table: DepositTable, distance: float) -> int:
    """About the time steps in which a film's front travels a distance [m]."""
    return math.ceil(TIP * distance / (table.courant * table.interface))


def _fronts(table: DepositTable, ground: Ground) -> Iterator[Piece]:
    """The pieces of front."""
    if table.film > 0:
        yield ground.film(table.film)
    for seed in table.seeds:
        yield ground.round(seed)
    if table.nucleation is not None:
        radius = table.nucleus_radius
        count = ground.length / table.nucleation.spacing
        above = max(ground.room - radius, 0.0)
        yield count * math.pi * radius, 1 / radius, radius, above


def _around(
    table: DepositTable, extent: float, length: float, curvature: float, low: float, high: float
) -> float:
    """Nodes around a piece of front: fine within ``band`` of the whole profile."""
    band = (table.band + WIDTH) * table.interface
    found = 0.0
    for depth, bend in ((low, -curvature), (high, curvature)):
        if depth > 0:
            d = np.concatenate([[0.0], np.geomspace(1e-3 * band, max(depth, 2e-3 * band), SAMPLES)])
            size = np.minimum(extent, table.longest_edge + (GROWTH - 1) * np.maximum(0.0, d - band))
            found += float(np.trapezoid(NODES / size**2 * np.maximum(1 + bend * d, 0.0), d))
    return length * found


def _in_box(table: DepositTable, ground: Ground) -> float:
    """Nodes of the mesh that is fine up to ``reach`` from the ground."""
    area, outline = ground.within(box_height(table, ground))
    fringe = table.longest_edge / (GROWTH - 1)  # the integral of (fine/size)^2 beyond the box
    return NODES / table.longest_edge**2 * (area + outline * fringe)

"""How many nodes the mesh of a deposit has and how many time steps it takes, without making either.

Triangles of longest edges between e/sqrt(2) and e, e the wanted size, hold 2/e^2 to 4/e^2 nodes per area; the
mean over all stages of bisection is 2/(e^2 ln 2). A piece of front needs the integral of that on both of
its sides, as far as the walls are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from thincell.geometry.columns import count_nodes
from thincell.geometry.grading import Grading
from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.studies.growth.following import GROWTH, box_height
from thincell.studies.schema.deposit import WIDTH, DepositTable

#: Mean of e^2 times the nodes per area.
NODES = 2 / math.log(2)

#: Points of the integrals over the distance from the front.
SAMPLES = 2000

#: Speed of the fastest tip over that of a film with the same current, for the number of time steps.
TIP = 2.0


def count_deposit_nodes(table: DepositTable, section: Section, base: Grading) -> int:
    """About the nodes of the first mesh, with the nuclei that may form; ``base`` is that of the cell."""
    coarse = count_nodes(section, base, 1)
    area = (section.end - section.start) * section.height
    most = NODES / table.longest_edge**2 * area
    if table.adaptive:
        fine = sum(_around(table, section, *front) for front in _fronts(table, section))
    else:
        fine = _in_box(table, section)
    return coarse + round(min(fine, most))


def count_steps(table: DepositTable, distance: float) -> int:
    """About the time steps in which a film's front travels a distance [m]."""
    return math.ceil(TIP * distance / (table.courant * table.interface))


def _fronts(table: DepositTable, section: Section) -> Iterator[tuple[float, float, float, float]]:
    """(length, curvature, metal beneath, liquid above) of the pieces of front, all [m]."""
    electrode, h = section.electrode(Tag.WORKING), section.height
    if table.film > 0:
        sides = [electrode.start - section.start, section.end - electrode.end]
        rims = sum(side > 1e-9 * h for side in sides)
        top = electrode.thickness + table.film
        yield electrode.width + rims * top * math.pi / 2, 0.0, table.film, h - top
    for seed in table.seeds:
        share = 0.5 if seed.z < seed.radius / 2 else 1.0
        above = max(h - seed.z - seed.radius, 0.0)
        yield share * 2 * math.pi * seed.radius, 1 / seed.radius, seed.radius, above
    if table.nucleation is not None:
        radius = table.nucleus_radius
        count = electrode.width / table.nucleation.spacing
        above = max(h - electrode.thickness - radius, 0.0)
        yield count * math.pi * radius, 1 / radius, radius, above


def _around(
    table: DepositTable, section: Section, length: float, curvature: float, low: float, high: float
) -> float:
    """Nodes around a piece of front: fine within ``band`` of the whole profile."""
    band = (table.band + WIDTH) * table.interface
    extent = section.end - section.start + section.height
    found = 0.0
    for depth, bend in ((low, -curvature), (high, curvature)):
        if depth > 0:
            d = np.concatenate([[0.0], np.geomspace(1e-3 * band, max(depth, 2e-3 * band), SAMPLES)])
            size = np.minimum(extent, table.longest_edge + (GROWTH - 1) * np.maximum(0.0, d - band))
            found += float(np.trapezoid(NODES / size**2 * np.maximum(1 + bend * d, 0.0), d))
    return length * found


def _in_box(table: DepositTable, section: Section) -> float:
    """Nodes of the mesh that is fine up to ``reach`` above the electrode."""
    electrode = section.electrode(Tag.WORKING)
    reach = box_height(table)
    top = min(electrode.thickness + reach, section.height)
    width = min(electrode.width + 2 * reach, section.end - section.start)
    fringe = table.longest_edge / (GROWTH - 1)  # the integral of (fine/size)^2 beyond the box
    return NODES / table.longest_edge**2 * (width * top + (width + 2 * top) * fringe)

"""A mesh that follows the front: always refined from the case's own coarse mesh, never from the last one.

The finest cells lie within ``band`` interface thicknesses of the front; beyond, they grow with the
distance. A new mesh is made when the front has come near the edge of the band, and before a nucleus is put
in. Meshes of two moments share their nodes wherever both are fine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.band import band_sizes
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.refine import refine
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.beginning import metal_fraction
from thincell.studies.growth.ground import Ground, lattice
from thincell.studies.schema.deposit import WIDTH, DepositTable
from thincell.studies.schema.errors import InputError

Array = NDArray[np.float64]
Sizes = Callable[[Array], Array]

#: xi between this and 1 minus it is front.
FRONT = 3e-3

#: Nodes of a mesh at most.
MOST = 1_000_000

#: Ratio of neighbouring triangles beyond the band.
GROWTH = 1.4


@dataclass(frozen=True)
class Follower:
    """Makes meshes for a deposit. Plane meshes live on rank 0."""

    table: DepositTable
    ground: Ground
    base: PlaneMesh

    @property
    def reserve(self) -> float:
        """How far [m] the front may go before the mesh has to follow."""
        return max(self.table.band - WIDTH, 1.0) * self.table.interface

    def first(self) -> PlaneMesh:
        """The mesh of the start."""
        if self.table.adaptive:
            return self.around(_front_of_start(self.table, self.ground))
        return self._refined(self._box())

    def next(self, plane: PlaneMesh, xi: Array, nuclei: Array) -> PlaneMesh:
        """The mesh for a deposit on the mesh of before, and for nuclei about to be put at (n, 2) [m]."""
        front = plane.points[(xi > FRONT) & (xi < 1 - FRONT)]
        radius = self.table.nucleus_radius
        rings = [centre + radius * _circle(radius / self.table.interface) for centre in nuclei]
        return self.around(np.concatenate([front, *rings]))

    def around(self, front: Array) -> PlaneMesh:
        """A mesh that is fine around points of the front; InputError when it would be too large."""
        if not len(front):
            return self.base
        band = self.table.band * self.table.interface
        edge, extent = self.table.longest_edge, self.ground.extent
        return self._refined(band_sizes(front, edge, band, GROWTH, extent))

    def _refined(self, sizes: Sizes) -> PlaneMesh:
        try:
            return refine(self.base, sizes, MOST)
        except ValueError as error:
            raise InputError(
                f"deposit.interface: {error}; use a thicker one, or a smaller cell"
            ) from None

    def _box(self) -> Sizes:
        """Fine up to ``reach`` from the ground."""
        reach, edge = box_height(self.table, self.ground), self.table.longest_edge

        def sizes(points: Array) -> Array:
            return np.asarray(edge + (GROWTH - 1) * self.ground.beyond(points, reach))

        return sizes


def box_height(table: DepositTable, ground: Ground | Bed) -> float:
    """Distance [m] from the ground up to which a mesh that does not follow the front is fine."""
    tops = [float(ground.height(ground.centre(s)[None])[0]) + s.radius for s in table.seeds]
    thickest = max([table.film, *tops])
    return table.reach or thickest + 60 * table.interface


def _circle(ratio: float) -> Array:
    """Points on the unit circle, closer than half an interface thickness; ``ratio`` radius/delta."""
    angle = np.linspace(0, 2 * np.pi, int(np.ceil(4 * np.pi * ratio)) + 1)[:-1]
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _front_of_start(table: DepositTable, ground: Ground) -> Array:
    """Points of lattices, half an interface thickness wide, that lie in the front at the start."""
    step, margin = table.interface / 2, WIDTH * table.interface
    x0, z0, x1, z1 = ground.bounds
    tried = []
    for seed in table.seeds:
        (x, z), reach = ground.centre(seed), seed.radius + margin
        tried.append(
            lattice(
                np.arange(max(x0, x - reach), min(x1, x + reach), step),
                np.arange(max(z0, z - reach), min(z1, z + reach), step),
            )
        )
    if table.film > 0:
        rough = 3 * table.roughness + sum(wave.amplitude for wave in table.waves)
        tried.append(ground.sheet(table.film, rough, margin, step))
    found = [np.empty((0, 2))]
    for points in tried:
        xi = metal_fraction(table, ground, points)
        found.append(points[(xi > FRONT) & (xi < 1 - FRONT)])
    return np.concatenate(found)

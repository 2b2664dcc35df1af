"""A mesh of vertical columns seen from above: what stands over each point of its floor.

The solid view's nodes stand in columns of equal x and y. Their footprint is a mesh of triangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Columns:
    """``points`` (k, 2) [m] and ``triangles`` (m, 3) of the footprint; ``order`` sorts the nodes of the mesh
    column by column and upwards, ``starts`` (k,) says where each column begins, ``heights`` are z [m] in that
    order.
    """

    points: Array
    triangles: Indices
    order: Indices
    starts: Indices
    heights: Array

    @classmethod
    def of(cls, points: Array, cells: Indices) -> Columns:
        """Of nodes (n, 3) and tetrahedra; ValueError when they do not stand in columns."""
        places, column = np.unique(points[:, :2], axis=0, return_inverse=True)
        column = column.ravel()
        order = np.lexsort((points[:, 2], column))
        corners = np.sort(column[cells], axis=1)
        steps = np.diff(corners, axis=1) > 0
        if not np.all(steps.sum(axis=1) == 2):
            raise ValueError("the mesh is not one of columns")
        keep = np.column_stack([np.ones(len(corners), dtype=bool), steps])
        triangles = np.unique(corners[keep].reshape(-1, 3), axis=0)
        starts = np.searchsorted(column[order], np.arange(len(places)))
        return cls(places, triangles, order, starts, points[order, 2])

    @property
    def areas(self) -> Array:
        """Area of each triangle of the footprint [m2]."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        (abx, aby), (acx, acy) = (b - a).T, (c - a).T
        return np.asarray(0.5 * np.abs(abx * acy - aby * acx))

    def tops(self) -> Array:
        """z of the highest node of each column [m]."""
        return np.asarray(np.maximum.reduceat(self.heights, self.starts))

    def integral(self, values: Array) -> Array:
        """int v dz over each column, for nodal values."""
        return np.asarray(np.add.reduceat(self._weights() * values[self.order], self.starts))

    def largest(self, values: Array) -> Array:
        """The largest value in each column."""
        return np.asarray(np.maximum.reduceat(values[self.order], self.starts))

    def highest(self, values: Array, level: float) -> Array:
        """z where values exceed a level for the last time in each column [m], 0 where they never do."""
        v, z = values[self.order], self.heights
        above = v > level
        step = np.zeros(len(v))
        falls = np.flatnonzero(above[:-1] & ~above[1:] & ~self._first()[1:])
        step[falls] = (z[falls + 1] - z[falls]) * (v[falls] - level) / (v[falls] - v[falls + 1])
        return np.asarray(np.maximum.reduceat(np.where(above, z + step, 0.0), self.starts))

    def _first(self) -> NDArray[np.bool_]:
        first = np.zeros(len(self.order), dtype=bool)
        first[self.starts] = True
        return first

    def _weights(self) -> Array:
        """Of the trapezoidal rule along each column."""
        steps = np.diff(self.heights)
        steps[self.starts[1:] - 1] = 0.0
        return 0.5 * (np.append(steps, 0.0) + np.append(0.0, steps))

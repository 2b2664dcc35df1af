"""Expressions with gradients in them, as values at the nodes: the mean over the triangles around.

Such an expression has another value in every triangle that meets at a node. Interpolation would keep that of
the triangle that happens to come last, which depends on the numbering and so on the ranks.
"""

from __future__ import annotations

from typing import Any

import basix.ufl
import numpy as np
from dolfinx import fem, la
from numpy.typing import NDArray

Array = NDArray[np.float64]


class NodalMeans:
    """Means, weighted with the triangles' areas, at the nodes of a scalar space of linear elements."""

    def __init__(self, scalars: fem.FunctionSpace) -> None:
        domain = scalars.mesh
        element = basix.ufl.element("Lagrange", "triangle", 1, discontinuous=True)
        self._pieces = fem.Function(fem.functionspace(domain, element))
        self._mean = fem.Function(scalars)
        self.points = self._pieces.function_space.element.interpolation_points
        own = domain.topology.index_map(2).size_local
        self._nodes = scalars.dofmap.list[:own].ravel()
        self._corners = self._pieces.function_space.dofmap.list[:own].ravel()
        self._areas = np.repeat(_areas(domain)[:own], 3)
        self._total = self._sums(self._areas)

    def compiled(self, expression: Any) -> fem.Expression:
        """An expression without labels or derivatives that are yet to be carried out."""
        return fem.Expression(expression, self.points)

    def of(self, expression: fem.Expression) -> Array:
        """Values at this rank's nodes, ghosts included. Collective."""
        self._pieces.interpolate(expression)
        return self._sums(self._areas * self._pieces.x.array[self._corners]) / self._total

    def _sums(self, values: Array) -> Array:
        """Sums of values at triangles' corners over the triangles around each node."""
        vector = self._mean.x
        vector.array[:] = np.bincount(self._nodes, values, minlength=len(vector.array))
        vector.scatter_reverse(la.InsertMode.add)
        vector.scatter_forward()
        return np.array(vector.array)


def _areas(domain: Any) -> Array:
    """Area of each triangle of this rank."""
    a, b, c = np.moveaxis(domain.geometry.x[domain.geometry.dofmaps[0]][:, :, :2], 1, 0)
    (abx, aby), (acx, acy) = (b - a).T, (c - a).T
    return np.asarray(0.5 * np.abs(abx * acy - aby * acx))

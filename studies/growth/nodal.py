"""Expressions with gradients in them, as values at the nodes: the mean over the cells around.

Such an expression has another value in every cell that meets at a node. Interpolation would keep that of
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
    """Means, weighted with the sizes of the cells, at the nodes of a scalar space of linear elements."""

    def __init__(self, scalars: fem.FunctionSpace) -> None:
        domain = scalars.mesh
        d = domain.topology.dim
        element = basix.ufl.element("Lagrange", domain.basix_cell(), 1, discontinuous=True)
        self._pieces = fem.Function(fem.functionspace(domain, element))
        self._mean = fem.Function(scalars)
        self.points = self._pieces.function_space.element.interpolation_points
        own = domain.topology.index_map(d).size_local
        self._nodes = scalars.dofmap.list[:own].ravel()
        self._corners = self._pieces.function_space.dofmap.list[:own].ravel()
        self._weights = np.repeat(_sizes(domain)[:own], d + 1)
        self._total = self._sums(self._weights)

    def compiled(self, expression: Any) -> fem.Expression:
        """An expression without labels or derivatives that are yet to be carried out."""
        return fem.Expression(expression, self.points)

    def of(self, expression: fem.Expression) -> Array:
        """Values at this rank's nodes, ghosts included. Collective."""
        self._pieces.interpolate(expression)
        return self._sums(self._weights * self._pieces.x.array[self._corners]) / self._total

    def _sums(self, values: Array) -> Array:
        """Sums of values at corners of cells over the cells around each node."""
        vector = self._mean.x
        vector.array[:] = np.bincount(self._nodes, values, minlength=len(vector.array))
        vector.scatter_reverse(la.InsertMode.add)
        vector.scatter_forward()
        return np.array(vector.array)


def _sizes(domain: Any) -> Array:
    """Area of each triangle, or volume of each tetrahedron, of this rank, up to a common factor."""
    d = domain.topology.dim
    corners = domain.geometry.x[domain.geometry.dofmaps[0]][:, :, :d]
    return np.asarray(np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])))

"""Values of UFL expressions on a boundary or on part of the cells, at quadrature points, on rank 0."""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import basix
import numpy as np
import ufl
from dolfinx import fem, mesh
from numpy.typing import NDArray

#: Gauss points per facet of a plane mesh: the samples integrate the currents of second-order elements
#: exactly enough for every number derived from a profile. Triangles have as many.
POINTS = 3


class Sampler:
    """Samples a list of expressions on entities of a mesh: facets as (cell, local facet), or cells."""

    def __init__(
        self, domain: mesh.Mesh, shape: basix.CellType, entities: Any, expressions: list[Any]
    ) -> None:
        self.domain = domain
        self.comm: MPI.Intracomm = domain.comm
        degree = 2 * POINTS - 1 if shape == basix.CellType.interval else 2
        points, weights = basix.make_quadrature(shape, degree)
        self._weights = weights
        place = ufl.SpatialCoordinate(domain)
        self._dimension = domain.geometry.dim
        listed = ufl.as_vector([*place, *(e + 0 * place[0] for e in expressions)])
        self._expression = fem.Expression(listed, points)
        self._entities = entities
        domain.topology.create_entity_permutations()  # collective: else only ranks with entities make them
        self._sizes = self._stretch()

    def __call__(self) -> NDArray[np.float64] | None:
        """Rows (coordinates, size, expressions...) of all points on rank 0, None elsewhere.

        The sizes of an entity's points add up to its length or area.
        """
        count = len(self._entities)
        values = self._expression.eval(self.domain, self._entities) if count else None
        rows: Any = np.empty((0, 0))
        if values is not None:
            size = self._sizes[:, None] * self._weights[None, :]
            d = self._dimension
            rows = np.concatenate([values[..., :d], size[..., None], values[..., d:]], axis=2)
            rows = rows.reshape(-1, rows.shape[2])
        gathered = self.comm.gather(rows, root=0)
        if gathered is None:
            return None
        parts = [part for part in gathered if part.size]
        return np.concatenate(parts) if parts else np.empty((0, 3))

    def _stretch(self) -> NDArray[np.float64]:
        """Size of each entity relative to that of the reference shape."""
        dofmap, x = self.domain.geometry.dofmaps[0], self.domain.geometry.x
        simplex = _corners(self.domain.topology.dim)
        entities = self._entities
        if entities.ndim == 1:
            nodes = dofmap[entities]
        else:
            nodes = np.array([dofmap[c][simplex[f]] for c, f in entities], dtype=np.int64)
        if not len(nodes):
            return np.empty(0)
        a, b = x[nodes[:, 0]], x[nodes[:, 1]]
        if nodes.shape[1] == 2:
            return np.asarray(np.linalg.norm(b - a, axis=1))
        return np.asarray(np.linalg.norm(np.cross(b - a, x[nodes[:, 2]] - a), axis=1))


def facet_sampler(domain: mesh.Mesh, facets: mesh.MeshTags, tag: int, expressions: list[Any]) -> Sampler:
    """On the boundary with a tag."""
    shape = basix.CellType.interval if domain.topology.dim == 2 else basix.CellType.triangle
    return Sampler(domain, shape, _integration_entities(domain, facets.find(tag)), expressions)


def cell_sampler(domain: mesh.Mesh, cells: mesh.MeshTags, tag: int, expressions: list[Any]) -> Sampler:
    """On the triangles with a tag."""
    found = cells.find(tag)
    owned = found[found < domain.topology.index_map(2).size_local]
    return Sampler(domain, basix.CellType.triangle, owned.astype(np.int32), expressions)


def _corners(dimension: int) -> list[list[int]]:
    """Vertices of the local facets of a simplex: facet k is opposite to vertex k."""
    return [[v for v in range(dimension + 1) if v != k] for k in range(dimension + 1)]


def _integration_entities(domain: mesh.Mesh, facets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(cell, local facet) of the facets whose cell this rank owns."""
    topology = domain.topology
    d = topology.dim
    topology.create_connectivity(d - 1, d)
    topology.create_connectivity(d, d - 1)
    to_cell, to_facet = topology.connectivity(d - 1, d), topology.connectivity(d, d - 1)
    owned = topology.index_map(d).size_local
    pairs = []
    for facet in facets:
        cell = to_cell.links(facet)[0]
        if cell < owned:
            local = int(np.flatnonzero(to_facet.links(cell) == facet)[0])
            pairs.append((cell, local))
    return np.array(pairs, dtype=np.int32).reshape(-1, 2)

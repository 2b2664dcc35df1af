"""Values of UFL expressions on a boundary, at the quadrature points of its facets, on rank 0."""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import basix
import numpy as np
import ufl
from dolfinx import fem, mesh
from numpy.typing import NDArray

#: Gauss points per facet: the samples integrate the currents of second-order elements exactly enough
#: for every number derived from a profile.
POINTS = 3


class FacetSampler:
    """Samples a list of expressions on the facets with a tag."""

    def __init__(
        self, domain: mesh.Mesh, facets: mesh.MeshTags, tag: int, expressions: list[Any]
    ) -> None:
        self.domain = domain
        self.comm: MPI.Intracomm = domain.comm
        points, weights = basix.make_quadrature(basix.CellType.interval, 2 * POINTS - 1)
        self._weights = weights
        place = ufl.SpatialCoordinate(domain)
        listed = ufl.as_vector([place[0], place[1], *(e + 0 * place[0] for e in expressions)])
        self._expression = fem.Expression(listed, points)
        self._entities = _integration_entities(domain, facets.find(tag))
        self._lengths = self._facet_lengths()

    def __call__(self) -> NDArray[np.float64] | None:
        """Rows (x, z, length of boundary, expressions...) of all facets on rank 0, None elsewhere."""
        count = self._entities.shape[0]
        values = self._expression.eval(self.domain, self._entities) if count else None
        rows: Any = np.empty((0, 0))
        if values is not None:
            length = self._lengths[:, None] * self._weights[None, :]
            rows = np.concatenate([values[..., :2], length[..., None], values[..., 2:]], axis=2)
            rows = rows.reshape(-1, rows.shape[2])
        gathered = self.comm.gather(rows, root=0)
        if gathered is None:
            return None
        parts = [part for part in gathered if part.size]
        return np.concatenate(parts) if parts else np.empty((0, 3))

    def _facet_lengths(self) -> NDArray[np.float64]:
        topology, geometry = self.domain.topology, self.domain.geometry
        topology.create_connectivity(1, 0)
        corners = ((1, 2), (0, 2), (0, 1))  # vertices of the local facets of a triangle
        x = geometry.x
        lengths = np.empty(len(self._entities))
        for row, (cell, facet) in enumerate(self._entities):
            a, b = (geometry.dofmaps[0][cell][k] for k in corners[facet])
            lengths[row] = np.hypot(*(x[a] - x[b])[:2])
        return lengths


def _integration_entities(domain: mesh.Mesh, facets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(cell, local facet) of the facets whose cell this rank owns."""
    topology = domain.topology
    topology.create_connectivity(1, 2)
    topology.create_connectivity(2, 1)
    to_cell, to_facet = topology.connectivity(1, 2), topology.connectivity(2, 1)
    owned = topology.index_map(2).size_local
    pairs = []
    for facet in facets:
        cell = to_cell.links(facet)[0]
        if cell < owned:
            local = int(np.flatnonzero(to_facet.links(cell) == facet)[0])
            pairs.append((cell, local))
    return np.array(pairs, dtype=np.int32).reshape(-1, 2)

"""A triangle mesh of a section on one rank, and its distribution over the others.

`PlaneMesh` is what gmsh makes and what a mesh file holds. `distribute` turns it into a dolfinx
mesh with facet tags (only that needs DOLFINx). The cells are dealt out in whole columns (blocks of
equal size, sorted by x), never cutting the layer through its height: vertical coupling is by far
the strongest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mpi4py import MPI

    from dolfinx import mesh


@dataclass(frozen=True)
class PlaneMesh:
    """Points (n, 2) [m], triangles (m, 3), boundary lines (k, 2) and their tags (k,)."""

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    lines: NDArray[np.int64]
    line_tags: NDArray[np.int32]

    def __post_init__(self) -> None:
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        if not np.all(np.abs(area) > 0):
            raise ValueError(f"the mesh has {int(np.sum(area == 0))} triangles of zero area")


def distribute(
    comm: MPI.Intracomm, plane: PlaneMesh | None, length: float
) -> tuple[mesh.Mesh, mesh.MeshTags]:
    """Mesh and facet tags on all ranks from a mesh on rank 0; coordinates divided by ``length``."""
    import basix.ufl
    from dolfinx import graph, io, mesh

    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    if comm.rank == 0:
        if plane is None:
            raise ValueError("rank 0 must hold the mesh")
        points, cells = plane.points / length, plane.triangles
        lines, tags = plane.lines, plane.line_tags
        columns = np.argsort(points[cells].mean(axis=1)[:, 0], kind="stable")
    else:
        points, cells = np.empty((0, 2)), np.empty((0, 3), dtype=np.int64)
        lines, tags = np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=np.int32)
        columns = np.empty(0, dtype=np.int64)

    def by_columns(comm_: Any, parts: int, *_: Any) -> Any:
        owner = np.empty(len(columns), dtype=np.int32)
        owner[columns] = np.arange(len(columns)) * parts // max(len(columns), 1)
        return graph.adjacencylist(owner, np.arange(len(columns) + 1, dtype=np.int32))._cpp_object

    partitioner = by_columns if comm.size > 1 else None
    domain = mesh.create_mesh(comm, cells, element, points, partitioner=partitioner)
    domain.topology.create_entities(1)
    entities, values = io.utils.distribute_entity_data(domain, 1, lines, tags)
    domain.topology.create_connectivity(1, 0)
    domain.topology.create_connectivity(1, 2)
    links = graph.adjacencylist(entities)
    facets = mesh.meshtags_from_entities(domain, 1, links, values)
    facets.name = "boundary"
    return domain, facets

"""Meshes made on one rank, dealt out over all of them in whole columns.

The thin direction is never cut: vertical coupling is by far the strongest. What is seen from above is halved
again and again across its longer side, in proportion to the ranks (recursive coordinate bisection).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.planemesh import PlaneMesh, PlanMesh
from thincell.geometry.solid import SolidMesh

if TYPE_CHECKING:
    from mpi4py import MPI

    from dolfinx import mesh

Array = NDArray[np.float64]
Mesh = PlaneMesh | SolidMesh


@dataclass(frozen=True)
class Layout:
    """A mesh on all ranks with the tags of its boundary and, seen from above, of its electrodes."""

    domain: mesh.Mesh
    facets: mesh.MeshTags
    regions: mesh.MeshTags | None = None

    @property
    def dimension(self) -> int:
        """2 or 3."""
        return int(self.domain.topology.dim)


@dataclass(frozen=True)
class _Parts:
    """A mesh as arrays: cells, boundary facets with tags, places (n, 1 or 2) of cells, their regions."""

    points: Array
    cells: NDArray[np.int64]
    facets: NDArray[np.int64]
    tags: NDArray[np.int32]
    places: Array
    regions: NDArray[np.int32] | None = None


def layout(comm: MPI.Intracomm, made: Mesh | None, length: float) -> Layout:
    """A mesh on all ranks from one on rank 0; coordinates divided by ``length``. Collective."""
    if comm.rank == 0 and made is None:
        raise ValueError("rank 0 must hold the mesh")
    known = None if made is None else _parts(made)
    kind = None if known is None else (known.points.shape[1], known.regions is not None)
    dimension, tagged = comm.bcast(kind, root=0)
    parts = _nothing(dimension) if known is None else known
    return _create(comm, parts, length, dimension, tagged)


def as_arrays(made: Mesh) -> dict[str, NDArray[Any]]:
    """The arrays of a mesh by name."""
    return {field.name: getattr(made, field.name) for field in fields(made)}


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Mesh:
    """The mesh that has these arrays, among others; KeyError when none has."""
    kind = SolidMesh if "tetrahedra" in arrays else PlanMesh if "regions" in arrays else PlaneMesh
    return kind(**{field.name: arrays[field.name] for field in fields(kind)})


def bisect(places: Array, parts: int) -> NDArray[np.int32]:
    """Part (0 to parts - 1) of every place (n, dimensions); parts of equal size to within one."""
    owner = np.zeros(len(places), dtype=np.int32)
    if parts == 1 or not len(places):
        return owner
    axis = int(np.argmax(np.ptp(places, axis=0)))
    order = np.argsort(places[:, axis], kind="stable")
    left = parts // 2
    cut = len(order) * left // parts
    owner[order[:cut]] = bisect(places[order[:cut]], left)
    owner[order[cut:]] = left + bisect(places[order[cut:]], parts - left)
    return owner


def _parts(made: Mesh) -> _Parts:
    if isinstance(made, PlaneMesh):
        plan = isinstance(made, PlanMesh)
        middle = made.points[made.triangles].mean(axis=1)
        places = middle if plan else middle[:, :1]
        regions = made.regions if isinstance(made, PlanMesh) else None
        return _Parts(made.points, made.triangles, made.lines, made.line_tags, places, regions)
    over = made.points[made.tetrahedra].mean(axis=1)[:, :2]
    _, column = np.unique(made.columns, return_inverse=True)
    count = np.bincount(column)
    middle = np.column_stack([np.bincount(column, over[:, k]) / count for k in range(2)])
    return _Parts(made.points, made.tetrahedra, made.facets, made.facet_tags, middle[column])


def _nothing(dimension: int) -> _Parts:
    """What the other ranks give."""
    return _Parts(
        np.empty((0, dimension)),
        np.empty((0, dimension + 1), dtype=np.int64),
        np.empty((0, dimension), dtype=np.int64),
        np.empty(0, dtype=np.int32),
        np.empty((0, 1)),
    )


def _create(comm: MPI.Intracomm, parts: _Parts, length: float, dimension: int, tagged: bool) -> Layout:
    import basix.ufl
    from dolfinx import graph, io, mesh

    name = {2: "triangle", 3: "tetrahedron"}[dimension]
    element = basix.ufl.element("Lagrange", name, 1, shape=(dimension,))

    def deal(comm_: Any, ranks: int, *_: Any) -> Any:
        owner = bisect(parts.places, ranks)
        return graph.adjacencylist(owner, np.arange(len(owner) + 1, dtype=np.int32))._cpp_object

    partitioner = deal if comm.size > 1 else None
    domain = mesh.create_mesh(comm, parts.cells, element, parts.points / length, partitioner=partitioner)
    side = dimension - 1
    domain.topology.create_entities(side)
    entities, values = io.utils.distribute_entity_data(domain, side, parts.facets, parts.tags)
    domain.topology.create_connectivity(side, 0)
    domain.topology.create_connectivity(side, dimension)
    facets = mesh.meshtags_from_entities(domain, side, graph.adjacencylist(entities), values)
    facets.name = "boundary"
    if not tagged:
        return Layout(domain, facets)
    whole = comm.bcast(parts.regions, root=0)
    assert whole is not None
    local = whole[domain.topology.original_cell_index]
    regions = mesh.meshtags(domain, dimension, np.arange(len(local), dtype=np.int32), local)
    return Layout(domain, facets, regions)

"""A chip in three dimensions: its plan mesh extruded through the layer, prisms cut into tetrahedra.

Nodes stand in vertical columns over the nodes of the plan. The lid may be curved: levels between the top of
the electrodes and the lid follow it, those below stay flat, so that an electrode keeps its thickness. Prisms
within an electrode are left out; its top and side faces become boundary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.planemesh import PlanMesh
from thincell.geometry.tags import Tag

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class SolidMesh:
    """Points (n, 3) [m], tetrahedra (m, 4), boundary triangles (k, 3) and their tags (k,).

    ``columns`` (m,) is the plan's triangle below each tetrahedron.
    """

    points: Array
    tetrahedra: Indices
    facets: Indices
    facet_tags: NDArray[np.int32]
    columns: Indices

    @property
    def cells(self) -> Indices:
        """The tetrahedra."""
        return self.tetrahedra

    @property
    def sides(self) -> Indices:
        """The boundary triangles."""
        return self.facets

    @property
    def side_tags(self) -> NDArray[np.int32]:
        """Their tags."""
        return self.facet_tags

    def __post_init__(self) -> None:
        a, b, c, d = (self.points[self.tetrahedra[:, k]] for k in range(4))
        volume = np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a)
        if not np.all(np.abs(volume) > 0):
            raise ValueError(f"the mesh has {int(np.sum(volume == 0))} tetrahedra without volume")


def extrude(
    plan: PlanMesh,
    levels: Array,
    height: Callable[[Array], Array],
    electrodes: Array,
) -> SolidMesh:
    """The layer over a plan.

    ``levels`` [m] from 0 to the smallest height of the liquid, among them the thicknesses of all
    electrodes: ``electrodes`` [m] by the tag of the plan's regions, 0 where flush. ``height`` gives the
    lid at points (n, 2) [m].
    """
    thickness = np.asarray(electrodes, dtype=float)
    solid = thickness[plan.regions][:, None] > levels[None, :-1] * (1 + 1e-9)
    keep = ~solid  # (triangles, layers)
    points = _lifted(plan.points, levels, height(plan.points), float(thickness.max(initial=0.0)))
    cells, columns = _prisms(plan.triangles, keep, len(levels))
    used, cells = np.unique(cells, return_inverse=True)
    cells = cells.reshape(-1, 4)
    facets = _boundary(cells)
    tags = _classify(plan, levels, thickness, used[facets])
    return SolidMesh(points[used], cells.astype(np.int64), facets, tags, columns)


def _lifted(points: Array, levels: Array, lid: Array, top: float) -> Array:
    """Nodes column by column: levels above ``top`` are stretched to the lid."""
    share = np.clip((levels - top) / (levels[-1] - top), 0.0, None)
    z = np.where(levels[None, :] <= top, levels, top + share * (lid[:, None] - top))
    plane = np.repeat(points, len(levels), axis=0)
    return np.column_stack([plane, z.ravel()])


def _prisms(triangles: Indices, keep: NDArray[np.bool_], count: int) -> tuple[Indices, Indices]:
    """Three tetrahedra per prism.

    The corners of every triangle are sorted, so that neighbours cut their common side along the same
    diagonal: from the lower number at the bottom to the higher one at the top.
    """
    corners = np.sort(triangles, axis=1) * count
    found, owners = [], []
    for layer in range(count - 1):
        here = np.flatnonzero(keep[:, layer])
        a, b, c = (corners[here, k] + layer for k in range(3))
        for tetrahedron in ((a, b, c, c + 1), (a, b, b + 1, c + 1), (a, a + 1, b + 1, c + 1)):
            found.append(np.column_stack(tetrahedron))
            owners.append(here)
    return np.concatenate(found), np.concatenate(owners)


def _boundary(cells: Indices) -> Indices:
    """Triangles that belong to one tetrahedron only."""
    faces = np.sort(np.concatenate([np.delete(cells, k, axis=1) for k in range(4)]), axis=1)
    unique, count = np.unique(faces, axis=0, return_counts=True)
    return np.asarray(unique[count == 1])


def _classify(plan: PlanMesh, levels: Array, thickness: Array, facets: Indices) -> NDArray[np.int32]:
    """Tags of boundary triangles, given by their nodes' numbers (column times levels plus level)."""
    count = len(levels)
    column, level = facets // count, facets % count
    tags = np.full(len(facets), int(Tag.INSULATOR), dtype=np.int32)
    flat = np.ptp(level, axis=1) == 0
    floor = np.flatnonzero(flat & (level[:, 0] < count - 1))
    region = _lookup(plan.triangles, column[floor])
    tags[floor] = np.where(plan.regions[region] > 0, plan.regions[region], tags[floor])
    sides = np.flatnonzero(~flat)
    ends = np.column_stack([column[sides].min(axis=1), column[sides].max(axis=1)])
    outer = {
        (min(a, b), max(a, b)): int(t) for (a, b), t in zip(plan.lines, plan.line_tags, strict=True)
    }
    rims = _rims(plan, thickness)
    for row, (a, b) in zip(sides, ends, strict=True):
        key = (int(a), int(b))
        tags[row] = outer[key] if key in outer else rims[key]
    return tags


def _rims(plan: PlanMesh, thickness: Array) -> dict[tuple[int, int], int]:
    """Tag of the thicker region at every edge between regions of different thickness."""
    found: dict[tuple[int, int], int] = {}
    for triangle, region in zip(plan.triangles, plan.regions, strict=True):
        if thickness[region] > 0:
            for k in range(3):
                a, b = sorted((int(triangle[k]), int(triangle[(k + 1) % 3])))
                before = found.get((a, b), 0)
                if not before or thickness[region] > thickness[before]:
                    found[a, b] = int(region)
    return found


def _lookup(triangles: Indices, wanted: Indices) -> Indices:
    """Rows of ``triangles`` with the corners ``wanted`` in any order."""
    size = int(triangles.max()) + 1

    def key(rows: Indices) -> Indices:
        a, b, c = np.sort(rows, axis=1).T
        return (a * size + b) * size + c

    keys = key(triangles)
    order = np.argsort(keys)
    return np.asarray(order[np.searchsorted(keys, key(wanted), sorter=order)])

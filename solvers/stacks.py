r"""Columns of nodes over a plan of any shape, and the coarse spaces made of them.

In a mesh extruded from a plan the nodes of a Lagrange space of order 1 or 2 stand in columns: over the
plan's vertices and, of second order, over the middles of its edges. Levels are counted from the lid down, so
that they agree where an electrode of finite thickness takes the lowest ones away. As on a lattice
(solvers/lattice.py) there are two kinds of coarse spaces:

* **thinned**: where neighbours are less than a height apart, columns are left out such that those that stay
  are about twice as far apart, and every second level; in between, values are interpolated linearly in the
  triangles of a Delaunay triangulation of what stays.
* **collapsed**: one value per column. This is the problem seen from above, averaged over the height.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from thincell.solvers.lattice import NotColumns, Weights

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Columns closer than this fraction of the plan's extent are one.
SAME = 1e-9
#: Columns further apart than this many heights are never thinned out.
REACH = 1.0
#: A column goes when one that stays is closer than this many times its distance from its neighbour.
NEAR = 1.4
#: Level of a collapsed column.
WHOLE = -1


@dataclass(frozen=True)
class Stacks:
    """The nodes of this rank by column and level, in the order of their numbers, from ``first``.

    ``place`` (columns, 2) holds x and y of all columns on any rank, ``height`` is that of the layer, ``z``
    (nodes,) that of the nodes. ``alive`` are the columns that have nodes, on any rank.
    """

    comm: MPI.Intracomm
    place: Floats
    height: float
    alive: Ints
    column: Ints
    level: Ints
    z: Floats
    first: int

    def numbered(self, alive: Ints, column: Ints, level: Ints, z: Floats) -> Stacks:
        """Some nodes of this rank, or collapsed columns."""
        order = np.lexsort((level, column))
        first = int(self.comm.scan(order.size)) - order.size
        found = replace(self, alive=alive, column=column[order], level=level[order], z=z[order])
        return replace(found, first=first)

    def chart(self) -> Ints:
        """Numbers of the nodes of all ranks by column and level, the last for a whole one; -1 for none."""
        parts = self.comm.allgather((self.first, self.column, self.level))
        deepest = max(int(level.max(initial=0)) for _, _, level in parts)
        numbers = np.full((len(self.place), deepest + 2), -1, dtype=np.int64)
        for first, column, level in parts:
            numbers[column, level] = first + np.arange(column.size)
        return numbers


def stacks_of(space: fem.FunctionSpace) -> tuple[Stacks, Ints]:
    """The columns of a space's nodes, and each node's number in the space, column by column.

    Every column belongs to one rank, the lowest of those that own nodes of it. Columns are counted along x,
    nodes downwards: the diagonals of extruded prisms rise with x, and what an incomplete factorisation
    neglects is smallest where they rise against one of the two. Raises NotColumns.
    """
    comm: MPI.Intracomm = space.mesh.comm
    index = space.dofmap.index_map
    points = space.tabulate_dof_coordinates()[: index.size_local]
    every = comm.allgather((points, int(index.local_range[0])))
    whole = np.concatenate([part for part, _ in every])
    place, column = _columns(whole[:, :2])
    height = float(np.ptp(whole[:, 2]))
    if len(place) > index.size_global / 2:
        raise NotColumns(
            f"{index.size_global} nodes stand over {len(place)} points: not a mesh of columns"
        )
    rank = np.repeat(np.arange(comm.size), [len(part) for part, _ in every])
    owner = np.full(len(place), comm.size)
    np.minimum.at(owner, column, rank)
    numbers = np.concatenate([start + np.arange(len(part)) for part, start in every])
    mine = np.flatnonzero(owner[column] == comm.rank)
    order = mine[np.lexsort((-whole[mine, 2], column[mine]))]
    column, z = column[order], whole[order, 2]
    begins = np.flatnonzero(np.diff(column, prepend=-1))
    level = np.arange(column.size) - np.repeat(begins, np.diff(begins, append=column.size))
    first = int(comm.scan(order.size)) - order.size
    made = Stacks(comm, place, height, np.arange(len(place)), column, level, z, first)
    return made, numbers[order]


def _columns(points: Floats) -> tuple[Floats, Ints]:
    """Distinct places, by x, and which of them each point is at."""
    from scipy.spatial import cKDTree

    grid = SAME * float(np.ptp(points, axis=0).max())
    snapped = np.round(points / grid).astype(np.int64)
    _, first, place = np.unique(snapped, axis=0, return_index=True, return_inverse=True)
    found = points[first]
    same = cKDTree(found).query_pairs(2 * grid, output_type="ndarray")  # snapped to either side
    label = np.arange(len(found))
    label[same.max(axis=1)] = same.min(axis=1)
    kept, renumbered = np.unique(label, return_inverse=True)
    return found[kept], renumbered.ravel()[place.ravel()]


# -- coarse spaces ------------------------------------------------------------------------------------


def coarser(fine: Stacks) -> tuple[Stacks, Weights]:
    """Fewer columns where they are dense; collapsed where they are not; every second level of the others."""
    stays, upright, corners, shares = fine.comm.bcast(
        _thinned(fine) if fine.comm.rank == 0 else None, root=0
    )
    deepest = int(fine.comm.allreduce(int(fine.level.max(initial=0)), MPI.MAX))
    kept_level = np.arange(deepest + 2) % 2 == 0
    kept_level[[deepest, -1]] = True  # the floor and what is collapsed

    new = np.append(np.cumsum(kept_level[:-1]) - 1, WHOLE)

    here = stays[fine.column]
    nodes = np.flatnonzero(here & upright[fine.column] & kept_level[fine.level])
    single = np.unique(fine.column[here & ~upright[fine.column]])
    coarse = fine.numbered(
        fine.alive[stays[fine.alive]],
        np.concatenate([fine.column[nodes], single]),
        np.concatenate([new[fine.level[nodes]], np.full(single.size, WHOLE)]),
        np.concatenate([fine.z[nodes], np.zeros(single.size)]),
    )
    return coarse, _interpolation(fine, coarse, corners, shares, (kept_level, new))


def _thinned(fine: Stacks) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Ints, Floats]:
    """Which columns stay, which of them are not collapsed, three neighbours that stay and their shares."""
    from scipy.spatial import ConvexHull, Delaunay, cKDTree

    count, alive = len(fine.place), fine.alive
    place = fine.place[alive]
    tree = cKDTree(place)
    apart = tree.query(place, k=2)[0][:, 1]
    dense = apart <= REACH * fine.height
    goes = np.zeros(len(place), dtype=bool)
    settled = ~dense
    outermost = ConvexHull(place).vertices  # first, so that little lies outside of what stays
    for k in (*outermost[dense[outermost]], *np.flatnonzero(dense)):
        if goes[k]:
            continue
        settled[k] = True
        near = np.asarray(tree.query_ball_point(place[k], NEAR * apart[k]))
        goes[near[~settled[near]]] = True
    stays = np.zeros(count, dtype=bool)
    stays[alive[~goes]] = True
    upright = np.zeros(count, dtype=bool)
    upright[alive] = dense
    for k in np.flatnonzero(dense & ~goes):
        upright[alive[tree.query_ball_point(place[k], 2 * NEAR * apart[k])]] = True

    corners = np.repeat(np.arange(count)[:, None], 3, axis=1)
    shares = np.tile([1.0, 0.0, 0.0], (count, 1))
    out = np.flatnonzero(goes)
    if out.size:
        kept = alive[~goes]
        mesh = Delaunay(fine.place[kept])
        found = mesh.find_simplex(place[out], tol=1e-9)
        inside = found >= 0
        affine = mesh.transform[found[inside]]
        two = np.einsum("kij,kj->ki", affine[:, :2], place[out[inside]] - affine[:, 2])
        corners[alive[out[inside]]] = kept[mesh.simplices[found[inside]]]
        shares[alive[out[inside]]] = np.column_stack([two, 1 - two.sum(axis=1)])
        lost = out[~inside]
        corners[alive[lost]] = kept[cKDTree(fine.place[kept]).query(place[lost])[1]][:, None]
    return stays, upright, corners, shares


def _interpolation(
    fine: Stacks,
    coarse: Stacks,
    corners: Ints,
    shares: Floats,
    levels: tuple[NDArray[np.bool_], Ints],
) -> Weights:
    """Of every fine node its coarse ones: three columns times two levels, or what is there instead.

    A column that ends above, on an electrode, gives its lowest node, a collapsed one its only.
    """
    chart = coarse.chart()
    depth = np.sum(chart[:, :-1] >= 0, axis=1) - 1
    kept, new = levels
    upper, lower, share = _levels(fine, kept)
    rows, columns, values = [], [], []
    for corner in range(3):
        target = corners[fine.column, corner]
        for level, part in ((new[upper], 1 - share), (new[lower], share)):
            rows.append(np.arange(fine.column.size))
            columns.append(chart[target, np.minimum(level, depth[target])])
            values.append(shares[fine.column, corner] * part)
    row, column, value = (np.concatenate(part) for part in (rows, columns, values))
    good = (column >= 0) & (value > 1e-12)
    entries = _summed(row[good], column[good], value[good])
    return Weights(*entries, fine.column.size, coarse.column.size)


def _levels(fine: Stacks, kept: NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
    """Of every node the kept levels above and below it in its column, and the share of the lower one."""
    level = fine.level
    upper = np.where(kept[level], level, level - 1)
    lower = np.where(kept[level], level, level + 1)
    node = np.arange(level.size)
    last = np.append(np.diff(fine.column) != 0, True)
    lower = np.where(last & ~kept[level], upper, lower)  # a column that ends on an electrode
    over = np.maximum(node - 1, 0)
    under = np.minimum(node + 1, level.size - 1)
    span = fine.z[over] - fine.z[under]
    share = np.where(kept[level] | last, 0.0, (fine.z[over] - fine.z) / np.where(span > 0, span, 1.0))
    return upper, lower, share


def _summed(row: Ints, column: Ints, value: Floats) -> tuple[Ints, Ints, Floats]:
    """Entries at the same place added up."""
    width = int(column.max(initial=0)) + 1
    key, where = np.unique(row * width + column, return_inverse=True)
    return key // width, key % width, np.bincount(where, value)


def prolongations(fine: Stacks) -> list[PETSc.Mat]:
    """Between nodes, from each space to the one before, until every column is a single node."""
    matrices: list[Any] = []
    while fine.comm.allreduce(int(np.any(fine.level != WHOLE)), MPI.MAX):
        fine, weights = coarser(fine)
        matrices.append(weights.matrix(fine.comm, 1))
    return matrices

r"""The columns of nodes of an extruded mesh, and the coarse spaces made of them.

In a mesh of columns the nodes of a Lagrange space of order 1 or 2 (vertices and midpoints alike) are
points of a lattice: the product of a set of x and a set of z, perhaps with holes (an electrode of
finite thickness). Two kinds of coarse space follow, for any number of unknowns per node:

* **thinned**: every second column is left out, where the neighbours that stay are less than about two
  heights apart, and every second line; values in between are interpolated linearly in x and in z.
* **collapsed**: one value per column. This is the problem averaged over the height.

What varies through the height decays along x over less than the height, so that columns one height
apart know of each other only through their averages: thin the columns out until they are that far
apart, at each place as often as it takes, then collapse them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Coordinates closer than this fraction of the extent are one line of the lattice.
SAME = 1e-11
#: Columns further apart than this many heights are never thinned out.
REACH = 2.0


class NotColumns(ValueError):
    """The mesh is not made of columns."""


@dataclass(frozen=True)
class Lattice:
    """Lines of a lattice, and for the nodes of this rank their places on it in the order of numbers.

    A collapsed column is a single node at the place ``z.size``. ``first`` is the number of this rank's
    first node, ``way`` tells whether columns are counted along x (1) or against it (-1).
    """

    comm: MPI.Intracomm
    x: Floats
    z: Floats
    ix: Ints
    iz: Ints
    first: int
    way: int

    @property
    def height(self) -> float:
        return float(self.z[-1] - self.z[0])

    def columns(self) -> Ints:
        """The columns that have nodes, on any rank."""
        return np.unique(np.concatenate(self.comm.allgather(np.unique(self.ix))))

    def numbered(self, ix: Ints, iz: Ints) -> Lattice:
        """Some nodes of this rank, or collapsed columns, as a lattice of their own."""
        order = np.lexsort((iz, self.way * ix))
        first = int(self.comm.scan(order.size)) - order.size
        return Lattice(self.comm, self.x, self.z, ix[order], iz[order], first, self.way)

    def chart(self) -> Ints:
        """Numbers of the nodes of all ranks by place; -1 where there is none."""
        numbers = np.full((self.x.size, self.z.size + 1), -1, dtype=np.int64)
        for first, ix, iz in self.comm.allgather((self.first, self.ix, self.iz)):
            numbers[ix, iz] = first + np.arange(ix.size)
        return numbers


def columns_of(space: fem.FunctionSpace) -> tuple[Lattice, Ints]:
    """The lattice of a space's nodes, numbered column by column, and each node's number in the space.

    Every column belongs to one rank, the lowest of those that own nodes of it.
    Columns are counted such that the diagonals of the triangles fall: what an incomplete factorisation
    in that order neglects is then smallest (half as many iterations). Raises NotColumns.
    """
    comm: MPI.Intracomm = space.mesh.comm
    index = space.dofmap.index_map
    points = space.tabulate_dof_coordinates()[: index.size_local]
    x, z = _lines(comm, points[:, 0]), _lines(comm, points[:, 1])
    if x.size * z.size > 2 * index.size_global:
        raise NotColumns(
            f"{index.size_global} nodes have {x.size} different x and {z.size} different z: "
            "not a mesh of columns"
        )
    numbers = int(index.local_range[0]) + np.arange(len(points))
    every = comm.allgather((_place(x, points[:, 0]), _place(z, points[:, 1]), numbers))
    owner = np.full(x.size, comm.size)
    for rank in reversed(range(comm.size)):
        owner[every[rank][0]] = rank
    ix, iz, numbers = (np.concatenate(part) for part in zip(*every, strict=True))
    mine = owner[ix] == comm.rank
    ix, iz, numbers = ix[mine], iz[mine], numbers[mine]
    way = -1 if _diagonals_rise(space) else 1
    order = np.lexsort((iz, way * ix))
    first = int(comm.scan(order.size)) - order.size
    return Lattice(comm, x, z, ix[order], iz[order], first, way), numbers[order]


def _lines(comm: MPI.Intracomm, values: Floats) -> Floats:
    every = np.unique(np.concatenate(comm.allgather(np.unique(values))))
    new = np.diff(every, prepend=-np.inf) > SAME * (every[-1] - every[0])
    return np.asarray(every[new])


def _place(lines: Floats, values: Floats) -> Ints:
    above = np.clip(np.searchsorted(lines, values), 1, lines.size - 1)
    nearer = values - lines[above - 1] < lines[above] - values
    return np.asarray(above - nearer, dtype=np.int64)


def _diagonals_rise(space: fem.FunctionSpace) -> bool:
    """Whether most edges that are neither upright nor level go up with x."""
    mesh = space.mesh
    cells = mesh.topology.index_map(mesh.topology.dim).size_local
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0][:cells], :2]
    rising = 0
    for k in range(corners.shape[1]):
        edge = corners[:, k] - corners[:, k - 1]
        small = SAME * np.abs(corners).max(initial=0.0)
        rising += int(np.sum(np.where(np.abs(edge).min(axis=1) > small, np.sign(edge.prod(axis=1)), 0)))
    return int(mesh.comm.allreduce(rising)) > 0


# -- coarse spaces ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weights:
    """Entries (row, column, value) of a prolongation between nodes; rows are this rank's, from 0."""

    row: Ints
    column: Ints
    value: Floats
    rows: int
    columns: int

    def matrix(self, comm: Any, block: int) -> PETSc.Mat:
        """The same for ``block`` unknowns per node."""
        order = np.lexsort((self.column, self.row))
        row, column, value = self.row[order], self.column[order], self.value[order]
        count = np.bincount(row, minlength=self.rows)
        start = np.concatenate([[0], np.cumsum(count)])
        pointer = np.concatenate([[0], np.cumsum(np.repeat(count, block))])
        columns = np.empty(column.size * block, dtype=PETSc.IntType)
        values = np.empty(column.size * block)
        within = np.arange(column.size) - start[row]
        for field in range(block):
            place = start[row] * block + field * count[row] + within
            columns[place], values[place] = column * block + field, value
        return PETSc.Mat().createAIJ(
            ((self.rows * block, None), (self.columns * block, None)),
            bsize=block,
            csr=(pointer.astype(PETSc.IntType), columns, values),
            comm=comm,
        )


def coarser(fine: Lattice, reach: float = REACH) -> tuple[Lattice, Weights]:
    """Every second column left out where columns are dense; collapsed where they no longer are."""
    x = fine.x
    columns = fine.columns()
    dense = _dense(x[columns], reach * fine.height)
    gone = np.flatnonzero(_alternate(dense))
    near = dense | np.append(dense[1:], False) | np.insert(dense[:-1], 0, False)
    out, upright = np.zeros(x.size, dtype=bool), np.zeros(x.size, dtype=bool)
    out[columns[gone]], upright[columns[near]] = True, True

    # of this rank: the nodes of columns that stay as they are, and one per column that becomes or is one
    stays = np.flatnonzero(upright[fine.ix] & ~out[fine.ix])
    mine = np.unique(fine.ix)
    single = mine[~upright[mine] & ~out[mine]]
    ix = np.concatenate([fine.ix[stays], single])
    iz = np.concatenate([fine.iz[stays], np.full(single.size, fine.z.size)])
    coarse = fine.numbered(ix, iz)

    chart = coarse.chart()
    left, right = np.arange(x.size), np.arange(x.size)
    left[columns[gone]], right[columns[gone]] = columns[gone - 1], columns[gone + 1]
    same = np.flatnonzero(~out[fine.ix])
    target = np.where(upright[fine.ix[same]], fine.iz[same], fine.z.size)
    between = np.flatnonzero(out[fine.ix])
    ix, iz = fine.ix[between], fine.iz[between]
    sides = chart[left[ix], iz], chart[right[ix], iz]
    share = (x[ix] - x[left[ix]]) / (x[right[ix]] - x[left[ix]])
    return coarse, _weights(fine, coarse, (same, chart[fine.ix[same], target]), (between, *sides, share))


def lower(fine: Lattice) -> tuple[Lattice, Weights]:
    """Every second line left out of the columns that are not collapsed."""
    top = fine.z.size
    upright = fine.iz[fine.iz < top]
    lines = np.unique(np.concatenate(fine.comm.allgather(np.unique(upright))))
    gone = np.arange(1, lines.size - 1, 2)
    out = np.zeros(top + 1, dtype=bool)
    out[lines[gone]] = True
    stays = np.flatnonzero(~out[fine.iz])
    coarse = fine.numbered(fine.ix[stays], fine.iz[stays])

    chart = coarse.chart()
    below, above = np.arange(top + 1), np.arange(top + 1)
    below[lines[gone]], above[lines[gone]] = lines[gone - 1], lines[gone + 1]
    between = np.flatnonzero(out[fine.iz])
    ix, iz = fine.ix[between], fine.iz[between]
    sides = chart[ix, below[iz]], chart[ix, above[iz]]
    share = (fine.z[iz] - fine.z[below[iz]]) / (fine.z[above[iz]] - fine.z[below[iz]])
    kept = stays, chart[fine.ix[stays], fine.iz[stays]]
    return coarse, _weights(fine, coarse, kept, (between, *sides, share))


def _weights(
    fine: Lattice, coarse: Lattice, kept: tuple[Ints, Ints], between: tuple[Ints, Ints, Ints, Floats]
) -> Weights:
    """Nodes that have one coarse node, and nodes between two of which one may be missing (-1)."""
    nodes, one, other, share = between
    share = np.where(one < 0, 1.0, np.where(other < 0, 0.0, share))
    row = [kept[0], nodes[one >= 0], nodes[other >= 0]]
    column = [kept[1], one[one >= 0], other[other >= 0]]
    value = [np.ones(kept[0].size), 1.0 - share[one >= 0], share[other >= 0]]
    entries = np.concatenate(row), np.concatenate(column), np.concatenate(value)
    return Weights(*entries, fine.ix.size, coarse.ix.size)


def _dense(x: Floats, limit: float) -> NDArray[np.bool_]:
    """Columns whose neighbours are at most ``limit`` apart."""
    dense = np.zeros(x.size, dtype=bool)
    dense[1:-1] = x[2:] - x[:-2] <= limit
    return dense


def _alternate(dense: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of the dense columns, from the left, as many as can be taken without taking neighbours."""
    goes = np.zeros(dense.size, dtype=bool)
    for k in np.flatnonzero(dense):
        goes[k] = not goes[k - 1]
    return goes


def prolongations(fine: Lattice) -> list[PETSc.Mat]:
    """Between nodes, from each space to the one before, until every column is a single node."""
    matrices = []
    while fine.comm.allreduce(int(np.any(fine.iz < fine.z.size)), MPI.MAX):
        fine, along = coarser(fine)
        fine, through = lower(fine)
        parts = [weights.matrix(fine.comm, 1) for weights in (along, through)]
        matrices.append(parts[0].matMult(parts[1]))
        for part in parts:
            part.destroy()
    return matrices


def spread(matrix: PETSc.Mat, block: int) -> PETSc.Mat:
    """A matrix between nodes as one between ``block`` unknowns per node."""
    starts, columns, values = matrix.getValuesCSR()
    (rows, _), (width, _) = matrix.getSizes()
    row = np.repeat(np.arange(rows), np.diff(starts))
    return Weights(row, columns.astype(np.int64), values, rows, width).matrix(matrix.getComm(), block)

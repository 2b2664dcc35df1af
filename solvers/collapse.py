r"""A multilevel preconditioner for thin layers: thin the columns out, then collapse them.

The matrix is that of a blocked Lagrange space on a mesh of columns (solvers/lattice.py; over a plan
solvers/stacks.py), its unknowns renumbered column by column: `Collapse.matrix` makes one into which forms
are assembled in that order, so that there is no second copy of it. One application goes once down and once
up:

    b_{l+1} = P_l^T b_l                          all the way to the collapsed problem
    x = A_n^-1 b_n                               one value per field and column: a direct solve
    x_l = P_l x_{l+1};  x_l += B_l (b_l - A_l x_l)      B: incomplete factorisation ILU(0)

with Galerkin matrices A_{l+1} = P_l^T A_l P_l. In the order of the columns ILU(0) couples the nodes of
a column exactly, all fields of a node at once, however thin the cells; what it cannot see, changes over
many columns, is on the thinned levels, and beyond one height only averages are left. There is no
smoothing on the way down on the finest level: it would nearly double the work and, with second order
elements, cost iterations. Over a plan the levels below are smoothed on the way down too, before they pass
on what is left: without, counts grow with the number of levels. Counts hardly grow with the number of
unknowns, the slenderness or the time step.

Every column belongs to one rank; on several ranks the factorisations are those of each rank's columns
(block Jacobi).
"""

from __future__ import annotations

from typing import Any

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from thincell.solvers import lattice, stacks
from thincell.solvers.galerkin import Galerkin
from thincell.solvers.lattice import spread

_Ints = NDArray[Any]


class Collapse:
    """The preconditioner as the context of a PETSc ``python`` PC; ``smoother`` and ``coarse`` are
    option prefixes of its parts."""

    def __init__(self, space: fem.FunctionSpace, smoother: str, coarse: str) -> None:
        """Finds the columns; raises NotColumns."""
        comm: Any = space.mesh.comm
        block = self._block = int(space.dofmap.index_map_bs)
        first, order, self._between = _hierarchy(space)
        self._space, self._first, self._nodes = space, first, order
        self._prolongations = [spread(nodes, block) for nodes in self._between]
        self._products = [Galerkin(nodes, block) for nodes in self._between]
        self._smoothed = 1 if space.mesh.geometry.dim == 3 else len(self._between)
        unknowns = (order[:, None] * block + np.arange(block)).ravel().astype(PETSc.IntType)
        index_set: Any = PETSc.IS()
        self._order = index_set.createGeneral(unknowns, comm=comm)
        self._order.setBlockSize(block)
        self._numbers = _numbers(space, first, order)
        given = PETSc.Vec().createMPI((space.dofmap.index_map.size_local * block, None), comm=comm)
        self._columns = PETSc.Vec().createMPI((unknowns.size, None), comm=comm)
        scatter: Any = PETSc.Scatter()
        self._arrange = scatter.create(given, self._order, self._columns, None)
        given.destroy()
        self._restrictions = [p.copy() for p in self._prolongations]
        for restriction in self._restrictions:
            restriction.transpose()
        self._matrices: list[PETSc.Mat] = []
        self._vectors: list[tuple[PETSc.Vec, PETSc.Vec, PETSc.Vec]] = []
        self._smoothers = [self._smoother(comm, smoother) for _ in self._prolongations]
        self._bottom = PETSc.KSP().create(comm)
        self._bottom.setOptionsPrefix(coarse)
        self._bottom.setType("preonly")
        self._bottom.getPC().setType("lu")
        self._bottom.getPC().setFactorSolverType("mumps")
        self._bottom.setFromOptions()

    @staticmethod
    def _smoother(comm: Any, prefix: str) -> PETSc.PC:
        pc = PETSc.PC().create(comm)
        pc.setOptionsPrefix(prefix)
        pc.setType("bjacobi" if comm.size > 1 else "ilu")
        pc.setFromOptions()
        return pc

    @property
    def sizes(self) -> list[int]:
        """Unknowns of the levels, the finest first."""
        return [p.getSize()[0] for p in self._prolongations] + [self._prolongations[-1].getSize()[1]]

    # -- between the order of the space and that of the columns -----------------------------------------

    def matrix(self, form: fem.Form) -> PETSc.Mat:
        """An empty matrix in the order of the columns, into which the form can be assembled."""
        size = (self._columns.getLocalSize(), None)
        comm: Any = self._columns.getComm()
        made: Any = PETSc.Mat().create(comm)
        made.setSizes((size, size), self._block)
        made.setType("baij")
        numbers: Any = self._numbers.astype(PETSc.IntType)
        local = PETSc.LGMap().create(numbers, bsize=self._block, comm=comm)
        made.setLGMap(local, local)
        made.setPreallocationNNZ(self._entries(form))
        made.setOption(PETSc.Mat.Option.KEEP_NONZERO_PATTERN, True)
        return made

    def _entries(self, form: fem.Form) -> tuple[_Ints, _Ints]:
        """Of this rank's rows, the numbers of nodes coupled to on this rank and on others.

        Rows are counted where the space has them, and told to the ranks that have their columns.
        """
        comm = self._space.mesh.comm
        pattern = fem.create_matrix(form)  # a sparsity pattern does not tell which columns it has
        index, known = self._space.dofmap.index_map, pattern.index_map(1)
        start = pattern.indptr[: index.size_local + 1]
        coupled = pattern.indices[: start[-1]]
        new = _renumbered(self._space, self._first, self._nodes)
        rows = new[np.arange(*index.local_range)]
        columns = new[
            known.local_to_global(np.arange(known.size_local + known.num_ghosts, dtype=np.int32))
        ]
        begins = np.array(comm.allgather(self._first))
        owner = np.searchsorted(begins, rows, side="right") - 1
        count = np.diff(start)
        of = np.searchsorted(begins, columns, side="right")[coupled] - 1
        beside = np.bincount(
            np.repeat(np.arange(rows.size), count), of != np.repeat(owner, count), rows.size
        )
        found = np.column_stack([rows, count - beside, beside]).astype(PETSc.IntType)
        elsewhere = np.concatenate(comm.allgather(found[owner != comm.rank]))
        found = np.concatenate([found[owner == comm.rank], elsewhere])
        place = found[:, 0] - self._first
        mine = (place >= 0) & (place < self._nodes.size)
        entries = np.zeros((2, self._nodes.size), dtype=PETSc.IntType)
        entries[:, place[mine]] = found[mine, 1:].T
        return entries[0], entries[1]

    def copy(self, matrix: PETSc.Mat) -> PETSc.Mat:
        """A matrix in the order of the space, in that of the columns."""
        rows = matrix.createSubMatrix(self._order, self._order)
        rows.setBlockSize(self._block)
        made = rows.convert("baij", PETSc.Mat())
        rows.destroy()
        return made

    def arrange(self, x: PETSc.Vec, columns: PETSc.Vec) -> None:
        """From the order of the space to that of the columns."""
        self._arrange.scatter(x, columns)

    def restore(self, columns: PETSc.Vec, x: PETSc.Vec) -> None:
        """From the order of the columns to that of the space."""
        self._arrange.scatter(columns, x, mode=PETSc.ScatterMode.REVERSE)

    def vector(self) -> PETSc.Vec:
        """A new vector in the order of the columns."""
        return self._columns.duplicate()

    # -- the preconditioner, all in the order of the columns -----------------------------------------

    def set_operators(self, matrix: PETSc.Mat) -> None:
        """Form the Galerkin matrices and factorise."""
        first = not self._matrices
        self._matrices[:1] = [matrix]
        for level, products in enumerate(self._products):
            fine = self._matrices[level]
            coarse = None if first else self._matrices[level + 1]
            self._matrices[level + 1 :] = [
                products.product(fine, coarse),
                *self._matrices[level + 2 :],
            ]
            self._smoothers[level].setOperators(fine)
            self._smoothers[level].setUp()
        self._bottom.setOperators(self._matrices[-1])
        self._bottom.setUp()
        if first:
            for every in self._matrices:
                vectors: Any = every.createVecs()
                x, b = vectors
                self._vectors.append((x, b, x.duplicate()))

    def apply(self, pc: Any, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """One pass down and up."""
        self._down(b, self._smoothed)
        for level in reversed(range(len(self._prolongations))):
            solution, right, work = self._vectors[level]
            self._prolongations[level].mult(self._vectors[level + 1][0], work)
            self._correct(level)
            self._smoothers[level].apply(right, work)
            solution.axpy(1.0, work)
        self._vectors[0][0].copy(x)

    def average(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """The collapsed problem alone: sums of b - A x over columns, and so over all rows, vanish."""
        self._down(b, len(self._prolongations))
        for level in reversed(range(len(self._prolongations))):
            self._prolongations[level].mult(self._vectors[level + 1][0], self._vectors[level][0])
        self._vectors[0][0].copy(x)

    def _down(self, b: PETSc.Vec, smoothed: int) -> None:
        """What is left of the right side on all levels, and the solution of the collapsed problem.

        Levels from ``smoothed`` on are smoothed before they pass theirs on; the others begin with zero.
        """
        b.copy(self._vectors[0][1])
        for level, restriction in enumerate(self._restrictions):
            solution, right, work = self._vectors[level]
            solution.zeroEntries()
            if level >= smoothed:
                self._smoothers[level].apply(right, work)
                self._correct(level)
            restriction.mult(right, self._vectors[level + 1][1])
        self._bottom.solve(self._vectors[-1][1], self._vectors[-1][0])

    def _correct(self, level: int) -> None:
        """Add the level's third vector to its solution, and take A times it off what is left."""
        solution, right, work = self._vectors[level]
        solution.axpy(1.0, work)
        work.scale(-1.0)
        self._matrices[level].multAdd(work, right, right)

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        vectors = [v for level in self._vectors for v in level]
        transfers = (*self._prolongations, *self._restrictions, *self._between)
        for products in self._products:
            products.release()
        for thing in (
            self._bottom,
            *self._smoothers,
            *transfers,
            *self._matrices[1:],
            *vectors,
            self._order,
            self._columns,
        ):
            thing.destroy()


def _hierarchy(space: fem.FunctionSpace) -> tuple[int, NDArray[np.int64], list[PETSc.Mat]]:
    """This rank's first node, its nodes' numbers in the space by column, and prolongations between nodes."""
    if space.mesh.geometry.dim == 3:
        over_plan, order = stacks.stacks_of(space)
        return over_plan.first, order, stacks.prolongations(over_plan)
    lines, order = lattice.columns_of(space)
    return lines.first, order, lattice.prolongations(lines)


def _numbers(space: fem.FunctionSpace, first: int, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """By column, the numbers of all nodes that this rank knows, from those of its own columns."""
    index = space.dofmap.index_map
    known = np.arange(index.size_local + index.num_ghosts, dtype=np.int32)
    return np.asarray(_renumbered(space, first, order)[index.local_to_global(known)])


def _renumbered(space: fem.FunctionSpace, first: int, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """By column, the numbers of the nodes of all ranks."""
    numbers = np.empty(space.dofmap.index_map.size_global, dtype=np.int64)
    for start, nodes in space.mesh.comm.allgather((first, order)):
        numbers[nodes] = start + np.arange(nodes.size)
    return numbers

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

import ctypes
from functools import cache
from typing import Any

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem.petsc import get_petsc_lib
from numpy.typing import NDArray

from thincell.solvers import lattice, stacks
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

    def copy(self, matrix: PETSc.Mat, into: PETSc.Mat | None) -> PETSc.Mat:
        """A matrix in the order of the space, in that of the columns."""
        made = matrix.createSubMatrix(self._order, self._order, into)
        made.setBlockSize(self._block)
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
        for level, between in enumerate(self._between):
            fine = self._matrices[level]
            coarse = None if first else self._matrices[level + 1]
            self._matrices[level + 1 :] = [
                galerkin(fine, between, self._block, coarse),
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


def galerkin(
    fine: PETSc.Mat, prolongation: PETSc.Mat, block: int, coarse: PETSc.Mat | None = None
) -> PETSc.Mat:
    """P^T A P for a prolongation between nodes, one pair of fields after the other.

    PETSc's products need A as rows of numbers, and with A P take as much memory as A and its factors.
    """
    comm: Any = fine.getComm()
    start, columns, values = _blocks(fine, block)
    entries: Any = np.empty(columns.size)
    size = (start.size - 1, None)
    part: Any = PETSc.Mat().createAIJWithArrays((size, size), (start, columns, entries), comm=comm)
    restriction = prolongation.copy()
    restriction.transpose()
    halfway: Any = None
    product: Any = None
    blocks: Any = None
    for a in range(block):
        for b in range(block):
            entries[:] = values[:, a, b]
            if comm.size > 1:  # there the arrays have been copied
                _call("MatUpdateMPIAIJWithArray", part, entries.ctypes.data_as(_DOUBLES))
            part.assemble()
            # R (A P): half the time of PETSc's triple product
            halfway = part.matMult(prolongation, halfway)
            product = restriction.matMult(halfway, product)
            found = product.getValuesCSR()
            if blocks is None:
                blocks = np.empty((found[2].size, block, block))
            blocks[:, a, b] = found[2]
    if coarse is None:
        (rows, _), _ = product.getSizes()
        size = (rows * block, None)
        coarse = PETSc.Mat().createBAIJ((size, size), block, csr=(*found[:2], blocks), comm=comm)
    else:
        values_of: Any = coarse
        values_of.setValuesBlockedCSR(*found[:2], blocks)
        coarse.assemble()
    for thing in (part, restriction, halfway, product):
        thing.destroy()
    return coarse


_DOUBLES = ctypes.POINTER(ctypes.c_double)
_INTS = ctypes.POINTER(np.ctypeslib.as_ctypes_type(PETSc.IntType))


@cache
def _petsc() -> ctypes.CDLL:
    return ctypes.CDLL(str(get_petsc_lib()))


def _call(name: str, matrix: PETSc.Mat | ctypes.c_void_p, *arguments: Any) -> None:
    """A function of PETSc that petsc4py does not have."""
    handle = matrix if isinstance(matrix, ctypes.c_void_p) else ctypes.c_void_p(matrix.handle)
    if _petsc()[name](handle, *arguments):
        raise RuntimeError(f"PETSc's {name} failed")


def _blocks(matrix: PETSc.Mat, block: int) -> tuple[_Ints, _Ints, NDArray[np.float64]]:
    """Row starts, columns and values (entry, row, column) of a matrix by nodes."""
    if matrix.getType() == "seqbaij":
        return _own(ctypes.c_void_p(matrix.handle), block)
    if matrix.getType() != "mpibaij":
        return _copied(matrix, block)
    here, beside, ghosts = ctypes.c_void_p(), ctypes.c_void_p(), _INTS()
    _call("MatMPIBAIJGetSeqBAIJ", matrix, *(ctypes.byref(part) for part in (here, beside, ghosts)))
    start, columns, values = _own(here, block)
    start_beside, columns_beside, values_beside = _own(beside, block)
    first = matrix.getOwnershipRange()[0] // block
    if columns_beside.size:
        ghost = np.ctypeslib.as_array(ghosts, (int(columns_beside.max()) + 1,))
        columns_beside = ghost[columns_beside]
    return _merged(
        (start, columns + first, values), (start_beside, columns_beside, values_beside), first
    )


def _copied(matrix: PETSc.Mat, block: int) -> tuple[_Ints, _Ints, NDArray[np.float64]]:
    """The same of a matrix of any type, by rows of numbers."""
    starts, columns, flat = matrix.getValuesCSR()
    start = starts[::block] // block**2
    count = np.diff(start)
    # of every entry between nodes, its first place in the first row of its node, and that row's length
    place = block * np.arange(start[-1]) + np.repeat(block * (block - 1) * start[:-1], count)
    length = np.repeat(block * count, count)
    within = np.arange(block)
    whole = place[:, None, None] + length[:, None, None] * within[:, None] + within
    return start, columns[place] // block, flat[whole]


def _own(matrix: ctypes.c_void_p, block: int) -> tuple[_Ints, _Ints, NDArray[np.float64]]:
    """Row starts, columns and values of a matrix of one rank, where PETSc has them, without a copy."""
    size, done = np.ctypeslib.as_ctypes_type(PETSc.IntType)(), ctypes.c_int()
    start, columns, data = _INTS(), _INTS(), _DOUBLES()
    where = (ctypes.byref(size), ctypes.byref(start), ctypes.byref(columns), ctypes.byref(done))
    _call("MatGetRowIJ", matrix, 0, 0, 1, *where)
    _call("MatSeqBAIJGetArray", matrix, ctypes.byref(data))
    starts = np.ctypeslib.as_array(start, (size.value + 1,))
    entries = int(starts[-1])
    if not entries:
        return starts, np.empty(0, dtype=PETSc.IntType), np.empty((0, block, block))
    values = np.ctypeslib.as_array(data, (entries, block, block))
    return starts, np.ctypeslib.as_array(columns, (entries,)), values.transpose(0, 2, 1)


def _merged(
    here: tuple[_Ints, _Ints, NDArray[np.float64]],
    beside: tuple[_Ints, _Ints, NDArray[np.float64]],
    first: int,
) -> tuple[_Ints, _Ints, NDArray[np.float64]]:
    """Rows of two parts by rising columns: of the second those before ``first``, the first, the others."""
    counts = [np.diff(start) for start, _, _ in (here, beside)]
    start = np.append(0, np.cumsum(counts[0] + counts[1])).astype(PETSc.IntType)
    row = np.repeat(np.arange(counts[1].size), counts[1])
    before = beside[1] < first
    left = np.bincount(row[before], minlength=counts[1].size)
    place = np.arange(here[1].size) + np.repeat(start[:-1] + left - here[0][:-1], counts[0])
    place_beside = np.arange(beside[1].size) + (start[:-1] - beside[0][:-1])[row]
    place_beside += np.where(before, 0, counts[0][row])
    columns = np.empty(start[-1], dtype=PETSc.IntType)
    values = np.empty((start[-1], *here[2].shape[1:]))
    for at, part in ((place, here), (place_beside, beside)):
        columns[at], values[at] = part[1], part[2]
    return start, columns, values

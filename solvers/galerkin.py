"""Galerkin products P^T A P of matrices of blocks, on one rank or several.

Every rank multiplies its own rows, C_r = P_r^T A_r P, where P has the rows of all nodes that A_r couples
to, and what falls into rows of other ranks is added there: the only exchange. What petsc4py does not reach
of PETSc is called by name: values where they are.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, NamedTuple

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx.fem.petsc import get_petsc_lib
from numpy.typing import NDArray

_Ints = NDArray[Any]
#: Rows of blocks: where each row starts, columns, and values (entry, row, column).
_Rows = tuple[_Ints, _Ints, NDArray[np.float64]]

_DOUBLES = ctypes.POINTER(ctypes.c_double)
_INTS = ctypes.POINTER(np.ctypeslib.as_ctypes_type(PETSc.IntType))


class _Added(NamedTuple):
    """Blocks to add: rows, where each begins, columns, and values (entry, row, column)."""

    begins: _Ints
    columns: _Ints
    rows: _Ints
    blocks: NDArray[np.float64]


class Galerkin:
    """P^T A P for one prolongation P between nodes and matrices A of one pattern.

    PETSc's products need A as rows of numbers, and with A P take as much memory as A and its factors;
    here one pair of fields is multiplied after the other. Columns of this rank's nodes and of others'
    are two products, since PETSc keeps them apart.
    """

    def __init__(self, prolongation: PETSc.Mat, block: int) -> None:
        self._prolongation, self._block = prolongation, block
        self._parts: tuple[PETSc.Mat, list[PETSc.Mat], _Ints] | None = None

    def product(self, fine: PETSc.Mat, coarse: PETSc.Mat | None = None) -> PETSc.Mat:
        """P^T A P, into ``coarse`` if it was made before."""
        parts, ghosts = _blocks(fine, self._block)
        if self._parts is None:
            self._parts = _local(self._prolongation, ghosts)
        restriction, prolongations, nodes = self._parts
        found = []
        for part, prolongation in zip(parts, prolongations, strict=True):
            start, columns, blocks = self._triple(part, restriction, prolongation)
            rows = np.flatnonzero(np.diff(start))
            begins = np.append(start[rows], start[-1]).astype(PETSc.IntType)
            found.append(_Added(begins, nodes[columns], nodes[rows], blocks))
        if coarse is None:
            coarse = self._empty(found)
        else:
            coarse.zeroEntries()
        added: Any = coarse
        for some in found:
            added.setValuesBlockedIJV(
                some.begins,
                some.columns,
                some.blocks,
                addv=PETSc.InsertMode.ADD_VALUES,
                rowmap=some.rows,
            )
        coarse.assemble()
        return coarse

    def _triple(self, part: _Rows, restriction: PETSc.Mat, prolongation: PETSc.Mat) -> _Rows:
        """R A P of this rank's rows, every block a pair of fields after the other."""
        start, columns, values = part
        entries: Any = np.empty(columns.size)
        size = (start.size - 1, prolongation.getSize()[0])
        numbers: Any = PETSc.Mat()
        numbers.createAIJWithArrays(size, (start, columns, entries), comm=MPI.COMM_SELF)
        halfway: Any = None
        product: Any = None
        blocks: Any = None
        for a in range(self._block):
            for b in range(self._block):
                entries[:] = values[:, a, b]
                numbers.assemble()
                # R (A P): half the time of PETSc's triple product
                halfway = numbers.matMult(prolongation, halfway)
                product = restriction.matMult(halfway, product)
                if blocks is None:
                    begins, places, _ = product.getValuesCSR()
                    blocks = np.empty((places.size, self._block, self._block))
                blocks[:, a, b] = _entries(product, places.size)
        for thing in (numbers, halfway, product):
            thing.destroy()
        return begins, places, blocks

    def _empty(self, found: list[_Added]) -> PETSc.Mat:
        """A matrix for blocks in these columns of these rows, of all ranks."""
        comm: Any = self._prolongation.getComm()
        (_, _), (own, _) = self._prolongation.getSizes()
        first, _ = self._prolongation.getOwnershipRangeColumn()
        ranges = np.append(comm.tompi4py().allgather(first), self._prolongation.getSize()[1])
        counts = np.zeros((2, own))
        vectors: list[Any] = [PETSc.Vec().createMPI((own, None), comm=comm) for _ in counts]
        for some in found:
            owner = np.searchsorted(ranges, some.rows, side="right")
            row = np.repeat(np.arange(some.rows.size), np.diff(some.begins))
            away = np.searchsorted(ranges, some.columns, side="right") != owner[row]
            beside = np.bincount(row, away, minlength=some.rows.size)
            for vector, count in zip(vectors, (np.diff(some.begins) - beside, beside), strict=True):
                vector.setValues(some.rows, count, addv=PETSc.InsertMode.ADD_VALUES)
        for total, vector in zip(counts, vectors, strict=True):
            vector.assemble()
            total[:] = vector.getArray(readonly=True)  # a bound: a block may come from several products
            vector.destroy()
        made: Any = PETSc.Mat().create(comm)
        made.setSizes(((own * self._block, None),) * 2, self._block)
        made.setType("baij")
        room = np.minimum(counts, [[own], [ranges[-1] - own]]).astype(PETSc.IntType)
        made.setPreallocationNNZ((room[0], room[1]))
        made.setOption(PETSc.Mat.Option.KEEP_NONZERO_PATTERN, True)
        return made

    def release(self) -> None:
        """Free the PETSc objects."""
        if self._parts is not None:
            for part in (self._parts[0], *self._parts[1]):
                part.destroy()


def _local(prolongation: PETSc.Mat, ghosts: _Ints) -> tuple[PETSc.Mat, list[PETSc.Mat], _Ints]:
    """P_r^T, the rows of P for this rank's nodes and for ghosts, and the coarse nodes that they name."""
    rows = [prolongation.getValuesCSR()]
    if prolongation.getComm().getSize() > 1:
        wanted: Any = PETSc.IS()
        every: Any = PETSc.IS()
        wanted.createGeneral(ghosts, comm=MPI.COMM_SELF)
        every.createStride(prolongation.getSize()[1], comm=MPI.COMM_SELF)
        prolonged: Any = prolongation
        (others,) = prolonged.createSubMatrices(wanted, every)
        rows.append(others.getValuesCSR())
        for thing in (wanted, every, others):
            thing.destroy()
    nodes = np.unique(np.concatenate([columns for _, columns, _ in rows])).astype(PETSc.IntType)
    made = [
        _sequential(start, np.searchsorted(nodes, of), values, nodes.size) for start, of, values in rows
    ]
    restriction = made[0].copy()
    restriction.transpose()
    return restriction, made, nodes


def _sequential(start: _Ints, columns: _Ints, values: NDArray[np.float64], width: int) -> PETSc.Mat:
    """A matrix of this rank alone."""
    csr = (start, columns.astype(PETSc.IntType), values)
    made: Any = PETSc.Mat()
    return made.createAIJ((start.size - 1, width), csr=csr, comm=MPI.COMM_SELF)


@cache
def _petsc() -> ctypes.CDLL:
    return ctypes.CDLL(str(get_petsc_lib()))


def _call(name: str, matrix: PETSc.Mat | ctypes.c_void_p, *arguments: Any) -> None:
    """A function of PETSc that petsc4py does not have."""
    handle = matrix if isinstance(matrix, ctypes.c_void_p) else ctypes.c_void_p(matrix.handle)
    if _petsc()[name](handle, *arguments):
        raise RuntimeError(f"PETSc's {name} failed")


def _blocks(matrix: PETSc.Mat, block: int) -> tuple[list[_Rows], _Ints]:
    """A rank's rows by nodes, with columns of its own nodes and, on several, of ghosts; which those are."""
    none: _Ints = np.empty(0, dtype=PETSc.IntType)
    if matrix.getType() == "seqbaij":
        return [_own(ctypes.c_void_p(matrix.handle), block)], none
    here, beside, ghosts = ctypes.c_void_p(), ctypes.c_void_p(), _INTS()
    _call("MatMPIBAIJGetSeqBAIJ", matrix, *(ctypes.byref(part) for part in (here, beside, ghosts)))
    others = _own(beside, block)
    count = int(others[1].max(initial=-1)) + 1
    known = np.ctypeslib.as_array(ghosts, (count,)).copy() if count else none
    return [_own(here, block), others], known


def _entries(matrix: PETSc.Mat, count: int) -> NDArray[np.float64]:
    """The values of a matrix of numbers of one rank, where PETSc has them."""
    data = _DOUBLES()
    _call("MatSeqAIJGetArrayRead", matrix, ctypes.byref(data))
    return np.ctypeslib.as_array(data, (count,)) if count else np.empty(0)


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

"""Galerkin products P^T A P of matrices of blocks, on one rank or several.

What petsc4py does not reach of PETSc is called by name: the values of BAIJ matrices where they are, and new
values for an AIJ matrix made of arrays.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from petsc4py import PETSc

import numpy as np
from dolfinx.fem.petsc import get_petsc_lib
from numpy.typing import NDArray

_Ints = NDArray[Any]
_Piece = tuple[slice | _Ints, NDArray[np.float64]]

_DOUBLES = ctypes.POINTER(ctypes.c_double)
_INTS = ctypes.POINTER(np.ctypeslib.as_ctypes_type(PETSc.IntType))


def galerkin(
    fine: PETSc.Mat, prolongation: PETSc.Mat, block: int, coarse: PETSc.Mat | None = None
) -> PETSc.Mat:
    """P^T A P for a prolongation between nodes, one pair of fields after the other.

    PETSc's products need A as rows of numbers, and with A P take as much memory as A and its factors.
    """
    comm: Any = fine.getComm()
    start, columns, pieces = _blocks(fine, block)
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
            for place, values in pieces:
                entries[place] = values[:, a, b]
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


@cache
def _petsc() -> ctypes.CDLL:
    return ctypes.CDLL(str(get_petsc_lib()))


def _call(name: str, matrix: PETSc.Mat | ctypes.c_void_p, *arguments: Any) -> None:
    """A function of PETSc that petsc4py does not have."""
    handle = matrix if isinstance(matrix, ctypes.c_void_p) else ctypes.c_void_p(matrix.handle)
    if _petsc()[name](handle, *arguments):
        raise RuntimeError(f"PETSc's {name} failed")


def _blocks(matrix: PETSc.Mat, block: int) -> tuple[_Ints, _Ints, list[_Piece]]:
    """Row starts and columns of a matrix by nodes, and its values: where they go, (entry, row, column)."""
    if matrix.getType() == "seqbaij":
        start, columns, values = _own(ctypes.c_void_p(matrix.handle), block)
        return start, columns, [(slice(None), values)]
    if matrix.getType() != "mpibaij":
        start, columns, values = _copied(matrix, block)
        return start, columns, [(slice(None), values)]
    here, beside, ghosts = ctypes.c_void_p(), ctypes.c_void_p(), _INTS()
    _call("MatMPIBAIJGetSeqBAIJ", matrix, *(ctypes.byref(part) for part in (here, beside, ghosts)))
    start, columns, values = _own(here, block)
    start_beside, columns_beside, values_beside = _own(beside, block)
    first = matrix.getOwnershipRange()[0] // block
    if columns_beside.size:
        ghost = np.ctypeslib.as_array(ghosts, (int(columns_beside.max()) + 1,))
        columns_beside = ghost[columns_beside]
    columns = columns + first
    start, places = _merged((start, columns), (start_beside, columns_beside), first)
    merged = np.empty(start[-1], dtype=PETSc.IntType)
    for place, part in zip(places, (columns, columns_beside), strict=True):
        merged[place] = part
    return start, merged, list(zip(places, (values, values_beside), strict=True))


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
    here: tuple[_Ints, _Ints], beside: tuple[_Ints, _Ints], first: int
) -> tuple[_Ints, tuple[_Ints, _Ints]]:
    """Starts of rows that hold both parts by rising columns, and the places of the entries of each.

    Of the second part those before ``first``, then the first part, then the others.
    """
    counts = [np.diff(start) for start, _ in (here, beside)]
    start = np.append(0, np.cumsum(counts[0] + counts[1])).astype(PETSc.IntType)
    row = np.repeat(np.arange(counts[1].size), counts[1])
    before = beside[1] < first
    left = np.bincount(row[before], minlength=counts[1].size)
    place = np.arange(here[1].size) + np.repeat(start[:-1] + left - here[0][:-1], counts[0])
    place_beside = np.arange(beside[1].size) + (start[:-1] - beside[0][:-1])[row]
    return start, (place, place_beside + np.where(before, 0, counts[0][row]))

"""A matrix and its right sides with two rows of every node exchanged."""

from __future__ import annotations

from typing import Any

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc


class Exchange:
    """Two rows of every node change places."""

    def __init__(self, space: fem.FunctionSpace, rows: tuple[int, int]) -> None:
        index, block = space.dofmap.index_map, int(space.dofmap.index_map_bs)
        comm: Any = space.mesh.comm
        table = np.arange(index.size_local * block).reshape(-1, block)
        self._columns = _index_set(comm, index.local_range[0] * block + table.ravel())
        table[:, list(rows)] = table[:, list(reversed(rows))]
        self._places = table.ravel()
        self._rows = _index_set(comm, index.local_range[0] * block + self._places)
        self._right = fem_petsc.create_vector(space)

    def matrix(self, matrix: PETSc.Mat, into: PETSc.Mat | None) -> PETSc.Mat:
        """A copy with its rows exchanged."""
        made = matrix.createSubMatrix(self._rows, self._columns, into)
        made.setBlockSize(matrix.getBlockSize())
        return made

    def vector(self, b: PETSc.Vec) -> PETSc.Vec:
        """A right side with its rows exchanged."""
        self._right.getArray()[: self._places.size] = b.getArray(readonly=True)[self._places]
        return self._right

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        for thing in (self._rows, self._columns, self._right):
            thing.destroy()


def _index_set(comm: Any, numbers: Any) -> PETSc.IS:
    made: Any = PETSc.IS()
    return made.createGeneral(numbers.astype(PETSc.IntType), comm=comm)

r"""A matrix with a border of a few dense rows and columns, and its inverse by block elimination.

    | A  B | | w |   | f |      A X = B,  A y = f,  (D - C X) s = g - C y,  w = y - X s
    | C  D | | s | = | g |

X is made once for every matrix: one application of A^-1 for each column; then every application of
the inverse takes one more. Where A^-1 is only approximate, so is the whole. The scalars s live on
rank 0, behind its unknowns w.
"""

from __future__ import annotations

from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from numpy.typing import NDArray

from thincell.solvers.linear import Solver

Array = NDArray[np.float64]


class Border:
    """Rows and columns around the matrix of a linear solver."""

    def __init__(self, space: fem.FunctionSpace, linear: Solver) -> None:
        self.comm: Any = space.mesh.comm
        self.owned = space.dofmap.index_map.size_local * space.dofmap.index_map_bs
        self._linear = linear
        self._right, self._left = (fem_petsc.create_vector(space) for _ in range(2))

    def put(self, columns: list[Array], rows: list[Array], corner: Array) -> None:
        """A new border (B, C, D), around the matrix that the linear solver now holds."""
        self._columns, self._rows, self._corner = columns, rows, corner
        self._solved = [self._inverse(column) for column in columns]
        products = [self._products(solved) for solved in self._solved]
        self._pivot = corner - np.column_stack(products)

    def mult(self, matrix: Any, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = J x."""
        array, scalars = self._split(x)
        self._right.getArray()[: self.owned] = array
        self._linear.multiply(self._right, self._left)
        fields = self._left.getArray(readonly=True)[: self.owned].copy()
        for scalar, column in zip(scalars, self._columns, strict=True):
            fields += scalar * column
        self._join(y, fields, self._products(array) + self._corner @ scalars)

    def apply(self, pc: Any, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = J^-1 x."""
        array, scalars = self._split(x)
        fields = self._inverse(array)
        right = scalars - self._products(fields)
        try:
            changes = np.linalg.solve(self._pivot, right)
        except np.linalg.LinAlgError:
            # the currents no longer depend on the potentials; the step is not a number
            changes = np.full(right.size, np.nan)
        for change, solved in zip(changes, self._solved, strict=True):
            fields -= change * solved
        self._join(y, fields, changes)

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        self._right.destroy()
        self._left.destroy()

    def _inverse(self, array: Array) -> Array:
        self._right.getArray()[: self.owned] = array
        self._linear.precondition(self._right, self._left)
        return np.array(self._left.getArray(readonly=True)[: self.owned])

    def _products(self, array: Array) -> Array:
        """C w, not a number if w is not: the iterate is judged elsewhere."""
        local = np.array([_dot(row, array) for row in self._rows])
        return np.asarray(self.comm.allreduce(local, MPI.SUM))

    def _split(self, x: PETSc.Vec) -> tuple[Array, Array]:
        array = x.getArray(readonly=True)
        return array[: self.owned], scalars(self.comm, x, self.owned)

    def _join(self, y: PETSc.Vec, fields: Array, values: Array) -> None:
        out = y.getArray()
        out[: self.owned] = fields
        if self.comm.rank == 0:
            out[self.owned :] = values


def _dot(row: Array, array: Array) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.dot(row, array))


def scalars(comm: Any, x: PETSc.Vec, owned: int) -> Array:
    """The scalars of a vector, on every rank."""
    mine = np.array(x.getArray(readonly=True)[owned:]) if comm.rank == 0 else None
    return np.asarray(comm.bcast(mine, root=0))

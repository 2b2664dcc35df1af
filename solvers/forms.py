"""The forms of a bordered system, compiled, and what they assemble to."""

from __future__ import annotations

from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Forms:
    """The weak form F(w; E), the current I(w; E), the reference R(w), and their derivatives.

    A part that is None is zero.
    """

    def __init__(
        self,
        residual: ufl.Form,
        state: fem.Function,
        current: ufl.Form,
        by_potential: tuple[ufl.Form | None, ufl.Form | None],
        reference: ufl.Form | None,
    ) -> None:
        space = state.function_space
        test, trial = ufl.TestFunction(space), ufl.TrialFunction(space)
        self.comm: Any = space.mesh.comm
        self.owned = space.dofmap.index_map.size_local * space.dofmap.index_map_bs
        self.F = fem.form(residual)
        self.A = fem.form(ufl.derivative(residual, state, trial))
        self.I = fem.form(current)
        self.dI = fem.form(ufl.derivative(current, state, test))
        self.dF_dE = fem.form(by_potential[0]) if by_potential[0] is not None else None
        self.dI_dE = fem.form(by_potential[1]) if by_potential[1] is not None else None
        self.R = fem.form(reference) if reference is not None else None
        self.dR = fem.form(ufl.derivative(reference, state, test)) if reference is not None else None
        self._work = fem_petsc.create_vector(space)

    def vector(self, form: fem.Form | None) -> Array:
        """A linear form in the test functions of the fields: this rank's rows."""
        return assembled(form, self._work, self.owned) if form is not None else np.zeros(self.owned)

    def scalar(self, form: fem.Form | None) -> float:
        """A functional."""
        if form is None:
            return 0.0
        return float(self.comm.allreduce(fem.assemble_scalar(form), MPI.SUM))

    def border(self, by_reading: float, by_current: float) -> tuple[Array, Array, float]:
        """Column, row and corner of E, from the derivatives of the control by U and I."""
        row = by_current * self.vector(self.dI)
        if self.dR is not None and by_reading != 0.0:
            row -= by_reading * self.vector(self.dR)
        return self.vector(self.dF_dE), row, by_reading + by_current * self.scalar(self.dI_dE)

    def rows_of_matrix(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """dF/dw: this rank's row starts, global columns, values."""
        matrix = fem_petsc.create_matrix(self.A)
        fem_petsc.assemble_matrix(matrix, self.A)
        matrix.assemble()
        starts, columns, values = (np.array(part) for part in matrix.getValuesCSR())
        matrix.destroy()
        return starts, columns, values

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        self._work.destroy()


def assembled(form: fem.Form, vector: PETSc.Vec, owned: int) -> Array:
    """A linear form, assembled into a vector of its space: this rank's rows."""
    with vector.localForm() as local:
        local.set(0.0)
    fem_petsc.assemble_vector(vector, form)
    vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    return np.array(vector.getArray(readonly=True)[:owned])

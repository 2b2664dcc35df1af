r"""Consistent boundary flux: the function on a boundary whose moments are the residual's rows.

At a boundary with prescribed values the residual without that condition equals the moments of the
flux, R(v) = int q v ds for every trace v. Solving this mass system on the trace gives q with the
accuracy of the solution itself; a differentiated field is 2 to 1200 % wrong at electrode edges.
Carey, Chow & Seager 1985, 10.1016/0045-7825(85)90085-4.
"""

from __future__ import annotations

from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc


def boundary_flux(
    residual: ufl.Form, mass: ufl.Form, unknowns: np.ndarray, space: fem.FunctionSpace
) -> fem.Function:
    """The flux on a boundary, as a function whose other unknowns are zero.

    ``residual`` is linear in the test function, ``mass`` the boundary's mass form, ``unknowns`` the
    local unknowns on the boundary.
    """
    flux = fem.Function(space, name="boundary flux")
    matrix = fem_petsc.assemble_matrix(fem.form(mass))
    matrix.assemble()
    vector = fem_petsc.assemble_vector(fem.form(residual))
    vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    owned = space.dofmap.index_map.size_local * space.dofmap.index_map_bs
    first = vector.getOwnershipRange()[0]
    local = np.sort(unknowns[unknowns < owned])
    rows = PETSc.IS().createGeneral((local + first).astype(np.int32), comm=vector.comm)
    block, right = matrix.createSubMatrix(rows, rows), vector.getSubVector(rows)
    solution = right.duplicate()
    ksp = PETSc.KSP().create(vector.comm)
    ksp.setType("preonly")
    ksp.getPC().setType("lu")
    ksp.getPC().setFactorSolverType("mumps")
    ksp.setOperators(block)
    ksp.solve(right, solution)
    flux.x.array[local] = solution.getArray()
    flux.x.scatter_forward()
    vector.restoreSubVector(rows, right)
    return flux

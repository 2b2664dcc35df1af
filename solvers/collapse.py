r"""A multilevel preconditioner for thin layers: thin the columns out, then collapse them.

The matrix is that of a blocked Lagrange space on a mesh of columns (solvers/lattice.py), its unknowns
renumbered column by column. One application goes once down and once up:

    b_{l+1} = P_l^T b_l                          all the way to the collapsed problem
    x = A_n^-1 b_n                               one value per field and column: a direct solve
    x_l = P_l x_{l+1};  x_l += B_l (b_l - A_l x_l)      B: incomplete factorisation ILU(0)

with Galerkin matrices A_{l+1} = P_l^T A_l P_l. In the order of the columns ILU(0) couples the nodes of
a column exactly, all fields of a node at once, however thin the cells; what it cannot see, changes over
many columns, is on the thinned levels, and beyond one height only averages are left. There is no
smoothing on the way down: it would nearly double the work and, with second order elements, cost
iterations. Counts do not grow with the number of unknowns, the slenderness or the time step.

Every column belongs to one rank; on several ranks the factorisations are those of each rank's columns
(block Jacobi).
"""

from __future__ import annotations

from typing import Any

from petsc4py import PETSc

import numpy as np
from dolfinx import fem

from thincell.solvers.lattice import columns_of, prolongations


class Collapse:
    """The preconditioner as the context of a PETSc ``python`` PC; ``smoother`` and ``coarse`` are
    option prefixes of its parts."""

    def __init__(self, space: fem.FunctionSpace, smoother: str, coarse: str) -> None:
        """Finds the columns; raises NotColumns."""
        comm: Any = space.mesh.comm
        block = int(space.dofmap.index_map_bs)
        lattice, order = columns_of(space)
        self._prolongations = prolongations(lattice, block)
        unknowns = (order[:, None] * block + np.arange(block)).ravel().astype(PETSc.IntType)
        index_set: Any = PETSc.IS()
        self._order = index_set.createGeneral(unknowns, comm=comm)
        self._order.setBlockSize(block)
        given = PETSc.Vec().createMPI((space.dofmap.index_map.size_local * block, None), comm=comm)
        columns = PETSc.Vec().createMPI((unknowns.size, None), comm=comm)
        scatter: Any = PETSc.Scatter()
        self._arrange = scatter.create(given, self._order, columns, None)
        given.destroy()
        columns.destroy()
        self._restrictions = [p.copy() for p in self._prolongations]
        for restriction in self._restrictions:
            restriction.transpose()
        self._matrices: list[PETSc.Mat] = []
        self._halfway: list[PETSc.Mat] = []
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

    def set_operators(self, matrix: PETSc.Mat) -> None:
        """Renumber the matrix, form those of the coarse spaces and factorise."""
        first = not self._matrices
        if first:
            self._matrices.append(matrix.createSubMatrix(self._order, self._order))
            self._matrices[0].setBlockSize(matrix.getBlockSize())
        else:
            matrix.createSubMatrix(self._order, self._order, self._matrices[0])
        for level, prolongation in enumerate(self._prolongations):
            fine = self._matrices[level]
            # R (A P): half the time of PETSc's triple product
            if first:
                self._halfway.append(fine.matMult(prolongation))
                self._matrices.append(self._restrictions[level].matMult(self._halfway[level]))
                self._matrices[-1].setBlockSize(matrix.getBlockSize())
            else:
                fine.matMult(prolongation, self._halfway[level])
                self._restrictions[level].matMult(self._halfway[level], self._matrices[level + 1])
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
        """One pass down and up, for vectors in the order of the space."""
        bottom = len(self._prolongations)
        self._arrange.scatter(b, self._vectors[0][1])
        for level in range(bottom):
            self._restrictions[level].mult(self._vectors[level][1], self._vectors[level + 1][1])
        self._bottom.solve(self._vectors[bottom][1], self._vectors[bottom][0])
        for level in reversed(range(bottom)):
            solution, right, work = self._vectors[level]
            self._prolongations[level].mult(self._vectors[level + 1][0], solution)
            self._matrices[level].mult(solution, work)
            right.axpy(-1.0, work)
            self._smoothers[level].apply(right, work)
            solution.axpy(1.0, work)
        self._arrange.scatter(self._vectors[0][0], x, mode=PETSc.ScatterMode.REVERSE)

    def average(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """The collapsed problem alone: sums of b - A x over columns, and so over all rows, vanish."""
        self._arrange.scatter(b, self._vectors[0][1])
        for level, restriction in enumerate(self._restrictions):
            restriction.mult(self._vectors[level][1], self._vectors[level + 1][1])
        self._bottom.solve(self._vectors[-1][1], self._vectors[-1][0])
        for level in reversed(range(len(self._prolongations))):
            self._prolongations[level].mult(self._vectors[level + 1][0], self._vectors[level][0])
        self._arrange.scatter(self._vectors[0][0], x, mode=PETSc.ScatterMode.REVERSE)

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        vectors = [v for level in self._vectors for v in level]
        transfers = (*self._prolongations, *self._restrictions, *self._halfway)
        for thing in (
            self._bottom,
            *self._smoothers,
            *transfers,
            *self._matrices,
            *vectors,
            self._order,
        ):
            thing.destroy()

"""PETSc's SNES for a bordered system: Newton's method with a backtracking line search.

The block elimination is its preconditioner; how exactly a Krylov method around it solves follows the
residuals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

from thincell.solvers.callbacks import Inverse, Matrix, weak
from thincell.solvers.convergence import Convergence
from thincell.solvers.linear import Solver
from thincell.solvers.tolerances import Tolerances
from thincell.solvers.unknowns import Unknowns

#: Largest change of a cautious unknown in a Newton step.
CAUTION = 3.0

#: Largest relative residual that an iterative linear solver may leave. A hundredth costs Newton iterations
#: where the reaction is steep (7 in place of 5 at the front of a deposit) and saves few of its own.
FORCING = 1e-3


class Newton:
    """The iteration, its vectors and its counts."""

    def __init__(
        self,
        unknowns: Unknowns,
        prefix: str,
        residual: Callable[..., None],
        jacobian: Callable[..., None],
        verdict: Callable[..., int],
        cautious: np.ndarray | None,
    ) -> None:
        """Callbacks of SNES, and local unknowns whose steps are limited."""
        self.comm, self._prefix, self._unknowns = unknowns.comm, prefix, unknowns
        self._cautious = unknowns.own(cautious)
        self._residual, self._jacobian, self._verdict = weak(residual), weak(jacobian), weak(verdict)
        self.convergence = Convergence()
        self.krylov_iterations = 0
        self._forcing, self._last_right = FORCING, 0.0

    def renew(self, linear: Solver, inverse: Matrix, tolerances: Tolerances) -> None:
        """New PETSc objects."""
        self._linear, self._inverse = linear, inverse
        self.snes = PETSc.SNES().create(self.comm)
        self.snes.setOptionsPrefix(self._prefix)
        self.snes.setType("newtonls")
        search = self.snes.getLineSearch()
        search.setType("bt")
        search.setTolerances(max_its=tolerances.backtracks)
        self.snes.setTolerances(max_it=tolerances.iterations)
        self.snes.setConvergenceTest(self._verdict)
        if self.comm.allreduce(self._cautious.size, MPI.SUM):
            self.snes.setLineSearchPreCheck(weak(self._limit))
        self._krylov = self.snes.getKSP()
        linear.configure(self._krylov)
        self._krylov.getPC().setType("python")
        self._krylov.getPC().setPythonContext(Inverse(inverse))
        self._krylov.setPreSolve(weak(self._before_solve))
        self._krylov.setPostSolve(weak(self._after_solve))
        self._allocate()

    def fit(self) -> None:
        """Other vectors where the number of bodies has changed.

        The solvers stay, with their options, which are no longer in PETSc's database.
        """
        if self._bodies == self._unknowns.bodies:
            return
        self.snes.reset()
        for thing in (self.x, self.f, self._shell):
            thing.destroy()
        self._allocate()

    def _allocate(self) -> None:
        self._bodies, size = self._unknowns.bodies, self._unknowns.size
        self.x = PETSc.Vec().createMPI((size, None), comm=self.comm)
        self.f = self.x.duplicate()
        self._shell = PETSc.Mat().createPython(((size, None), (size, None)), comm=self.comm)
        self._shell.setPythonContext(Inverse(self._inverse))
        self._shell.setUp()
        self.snes.setFunction(self._residual, self.f)
        self.snes.setJacobian(self._jacobian, self._shell)

    def iterate(self) -> int:
        """Newton's method; again from where it stopped if the linear solver failed and has a remedy."""
        lost: Any = PETSc.SNES.ConvergedReason.DIVERGED_LINEAR_SOLVE
        self.convergence.begin()
        self.snes.solve(None, self.x)
        self._linear.settle()
        while self.snes.getConvergedReason() == lost and np.isfinite(self.convergence.norm):
            if not self._linear.remedy(self._krylov):
                break
            self.snes.solve(None, self.x)
        reason: Any = self.snes.getConvergedReason()
        return int(reason)

    def steps(self, number: int, after: Callable[[], None]) -> None:
        """Full steps with the last factorisation, solved as exactly as possible."""
        change = self.x.duplicate()
        self._forcing = 0.0
        for _ in range(number):
            self._residual(self.snes, self.x, self.f)
            self._krylov.solve(self.f, change)
            if not np.isfinite(change.norm()):
                break
            self.x.axpy(-1.0, change)
            after()
        self._forcing = FORCING
        change.destroy()

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        for thing in (self.snes, self._shell, self.x, self.f):
            thing.destroy()

    def _limit(self, x: PETSc.Vec, step: PETSc.Vec) -> bool:
        """Shorten the steps of cautious unknowns, each by itself.

        Newton's step of ln c is c_wanted/c - 1: from far below it would overflow, and a line search that
        shortens the whole step for it would stop everything else.
        """
        array = step.getArray()
        array[self._cautious] = np.clip(array[self._cautious], -CAUTION, CAUTION)
        return True

    def _before_solve(self, ksp: Any, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """How exactly to solve: as the next residual deserves, which falls with this one's square."""
        size: Any = b.norm()
        ratio = size / self._last_right if self._last_right > 0.0 else 1.0
        self._last_right = size
        self._linear.aim(ksp, min(self._forcing, ratio * ratio))

    def _after_solve(self, ksp: Any, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """The direction; none if the solver gave up at once: its zero is not that of a root."""
        tried = ksp.getConvergedReason() > 0 or ksp.getIterationNumber() > 0
        size: Any = x.norm()
        self.convergence.direction = size if tried else np.inf
        self.krylov_iterations += ksp.getIterationNumber()

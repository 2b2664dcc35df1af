r"""Newton's method for fields plus one scalar: the potential E of the working electrode.

    F(w; E) = 0        the weak form
    g(U, I(w; E)) = 0  the control: given current, given potential, or the first of the two that binds

with the reading U = E - R(w) of the potentiostat, R being the electrolyte potential at a reference
electrode (R = 0: against the grounded counter electrode).

The Jacobian is bordered by one row and one column. Each Newton step factorises dF/dw once and solves
twice (block elimination):

    A x1 = F,  A x2 = dF/dE,  dE = (g - c.x1) / (d - c.x2),  dw = x1 - dE x2

with c = g_I dI/dw - g_U dR/dw and d = g_U + g_I dI/dE. PETSc's SNES runs the iteration
with its backtracking line search; the block elimination is its preconditioner. With a direct solver
that is the whole linear solve; with an iterative one A^-1 is one application of its preconditioner,
and GMRES runs over the fields and the scalar together. The scalar lives on rank 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

from thincell.solvers.callbacks import Inverse, weak
from thincell.solvers.failure import NotConverged
from thincell.solvers.linear import Linear
from thincell.solvers.tolerances import Tolerances

#: Steps with the last factorisation after Newton's method has reached the round-off floor.
POLISH = 2

#: Largest change of a cautious unknown in a Newton step.
CAUTION = 3.0

#: Rounding of a number, relative.
EPSILON = float(np.finfo(float).eps)

#: Largest relative residual that an iterative linear solver may leave.
FORCING = 1e-2

#: How far (RT/F) beyond its limit the potential may stray during an iteration.
FAR = 20.0


class Control(Protocol):
    """What fixes the electrode potential: one scalar equation g(U, I) = 0."""

    def residual(self, potential: float, current: float) -> float:
        """g(U, I)."""

    def partials(self, potential: float, current: float) -> tuple[float, float]:
        """(dg/dU, dg/dI)."""


def _nothing() -> None:
    """Nothing follows the state."""


@dataclass(frozen=True)
class Slopes:
    """Derivatives of a bordered system at its present state; vectors hold this rank's unknowns.

    ``by_state`` is dF/dw as (row starts, global columns, values), ``by_potential`` dF/dE,
    ``current_by_state`` dI/dw, ``current_by_potential`` dI/dE, ``reference_by_state`` dR/dw.
    """

    by_state: tuple[np.ndarray, np.ndarray, np.ndarray]
    by_potential: np.ndarray
    current_by_state: np.ndarray
    current_by_potential: float
    reference_by_state: np.ndarray


class BorderedSystem:
    """A weak form with one scalar unknown and one scalar equation."""

    def __init__(
        self,
        residual: ufl.Form,
        state: fem.Function,
        potential: fem.Constant,
        current: ufl.Form,
        derivative_by_potential: tuple[ufl.Form | None, ufl.Form | None],
        fixed: tuple[np.ndarray, float | fem.Function] | None = None,
        on_metal: np.ndarray | None = None,
        reference: ufl.Form | None = None,
        refresh: Callable[[], None] | None = None,
        cautious: np.ndarray | None = None,
        tolerances: Tolerances | None = None,
        prefix: str = "thincell_",
        linear: Linear | None = None,
    ) -> None:
        """``derivative_by_potential`` holds dF/dE (a linear form) and dI/dE (a functional).

        ``fixed`` holds local unknowns and the value that they keep or the function that holds their
        values (a reservoir, a grounded electrode);
        ``on_metal`` lists unknowns that equal E itself (primary distribution). ``reference`` is the
        linear functional R(w). ``refresh`` brings coefficients that follow the state up to date; it is
        called before every assembly. ``linear`` chooses the linear solver, MUMPS by default.
        """
        self.state, self.potential = state, potential
        self.tolerances = tolerances or Tolerances()
        self.comm: Any = state.function_space.mesh.comm
        self.current_scale = 1.0
        self._refresh = refresh or _nothing
        self.iterations = 0
        self.factorisations = 0
        self.krylov_iterations = 0
        self.control: Control | None = None
        space = state.function_space
        self.owned = space.dofmap.index_map.size_local * space.dofmap.index_map_bs
        dofs, value = fixed if fixed is not None else (np.empty(0, dtype=np.int32), 0.0)
        self._fixed, self._fixed_value = self._own(dofs), value
        self._on_metal = self._own(on_metal if on_metal is not None else np.empty(0))
        self._rows = np.concatenate([self._fixed, self._on_metal])
        self._constrained = self.comm.allreduce(self._rows.size, MPI.SUM) > 0
        self._compile(residual, current, derivative_by_potential, reference)
        self._linear, self._prefix = linear or Linear(), prefix
        self._cautious = self._own(cautious if cautious is not None else np.empty(0))
        self.linear = self._linear.build(space)
        self._allocate(prefix)

    # -- set-up ---------------------------------------------------------------------------------

    def _compile(
        self,
        residual: ufl.Form,
        current: ufl.Form,
        by_potential: tuple[ufl.Form | None, ufl.Form | None],
        reference: ufl.Form | None,
    ) -> None:
        w = self.state
        test = ufl.TestFunction(w.function_space)
        trial = ufl.TrialFunction(w.function_space)
        self._F = fem.form(residual)
        self._A = fem.form(ufl.derivative(residual, w, trial))
        self._I = fem.form(current)
        self._dI = fem.form(ufl.derivative(current, w, test))
        self._dF_dE = fem.form(by_potential[0]) if by_potential[0] is not None else None
        self._dI_dE = fem.form(by_potential[1]) if by_potential[1] is not None else None
        self._R = fem.form(reference) if reference is not None else None
        self._dR = fem.form(ufl.derivative(reference, w, test)) if reference is not None else None

    def _allocate(self, prefix: str) -> None:
        space = self.state.function_space
        self._matrix: Any = self.linear.matrix(self._A)
        self._vectors = [fem_petsc.create_vector(space) for _ in range(5)]

        extra = 1 if self.comm.rank == 0 else 0
        self._x = PETSc.Vec().createMPI((self.owned + extra, None), comm=self.comm)
        self._f = self._x.duplicate()

        self.snes = PETSc.SNES().create(self.comm)
        self.snes.setOptionsPrefix(prefix)
        self.snes.setType("newtonls")
        self.snes.getLineSearch().setType("bt")
        self.snes.setTolerances(max_it=self.tolerances.iterations)
        self.snes.setFunction(weak(self._assemble_residual), self._f)
        size = ((self.owned + extra, None), (self.owned + extra, None))
        shell = PETSc.Mat().createPython(size, comm=self.comm)
        shell.setPythonContext(Inverse(self))
        shell.setUp()
        self.snes.setJacobian(weak(self._assemble_jacobian), shell)
        self.snes.setConvergenceTest(weak(self._converged))
        if self.comm.allreduce(self._cautious.size, MPI.SUM):
            self.snes.setLineSearchPreCheck(weak(self._limit))
        self._krylov = self.snes.getKSP()
        self.linear.configure(self._krylov)
        self._krylov.getPC().setType("python")
        self._krylov.getPC().setPythonContext(Inverse(self))
        self._krylov.setPreSolve(weak(self._before_solve))
        self._krylov.setPostSolve(weak(self._after_solve))

    def _limit(self, x: PETSc.Vec, step: PETSc.Vec) -> bool:
        """Shorten the steps of cautious unknowns, each by itself.

        Newton's step of ln c is c_wanted/c - 1: from far below it would overflow, and a line search that
        shortens the whole step for it would stop everything else.
        """
        array = step.getArray()
        array[self._cautious] = np.clip(array[self._cautious], -CAUTION, CAUTION)
        return True

    def _own(self, dofs: np.ndarray) -> np.ndarray:
        dofs = np.asarray(dofs, dtype=np.int32)
        return dofs[dofs < self.owned]

    # -- solve ----------------------------------------------------------------------------------

    def solve(self, control: Control, beyond: Callable[[float], float] | None = None) -> int:
        """Solve from the present state and potential; returns Newton iterations.

        ``beyond`` of the reading tells how far it is inside a limit; iterations that leave the limit
        far behind are given up early. Raises NotConverged with the state as the iteration left it: the
        caller keeps the last good one.
        """
        self.control, self._beyond = control, beyond
        self._pack()
        try:
            self._iterate()
        except PETSc.Error as error:  # an iterate that is not a number, into the direct solver
            self._renew()
            raise NotConverged(f"PETSc stopped ({str(error).splitlines()[0]})", 0, self._norm) from error
        self.iterations = self.snes.getIterationNumber()
        reason: Any = self.snes.getConvergedReason()
        self._unpack(self._x)
        if reason < 0 and not self._at_round_off():
            raise NotConverged(self._why(reason), self.iterations, self._norm)
        if reason != PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS:
            self._polish()
        return self.iterations

    def _iterate(self) -> None:
        """Newton's method; again from where it stopped if the linear solver failed and has a remedy."""
        lost: Any = PETSc.SNES.ConvergedReason.DIVERGED_LINEAR_SOLVE
        self.snes.solve(None, self._x)
        self.linear.settle()
        while self.snes.getConvergedReason() == lost and np.isfinite(self._norm):
            if not self.linear.remedy(self._krylov):
                break
            self.snes.solve(None, self._x)

    def _polish(self) -> None:
        """Full steps with the last factorisation, at the round-off floor.

        There the residual of single rows is noise, and the line search refuses or shortens steps that
        still matter: sums over rows, hence the balances of charge and of ions, are far more exact.
        """
        change = self._x.duplicate()
        self._forcing = 0.0
        for _ in range(POLISH):
            self._assemble_residual(self.snes, self._x, self._f)
            self._krylov.solve(self._f, change)
            if not np.isfinite(change.norm()):
                break
            self._x.axpy(-1.0, change)
            self._balance()
        self._forcing = FORCING
        self._unpack(self._x)
        change.destroy()

    def _balance(self) -> None:
        """A step that only makes sums over rows vanish, if the linear solver leaves them as they are."""
        self._assemble_residual(self.snes, self._x, self._f)
        right, change = self._vectors[0], self._vectors[4]
        right.getArray()[: self.owned] = self._f.getArray(readonly=True)[: self.owned]
        if self.linear.balance(right, change):
            self._x.getArray()[: self.owned] -= change.getArray(readonly=True)[: self.owned]

    def _renew(self) -> None:
        """New PETSc objects: an exception leaves the old ones locked, or in the middle of a solve."""
        self.linear = self._linear.build(self.state.function_space)
        self._allocate(self._prefix)

    def current(self) -> float:
        """I(w; E) of the present state."""
        return float(self.comm.allreduce(fem.assemble_scalar(self._I), MPI.SUM))

    def reading(self) -> float:
        """U = E - R(w) of the present state."""
        value = float(self.potential.value)
        if self._R is None:
            return value
        return value - float(self.comm.allreduce(fem.assemble_scalar(self._R), MPI.SUM))

    def fixed_inflow(self) -> float:
        """What flows in where unknowns are fixed: the sum of their rows of F, a consistent flux."""
        rows = self._assemble_vector(self._F, self._vectors[0])[self._fixed]
        return float(self.comm.allreduce(float(rows.sum()), MPI.SUM))

    def slopes(self) -> Slopes:
        """The derivatives at the present state, with all constants as they stand.

        The rows of constrained unknowns are those of the weak form; see `constrained`.
        """
        self._refresh()
        matrix = fem_petsc.create_matrix(self._A)
        fem_petsc.assemble_matrix(matrix, self._A)
        matrix.assemble()
        by_state = tuple(np.array(part) for part in matrix.getValuesCSR())
        matrix.destroy()
        work = self._vectors[3]
        rows = [
            self._assemble_vector(form, work) if form is not None else np.zeros(self.owned)
            for form in (self._dF_dE, self._dI, self._dR)
        ]
        slope = 0.0
        if self._dI_dE is not None:
            slope = float(self.comm.allreduce(fem.assemble_scalar(self._dI_dE), MPI.SUM))
        return Slopes((by_state[0], by_state[1], by_state[2]), rows[0], rows[1], slope, rows[2])

    @property
    def constrained(self) -> tuple[np.ndarray, np.ndarray]:
        """This rank's unknowns that keep a value, and those that equal E."""
        return self._fixed, self._on_metal

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        self.linear.release()
        for thing in (self.snes, self._matrix, self._x, self._f, *self._vectors):
            thing.destroy()

    def _at_round_off(self) -> bool:
        if self._direction <= self.tolerances.rounding * (1 + self._size):
            return True
        small = self._last_step <= self.tolerances.step
        bound = self.tolerances.loose if small else self.tolerances.floor
        if self._norm <= bound * self._scale():
            return True
        shift = min(self._last_step, self._direction)
        return shift <= self.tolerances.noise and self._norm <= self._rounding()

    def _rounding(self) -> float:
        """Norm of the residual that rounding of the unknowns can make."""
        return EPSILON * self._matrix.norm(PETSc.NormType.FROBENIUS) * max(1.0, self._largest())

    def _largest(self) -> float:
        """Largest magnitude of an unknown."""
        owned = self.state.x.array[: self.owned]
        local = float(np.abs(owned).max()) if owned.size else 0.0
        return float(self.comm.allreduce(local, MPI.MAX))

    def _scale(self) -> float:
        return max(self.current_scale, abs(self._last_current))

    _norm = np.inf
    _last_step = np.inf
    _direction = np.inf
    _last_right = 0.0
    _forcing = FORCING
    _size = 0.0
    _last_current = 0.0
    _last_reading = 0.0

    def _why(self, reason: int) -> str:
        names = {
            -1: "the function left its domain",
            -3: "the linear solver failed",
            -4: "the residual is not a number",
            -5: "too many iterations",
            -6: "the line search found no descent",
            -8: "the potential left its limit far behind",
        }
        return names.get(reason, f"SNES stopped with reason {reason}")

    def _converged(self, snes: Any, iteration: int, norms: tuple[float, float, float]) -> int:
        before, self._norm = self._norm, norms[2]
        if not np.isfinite(self._norm):
            return int(PETSc.SNES.ConvergedReason.DIVERGED_FUNCTION_NANORINF)
        enough = self.tolerances.residual * (1.0 if iteration else self.tolerances.already)
        if self._norm <= enough * self._scale():
            return int(PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS)
        self._size = norms[0]
        self._last_step = norms[1] if iteration > 0 else np.inf
        self._direction = self._direction if iteration > 0 else np.inf
        stalled = iteration > 0 and self._norm > 0.3 * before
        if stalled and self._at_round_off():
            return int(PETSc.SNES.ConvergedReason.CONVERGED_SNORM_RELATIVE)
        if iteration > 1 and self._beyond is not None and self._beyond(self._last_reading) < -FAR:
            return int(PETSc.SNES.ConvergedReason.DIVERGED_LOCAL_MIN)
        if iteration >= self.tolerances.iterations:
            return int(PETSc.SNES.ConvergedReason.DIVERGED_MAX_IT)
        return 0

    def _pack(self) -> None:
        array = self._x.getArray()
        array[: self.owned] = self.state.x.array[: self.owned]
        if self.comm.rank == 0:
            array[self.owned] = float(self.potential.value)

    def _unpack(self, x: PETSc.Vec) -> None:
        array = x.getArray(readonly=True)
        self.state.x.array[: self.owned] = array[: self.owned]
        self.state.x.scatter_forward()
        value = float(array[self.owned]) if self.comm.rank == 0 else 0.0
        self.potential.value = self.comm.bcast(value, root=0)
        self._refresh()

    # -- SNES callbacks ---------------------------------------------------------------------------

    def _assemble_residual(self, snes: Any, x: PETSc.Vec, f: PETSc.Vec) -> None:
        self._unpack(x)
        residual = self._assemble_vector(self._F, self._vectors[0])
        self._last_current = self.current()
        out = f.getArray()
        out[: self.owned] = residual
        w, kept = self.state.x.array, self._fixed_value
        target = kept.x.array[self._fixed] if isinstance(kept, fem.Function) else kept
        out[self._fixed] = w[self._fixed] - target
        out[self._on_metal] = w[self._on_metal] - self.potential.value
        assert self.control is not None
        self._last_reading = self.reading()
        value = self.control.residual(self._last_reading, self._last_current)
        if self.comm.rank == 0:
            out[self.owned] = value

    def _assemble_jacobian(self, snes: Any, x: PETSc.Vec, jacobian: Any, preconditioner: Any) -> None:
        self._unpack(x)
        self._matrix.zeroEntries()
        fem_petsc.assemble_matrix(self._matrix, self._A)
        self._matrix.assemble()
        if self._constrained:
            self._matrix.zeroRowsLocal(self._rows, diag=1.0)
        before = self.linear.factorisations
        self.linear.set_operators(self._matrix)
        self.factorisations += self.linear.factorisations - before

        assert self.control is not None
        by_potential, by_current = self.control.partials(self.reading(), self._last_current)
        column = self._vectors[1].getArray()
        column[: self.owned] = 0.0
        if self._dF_dE is not None:
            column[: self.owned] = self._assemble_vector(self._dF_dE, self._vectors[3])
        column[self._rows] = 0.0
        column[self._on_metal] = -1.0
        self._row = by_current * self._assemble_vector(self._dI, self._vectors[3])
        if self._dR is not None and by_potential != 0.0:
            self._row -= by_potential * self._assemble_vector(self._dR, self._vectors[3])
        slope = 0.0
        if self._dI_dE is not None:
            slope = float(self.comm.allreduce(fem.assemble_scalar(self._dI_dE), MPI.SUM))
        self._corner = by_potential + by_current * slope
        self.linear.precondition(self._vectors[1], self._vectors[2])

    def _assemble_vector(self, form: fem.Form, vector: PETSc.Vec) -> np.ndarray:
        with vector.localForm() as local:
            local.set(0.0)
        fem_petsc.assemble_vector(vector, form)
        vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        return vector.getArray(readonly=True)[: self.owned].copy()

    # -- the bordered matrix and its inverse --------------------------------------------------------

    def mult(self, matrix: Any, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = J x for the line search."""
        array = x.getArray(readonly=True)
        scalar = self.comm.bcast(float(array[self.owned]) if self.comm.rank == 0 else 0.0, root=0)
        work, product = self._vectors[0], self._vectors[3]
        work.getArray()[: self.owned] = array[: self.owned]
        self.linear.multiply(work, product)
        out = y.getArray()
        column = self._vectors[1].getArray(readonly=True)[: self.owned]
        out[: self.owned] = product.getArray(readonly=True)[: self.owned] + scalar * column
        dot = self._dot(self._row, array[: self.owned])
        if self.comm.rank == 0:
            out[self.owned] = dot + self._corner * scalar

    def apply(self, pc: Any, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = J^-1 x by block elimination; A^-1 (dF/dE) is kept from the assembly."""
        array = x.getArray(readonly=True)
        scalar = self.comm.bcast(float(array[self.owned]) if self.comm.rank == 0 else 0.0, root=0)
        work, solution = self._vectors[0], self._vectors[4]
        work.getArray()[: self.owned] = array[: self.owned]
        self.linear.precondition(work, solution)
        x1 = solution.getArray(readonly=True)[: self.owned]
        x2 = self._vectors[2].getArray(readonly=True)[: self.owned]
        pivot = self._corner - self._dot(self._row, x2)
        # a zero pivot: the current no longer depends on the potential; the step is not a number
        change = (scalar - self._dot(self._row, x1)) / pivot if pivot != 0.0 else np.nan
        out = y.getArray()
        out[: self.owned] = x1 - change * x2
        if self.comm.rank == 0:
            out[self.owned] = change

    # -- hooks of the linear solver ------------------------------------------------------------------

    def _before_solve(self, ksp: Any, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """How exactly to solve: as the next residual deserves, which falls with this one's square."""
        size: Any = b.norm()
        ratio = size / self._last_right if self._last_right > 0.0 else 1.0
        self._last_right = size
        self.linear.aim(ksp, min(self._forcing, ratio * ratio))

    def _after_solve(self, ksp: Any, b: PETSc.Vec, x: PETSc.Vec) -> None:
        size: Any = x.norm()
        self._direction = size
        self.krylov_iterations += ksp.getIterationNumber()

    def _dot(self, a: np.ndarray, b: np.ndarray) -> float:
        return float(self.comm.allreduce(float(np.dot(a, b)), MPI.SUM))

r"""Newton's method for fields plus a few scalars: the potential E of the working electrode, first.

    F(w; E) = 0        the weak form
    g(U, I(w; E)) = 0  the control: given current, given potential, or the first of the two that binds

with the reading U = E - R(w) of the potentiostat, R being the electrolyte potential at a reference
electrode (R = 0: against the grounded counter electrode). Floating bodies of metal add a potential E_k
and an equation I_k = 0 each (solvers/floating.py).

The Jacobian is bordered by one row and one column for each scalar. Each Newton step factorises dF/dw
once and solves once more for each column (solvers/elimination.py). For E alone:

    A x1 = F,  A x2 = dF/dE,  dE = (g - c.x1) / (d - c.x2),  dw = x1 - dE x2

with c = g_I dI/dw - g_U dR/dw and d = g_U + g_I dI/dE. PETSc's SNES runs the iteration
with its backtracking line search; the block elimination is its preconditioner. With a direct solver
that is the whole linear solve; with an iterative one A^-1 is one application of its preconditioner,
and GMRES runs over the fields and the scalars together. The scalars live on rank 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

from thincell.solvers.convergence import why
from thincell.solvers.elimination import Border
from thincell.solvers.failure import NotConverged
from thincell.solvers.floating import FloatingBodies, Islands
from thincell.solvers.forms import Forms
from thincell.solvers.linear import Linear
from thincell.solvers.newton import Newton
from thincell.solvers.slopes import Slopes, with_bodies
from thincell.solvers.tolerances import Tolerances
from thincell.solvers.unknowns import Unknowns

#: Steps with the last factorisation after Newton's method has reached the round-off floor.
POLISH = 2

#: Rounding of a number, relative.
EPSILON = float(np.finfo(float).eps)


class Control(Protocol):
    """What fixes the electrode potential: one scalar equation g(U, I) = 0."""

    def residual(self, potential: float, current: float) -> float:
        """g(U, I)."""

    def partials(self, potential: float, current: float) -> tuple[float, float]:
        """(dg/dU, dg/dI)."""


def _nothing() -> None:
    """Nothing follows the state."""


class BorderedSystem:
    """A weak form with a scalar unknown and a scalar equation, and more of both with floating bodies."""

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
        floating: FloatingBodies | None = None,
    ) -> None:
        """``derivative_by_potential`` holds dF/dE (a linear form) and dI/dE (a functional).

        ``fixed`` holds local unknowns and the value that they keep or the function that holds their
        values (a reservoir, a grounded electrode);
        ``on_metal`` lists unknowns that equal E itself (primary distribution). ``reference`` is the
        linear functional R(w). ``refresh`` brings coefficients that follow the state up to date; it is
        called before every assembly. ``linear`` chooses the linear solver, MUMPS by default.
        ``floating`` holds the floating bodies, which may be others in every solve.
        """
        self.state, self.potential = state, potential
        self.tolerances = tolerances or Tolerances()
        self.comm: Any = state.function_space.mesh.comm
        self.current_scale = 1.0
        self._refresh = refresh or _nothing
        self.iterations = 0
        self.factorisations = 0
        self.control: Control | None = None
        self._unknowns = Unknowns(state, potential, floating, fixed, on_metal)
        self.owned = self._unknowns.owned
        self._forms = Forms(residual, state, current, derivative_by_potential, reference)
        self._bodies = Islands(floating, residual, state, current) if floating is not None else None
        self._linear = linear or Linear()
        self._newton = Newton(
            self._unknowns,
            prefix,
            self._assemble_residual,
            self._assemble_jacobian,
            self._verdict,
            cautious,
        )
        self._right, self._change = (fem_petsc.create_vector(state.function_space) for _ in range(2))
        self._renew()

    # -- set-up ---------------------------------------------------------------------------------

    def _renew(self) -> None:
        """New PETSc objects: an exception leaves the old ones locked, or in the middle of a solve."""
        self.linear = self._linear.build(self.state.function_space)
        self._matrix: Any = self.linear.matrix(self._forms.A)
        self._border = Border(self.state.function_space, self.linear)
        self._newton.renew(self.linear, self._border, self.tolerances)

    @property
    def _floating(self) -> Islands | None:
        """The rows of floating bodies, if there are any at present."""
        return self._bodies if self._unknowns.bodies else None

    # -- solve ----------------------------------------------------------------------------------

    def solve(self, control: Control, beyond: Callable[[float], float] | None = None) -> int:
        """Solve from the present state and potentials; returns Newton iterations.

        ``beyond`` of the reading tells how far it is inside a limit; iterations that leave the limit
        far behind are given up early. Raises NotConverged with the state as the iteration left it: the
        caller keeps the last good one. Floating bodies then have the potentials that they began with.
        """
        self.control, self._beyond = control, beyond
        self._newton.fit()
        floating = self._floating
        if floating is None:
            return self._solve()
        self._refresh()
        floating.begin(self.current_scale)
        before = floating.bodies.values
        try:
            return self._solve()
        except NotConverged:
            floating.bodies.put(before)
            raise

    def _solve(self) -> int:
        self._unknowns.pack(self._newton.x)
        reached = self._newton.convergence
        try:
            reason = self._newton.iterate()
        except PETSc.Error as error:  # an iterate that is not a number, into the direct solver
            self._renew()
            first = str(error).splitlines()[0]
            raise NotConverged(f"PETSc stopped ({first})", 0, reached.norm) from error
        self.iterations = self._newton.snes.getIterationNumber()
        self._unpack(self._newton.x)
        if reason < 0 and not reached.at_round_off(self.tolerances, self._scale(), self._rounding):
            raise NotConverged(why(reason), self.iterations, reached.norm)
        if reason != int(PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS):
            self._polish()
        return self.iterations

    def _polish(self) -> None:
        """Full steps with the last factorisation, at the round-off floor.

        There the residual of single rows is noise, and the line search refuses or shortens steps that
        still matter: sums over rows, hence the balances of charge and of ions, are far more exact.
        """
        self._newton.steps(POLISH, self._balance)
        self._unpack(self._newton.x)

    def _balance(self) -> None:
        """A step that only makes sums over rows vanish, if the linear solver leaves them as they are."""
        x, f = self._newton.x, self._newton.f
        self._assemble_residual(self._newton.snes, x, f)
        self._right.getArray()[: self.owned] = f.getArray(readonly=True)[: self.owned]
        if self.linear.balance(self._right, self._change):
            x.getArray()[: self.owned] -= self._change.getArray(readonly=True)[: self.owned]

    # -- the present state ------------------------------------------------------------------------

    def current(self) -> float:
        """I(w; E) of the present state."""
        return self._forms.scalar(self._forms.I)

    def reading(self) -> float:
        """U = E - R(w) of the present state."""
        return float(self.potential.value) - self._forms.scalar(self._forms.R)

    def fixed_inflow(self) -> float:
        """What flows in where unknowns are fixed: the sum of their rows of F, a consistent flux."""
        rows = self._forms.vector(self._forms.F)[self._unknowns.fixed]
        return float(self.comm.allreduce(float(rows.sum()), MPI.SUM))

    def slopes(self) -> Slopes:
        """The derivatives at the present state, with all constants as they stand.

        The rows of constrained unknowns are those of the weak form; see `constrained`.
        """
        self._refresh()
        forms = self._forms
        column, row, reference = (forms.vector(form) for form in (forms.dF_dE, forms.dI, forms.dR))
        slope = forms.scalar(forms.dI_dE)
        found = Slopes(forms.rows_of_matrix(), column, row, slope, reference)
        floating = self._floating
        return found if floating is None else with_bodies(found, floating.coupling(), self.comm)

    @property
    def krylov_iterations(self) -> int:
        """Iterations of the linear solver until now."""
        return self._newton.krylov_iterations

    @property
    def constrained(self) -> tuple[np.ndarray, np.ndarray]:
        """This rank's unknowns that keep a value, and those that equal E."""
        return self._unknowns.fixed, self._unknowns.on_metal

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        parts: list[Any] = [self.linear, self._newton, self._border, self._forms, self._bodies]
        for part in filter(None, parts):
            part.release()
        for thing in (self._matrix, self._right, self._change):
            thing.destroy()

    # -- convergence ------------------------------------------------------------------------------

    def _rounding(self) -> float:
        """Norm of the residual that rounding of the unknowns can make."""
        largest = max(1.0, self._unknowns.largest())
        return EPSILON * self._matrix.norm(PETSc.NormType.FROBENIUS) * largest

    def _scale(self) -> float:
        return max(self.current_scale, abs(self._last_current))

    _last_current = 0.0
    _last_reading = 0.0

    def _verdict(self, snes: Any, iteration: int, norms: tuple[float, float, float]) -> int:
        floating = self._floating
        return self._newton.convergence.test(
            iteration,
            norms,
            self.tolerances,
            self._scale(),
            self._rounding,
            lambda: floating is None or floating.balanced(),
            lambda: np.inf if self._beyond is None else self._beyond(self._last_reading),
        )

    # -- SNES callbacks ---------------------------------------------------------------------------

    def _unpack(self, x: PETSc.Vec) -> None:
        self._unknowns.unpack(x)
        self._refresh()

    def _assemble_residual(self, snes: Any, x: PETSc.Vec, f: PETSc.Vec) -> None:
        self._unpack(x)
        out = f.getArray()
        out[: self.owned] = self._forms.vector(self._forms.F)
        self._unknowns.constrain(out)
        self._last_current, self._last_reading = self.current(), self.reading()
        assert self.control is not None
        value = self.control.residual(self._last_reading, self._last_current)
        floating = self._floating
        more = floating.residual() if floating is not None else np.empty(0)
        if self.comm.rank == 0:
            out[self.owned :] = [value, *more]

    def _assemble_jacobian(self, snes: Any, x: PETSc.Vec, jacobian: Any, preconditioner: Any) -> None:
        self._unpack(x)
        self._matrix.zeroEntries()
        fem_petsc.assemble_matrix(self._matrix, self._forms.A)
        self._matrix.assemble()
        self._unknowns.constrain_matrix(self._matrix)
        before = self.linear.factorisations
        self.linear.set_operators(self._matrix)
        self.factorisations += self.linear.factorisations - before

        assert self.control is not None
        partials = self.control.partials(self.reading(), self._last_current)
        column, row, slope = self._forms.border(*partials)
        columns, rows, corner = [column], [row], np.array([[slope]])
        floating = self._floating
        if floating is not None:
            found = floating.coupling(floating.weights)
            columns, rows = [column, *found.columns], [row, *found.rows]
            corner = found.around(slope, partials[1])
        self._unknowns.constrain_columns(columns)
        self._border.put(columns, rows, corner)

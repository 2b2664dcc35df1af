r"""The linear systems of Newton's method: presets behind one interface, and their PETSc options.

* ``direct``: MUMPS. Nothing can go wrong with it, and it is the fastest for small problems.
* ``collapse``: flexible GMRES (one application per solve less than GMRES) with the multilevel
  preconditioner of solvers/collapse.py: half the memory or less, counts of iterations that do not grow.
  For meshes of columns.
* ``split``: flexible GMRES with one field after the other, multilevel methods for those that diffuse
  (solvers/split.py). For deposits, on any mesh; falls back like ``auto``.
* ``auto``: ``direct`` below AUTO unknowns and on other meshes, else ``collapse``, which falls back on
  a factorisation if it should ever fail to converge.

The preconditioner is kept while the matrix stays close to the one that it was made of (KEEP): in time
steps it lasts for many of them.

Options are PETSc's own keys without a prefix: ``{"ksp_rtol": 1e-6}``. Those of the parts of ``collapse``
start with ``smoother_`` and ``coarse_``, those of field k of ``split`` with ``fieldsplit_k_``. Each
solver puts them into PETSc's database under a prefix that nobody else has, asks PETSc after the first
solve whether it has read them, and takes them out again; a key that was not read is an error.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

from thincell.solvers.collapse import Collapse
from thincell.solvers.lattice import NotColumns

Preset = Literal["auto", "direct", "collapse", "split"]

#: Unknowns above which ``auto`` does not factorise. On one core `collapse` takes less processor time
#: from 5e3 unknowns on, but in time steps, where MUMPS needs few factorisations and no forcing, a chip
#: of 1e5 unknowns takes equally long with both;
#: above, the memory of the factors (3 kB per unknown) decides.
AUTO = 300_000
#: Largest relative change of an entry of the diagonal with which a preconditioner is kept.
KEEP = 0.25

_DIRECT = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}
_KRYLOV = {"ksp_type": "fgmres", "ksp_gmres_restart": 60, "ksp_rtol": 1e-4, "ksp_max_it": 120}

_numbers = itertools.count()


class UnknownOption(ValueError):
    """A PETSc option that no part of the solver has read."""


class Solver(Protocol):
    """Solves A x = b for one matrix after the other.

    Either by itself (``solve``), or inside a larger system: ``precondition`` applies A^-1 as well as one
    application can, and ``configure`` makes of a KSP the Krylov method that this needs around it.
    """

    factorisations: int
    iterations: int

    def matrix(self, form: fem.Form) -> PETSc.Mat:
        """An empty matrix to assemble a form into, its rows in the order that this solver wants."""

    def set_operators(self, matrix: PETSc.Mat) -> None:
        """A new matrix, or new values in the old one; of ``matrix``, or in the order of the space."""

    def multiply(self, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = A x, in the order of the space."""

    def solve(self, b: PETSc.Vec, x: PETSc.Vec, tolerance: float | None = None) -> None:
        """x = A^-1 b, to a residual of ``tolerance`` times that of b, if the solver iterates."""

    def configure(self, ksp: PETSc.KSP) -> None:
        """The Krylov method around ``precondition``, with the user's options."""

    def aim(self, ksp: PETSc.KSP, tolerance: float) -> None:
        """The relative residual that the next solve of a configured KSP may leave."""

    def precondition(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """x ~ A^-1 b."""

    def balance(self, b: PETSc.Vec, x: PETSc.Vec) -> bool:
        """x such that sums of b - A x over rows vanish, where a solver does not make them anyway."""

    def settle(self) -> None:
        """After the first solve: raises UnknownOption if an option was not read."""

    def remedy(self, ksp: PETSc.KSP) -> bool:
        """After a solve that failed: whether there is something else to try, which is then set up."""

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""


@dataclass(frozen=True)
class Linear:
    """Which solver, and PETSc options on top of its own.

    ``order`` and ``swapped`` are those of ``split`` (solvers/split.py).
    """

    preset: Preset = "direct"
    petsc: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[int, ...] = ()
    swapped: tuple[int, int] | None = None

    def build(self, space: fem.FunctionSpace) -> Solver:
        """Raises NotColumns if ``collapse`` is asked for on another mesh."""
        comm: Any = space.mesh.comm
        unknowns = space.dofmap.index_map.size_global * space.dofmap.index_map_bs
        if self.preset == "direct" or (self.preset == "auto" and unknowns < AUTO):
            return Direct(comm, self.petsc)
        if self.preset == "split":
            from thincell.solvers.split import Splitting

            return Splitting(space, self.petsc, self.order, self.swapped, safe=True)
        try:
            return Collapsing(space, self.petsc, safe=self.preset == "auto")
        except NotColumns:
            if self.preset == "collapse":
                raise
            return Direct(comm, self.petsc)


class Options:
    """Options of one solver in PETSc's database, from its birth to its first solve."""

    def __init__(self, own: Mapping[str, Any], user: Mapping[str, Any]) -> None:
        self.prefix = f"thincell_linear_{next(_numbers)}_"
        self._user = list(user)
        self._all = {**own, **user}
        self.insert()

    def insert(self) -> None:
        """Into the database, (again) until ``settle`` or ``remove``."""
        self._pending = dict(self._all)
        for key, value in self._pending.items():
            PETSc.Options().setValue(self.prefix + key, value)

    def settle(self) -> None:
        """After the first solve: raise UnknownOption for what the user asked for in vain."""
        if not self._pending:
            return
        database: Any = PETSc.Options()
        unread = [key for key in self._user if not database.used(self.prefix + key)]
        self.remove()
        if unread:
            names = ", ".join(repr(key) for key in unread)
            raise UnknownOption(f"the linear solver knows no PETSc option {names}")

    def remove(self) -> None:
        """Out of the database."""
        for key in self._pending:
            PETSc.Options().delValue(self.prefix + key)
        self._pending = {}


class Direct:
    """Factorise, then solve.

    After a singular matrix MUMPS gives no numbers for sound ones either, so the next starts afresh.
    """

    def __init__(self, comm: Any, petsc: Mapping[str, Any]) -> None:
        self.factorisations = self.iterations = 0
        self._failed = False
        self._options = Options(_DIRECT, petsc)
        self._ksp = PETSc.KSP().create(comm)
        self._ksp.setOptionsPrefix(self._options.prefix)
        self._ksp.setFromOptions()

    def matrix(self, form: fem.Form) -> PETSc.Mat:
        made = fem_petsc.create_matrix(form)
        made.setBlockSize(form.function_spaces[0].dofmap.index_map_bs)
        return made

    def set_operators(self, matrix: PETSc.Mat) -> None:
        if self._failed:
            self._failed = False
            self._options.insert()
            self._ksp.getPC().reset()
        self._matrix = matrix
        self._ksp.setOperators(matrix)
        self.factorisations += 1

    def multiply(self, x: PETSc.Vec, y: PETSc.Vec) -> None:
        self._matrix.mult(x, y)

    def solve(self, b: PETSc.Vec, x: PETSc.Vec, tolerance: float | None = None) -> None:
        self.precondition(b, x)
        self.settle()

    def configure(self, ksp: PETSc.KSP) -> None:
        ksp.setType("preonly")

    def aim(self, ksp: PETSc.KSP, tolerance: float) -> None:
        pass

    def precondition(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        self._ksp.solve(b, x)
        self._failed = self._failed or not np.isfinite(x.norm())

    def balance(self, b: PETSc.Vec, x: PETSc.Vec) -> bool:
        return False

    def settle(self) -> None:
        self._options.settle()

    def remedy(self, ksp: PETSc.KSP) -> bool:
        return False

    def release(self) -> None:
        self._options.remove()
        self._ksp.destroy()


class Collapsing:
    """GMRES with the thinning and collapsing preconditioner.

    ``iterations`` counts those of ``solve``, ``factorisations`` the times that the preconditioner was
    made. ``safe``: factorise what does not converge, and from then on.
    """

    def __init__(self, space: fem.FunctionSpace, petsc: Mapping[str, Any], safe: bool = False) -> None:
        self.factorisations = self.iterations = 0
        self.comm: Any = space.mesh.comm
        self._options = Options(_KRYLOV, petsc)
        prefix = self._options.prefix
        try:
            self._collapse = Collapse(space, prefix + "smoother_", prefix + "coarse_")
        except NotColumns:
            self._options.remove()
            raise
        self._ksp = PETSc.KSP().create(self.comm)
        self.configure(self._ksp)
        self._ksp.getPC().setType("python")
        self._ksp.getPC().setPythonContext(self._collapse)
        self._finest = float(self._ksp.getTolerances()[0])
        self._made: PETSc.Mat | None = None
        self._copy: PETSc.Mat | None = None
        self._vectors = [self._collapse.vector() for _ in range(2)]
        self._built: np.ndarray | None = None
        self._kept = False
        self._safe = safe
        self._rescue: Direct | None = None

    @property
    def sizes(self) -> list[int]:
        """Unknowns of the levels, the finest first."""
        return self._collapse.sizes

    # -- the matrix ---------------------------------------------------------------------------------

    def matrix(self, form: fem.Form) -> PETSc.Mat:
        self._made = self._collapse.matrix(form)
        return self._made

    def set_operators(self, matrix: PETSc.Mat) -> None:
        if matrix != self._made:
            former = self._copy
            matrix = self._copy = self._collapse.copy(matrix)
            if former is not None:
                former.destroy()
        self._matrix = matrix
        self._ksp.setOperators(matrix)
        if self._rescue is not None:
            self._rescue.set_operators(matrix)
            self.factorisations += 1
            return
        drift = self._drift()
        self._kept = 0.0 < drift <= KEEP
        if drift > KEEP:
            self._rebuild()

    def _drift(self) -> float:
        """Largest relative change of the diagonal since the preconditioner was made."""
        if self._built is None:
            return np.inf
        diagonal = self._matrix.getDiagonal().getArray(readonly=True)
        scale = np.maximum(np.abs(self._built), np.finfo(float).tiny)
        local = float(np.max(np.abs(diagonal - self._built) / scale, initial=0.0))
        change = float(self.comm.allreduce(local, MPI.MAX))
        return change if np.isfinite(change) else np.inf

    def _rebuild(self) -> None:
        self._collapse.set_operators(self._matrix)
        self._built = self._matrix.getDiagonal().getArray(readonly=True).copy()
        self._kept = False
        self.factorisations += 1

    def multiply(self, x: PETSc.Vec, y: PETSc.Vec) -> None:
        self._in_columns(self._matrix.mult, x, y)

    def _in_columns(
        self, action: Callable[[PETSc.Vec, PETSc.Vec], None], b: PETSc.Vec, x: PETSc.Vec
    ) -> None:
        """x = action(b) for vectors in the order of the space."""
        self._collapse.arrange(b, self._vectors[0])
        action(*self._vectors)
        self._collapse.restore(self._vectors[1], x)

    # -- by itself ----------------------------------------------------------------------------------

    def solve(self, b: PETSc.Vec, x: PETSc.Vec, tolerance: float | None = None) -> None:
        """Raises nothing: where all remedies fail, x is the best that was found."""
        while True:
            if self._rescue is not None:
                self._in_columns(self._rescue.solve, b, x)
                return
            self.aim(self._ksp, tolerance or 0.0)
            self._in_columns(self._ksp.solve, b, x)
            self.iterations += self._ksp.getIterationNumber()
            self.settle()
            reason: Any = self._ksp.getConvergedReason()
            if reason > 0 or not self.remedy(None):
                return

    # -- inside a larger system -----------------------------------------------------------------------

    def configure(self, ksp: PETSc.KSP) -> None:
        ksp.setOptionsPrefix(self._options.prefix)
        side: Any = PETSc.PC.Side.RIGHT
        ksp.setPCSide(side)
        ksp.setFromOptions()

    def aim(self, ksp: PETSc.KSP, tolerance: float) -> None:
        if self._rescue is None:
            ksp.setTolerances(rtol=max(tolerance, self._finest))

    def precondition(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        if self._rescue is not None:
            self._in_columns(self._rescue.precondition, b, x)
        else:
            self._in_columns(partial(self._collapse.apply, None), b, x)

    def balance(self, b: PETSc.Vec, x: PETSc.Vec) -> bool:
        if self._rescue is None:
            self._in_columns(self._collapse.average, b, x)
        return self._rescue is None

    def settle(self) -> None:
        self._options.settle()

    def remedy(self, ksp: PETSc.KSP | None) -> bool:
        """First a preconditioner of the present matrix, then, where that is wanted, a factorisation."""
        if self._rescue is not None:
            return False
        if self._kept:
            self._rebuild()
            return True
        if self._safe:
            self._rescue = Direct(self.comm, {})
            self._rescue.set_operators(self._matrix)
            self.factorisations += 1
            if ksp is not None:
                self._rescue.configure(ksp)
        return self._safe

    def release(self) -> None:
        self._options.remove()
        self._ksp.destroy()
        self._collapse.release()
        for thing in (*self._vectors, *([self._copy] if self._copy is not None else [])):
            thing.destroy()
        if self._rescue is not None:
            self._rescue.release()

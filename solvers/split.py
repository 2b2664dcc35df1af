r"""A preconditioner field by field, for operators whose fields have unlike character.

In a deposit (the metal fraction xi beside concentrations and a potential) the matrix between all fields
is nothing that a multilevel method understands as a whole, but each field's own block is: xi moves by
at most a few cells in a time step, and everything else diffuses. One application is a sweep of Gauss and
Seidel over the fields, the last field, xi, first, and one back (PETSc's symmetric multiplicative
``fieldsplit``):

    x_k = x_k + B_k (b_k - sum_j A_kj x_j)

with B of xi one incomplete factorisation ILU(0), and of the others one V-cycle of smoothed aggregation.
That is smoothed by ILU(1) in the order of Cuthill and McKee, which follows the coupling of thin cells
wherever refinement has put them in the numbering; in the given order, or with ILU(0), long steps on an
adaptive mesh need twice as many iterations, with Jacobi and Chebyshev more. The order of the fields
hardly matters, but every field that diffuses needs its V-cycle: with ILU(0) instead for only one of them
it takes over a hundred iterations.

**Algebraic rows.** With the unknowns of model/nernst_planck.py the row of the potential says that the
liquid is neutral, and the potential does not occur in it. ``swapped`` exchanges two rows of every node
before anything else: that of the potential then is the balance of charge, and the field to which that
row belonged follows from neutrality node by node; it is solved for second, by ILU(0).

**Keeping it.** A preconditioner is kept for the matrices that follow, in Newton's method and in time,
until the iterations that this has cost add up to what making a new one costs (SPARE). Aggregates are
made anew when iterations have risen in spite of that (STALE), and after a failure: those of the short
steps of a start needed 120 iterations in place of 9 when steps had become ten thousand times as long.

On several ranks a factorisation is that of each rank's rows and of one layer around them (restricted additive
Schwarz); with block Jacobi two ranks need half as many iterations again as one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from petsc4py import PETSc

from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

from thincell.solvers.exchange import Exchange
from thincell.solvers.linear import Direct, Options

#: Iterations spent on an old preconditioner before a new one is made: half of what that costs. More of them
#: save no time.
SPARE = 4.0
#: Iterations of a new preconditioner on old aggregates, over those on new ones, at which those are made anew.
STALE = 1.4
#: Matrices that are factorised after a failure, before the next trial; Newton's method ends before.
RESCUED = 40

_OWN = {
    "ksp_type": "fgmres",
    "ksp_gmres_restart": 60,
    "ksp_rtol": 1e-5,
    "ksp_max_it": 120,
    "pc_fieldsplit_type": "symmetric_multiplicative",
}
_RELAXED = {"ksp_type": "preonly"}
_MULTILEVEL = {
    "ksp_type": "preonly",
    "pc_type": "gamg",
    "pc_gamg_threshold": 0.02,
    "mg_levels_ksp_type": "richardson",
    "mg_levels_ksp_max_it": 1,
    "mg_levels_sub_pc_factor_levels": 1,
    "mg_levels_sub_pc_factor_mat_ordering_type": "rcm",
}


class Splitting:
    """Flexible GMRES with a sweep over the fields of a blocked space.

    ``order`` lists the fields as they are solved for, by default the last one first and then backwards.
    ``swapped`` is a field that follows from an algebraic equation, and the field in whose row it stands.
    PETSc's options of the part of field k start with ``fieldsplit_k_``. ``iterations`` counts those of
    ``solve``, ``factorisations`` the times that the preconditioner was made. ``safe``: factorise what
    does not converge, and the next RESCUED matrices.
    """

    def __init__(
        self,
        space: fem.FunctionSpace,
        petsc: Mapping[str, Any],
        order: Sequence[int] = (),
        swapped: tuple[int, int] | None = None,
        safe: bool = False,
    ) -> None:
        self.factorisations = self.iterations = 0
        self.comm: Any = space.mesh.comm
        block = int(space.dofmap.index_map_bs)
        sequence = sweep(block, order, swapped)
        relaxed = {block - 1, swapped[0]} if swapped else {block - 1}
        self._options = Options(_options(sequence, relaxed, self.comm.size > 1), petsc)
        self._exchange = Exchange(space, swapped) if swapped else None
        self._parts = [(str(k), [k]) for k in sequence]
        self._create()
        self._finest = float(self._ksp.getTolerances()[0])
        self._split: PETSc.Mat | None = None
        self._aimed: tuple[PETSc.KSP, float] | None = None
        self._pace: float | None = None
        self._best: float | None = None
        self._excess = SPARE
        self._kept = self._tried = self._stale = False
        self._safe = safe
        self._rescue: Direct | None = None
        self._remaining = 0

    def _create(self) -> None:
        """New PETSc objects, while the options are in the database."""
        self._ksp = PETSc.KSP().create(self.comm)
        self._ksp.setOptionsPrefix(self._options.prefix)  # the parts take theirs from it at once
        self._pc = self._ksp.getPC()
        self._pc.setType("fieldsplit")
        self._pc.setFieldSplitFields(len(self._parts), *self._parts)
        self.configure(self._ksp)

    # -- the matrix ---------------------------------------------------------------------------------

    def matrix(self, form: fem.Form) -> PETSc.Mat:
        made = fem_petsc.create_matrix(form)
        made.setBlockSize(form.function_spaces[0].dofmap.index_map_bs)
        return made

    def set_operators(self, matrix: PETSc.Mat) -> None:
        self._matrix = matrix
        self._note()
        if self._rescue is not None and self._remaining > 0:
            self._rescue.set_operators(matrix)
            self._remaining -= 1
            self.factorisations += 1
            return
        self._dismiss()
        self._split = self._exchange.matrix(matrix, self._split) if self._exchange else matrix
        self._ksp.setOperators(self._split)
        self._kept = self._excess < SPARE
        if not self._kept:
            self._rebuild()

    def _note(self) -> None:
        """What the last solve has cost beyond the pace, per decade, of the preconditioner's first."""
        if self._aimed is None:
            return
        (ksp, tolerance), self._aimed = self._aimed, None
        reason: Any = ksp.getConvergedReason()
        if reason <= 0:
            self._stale, self._excess, self._remaining = True, SPARE, 0
            return
        self._tried = False
        decades, count = max(1.0, -math.log10(tolerance)), ksp.getIterationNumber()
        if self._pace is None:
            self._pace = count / decades
            self._best = self._best or self._pace
            if self._pace > STALE * self._best:
                self._stale, self._excess = True, SPARE
        else:
            self._excess += max(0.0, count - self._pace * decades)

    def _rebuild(self) -> None:
        """A preconditioner of the present matrix; of stale parts nothing is left.

        After a failure they are: where a row was zero, PETSc's parts hold numbers that are none, and keep
        some of them.
        """
        if self._stale:
            self._ksp.destroy()
            self._options.insert()
            self._create()
            self._best = None
        try:
            self._ksp.setOperators(self._split)
            self._pc.setReusePreconditioner(False)
            self._pc.setUp()
            self._pc.setUpOnBlocks()
            self._pc.setReusePreconditioner(True)
        finally:
            if self._stale:
                self._options.remove()
        self._aimed, self._pace, self._excess = None, None, 0.0
        self._kept = self._stale = False
        self.factorisations += 1

    def multiply(self, x: PETSc.Vec, y: PETSc.Vec) -> None:
        self._matrix.mult(x, y)

    # -- by itself ----------------------------------------------------------------------------------

    def solve(self, b: PETSc.Vec, x: PETSc.Vec, tolerance: float | None = None) -> None:
        """Raises nothing: where all remedies fail, x is the best that was found."""
        while True:
            if self._rescue is not None:
                self._rescue.solve(b, x)
                return
            self.aim(self._ksp, tolerance or 0.0)
            self._ksp.solve(self._arranged(b), x)
            self.iterations += self._ksp.getIterationNumber()
            self.settle()
            reason: Any = self._ksp.getConvergedReason()
            if reason > 0 or not self.remedy(None):
                return

    def _arranged(self, b: PETSc.Vec) -> PETSc.Vec:
        return self._exchange.vector(b) if self._exchange else b

    # -- inside a larger system -----------------------------------------------------------------------

    def configure(self, ksp: PETSc.KSP) -> None:
        ksp.setOptionsPrefix(self._options.prefix)
        side: Any = PETSc.PC.Side.RIGHT
        ksp.setPCSide(side)
        ksp.setFromOptions()

    def aim(self, ksp: PETSc.KSP, tolerance: float) -> None:
        tolerance = max(tolerance, self._finest)
        self._aimed = ksp, tolerance
        ksp.setTolerances(rtol=tolerance)

    def precondition(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        if self._rescue is not None:
            self._rescue.precondition(b, x)
        else:
            self._pc.apply(self._arranged(b), x)

    def balance(self, b: PETSc.Vec, x: PETSc.Vec) -> bool:
        return False

    def settle(self) -> None:
        self._options.settle()

    def remedy(self, ksp: PETSc.KSP | None) -> bool:
        """First a preconditioner of the present matrix, then, where that is wanted, a factorisation.

        A Krylov method around a factorisation converges at once: that of ``ksp`` stays as it is.
        """
        self._aimed, self._stale, self._excess = None, True, SPARE
        if self._rescue is not None:
            self._remaining = 0
            return False
        if self._kept and not self._tried:
            self._tried = True
            self._rebuild()
            return True
        if self._safe:
            self._rescue, self._remaining = Direct(self.comm, {}), RESCUED
            self._rescue.settle()
            self._rescue.set_operators(self._matrix)
            self.factorisations += 1
        return self._safe

    def _dismiss(self) -> None:
        """No longer factorise."""
        if self._rescue is not None:
            self._rescue.release()
            self._rescue, self._excess, self._tried = None, SPARE, False

    def release(self) -> None:
        self._options.remove()
        self._aimed = None
        self._ksp.destroy()
        if self._exchange is not None:
            self._exchange.release()
            if self._split is not None:
                self._split.destroy()
        self._dismiss()


def _options(sequence: list[int], relaxed: set[int], parallel: bool) -> dict[str, Any]:
    """PETSc's options for the whole and for the part of every field."""
    incomplete = "asm" if parallel else "bjacobi"
    relax = _RELAXED | {"pc_type": incomplete}
    multilevel = _MULTILEVEL | {"mg_levels_pc_type": incomplete}
    made: dict[str, Any] = dict(_OWN)
    for k in sequence:
        part = relax if k in relaxed else multilevel
        made |= {f"fieldsplit_{k}_{key}": value for key, value in part.items()}
    return made


def sweep(fields: int, order: Sequence[int], swapped: tuple[int, int] | None) -> list[int]:
    """Fields as they are solved for: an algebraic one second, whatever else is asked for.

    Raises ValueError for an order that is not one of all fields.
    """
    found = list(order) or list(reversed(range(fields)))
    if sorted(found) != list(range(fields)):
        raise ValueError(f"order of the split {found}: not an order of {fields} fields")
    if swapped is not None:
        found.remove(swapped[0])
        found.insert(1, swapped[0])
    return found

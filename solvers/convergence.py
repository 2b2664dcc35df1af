"""Whether Newton's method has converged, and what went wrong if it has not."""

from __future__ import annotations

from collections.abc import Callable

from petsc4py import PETSc

import numpy as np

from thincell.solvers.tolerances import Tolerances

#: How far (RT/F) beyond its limit the potential may stray during an iteration.
FAR = 20.0

_REASONS = {
    -1: "the function left its domain",
    -3: "the linear solver failed",
    -4: "the residual is not a number",
    -5: "too many iterations",
    -6: "the line search found no descent",
    -8: "the potential left its limit far behind",
}


def why(reason: int) -> str:
    """A reason of SNES in words."""
    return _REASONS.get(reason, f"SNES stopped with reason {reason}")


class Convergence:
    """Norms of the iteration: residual, unknowns, last step taken, last Newton direction."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Nothing is known: SNES asks for no verdict on a first residual that is not a number."""
        self.norm = self.last_step = self.direction = np.inf
        self.size = 0.0

    def test(
        self,
        iteration: int,
        norms: tuple[float, float, float],
        tolerances: Tolerances,
        scale: float,
        rounding: Callable[[], float],
        balanced: Callable[[], bool],
        headroom: Callable[[], float],
    ) -> int:
        """The verdict as SNES wants it, from the norms of unknowns, step and residual.

        ``scale`` is that of the residual and ``rounding`` the part of it that rounding makes;
        ``balanced`` tells whether a residual that is small enough is also good enough, and
        ``headroom`` how far the potential is inside its limit.
        """
        before, self.norm = self.norm, norms[2]
        if not np.isfinite(self.norm):
            return int(PETSc.SNES.ConvergedReason.DIVERGED_FUNCTION_NANORINF)
        enough = tolerances.residual * (1.0 if iteration else tolerances.already)
        if self.norm <= enough * scale and balanced():
            return int(PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS)
        self.size = norms[0]
        self.last_step = norms[1] if iteration > 0 else np.inf
        self.direction = self.direction if iteration > 0 else np.inf
        stalled = iteration > 0 and self.norm > 0.3 * before
        if stalled and self.at_round_off(tolerances, scale, rounding):
            return int(PETSc.SNES.ConvergedReason.CONVERGED_SNORM_RELATIVE)
        if iteration > 1 and headroom() < -FAR:
            return int(PETSc.SNES.ConvergedReason.DIVERGED_LOCAL_MIN)
        if iteration >= tolerances.iterations:
            return int(PETSc.SNES.ConvergedReason.DIVERGED_MAX_IT)
        return 0

    def at_round_off(self, tolerances: Tolerances, scale: float, rounding: Callable[[], float]) -> bool:
        """Whether the iteration can get no further, and need not."""
        if not np.isfinite(self.norm):
            return False
        if self.direction <= tolerances.rounding * (1 + self.size):
            return True
        small = self.last_step <= tolerances.step
        if self.norm <= (tolerances.loose if small else tolerances.floor) * scale:
            return True
        shift = min(self.last_step, self.direction)
        return shift <= tolerances.noise and self.norm <= rounding()

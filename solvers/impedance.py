r"""Small-signal impedance: the bordered system linearised about a state, in the frequency domain.

A small oscillation E = E_0 + dE e^{j omega t} of the electrode potential makes
w = w_0 + x e^{j omega t}. Where the weak form has the rate dq/dt = a0 q(w) + ..., the oscillation has
j omega q'(w_0) x. Every derivative of the discrete system is affine in a0, so that two assemblies of the
forms of the time stepper give all frequencies: with a0 = 0 they give K, with a0 = s they give K + s M,
and

    (K + j omega M) x = -(dF/dE) dE
    dI = (dI/dw) x + (dI/dE) dE,    dU = dE - (dR/dw) x,    Z = dU/dI

where dF/dE, dI/dw and dI/dE are split in the same way: what charges an interface is in I. With the sign
e^{+j omega t} and the current anodic positive, a resistance is positive and a capacitor has Im Z < 0.

PETSc is real here. The complex system is solved as the real one of twice the size, the real and the
imaginary part of each unknown next to each other:

    [ K         -omega M ] [Re x]   [Re b]
    [ omega M    K       ] [Im x] = [Im b]

The pattern of the matrix is the same at every frequency: it is analysed once. Each solution is refined
until Z stands at round-off. In a closed cell the system gets singular towards omega = 0, since K does
not know how much salt there is; Z suffers last, and is what is watched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.failure import NotConverged

Array = NDArray[np.float64]

#: Relative change of Z by a refinement below which there is no other, and above which Z is refused.
GOOD, REFUSED = 1e-13, 1e-6

#: Refinements at most.
REFINEMENTS = 4


@dataclass(frozen=True)
class Affine:
    """``still`` + a0 ``moving``: how a derivative depends on the leading coefficient of the rate."""

    still: Any
    moving: Any

    def at(self, omega: float) -> Any:
        """The value with a0 = j omega."""
        return self.still + 1j * omega * self.moving


class SmallSignal:
    """The linearised system at the present state. Collective.

    ``leading`` is the constant a0 of the rate; ``highest`` the largest angular frequency that will be
    asked for: the mass matrix is the difference of two assemblies, exact to round-off for this choice.
    """

    def __init__(self, system: BorderedSystem, leading: fem.Constant, highest: float) -> None:
        self.comm: Any = system.comm
        kept = float(leading.value)
        try:
            leading.value = 0.0
            still = system.slopes()
            leading.value = highest
            whole = system.slopes()
        finally:
            leading.value = kept
        starts, columns, stiffness = still.by_state
        mass = (whole.by_state[2] - stiffness) / highest
        fixed, on_metal = system.constrained
        size = len(still.by_potential)
        first = int(self.comm.exscan(size) or 0)
        self._constrain(starts, columns, stiffness, mass, first, np.concatenate([fixed, on_metal]))
        self._stiffness, self._mass = stiffness, mass

        def affine(a: Any, b: Any) -> Affine:
            return Affine(a, (b - a) / highest)

        self._by_potential = affine(still.by_potential, whole.by_potential)
        self._current = affine(still.current_by_state, whole.current_by_state)
        self._corner = affine(still.current_by_potential, whole.current_by_potential)
        self._reference = still.reference_by_state
        self._fixed, self._on_metal, self._size = fixed, on_metal, size
        self._starts, self._pattern = starts, _doubled(starts, columns)
        self._allocate()

    @staticmethod
    def _constrain(
        starts: Any, columns: Any, stiffness: Array, mass: Array, first: int, rows: Any
    ) -> None:
        """The rows of constrained unknowns become those of the unit matrix, without storage."""
        inside = np.zeros(len(starts) - 1, dtype=bool)
        inside[rows] = True
        of_row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        chosen = inside[of_row]
        stiffness[chosen] = (columns == of_row + first)[chosen]
        mass[chosen] = 0.0

    def _allocate(self) -> None:
        twice = ((2 * self._size, None), (2 * self._size, None))
        starts, columns = self._pattern
        values = np.zeros(len(columns))
        self._matrix = PETSc.Mat().createAIJ(twice, csr=(starts, columns, values), comm=self.comm)
        vectors: Any = self._matrix.createVecs()
        self._right, self._solution = vectors
        self._rest, self._change = self._right.duplicate(), self._solution.duplicate()
        self._ksp = PETSc.KSP().create(self.comm)
        self._ksp.setType("preonly")
        self._ksp.getPC().setType("lu")
        self._ksp.getPC().setFactorSolverType("mumps")

    def impedance(self, omega: float) -> complex:
        """dU/dI at an angular frequency; NotConverged when the system cannot be solved."""
        self._factorise(omega)
        self._ksp.solve(self._right, self._solution)
        found, change = self._reading(omega), np.inf
        for _ in range(REFINEMENTS):
            self._refine()
            before, found = found, self._reading(omega)
            last, change = change, abs(found - before) / abs(found)
            if change < GOOD or not change < 0.3 * last:
                break
        if not min(change, last) < REFUSED:
            raise NotConverged("the linear system of the impedance is singular", 0, change)
        return complex(self.comm.bcast(found, root=0))

    def _factorise(self, omega: float) -> None:
        """Matrix and right-hand side for a unit oscillation of E."""
        right = -self._by_potential.at(omega)
        right[self._fixed] = 0.0
        right[self._on_metal] = 1.0
        paired = self._right.getArray()
        paired[0::2], paired[1::2] = right.real, right.imag
        real, imaginary = self._stiffness, omega * self._mass
        values = _blocks(self._starts, real, -imaginary, imaginary, real)
        self._matrix.setValuesCSR(*self._pattern, values)
        self._matrix.assemble()
        self._ksp.setOperators(self._matrix)

    def _refine(self) -> None:
        """One iterative refinement of the solution."""
        self._matrix.mult(self._solution, self._rest)
        self._rest.aypx(-1.0, self._right)
        self._ksp.solve(self._rest, self._change)
        self._solution.axpy(1.0, self._change)

    def _reading(self, omega: float) -> complex:
        """dU/dI of the present solution."""
        array = self._solution.getArray(readonly=True)
        x = array[0::2] + 1j * array[1::2]
        current = self._dot(self._current.at(omega), x) + self._corner.at(omega)
        reading = 1.0 - self._dot(self._reference, x)
        return reading / current if current != 0.0 else complex(np.nan)

    def _dot(self, a: Any, b: Any) -> complex:
        return complex(self.comm.allreduce(complex(np.dot(a, b)), MPI.SUM))

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        for thing in (self._ksp, self._matrix, self._right, self._solution, self._rest, self._change):
            thing.destroy()


def _doubled(starts: Any, columns: Any) -> tuple[Any, Any]:
    """The pattern in which every entry has become a block of 2 by 2."""
    lengths = np.repeat(2 * np.diff(starts), 2)
    rows = np.concatenate([[0], np.cumsum(lengths)]).astype(starts.dtype)
    left, right = 2 * columns, 2 * columns + 1
    return rows, _blocks(starts, left, right, left, right)


def _blocks(starts: Any, *corners: Any) -> Any:
    """Values in the doubled pattern from those of the upper left, upper right, lower left, lower right.

    Row k of the pattern, with n entries from ``starts[k]`` on, becomes two rows of 2n entries each.
    """
    lengths = np.diff(starts)
    of_row = np.repeat(np.arange(len(lengths)), lengths)
    upper = 2 * np.arange(len(of_row)) + 2 * starts[:-1][of_row]
    lower = upper + 2 * lengths[of_row]
    values = np.empty(4 * len(of_row), dtype=corners[0].dtype)
    for place, corner in zip((upper, upper + 1, lower, lower + 1), corners, strict=True):
        values[place] = corner
    return values


def peaks(
    impedance: Callable[[float], complex], frequencies: Array, values: NDArray[np.complex128]
) -> list[float]:
    """Frequencies at which -Im Z has a maximum between the given ones, ascending.

    Each is found by Brent's method on the logarithm of the frequency; wiggles at round-off are left
    out.
    """
    order = np.argsort(frequencies)
    height, f = -values[order].imag, frequencies[order]
    found = []
    for k in range(1, len(f) - 1):
        if not (height[k - 1] < height[k] >= height[k + 1]):
            continue
        if height[k] - min(height[k - 1], height[k + 1]) < 1e-9 * abs(values[order][k]):
            continue
        best = minimize_scalar(
            lambda y: impedance(float(np.exp(y))).imag,
            bounds=(float(np.log(f[k - 1])), float(np.log(f[k + 1]))),
            method="bounded",
            options={"xatol": 1e-6},
        )
        found.append(float(np.exp(best.x)))
    return found

r"""The Chen-2015 deposit in FiPy: seconds per unknown and converged time step, for `chen_step.py`.

    sh benchmarks/fipy.sh                          # an environment of its own, then this script
    sh benchmarks/fipy.sh --cells 147 295 --linear ilu gamg lu

A rippled lithium front in a square box, metal on the left; potentials in RT/F, t in s, lengths in um:

    d xi/dt = L_s [kappa lap xi - g'(xi)] + L_e h'(xi) [(c/c0) exp(-phi/2) - exp(phi/2)]
    dc/dt   = div[D (grad c + c grad phi)] - C_s d xi/dt
    0       = div(sigma grad phi) - z F C_s d xi/dt

    left  phi = -E, no flux of c and xi      right  phi = 0, c = c0, no flux of xi      else no flux

(the equations, signs and sources of model/chen.py, where the interpolations are given; Chen et al. 2015,
J. Power Sources 300:376, 10.1016/j.jpowsour.2015.09.055). Backward Euler. FiPy solves one equation after
the other, metal, cations, charge, and repeats these sweeps with the newest fields until the residual of
every equation has fallen to ``TOLERANCE`` times that at the beginning of the step. The source of xi is
linearised about the last sweep, as FiPy's manual recommends; migration is a central difference, of the
same order as linear finite elements. The first step, in which the potential finds its shape from a crude
guess, is converged to ``FIRST`` and not timed; nor is the making of meshes and equations.

FiPy runs on the PETSc of the wheel `dolfinx-solver-real`. With its default tolerance and criterion the
residual of the charge never falls, however many sweeps are made; here every linear system is solved to
1e-8 with the criterion "initial". ``--linear`` chooses PETSc's preconditioner, or "lu" for a
factorisation.

This file needs FiPy only where it solves: the case is read by `chen_step.py` too.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("FIPY_SOLVERS", "petsc")

import numpy as np

#: Faraday constant [C/mol], RT/F [V] at 298.15 K, micrometre [m].
FARADAY, THERMAL, MICRO = 96485.33212, 0.02569257912, 1e-6
#: Residual of every equation at the end of a step, relative to that at its beginning; the first step's.
TOLERANCE, FIRST = 1e-6, 1e-9
#: Sweeps after which a step has failed.
LIMIT = 60

SOURCE = "void triad(double *a, const double *b, const double *c, long n) \
{ for (long i = 0; i < n; i++) a[i] = b[i] + 3.0 * c[i]; }"


@dataclass(frozen=True)
class Case:
    """Parameters in SI units, named as in `thincell.model.chen.ChenDeposit`, and the box.

    ``box`` side, ``front`` and ``ripple`` [m]: mean and amplitude of the front's position; ``applied`` E
    in RT/F; ``step`` [s]. The metal conducts 1e4 S/m instead of the published 1e7, with which rounding
    keeps the residual of the charge above 4e-5 of that at the step's beginning. It grows 5 % more.
    """

    mobility: float = 2.5e-6
    rate: float = 1e-3
    gradient: float = 7.5e-7
    barrier: float = 6e6
    transfer: float = 0.5
    equilibrium_potential: float = 0.0
    sites: float = 7.64e4
    liquid_diffusivity: float = 3.179e-10
    metal_diffusivity: float = 3.179e-13
    liquid_conductivity: float = 1.19
    metal_conductivity: float = 1e4
    charge: int = 1
    concentration: float = 1e3
    box: float = 24e-6
    front: float = 8e-6
    ripple: float = 1e-6
    applied: float = 5.0
    step: float = 0.2

    def start(self, x: Any, y: Any) -> Any:
        """xi at t = 0; coordinates in um."""
        front = self.front + self.ripple * np.cos(2 * np.pi * y * MICRO / self.box)
        thickness = np.sqrt(self.gradient / (2 * self.barrier))
        return (1 - np.tanh((x * MICRO - front) / (2 * thickness))) / 2


@dataclass
class Step:
    """A converged step: processor time [s], sweeps or Newton steps, iterations, metal area/side [um]."""

    seconds: float
    sweeps: int
    krylov: int
    metal: float


def triad(size: int = 20_000_000, repeats: int = 7) -> float:
    """GB/s of STREAM's triad a = b + 3 c on one core, 24 bytes per element: the best of ``repeats``."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "triad.c", Path(folder) / "triad.so"
        source.write_text(SOURCE)
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", source, "-o", library],
                       check=True)  # fmt: skip
        run = ctypes.CDLL(str(library)).triad
    a, b, c = np.zeros(size), np.ones(size), np.ones(size)
    pointers = [ctypes.c_void_p(v.ctypes.data) for v in (a, b, c)]
    best = np.inf
    for _ in range(repeats):
        begin = time.process_time()
        run(*pointers, ctypes.c_long(size))
        best = min(best, time.process_time() - begin)
    return 24 * size / best / 1e9


class Sweeps:
    """The three equations on ``cells`` x ``cells`` control volumes."""

    def __init__(self, case: Case, cells: int, linear: str) -> None:
        import dolfinx_solver  # noqa: F401  (its PETSc; MPI first)

        import fipy
        from fipy.solvers.convergence import DivergenceWarning
        from fipy.solvers.petsc import LinearGMRESSolver, LinearLUSolver

        # GMRES "breaks down" where it starts at round-off; the residuals of the sweeps decide.
        warnings.simplefilter("ignore", DivergenceWarning)
        self.case, self.cells = case, cells
        side = case.box / MICRO
        mesh = fipy.Grid2D(nx=cells, ny=cells, dx=side / cells, dy=side / cells)
        x, y = (np.array(v) for v in mesh.cellCenters.value)
        start = case.start(x, y)
        self.xi = fipy.CellVariable(mesh=mesh, value=start, hasOld=True)
        self.c = fipy.CellVariable(mesh=mesh, value=1.0, hasOld=True)
        self.phi = fipy.CellVariable(mesh=mesh, value=-case.applied * start, hasOld=True)
        self.phi.constrain(-case.applied, mesh.facesLeft)
        self.phi.constrain(0.0, mesh.facesRight)
        self.c.constrain(1.0, mesh.facesRight)
        self.equations = self._equations(fipy)
        if linear == "lu":
            self.solvers = [LinearLUSolver(tolerance=1e-8, criterion="initial") for _ in range(3)]
        else:
            self.solvers = [
                LinearGMRESSolver(tolerance=1e-8, criterion="initial", precon=linear) for _ in range(3)
            ]

    def _equations(self, fipy: Any) -> list[tuple[Any, Any]]:
        case, xi, c, phi = self.case, self.xi, self.c, self.phi
        exp = fipy.numerix.exp
        z, unit = case.charge, MICRO**2
        eta = z * (phi - case.equilibrium_potential / THERMAL)
        well = case.mobility * case.barrier
        drive = case.rate * (c * exp(-case.transfer * eta) - exp((1 - case.transfer) * eta))
        # made = drive h' - L_s g' and its derivative by xi
        made = 30 * xi**2 * (1 - xi) ** 2 * drive - well * 2 * xi * (1 - xi) * (1 - 2 * xi)
        slope = 60 * xi * (1 - xi) * (1 - 2 * xi) * drive - well * (2 - 12 * xi + 12 * xi**2)
        smoothing = case.mobility * case.gradient / unit
        metal = fipy.TransientTerm(var=xi) == (
            fipy.DiffusionTerm(coeff=smoothing, var=xi)
            + (made - slope * xi)
            + fipy.ImplicitSourceTerm(coeff=slope, var=xi)
        )
        between = xi.arithmeticFaceValue
        share = between**3 * (6 * between**2 - 15 * between + 10)
        diffusivity = (case.metal_diffusivity * share + case.liquid_diffusivity * (1 - share)) / unit
        grown = (xi - xi.old) / case.step
        cations = fipy.TransientTerm(var=c) == (
            fipy.DiffusionTerm(coeff=diffusivity, var=c)
            + fipy.CentralDifferenceConvectionTerm(coeff=z * diffusivity * phi.faceGrad, var=c)
            - case.sites / case.concentration * grown
        )
        conductivity = case.metal_conductivity * share + case.liquid_conductivity * (1 - share)
        per_metal = conductivity * THERMAL / (z * FARADAY * case.sites) / unit
        charge = fipy.DiffusionTerm(coeff=per_metal, var=phi) == grown
        return [(metal, xi), (cations, c), (charge, phi)]

    def advance(self, tolerance: float) -> Step:
        """One time step, until every residual has fallen to ``tolerance``."""
        begin = time.process_time()
        for _, field in self.equations:
            field.updateOld()
        first: list[float] = []
        krylov = 0
        for sweep in range(1, LIMIT + 1):
            left = []
            for (equation, field), solver in zip(self.equations, self.solvers, strict=True):
                left.append(float(equation.sweep(var=field, dt=self.case.step, solver=solver)))
                krylov += solver.convergence.iterations
            first = first or left
            if all(now <= tolerance * before for now, before in zip(left, first, strict=True)):
                return Step(time.process_time() - begin, sweep, krylov, self.metal())
        raise RuntimeError(f"no convergence in {LIMIT} sweeps; residuals {left}, at first {first}")

    def metal(self) -> float:
        """Area of the metal over the side of the box [um]."""
        return float(self.xi.value.sum()) * self.case.box / MICRO / self.cells**2


def measure(case: Case, cells: int, linear: str, steps: int) -> Iterator[Step]:
    """The first step, which is not timed with the others, and ``steps`` more."""
    problem = Sweeps(case, cells, linear)
    for number in range(steps + 1):
        yield problem.advance(TOLERANCE if number else FIRST)


def row(code: str, linear: str, unknowns: int, steps: list[Step], bandwidth: float) -> str:
    """A line of the table; the first step does not count."""
    timed = steps[1:]
    cost = sum(s.seconds for s in timed) / len(timed) / unknowns
    sweeps = sum(s.sweeps for s in timed) / len(timed)
    krylov = sum(s.krylov for s in timed) / len(timed)
    return (
        f"| {code} | {linear} | {unknowns} | {sweeps:.1f} | {krylov:.0f} | {cost * 1e6:.1f} "
        f"| {cost * bandwidth * 1e6:.0f} | {steps[-1].metal:.5f} |"
    )


HEAD = (
    "| code | linear solver | unknowns | sweeps or Newton | linear iterations | us per unknown and step "
    "| kB of triad per unknown | metal area/side [um] |\n|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Print the table, or JSON for `chen_step.py`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cells", type=int, nargs="+", default=[147, 295], help="per side (147 295)")
    parser.add_argument("--steps", type=int, default=5, help="timed steps after the first (5)")
    parser.add_argument("--linear", nargs="+", default=["gamg"], help="ilu, jacobi, gamg ..., or lu")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each solve")
    parser.add_argument("--case", type=json.loads, default={}, help="changed parameters as JSON")
    given = parser.parse_args()
    case = Case(**given.case)
    bandwidth = triad()
    if not given.json:
        print(f"{case}\ntriad {bandwidth:.1f} GB/s\n{HEAD}", flush=True)
    for cells in given.cells:
        for linear in given.linear:
            steps = list(measure(case, cells, linear, given.steps))
            if given.json:
                answer = {"linear": linear, "cells": cells, "triad": bandwidth}
                print(json.dumps(answer | {"steps": [asdict(s) for s in steps]}), flush=True)
            else:
                print(row("FiPy", linear, 3 * cells**2, steps, bandwidth), flush=True)


if __name__ == "__main__":
    main()

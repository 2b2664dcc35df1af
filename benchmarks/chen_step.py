"""One implicit time step of the Chen-2015 deposit: Newton's method on all fields beside FiPy's sweeps.

    python benchmarks/chen_step.py                 # 147 x 147 and 295 x 295 nodes, with FiPy
    python benchmarks/chen_step.py --quick         # 97 x 97 nodes
    python benchmarks/chen_step.py --no-fipy --case '{"step": 0.05}'

The forms are those of model/chen.py, the case that of fipy_chen.py: as many unknowns, the same time step
(backward Euler) and initial state, the same criterion of convergence (every field's residual down to
1e-6 of that at the beginning of the step, starting from the last state), the first step not timed. FiPy
runs in an environment of its own (fipy.sh). Linear finite elements on triangles, PETSc's SNES without
line search, and one of

* ``fieldsplit``: flexible GMRES, multiplicatively xi (ILU) | c (GAMG) | phi (GAMG), made anew in every
  fourth Newton step;
* ``mumps``: a factorisation in every Newton step.

The rows of xi are multiplied with C_s/c0: then all residuals count cations, and the norm that GMRES
reduces weighs no field above the others.

The last column but one is the time in kB that the triad a = b + s c moves in it on one core, in the same
process: a measure of cost that depends less on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dolfinx_solver  # noqa: F401

from mpi4py import MPI
from petsc4py import PETSc

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import NonlinearProblem
from fipy_chen import FIRST, HEAD, LIMIT, MICRO, THERMAL, TOLERANCE, Case, Step, row, triad

from thincell.model import chen
from thincell.model.chen import PHI, XI, C, ChenDeposit

#: Newton steps that a preconditioner lasts, from the second time step on.
KEPT = 4
#: Degree 5 instead of 2 changes the growth by 3e-5.
QUADRATURE = 2
COMPILER = {"cffi_extra_compile_args": ["-O3", "-march=native", "-ffast-math"]}
NEWTON = {"snes_linesearch_type": "none"}
GAMG = {
    "ksp_type": "preonly",
    "pc_type": "gamg",
    "pc_gamg_threshold": 0.02,
    "mg_levels_ksp_type": "richardson",
    "mg_levels_ksp_max_it": 1,
    "mg_levels_pc_type": "ilu",
}
PRESETS: dict[str, dict[str, Any]] = {
    "mumps": {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"},
    "fieldsplit": {
        "ksp_type": "fgmres",
        "ksp_rtol": 1e-4,
        "pc_type": "fieldsplit",
        "pc_fieldsplit_type": "multiplicative",
        "pc_fieldsplit_block_size": chen.FIELDS,
        "pc_fieldsplit_0_fields": str(XI),
        "pc_fieldsplit_1_fields": str(C),
        "pc_fieldsplit_2_fields": str(PHI),
        "fieldsplit_0_ksp_type": "preonly",
        "fieldsplit_0_pc_type": "ilu",
        **{f"fieldsplit_1_{key}": value for key, value in GAMG.items()},
        **{f"fieldsplit_2_{key}": value for key, value in GAMG.items()},
    },
}


class Volume:
    """Integrals over the box, as `thincell.model.measures.Measures`, of low degree."""

    def __init__(self, domain: mesh.Mesh) -> None:
        self.dx = ufl.Measure("dx", domain, metadata={"quadrature_degree": QUADRATURE})

    def volume(self, integrand: Any) -> Any:
        return integrand * self.dx


class Coupled:
    """All three balances on ``nodes`` x ``nodes`` nodes, lengths in um."""

    def __init__(self, case: Case, nodes: int, preset: str) -> None:
        self.side = case.box / MICRO
        corners = [[0.0, 0.0], [self.side, self.side]]
        domain = mesh.create_rectangle(MPI.COMM_SELF, corners, [nodes - 1, nodes - 1])
        element = basix.ufl.element("Lagrange", "triangle", 1, shape=(chen.FIELDS,))
        space = fem.functionspace(domain, element)
        self.state, self.old = fem.Function(space), fem.Function(space)
        law = ChenDeposit(**{f.name: getattr(case, f.name) for f in fields(ChenDeposit)})
        scales = law.scales(MICRO, case.concentration, THERMAL)
        per_step = fem.Constant(domain, scales.time / case.step)
        law, scales = law.on(domain), scales.on(domain)

        def rate_of(quantity: Any) -> Any:
            return per_step * (quantity(self.state, None) - quantity(self.old, None))

        measures: Any = Volume(domain)
        tests = list(ufl.TestFunction(space))
        tests[XI] *= chen.sites_ratio(law, scales)
        form = chen.volume(measures, law, scales, self.state, tests, rate_of)
        self.area = fem.form(measures.volume(self.state[XI]))

        points = space.tabulate_dof_coordinates()
        unknowns = self.state.x.array.reshape(-1, chen.FIELDS)
        unknowns[:, XI] = case.start(points[:, 0], points[:, 1])
        unknowns[:, C], unknowns[:, PHI] = 1.0, -case.applied * unknowns[:, XI]

        def keep(x: float, field: int, value: float) -> fem.DirichletBC:
            facets = mesh.locate_entities_boundary(domain, 1, lambda p: np.isclose(p[0], x))
            here = fem.locate_dofs_topological(space.sub(field), 1, facets)
            return fem.dirichletbc(PETSc.ScalarType(value), here, space.sub(field))

        kept = [keep(0.0, PHI, -case.applied), keep(self.side, PHI, 0.0), keep(self.side, C, 1.0)]
        self.problem = NonlinearProblem(
            form,
            self.state,
            bcs=kept,
            petsc_options_prefix=f"chen_{preset}_{nodes}_",
            petsc_options=NEWTON | PRESETS[preset],
            jit_options=COMPILER,
        )
        self.problem.solver.setConvergenceTest(self._converged)

    def _converged(self, snes: PETSc.SNES, iteration: int, norms: Any) -> int:
        """Every field's residual, relative to that of the step's first iterate."""
        residual = snes.getFunction()[0].array_r.reshape(-1, chen.FIELDS)
        norm = np.linalg.norm(residual, axis=0)
        if iteration == 0:
            self.first = norm
            return PETSc.SNES.ConvergedReason.CONVERGED_ITERATING
        if np.all(norm <= self.tolerance * self.first):
            return PETSc.SNES.ConvergedReason.CONVERGED_FNORM_RELATIVE
        if iteration == LIMIT or not np.all(np.isfinite(norm)):
            return PETSc.SNES.ConvergedReason.DIVERGED_MAX_IT
        return PETSc.SNES.ConvergedReason.CONVERGED_ITERATING

    def keep(self, steps: int) -> None:
        """Make the preconditioner anew in every ``steps``-th Newton step only."""
        solver, options = self.problem.solver, PETSc.Options()
        options[f"{solver.getOptionsPrefix()}snes_lag_preconditioner"] = steps
        options[f"{solver.getOptionsPrefix()}snes_lag_preconditioner_persists"] = True
        solver.setFromOptions()

    def advance(self, tolerance: float) -> Step:
        """One time step, until every residual has fallen to ``tolerance``."""
        begin = time.process_time()
        self.tolerance = tolerance
        self.old.x.array[:] = self.state.x.array
        self.problem.solve()
        seconds = time.process_time() - begin
        solver = self.problem.solver
        if solver.getConvergedReason() < 0:
            raise RuntimeError(f"Newton's method failed: reason {solver.getConvergedReason()}")
        newton, krylov = solver.getIterationNumber(), solver.getLinearSolveIterations()
        return Step(seconds, newton, krylov, fem.assemble_scalar(self.area) / self.side)


def measure(case: Case, nodes: int, preset: str, steps: int) -> list[Step]:
    """The first step, which is not timed with the others, and ``steps`` more."""
    problem = Coupled(case, nodes, preset)
    first = problem.advance(FIRST)
    if preset == "fieldsplit":
        problem.keep(KEPT)
    return [first, *(problem.advance(TOLERANCE) for _ in range(steps))]


def sweeps(case: str, nodes: int, linear: list[str], steps: int) -> Iterator[dict[str, Any]]:
    """The same in FiPy."""
    script = Path(__file__).with_name("fipy.sh")
    command = ["sh", script, "--json", "--cells", str(nodes), "--steps", str(steps), "--case", case]
    run = subprocess.run(
        [*command, "--linear", *linear],
        stdout=subprocess.PIPE,
        env={"PYTHON": sys.executable, **os.environ},
        check=True,
    )
    yield from map(json.loads, run.stdout.splitlines())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[147, 295], help="per side (147 295)")
    parser.add_argument("--steps", type=int, default=5, help="timed steps after the first (5)")
    parser.add_argument("--linear", nargs="+", default=["gamg"], help="FiPy's: ilu, gamg, lu (gamg)")
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), help="Newton's")
    parser.add_argument("--case", default="{}", help="changed parameters as JSON")
    parser.add_argument("--no-fipy", action="store_true", help="without FiPy")
    parser.add_argument("--quick", action="store_true", help="97 nodes, 2 steps")
    given = parser.parse_args()
    nodes, steps = ([97], 2) if given.quick else (given.nodes, given.steps)
    case = Case(**json.loads(given.case))
    bandwidth = triad()
    print(f"{case}\ntriad {bandwidth:.1f} GB/s\n{HEAD}", flush=True)
    for n in nodes:
        for preset in given.presets:
            made = measure(case, n, preset, steps)
            print(row("thincell", preset, chen.FIELDS * n**2, made, bandwidth), flush=True)
        if given.no_fipy:
            continue
        for answer in sweeps(given.case, n, given.linear, steps):
            made = [Step(**step) for step in answer["steps"]]
            print(row("FiPy", answer["linear"], chen.FIELDS * n**2, made, answer["triad"]), flush=True)


if __name__ == "__main__":
    main()

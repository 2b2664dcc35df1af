"""The linear solvers: the collapse preconditioner beside MUMPS, counts of iterations, options."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest
from dolfinx import fem, mesh
from parallel.thin_cell_run import thin_cell

from thincell.solvers import linear
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.controls import GivenCurrent, GivenPotential
from thincell.solvers.lattice import NotColumns, coarser, columns_of, lower
from thincell.solvers.linear import Collapsing, Direct, Linear, UnknownOption

RUN = Path(__file__).parents[1] / "parallel" / "thin_cell_run.py"
SMALL = thin_cell().ThinCell(40, 10)


def solved(cell: Any, preset: linear.Preset, control: Any, **petsc: Any) -> BorderedSystem:
    system: BorderedSystem = cell.system(Linear(preset, petsc))
    system.solve(control)
    return system


def per_newton(cell: Any, control: Any) -> float:
    system = solved(cell, "collapse", control)
    count = system.krylov_iterations / system.iterations
    system.release()
    return count


@pytest.mark.parametrize(
    "control", [GivenPotential(-4.0), GivenCurrent(-0.06)], ids=["potential", "current"]
)
def test_same_newton_iterations_and_same_answer(control: Any) -> None:
    direct, collapse = (solved(SMALL, preset, control) for preset in ("direct", "collapse"))
    assert collapse.iterations <= direct.iterations + 1
    assert collapse.current() == pytest.approx(direct.current(), rel=1e-8)
    assert collapse.krylov_iterations <= 6 * collapse.iterations
    assert collapse.factorisations < direct.factorisations == direct.iterations


def test_solves_a_linear_system_like_mumps() -> None:
    system = solved(replace(SMALL, dt=1e-3), "direct", GivenPotential(-4.0))
    space = system.state.function_space
    matrix = system._matrix
    state, b = matrix.createVecs()
    state.setArray(system.state.x.array[: system.owned])
    matrix.mult(state, b)
    for choice in (Linear(), Linear("collapse", {"ksp_rtol": 1e-13})):
        solver = choice.build(space)
        solver.set_operators(matrix)
        x = state.duplicate()
        solver.solve(b, x)
        assert solver.factorisations == 1
        assert solver.iterations <= 16
        assert (matrix * x - b).norm() <= 1e-11 * b.norm()
        assert (x - state).norm() <= 1e-10 * state.norm()
        solver.release()


def test_counts_are_flat() -> None:
    held = GivenPotential(-4.0)
    sizes = [per_newton(cell, held) for cell in (SMALL, replace(SMALL, columns=160, layers=20))]
    slender = [per_newton(replace(SMALL, slenderness=value), held) for value in (1e-3, 1e-2, 1e-1)]
    steps = [per_newton(replace(SMALL, dt=value), held) for value in (1e-5, 1e-2, 1e3)]
    fine = per_newton(replace(SMALL, edge=0.005), held)
    assert max(sizes) <= 1.5 * min(sizes)
    assert max(slender) <= 1.5 * min(slender)
    assert max(steps) <= 1.3 * min(steps)  # quarters of an iteration at these sizes
    assert max(*sizes, *slender, *steps, fine) <= 6


def test_preconditioner_lasts_over_small_changes() -> None:
    system = solved(SMALL, "collapse", GivenCurrent(-0.03))
    before = system.factorisations
    system.solve(GivenCurrent(-0.031))
    assert system.factorisations == before
    system.solve(GivenCurrent(-0.08))
    assert system.factorisations > before


def test_misspelt_option_is_an_error() -> None:
    known = len(PETSc.Options().getAll())
    for preset, key in (("direct", "mat_mumps_icntl14"), ("collapse", "smoother_pc_factor_level")):
        with pytest.raises(UnknownOption, match=key):
            solved(SMALL, preset, GivenPotential(-1.0), **{key: 1})  # type: ignore[arg-type]
    for preset, key in (("direct", "mat_mumps_icntl_14"), ("collapse", "smoother_pc_factor_levels")):
        solved(SMALL, preset, GivenPotential(-1.0), **{key: 1}).release()  # type: ignore[arg-type]
    assert len(PETSc.Options().getAll()) == known


def test_auto_factorises_what_is_small_or_has_no_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = mesh.create_rectangle(MPI.COMM_WORLD, [np.zeros(2), np.array([10.0, 1.0])], [20, 4])
    space = fem.functionspace(columns, ("Lagrange", 2, (2,)))
    assert isinstance(Linear("auto").build(space), Direct)
    monkeypatch.setattr(linear, "AUTO", 10)
    assert isinstance(Linear("auto").build(space), Collapsing)
    columns.geometry.x[:, 1] += 0.01 * np.sin(columns.geometry.x[:, 0])
    assert isinstance(Linear("auto").build(space), Direct)
    with pytest.raises(NotColumns):
        Linear("collapse").build(space)


def test_auto_falls_back_on_a_factorisation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "AUTO", 10)
    system = solved(SMALL, "auto", GivenPotential(-4.0), ksp_max_it=2)
    expected = solved(SMALL, "direct", GivenPotential(-4.0))
    assert system.current() == pytest.approx(expected.current(), rel=1e-9)


@pytest.mark.parametrize("step", [coarser, lower])
def test_thinned_spaces_hold_linear_functions(step: Callable[..., Any]) -> None:
    domain = mesh.create_rectangle(MPI.COMM_WORLD, [np.zeros(2), np.array([4.0, 1.0])], [80, 4])
    fine, numbers = columns_of(fem.functionspace(domain, ("Lagrange", 2, (2,))))
    assert numbers.size == 161 * 9
    coarse, weights = step(fine)
    assert coarse.ix.size <= 0.6 * fine.ix.size
    prolongation = weights.matrix(domain.comm, 1)
    for axis, place in (("x", "ix"), ("z", "iz")):
        below, above = prolongation.createVecs()
        below.setArray(getattr(coarse, axis)[getattr(coarse, place)])
        prolongation.mult(below, above)
        assert above.getArray() == pytest.approx(getattr(fine, axis)[getattr(fine, place)])


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_agree_with_mumps(ranks: int) -> None:
    command = ["mpiexec", "-n", str(ranks), sys.executable, str(RUN)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    direct, collapse = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    for key in ("potential", "square"):
        assert collapse[key] == pytest.approx(direct[key], rel=1e-10)
    assert collapse["newton"] <= direct["newton"] + 1
    assert collapse["krylov"] <= 9 * collapse["newton"]


def test_direct_solves_after_a_singular_matrix() -> None:
    """MUMPS alone answers with NaN from there on."""
    n = 6
    b, x = (PETSc.Vec().createSeq(n, comm=MPI.COMM_SELF) for _ in range(2))
    b.set(2.0)
    found = []
    solver = Direct(MPI.COMM_SELF, {"mat_mumps_icntl_14": 50})
    matrix = PETSc.Mat().createAIJ((n, n), nnz=1, comm=MPI.COMM_SELF)
    for entry in (0.0, 4.0, 8.0):
        for row in range(n):
            matrix[row, row] = entry
        matrix.assemble()
        solver.set_operators(matrix)
        solver.solve(b, x)
        found.append(x.getArray().copy())
    assert not np.any(np.isfinite(found[0]))
    assert np.all(found[1] == 0.5)
    assert np.all(found[2] == 0.25)
    solver.release()

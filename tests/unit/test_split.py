"""The preconditioner field by field, on a growing deposit: answers, counts, remedies, options."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from petsc4py import PETSc

import pytest

from thincell.solvers import split
from thincell.solvers.controls import GivenCurrent
from thincell.solvers.failure import NotConverged
from thincell.solvers.linear import Linear, UnknownOption
from thincell.solvers.split import Splitting, sweep

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def front() -> ModuleType:
    """benchmarks/deposit_front.py."""
    spec = importlib.util.spec_from_file_location("deposit_front", BENCHMARKS / "deposit_front.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FRONT = front()


def step(cells: int = 40, preset: str = "split", petsc: Any = None, **cell: Any) -> Any:
    """A time step of a front, not yet solved."""
    problem = FRONT.Deposit(cells, **cell)
    return FRONT.Step(problem, Linear(preset, petsc or {}, swapped=problem.swapped))  # type: ignore[arg-type]


def assembled(made: Any) -> Any:
    """A right side, and the Jacobian of the first Newton iteration."""
    made.begin()
    FRONT.fem_petsc.assemble_matrix(made.matrix, made.jacobian)
    made.matrix.assemble()
    x, b = made.matrix.createVecs()
    x.setRandom()
    made.matrix.mult(x, b)
    return x, b


@pytest.mark.parametrize("ions", [2, 3])
def test_solves_a_linear_system(ions: int) -> None:
    made = step(ions=ions, petsc={"ksp_rtol": 1e-13})
    expected, b = assembled(made)
    made.solver.set_operators(made.matrix)
    x, residual = b.duplicate(), b.duplicate()
    made.solver.solve(b, x)
    made.solver.multiply(x, residual)
    assert (residual - b).norm() <= 1e-11 * b.norm()
    assert (x - expected).norm() <= 1e-8 * expected.norm()
    assert made.solver.factorisations == 1
    assert made.solver.iterations <= 35
    made.solver.release()


@pytest.mark.parametrize("ions", [2, 3])
def test_same_newton_iterations_as_mumps(ions: int) -> None:
    mine, direct = step(ions=ions), step(ions=ions, preset="direct")
    for _ in range(2):
        assert mine.advance() == direct.advance()
    change = mine.w.x.array - direct.w.x.array
    assert abs(change).max() <= 1e-6
    assert max(mine.counts) <= 15
    assert mine.solver.factorisations < direct.solver.factorisations


@pytest.mark.parametrize("ions", [2, 3])
def test_inside_a_system_with_a_given_current(ions: int) -> None:
    found = []
    for preset in ("direct", "split"):
        made = step(preset=preset, ions=ions)
        made.solver.release()  # the system makes its own
        made.begin()
        system = made.system()
        newton = system.solve(GivenCurrent(-1.2))
        found.append((newton, float(made.metal.value)))
        assert system.current() == pytest.approx(-1.2, rel=1e-10)
        if preset == "split":
            assert system.krylov_iterations <= 12 * newton
    assert found[1][0] <= found[0][0] + 1
    assert found[1][1] == pytest.approx(found[0][1], rel=1e-9)


def test_counts_are_flat() -> None:
    highest = []
    others = step(40, cfl=0.1), step(320, kind="graded"), step(30, kind="thin")
    for made in (step(40), step(120), *others):
        made.advance()
        highest.append(made.counts[0])
        made.solver.release()
    assert max(highest) <= 15
    assert highest[1] <= 1.2 * highest[0]


def test_preconditioner_is_kept_while_that_is_cheaper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, fresh = step(60), step(60)
    newton = kept.advance() + kept.advance()
    assert 1 < kept.solver.factorisations < newton
    monkeypatch.setattr(split, "SPARE", 0.0)
    assert fresh.advance() + fresh.advance() == newton
    assert fresh.solver.factorisations == newton
    assert max(fresh.counts) < max(kept.counts)  # options are no longer in PETSc's database


def test_remedies_end() -> None:
    made = step()
    _, b = assembled(made)
    solver: Splitting = made.solver
    x = b.duplicate()
    solver.set_operators(made.matrix)
    solver.solve(b, x, 1e-5)
    first = solver.iterations
    solver.set_operators(made.matrix)
    counts = [solver.factorisations]
    for expected in (True, True, False):  # a new preconditioner, a factorisation, nothing
        assert solver.remedy(None) is expected
        solver.set_operators(made.matrix)
        counts.append(solver.factorisations)
    assert counts == [1, 2, 4, 5]
    solver.solve(b, x, 1e-5)
    assert solver.iterations == 2 * first  # what failed is forgotten
    solver.release()


def test_factorises_what_fails_and_tries_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "RESCUED", 2)
    made, direct = step(petsc={"ksp_max_it": 3}), step(preset="direct")
    made.advance()
    direct.advance()
    assert abs(made.w.x.array - direct.w.x.array).max() <= 1e-6
    assert made.counts[:4] == [3, 0, 0, 3]


def test_misspelt_option_is_an_error() -> None:
    known = len(PETSc.Options().getAll())
    with pytest.raises(UnknownOption, match="fieldsplit_1_pc_gamg_treshold"):
        step(petsc={"fieldsplit_1_pc_gamg_treshold": 0.0}).advance()
    read = step(petsc={"fieldsplit_1_pc_gamg_threshold": 0.05, "fieldsplit_2_sub_pc_factor_levels": 1})
    read.advance()
    assert len(PETSc.Options().getAll()) == known
    read.solver.release()


def test_parts_read_their_options() -> None:
    made = step(ions=3)
    _, b = assembled(made)
    made.solver.set_operators(made.matrix)
    database: Any = PETSc.Options()
    mine = [key for key in database.getAll() if key.startswith(made.solver._options.prefix)]
    made.solver.precondition(b, b.duplicate())
    assert len(mine) >= 20
    assert [key for key in mine if not database.used(key)] == []
    made.solver.release()


def test_order_of_the_sweep() -> None:
    assert sweep(3, (), None) == [2, 1, 0]
    assert sweep(3, (2, 0, 1), None) == [2, 0, 1]
    assert sweep(5, (), (1, 3)) == [4, 1, 3, 2, 0]
    for wrong in ((0, 1), (2, 2, 1)):
        with pytest.raises(ValueError, match="split"):
            sweep(3, wrong, None)


@pytest.mark.parametrize("order", [(2, 1, 0), (0, 1, 2), (0, 2, 1)])
def test_order_hardly_matters(order: tuple[int, ...]) -> None:
    made = FRONT.Step(FRONT.Deposit(60), Linear("split", order=order))
    made.advance()
    assert made.counts[0] <= 14
    made.solver.release()


def test_newton_ends_where_there_is_no_solution() -> None:
    """A current beyond the limiting one starves the front, until rows of the matrix are zero."""
    made = step(ions=3)
    made.solver.release()
    made.begin()
    system, start = made.system(), made.w.x.array.copy()
    with contextlib.suppress(NotConverged):
        system.solve(GivenCurrent(-2.2))
    made.w.x.array[:], made.metal.value = start, FRONT.METAL
    assert system.solve(GivenCurrent(-1.2)) >= 3
    assert system.current() == pytest.approx(-1.2, rel=1e-10)


@pytest.mark.parametrize("ions", [2, 3])
def test_ranks_agree(ions: int) -> None:
    found = []
    for ranks, preset in ((1, "direct"), (1, "split"), (2, "split"), (3, "split")):
        command = ["mpiexec", "-n", str(ranks), sys.executable, str(BENCHMARKS / "deposit_solver.py")]
        command += ["--one", preset, "cells=60", f"ions={ions}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        found.append(next(json.loads(line) for line in done.stdout.splitlines() if line[0] == "{"))
    for run in found:
        assert run["norm"] == pytest.approx(found[0]["norm"], rel=1e-8)
        assert run["newton"] == found[0]["newton"]
        assert run["krylov"][0] <= 1.35 * found[1]["krylov"][0]

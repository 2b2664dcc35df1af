"""The Chen-2015 deposit: profile, surface energy, speed of the front, books of metal and charge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import NonlinearProblem

import thincell  # noqa: F401  (loads MPI in the right order)
from thincell.model import chen
from thincell.model.chen import PHI, XI, C, ChenDeposit
from thincell.model.measures import Measures
from thincell.model.scales import Scales

LAW = ChenDeposit()
VOLT = 0.0256926
NEWTON = {
    "snes_rtol": 1e-11,
    "snes_atol": 1e-11,
    "snes_stol": 1e-11,
    "snes_linesearch_type": "none",
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
}


class Line:
    """A front on a line of ``length`` thicknesses, ``cells`` second-order cells; BDF2."""

    def __init__(self, law: ChenDeposit, length: float, cells: int, front: float) -> None:
        self.plain, self.length = law, length
        self.unit = float(law.thickness())
        self.domain = mesh.create_interval(MPI.COMM_SELF, cells, (0.0, length))
        self.domain.topology.create_connectivity(0, 1)
        ends = [
            mesh.locate_entities_boundary(self.domain, 0, lambda p, x=x: np.isclose(p[0], x))
            for x in (0.0, length)
        ]
        tags = mesh.meshtags(self.domain, 0, np.concatenate(ends), np.array([1, 2], dtype=np.int32))
        self.measures = Measures(self.domain, tags, axisymmetric=False)
        element = basix.ufl.element("Lagrange", "interval", 2, shape=(chen.FIELDS,))
        self.space = fem.functionspace(self.domain, element)
        self.now, self.old, self.older = (fem.Function(self.space) for _ in range(3))
        self.law: ChenDeposit = law.on(self.domain)
        plain = law.scales(self.unit, 1000.0, VOLT)
        self.seconds = plain.time
        self.scales: Scales = plain.on(self.domain)
        self.weights = [fem.Constant(self.domain, w) for w in (1.0, -1.0, 0.0)]
        x = self.space.tabulate_dof_coordinates()[:, 0]
        self.fields = self.now.x.array.reshape(-1, chen.FIELDS)
        self.fields[:, C], self.fields[:, PHI] = 1.0, 0.0
        self.fields[:, XI] = chen.profile((x - front) * self.unit, law.thickness())

    def rate_of(self, quantity: Callable[[Any, Any], Any]) -> Any:
        steps = zip(self.weights, (self.now, self.old, self.older), strict=True)
        return sum(w * quantity(past, None) for w, past in steps)

    def end(self, number: int, field: int, value: float) -> fem.DirichletBC:
        """A value kept at the left (0) or right (1) end."""
        here = mesh.locate_entities_boundary(
            self.domain, 0, lambda p: np.isclose(p[0], number * self.length)
        )
        dofs = fem.locate_dofs_topological(self.space.sub(field), 0, here)
        return fem.dirichletbc(PETSc.ScalarType(value), dofs, self.space.sub(field))

    def problem(self, form: Any, kept: list[fem.DirichletBC], name: str) -> NonlinearProblem:
        return NonlinearProblem(
            form, self.now, bcs=kept, petsc_options_prefix=f"chen_{name}_", petsc_options=NEWTON
        )

    def uniform(self) -> NonlinearProblem:
        """Growth at the uniform c and phi that the fields have now."""
        v = ufl.TestFunction(self.space)
        rate = self.rate_of(lambda past, metal: past[XI])
        form = chen.growth(self.measures, self.law, self.scales, self.now, v[XI], rate)
        for field in (C, PHI):
            form += self.measures.volume((self.now[field] - self.old[field]) * v[field])
        return self.problem(form, [], "uniform")

    def advance(self, problem: NonlinearProblem, dt: float, first: bool) -> None:
        """A step of ``dt`` in scaled time; backward Euler at first."""
        a = (1.0, -1.0, 0.0) if first else (1.5, -2.0, 0.5)
        for constant, weight in zip(self.weights, a, strict=True):
            constant.value = weight / dt
        self.older.x.array[:] = self.old.x.array
        self.old.x.array[:] = self.now.x.array
        problem.solve()
        assert problem.solver.getConvergedReason() > 0

    def integral(self, quantity: Any) -> float:
        return float(fem.assemble_scalar(fem.form(self.measures.volume(quantity))))


def test_calibration() -> None:
    assert pytest.approx(0.25e-6) == LAW.thickness()
    assert pytest.approx(0.5) == LAW.surface_energy()
    assert pytest.approx(11.057, rel=1e-4) == LAW.exchange_current_density()
    made = LAW.with_exchange_current_density(30.0)
    assert made.exchange_current_density() == pytest.approx(30.0, rel=1e-12)
    assert made.front_speed(-1.0, 2.0) * 96485.33 * LAW.sites == pytest.approx(
        30.0 * (2 * np.exp(0.5) - np.exp(-0.5)), rel=1e-6
    )


def test_ratio_of_the_published_input() -> None:
    """-0.45 V: L_e f = 6 /s against L_s W = 15 /s, 17 % slow."""
    ratio = float(LAW.reaction_ratio(-0.45 * 38.69, 1.0))
    assert ratio == pytest.approx(0.4, rel=0.02)
    assert chen.slowdown(ratio) == pytest.approx(0.833, abs=4e-3)


def test_slowdown_is_even_and_falls() -> None:
    ratios = np.array([0.0, 1e-6, 0.02, 0.1, 0.4, 1.0, 10.0, 100.0])
    made = np.array([chen.slowdown(r) for r in ratios])
    assert made[0] == 1.0
    assert np.all(np.diff(made) < 0)
    assert made[:2] == pytest.approx(1.0, abs=1e-9)
    assert chen.slowdown(-0.4) == chen.slowdown(0.4)
    # Far from the limit the double well does not matter: v ~ sqrt(r).
    assert made[-1] * 10 == pytest.approx(made[-2] * 10**0.5, rel=0.02)


@pytest.mark.parametrize(("ratio", "measured"), [(0.02, 0.998), (0.1, 0.980), (0.4, 0.833)])
def test_speed_of_a_plane_front(ratio: float, measured: float) -> None:
    """A run against the formula times `slowdown`, and against an independent program's figures."""
    # The drive is rate * (exp(1/2) - exp(-1/2)) at c = c0 and eta = -1.
    law = ChenDeposit(rate=ratio * LAW.mobility * LAW.barrier / (2 * np.sinh(0.5)))
    assert law.reaction_ratio(-1.0, 1.0) == pytest.approx(ratio, rel=1e-12)
    line = Line(law, length=50.0, cells=100, front=14.0)
    line.fields[:, PHI] = -1.0
    formula = float(law.front_speed(-1.0, 1.0)) * line.seconds / line.unit
    problem = line.uniform()
    dt, steps, settle = 0.1 / formula, 200, 150
    metal = []
    for number in range(steps + 1):
        line.advance(problem, dt, first=number == 0)
        metal.append(line.integral(line.now[XI]))
    speed = (metal[-1] - metal[settle]) / ((steps - settle) * dt)
    assert speed / formula == pytest.approx(chen.slowdown(ratio), abs=1e-3)
    assert speed / formula == pytest.approx(measured, abs=3e-3)
    if ratio == 0.02:
        assert abs(speed / formula - 1) < 0.01


def test_profile_and_energy_at_rest() -> None:
    """A front that is three times too wide relaxes to the tanh; its energy becomes gamma."""
    line = Line(LAW, length=40.0, cells=160, front=20.0)
    x = line.space.tabulate_dof_coordinates()[:, 0]
    line.fields[:, XI] = chen.profile((x - 20.0) / 3, 1.0)
    problem = line.uniform()
    for number in range(60):
        line.advance(problem, 0.5 / (LAW.mobility * LAW.barrier * line.seconds), first=number == 0)
    xi = line.fields[:, XI]
    assert np.abs(xi - chen.profile(x - 20.0, 1.0)).max() < 1e-4
    order = np.argsort(xi)
    width = np.diff(np.interp([0.1, 0.9], xi[order], x[order]))[0]
    assert -width == pytest.approx(4 * np.arctanh(0.8), rel=1e-3)
    slope = line.now[XI].dx(0) / line.unit
    well = LAW.barrier * line.now[XI] ** 2 * (1 - line.now[XI]) ** 2
    energy = line.unit * line.integral(well + LAW.gradient / 2 * slope**2)
    assert energy == pytest.approx(float(LAW.surface_energy()), rel=1e-4)


@pytest.mark.parametrize("applied", [-2.0, 2.0])
def test_books_of_the_coupled_equations(applied: float) -> None:
    """Ions and metal balance the flux at the reservoir; currents jump by the metal's rate; signs."""
    line = Line(LAW, length=40.0, cells=80, front=20.0)
    line.fields[:, PHI] = applied * line.fields[:, XI]
    v = ufl.TestFunction(line.space)
    form = chen.volume(line.measures, line.law, line.scales, line.now, v, line.rate_of)
    kept = [line.end(0, PHI, applied), line.end(1, PHI, 0.0), line.end(1, C, 1.0)]
    problem = line.problem(form, kept, "books")
    dt = 0.02 / line.seconds
    cations = [line.integral(chen.cations(line.law, line.scales, line.now))]
    metal = [line.integral(line.now[XI])]
    entered = 0.0
    for _ in range(5):
        line.advance(problem, dt, first=True)
        cations.append(line.integral(chen.cations(line.law, line.scales, line.now)))
        metal.append(line.integral(line.now[XI]))
        residual = fem.assemble_vector(fem.form(form)).array.reshape(-1, chen.FIELDS)
        entered += dt * residual[:, C].sum()
    grown = np.diff(metal)
    assert np.all(grown * applied < 0)
    assert cations[-1] - cations[0] == pytest.approx(entered, rel=1e-8)
    # Both kept rows of phi: the current that leaves at the left and enters at the right.
    consumed = LAW.sites / 1000.0 * grown[-1] / dt
    assert residual[:, PHI].sum() == pytest.approx(consumed, rel=1e-6)

"""Floating bodies in the bordered system: a unit square of electrolyte with two discs of metal in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from scipy.optimize import brentq, root

from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.controls import GivenCurrent, GivenPotential
from thincell.solvers.failure import NotConverged
from thincell.solvers.floating import FloatingBodies
from thincell.solvers.linear import Linear

#: Centres of the discs, and of a place without metal.
DISCS, NOWHERE = ((0.35, 0.35), (0.65, 0.6)), (0.15, 0.85)

#: The metal of a disc ends at this radius, a body of nodes a little further out.
RADIUS, REACH = 0.1, 0.14


@dataclass
class Square:
    """Ohm's law; Butler-Volmer on the left side and in the discs; the right side is grounded.

    A disc that is no floating body is part of the electrode. ``rate`` is that in the discs, ``slow`` the
    share of it in the second one; ``nodal`` the element of the indicators.
    """

    comm: Any = field(default_factory=lambda: MPI.COMM_SELF)
    cells: int = 24
    rate: float = 20.0
    slow: float = 1.0
    nodal: tuple[str, int] = ("Lagrange", 1)
    linear: Linear = field(default_factory=Linear)

    def __post_init__(self) -> None:
        domain = mesh.create_unit_square(self.comm, self.cells, self.cells)
        self.space = fem.functionspace(domain, ("Lagrange", 2))
        self.scalars = fem.functionspace(domain, self.nodal)
        self.state, self.potential = fem.Function(self.space), fem.Constant(domain, 0.0)
        self.spread, self.share, self.chi = (fem.Function(self.scalars) for _ in range(3))
        metal = ufl.variable(self.potential * (1 - self.share) + self.spread)
        electrode = ufl.variable(self.potential)
        v = ufl.TestFunction(self.space)
        x = ufl.SpatialCoordinate(domain)
        facets = mesh.locate_entities_boundary(domain, 1, lambda x: np.isclose(x[0], 0.0))
        sides = mesh.meshtags(domain, 1, np.sort(facets), np.ones(len(facets), dtype=np.int32))
        ds = ufl.Measure("ds", domain, subdomain_data=sides, metadata={"quadrature_degree": 6})(1)
        dx = ufl.Measure("dx", domain, metadata={"quadrature_degree": 6})

        def rate(potential: Any) -> Any:
            return 2 * ufl.sinh((potential - self.state) / 2)

        bumps = [
            ufl.max_value(0.0, 1 - ((x[0] - a) ** 2 + (x[1] - b) ** 2) / RADIUS**2) for a, b in DISCS
        ]
        area = self.rate * (bumps[0] + self.slow * bumps[1])
        source, side = area * rate(metal), rate(electrode)
        slopes = ufl.diff(source, metal) * (1 - self.share), ufl.diff(side, electrode)
        inside = source * (1 - self.share)
        grounded = fem.locate_dofs_geometrical(self.space, lambda x: np.isclose(x[0], 1.0))
        self.arguments: list[Any] = [
            ufl.inner(ufl.grad(self.state), ufl.grad(v)) * dx - source * v * dx - side * v * ds,
            self.state,
            self.potential,
            inside * dx + side * ds,
            (
                -slopes[0] * v * dx - slopes[1] * v * ds,
                slopes[0] * (1 - self.share) * dx + slopes[1] * ds,
            ),
            (grounded, 0.0),
        ]
        self.bodies = FloatingBodies(self.spread, self.share, self.chi, source * self.chi * dx)
        self.system = BorderedSystem(*self.arguments, linear=self.linear, floating=self.bodies)

    def labels(self, centres: Sequence[tuple[float, float]]) -> Any:
        """The number of the body at each local node."""
        points = self.scalars.tabulate_dof_coordinates()
        found = np.zeros(len(points), dtype=np.int32)
        for k, (a, b) in enumerate(centres):
            found[np.hypot(points[:, 0] - a, points[:, 1] - b) < REACH] = k + 1
        return found

    def detach(self, centres: Sequence[tuple[float, float]], guesses: Sequence[float]) -> None:
        self.bodies.set_bodies(self.labels(centres), guesses)

    def start(self) -> None:
        self.state.x.array[:], self.potential.value = 0.0, 0.0

    def net(self, k: int) -> Any:
        """The net current of a body, from its own definition."""
        self.chi.x.array[:] = self.bodies.labels == k
        return self.comm.allreduce(fem.assemble_scalar(fem.form(self.bodies.current)), MPI.SUM)

    def values(self) -> Any:
        """The potentials, E first, and a norm of the field."""
        square = self.comm.allreduce(fem.assemble_scalar(fem.form(self.state**2 * ufl.dx)), MPI.SUM)
        return np.array([float(self.potential.value), *self.bodies.values, square])


CURRENT = GivenCurrent(-0.8)


def solved(square: Square, centres: Any, control: Any = CURRENT) -> int:
    """Newton iterations from zero."""
    square.start()
    if isinstance(control, GivenPotential):
        square.potential.value = control.potential
    square.detach(centres, [0.0] * len(centres))
    return square.system.solve(control)


@pytest.fixture(scope="module")
def square() -> Square:
    return Square()


@pytest.mark.parametrize("control", [CURRENT, GivenPotential(-3.0)], ids=["current", "potential"])
def test_net_currents_vanish(square: Square, control: Any) -> None:
    without = solved(square, [], control)
    assert solved(square, DISCS, control) <= without + 1
    bodies = square.bodies
    assert np.all(bodies.gross > 1e-3)  # the discs are bipolar
    assert np.all(np.abs(bodies.net) <= 1e-12 * bodies.gross)
    for k in (1, 2):
        assert abs(square.net(k)) <= 1e-12 * bodies.gross[k - 1]
    missed = control.residual(square.system.reading(), square.system.current())
    assert abs(missed) <= 1e-12
    assert square.system.fixed_inflow() == pytest.approx(-square.system.current(), rel=1e-11)


def outer(square: Square, centres: Any) -> Any:
    """Potentials by a search around a system that knows nothing of floating bodies."""
    plain = BorderedSystem(*square.arguments)

    def nets(potentials: Any) -> Any:
        square.detach(centres, np.atleast_1d(potentials))
        plain.solve(CURRENT)
        return np.array([square.net(k + 1) for k in range(len(centres))])

    square.start()
    if len(centres) == 1:
        brentq(lambda potential: float(nets(potential)[0]), -3.0, 1.0, xtol=1e-14, rtol=1e-14)
    else:
        found = root(nets, np.zeros(len(centres)), tol=1e-14)
        nets(found.x)
    values = square.values()
    plain.release()
    return values


@pytest.mark.parametrize("centres", [DISCS[:1], DISCS], ids=["one", "two"])
@pytest.mark.parametrize("nodal", [("Lagrange", 1), ("DG", 0)], ids=["P1", "DG0"])
def test_same_as_a_search_around_it(nodal: tuple[str, int], centres: Any) -> None:
    square = Square(nodal=nodal)
    solved(square, centres)
    found = square.values()
    assert found == pytest.approx(outer(square, centres), rel=1e-11)


def test_number_of_bodies_changes_between_solves(square: Square) -> None:
    fresh = {}
    for centres in ((), DISCS, DISCS[1:]):
        other = Square()
        fresh[centres] = solved(other, centres), other.values()
        other.system.release()
    for centres in ((), DISCS, DISCS[1:], ()):
        iterations = solved(square, centres)
        assert iterations == fresh[centres][0]
        assert square.values() == pytest.approx(fresh[centres][1], rel=1e-12)


def test_old_vectors_are_freed(square: Square) -> None:
    solved(square, DISCS)
    newton = square.system._newton
    old = newton.x, newton.f, newton._shell
    solver = newton.snes
    solved(square, DISCS[:1])
    assert [thing.handle for thing in old] == [0, 0, 0]
    assert newton.snes is solver


def test_no_bodies_change_nothing() -> None:
    square = Square()
    plain = BorderedSystem(*square.arguments)
    square.start()
    iterations = plain.solve(CURRENT)
    field, potential = square.state.x.array.copy(), float(square.potential.value)
    assert solved(square, []) == iterations
    assert np.array_equal(square.state.x.array, field)
    assert float(square.potential.value) == potential


def test_body_without_metal_keeps_its_potential(square: Square) -> None:
    solved(square, DISCS)
    expected = square.values()
    square.start()
    square.detach((*DISCS, NOWHERE), [0.0, 0.0, -0.7])
    square.system.solve(CURRENT)
    assert square.bodies.values[2] == -0.7
    assert np.delete(square.values(), 3) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("rate", [2e3, 2e5], ids=["fast", "close to equilibrium"])
def test_reversible_bodies(rate: float) -> None:
    """As quick as with the potentials given. As parts of the electrode, such discs are another problem,

    all but linear: one or two iterations less.
    """
    square = Square(rate=rate)
    iterations = solved(square, DISCS)
    assert np.all(np.abs(square.bodies.net) <= 1e-12 * square.bodies.gross)
    plain = BorderedSystem(*square.arguments)
    square.start()
    assert iterations <= plain.solve(CURRENT) + 1


def test_small_body_is_as_exact_as_a_large_one() -> None:
    square = Square(slow=1e-6)
    solved(square, DISCS)
    bodies = square.bodies
    assert bodies.gross[1] < 1e-5 * bodies.gross[0]
    assert np.all(np.abs(bodies.net) <= 1e-11 * bodies.gross)


def test_a_failed_solve_leaves_the_potentials(square: Square) -> None:
    solved(square, DISCS)
    kept = square.bodies.values.copy()
    square.state.x.array[:] = np.nan
    with pytest.raises(NotConverged):
        square.system.solve(CURRENT)
    assert np.array_equal(square.bodies.values, kept)
    assert solved(square, DISCS[:1]) > 0


def test_wrong_labels_are_refused(square: Square) -> None:
    with pytest.raises(ValueError, match="labels for"):
        square.bodies.set_bodies(np.zeros(3), [])
    with pytest.raises(ValueError, match="between 0 and 1"):
        square.detach(DISCS, [0.0])


def shifted(square: Square, direction: Any, size: float) -> Any:
    """Residual of fields and bodies after a step along fields, bodies and E; then the current."""
    owned, system = square.system.owned, square.system
    state, values = square.state.x.array.copy(), square.bodies.values.copy()
    potential = float(square.potential.value)
    square.state.x.array[:] += size * direction[:owned]
    square.bodies.put(values + size * direction[owned:-1])
    square.potential.value = potential + size * direction[-1]
    rows = fem.assemble_vector(fem.form(square.arguments[0])).array
    nets = [square.net(k + 1) for k in range(square.bodies.count)]
    found = np.array([*rows, *nets, system.current()])
    square.state.x.array[:], square.potential.value = state, potential
    square.bodies.put(values)
    return found


def test_slopes_are_derivatives() -> None:
    """Also across touching bodies: the second begins where the first ends, inside a disc."""
    square = Square(cells=16)
    square.detach(((0.3, 0.35), (0.42, 0.35)), [-1.0, -2.0])
    rng = np.random.default_rng(1)
    square.state.x.array[:] = rng.normal(size=square.state.x.array.size)
    square.potential.value = -1.5
    slopes = square.system.slopes()
    starts, columns, values = slopes.by_state
    direction = rng.normal(size=square.system.owned + 3)
    unknowns, e = direction[:-1], direction[-1]
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    found = np.bincount(rows, values * unknowns[columns]) + e * slopes.by_potential
    current = slopes.current_by_state @ unknowns + e * slopes.current_by_potential
    h = 1e-5
    expected = (shifted(square, direction, h) - shifted(square, direction, -h)) / (2 * h)
    assert np.array([*found, current]) == pytest.approx(expected, rel=1e-7, abs=1e-7)


def test_inverse_of_the_bordered_matrix(square: Square) -> None:
    solved(square, DISCS)
    newton = square.system._newton
    x, y, z = (newton.x.duplicate() for _ in range(3))
    x.setRandom()
    newton._shell.mult(x, y)
    square.system._border.apply(None, y, z)
    assert (z - x).norm() <= 1e-10 * x.norm()


def test_krylov_method_with_many_columns() -> None:
    direct, iterative = Square(), Square(linear=Linear("collapse"))
    for centres in ((), DISCS, DISCS[:1]):
        steps = solved(direct, centres)
        before = iterative.system.krylov_iterations
        assert solved(iterative, centres) <= steps + 1
        assert iterative.values() == pytest.approx(direct.values(), rel=1e-9)
        assert iterative.system.krylov_iterations - before <= 10 * (steps + 1)
        assert np.all(np.abs(iterative.bodies.net) <= 1e-6 * iterative.bodies.gross)


@pytest.mark.parallel(nprocs=2)
def test_two_ranks_agree_with_one() -> None:
    assert MPI.COMM_WORLD.size == 2
    alone, together = Square(), Square(MPI.COMM_WORLD)
    for centres in ((), DISCS, DISCS[1:], (*DISCS, NOWHERE)):
        assert solved(together, centres) == solved(alone, centres)
        assert together.values() == pytest.approx(alone.values(), rel=1e-11)
        assert together.bodies.gross == pytest.approx(alone.bodies.gross, rel=1e-10)
        assert np.all(np.abs(together.bodies.net) <= 1e-12 * together.bodies.gross)

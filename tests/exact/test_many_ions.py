"""References of the many-ion benchmarks against independent numerics; a cheap part of the benchmarks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_bvp, solve_ivp
from scipy.linalg import eigvals

from thincell.studies import manufactured_ions
from thincell.studies.manufactured import rate
from thincell.validation.rows import Row
from thincell.validation.theory import (
    charging,
    donnan,
    electroneutrality,
    ion_reactions,
    many_ions,
    migration,
)

Array = NDArray[np.float64]


def passed(rows: Any) -> None:
    found = list(rows)
    assert found
    failed = [
        f"{r.case}: {r.quantity}: {r.computed:.9g} for {r.exact:.9g}" for r in found if not r.passed
    ]
    assert not failed, "\n".join(failed)


# -- charging: the linearised equations as a matrix -----------------------------------------------------


def chebyshev(n: int) -> tuple[Array, Array]:
    """Points from 1 to -1 and the matrix of the derivative (Trefethen 2000)."""
    x = np.cos(np.pi * np.arange(n + 1) / n)
    c = np.hstack([2, np.ones(n - 1), 2]) * (-1) ** np.arange(n + 1)
    gap = x[:, None] - x
    d = np.outer(c, 1 / c) / (gap + np.eye(n + 1))
    return x, d - np.diag(d.sum(axis=1))


def poles(eps: float, delta: float, shares: tuple[float, float], n: int = 60) -> Array:
    """-s of the linearised Nernst-Planck-Poisson equations between blocking electrodes (D/L^2), sorted.

    Unknowns a, b, psi at Chebyshev points of [-1, 1]; s M u = K u.
    """
    _, d = chebyshev(n)
    d2, one, zero = d @ d, np.eye(n + 1), np.zeros((n + 1, n + 1))
    h, (plus, minus) = 0.5 / eps**2, shares
    stiff = np.block(
        [[plus * d2, zero, plus * d2], [zero, minus * d2, -minus * d2], [h * one, -h * one, d2]]
    )
    mass = np.block([[one, zero, zero], [zero, one, zero], [zero, zero, zero]])
    for row, end in ((0, 1.0), (n, -1.0)):
        for k, charge in ((0, 1.0), (1, -1.0)):
            stiff[k * (n + 1) + row] = np.hstack([d[row] * (k == 0), d[row] * (k == 1), charge * d[row]])
            mass[k * (n + 1) + row] = 0
        stiff[2 * (n + 1) + row] = np.hstack(
            [zero[row], zero[row], one[row] + end * delta * eps * d[row]]
        )
    found = eigvals(stiff, mass)
    found = found[np.isfinite(found) & (np.abs(found) < 1e6)]
    return np.sort(-found.real[np.abs(found.imag) < 1e-6 * np.abs(found)])


@pytest.mark.parametrize("eps", [0.1, 0.05])
def test_relaxation_time_of_equal_ions(eps: float) -> None:
    wanted = charging.decay_rate(eps, 0.1)
    assert np.min(np.abs(poles(eps, 0.1, (1.0, 1.0)) / wanted - 1)) < 1e-8


def test_slow_relaxation_of_unequal_ions() -> None:
    wanted = charging.slow_rate(0.05, 0.1, (0.4, 1.6))
    assert np.min(np.abs(poles(0.05, 0.1, (0.4, 1.6)) / wanted - 1)) < 1e-8


def test_charge_of_an_electrode_in_time() -> None:
    """For equal ions, late: one exponential with the relaxation time."""
    eps, delta = 0.1, 0.1
    wanted = charging.decay_rate(eps, delta)
    left = [1 - charging.charge(f / wanted, eps, delta) for f in (3.0, 5.0)]
    assert np.log(left[0] / left[1]) == pytest.approx(2.0, rel=1e-5)
    same = charging.charge(0.05, eps, delta, (1 - 1e-9, 1 + 1e-9))
    assert same == pytest.approx(charging.charge(0.05, eps, delta), rel=1e-7)


# -- several ions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.1, 1.0, 10.0])
def test_supported_layer_solves_the_nernst_planck_equations(ratio: float) -> None:
    """c_M, c_N, phi and the inventories of both by collocation, at 0.8 of the limiting current."""
    g = 0.8 * many_ions.limiting(ratio)
    p = 4 * (1 + ratio) * g  # i L/(F D_M c_M0)

    def slopes(z: Array, u: Array) -> Array:
        metal, other = u[0], u[1]
        field = p / (2 * (metal + other))  # c_X' = c_X phi' = p/2
        return np.vstack([p - metal * field, -other * field, field, metal, other])

    def ends(left: Array, right: Array) -> Array:
        inventories = [left[3], left[4], right[3] - 1, right[4] - ratio]
        return np.array([*inventories, left[2] - np.log(left[0] + left[1])])

    z = np.linspace(0, 1, 50)
    guess = np.vstack([1 + 0 * z, ratio + 0 * z, 0 * z, z, ratio * z])
    found = solve_bvp(slopes, ends, z, guess, tol=1e-10, max_nodes=20000)
    assert found.success
    wanted = many_ions.supported_layer(g, ratio, z)
    for k, name in enumerate(("Li+", "N+", "phi")):
        assert found.sol(z)[k] == pytest.approx(wanted[name], abs=1e-8)


def test_limiting_current_between_full_and_no_migration() -> None:
    over = [2 * (1 + r) * many_ions.limiting(r) for r in (1e-6, 1e-2, 1.0, 1e2, 1e5)]
    assert over[0] == pytest.approx(2.0, abs=0.01)
    assert over[-1] == pytest.approx(1.0, abs=1e-4)
    assert np.all(np.diff(over) < 0)


@pytest.mark.parametrize("ratio", [0.1, 1.0, 10.0])
def test_limiting_current_for_any_charges(ratio: float) -> None:
    """The closed form against the solution for ions of any charges."""
    ions = [("M+", 1, 7e-10, 1.0), ("N+", 1, 2e-9, ratio), ("X-", -1, 2e-9, 1 + ratio)]
    unit = 4 * migration.FARADAY * 7e-10 * (1 + ratio) / 1e-6
    found = migration.limiting_current(ions, 1e-6) / unit
    assert found == pytest.approx(many_ions.limiting(ratio), rel=1e-6)


def test_edge_of_a_film_by_the_poisson_boltzmann_equation() -> None:
    """Potential at the edge of a film, Debye lengths from -12 to 12, with a divalent ion."""
    ions, fixed = [(1, 1.0), (2, 0.2), (-1, 1.4)], -5.0

    def slopes(x: Array, u: Array, inside: bool) -> Array:
        rho = sum(z * c * np.exp(-z * u) for z, c in ions)
        return rho + fixed if inside else rho

    inner = donnan.donnan_potential(ions, fixed)

    def both(x: Array, u: Array) -> Array:
        return np.vstack([u[1], -slopes(x, u[0], True), u[3], -slopes(x, u[2], False)])

    def ends(left: Array, right: Array) -> Array:
        """u[0] runs from the edge into the film, u[2] from the edge into the solution."""
        return np.array([right[0] - inner, right[2], left[0] - left[2], left[1] + left[3]])

    x = np.linspace(0, 12, 400)
    decay = np.exp(-x)
    guess = np.vstack(
        [inner * (1 - 0.5 * decay), 0.5 * inner * decay, 0.5 * inner * decay, -0.5 * decay]
    )
    found = solve_bvp(both, ends, x, guess, tol=1e-9, max_nodes=50000)
    assert found.success
    assert found.sol(0.0)[0] == pytest.approx(donnan.edge_potential(ions, fixed), abs=1e-7)


def test_edge_of_a_film_in_a_symmetric_salt() -> None:
    inner = donnan.donnan_potential([(1, 1.0), (-1, 1.0)], -3.0)
    assert inner == pytest.approx(-np.arcsinh(1.5))
    edge = donnan.edge_potential([(1, 1.0), (-1, 1.0)], -3.0)
    assert edge == pytest.approx(inner - np.tanh(inner / 2))


def test_recombination_solves_its_equation() -> None:
    start, excess, product, rate_ = 2e-4, 3e-4, 1e-8, 1.4e8
    times = np.array([1e-6, 1e-5, 1e-4])
    found = solve_ivp(
        lambda t, x: rate_ * (product - x * (x + excess)), (0, 1e-4), [start], t_eval=times, rtol=1e-11,
        atol=1e-16, method="Radau",
    )  # fmt: skip
    wanted = ion_reactions.riccati(times, start, excess, product, rate_)
    assert found.y[0] == pytest.approx(wanted, rel=1e-8)


# -- a cheap part of the benchmarks ---------------------------------------------------------------------


def test_films_and_supporting_electrolyte() -> None:
    passed(many_ions.supporting(1.0))
    passed(donnan.film_edge())


def test_salt_and_its_ions_are_one_model() -> None:
    passed(electroneutrality.column_of_both())


def test_charging_at_one_ratio() -> None:
    def rows() -> Any:
        yield from charging._equal(0.1)

    passed(rows())


@pytest.mark.parametrize("eps2", [1e-6, None])
def test_orders_of_three_ions(eps2: float | None) -> None:
    errors = [manufactured_ions.solve(n, 2, eps2) for n in (5, 10)]
    sizes = [e.size for e in errors]
    for name, least in (("concentration", 2.8), ("potential", 2.8), ("flux", 1.8)):
        assert rate(sizes, [getattr(e, name) for e in errors]) > least, name


def test_a_row_of_an_order_is_two_sided() -> None:
    assert isinstance(electroneutrality._order("", "", [1e-2, 1e-3, 3e-4], 1), Row)
    assert not electroneutrality._order("", "", [1e-2, 1e-3, 1e-4], 1).passed

"""Laws of the double layer: charge of the diffuse layer, the closure, permittivity, packing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thincell.model.double_layer import Closure, diffuse_capacitance, diffuse_charge, stern_capacitance
from thincell.model.nernst_planck import LogVariables, SoftVariables
from thincell.model.permittivity import Booth, ConstantPermittivity
from thincell.model.species import HomogeneousReaction, Solution, Species

EPS2 = 2e-4


@pytest.mark.parametrize("zeta", [1e-6, -0.0199, 0.0201, 1.0, -4.0, 12.0])
def test_gouy_chapman_charge_and_capacitance(zeta: float) -> None:
    charge = diffuse_charge(zeta, [1.0, 1.0], (1, -1), EPS2)
    assert charge == pytest.approx(np.sqrt(8 * EPS2) * np.sinh(zeta / 2), rel=3e-10)
    slope = diffuse_capacitance(zeta, [1.0, 1.0], (1, -1), EPS2)
    assert slope == pytest.approx(np.sqrt(2 * EPS2) * np.cosh(zeta / 2), rel=2e-9)


@given(st.floats(-6, 6), st.floats(0.01, 3), st.floats(0.01, 3))
def test_capacitance_is_the_slope_of_the_charge_of_three_ions(zeta: float, a: float, b: float) -> None:
    charges, c = (2, 1, -1), [a, b, 2 * a + b]
    step = 1e-5
    low, high = (diffuse_charge(zeta + s, c, charges, 1.0) for s in (-step, step))
    slope = diffuse_capacitance(zeta, c, charges, 1.0)
    assert (high - low) / (2 * step) == pytest.approx(slope, rel=1e-4)


@given(st.floats(-60, 60), st.floats(-4, 2), st.floats(-9, 1))
def test_closure_balances_both_charges(drop: float, capacitance: float, dilution: float) -> None:
    closure = Closure(10**capacitance, EPS2, (2, -1))
    c = [np.array([10.0**dilution]), np.array([2 * 10.0**dilution])]
    zeta = closure.solve(np.array([drop]), c)
    stern = closure.capacitance * (drop - zeta)
    diffuse = diffuse_charge(zeta, c, closure.charges, EPS2)
    tolerance = 1e-8 * closure.capacitance * max(1.0, abs(drop))
    assert stern[0] == pytest.approx(diffuse[0], rel=1e-8, abs=tolerance)
    assert min(drop, 0.0) <= zeta[0] <= max(drop, 0.0)


def test_a_newton_step_repairs_an_interpolated_guess() -> None:
    closure = Closure(0.01, EPS2, (1, -1))
    c = [np.ones(1), np.ones(1)]
    exact = closure.solve(np.array([-5.0]), c)
    errors = [closure.zeta(exact + e, np.array([-5.0]), c)[0] - exact[0] for e in (1e-2, 1e-3)]
    assert abs(errors[1]) < 1e-6
    assert errors[0] / errors[1] == pytest.approx(100.0, rel=0.1)


def test_stern_layer_of_oriented_water() -> None:
    assert stern_capacitance(3e-10, 6.0) == pytest.approx(0.17708, rel=1e-4)


def test_booth_from_no_field_to_saturation() -> None:
    law = Booth(78.4)
    assert law.relative(0.0) == pytest.approx(78.4, rel=1e-9)
    assert law.relative(1e24) == pytest.approx(1.33**2, rel=1e-2)
    for field in (1e6, 1.4e7, 1.5e7, 1e8, 1e9):
        x = law.beta * field
        exact = law.index**2 + (78.4 - law.index**2) * 3 * (1 / np.tanh(x) - 1 / x) / x
        assert law.relative(field**2) == pytest.approx(exact, rel=1e-6)


def test_constant_permittivity_ignores_the_field() -> None:
    assert ConstantPermittivity(30.0).relative(1e18) == 30.0


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_ions_of_finite_size_never_pack_closer_than_full(y: float, z: float) -> None:
    volumes = (0.3, 0.2)
    c = LogVariables(2, volumes).concentrations([y, z, 0.0])
    assert all(value > 0 for value in c)
    assert sum(v * value for v, value in zip(volumes, c, strict=True)) < 1


@pytest.mark.parametrize("variables", [LogVariables(2, (0.1, 0.2)), SoftVariables(2, 1, -1)])
def test_unknowns_give_their_concentrations_back(variables: LogVariables | SoftVariables) -> None:
    unknowns = variables.unknowns([np.array([0.7]), np.array([1.3])])
    c = variables.concentrations(unknowns)
    assert [float(value[0]) for value in c] == pytest.approx([0.7, 1.3], rel=1e-12)
    assert float(np.ravel(variables.potential(unknowns))[0]) == pytest.approx(0.0, abs=1e-12)


def test_mass_action_at_equilibrium_stands_still() -> None:
    reaction = HomogeneousReaction("A + 2 B = C", ((0, 1), (1, 2)), ((2, 1),), 3.0, 1.5)
    assert reaction.rate([0.5, 2.0, 4.0]) == pytest.approx(0.0)
    assert [reaction.made(k) for k in range(4)] == [-1, -2, 1, 0]


def test_debye_length_of_water() -> None:
    ions = (Species("K+", 1, 2e-9, 100.0), Species("Cl-", -1, 2e-9, 100.0))
    solution = Solution("KCl", ions, 298.15, ConstantPermittivity(78.4))
    assert solution.debye_length() == pytest.approx(0.961e-9, rel=1e-3)
    assert solution.anchor == 1
    with pytest.raises(KeyError, match="Na"):
        solution.number("Na+")

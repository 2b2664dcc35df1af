"""Laws of electrode kinetics against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from thincell.model.kinetics import ButlerVolmer, LinearKinetics, MarcusHushChidsey, Tafel
from thincell.model.ops import EXPONENT_LIMIT, bounded_above, bounded_exp, log_softplus, softplus

LAWS = (ButlerVolmer(0.5, 0.5), ButlerVolmer(1.5, 0.5), LinearKinetics(0.5, 0.5),
        MarcusHushChidsey(12.0), MarcusHushChidsey(4.0))  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
def test_zero_and_slope_at_equilibrium(law: ButlerVolmer) -> None:
    h = 1e-6
    assert law.current_density(0.0, 1.0) == 0.0
    slope = (law.current_density(h, 1.0) - law.current_density(-h, 1.0)) / (2 * h)
    assert slope == pytest.approx(law.slope_at_equilibrium(), rel=1e-6)


def test_tafel_is_the_far_limit_of_butler_volmer() -> None:
    full = ButlerVolmer(0.7, 1.3)
    for eta in (-25.0, -40.0):
        cathodic = Tafel("cathodic", 0.7, 1.3).current_density(eta, 2.0)
        assert full.current_density(eta, 2.0) == pytest.approx(cathodic, rel=1e-12)
    anodic = Tafel("anodic", 0.7, 1.3).current_density(40.0, 2.0)
    assert full.current_density(40.0, 2.0) == pytest.approx(anodic, rel=1e-12)


def _marcus_integral(eta: float, lam: float) -> float:
    """Chidsey's integral over the Fermi sea, oxidation, not normalised."""

    def density(x: float) -> float:
        return float(np.exp(-((x - lam - eta) ** 2) / (4 * lam)) / (1 + np.exp(x)))

    return integrate.quad(density, -400, 400, points=[lam + eta, 0.0], limit=400, epsabs=0)[0]


@pytest.mark.parametrize("lam", [4.0, 12.0, 25.0, 40.0])
def test_marcus_hush_chidsey_against_the_integral(lam: float) -> None:
    law = MarcusHushChidsey(lam)
    reference = _marcus_integral(0.0, lam)
    for eta in (0.5, 2.0, 8.0, 20.0, 60.0):
        net = _marcus_integral(-eta, lam) - _marcus_integral(eta, lam)
        assert law.current_density(eta, 1.0) == pytest.approx(abs(net) / reference, rel=2e-5)


def test_marcus_levels_off() -> None:
    law = MarcusHushChidsey(10.0)
    assert law.current_density(80.0, 1.0) == pytest.approx(law.current_density(60.0, 1.0), rel=1e-6)


@settings(derandomize=True)
@given(st.floats(-1e6, 1e6))
def test_finite_and_odd_at_any_overpotential(eta: float) -> None:
    for law in (ButlerVolmer(0.5, 0.5), MarcusHushChidsey(8.0), LinearKinetics(0.5, 0.5)):
        value = law.current_density(eta, 1.0)
        assert np.isfinite(value)
        assert law.current_density(-eta, 1.0) == pytest.approx(-value, rel=1e-12, abs=1e-300)


def test_bounded_exponential_is_twice_differentiable() -> None:
    h, x = 1e-4, EXPONENT_LIMIT
    left = [bounded_exp(x - k * h) for k in (0, 1, 2)]
    right = [bounded_exp(x + k * h) for k in (0, 1, 2)]
    for order, scale in ((1, h), (2, h**2)):
        below = (left[0] - left[1]) if order == 1 else (left[0] - 2 * left[1] + left[2])
        above = (right[1] - right[0]) if order == 1 else (right[2] - 2 * right[1] + right[0])
        assert below / scale == pytest.approx(above / scale, rel=3 * h)
    assert bounded_exp(1e5) < 1e40


def test_bounded_above_keeps_values_inside_and_the_bound_outside() -> None:
    assert bounded_above(1.0, 3.0) == 1.0
    assert bounded_above(50.0, 3.0) == pytest.approx(3.0, rel=1e-15)
    x = np.linspace(2.5, 3.5, 2001)
    slope = np.diff(bounded_above(x, 3.0)) / np.diff(x)
    assert np.all(np.abs(np.diff(slope)) < 5e-3)
    assert np.all(slope > -1e-12)


@settings(derandomize=True)
@given(st.floats(-600, 600))
def test_logarithm_of_softplus(x: float) -> None:
    assert np.isfinite(log_softplus(x))
    assert np.exp(log_softplus(x)) == pytest.approx(float(softplus(x)), rel=1e-12)

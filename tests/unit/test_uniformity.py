"""Numbers of non-uniformity: known distributions, bounds, and means over facets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thincell.studies import uniformity

POSITIVE = st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=40)


def cells(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Midpoints and sizes of equal cells on [0, 1]."""
    return (np.arange(count) + 0.5) / count, np.full(count, 1 / count)


def test_uniform_current() -> None:
    s, area = cells(50)
    density = np.full(50, -3.0)
    assert uniformity.maximum_over_mean(density, area) == pytest.approx(1)
    assert uniformity.gini(density, area) == pytest.approx(0, abs=1e-12)
    assert uniformity.share_within(0.2, s, density, area) == pytest.approx(0.2)


def test_linear_current() -> None:
    """i = s on [0, 1]: L(F) = F^2, hence G = 1/3; the maximum is twice the mean."""
    s, area = cells(4000)
    assert uniformity.gini(s, area) == pytest.approx(1 / 3, rel=1e-6)
    assert uniformity.maximum_over_mean(s, area) == pytest.approx(2, rel=1e-3)
    assert uniformity.share_within(0.5, s, s, area) == pytest.approx(1 / 4)


def test_share_does_not_jump_with_the_cells() -> None:
    """i = s, ten cells: the share within d is d^2 also between their middles."""
    s, area = cells(10)
    for d in (0.3, 0.42, 0.5, 0.77):
        assert uniformity.share_within(d, s, s, area) == pytest.approx(d**2, abs=0.006)


@pytest.mark.parametrize("power", [0.5, 2.0, 5.0])
def test_power_law(power: float) -> None:
    """i = s^p: L(F) = F^(p+1), hence G = p/(p+2)."""
    s, area = cells(20000)
    assert uniformity.gini(s**power, area) == pytest.approx(power / (power + 2), rel=1e-5)


def test_all_current_in_one_place() -> None:
    _, area = cells(1000)
    density = np.zeros(1000)
    density[3] = 1.0
    assert uniformity.gini(density, area) == pytest.approx(0.999)


def test_no_current_is_no_number() -> None:
    s, area = cells(4)
    nothing = np.zeros(4)
    assert np.isnan(uniformity.gini(nothing, area))
    assert np.isnan(uniformity.maximum_over_mean(nothing, area))
    assert np.isnan(uniformity.share_within(1.0, s, nothing, area))


@given(POSITIVE, st.floats(0.1, 10), st.integers(0, 10**6))
def test_bounds_and_invariance(values: list[float], factor: float, seed: int) -> None:
    """0 <= G < 1, and neither scale, sign nor order matters."""
    density = np.array(values)
    area = np.random.default_rng(seed).uniform(0.5, 2.0, density.size)
    value = uniformity.gini(density, area)
    assert -1e-9 <= value < 1
    order = np.random.default_rng(seed + 1).permutation(density.size)
    assert uniformity.gini(-factor * density[order], area[order]) == pytest.approx(value, abs=1e-9)
    assert uniformity.maximum_over_mean(density, area) >= 1 - 1e-12


def test_means_over_facets_keep_the_current() -> None:
    generator = np.random.default_rng(5)
    s, density = np.sort(generator.uniform(0, 1, 30)), generator.normal(size=30)
    area = generator.uniform(0.1, 1, 30)
    mixed = generator.permutation(30)
    place, mean, size = uniformity.by_facet(s[mixed], density[mixed], area[mixed], 3)
    assert mean.size == 10
    assert np.all(np.diff(place) > 0)
    assert np.sum(mean * size) == pytest.approx(np.sum(density * area))
    assert size.sum() == pytest.approx(area.sum())


def test_samples_without_facets_stay() -> None:
    s, area = cells(4)
    for kept, given_ in zip(uniformity.by_facet(s, s, area, 3), (s, s, area), strict=True):
        np.testing.assert_array_equal(kept, given_)

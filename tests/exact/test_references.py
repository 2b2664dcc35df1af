"""Reference solutions: tabulated and published numbers, limits, and independent integrations."""

from __future__ import annotations

from math import inf, log, pi, sqrt

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from thincell.validation.theory import exact

# --- Interdigitated array ---


@pytest.mark.parametrize(
    ("height", "current"),
    [
        (0.05, 0.095773779),
        (0.1, 0.18378058),
        (0.25, 0.40942314),
        (0.5, 0.68063417),
        (1, 0.92401502),
        (2, 0.99659253),
        (inf, 1.0),
    ],
)
def test_interdigitated_table(height: float, current: float) -> None:
    assert exact.interdigitated_current(1, 1, height) == pytest.approx(current, rel=6e-9)


def test_interdigitated_limits() -> None:
    assert exact.interdigitated_current(2, 1) == pytest.approx(1.2792616, abs=5e-8)
    assert exact.interdigitated_current(1, 1) == pytest.approx(1, rel=1e-14)
    assert exact.interdigitated_current(1, 1, 50) == pytest.approx(1, rel=1e-12)
    for height in (0.002, 0.01, 0.04):
        thin = 2 / (1 / height + 4 * log(2) / pi)
        assert exact.interdigitated_current(1, 1, height) == pytest.approx(thin, rel=1e-9)
    # height = separation of the centres: 0.34 % below the open array
    assert 1 - exact.interdigitated_current(1, 1, 2) == pytest.approx(0.0034, abs=5e-5)
    # both nomes where they meet
    for w, g in ((1, 1), (0.2, 1), (3, 1)):
        below, above = (exact.interdigitated_current(w, g, 0.15 * (w + g) * f) for f in (0.999999, 1))
        assert below == pytest.approx(above, rel=3e-6)


def test_fit_to_the_open_array() -> None:
    """The recalled fit is 1 % off at w = g and 0.3 % at w = 2g: no reference."""
    assert exact.aoki_interdigitated(1, 1) == pytest.approx(0.9903, abs=5e-5)
    assert exact.aoki_interdigitated(2, 1) == pytest.approx(1.2750, abs=5e-5)


# --- Secondary distribution ---


@pytest.mark.parametrize("biot", [0.1, 1.0, 10.0])
def test_secondary_density(biot: float) -> None:
    """Integral 1, mean distance the end length, decay b_1."""
    nodes, weights = np.polynomial.legendre.leggauss(30)
    edges = np.concatenate([[0], np.geomspace(1e-3, 60 / sqrt(min(biot, 1)), 40)])
    half = np.diff(edges)[:, None] / 2
    x, measure = (edges[:-1, None] + half * (nodes + 1)).ravel(), (half * weights).ravel()
    density = exact.secondary_density(biot, x)
    assert measure @ density == pytest.approx(1, abs=1e-7)
    assert measure @ (x * density) == pytest.approx(exact.end_correction_series(biot), rel=1e-9)
    far = exact.secondary_density(biot, [8.0, 9.0])
    assert log(far[0] / far[1]) == pytest.approx(exact.secondary_roots(biot, 1)[0], rel=1e-3)


def test_secondary_density_tends_to_primary() -> None:
    d = np.array([0.1, 0.5, 2.0])
    primary = 1 / np.sqrt(np.expm1(pi * d))
    np.testing.assert_allclose(exact.secondary_density(1e5, d), primary, rtol=1e-3)


def test_modes_and_series() -> None:
    for biot in (0.1, 1.0, 10.0):
        series = exact.end_correction_series(biot)
        assert exact.end_correction_modes(biot, 40) == pytest.approx(series, abs=1e-7)
    # thin fin: (1/sqrt(Bi)) coth(w sqrt(Bi)), 1.5 % of the end length at Bi = 0.1
    fin = 1 / sqrt(0.1) / np.tanh(12 * sqrt(0.1))
    assert exact.end_correction_modes(0.1, 12) / fin - 1 == pytest.approx(0.015, abs=2e-3)


# --- Symmetric cell ---


def test_symmetric_profile_limits() -> None:
    x = np.linspace(0, 1, 11)
    np.testing.assert_allclose(exact.symmetric_cell_profile(x, 0, 0.7), 1)
    np.testing.assert_allclose(exact.symmetric_cell_profile(x, 1e-7, 0.7)[1:-1], 1)
    np.testing.assert_allclose(exact.symmetric_cell_profile(x, 9, 0.7), 1 - 1.4 * (x - 0.5))
    late, early = (exact.symmetric_cell_profile(x, t, 0.7) for t in (0.05, 0.05 - 1e-15))
    np.testing.assert_allclose(late, early, rtol=1e-12)


@pytest.mark.parametrize(("current", "sand"), [(1.5, 0.0872665), (1.0, 0.1963495)])
def test_sand_time(current: float, sand: float) -> None:
    assert pi / (16 * current**2) == pytest.approx(sand, abs=5e-8)
    limit = 2 * exact.FARADAY * 3e-10 * 1000 / (0.65 * 25e-6)
    time = exact.sand_time(3e-10, current * limit, 1000, 0.35)
    assert time * 3e-10 / 25e-6**2 == pytest.approx(sand, abs=5e-8)


def test_depletion_of_a_cell() -> None:
    """The other electrode's salt arrives late: Sand's time is the limit of large currents."""
    assert exact.symmetric_cell_depletion(20) == pytest.approx(pi / 6400, rel=1e-10)
    assert exact.symmetric_cell_depletion(1.5) == pytest.approx(0.0900426, abs=1e-7)
    times = [exact.symmetric_cell_depletion(j) for j in (1.0001, 1.01, 1.1, 1.5, 3)]
    assert all(np.diff(times) < 0)
    with pytest.raises(ValueError):
        exact.symmetric_cell_depletion(1)


def test_khoo_steady() -> None:
    anode, cathode = exact.khoo_overpotentials(0.5, 1, 1.5, 0.5)
    assert anode == pytest.approx((0.1224744, 2.923859), rel=1e-6)
    assert cathode == pytest.approx((0.0707107, -3.950869), rel=2e-6)
    # their finite-element values
    assert anode == pytest.approx((0.12247443, 2.9238592), rel=2e-6)
    assert cathode == pytest.approx((0.07071078, -3.9508721), rel=2e-6)


# J, D t/L^2, then J0 and eta at anode and cathode: finite elements of Khoo, Zhao & Bazant 2019
# (data sets boundaries_0_1_0.5_1001 and boundaries_0_1_1.5_1001 of their repository)
TRANSIENT = [
    (0.5, 0.15708, 0.118937042, 2.976644792, 0.076511306, -3.799682269),
    (0.5, 0.31416, 0.121715062, 2.935036367, 0.072010025, -3.915853961),
    (0.5, 0.62832, 0.122440549, 2.924356046, 0.070769429, -3.949275736),
    (1.5, 0.017453, 0.120286837, 5.059434740, 0.074371210, -6.013264913),
    (1.5, 0.034907, 0.127755177, 4.940587467, 0.060651585, -6.419502547),
    (1.5, 0.05236, 0.133164493, 4.858911655, 0.047615310, -6.902252180),
    (1.5, 0.069813, 0.137450168, 4.796747973, 0.033278393, -7.618552401),
    (1.5, 0.082903, 0.140131284, 4.760692257, 0.019058415, -8.739914035),
]


@pytest.mark.parametrize("row", TRANSIENT)
def test_khoo_transient(row: tuple[float, ...]) -> None:
    current, time, *theirs = row
    anode, cathode = exact.symmetric_cell_profile([0.0, 1.0], time, current)
    (j_anode, eta_anode), (j_cathode, eta_cathode) = exact.khoo_overpotentials(
        current, 1, anode, cathode
    )
    # their time step leaves 6e-4 in c/c0
    assert (j_anode * 10) ** 2 == pytest.approx((theirs[0] * 10) ** 2, abs=8e-4)
    assert (j_cathode * 10) ** 2 == pytest.approx((theirs[2] * 10) ** 2, abs=8e-4)
    assert eta_anode == pytest.approx(theirs[1], rel=6e-4)
    assert eta_cathode == pytest.approx(theirs[3], rel=3e-3)


def test_symmetric_cell_voltage() -> None:
    """4 artanh J of the table of thin films."""
    table = [0.401341, 1.238078, 2.197225, 3.469202, 5.888878]
    for current, voltage in zip((0.1, 0.3, 0.5, 0.7, 0.9), table, strict=True):
        drop, total = exact.symmetric_cell_voltage(current)
        assert total == pytest.approx(voltage, abs=5.1e-7)
        assert drop == pytest.approx(log((1 + current) / (1 - current)), rel=1e-12)


def test_coin_twin() -> None:
    twin, published = exact.CoinTwin(), exact.PYBAMM_TWIN
    faces = [
        published[f"Concentration at the {face} face [mol.m-3]"] for face in ("plating", "stripping")
    ]
    assert twin.difference(10) == pytest.approx(20.467, abs=5e-4)
    assert twin.difference(10) == pytest.approx(faces[1] - faces[0], rel=1e-3)
    assert twin.ohmic_drop(10) == pytest.approx(0.8594e-3, abs=1e-7)
    mean = sum(faces) / 2  # 999.31: the counter electrode of that model stores salt, too
    assert twin.diffusion_drop(10, mean) == pytest.approx(0.6529e-3, rel=1e-3)
    total = twin.ohmic_drop(10) + twin.diffusion_drop(10)
    assert total == pytest.approx(published["Electrolyte potential drop [V]"], rel=1.5e-3)
    exchange, overpotential = exact.xu2019_plating(10, faces[0])
    assert exchange == pytest.approx(published["Exchange current density [A.m-2]"], rel=3e-4)
    assert overpotential == pytest.approx(published["Overpotential [V]"], rel=5e-4)


# --- Finite layers ---


@pytest.mark.parametrize("far", ["sealed", "held"])
def test_step_response(far: str) -> None:
    for height in (0.3, 1.0):
        early, late = (
            exact.step_response(0.5 * height**2 * f, height, far)  # type: ignore[arg-type]
            for f in (1 - 1e-14, 1 + 1e-14)
        )
        assert early == pytest.approx(late, rel=1e-12)
    early = exact.step_response(1e-4, 1.0, far)  # type: ignore[arg-type]
    assert early == pytest.approx(1 / sqrt(pi * 1e-4), rel=1e-12)
    late = exact.step_response(40.0, 2.0, far)  # type: ignore[arg-type]
    assert late == pytest.approx(0.5 if far == "held" else np.exp(-((pi / 4) ** 2) * 40), rel=1e-9)


def test_cottrell_empties_the_layer() -> None:
    """zFc h altogether from a sealed layer (transference 0)."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    diffusivity, c, height = 3e-10, 10.0, 5e-7
    edges = np.geomspace(1e-9, sqrt(25 * height**2 / diffusivity), 30)
    edges[0] = 0
    half = np.diff(edges)[:, None] / 2
    v, measure = (edges[:-1, None] + half * (nodes + 1)).ravel(), (half * weights).ravel()
    current = exact.cottrell_current(v**2, diffusivity, c, height, electrons=2)
    assert measure @ (2 * v * current) == pytest.approx(2 * exact.FARADAY * c * height, rel=1e-10)
    thick = exact.cottrell_current(1.0, diffusivity, c, transference=0.4)
    assert thick == pytest.approx(exact.FARADAY * c * sqrt(diffusivity / pi) / 0.6, rel=1e-12)


# --- Voltammetry ---


def test_randles_sevcik() -> None:
    chi, potential = exact.reversible_peak()
    assert chi == pytest.approx(0.446295, abs=5e-7)
    assert 25.693 * potential == pytest.approx(-28.5, abs=0.05)  # mV, z = 1
    # 10 mV/s in water, 1 mmol/L: 2.69e5 in A cm mol s
    peak = exact.peak_current(0.01, 1e-9, 1.0)
    assert peak * 1e-4 == pytest.approx(2.69e5 * sqrt(1e-5) * 1e-6 * sqrt(0.01), rel=1.5e-3)


def test_thin_layer_peak() -> None:
    thermal = exact.GAS_CONSTANT * 298.15 / exact.FARADAY
    thin = 4 * exact.FARADAY * 1e-3 * 1e-7 * 1.0 / (4 * thermal)
    assert exact.peak_current(1e-3, 1e-9, 1.0, 1e-7, electrons=2) == pytest.approx(thin, rel=1e-6)
    for height in (1e-4, 0.01, 0.1):
        chi, potential = exact.reversible_peak(height)
        # next order: c_surface lags by height^2/3
        assert potential == pytest.approx(-(height**2) / 3, rel=0.01)
        assert chi == pytest.approx(height / 4, rel=0.4 * height**4 + 1e-12)


# height h sqrt(zF nu/(RT D)), peak of the current function, its potential
PEAKS = [
    (0.5, 0.12470076103, -0.0826737734),
    (1.0, 0.24190458606, -0.3031239552),
    (2.0, 0.38992180711, -0.7780725683),
    (3.0, 0.43527633663, -1.0210626236),
    (5.0, 0.44603617726, -1.1063450936),
]


@pytest.mark.parametrize(("height", "peak", "potential"), PEAKS)
def test_peak_between(height: float, peak: float, potential: float) -> None:
    """Chebyshev collocation in the layer, integrated in time: an independent solution."""
    chi, place = exact.reversible_peak(height)
    assert chi == pytest.approx(peak, abs=1e-11)
    assert place == pytest.approx(potential, abs=1e-9)
    n = 24  # even extension about the lid: x = cos(theta) in [0, 1], 1 at the electrode
    theta = pi * np.arange(2 * n) / (2 * n - 1)
    nodes = np.cos(theta)
    weight = np.where((np.arange(2 * n) == 0) | (np.arange(2 * n) == 2 * n - 1), 2.0, 1.0)
    weight *= (-1.0) ** np.arange(2 * n)
    apart = nodes[:, None] - nodes[None, :] + np.eye(2 * n)
    derivative = weight[:, None] / weight[None, :] / apart
    derivative -= np.diag(derivative.sum(axis=1))

    def fold(matrix: exact.Array) -> exact.Array:
        return np.asarray(matrix[:n, :n] + matrix[:n, : n - 1 - 2 * n : -1][:, :n])

    second, first = fold(derivative @ derivative) / height**2, fold(derivative)[0] / height
    start = 14.0

    def surface(time: float) -> float:
        return float(1 / (1 + np.exp(time - start)))

    def rate(time: float, c: exact.Array) -> exact.Array:
        return np.asarray(second[1:, 0] * surface(time) + second[1:, 1:] @ c)

    solution = solve_ivp(
        rate,
        (0, start + 3),
        np.ones(n - 1),
        "Radau",
        np.linspace(start - 0.5, start + 1.8, 231),
        rtol=1e-8,
        atol=1e-10,
        jac=second[1:, 1:],
    )
    current = -np.array(
        [first[0] * surface(t) + first[1:] @ c for t, c in zip(solution.t, solution.y.T, strict=True)]
    )
    top = int(np.argmax(current))
    fit = np.polyfit(solution.t[top - 5 : top + 6] - solution.t[top], current[top - 5 : top + 6], 4)
    refined = max(np.polyval(fit, np.linspace(-0.02, 0.02, 401)))
    assert refined == pytest.approx(chi, rel=3e-6)
    times = start - place
    assert abs(solution.t[top] - times) < 0.011


def test_cyclic_voltammogram() -> None:
    potential, current = exact.cyclic_voltammogram(20, -20, 1.0, 400)
    turn = len(current) // 2
    assert np.max(current) == pytest.approx(exact.reversible_peak(1.0)[0], rel=1e-4)
    # charge: the layer is emptied, then filled
    step = 40 / turn
    assert float(np.sum(current[:turn])) * step == pytest.approx(1.0, rel=1e-3)
    np.testing.assert_allclose(current[turn:], -current[:turn], atol=1e-7)  # nothing left behind
    np.testing.assert_allclose(potential[turn:-1], potential[turn - 2 :: -1], atol=1e-12)
    forward = [exact.reversible_wave(float(p), 1.0) for p in potential[:turn:40]]
    np.testing.assert_allclose(current[:turn:40], forward, atol=1e-8)


def test_cyclic_voltammogram_in_the_open() -> None:
    """Thick layer: peaks 2.2 RT/F and a little more apart, 57 to 60 mV, by the turn."""
    potential, current = exact.cyclic_voltammogram(12, -12, 1e3, 480)
    gap = potential[int(np.argmin(current))] - potential[int(np.argmax(current))]
    assert 2.2 < gap < 2.32
    assert np.max(current) == pytest.approx(0.446295, rel=3e-4)
    # at rest only until the sweep starts: a step of surface concentration if it starts late
    _, late = exact.cyclic_voltammogram(1, -8, inf, 400)
    assert late[0] > 0.3

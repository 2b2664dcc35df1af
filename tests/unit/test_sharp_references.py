"""Sharp-interface references of the deposit, each against a solution obtained in another way."""

from __future__ import annotations

from dataclasses import replace
from math import cosh, exp, log, pi, sinh, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import root
from scipy.special import erfc

from thincell.validation.theory import exact
from thincell.validation.theory.dispersion import (
    Disc,
    Front,
    critical_radius,
    critical_wavenumber,
    disc_growth_rate,
    fastest,
    full_growth_rate,
    growth_rate,
    slopes,
)
from thincell.validation.theory.sharp_front import (
    CASES,
    Cell,
    Metal,
    Salt,
    case_voltage,
    lobatto,
    ripening,
    still_overpotential,
    transient,
)

Array = npt.NDArray[np.float64]
MIXED = CASES[0.37]
UNLIKE = Cell(
    salt=Salt(diffusivity=0.7, transference=0.3, charge=2),
    metal=Metal(
        exchange=0.2, anodic=1.2, cathodic=0.8, exponent=0.6, molar_volume=1e-4, capillarity=0.03
    ),
    height=5.0,
)


def with_volume(cell: Cell, omega: float) -> Cell:
    """The same cell with another Omega c0."""
    return replace(cell, metal=replace(cell.metal, molar_volume=omega))


# --- flat front ---


@pytest.mark.parametrize("share", CASES)
def test_a_case_draws_its_share(share: float) -> None:
    cell, voltage = CASES[share], case_voltage(share)
    current = cell.current(voltage)
    assert current == pytest.approx(-share * 0.25, rel=1e-10)
    assert cell.faces(current)[0] == pytest.approx(1 - share, rel=1e-10)
    # the same in the inner potential, phi = Phi - ln c, rate constant k0, equilibrium at c = 1
    c = 1 - share
    inner = voltage - log(c)
    rate = cell.metal.exchange * (c * exp(-inner / 2) - exp(inner / 2))
    assert rate == pytest.approx(-current, rel=1e-9)


@pytest.mark.parametrize("far", ["reservoir", "counter"])
def test_overpotentials_of_unlike_exponents(far: Any) -> None:
    cell = replace(UNLIKE, far=far)
    for current in (-0.1, 0.05):
        front, back = cell.faces(current, 0.5)
        eta = cell.metal.overpotential(front, current)
        assert cell.metal.current(front, eta) == pytest.approx(current, rel=1e-12)
        assert cell.current(cell.voltage(current, 0.5), 0.5) == pytest.approx(current, rel=1e-10)
        assert (front + back) / 2 * (cell.height - 0.5) == pytest.approx(
            cell.height
        ) or far == "reservoir"


def test_transient_against_the_series_of_the_symmetric_cell() -> None:
    cell = Cell(metal=Metal(molar_volume=1e-13), height=1.0, far="counter")
    current = -0.6 * cell.limiting_current()
    found = transient(cell, [0, 0.001, 0.02, 0.1, 3], current=current)
    for time, c in zip(found.times, found.concentration, strict=True):
        assert c == pytest.approx(exact.symmetric_cell_profile(1 - found.place, time, 0.6), abs=2e-9)
    assert found.voltage[-1] == pytest.approx(cell.voltage(current), abs=1e-8)


def test_transient_against_the_similarity_solution() -> None:
    """s = 2 b sqrt(t), c = 1 + B erfc(z/2 sqrt(t)): the moving boundary, Omega c0 far from small."""
    b, omega = 0.1, 0.3
    amplitude = b / omega * (0.5 - omega) / (b * erfc(b) - exp(-b * b) / sqrt(pi))
    cell = Cell(metal=Metal(molar_volume=omega), height=8.0)

    def profile(z: Array, t: float) -> Array:
        return np.asarray(1 + amplitude * erfc(z / (2 * sqrt(t))))

    found = transient(
        cell,
        [0.2, 0.3, 0.5],
        current=lambda t: -b / sqrt(t) / omega,
        start=2 * b * sqrt(0.2),
        initial=lambda z: profile(z, 0.2),
        order=60,
    )
    for t, s, c in zip(found.times, found.thickness, found.concentration, strict=True):
        assert s == pytest.approx(2 * b * sqrt(t), rel=1e-8)
        assert c == pytest.approx(profile(s + found.place * (8 - s), t), abs=1e-7)


@pytest.mark.parametrize("share", CASES)
def test_transient_approaches_the_quasi_static_front(share: float) -> None:
    """Without volume they agree; otherwise they differ in proportion to Omega c0."""
    differences = []
    for omega in (1e-3, 1e-5):
        cell, voltage = with_volume(CASES[share], omega), case_voltage(share)
        times = np.array([0, 0.2, 0.4]) / (omega * share * 0.25)
        found = transient(cell, times, voltage=voltage, tolerance=1e-9)
        growth = cell.thickness(times, voltage)
        assert found.thickness[-1] == pytest.approx(growth[-1], rel=12 * omega)
        settled = found.current[-1] / cell.current(voltage, found.thickness[-1]) - 1
        differences.append(settled)
    assert abs(differences[0]) < 1e-3
    assert differences[1] == pytest.approx(differences[0] / 100, rel=0.1, abs=1e-8)


def test_pushed_anions_below_a_reservoir() -> None:
    cell = with_volume(MIXED, 1e-2)
    found = transient(cell, [0, 400], current=-0.1)
    moved = cell.displaced_face(-0.1, found.thickness[-1])
    plain = cell.faces(-0.1, found.thickness[-1])[0]
    assert found.concentration[-1, 0] == pytest.approx(moved, abs=2e-5)
    assert abs(moved - plain) > 1e-3


def test_anions_stay_in_the_closed_cell() -> None:
    cell = replace(with_volume(UNLIKE, 0.05), far="counter")
    found = transient(cell, [0, 1, 10, 60], voltage=-0.8)
    _, weight, _ = lobatto(40)
    content = (cell.height - found.thickness) * (found.concentration @ weight)
    assert found.thickness[-1] > 0.2
    assert content == pytest.approx(np.full(4, cell.height), rel=1e-9)


def test_no_solution_beyond_the_salt() -> None:
    with pytest.raises(ValueError, match="runs out"):
        transient(MIXED, [0, 1000], current=-0.4)


def test_a_stripped_front_recedes() -> None:
    found = transient(MIXED, [0, 200], voltage=1.0)
    assert found.thickness[-1] < 0
    assert found.current[-1] == pytest.approx(MIXED.current(1.0, found.thickness[-1]), rel=3e-3)


# --- ripples: nonlinear harmonic solutions, no linearisation ---


def rippled_growth(cell: Cell, current: float, k: float, amplitude: float = 1e-4) -> float:
    """sigma from the full nonlinear problem on a rippled front, harmonics fitted at points."""
    modes, height, salt, metal = 6, cell.height, cell.salt, cell.metal
    x = pi / k * (np.arange(modes) + 0.5) / modes
    s = amplitude * np.cos(k * x)
    steep = -amplitude * k * np.sin(k * x)
    curvature = amplitude * k**2 * np.cos(k * x) / (1 + steep**2) ** 1.5
    j = k * np.arange(1, modes)
    voltage = cell.voltage(current)
    near, far = cell.faces(current)
    held, opposite = cell.far == "reservoir", slopes(cell, far, -current)[0]
    slope = -current / salt.resting
    scale = np.array([cosh(q * height) for q in j])

    def field(p: Array, at: Array, z: Array) -> tuple[Array, Array, Array]:
        """c, c_x, c_z: linear part and modes cosh + b sinh that obey the far side."""
        c, cx, cz = p[0] + slope * z, 0 * z, slope + 0 * z
        if held:
            c, cz = 1 - p[0] * (height - z), p[0] + 0 * z
        for q, big, a in zip(j, scale, p[1:], strict=True):
            up = q * (height - z)
            even, odd = (0.0, 1.0) if held else (1.0, opposite / (salt.resting * q))
            up, down = even * np.cosh(up) + odd * np.sinh(up), even * np.sinh(up) + odd * np.cosh(up)
            c = c + a * np.cos(q * at) * up / big
            cx = cx - a * q * np.sin(q * at) * up / big
            cz = cz - a * q * np.cos(q * at) * down / big
        return c, cx, cz

    far = cell.faces(current)[1]
    zero = (
        0.0 if cell.far == "reservoir" else -metal.overpotential(far, -current) - salt.shift * log(far)
    )

    def speed(p: Array) -> tuple[Array, Array]:
        c, cx, cz = field(p, x, s)
        flux = salt.resting * (cz - steep * cx)
        shift = metal.capillarity / salt.charge * curvature
        eta = voltage - salt.shift * np.log(c) - zero + shift
        rate = np.array([-metal.current(*pair) for pair in zip(c, eta, strict=True)])
        return flux, rate * np.sqrt(1 + steep**2)

    guess = np.zeros(modes)
    guess[0] = slope if held else near
    found = root(lambda p: np.subtract(*speed(p)), guess, tol=1e-15)
    assert np.abs(np.subtract(*speed(found.x))).max() < 1e-13
    growth = metal.molar_volume * speed(found.x)[0]
    return float(2 / modes * np.sum(growth * np.cos(k * x))) / amplitude


@pytest.mark.parametrize("far", ["reservoir", "counter"])
@pytest.mark.parametrize("k", [0.2, 1.0, 2.5])
def test_ripples_against_the_nonlinear_problem(far: Any, k: float) -> None:
    for cell in (replace(UNLIKE, far=far), replace(MIXED, far=far, height=4.0)):
        current = -0.37 * cell.limiting_current()
        front = Front.of(cell, current)
        unit = front.velocity * max(k, 1 / cell.height)
        assert rippled_growth(cell, current, k) / unit == pytest.approx(
            growth_rate(k, front) / unit, abs=3e-6
        )


def test_the_formula_of_the_phase_field_notes() -> None:
    """numerics.md, Part 2, section 3: i/i_lim = 0.37, Gamma = 0.05; sigma/v for five wavelengths."""
    cell = replace(MIXED, metal=replace(MIXED.metal, capillarity=0.05))
    front = Front.of(cell, -0.37 * 0.25)
    quoted = {16: 0.119, 8: 0.122, 4: 0.053, 2: -0.291, 1.5: -0.660, 1: -1.726}
    for length, rate in quoted.items():
        assert growth_rate(2 * pi / length, front) / front.velocity == pytest.approx(rate, abs=2.1e-3)


@pytest.mark.parametrize("cell", [replace(MIXED, metal=replace(MIXED.metal, capillarity=0.05)), UNLIKE])
def test_what_the_quasi_static_formula_neglects(cell: Cell) -> None:
    """Storage, the frame's motion and pushed anions: together of the order of Omega c0 v k."""
    for k in (0.4, 1.0, 3.0):
        errors = []
        for omega in (1e-3, 1e-4):
            one = with_volume(cell, omega)
            current = -0.37 * one.limiting_current()
            front = Front.of(one, current)
            error = full_growth_rate(k, one, current) - growth_rate(k, front)
            errors.append(error / (front.velocity * k * omega))
        assert abs(errors[0]) < 1
        assert errors[1] == pytest.approx(errors[0], rel=0.03)


def test_limits_of_the_formula() -> None:
    fast = Front(1e-4, 1e-3, 2.0, 1e9, 1e9 * 0.5 * 0.04)
    k = 0.8
    gradient = fast.gradient
    assert growth_rate(k, fast) == pytest.approx(1e-3 * 2 * k * (gradient - 0.02 * k**2), rel=1e-6)
    assert critical_wavenumber(fast) == pytest.approx(sqrt(gradient / 0.02))
    peak, rate = fastest(fast)
    assert peak == pytest.approx(critical_wavenumber(fast) / sqrt(3), rel=1e-6)
    assert rate == pytest.approx(2 / (3 * sqrt(3)) * 1e-4 * critical_wavenumber(fast), rel=1e-6)
    slow = Front(1e-4, 1e-3, 2.0, 1e-9, 1e-10)
    assert growth_rate(k, slow) == pytest.approx(1e-3 * (1e-9 * gradient - 1e-10 * k**2), rel=1e-6)
    held, sealed = replace(fast, height=0.5), replace(fast, height=0.5, opposite=0.0)
    assert growth_rate(k, held) / growth_rate(k, sealed) == pytest.approx(
        (cosh(0.4) / sinh(0.4)) ** 2, rel=1e-6
    )
    with pytest.raises(ValueError):
        fastest(replace(fast, stiffness=0.0))


# --- discs ---


def lobed_growth(mode: int, radius: float, disc: Disc, part: float = 1e-5) -> float:
    """d ln(a_m/R)/dt of a disc with lobes, harmonics fitted at points, nothing linearised."""
    modes = 6
    angle = pi / mode * (np.arange(modes) + 0.5) / modes
    rho = radius * (1 + part * np.cos(mode * angle))
    d = -radius * part * mode * np.sin(mode * angle)
    dd = -radius * part * mode**2 * np.cos(mode * angle)
    curvature = (rho**2 + 2 * d**2 - rho * dd) / (rho**2 + d**2) ** 1.5
    columns_c, columns_flux = [], []
    for n in mode * np.arange(modes):
        if n == 0:
            c, c_r, c_t = np.log(rho / disc.outer), 1 / rho, 0 * rho
        else:
            q = (rho / disc.outer) ** (2 * n)
            shape = (radius / rho) ** n
            c = shape * (1 - q) * np.cos(n * angle)
            c_r = -n / rho * shape * (1 + q) * np.cos(n * angle)
            c_t = -n / rho * shape * (1 - q) * np.sin(n * angle)
        columns_c.append(c)
        columns_flux.append(disc.diffusivity * (c_r - d / rho * c_t))
    stretch = np.sqrt(1 + (d / rho) ** 2)
    bare, flux = np.array(columns_c).T, np.array(columns_flux).T
    relaxed = disc.stiffness * (curvature - 1 / radius)
    matrix = flux - disc.rate_constant * stretch[:, None] * bare
    amplitudes = np.linalg.solve(matrix, stretch * (disc.rate_constant - relaxed))
    growth = disc.molar_volume * flux @ amplitudes
    lobe = 2 / modes * np.sum(growth * np.cos(mode * angle)) / (part * radius)
    return float(lobe - np.mean(growth) / radius)


@pytest.mark.parametrize("mode", [2, 3, 6])
@pytest.mark.parametrize("radius", [0.5, 4.0, 15.0])
def test_lobes_against_the_nonlinear_problem(mode: int, radius: float) -> None:
    disc = Disc(rate_constant=0.8, diffusivity=1.3, stiffness=0.05, outer=20.0)
    unit = disc.velocity(radius) / radius
    assert lobed_growth(mode, radius, disc) / unit == pytest.approx(
        disc_growth_rate(mode, radius, disc) / unit, abs=2e-5
    )


def test_critical_radius_is_proportional_to_diffusivity_over_rate() -> None:
    for mode in (3, 4, 8):
        for k in (0.1, 1.0, 10.0):
            disc = Disc(rate_constant=k, diffusivity=2.0, outer=1e3 / k)
            expected = mode / (mode - 2) * 2.0 / k
            assert critical_radius(mode, disc) == pytest.approx(expected, rel=1e-4)
    damped = Disc(diffusivity=2.0, stiffness=0.05, outer=1e3)
    assert critical_radius(4, damped) > 4.0
    with pytest.raises(ValueError):
        critical_radius(2, damped)


def test_still_disc_and_ripening() -> None:
    metal = Metal(capillarity=0.05, molar_volume=1e-3)
    eta = still_overpotential(0.4, 0.05)
    assert eta == pytest.approx(-0.125)
    assert metal.current(1.0, eta + 0.05 / 0.4) == 0
    radii = np.array([0.3, 0.5])
    floating, speed = ripening(radii, metal)
    assert radii @ speed == pytest.approx(0, abs=1e-18)
    assert speed[0] < 0 < speed[1]
    assert floating == pytest.approx(-0.05 / 0.4, rel=1e-3)
    linear = 1e-3 * 0.1 * 0.05 * (1 / 0.4 - 1 / radii)
    assert speed == pytest.approx(linear, rel=2e-3)

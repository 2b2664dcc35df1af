r"""Charging of a symmetric cell with blocking electrodes after a small voltage step.

Bazant, Thornton & Ajdari 2004, 10.1103/PhysRevE.70.021506, solved the linearised Nernst-Planck-Poisson
equations for equal diffusivities D. Half the distance of the electrodes is L, half the voltage step v
(RT/F), eps = lambda_D/L, delta = lambda_S/lambda_D the ratio of the Stern layer's (effective) thickness
to the Debye length. The Laplace transform in time has poles at s with, S = s lambda_D^2/D, K^2 = 1 + S,

    tanh(K/eps) + delta K + S K (1/eps + delta) = 0

The one nearest to zero is minus the inverse of the relaxation time, by expansion in eps

    tau = lambda_D L/(D (1 + delta)) [1 + (1/2 - delta) eps + O(eps^2)]

and the charge of each electrode tends to (eps_0 eps_r v/lambda_D)/(tanh(1/eps) + delta).

With unequal diffusivities (as in Palaia et al. 2023, arXiv 2303.07859) two modes are coupled. Lengths in
L, times in L^2/D, D = (D+ + D-)/2, d = D+-/D, h = 1/(2 eps^2); a and b are the relative excesses of
cations and anions, all three unknowns are odd in x:

    a'' = s a/d+ + h (a - b),   b'' = s b/d- - h (a - b),   psi'' = -h (a - b)
    x = 1:   a' + psi' = 0,   b' - psi' = 0,   psi + delta eps psi' = v/s

The matrix of the first two equations has the eigenvalues k_j^2; with a, b = sum A_j v_j sinh(k_j x) and
psi = -sum A_j h (v_1j - v_2j)/k_j^2 sinh(k_j x) + B x three linear equations remain, singular at the
poles: a series of slow diffusive ones (Nernst-Hartley diffusivity 2 D+ D-/(D+ + D-), time 4 L^2/pi^2 D)
and, among them, that of the charging. Both relaxations stand in the charge as a function of time, which
is found by inverting the transform (Talbot's contour; Abate & Valko 2004, 10.1002/nme.995).

The cell is a case file with a plating reaction too slow to matter (1e-9 of F D c0/L); a `hold` step
applies the voltage, and the charge is what has passed the working electrode.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from thincell.studies import names
from thincell.studies.results import Run
from thincell.validation.rows import Row, books
from thincell.validation.theory.cases import (
    FARADAY,
    THERMAL_VOLTAGE,
    VACUUM_PERMITTIVITY,
    column,
    dilute,
    permittivity_for,
    plating,
    solve,
)

HALF = 1e-6
CONCENTRATION = 1.0
MEAN = 1e-9

#: Half the voltage step in RT/F: what is not linear is of the order of its square.
STEP = 0.01

DELTA = 0.1


# -- exact ---------------------------------------------------------------------------------------------


def decay_rate(eps: float, delta: float) -> float:
    """-s L^2/D of the slowest pole, equal diffusivities."""

    def function(shift: float) -> float:
        k = np.sqrt(1 + shift)
        return float(np.tanh(k / eps) + delta * k + shift * k * (1 / eps + delta))

    return -brentq(function, -1 + 1e-12, -1e-12, xtol=1e-15) / eps**2


def modes(
    s: complex, eps: float, shares: tuple[float, float]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.complex128]]:
    """k_j and the vectors (v_1j, v_2j) of both modes."""
    h, (plus, minus) = 0.5 / eps**2, shares
    first, second = s / plus + h, s / minus + h
    spread = np.sqrt((first - second) ** 2 / 4 + h**2 + 0j)
    squares = (first + second) / 2 + np.array([spread, -spread])
    a, b = np.full(2, h + 0j), first - squares
    size = np.sqrt(np.abs(a) ** 2 + np.abs(b) ** 2)
    return np.sqrt(squares + 0j), a / size, b / size


def system(
    s: complex, eps: float, delta: float, shares: tuple[float, float]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Matrix for (A_1 cosh k_1, A_2 cosh k_2, B) and the row that gives psi'(1) from them."""
    k, a, b = modes(s, eps, shares)
    psi = -0.5 / eps**2 * (a - b) / k**2
    matrix = np.array(
        [
            [*(k * (a + psi)), 1.0],
            [*(k * (b - psi)), -1.0],
            [*(psi * (np.tanh(k) + delta * eps * k)), 1 + delta * eps],
        ]
    )
    return matrix, np.array([*(psi * k), 1.0])


def charge(time: float, eps: float, delta: float, shares: tuple[float, float] = (1.0, 1.0)) -> float:
    """Charge of an electrode at a time (L^2/D), as a share of the final one."""
    final = 1 / eps / (np.tanh(1 / eps) + delta)

    def transform(s: complex) -> complex:
        matrix, slope = system(s, eps, delta, shares)
        return complex(slope @ np.linalg.solve(matrix, [0.0, 0.0, 1.0 / s]))

    return talbot(transform, time) / final


def slow_rate(eps: float, delta: float, shares: tuple[float, float]) -> float:
    """-s of the slowest pole with unequal diffusivities (D/L^2): salt diffuses through the cell."""

    def determinant(s: float) -> float:
        matrix, _ = system(s, eps, delta, shares)
        second = modes(s, eps, shares)[0][1]  # imaginary, near i pi/2
        return float((np.linalg.det(matrix) * np.cosh(second) / second).real)

    guess = np.pi**2 / 4 * 2 * shares[0] * shares[1] / (shares[0] + shares[1])
    return -float(brentq(determinant, -1.3 * guess, -0.5 * guess))


def talbot(transform: Callable[[complex], complex], time: float, terms: int = 20) -> float:
    """Inverse Laplace transform by Talbot's contour in the form of Abate & Valko."""
    angle = np.arange(1, terms) * np.pi / terms
    cot = 1 / np.tan(angle)
    points = [2 * terms / 5, *(2 * np.arange(1, terms) * np.pi / 5 * (cot + 1j))]
    slopes = (1 + 1j * angle * (1 + cot**2) - 1j * cot) * np.exp(points[1:])
    weights = [np.exp(points[0]) / 2, *slopes]
    pairs = zip(points, weights, strict=True)
    return float(0.4 / time * sum((w * transform(p / time)).real for p, w in pairs))


# -- computed ------------------------------------------------------------------------------------------


def case(eps: float, shares: tuple[float, float], times: list[float]) -> dict[str, Any]:
    """A cell whose electrodes take no ions; ``times`` in L^2/D."""
    permittivity = permittivity_for(eps * HALF, CONCENTRATION)
    unit = HALF**2 / MEAN
    capacitance = permittivity * VACUUM_PERMITTIVITY / (DELTA * eps * HALF)
    charging = eps / (1 + DELTA)
    return {
        "cell": column(2 * HALF),
        "electrolyte": dilute(
            shares[0] * MEAN,
            shares[1] * MEAN,
            concentration=f"{CONCENTRATION!r} mol/m^3",
            model="nernst-planck-poisson",
            relative_permittivity=permittivity,
        ),
        "double_layer": {"stern_capacitance": f"{capacitance!r} F/m^2"},
        "reactions": {
            "plating": plating(
                1e-9 * FARADAY * MEAN * CONCENTRATION / HALF,
                kinetics={"reference_concentration": f"{CONCENTRATION!r} mol/m^3"},
            )
        },
        "protocol": [{"hold": f"{2 * STEP * THERMAL_VOLTAGE!r} V", "for": f"{times[-1] * unit!r} s"}],
        "mesh": {"columns": 1},
        "solver": {
            "tolerance": 4e-7 * STEP,
            "first_step": f"{1e-4 * charging * unit!r} s",
        },
        "output": {"every": f"{times[-1] * unit!r} s", "times": [f"{t * unit!r} s" for t in times[:-1]]},
    }


def charges(run: Run, eps: float, times: list[float]) -> NDArray[np.float64]:
    """Charge per area at times (L^2/D), as a share of (eps_0 eps_r v/lambda_D)/(tanh(1/eps) + delta)."""
    found = run.history[names.TIME.name] / (HALF**2 / MEAN)
    rows = [int(np.argmin(np.abs(found - t))) for t in times]
    permittivity = permittivity_for(eps * HALF, CONCENTRATION) * VACUUM_PERMITTIVITY
    final = permittivity * STEP * THERMAL_VOLTAGE / (eps * HALF) / (np.tanh(1 / eps) + DELTA)
    return np.asarray(run.history[names.CHARGE.name])[rows] / final


def rows() -> Iterator[Row]:
    """Equal diffusivities over a decade of eps; then unequal ones."""
    sizes, deviations = (0.1, 0.03, 0.01), []
    for eps in sizes:
        found = yield from _equal(eps)
        deviations.append(abs(found * (1 + DELTA) / eps - 1))
        wanted = (0.5 - DELTA) * eps
        label = f"charging, lambda_D/L = {eps:g}"
        yield Row(label, "tau D (1 + delta)/(lambda_D L)", 1 + deviations[-1], 1 + wanted, 1e-2)
    order = float(np.polyfit(np.log(sizes), np.log(deviations), 1)[0])
    yield Row(
        "charging, lambda_D L/D scaling", "tau D (1 + delta)/(lambda_D L) - 1", deviations[-1], 0.0,
        sizes[-1], True, order, 0.9,
    )  # fmt: skip
    yield from _unequal(0.05, (0.4, 1.6))


def _equal(eps: float) -> Generator[Row, None, float]:
    """Yields rows and returns the relaxation time (L^2/D)."""
    wanted = decay_rate(eps, DELTA)
    times = [f / wanted for f in (0.5, 1.0, 2.0, 4.0, 16.0)]
    run = solve(case(eps, (1.0, 1.0), times))
    label = f"charging, lambda_D/L = {eps:g}"
    found = charges(run, eps, times)
    yield Row(label, "final charge, exact", found[-1], 1.0, 1e-4)
    thin = (np.tanh(1 / eps) + DELTA) / (1 + DELTA)
    yield Row(label, "final charge (1 + delta) lambda_D/(eps v)", found[-1] / thin, 1.0, 1e-2)
    for time, share in zip(times[:-1], found, strict=False):
        yield Row(label, f"q/q_end at t = {time * wanted:g} tau", share, charge(time, eps, DELTA), 2e-4)
    rate = np.log((1 - found[2] / found[-1]) / (1 - found[3] / found[-1])) / (times[3] - times[2])
    yield Row(label, "decay rate, transcendental root [D/L2]", rate, wanted, 2e-3)
    yield from books(label, run.summary)
    return float(1 / rate)


def _unequal(eps: float, shares: tuple[float, float]) -> Iterator[Row]:
    time = eps / (1 + DELTA)
    factors = (0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0, 200.0)
    times = [f * time for f in factors]
    run = solve(case(eps, shares, times))
    label = f"charging, D+/D- = {shares[0] / shares[1]:g}, lambda_D/L = {eps:g}"
    found = charges(run, eps, times)
    for t, factor, share in list(zip(times, factors, found, strict=True))[:-1]:
        wanted = charge(t, eps, DELTA, shares)
        yield Row(label, f"q/q_end at t = {factor:g} lambda_D L/(D (1 + delta))", share, wanted, 2e-4)
    rate = np.log((1 - found[-3] / found[-1]) / (1 - found[-2] / found[-1])) / (times[-2] - times[-3])
    yield Row(label, "slow decay rate [D/L2]", rate, slow_rate(eps, DELTA, shares), 1e-2)
    yield Row(label, "final charge, exact", found[-1], 1.0, 1e-4)
    yield from books(label, run.summary)

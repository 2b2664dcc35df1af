r"""Impedance of a symmetric metal cell: finite-length Warburg, at rest and under current.

One-dimensional column of length L between two metal electrodes, constant D, kappa and t+. A current
i e^{j omega t} makes a flux of cations i/F at both ends, of which migration carries t+. The
concentration obeys j omega c = D c'' with -D c' = (1 - t+) i/(z+ nu+ F) at both ends, and with

    s = sqrt(j omega L^2 / 4D)

its difference between the electrodes is (1 - t+) i L tanh(s)/(z+ nu+ F D s). By
i = -kappa [Phi' - (RT/F) chi (ln c)'], chi = nu/(z+ nu+) (1 - t+) TDF, the cell at rest has

    Z = L/kappa + 2 R_ct + R_d tanh(s)/s
    R_d = nu RT (1 - t+)^2 L TDF / ((z+ nu+)^2 F^2 D c0),    R_ct = RT / ((alpha_a + alpha_c) F i_0)

with nu = nu+ + nu- ions per salt: 2RT(1 - t+)^2 L TDF/(z^2 F^2 D c0) for a z:z salt, but 3/2 of that in
a 2:1 one. D is the measured salt diffusivity, which has the thermodynamic factor in it. -Im Z
has its maximum at omega L^2/4D = 2.5406.

Under a steady current of J = i/i_lim, dilute ions, c = c0 [1 + J (1 - 2x/L)]. The concentration's
oscillation is the same as at rest, for its equation is linear; the potential's is

    dPhi(0) - dPhi(L) = (RT/F) chi [dc/c]_L^0 + int (di/kappa - i dc/(kappa c)) dx
    d(eta) = (RT/F) (dj - gamma j dc/c) / (i_0 cosh(eta/2)),    i_0 = i_00 (c/c0)^gamma

and at omega = 0 the impedance is the slope of the steady curve
E = (RT/F) [4 artanh J + 2 arsinh(J i_lim/2 i_0(1 + J)) + 2 arsinh(J i_lim/2 i_0(1 - J))].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from thincell.studies.case import Case
from thincell.studies.impedance import Spectrum, impedance
from thincell.validation.rows import Row
from thincell.validation.theory.cases import (
    FARADAY,
    THERMAL_VOLTAGE,
    column,
    dilute,
    electrolyte,
    plating,
)

Complex = NDArray[np.complex128]

LENGTH = 25e-6
CONCENTRATION = 1000.0
EXCHANGE = 1000.0
#: The first cell is finer than the layer in which salt oscillates at 1 MHz, sqrt(D/omega) = 7 nm.
MESH = {"columns": 1, "layers": 24, "edge": 2e-4, "growth": 1.25}
RANGE = {"from": "1 mHz", "to": "1 MHz", "points_per_decade": 10}


def measure(data: dict[str, Any]) -> Spectrum:
    """The spectrum of a case without a folder."""
    plain = {"mesh": MESH, "impedance": RANGE, "output": {"fields": False, "figures": False}}
    return impedance(Case.parse({**plain, **data}))


def deviation(found: Spectrum, exact: Callable[[Any], Complex]) -> float:
    """Largest |Z - Z_exact| / |Z_exact| over the frequencies, per area."""
    wanted = exact(found.frequencies)
    return float(np.max(np.abs(found.area_specific - wanted) / np.abs(wanted)))


def rows() -> Iterator[Row]:
    """At rest: three salts; under current: all frequencies and the slope of the steady curve."""
    yield from _rest("1:1 salt", electrolyte(), 2.0)
    yield from _rest("1:1 salt, TDF = 1.8", electrolyte(thermodynamic_factor=1.8), 2.0 * 1.8)
    two = electrolyte(name="Zn-OTf2-aq", thermodynamic_factor=1.8)
    yield from _rest("2:1 salt, TDF = 1.8", two, 3 / 4 * 1.8, {"name": "Zn/Zn2+"})
    for current in (0.5, 0.9):
        yield from _under_current(current)


# -- at rest ---------------------------------------------------------------------------------------


def _rest(label: str, table: dict[str, Any], factor: float, reaction: Any = None) -> Iterator[Row]:
    """``factor`` is nu TDF/(z+ nu+)^2."""
    diffusivity, conductivity, transference = 3e-10, 1.0, 0.4
    diffusion = (
        factor * THERMAL_VOLTAGE * (1 - transference) ** 2 * LENGTH
        / (FARADAY * diffusivity * CONCENTRATION)
    )  # fmt: skip
    series = LENGTH / conductivity + 2 * THERMAL_VOLTAGE / EXCHANGE

    def exact(frequency: Any) -> Complex:
        s = np.sqrt(1j * np.pi / 2 * frequency * LENGTH**2 / diffusivity)
        return np.asarray(series + diffusion * np.tanh(s) / s)

    found = measure(
        {
            "cell": column(LENGTH),
            "electrolyte": table,
            "reactions": {"plating": {**plating(EXCHANGE), **(reaction or {})}},
            "protocol": [{"rest": True, "for": "1 s"}],
        }
    )
    label = f"Warburg, {label}"
    error = deviation(found, exact)
    yield Row(label, "largest |dZ|/|Z|, 1 mHz to 1 MHz", error, 0.0, 1e-4, absolute=True)
    computed = float(found.area_specific[-1].real) - series
    wanted = float(exact(found.frequencies[-1]).real) - series
    yield Row(label, "R_d [ohm m2]", computed, wanted, 1e-4)
    top = minimize_scalar(lambda u: np.imag(np.tanh(np.sqrt(1j * u)) / np.sqrt(1j * u)), bounds=(1, 5))
    peak = 2 * np.pi * found.peaks[-1] * LENGTH**2 / (4 * diffusivity)
    yield Row(label, "peak of -Im: omega L^2/4D", peak, float(top.x), 1e-4)


# -- under current -----------------------------------------------------------------------------------


CATION, ANION = 2e-10, 4e-10
DIFFUSIVITY = 2 * CATION * ANION / (CATION + ANION)
TRANSFERENCE = CATION / (CATION + ANION)
LIMIT = 2 * FARADAY * DIFFUSIVITY * CONCENTRATION / ((1 - TRANSFERENCE) * LENGTH)
CONDUCTIVITY = FARADAY * (CATION + ANION) * CONCENTRATION / THERMAL_VOLTAGE


def steady_potential(current: float) -> float:
    """E(J) [V], i_0 = 0.1 i_lim sqrt(c/c0) at c0."""
    eta = [np.arcsinh(current / (0.2 * np.sqrt(1 + side * current))) for side in (1, -1)]
    return float(THERMAL_VOLTAGE * (4 * np.arctanh(current) + 2 * sum(eta)))


def under_current(current: float, frequency: float) -> complex:
    """Z [ohm m2] about the steady state at J; gamma = 1/2."""
    p = np.sqrt(2j * np.pi * frequency / DIFFUSIVITY)
    slope = (1 - TRANSFERENCE) / (FARADAY * DIFFUSIVITY)
    i, gamma = current * LIMIT, 0.5

    def change(x: Any) -> Any:
        """dc/di [mol/m3 per A/m2]: -slope sinh(p(x - L/2))/(p cosh(p L/2))."""
        wave = np.exp(-p * x) - np.exp(-p * (LENGTH - x))
        return slope / p * wave / (1 + np.exp(-p * LENGTH))

    def steady(x: Any) -> Any:
        return CONCENTRATION * (1 + current * (1 - 2 * x / LENGTH))

    def integrand(x: Any) -> Any:
        kappa = CONDUCTIVITY * steady(x) / CONCENTRATION
        return 1 / kappa - i * change(x) / (kappa * steady(x))

    ends = np.array([0.0, LENGTH])
    relative = change(ends) / steady(ends)
    chi = 2 * (1 - TRANSFERENCE)
    z = THERMAL_VOLTAGE * chi * (relative[0] - relative[1]) + _integral(integrand)
    for sign, c, dc in ((1, steady(0.0), relative[0]), (-1, steady(LENGTH), relative[1])):
        exchange = 0.1 * LIMIT * (c / CONCENTRATION) ** gamma
        slant = np.hypot(exchange, i / 2)  # i_0 cosh(eta/2)
        z += sign * THERMAL_VOLTAGE * (sign - gamma * sign * i * dc) / slant
    return complex(z)


def _integral(integrand: Callable[[Any], Any]) -> complex:
    """From 0 to L by Gauss's rule on parts that get shorter towards both ends."""
    half = 0.5 * LENGTH * np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 60)])
    ends = np.concatenate([half, LENGTH - half[-2::-1]])
    nodes, weights = np.polynomial.legendre.leggauss(8)
    size = np.diff(ends)[:, None] / 2
    points = (ends[:-1] + ends[1:])[:, None] / 2 + size * nodes
    return complex(np.sum(size * weights * integrand(points)))


def _under_current(current: float) -> Iterator[Row]:
    time = 8 * LENGTH**2 / DIFFUSIVITY
    found = measure(
        {
            "cell": column(LENGTH),
            "electrolyte": dilute(CATION, ANION),
            "reactions": {"plating": plating(0.1 * LIMIT, kinetics={"concentration_exponent": 0.5})},
            "protocol": [
                {"strip": f"{current * LIMIT!r} A/m^2", "compliance": "10 V", "for": f"{time!r} s"}
            ],
        }
    )
    label = f"Warburg under current, J = {current:g}"
    error = deviation(found, lambda f: np.array([under_current(current, value) for value in f]))
    yield Row(label, "largest |dZ|/|Z|, 1 mHz to 1 MHz", error, 0.0, 1e-4, absolute=True)
    step = 1e-4
    slope = (steady_potential(current + step) - steady_potential(current - step)) / (2 * step * LIMIT)
    yield Row(label, "Z at 1 mHz: dE/di [ohm m2]", float(found.area_specific[-1].real), slope, 1e-4)

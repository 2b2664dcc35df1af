r"""Reference solutions: linear stability of a growing front, flat or a disc, sharp interface.

Self-contained beside `sharp_front`, whose model and units these are. Rate r = -i, deposition positive,
v = Omega r.

**Flat front.** s + a exp(ikx + sigma t), with K = k^2 a. Quasi-static (dc/dt = 0, anions at rest, so
Phi = P(c)) c_1 is harmonic and its flux is D^ c_1', D^ = D/(1 - t+). With the base gradient G = r/D^

    sigma a = Omega [j_c (c_1 + G a) - j_K k^2 a],      sigma a = Omega D^ c_1'

    sigma = Omega (j_c G - j_K k^2)/(1 + j_c/Q),        Q = D^ k f

    j_c = dr/dc along the front at fixed E, Phi = P(c) included:  gamma r/c + (-dr/deta) P'(c)
    j_K = (-dr/deta) Gamma/z

    f = coth kL       c held at z = L (a reservoir)
    f = tanh kL       flux held, or insulated
    f = (tanh kL + b)/(1 + b tanh kL), b = j_c(counter)/(D^ k)     a counter electrode with kinetics

For k > 0 the mean current does not change, so fixed E and fixed current are the same. With general laws
D(c), t+(c), kappa(c), chi(c) anions still rest, int D^ dc is harmonic in place of c, and the formula
holds with D^ at the front and P' = chi/c + D^/kappa there. Neglected: storage, O(sigma/(D k^2)), and the
pushed anions, O(Omega c): `full_growth_rate` keeps both.

Fast kinetics (j_c >> Q): sigma = Omega D^ k f (G - Gamma c k^2/2); slow: Omega (j_c G - j_K k^2).
Mullins & Sekerka 1963, 10.1063/1.1702607; Sundstrom & Bark 1995, Electrochim. Acta 40, 599.

**Disc.** R + a cos(m theta), c held at R_out, any r(c): with c_1 = A [rho^-m - R_out^-2m rho^m]

    da/dt/a = Omega {r (m f - 1)/R - (Q/j_c) j_K (m^2 - 1)/R^2}/(1 + Q/j_c)
    Q = D^ m f/R,       f = (1 + q)/(1 - q),       q = (R/R_out)^2m

and a/R grows where that exceeds Omega r/R; without capillarity from R_c = (D^/j_c) m f/(m f - 2) on,
that is m/(m - 2) D^/k_s for r = k_s c in the open: proportional to D/k_s as Jacobson & Miller 2022
(arXiv:2204.01173) have it. As the disc grows, a_m/R falls until R = R_c(m) and rises from there. In the
open no mode below 3 outgrows the disc.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, log, sqrt, tanh

import numpy as np
import numpy.typing as npt
from scipy import linalg
from scipy.optimize import brentq, minimize_scalar

from thincell.validation.theory.sharp_front import Cell

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Front:
    """A flat front that moves with v > 0 where metal grows: what its stability depends on.

    ``diffusivity`` D^, ``sensitivity`` j_c, ``stiffness`` j_K, ``height`` L to the far side and its
    j_c ``opposite``: inf holds c, 0 holds the flux.
    """

    velocity: float
    molar_volume: float
    diffusivity: float
    sensitivity: float
    stiffness: float = 0.0
    height: float = inf
    opposite: float = inf

    @property
    def gradient(self) -> float:
        """dc/dz at the front."""
        return self.velocity / (self.molar_volume * self.diffusivity)

    def far(self, k: float) -> float:
        """f(k)."""
        t = tanh(k * self.height)
        if self.opposite == inf:
            return 1 / t
        b = self.opposite / (self.diffusivity * k)
        return (t + b) / (1 + b * t)

    @classmethod
    def of(cls, cell: Cell, current: float, thickness: float = 0.0) -> Front:
        """The quasi-static front of a cell."""
        near, far = cell.faces(current, thickness)
        sensitivity, stiffness = slopes(cell, near, current)
        opposite = inf if cell.far == "reservoir" else slopes(cell, far, -current)[0]
        omega, gap = cell.metal.molar_volume, cell.height - thickness
        return cls(-omega * current, omega, cell.salt.resting, sensitivity, stiffness, gap, opposite)


def slopes(cell: Cell, c: float, current: float) -> tuple[float, float]:
    """(j_c, j_K) of an electrode at c and i."""
    metal, salt = cell.metal, cell.salt
    conductance = metal.conductance(c, metal.overpotential(c, current))
    sensitivity = (conductance * salt.shift - metal.exponent * current) / c
    return sensitivity, conductance * metal.capillarity / salt.charge


def growth_rate(k: float, front: Front) -> float:
    """sigma(k), k > 0."""
    supply = front.diffusivity * k * front.far(k)
    drive = front.sensitivity * front.gradient - front.stiffness * k**2
    return front.molar_volume * drive / (1 + front.sensitivity / supply)


def critical_wavenumber(front: Front) -> float:
    """k above which ripples decay, whatever the far side: sqrt(j_c G/j_K)."""
    drive = front.sensitivity * front.gradient
    if drive <= 0:
        return 0.0
    return sqrt(drive / front.stiffness) if front.stiffness > 0 else inf


def fastest(front: Front) -> tuple[float, float]:
    """(k, sigma) of the fastest ripple."""
    end = critical_wavenumber(front)
    if not 0 < end < inf:
        raise ValueError("no fastest ripple: nothing grows, or nothing is damped")
    found = minimize_scalar(
        lambda x: -growth_rate(np.exp(x), front),
        bounds=(log(1e-6 * end), log(end)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(np.exp(found.x)), float(-found.fun)


def chebyshev(order: int) -> tuple[Array, Array]:
    """Nodes and derivative matrix of Chebyshev collocation on (0, 1)."""
    n = np.arange(order + 1)
    x = -np.cos(np.pi * n / order)
    ends = np.where((n == 0) | (n == order), 2.0, 1.0) * (-1.0) ** n
    derivative = np.outer(ends, 1 / ends) / (x[:, None] - x + np.eye(order + 1))
    derivative -= np.diag(derivative.sum(axis=1))
    return (x + 1) / 2, 2 * derivative


def full_growth_rate(k: float, cell: Cell, current: float, order: int = 64) -> float:
    """sigma(k) with storage, convection of the frame and pushed anions: an eigenvalue, no formula.

    The base is steady in the frame of the front, the reservoir (c = 1, Phi held) moves along at
    distance `height`: D c' = v (c_e - c), c_e = (1 - t+)/Omega. Perturbed in c and Phi,

        sigma c_1 = D (c_1'' - k^2 c_1) + v c_1'
        0 = div(kappa_0 grad Phi_1 + kappa_1 grad Phi_0 - kappa_0' chi grad c_1)

    with the conditions of `sharp_front` on the displaced front; Chebyshev collocation.
    """
    salt, metal, omega = cell.salt, cell.metal, cell.metal.molar_volume
    y, d = chebyshev(order)
    z, d = cell.height * y, d / cell.height
    n, v, diffusivity = order + 1, -omega * current, salt.diffusivity
    excess = (1 - salt.transference) / omega
    c = excess + (1 - excess) * np.exp(v * (cell.height - z) / diffusivity)
    gradient = v * (excess - c) / diffusivity
    field = salt.chi * gradient / c - current / (salt.conductivity * c)
    face = float(c[0])
    conductance = metal.conductance(face, metal.overpotential(face, current))
    by_c = -metal.exponent * current / face

    one, square = np.eye(n), np.eye(n) * k**2
    left, right = np.zeros((2 * n + 1, 2 * n + 1)), np.zeros((2 * n + 1, 2 * n + 1))
    left[:n, :n] = diffusivity * (d @ d - square) + v * d
    right[:n, :n] = one
    flux_of_c = salt.conductivity * (np.diag(field) - salt.chi * d)
    flux_of_potential = salt.conductivity * c[:, None] * d
    left[n:-1, :n] = d @ flux_of_c + salt.conductivity * salt.chi * square
    left[n:-1, n:-1] = d @ flux_of_potential - salt.conductivity * c[:, None] * square

    left[[0, n - 1, n, 2 * n - 1]] = 0
    right[[0, n - 1, n, 2 * n - 1]] = 0
    left[0, :n] = -diffusivity * d[0] - v * one[0]
    right[0, -1] = -(1 - salt.transference - omega * face) / omega
    left[n, :n], left[n, n:-1], right[n, -1] = -flux_of_c[0], -flux_of_potential[0], -1 / omega
    left[n - 1, n - 1] = left[2 * n - 1, 2 * n - 1] = 1

    left[-1, 0], left[-1, n] = by_c, conductance
    curved = conductance * metal.capillarity / salt.charge * k**2
    left[-1, -1] = by_c * gradient[0] + conductance * field[0] - curved
    right[-1, -1] = 1 / omega
    values = linalg.eigvals(left, right)
    real = values[np.isfinite(values) & (np.abs(values) < 1e8)].real
    return float(real[np.argmin(np.abs(real))])


@dataclass(frozen=True)
class Disc:
    """A disc that grows with r = k_s c in a plane, c = 1 held at a radius ``outer``.

    ``rate_constant`` k_s, ``diffusivity`` D^ (flux of the cations per gradient), ``stiffness`` j_K.
    """

    rate_constant: float = 1.0
    diffusivity: float = 1.0
    molar_volume: float = 1e-3
    stiffness: float = 0.0
    outer: float = 100.0

    def rate(self, radius: float) -> float:
        """r of the round disc, without capillarity."""
        step = self.rate_constant * radius / self.diffusivity
        return self.rate_constant / (1 + step * log(self.outer / radius))

    def velocity(self, radius: float) -> float:
        """dR/dt."""
        return self.molar_volume * self.rate(radius)


def disc_growth_rate(mode: int, radius: float, disc: Disc) -> float:
    """d ln(a_m/R)/dt: growth of a ripple relative to the disc's."""
    ratio = (radius / disc.outer) ** (2 * mode)
    shape = mode * (1 + ratio) / (1 - ratio)
    r, supply = disc.rate(radius), disc.diffusivity * shape / (radius * disc.rate_constant)
    curved = supply * disc.stiffness * (mode**2 - 1) / radius**2
    absolute = (r * (shape - 1) / radius - curved) / (1 + supply)
    return disc.molar_volume * (absolute - r / radius)


def critical_radius(mode: int, disc: Disc) -> float:
    """R above which a_m/R grows: the first zero of `disc_growth_rate`."""
    if mode < 3:
        raise ValueError("modes below 3 do not outgrow a disc in the open")
    step = disc.diffusivity / disc.rate_constant
    grid = np.geomspace(1e-3 * step, 0.999 * disc.outer, 400)
    for low, high in pairwise(grid):
        if disc_growth_rate(mode, high, disc) > 0:
            return float(brentq(lambda r: disc_growth_rate(mode, r, disc), low, high, xtol=1e-13))
    raise ValueError("the disc reaches the outer radius first")

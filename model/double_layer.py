r"""The double layer of a metal surface: Stern layer, diffuse layer, and the closure that joins them.

Potentials in RT/F: E of the metal, phi_s at the reaction plane (outer Helmholtz plane), phi_0 outside
the diffuse layer; zeta = phi_s - phi_0. The metal carries

    sigma = C_S (E - phi_s - E_pzc)                                           (Stern 1924)

and the diffuse layer of ions c_i (outside it, electroneutral) and permittivity eps carries -sigma with

    sigma = sgn(zeta) sqrt(2 eps2 sum c_i [exp(-z_i zeta) - 1])               (Gouy 1910, Chapman 1913)

which for a z:z salt is sqrt(8 eps2 c) sinh(z zeta/2). Scaled charge: F c0 L; eps2 as in
`nernst_planck`.

**Resolved** (nernst-planck-poisson): the fields end at the reaction plane, and sigma is the boundary
condition of Poisson's equation.

**Closure** (electroneutral): the fields end outside the diffuse layer, which is in equilibrium, so the
electrochemical potentials and with them the overpotential are the same on both sides. Only the
concentration in the exchange current density is that of the reaction plane, c_s = c exp(-z zeta)
(Frumkin 1933): a rate i0 ~ c^gamma changes by the factor exp(-gamma z zeta), with zeta from the equality
of both charges. The error is of the order of lambda_D/L.

The algebraic equation for zeta is solved at the nodes with numpy (`Closure.solve`); in the form, one of
Newton's steps from the interpolated node values leaves the square of the interpolation's error and
gives the derivatives (`Closure.zeta`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.model.constants import FARADAY, VACUUM_PERMITTIVITY
from thincell.model.ops import Law, Value, maximum, minimum, sqrt, symbolic
from thincell.model.ops import exp as exponential
from thincell.model.scales import Scales

#: |zeta| below which the charge is summed as a series.
SMALL = 0.02

#: Exponents z zeta beyond which exp is continued as a constant: never reached by a solution.
LARGEST = 200.0


@dataclass(frozen=True)
class DoubleLayer(Law):
    """A metal's double layer: C_S [F.m-2] and the potential of zero charge [V].

    The potential of zero charge is given as equilibrium potentials are: against the plated metal at the
    reference concentration.
    """

    capacitance: float
    zero_charge: float = 0.0

    def scaled_capacitance(self, scales: Scales) -> Value:
        """C_S in F c0 L/(RT/F)."""
        unit = FARADAY * scales.concentration * scales.length / scales.potential
        return self.capacitance / unit

    def drop(self, metal: Value, phi: Value, scales: Scales) -> Value:
        """E - phi - E_pzc in RT/F."""
        return metal - phi - self.zero_charge / scales.potential

    def charge(self, metal: Value, phi: Value, scales: Scales) -> Value:
        """sigma of the metal, scaled, with phi at the reaction plane."""
        return self.scaled_capacitance(scales) * self.drop(metal, phi, scales)


def stern_capacitance(thickness: float, relative_permittivity: float) -> float:
    """C_S = eps/lambda_S [F.m-2] of a Stern layer of given thickness [m]."""
    return relative_permittivity * VACUUM_PERMITTIVITY / thickness


def diffuse_charge(zeta: Value, c: Sequence[Value], charges: Sequence[int], eps2: Value) -> Value:
    """Charge of the metal that a diffuse layer with potential ``zeta`` balances, scaled."""
    root, _ = _charge_and_sum(zeta, c, charges)
    return sqrt(2 * eps2) * root


def _charge_and_sum(zeta: Value, c: Sequence[Value], charges: Sequence[int]) -> tuple[Value, Value]:
    """(sgn(zeta) sqrt(G), its slope) with G = sum c_i [exp(-z_i zeta) - 1 + z_i zeta].

    The last term adds up to nothing in a neutral solution; it keeps G positive where an iterate, or an
    interpolation, is not quite neutral. For small zeta G ~ zeta^2, and both are summed as series, so
    that nothing is divided by zero.
    """
    moment = {
        k: sum(c_i * float(z) ** k for c_i, z in zip(c, charges, strict=True)) for k in (2, 3, 4, 5)
    }
    a, b, d = (moment[k] / moment[2] for k in (3, 4, 5))
    near = _clip(zeta, -SMALL, SMALL)
    inner = 1 - a * near / 3 + b * near**2 / 12 - d * near**3 / 60
    slope = 1 - a * near / 2 + b * near**2 / 6 - d * near**3 / 24
    series = sqrt(moment[2] / 2)
    low_root, low_slope = series * near * sqrt(inner), series * slope / sqrt(inner)
    sign = _sign(zeta)
    far = sign * maximum(abs(zeta), SMALL)
    powers = [exponential(_clip(-z * far, -LARGEST, LARGEST)) for z in charges]
    ions = list(zip(charges, c, powers, strict=True))
    high_root = sign * sqrt(sum(c_i * (p - 1 + z * far) for z, c_i, p in ions))
    high_slope = sum(z * c_i * (1 - p) for z, c_i, p in ions) / (2 * high_root)
    return _where_small(zeta, low_root, high_root), _where_small(zeta, low_slope, high_slope)


def diffuse_capacitance(zeta: Value, c: Sequence[Value], charges: Sequence[int], eps2: Value) -> Value:
    """d sigma/d zeta, scaled: for a z:z salt (eps/lambda_D) cosh(z zeta/2)."""
    _, slope = _charge_and_sum(zeta, c, charges)
    return sqrt(2 * eps2) * slope


@dataclass(frozen=True)
class Closure:
    """C_S (drop - zeta) = sigma(zeta): the diffuse layer's potential zeta from the whole drop."""

    capacitance: Any
    eps2: Any
    charges: tuple[int, ...]

    def _imbalance(self, zeta: Value, drop: Value, c: Sequence[Value]) -> Value:
        """(C_S (drop - zeta) - sigma)/(C_S + C_D): minus one step of Newton's method."""
        root, slope = _charge_and_sum(zeta, c, self.charges)
        unit = sqrt(2 * self.eps2)
        return (self.capacitance * (drop - zeta) - unit * root) / (self.capacitance + unit * slope)

    def zeta(self, guess: Value, drop: Value, c: Sequence[Value]) -> Value:
        """One step of Newton's method from a good guess, for a form."""
        return guess + self._imbalance(guess, drop, c)

    def solve(self, drop: NDArray[np.float64], c: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """zeta at points, to rounding.

        sigma(zeta) rises, and beyond its linear part ever faster, so zeta lies between 0 and the drop;
        Newton's method is kept in a bracket that shrinks with every evaluation.
        """
        low, high = np.minimum(drop, 0.0), np.maximum(drop, 0.0)
        zeta = drop / (
            1 + diffuse_capacitance(0.0 * drop, c, self.charges, self.eps2) / self.capacitance
        )
        for _ in range(200):
            step = self._imbalance(zeta, drop, c)
            low, high = np.where(step > 0, zeta, low), np.where(step < 0, zeta, high)
            trial = zeta + step
            outside = (trial <= low) | (trial >= high)
            trial = np.where(outside, (low + high) / 2, trial)
            done = np.abs(step) <= 1e-14 * (1 + np.abs(zeta))
            if np.all(done):
                break
            zeta = np.where(done, zeta, trial)
        return np.asarray(zeta)


def _clip(x: Value, low: float, high: float) -> Value:
    return minimum(maximum(x, low), high)


def _sign(x: Value) -> Value:
    ufl = symbolic(x)
    return ufl.conditional(ufl.ge(x, 0.0), 1.0, -1.0) if ufl else np.where(np.asarray(x) >= 0, 1.0, -1.0)


def _where_small(zeta: Value, low: Value, high: Value) -> Value:
    ufl = symbolic(zeta, low, high)
    if ufl:
        return ufl.conditional(ufl.lt(abs(zeta), SMALL), low, high)
    return np.where(np.abs(zeta) < SMALL, low, high)

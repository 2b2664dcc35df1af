"""Secondary current distribution in a thin liquid layer: linear kinetics, exact end correction.

Resistance R_ct [ohm m2], Biot number Bi = h/(kappa R_ct); residue calculus with the roots of
beta tan(beta) = Bi. Magnitudes; SI.
"""

from __future__ import annotations

from math import cos, inf, log, pi, sin, sqrt, tanh

import numpy as np

from thincell.model.constants import thermal_voltage
from thincell.model.coplanar import Array, CoplanarCell, Values


def charge_transfer_resistance(
    exchange_current_density: float, slope: float = 1, temperature: float = 298.15
) -> float:
    """R_ct [ohm m2] = RT/(F i0 slope); slope alpha_a + alpha_c in Butler-Volmer (= z, one step)."""
    return thermal_voltage(temperature) / (slope * exchange_current_density)


def tafel_resistance(
    current_density: float, transfer_coefficient: float, temperature: float = 298.15
) -> float:
    """Differential resistance [ohm m2] of Tafel kinetics, RT/(alpha F |i|)."""
    return charge_transfer_resistance(abs(current_density), transfer_coefficient, temperature)


def biot_number(height: float, conductivity: float, resistance: float) -> float:
    """Bi = h/(kappa R_ct) [-]; R_ct [ohm m2]."""
    return height / (conductivity * resistance)


def wagner_number(height: float, conductivity: float, resistance: float, width: float) -> float:
    """Thin-cell Wagner number kappa h R_ct/w^2 [-]: h/w times the usual kappa R_ct/w.

    (IUPAC gold book, doi:10.1351/goldbook.C01456, for the latter.) Edge and far end differ by less
    than 10 % where it exceeds 5.
    """
    return conductivity * height * resistance / width**2


def penetration_root(biot: float) -> float:
    """beta_1*h: smallest root of b tan(b) = Bi; the current decays as exp(-beta_1 x) [-]."""
    root = sqrt(biot / (1 + 4 * biot / pi**2))
    for _ in range(50):
        residual = root * sin(root) - biot * cos(root)
        step = residual / ((1 + biot) * sin(root) + root * cos(root))
        root = min(root - step, pi / 2)
        if abs(step) < 1e-15 * root:
            break
    return root


def penetration_length(height: float, biot: float) -> float:
    """Decay length 1/beta_1 [m] along the electrode: sqrt(kappa h R_ct) for small Bi, 2h/pi."""
    return height / penetration_root(biot)


def end_correction(biot: float, width: float = inf) -> float:
    """End length of an electrode over h (`width` over h, too): kappa R b = g/h + sum of both [-].

    Wide electrodes: exact for every Bi, and the mean distance of the current to the inner edge.
        1/b_1 + sum_n [1/b_(n+1) - 1/(n pi)] = Bi^-1/2 + (1/pi) int_0^inf ln(rho) dx/x^2,
        rho = (x^2 + Bi x coth x)/(x^2 + Bi),
    the second form by contour integration, exact to rounding with the trapezoidal rule in ln x.
    Finite width, sealed at the outer edge: [coth(beta_1 w) - 1]/b_1 more; the error is then below
    0.04 at w = h, 0.01 at w = 2 h, for every Bi. Gap above 2 h.
    """
    x = np.exp(np.arange(-40.0, 50.0, 0.25) + max(0.0, 0.25 * round(2 * log(biot))))
    square = np.where(x < 0.1, x * x, 0)
    series = 2 / 93555 * square + -1 / 4725
    series = square * (1 / 3 + square * (-1 / 45 + square * (2 / 945 + square * series)))
    excess = np.where(x < 0.1, series, x / np.tanh(x) - 1)
    integral = float(np.sum(np.log1p(biot * excess / (x * x + biot)) / x)) * 0.25
    root = penetration_root(biot)
    return 1 / sqrt(biot) + integral / pi + (1 / tanh(root * width) - 1) / root


def secondary_resistance(cell: CoplanarCell, biot_working: float, biot_counter: float) -> float:
    """kappa*R*b [-] with linear kinetics on both electrodes; gap and widths above 2 h."""
    ends = (
        end_correction(biot, width / cell.height)
        for biot, width in ((biot_working, cell.working_width), (biot_counter, cell.counter_width))
    )
    return cell.gap / cell.height + sum(ends)


def edge_density(height: float, biot: float, width: float = inf) -> float:
    """i*b/I [1/m] at the inner edge, linear kinetics: coth(w/l)/l, l = sqrt(kappa h R_ct).

    Exact for wide electrodes at every Bi (the transform of i is sqrt(Bi)/s at infinity), otherwise
    the fin model, Bi below 0.1.
    """
    length = height / sqrt(biot)
    return 1 / (length * tanh(width / length))


def fin_profile(length: float, width: float, distance: Values) -> Array:
    """i/i_average at `distance` [m] from the inner edge, fin of `length` sqrt(kappa h R_ct).

    (w/l) cosh((w - x)/l)/sinh(w/l), outer edge sealed, Bi below 0.1. Edge over average: (w/l)
    coth(w/l); far over edge: 1/cosh(w/l).
    """
    x, ratio = np.asarray(distance, dtype=float) / length, width / length
    grow = np.exp(-x) + np.exp(x - 2 * ratio)
    return np.asarray(ratio * grow / -np.expm1(-2 * ratio))

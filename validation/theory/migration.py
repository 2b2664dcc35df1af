r"""Steady migration of one reacting ion among inert ones, electroneutral: limiting currents.

Between two electrodes at a distance L ion 1 reacts and the others do not move: c_i = A_i exp(-z_i phi),
phi in RT/F and 0 at the cathode. Electroneutrality gives c_1 = -sum A_i (z_i/z_1) exp(-z_i phi), and the
flux of ion 1 follows the concentration of all ions, for z_1 c_1 phi' is the sum of the inert c_i':

    N = -D_1 (c_1' + z_1 c_1 phi') = -D_1 C',        C = sum c_i

so that C is linear in x whatever the charges, and x/L = [C(phi) - C(0)]/[C(phi_1) - C(0)]. The
amounts of the inert ions, int c_i dx = L c_i,mean, are sums of exponentials of phi_1. With the
concentration w of ion 1 at the cathode they determine A_i and phi_1, and the current density is

    i = z_1 F D_1 [C(phi_1) - C(0)]/L;        w -> 0 is the limiting current

and 4 F D_1 c/L for a 1:1 salt. Butler-Volmer kinetics do not limit it, for they can always be driven
harder; Marcus-Hush-Chidsey kinetics can. A resolved double layer moves it: by the salt that it takes up,
and, of the order of eps, by the space charge that conducts beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import fsolve

from thincell.validation.theory.cases import FARADAY

Array = NDArray[np.float64]

#: Concentration of ion 1 at the cathode, relative to its mean, that stands for none; steps towards it.
EMPTY, STEPS = 1e-9, 60


def limiting_current(species: Sequence[tuple[str, int, float, float]], length: float) -> float:
    """[A.m-2] for ions (name, z, D [m2.s-1], mean c [mol.m-3]), the reacting one first."""
    z = np.array([ion[1] for ion in species], dtype=float)
    mean = np.array([ion[3] for ion in species])
    scale = mean[0]
    unknowns = np.append(np.log(mean[1:] / scale), 0.1)
    for wall in np.geomspace(0.95, EMPTY, STEPS):
        unknowns, _, found, message = fsolve(
            lambda u, w=wall: _imbalance(u, w, z, mean / scale), unknowns, full_output=True, xtol=1e-12
        )
        if found != 1 and np.abs(_imbalance(unknowns, wall, z, mean / scale)).max() > 1e-8:
            raise RuntimeError(f"no steady state at {wall:g} of the mean concentration: {message}")
    gradient = _total(np.exp(unknowns[:-1]), unknowns[-1], z)
    return float(z[0] * FARADAY * species[0][2] * scale * gradient / length)


def _total(a: Array, phi: float, z: Array) -> float:
    """C(phi) - C(0)."""
    inert = z[1:]
    return float(np.sum(a * (1 - inert / z[0]) * np.expm1(-inert * phi)))


def _imbalance(unknowns: Array, wall: float, z: Array, mean: Array) -> Array:
    """Equations for (ln A_i, phi_1): neutrality at the cathode, amounts of the inert ions."""
    a, phi, inert = np.exp(unknowns[:-1]), unknowns[-1], z[1:]
    slope = -inert * (1 - inert / z[0]) * a  # dC/dphi = sum slope_j exp(-z_j phi)
    sums = inert[:, None] + inert[None, :]
    whole = np.where(sums == 0, phi, -np.expm1(-sums * phi) / np.where(sums == 0, 1.0, sums))
    amount = a * (whole @ slope)
    neutral = wall * z[0] + np.sum(inert * a)
    return np.append(amount / (_total(a, phi, z) or 1e-300) - mean[1:], neutral)

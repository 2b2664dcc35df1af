r"""When salt runs out: transients of depletion, and peaks of reversible voltammetry.

Constant properties, uniform current density on each electrode. ``concentration`` [mol.m-3] is that
of the cation, nu+ times the salt's; ``charge`` its electrons; D [m2.s-1] the salt's diffusivity.
The electrode takes q = (1 - t+) |i|/(zF) [mol.m-2.s-1] of salt's cation from the liquid next to it.
Signs: magnitudes. See `thincell.model.coplanar` for steady limits, Sand's time and layers without
sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from thincell.model.constants import FARADAY, GAS_CONSTANT

Array = npt.NDArray[np.float64]


def uptake(current_density: float, transference_number: float, charge: int) -> float:
    """q [mol.m-2.s-1] = (1 - t+) |i|/(zF)."""
    return (1 - transference_number) * abs(current_density) / (charge * FARADAY)


def facing_depletion_time(
    thickness: float,
    diffusivity: float,
    current_density: float,
    concentration: float,
    transference_number: float,
    charge: int = 1,
    porosity: float = 1,
    bruggeman_exponent: float = 1.5,
) -> float:
    """Time [s] to c = 0 at the plated one of two facing electrodes; inf below the limiting current.

    What one takes the other releases, so c stays c0 half way, a = L/2, and with T = D' t/a^2
        c0 - c = (q a/D_eff) [1 - 8/pi^2 sum_odd exp(-(n pi/2)^2 T)/n^2],
    D_eff = D porosity^b, D' = D_eff/porosity (Carslaw & Jaeger 1959, 3.8). Sand's time at high
    current.
    """
    half = thickness / 2
    effective = diffusivity * porosity**bruggeman_exponent
    q = uptake(current_density, transference_number, charge)
    load = concentration * effective / (q * half)
    if load >= 1:
        return inf
    odd = np.arange(1, 4001, 2)

    def excess(time: float) -> float:
        rest = float(np.sum(np.exp(-((odd * pi / 2) ** 2) * time) / odd**2))
        return 1 - 8 / pi**2 * rest - load

    sand = pi * load**2 / 4  # the series needs T above 1e-6; below, Sand's time is exact
    if sand < 1e-3:
        scaled = sand
    else:
        scaled = float(brentq(excess, 0.5 * sand, 10 - 2 * np.log(1 - load)))
    return scaled * half**2 * porosity / effective


@dataclass(frozen=True)
class FedLayer:
    """A thin layer 0 < x < length fed from its sides: depth average D h c_xx, D h c_t, q on x1..x2.

    ``sink`` = (start, end) is the electrode that consumes, ``source`` the one that releases as much
    (None: nothing is released); lengths in m. ``open_ends`` hold c0 at both ends, else they are
    walls. Valid for h << widths and h^2 << D t. Eigenfunctions: cos(n pi x/L), or sin for open
    ends.
    """

    height: float
    length: float
    sink: tuple[float, float]
    source: tuple[float, float] | None
    diffusivity: float
    open_ends: bool = False

    def depletion_time(
        self,
        current_density: float,
        concentration: float,
        transference_number: float,
        charge: int = 1,
    ) -> float:
        """Time [s] until c = 0 anywhere on the consuming electrode; inf when that never happens."""
        load = uptake(current_density, transference_number, charge) / self.height
        alone = concentration / load
        shape, decay, drift = self._modes()

        def lowest(time: float) -> float:
            """min c/c0."""
            grown = -np.expm1(-decay * time) / decay
            drop = load * (float(np.max(shape @ grown)) + (drift * time if drift else 0.0))
            return 1 - drop / concentration

        if drift == 0 and lowest(inf) > 0:
            return inf
        upper = alone
        while lowest(upper) > 0:
            upper *= 2
        return float(brentq(lowest, alone * 1e-3, upper, rtol=1e-9))

    def _modes(self) -> tuple[Array, Array, float]:
        """Drop per unit load (points of the sink by modes), decay rates [1/s], uniform drift."""
        width = self.sink[1] - self.sink[0]
        count = int(min(20000, max(400, 60 * self.length / width)))
        k: Array = np.arange(1.0, count + 1.0) * (pi / self.length)
        weights = self._weights(k, self.sink)
        share = 0.0
        if self.source is not None:
            ratio = width / (self.source[1] - self.source[0])
            weights = weights - ratio * self._weights(k, self.source)
        elif not self.open_ends:
            share = width / self.length
        x = np.linspace(*self.sink, 41)
        function: Any = np.sin if self.open_ends else np.cos
        return function(np.outer(x, k)) * weights, self.diffusivity * k**2, share

    def _weights(self, k: Array, part: tuple[float, float]) -> Array:
        """Fourier coefficients of 1 on a part of the layer."""
        a, b = part
        if self.open_ends:
            return np.asarray(2 / self.length * (np.cos(k * a) - np.cos(k * b)) / k)
        return np.asarray(2 / self.length * (np.sin(k * b) - np.sin(k * a)) / k)


# --- Reversible voltammetry: c at the electrode follows exp(rate t) ---


def wave_rate(sweep_rate: float, factor: float, temperature: float) -> float:
    """sigma [1/s] = factor F nu/(RT); nu [V/s], factor = z, or 1/chi in a binary salt."""
    return factor * FARADAY * sweep_rate / (GAS_CONSTANT * temperature)


def sweep_number(height: float, rate: float, diffusivity: float) -> float:
    """H = h sqrt(sigma/D) [-]: thin-layer behaviour below 1, semi-infinite diffusion above."""
    return height * sqrt(rate / diffusivity)


def couple_peak_thin(height: float, rate: float, concentration: float, charge: int) -> float:
    """i_p [A.m-2] = zF h c0 sigma/4: reversible couple, layer of depth h (Bard & Faulkner)."""
    return charge * FARADAY * height * concentration * rate / 4


def couple_peak_thick(diffusivity: float, rate: float, concentration: float, charge: int) -> float:
    """i_p [A.m-2] = 0.44629 zF c0 sqrt(D sigma) (Randles 1948, Sevcik 1948); deep liquid."""
    return 0.446295 * charge * FARADAY * concentration * sqrt(diffusivity * rate)


def metal_peak_thin(
    height: float, rate: float, concentration: float, charge: int, transference_number: float = 0
) -> float:
    """i_p [A.m-2] = zF h c0 sigma/(1 - t+): a metal plated reversibly from a layer of depth h."""
    return charge * FARADAY * height * concentration * rate / (1 - transference_number)


def metal_peak_thick(
    diffusivity: float,
    rate: float,
    concentration: float,
    charge: int,
    transference_number: float = 0,
) -> float:
    """i_p [A.m-2] = 0.6105 zF c0 sqrt(D sigma)/(1 - t+) (Berzins & Delahay 1953), deep liquid.

    0.6105 is the maximum of (2/sqrt(pi)) times Dawson's integral.
    """
    conversion = charge * FARADAY / (1 - transference_number)
    return 0.610503 * conversion * concentration * sqrt(diffusivity * rate)

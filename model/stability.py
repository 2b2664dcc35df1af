r"""Linear stability of a flat front of metal: which ripples grow, and how fast.

Quasi-static, binary salt, anions at rest; z into the electrolyte, ripples a exp(ikx + sigma t) on a front
that grows with v = Omega r, r = |i|/nF the rate of deposition:

    sigma = Omega (j_c G - j_K k^2)/(1 + j_c/Q),       Q = D^ k f,       D^ = D/(1 - t+)

with G = r/D^ the gradient of concentration at the front, f = coth(kH) if c is held at a distance H, tanh(kH)
if a wall is there, and

    j_c = dr/dc at the front at a given potential of the metal = gamma r/c + (dr/deta) dPhi/dc,
    dPhi/dc = (RT/F) chi/c + z F D^/kappa,
    j_K = (dr/deta) gamma_s Omega/(nF),     eta the magnitude of the overpotential [V].

Ripples with k > sqrt(j_c G/j_K) decay. Sundstrom & Bark 1995, Electrochim. Acta 40:599; Mullins & Sekerka
1963, 10.1063/1.1702607. The validation has an independent form of it and its numerical check.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar


@dataclass(frozen=True)
class FlatFront:
    """What the stability of a flat front depends on, in SI units.

    ``rate`` r [mol.m-2.s-1], ``molar_volume`` Omega, ``diffusivity`` D^ [m2.s-1], ``sensitivity`` j_c
    [m.s-1], ``stiffness`` j_K [mol.m-1.s-1] (rate per curvature), ``height`` H [m],
    ``walled`` whether there is a wall.
    """

    rate: float
    molar_volume: float
    diffusivity: float
    sensitivity: float
    stiffness: float
    height: float
    walled: bool = False

    @property
    def gradient(self) -> float:
        """G [mol.m-4]."""
        return self.rate / self.diffusivity

    @property
    def critical(self) -> float:
        """k [1/m] above which ripples decay; inf without surface energy."""
        if self.stiffness <= 0:
            return math.inf
        return math.sqrt(max(self.sensitivity * self.gradient, 0.0) / self.stiffness)

    def growth_rate(self, k: float) -> float:
        """sigma [1/s]."""
        shape = math.tanh(k * self.height)
        supply = self.diffusivity * k * (shape if self.walled else 1 / shape)
        drive = self.sensitivity * self.gradient - self.stiffness * k**2
        return self.molar_volume * drive / (1 + self.sensitivity / supply)

    def fastest(self, longest: float) -> float:
        """k [1/m] of the ripple no longer than ``longest`` [m] that grows fastest.

        0 where all decay, inf where every shorter one grows faster.
        """
        end, start = self.critical, 2 * math.pi / longest
        if not start < end < math.inf:
            return end if end == math.inf else 0.0
        found = minimize_scalar(
            lambda log_k: -self.growth_rate(float(np.exp(log_k))),
            bounds=(math.log(start), math.log(end)),
            method="bounded",
            options={"xatol": 1e-8},
        )
        return float(np.exp(found.x))

r"""A random field of space and time that knows no mesh: noise of the deposition rate.

    eta(x, t) = sqrt(2/N) sum_k cos(k_k.x + w_k t + phi_k)

with N wave vectors k_k normally distributed with 1/length in each direction, frequencies w_k with 1/time
and uniform phases, all drawn from a seed. It is a stationary Gaussian field (N -> oo) of variance 1 and
correlation exp(-|x|^2/2 length^2 - t^2/2 time^2). Being a function of place and time, it is the same on
any mesh, at any time step and on any number of ranks, and a resumed run needs no state of it.
Shinozuka & Deodatis 1991, 10.1115/1.3119501.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RandomField:
    """``length`` [m] and ``time`` [s] of correlation; ``strength`` the relative standard deviation."""

    strength: float
    length: float
    time: float
    seed: int
    modes: int = 256

    def __call__(self, points: Array, time: float) -> Array:
        """eta at points (n, dimension) [m] and a time [s]."""
        random = np.random.default_rng(self.seed)
        vectors = random.standard_normal((self.modes, 3))[:, : points.shape[1]] / self.length
        frequencies = random.standard_normal(self.modes) / self.time
        phases = random.uniform(0, 2 * np.pi, self.modes)
        total = np.zeros(len(points))
        for vector, frequency, phase in zip(vectors, frequencies, phases, strict=True):
            total += np.cos(points @ vector + frequency * time + phase)
        return np.sqrt(2 / self.modes) * total

    def factor(self, points: Array, time: float) -> Array:
        """exp(strength eta - strength^2/2): positive, 1 on average."""
        return np.asarray(np.exp(self.strength * self(points, time) - self.strength**2 / 2))

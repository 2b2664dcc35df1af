"""Grains of the deposit: columns above the electrode, each with an orientation of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thincell.studies.schema.deposit import DepositTable

Array = NDArray[np.float64]


def orientation(table: DepositTable, points: Array) -> Array:
    """Angle [rad] of the crystal at points (n, 2) [m]: that of the nearest grain's centre along x.

    The centre of grain k lies at (k + u_k) width with u_k uniform in [0.2, 0.8]; both it and the angle
    come from a generator seeded by (seed, k), so that any point of any mesh finds the same grain.
    """
    if table.grains is None:
        return np.zeros(len(points))
    position = points[:, 0] / table.grains
    numbers = np.arange(int(np.floor(position.min(initial=0))) - 1, int(position.max(initial=0)) + 3)
    drawn = np.array([_draw(table.seed, int(k)) for k in numbers])
    centres = numbers + drawn[:, 0]
    middle = (centres[1:] + centres[:-1]) / 2
    return np.asarray(drawn[np.searchsorted(middle, position), 1])


def _draw(seed: int, number: int) -> tuple[float, float]:
    """(offset of the centre in widths, angle) of one grain."""
    random = np.random.default_rng([seed, number + 2**31])
    return float(random.uniform(0.2, 0.8)), float(random.uniform(0, 2 * np.pi))

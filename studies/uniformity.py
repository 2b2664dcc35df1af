"""How uneven a current distribution is: numbers from samples of an electrode's current density."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def maximum_over_mean(density: Array, area: Array) -> float:
    """Largest over mean magnitude of the current density; 1 is uniform."""
    mean = float(np.sum(np.abs(density) * area) / np.sum(area))
    return float(np.max(np.abs(density)) / mean) if mean > 0 else float("nan")


def share_within(distance: float, along: Array, density: Array, area: Array) -> float:
    """Share of the current that flows within a distance [m] of the edge facing the counter."""
    current = np.abs(density) * area
    total = float(current.sum())
    return float(current[along <= distance].sum() / total) if total > 0 else float("nan")


def gini(density: Array, area: Array) -> float:
    """Gini coefficient of the current density over the electrode's area.

    0 is uniform, towards 1 all current flows through a vanishing area. G = 1 - 2 int_0^1 L dF with the
    Lorenz curve L(F): the share of current carried by the share F of area with the lowest density.
    """
    order = np.argsort(np.abs(density))
    weights = area[order] / area.sum()
    current = np.abs(density)[order] * area[order]
    if current.sum() <= 0:
        return float("nan")
    share = np.concatenate([[0.0], np.cumsum(current) / current.sum()])
    return float(1 - np.sum(weights * (share[1:] + share[:-1])))

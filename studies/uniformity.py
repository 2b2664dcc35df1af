"""How uneven a current distribution is: numbers from samples of an electrode's current density."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def by_facet(distance: Array, density: Array, area: Array, points: int) -> tuple[Array, Array, Array]:
    """Means over the facets of an electrode, from ``points`` samples of each, sorted by distance.

    What a mesh resolves is the current of a facet. Between its points the law of the reaction can
    overshoot where the concentration is next to nothing, and a maximum of points would show that.
    """
    if distance.size % points:
        return distance, density, area
    order = np.argsort(distance, kind="stable")
    s, i, a = (values[order].reshape(-1, points) for values in (distance, density, area))
    total = a.sum(axis=1)
    return (s * a).sum(axis=1) / total, (i * a).sum(axis=1) / total, total


def maximum_over_mean(density: Array, area: Array) -> float:
    """Largest over mean magnitude of the current density; 1 is uniform."""
    if not area.size:  # a bare electrode has no front yet
        return float("nan")
    mean = float(np.sum(np.abs(density) * area) / np.sum(area))
    return float(np.max(np.abs(density)) / mean) if mean > 0 else float("nan")


def share_within(distance: float, along: Array, density: Array, area: Array) -> float:
    """Share of the current that flows within a distance [m] of the edge facing the counter.

    Up to the middle of a sample, all samples before it and half of it; linear between middles.
    """
    order = np.argsort(along, kind="stable")
    current = (np.abs(density) * area)[order]
    total = float(current.sum())
    if total <= 0:
        return float("nan")
    within = np.cumsum(current) - current / 2
    last = along[order][-1] + (along[order][-1] - along[order][-2]) / 2 if along.size > 1 else 0.0
    places = np.concatenate([[0.0], along[order], [max(last, along[order][-1])]])
    return float(np.interp(distance, places, np.concatenate([[0.0], within, [total]])) / total)


def gini(density: Array, area: Array) -> float:
    """Gini coefficient of the current density over the electrode's area.

    0 is uniform, towards 1 all current flows through a vanishing area. G = 1 - 2 int_0^1 L dF with
    the Lorenz curve L(F): the share of current carried by the share F of area with the lowest
    density.
    """
    order = np.argsort(np.abs(density))
    weights = area[order] / area.sum()
    current = np.abs(density)[order] * area[order]
    if current.sum() <= 0:
        return float("nan")
    share = np.concatenate([[0.0], np.cumsum(current) / current.sum()])
    return float(1 - np.sum(weights * (share[1:] + share[:-1])))

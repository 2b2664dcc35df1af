"""Wanted sizes of triangles around an interface: fine in a band, growing with the distance from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.refine import Wanted

Floats = NDArray[np.float64]

#: Values of the order parameter between which the interface lies.
LEVELS = (0.01, 0.99)


def interface_points(plane: PlaneMesh, xi: Floats) -> Floats:
    """Points (n, 2) [m] of the interface region 0.01 < xi < 0.99 of nodal values xi (0 liquid, 1 metal).

    These are the nodes in it and the points on edges at which xi is 0.01, 1/2 or 0.99, so that an
    interface thinner than the triangles is not missed.
    """
    low, high = LEVELS
    found = [plane.points[(xi > low) & (xi < high)]]
    edges = plane.triangles[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2)
    for level in (low, 0.5, high):
        start, end = edges[(xi[edges] < level).sum(axis=1) == 1].T
        part = (level - xi[start]) / (xi[end] - xi[start])
        found.append(plane.points[start] + part[:, None] * (plane.points[end] - plane.points[start]))
    return np.concatenate(found)


def band_sizes(points: Floats, fine: float, band: float, growth: float, coarse: float) -> Wanted:
    """Sizes [m] around ``points`` (n, 2) [m] of an interface, as a function of the place.

        size(d) = min(coarse, fine + (growth - 1) max(0, d - band))

    with the distance d [m] to the nearest of the points. ``growth`` > 1 is the ratio of the sizes of
    neighbouring triangles; without points the size is ``coarse`` everywhere.
    """
    if not (0 < fine <= coarse and band >= 0 and growth > 1):
        raise ValueError("a band needs 0 < fine <= coarse, a width >= 0 and a growth > 1")
    reach = band + (coarse - fine) / (growth - 1)
    tree = cKDTree(np.unique(points, axis=0))

    def wanted(places: Floats) -> Floats:
        distance, _ = tree.query(places, distance_upper_bound=reach)
        return np.minimum(coarse, fine + (growth - 1) * np.maximum(0.0, distance - band))

    return wanted

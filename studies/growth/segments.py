"""The front as line segments, and what is known of it anywhere near: distance, normal, speed.

The front is the level 0 of ln(xi/(1-xi)), which is linear across a tanh profile and hence found exactly
on its edges. The distance comes from the front itself, not from xi: so the profile-keeping term also
smooths the tails along the front, which a normal made of xi would leave as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float64]

#: Edges of a triangle, as pairs of its corners.
EDGES = ((0, 1), (1, 2), (2, 0))

#: Nearest segments whose exact distance is looked at.
NEIGHBOURS = 3


def segments(triangles: NDArray[np.int64], level: Array, values: Array) -> Array:
    """Ends of the segments on which ``level`` is 0: ``values`` (n, k) there, (segments, 2, k)."""
    inside = level[triangles] > 0
    crossed = triangles[inside.any(axis=1) & ~inside.all(axis=1)]
    ends = np.full((len(crossed), 2, values.shape[1]), np.nan)
    found = np.zeros(len(crossed), dtype=int)
    for a, b in EDGES:
        p, q = crossed[:, a], crossed[:, b]
        cut = np.flatnonzero((level[p] > 0) != (level[q] > 0))
        p, q = p[cut], q[cut]
        share = (level[p] / (level[p] - level[q]))[:, None]
        ends[cut, found[cut]] = values[p] + share * (values[q] - values[p])
        found[cut] += 1
    return ends


@dataclass(frozen=True)
class Nearby:
    """For nodes near the front: their numbers, distance from it, and the nearest segment's value."""

    nodes: NDArray[np.intp]
    distance: Array
    value: Array


def nearby(points: Array, ends: Array, reach: float) -> Nearby:
    """Distances (without sign) of points from segments (k, 2, 3) whose third column is a value.

    Points beyond ``reach`` are left out.
    """
    if not len(ends):
        return Nearby(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))
    count = min(NEIGHBOURS, len(ends))
    tree = cKDTree(ends[:, :, :2].mean(axis=1))
    far, found = tree.query(points, k=count, distance_upper_bound=1.1 * reach)
    far, found = far.reshape(len(points), count), found.reshape(len(points), count)
    nodes = np.flatnonzero(np.isfinite(far[:, 0]))
    best, value = np.full(len(nodes), np.inf), np.zeros(len(nodes))
    for column in range(count):
        some = np.isfinite(far[nodes, column])
        segment = ends[found[nodes[some], column]]
        distance, share = project(points[nodes[some]], segment[:, 0, :2], segment[:, 1, :2])
        nearer = distance < best[some]
        place = np.flatnonzero(some)[nearer]
        best[place] = distance[nearer]
        value[place] = (segment[:, 0, 2] + share * (segment[:, 1, 2] - segment[:, 0, 2]))[nearer]
    return Nearby(nodes, best, value)


def project(points: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Distance of each point from its segment, and where on it the nearest point lies, 0 to 1."""
    along = b - a
    length2 = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(((points - a) * along).sum(axis=1) / length2, 0.0, 1.0)
    return np.hypot(*(points - a - share[:, None] * along).T), share

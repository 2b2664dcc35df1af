"""The front as simplices, and what is known of it anywhere near: distance, normal, speed.

The front is the level 0 of ln(xi/(1-xi)), which is linear across a tanh profile and hence found exactly
on the edges of the mesh: line segments in a plane, triangles in space. The distance comes from the front
itself, not from xi: so the profile-keeping term also smooths the tails along the front, which a normal made
of xi would leave as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from thincell.studies.growth.surface import closest_on_triangles, triangles

Array = NDArray[np.float64]

#: Edges of a triangle, as pairs of its corners.
EDGES = ((0, 1), (1, 2), (2, 0))

#: Nearest segments, or triangles, whose exact distance is looked at.
NEIGHBOURS = {2: 3, 3: 8}


def front_pieces(cells: NDArray[np.int64], level: Array, values: Array) -> Array:
    """Pieces of front in triangles or tetrahedra: ``values`` (n, k) at their corners, (pieces, 2 or 3, k)."""
    return (segments if cells.shape[1] == 3 else triangles)(cells, level, values)


def segments(cells: NDArray[np.int64], level: Array, values: Array) -> Array:
    """Ends of the segments on which ``level`` is 0: ``values`` (n, k) there, (segments, 2, k)."""
    inside = level[cells] > 0
    crossed = cells[inside.any(axis=1) & ~inside.all(axis=1)]
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


def sizes(pieces: Array) -> Array:
    """Lengths of segments (n, 2, 2), areas of triangles (n, 3, 3)."""
    if pieces.shape[1] == 2:
        return np.asarray(np.hypot(*(pieces[:, 1] - pieces[:, 0]).T))
    a, b, c = np.moveaxis(pieces, 1, 0)
    return np.asarray(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2)


@dataclass(frozen=True)
class Nearby:
    """For nodes near the front: their numbers, distance from it, values (n, k) of its nearest point."""

    nodes: NDArray[np.intp]
    distance: Array
    values: Array


def nearby(points: Array, pieces: Array, reach: float) -> Nearby:
    """Distances (without sign) of points (n, d) from pieces (k, d, d + m) whose last m columns are values.

    Points beyond ``reach`` are left out.
    """
    dimension = points.shape[1]
    columns = pieces.shape[2] - dimension
    if not len(pieces):
        return Nearby(np.empty(0, dtype=np.intp), np.empty(0), np.empty((0, columns)))
    count = min(NEIGHBOURS[dimension], len(pieces))
    tree = cKDTree(pieces[:, :, :dimension].mean(axis=1))
    far, found = tree.query(points, k=count, distance_upper_bound=1.1 * reach)
    far, found = far.reshape(len(points), count), found.reshape(len(points), count)
    nodes = np.flatnonzero(np.isfinite(far[:, 0]))
    best, values = np.full(len(nodes), np.inf), np.zeros((len(nodes), columns))
    for column in range(count):
        some = np.isfinite(far[nodes, column])
        piece = pieces[found[nodes[some], column]]
        distance, shares = _closest(points[nodes[some]], piece[:, :, :dimension])
        nearer = distance < best[some]
        place = np.flatnonzero(some)[nearer]
        best[place] = distance[nearer]
        values[place] = (shares[:, :, None] * piece[:, :, dimension:]).sum(axis=1)[nearer]
    return Nearby(nodes, best, values)


def _closest(points: Array, corners: Array) -> tuple[Array, Array]:
    """Distance of each point from its piece, and the shares of the corners in the nearest point."""
    if points.shape[1] == 3:
        return closest_on_triangles(points, corners)
    distance, share = project(points, corners[:, 0], corners[:, 1])
    return distance, np.column_stack([1 - share, share])


def project(points: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Distance of each point from its segment, and where on it the nearest point lies, 0 to 1."""
    along = b - a
    length2 = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(((points - a) * along).sum(axis=1) / length2, 0.0, 1.0)
    return np.hypot(*(points - a - share[:, None] * along).T), share

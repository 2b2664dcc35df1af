"""The front in space: triangles in which a level set cuts tetrahedra, and how far points are from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Sides of a triangle, as pairs of its corners.
SIDES = ((0, 1), (1, 2), (2, 0))

#: sin^2 of the angle between two sides below which a triangle counts as its sides only.
FLAT = 1e-12


def triangles(cells: NDArray[np.int64], level: Array, values: Array) -> Array:
    """Corners of the triangles on which ``level`` is 0: ``values`` (n, k) there, (triangles, 3, k).

    A tetrahedron with one or three corners inside is cut in a triangle, one with two in a quadrilateral,
    which is halved.
    """
    inside = level[cells] > 0
    count = inside.sum(axis=1)
    made = []
    for number in (1, 2, 3):
        chosen = count == number
        order = np.argsort(~inside[chosen], axis=1, kind="stable")  # corners inside come first
        p = np.take_along_axis(cells[chosen], order, axis=1)
        if number == 2:
            sides = ((0, 2), (0, 3), (1, 3), (1, 2))
            corners = [_crossing(p[:, i], p[:, j], level, values) for i, j in sides]
            made += [np.stack([corners[0], corners[k], corners[k + 1]], axis=1) for k in (1, 2)]
            continue
        lone = 0 if number == 1 else 3
        others = [k for k in range(4) if k != lone]
        made.append(np.stack([_crossing(p[:, lone], p[:, k], level, values) for k in others], axis=1))
    return np.concatenate(made)


def _crossing(p: NDArray[np.int64], q: NDArray[np.int64], level: Array, values: Array) -> Array:
    """``values`` where the level is 0 between the points p and q, the same from either end."""
    p, q = np.minimum(p, q), np.maximum(p, q)
    share = (level[p] / (level[p] - level[q]))[:, None]
    return np.asarray(values[p] + share * (values[q] - values[p]))


def closest_on_triangles(points: Array, corners: Array) -> tuple[Array, Array]:
    """Distance of points (n, 3) from triangles (n, 3, 3), and the corners' shares in the nearest point."""
    a = corners[:, 0]
    u, v, w = corners[:, 1] - a, corners[:, 2] - a, points - a
    uu, uv, vv = _dot(u, u), _dot(u, v), _dot(v, v)
    area2 = uu * vv - uv**2
    flat = area2 <= FLAT * uu * vv
    area2 = np.where(flat, 1.0, area2)
    t = (vv * _dot(u, w) - uv * _dot(v, w)) / area2
    s = (uu * _dot(v, w) - uv * _dot(u, w)) / area2
    over = ~flat & (t >= 0) & (s >= 0) & (t + s <= 1)
    best, shares = np.full(len(points), np.inf), np.zeros((len(points), 3))
    shares[over] = np.column_stack([1 - t - s, t, s])[over]
    best[over] = np.linalg.norm(w - t[:, None] * u - s[:, None] * v, axis=1)[over]
    beside = np.flatnonzero(~over)
    for i, j in SIDES:
        start = corners[beside, i]
        along = corners[beside, j] - start
        share = np.clip(
            _dot(points[beside] - start, along) / np.maximum(_dot(along, along), 1e-300), 0.0, 1.0
        )
        distance = np.linalg.norm(points[beside] - start - share[:, None] * along, axis=1)
        nearer = distance < best[beside]
        place = beside[nearer]
        best[place] = distance[nearer]
        shares[place] = 0.0
        shares[place, i], shares[place, j] = 1 - share[nearer], share[nearer]
    return best, shares


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("ij,ij->i", a, b))

"""Nodal values from one triangle mesh of a section to another.

P1 interpolation: a node that both meshes have keeps its value; any other takes the mean of the three
values around it, weighted with its barycentric coordinates in the old mesh,

    v(q) = w0 v0 + w1 v1 + w2 v2,    w0 = A(q, p1, p2) / A(p0, p1, p2), and so on; A: signed area.

Where in the old mesh a node lies is found once: from a triangle at the nearest old node the search
walks over the edge beyond which the node lies farthest. A walk that ends at a wall or goes astray is
replaced by a look at all triangles: the nearest is taken, and in it the nearest point (weights from 0
to 1). No new value leaves the range of the three old ones. The interpolation is not conservative.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from thincell.geometry.planemesh import PlaneMesh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: A node this far outside of a triangle, in barycentric coordinates, counts as inside: rounding.
OUTSIDE = 1e-9

#: Triangles that a walk may cross.
STEPS = 200

#: Vertices at the ends of the side opposite to each vertex.
OPPOSITE = ((1, 2), (2, 0), (0, 1))


class Transfer:
    """Interpolates nodal values of ``old`` to the nodes of ``new``."""

    def __init__(self, old: PlaneMesh, new: PlaneMesh) -> None:
        same = _coincident(old.points, new.points)
        rest = np.flatnonzero(same < 0)
        #: How many nodes of the new mesh the old one has too.
        self.shared = len(same) - len(rest)
        self._old = len(old.points)
        self._nodes: Integers = np.repeat(same[:, None], 3, axis=1)
        self._weights: Floats = np.tile([1.0, 0.0, 0.0], (len(same), 1))
        if len(rest):
            triangles, self._weights[rest] = _locate(old, new.points[rest])
            self._nodes[rest] = old.triangles[triangles]

    def __call__(self, values: Floats) -> Floats:
        """Values (n_new, ...) from values (n_old, ...)."""
        if len(values) != self._old:
            raise ValueError(f"{len(values)} values for the {self._old} nodes of the old mesh")
        corners = values[self._nodes]
        mean = np.einsum("ij,ij...->i...", self._weights, corners)
        return np.asarray(np.clip(mean, corners.min(axis=1), corners.max(axis=1)))


def _coincident(old: Floats, new: Floats) -> Integers:
    """For each new point the old one with bitwise the same coordinates, or -1."""
    known, wanted = (points[:, 0] + 1j * points[:, 1] for points in (old, new))
    order = np.argsort(known)
    at = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(order) - 1)]
    return np.where(known[at] == wanted, at, -1)


def _locate(plane: PlaneMesh, points: Floats) -> tuple[Integers, Floats]:
    """The triangle that holds each point, or the nearest, and the point's weights in it."""
    number = len(plane.triangles)
    touching = np.zeros(len(plane.points), dtype=np.int64)
    touching[plane.triangles] = np.arange(number)[:, None]
    _, nearest = cKDTree(plane.points).query(points)
    found = touching[nearest]
    weights = np.empty((len(points), 3))
    beyond = _neighbours(plane.triangles)
    walking = np.arange(len(points))
    lost = [np.empty(0, dtype=np.int64)]
    for _ in range(STEPS):
        weights[walking] = _barycentric(plane.points[plane.triangles[found[walking]]], points[walking])
        walking = walking[weights[walking].min(axis=1) < -OUTSIDE]
        following = beyond[found[walking], weights[walking].argmin(axis=1)]
        lost.append(walking[following < 0])
        walking, following = walking[following >= 0], following[following >= 0]
        if not len(walking):
            break
        found[walking] = following
    for point in np.concatenate([*lost, walking]):
        found[point], weights[point] = _nearest(plane, points[point])
    weights = np.maximum(weights, 0.0)
    return found, weights / weights.sum(axis=1, keepdims=True)


def _neighbours(triangles: Integers) -> Integers:
    """The triangle (m, 3) beyond the side opposite to each vertex, -1 beyond walls."""
    sides = np.sort(triangles[:, OPPOSITE], axis=2).reshape(-1, 2)
    keys = sides[:, 0] * (int(triangles.max()) + 1) + sides[:, 1]
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
    one, other = order[first], order[first + 1]
    beyond = np.full(len(keys), -1, dtype=np.int64)
    beyond[one], beyond[other] = other // 3, one // 3
    return beyond.reshape(-1, 3)


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _barycentric(corners: Floats, points: Floats) -> Floats:
    """Weights (n, 3) of points (n, 2), or of one point (2,), in triangles with corners (n, 3, 2)."""
    to = corners - points[..., None, :]
    parts = np.stack([_cross(to[:, i], to[:, j]) for i, j in OPPOSITE], axis=1)
    whole = _cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(parts / whole[:, None])


def _nearest(plane: PlaneMesh, point: Floats) -> tuple[int, Floats]:
    """Of all triangles the one nearest to a point, and the weights of its point that is nearest."""
    corners = plane.points[plane.triangles]
    inside = _barycentric(corners, point)
    best = int(inside.min(axis=1).argmax())
    if inside[best].min() >= -OUTSIDE:
        return best, inside[best]
    starts, along = corners[:, [1, 2, 0]], corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]]
    part = np.clip(np.sum((point - starts) * along, axis=2) / np.sum(along**2, axis=2), 0.0, 1.0)
    distance = np.linalg.norm(starts + part[..., None] * along - point, axis=2)
    triangle, side = divmod(int(distance.argmin()), 3)
    weights = np.zeros(3)
    start, end = OPPOSITE[side]
    weights[end] = part[triangle, side]
    weights[start] = 1.0 - weights[end]
    return triangle, weights

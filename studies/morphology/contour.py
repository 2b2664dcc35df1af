"""The line where a nodal field crosses one half: exact for linear interpolation on triangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices, Sheet, cross


@dataclass(frozen=True)
class Contour:
    """Segments of the front, directed so that the metal lies on their left.

    ``nodes`` (k, 2): points [m], one per crossed mesh edge. ``edges`` (k, 2): the vertices of that edge,
    the metal one first. ``segments`` (l, 2): indices into the nodes.
    """

    nodes: Array
    edges: Indices
    segments: Indices

    @property
    def starts(self) -> Array:
        return np.asarray(self.nodes[self.segments[:, 0]])

    @property
    def ends(self) -> Array:
        return np.asarray(self.nodes[self.segments[:, 1]])

    @property
    def length(self) -> float:
        """L = sum |q - p| over the segments [m]."""
        return float(np.linalg.norm(self.ends - self.starts, axis=1).sum())

    def chains(self) -> list[Indices]:
        """The nodes in order, one list per connected line; the first is repeated in closed ones."""
        after = np.full(len(self.nodes), -1, dtype=np.int64)
        after[self.segments[:, 0]] = self.segments[:, 1]
        begun = np.ones(len(self.nodes), dtype=bool)
        begun[self.segments[:, 1]] = False
        following, left = after.tolist(), np.ones(len(self.nodes), dtype=bool)
        found = []
        for start in np.concatenate([np.flatnonzero(begun), np.arange(len(self.nodes))]).tolist():
            if not left[start]:
                continue
            chain, node = [start], following[start]
            left[start] = False
            while node >= 0 and left[node]:
                left[node] = False
                chain.append(node)
                node = following[node]
            if node == start:
                chain.append(start)
            if len(chain) > 1:
                found.append(np.array(chain, dtype=np.int64))
        return found


def _alone(triangles: Indices, above: Flags) -> tuple[Indices, Flags]:
    """Triangles turned so that the vertex on its own side comes first, and whether it is metal."""
    flags = above[triangles]
    metal = flags.sum(axis=1) == 1
    first = np.argmax(flags == metal[:, None], axis=1)
    turned = np.take_along_axis(triangles, (first[:, None] + np.arange(3)) % 3, axis=1)
    return turned, metal


def contour(shape: Sheet, field: Array) -> Contour:
    """The line field = 1/2 on the mesh of a shape."""
    points = shape.points
    above = field > LEVEL
    count = above[shape.triangles].sum(axis=1)
    turned, metal = _alone(shape.triangles[(count == 1) | (count == 2)], above)
    half = np.concatenate([turned[:, [0, 1]], turned[:, [0, 2]]])
    half.sort(axis=1)
    keys = half[:, 0] * field.size + half[:, 1]
    _, place, inverse = np.unique(keys, return_index=True, return_inverse=True)
    a, b = half[place].T
    share = (LEVEL - field[a]) / (field[b] - field[a])
    nodes = points[a] + share[:, None] * (points[b] - points[a])
    segments = inverse.reshape(2, -1).T
    own, second, third = (points[turned[:, k]] for k in range(3))
    wrong = (cross(second - own, third - own) > 0) != metal
    segments = np.where(wrong[:, None], segments[:, ::-1], segments)
    return Contour(nodes, np.where(above[a], (a, b), (b, a)).T, segments)


def metal_parts(shape: Sheet, field: Array) -> Array:
    """Area of field > 1/2 within each triangle [m2].

    A vertex alone on its side cuts off the share t_b t_c of the triangle, where t_b and t_c are the
    relative distances of the crossings along its two edges.
    """
    above = field > LEVEL
    count = above[shape.triangles].sum(axis=1)
    share = (count == 3).astype(np.float64)
    cut = (count == 1) | (count == 2)
    turned, metal = _alone(shape.triangles[cut], above)
    a, b, c = field[turned].T
    corner = (LEVEL - a) ** 2 / ((b - a) * (c - a))
    share[cut] = np.where(metal, corner, 1 - corner)
    return np.asarray(share * shape.areas)

"""Refinement of a section's triangles by bisection of their longest edges, always from one coarse base.

A triangle is cut from the middle of its longest edge to the opposite vertex, as often as its longest
edge is longer than wanted, and as often as one of its edges has been cut from the other side (Rivara,
1984, 10.1002/nme.1620200412). No angle is smaller than half the smallest of the base (Rosenberg and
Stenger, 1975, Math. Comp. 29, 390), and slender triangles become rounder, where newest-vertex
bisection would keep the slenderness of a column mesh.

**One forest.** Which edge of a triangle is cut depends on that triangle alone. All refinements of a base
are therefore parts of one fixed forest of bisections, and each is the smallest conforming part that
honours the wanted sizes: the same for every order of the cuts. Middles are computed from the same two
points each time, so that two refinements have bitwise equal nodes wherever both have them, and a mesh is
made coarser by refining the base again.

Edges, not triangles, carry the tags, and both halves inherit them. The middle of two points with an
equal coordinate has exactly that coordinate: points on walls stay there.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.planemesh import PlaneMesh, PlanMesh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Sizes (n,) [m] of triangles at points (n, 2) [m].
Wanted = Callable[[Floats], Floats]

#: Direction in which the further one of two equally long edges counts as the longer: along no mesh line.
ALONG = np.array([math.cos(1.0), math.sin(1.0)])

#: Tag of edges inside the mesh.
INSIDE = -1


def refine(base: PlaneMesh, wanted: Wanted, most: int = 1_000_000) -> PlaneMesh:
    """The coarsest bisection of ``base`` whose triangles are as small as ``wanted``.

    The longest edge of each triangle is at most the size wanted at its three vertices and at the
    middle of that edge. What lies between these points is seen if the wanted size changes less than
    distance does. ValueError when a size is not positive or more than ``most`` points are needed.
    """
    bisection = _Bisection(base, wanted)
    cut = bisection.too_long(0)
    while np.any(cut):
        kept = bisection.cut(cut)
        if len(bisection.points) > most:
            raise ValueError(f"the wanted sizes need more than {most} points")
        cut = bisection.broken()
        cut[kept:] |= bisection.too_long(kept)
    return bisection.mesh()


class _Bisection:
    """Points, edges and triangles while they are cut.

    Side k of a triangle is opposite to its vertex k, and side 0 is its longest. An edge that has been
    cut knows its middle point and its two halves: numbers ``half`` and ``half + 1``, the first at its
    first end.
    """

    def __init__(self, base: PlaneMesh, wanted: Wanted) -> None:
        self.wanted = wanted
        self.points: Floats = np.empty((0, 2))
        self.sizes: Floats = np.empty(0)
        self._add_points(base.points, self._ask(base.points))
        self.ends: Integers = np.empty((0, 2), dtype=np.int64)
        self.tags: NDArray[np.int32] = np.empty(0, dtype=np.int32)
        self.middle: Integers = np.empty(0, dtype=np.int64)
        self.half: Integers = np.empty(0, dtype=np.int64)
        self.halfway: Floats = np.empty((0, 2))
        self.halfway_sizes: Floats = np.empty(0)
        self.length: Floats = np.empty(0)
        self.rank: NDArray[np.float32] = np.empty(0, dtype=np.float32)
        ends, sides, tags = _edges(base)
        self._add_edges(ends, tags)
        self.triangles, self.sides = self._longest_first(base.triangles, sides)
        #: Of which triangle of the base each is a part.
        self.base, self.origin = base, np.arange(len(base.triangles))

    def _ask(self, points: Floats) -> Floats:
        sizes = np.asarray(self.wanted(points), dtype=np.float64)
        if sizes.shape != (len(points),) or not np.all(sizes > 0):
            raise ValueError("a wanted size is needed for every point, and larger than 0")
        return sizes

    def _add_points(self, points: Floats, sizes: Floats) -> None:
        self.points = np.concatenate([self.points, points])
        self.sizes = np.concatenate([self.sizes, sizes])

    def _add_edges(self, ends: Integers, tags: NDArray[np.int32]) -> None:
        first, last = self.points[ends[:, 0]], self.points[ends[:, 1]]
        length = np.hypot(*(last - first).T)
        none = np.full(len(ends), -1, dtype=np.int64)
        self.ends = np.concatenate([self.ends, ends])
        self.tags = np.concatenate([self.tags, tags])
        self.middle = np.concatenate([self.middle, none])
        self.half = np.concatenate([self.half, none])
        self.halfway = np.concatenate([self.halfway, (first + last) / 2])
        self.halfway_sizes = np.concatenate([self.halfway_sizes, np.full(len(ends), np.nan)])
        self.length = np.concatenate([self.length, length])
        # in single precision edges that are equally long but for rounding are equal
        self.rank = np.concatenate([self.rank, length.astype(np.float32)])

    def _longest_first(self, triangles: Integers, sides: Integers) -> tuple[Integers, Integers]:
        """Vertices and sides of triangles, turned until side 0 is the longest."""
        rank = self.rank[sides]
        longest = rank == rank.max(axis=1, keepdims=True)
        turn = np.argmax(np.where(longest, self.halfway[sides] @ ALONG, -np.inf), axis=1)
        order = (turn[:, None] + np.arange(3)) % 3
        return np.take_along_axis(triangles, order, axis=1), np.take_along_axis(sides, order, axis=1)

    def _sizes_halfway(self, edges: Integers) -> Floats:
        """Wanted sizes in the middle of edges; each edge is asked for once."""
        new = np.unique(edges[np.isnan(self.halfway_sizes[edges])])
        if len(new):
            self.halfway_sizes[new] = self._ask(self.halfway[new])
        return np.asarray(self.halfway_sizes[edges])

    def too_long(self, start: int) -> NDArray[np.bool_]:
        """Which triangles, from number ``start`` on, have an edge that is longer than wanted."""
        longest = self.sides[start:, 0]
        length = self.length[longest]
        long = length > self.sizes[self.triangles[start:]].min(axis=1)
        rest = np.flatnonzero(~long)
        long[rest] = length[rest] > self._sizes_halfway(longest[rest])
        return np.asarray(long)

    def broken(self) -> NDArray[np.bool_]:
        """Which triangles have a side that has been cut."""
        return np.asarray((self.middle[self.sides] >= 0).any(axis=1))

    def cut(self, chosen: NDArray[np.bool_]) -> int:
        """Bisect the chosen triangles; the number of the first new one."""
        old, sides = self.triangles[chosen], self.sides[chosen]
        self._cut_edges(np.unique(sides[self.middle[sides[:, 0]] < 0, 0]))
        middle, half = self.middle[sides[:, 0]], self.half[sides[:, 0]]
        apex, left, right = old.T
        across = len(self.ends) + np.arange(len(old))
        self._add_edges(np.column_stack([apex, middle]), np.full(len(old), INSIDE, dtype=np.int32))
        turned = self.ends[sides[:, 0], 0] != left
        pair = [
            (
                np.column_stack([apex, left, middle]),
                np.column_stack([half + turned, across, sides[:, 2]]),
            ),
            (
                np.column_stack([apex, middle, right]),
                np.column_stack([half + ~turned, sides[:, 1], across]),
            ),
        ]
        made = [self._longest_first(*child) for child in pair]
        self.triangles = np.concatenate([self.triangles[~chosen], *(child[0] for child in made)])
        self.sides = np.concatenate([self.sides[~chosen], *(child[1] for child in made)])
        parents = self.origin[chosen]
        self.origin = np.concatenate([self.origin[~chosen], parents, parents])
        return len(chosen) - len(old)

    def _cut_edges(self, edges: Integers) -> None:
        """Give edges a middle point and two halves."""
        middle = len(self.points) + np.arange(len(edges))
        self._add_points(self.halfway[edges], self._sizes_halfway(edges))
        self.middle[edges] = middle
        self.half[edges] = len(self.ends) + 2 * np.arange(len(edges))
        first, last = self.ends[edges].T
        halves = np.column_stack([first, middle, middle, last]).reshape(-1, 2)
        self._add_edges(halves, np.repeat(self.tags[edges], 2))

    def mesh(self) -> PlaneMesh:
        """What has been made so far."""
        lines = (self.tags != INSIDE) & (self.middle < 0)
        found = (self.points, self.triangles, self.ends[lines], self.tags[lines])
        if isinstance(self.base, PlanMesh):
            return PlanMesh(*found, self.base.regions[self.origin])
        return PlaneMesh(*found)


def _edges(base: PlaneMesh) -> tuple[Integers, Integers, NDArray[np.int32]]:
    """Ends (n, 2) of all edges, the edges (m, 3) opposite to vertices, and the tags (n,) of edges."""
    count = len(base.points)
    pairs = np.sort(base.triangles[:, [[1, 2], [2, 0], [0, 1]]], axis=2)
    keys, sides = np.unique(pairs[:, :, 0] * count + pairs[:, :, 1], return_inverse=True)
    lines = np.sort(base.lines, axis=1)
    names = lines[:, 0] * count + lines[:, 1]
    at = np.minimum(np.searchsorted(keys, names), len(keys) - 1)
    if not np.array_equal(keys[at], names):
        raise ValueError("a boundary line of the mesh is no edge of a triangle")
    tags = np.full(len(keys), INSIDE, dtype=np.int32)
    tags[at] = base.line_tags
    return np.column_stack([keys // count, keys % count]), sides.reshape(-1, 3), tags

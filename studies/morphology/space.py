"""Measures of a deposit in space, over an electrode in the floor.

There is no outline to follow, so that what is made of one (arms, branches, the verdict) has no counterpart
here. Heights are those of the envelope: the highest attached metal over each point.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from thincell.studies.morphology import names
from thincell.studies.morphology.columns import Columns
from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices

#: Metal touches the electrode if it is this near, in delta.
CONTACT = 0.01


@dataclass(frozen=True, eq=False)
class Body:
    """Metal fraction ``metal`` (n) at ``points`` (n, 3) [m] of tetrahedra ``cells`` (m, 4).

    ``front`` are the triangles (k, 3, 3) [m] of its level 1/2, ``delta`` the interface's thickness [m],
    ``over`` says of places (n, 2) [m] whether the electrode is below.
    """

    metal: Array
    points: Array
    cells: Indices
    front: Array
    delta: float
    over: Callable[[Array], Flags]

    @cached_property
    def columns(self) -> Columns:
        """The mesh seen from above."""
        return Columns.of(self.points, self.cells)

    @cached_property
    def pieces(self) -> Indices:
        """Number of the connected piece of metal that each point is in, from 0; -1 in the liquid."""
        inside = self.metal > LEVEL
        edges = np.concatenate([self.cells[:, list(pair)] for pair in combinations(range(4), 2)])
        edges = edges[inside[edges].all(axis=1)]
        size = len(inside)
        graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
        _, label = connected_components(graph, directed=False)
        found = np.full(size, -1)
        _, found[inside] = np.unique(label[inside], return_inverse=True)
        return found

    @cached_property
    def attached(self) -> NDArray[np.bool_]:
        """Points in metal that has contact with the electrode."""
        low = self.points[:, 2] <= CONTACT * self.delta
        ground = np.flatnonzero(low & (self.pieces >= 0))
        ground = ground[self.over(self.points[ground, :2])]
        return (self.pieces >= 0) & np.isin(self.pieces, np.unique(self.pieces[ground]))

    @cached_property
    def envelope(self) -> Array:
        """Height of the highest attached metal in each column [m]."""
        dead = (self.pieces >= 0) & ~self.attached
        return self.columns.highest(np.where(dead, 0.0, self.metal), LEVEL)

    @cached_property
    def volumes(self) -> Array:
        """Volume of each tetrahedron [m3]."""
        corners = self.points[self.cells]
        return np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 6


def measure(body: Body, area: float) -> dict[str, float]:
    """All measures by their names (names.py); ``area`` [m2] is that of the electrode."""
    columns, heights = body.columns, body.envelope
    shares = body.metal[body.cells].mean(axis=1)
    volume = float((body.volumes * shares).sum())
    dead = (body.pieces >= 0) & ~body.attached
    lost, kept = (
        float((body.volumes * shares)[part[body.cells].any(axis=1)].sum())
        for part in (dead, body.attached)
    )
    middles = columns.points[columns.triangles].mean(axis=1)
    on = body.over(middles)
    over, height = columns.areas[on], heights[columns.triangles[on]].mean(axis=1)
    mean, tip = volume / area, float(heights.max())
    even = float(np.average(height, weights=over))
    a, b, c = np.moveaxis(body.front, 1, 0)
    front = float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)
    covered = (heights[columns.triangles] > 0).mean(axis=1)
    shadow = float((columns.areas * covered).sum())
    return {
        names.METAL_VOLUME.name: volume,
        names.MEAN_HEIGHT_IN_SPACE.name: mean,
        names.TIP_HEIGHT.name: tip,
        names.TIP_RATIO.name: tip / mean if mean > 0 else math.nan,
        names.ROUGHNESS_IN_SPACE.name: float(np.sqrt(np.average((height - even) ** 2, weights=over))),
        names.COVERED.name: float(np.average(covered[on], weights=over)),
        names.SHADOW.name: shadow,
        names.FRONT_AREA.name: front,
        names.FOLDING_IN_SPACE.name: front / shadow if shadow > 0 else math.nan,
        names.PIECES.name: float(body.pieces.max(initial=-1) + 1),
        names.DEAD_SHARE.name: lost / (lost + kept) if lost > 0 else 0.0,
        names.DELTA.name: body.delta,
    }

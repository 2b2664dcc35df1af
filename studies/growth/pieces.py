"""Pieces of metal: which have contact with the electrode, and which float.

A piece is a connected set of nodes with xi > 1/2. It has contact if it reaches the working electrode. The
labels are found on rank 0, on the whole mesh, so that they do not depend on the ranks; every node near a
floating piece belongs to it, so that its front has one potential through its whole thickness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.tags import Tag

Array = NDArray[np.float64]

#: xi above which a node is metal, and above which it belongs to the front of the nearest metal.
METAL, FRONT = 0.5, 1e-6

#: Smaller pieces (nodes) are no pieces of metal but the last of their dissolution.
LEAST = 3


@dataclass(frozen=True)
class Pieces:
    """``labels`` of all nodes: 0, or 1 + the number of the floating piece; area [m2] of each."""

    labels: NDArray[np.int32]
    areas: tuple[float, ...]
    metal: float

    @property
    def share(self) -> float:
        """Share of the metal that floats."""
        return sum(self.areas) / self.metal if self.metal > 0 else 0.0


def find(plane: PlaneMesh, xi: Array) -> Pieces:
    """The floating pieces of a deposit on a plane mesh, the largest first."""
    metal = xi > METAL
    weights = node_areas(plane) * np.clip(xi, 0.0, 1.0)
    total = float(weights.sum())
    count, component = _components(plane.triangles, metal)
    touching = np.zeros(count, dtype=bool)
    ground = np.unique(plane.lines[plane.line_tags == int(Tag.WORKING)])
    touching[component[ground[metal[ground]]]] = True
    sizes = np.bincount(component[metal], minlength=count)
    floating = np.flatnonzero(~touching & (sizes >= LEAST))
    labels = np.zeros(len(xi), dtype=np.int32)
    if not floating.size:
        return Pieces(labels, (), total)
    number = np.zeros(count, dtype=np.int32)
    areas = np.bincount(component[metal], weights=weights[metal], minlength=count)[floating]
    order = np.argsort(-areas, kind="stable")
    number[floating[order]] = np.arange(1, len(floating) + 1)
    near = xi > FRONT
    _, nearest = cKDTree(plane.points[metal]).query(plane.points[near])
    labels[near] = number[component[metal][nearest]]
    return Pieces(labels, tuple(float(a) for a in areas[order]), total)


def _components(triangles: NDArray[np.int64], metal: NDArray[np.bool_]) -> tuple[int, Any]:
    """Connected components of the graph of edges between metal nodes."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = edges[metal[edges].all(axis=1)]
    size = len(metal)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
    count, component = connected_components(graph, directed=False)
    return int(count), component


def node_areas(plane: PlaneMesh) -> Array:
    """A third of the area of the triangles around each node [m2]."""
    a, b, c = (plane.points[plane.triangles[:, k]] for k in range(3))
    twice = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    return np.bincount(plane.triangles.ravel(), np.repeat(twice / 6, 3), minlength=len(plane.points))


def inherited(
    labels: NDArray[np.int32],
    count: int,
    before: NDArray[np.int32],
    potentials: list[float],
    other: float,
) -> list[float]:
    """First guess of each piece's potential: its own of before, that of the electrode if it is new."""
    found = []
    for number in range(1, count + 1):
        past = before[labels == number]
        past = past[past > 0]
        found.append(potentials[np.bincount(past).argmax() - 1] if past.size else other)
    return found

"""Pieces of metal: which have contact with the electrode, and which float.

A piece is a connected set of nodes with xi > 1/2. It has contact if it reaches the working electrode. The
labels are found on rank 0, on the whole mesh, so that they do not depend on the ranks; every node near a
floating piece belongs to it, so that its front has one potential through its whole thickness.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from thincell.geometry.distribute import Mesh
from thincell.geometry.tags import Tag

Array = NDArray[np.float64]

#: xi above which a node is metal, and above which it belongs to the front of the nearest metal.
METAL, FRONT = 0.5, 1e-6

#: Smaller pieces (nodes) are no pieces of metal but the last of their dissolution.
LEAST = 3


@dataclass(frozen=True)
class Pieces:
    """``labels`` of all nodes: 0, or 1 + the number of the floating piece; area [m2] or volume of each."""

    labels: NDArray[np.int32]
    sizes: tuple[float, ...]
    metal: float

    @property
    def share(self) -> float:
        """Share of the metal that floats."""
        return sum(self.sizes) / self.metal if self.metal > 0 else 0.0


def find(made: Mesh, xi: Array) -> Pieces:
    """The floating pieces of a deposit on a mesh, the largest first."""
    metal = xi > METAL
    weights = node_sizes(made) * np.clip(xi, 0.0, 1.0)
    total = float(weights.sum())
    count, component = _components(made.cells, metal)
    touching = np.zeros(count, dtype=bool)
    ground = np.unique(made.sides[made.side_tags == int(Tag.WORKING)])
    touching[component[ground[metal[ground]]]] = True
    nodes = np.bincount(component[metal], minlength=count)
    floating = np.flatnonzero(~touching & (nodes >= LEAST))
    labels = np.zeros(len(xi), dtype=np.int32)
    if not floating.size:
        return Pieces(labels, (), total)
    number = np.zeros(count, dtype=np.int32)
    sizes = np.bincount(component[metal], weights=weights[metal], minlength=count)[floating]
    order = np.argsort(-sizes, kind="stable")
    number[floating[order]] = np.arange(1, len(floating) + 1)
    near = xi > FRONT
    _, nearest = cKDTree(made.points[metal]).query(made.points[near])
    labels[near] = number[component[metal][nearest]]
    return Pieces(labels, tuple(float(a) for a in sizes[order]), total)


def _components(cells: NDArray[np.int64], metal: NDArray[np.bool_]) -> tuple[int, Any]:
    """Connected components of the graph of edges between metal nodes."""
    edges = np.concatenate([cells[:, list(pair)] for pair in combinations(range(cells.shape[1]), 2)])
    edges = edges[metal[edges].all(axis=1)]
    size = len(metal)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
    count, component = connected_components(graph, directed=False)
    return int(count), component


def node_sizes(made: Mesh) -> Array:
    """An equal share of the area [m2], or volume [m3], of the cells around each node."""
    corners = made.points[made.cells]
    d = corners.shape[2]
    whole = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / factorial(d)
    shares = np.repeat(whole / (d + 1), d + 1)
    return np.bincount(made.cells.ravel(), shares, minlength=len(made.points))


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

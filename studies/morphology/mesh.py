"""Edges of a triangulation, and the connected regions of metal and of liquid on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from thincell.studies.morphology.shape import Flags, Indices


@dataclass(frozen=True)
class Edges:
    """``pairs`` (k, 2): vertices of every edge once.

    ``boundary`` (j, 3): for edges of one triangle only, its two vertices, then the opposite one.
    ``across`` (l, 4): for every inner edge, its two vertices, then the two opposite ones.
    """

    pairs: Indices
    boundary: Indices
    across: Indices


def edges_of(triangles: Indices) -> Edges:
    """The edges of a triangulation."""
    half = np.concatenate([triangles[:, [1, 2]], triangles[:, [2, 0]], triangles[:, [0, 1]]])
    opposite = np.concatenate([triangles[:, 0], triangles[:, 1], triangles[:, 2]])
    half.sort(axis=1)
    keys = half[:, 0] * (half.max() + 1) + half[:, 1]
    order = np.argsort(keys, kind="stable")
    keys, half, opposite = keys[order], half[order], opposite[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])
    places = np.flatnonzero(first)
    count = np.diff(np.append(places, keys.size))
    inner = places[count == 2]
    across = np.column_stack([half[inner], opposite[inner], opposite[inner + 1]])
    outer = places[count == 1]
    return Edges(half[places], np.column_stack([half[outer], opposite[outer]]), across)


def regions(edges: Edges, metal: Flags) -> Indices:
    """Label of the connected region of each vertex, where metal joins metal and liquid liquid.

    Exact for linear interpolation: within a triangle the metal is convex and holds its metal vertices,
    so that two regions meet only along edges whose ends are both metal; likewise for liquid.
    """
    a, b = edges.pairs.T
    same = metal[a] == metal[b]
    links = coo_array((np.ones(same.sum()), (a[same], b[same])), shape=(metal.size, metal.size))
    labels = connected_components(links.tocsr(), directed=False)[1]
    return np.asarray(labels, dtype=np.int64)

"""Distance from the electrode through the metal: along it, an arm is an arm whichever way it points."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from thincell.studies.morphology.contour import Contour
from thincell.studies.morphology.mesh import Edges
from thincell.studies.morphology.outline import Outline
from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices, Sheet


def distances(outline: Outline, line: Contour) -> Array:
    """Shortest way g from the electrode through attached metal to each node of a line [m].

    Where metal reaches straight down to the electrode, g = z - floor. Elsewhere it is the shortest way
    along the edges of the mesh and across pairs of triangles (at most 8 % too long on a grid).
    """
    shape, field = outline.shape, outline.field
    metal = field > LEVEL
    above = np.minimum(
        np.where(metal & _standing(outline), shape.points[:, 1] - shape.floor, np.inf),
        _beside(outline, metal),
    )
    g = shortest(shape, outline.edges, metal, above)
    inside = line.edges[:, 0]
    return np.asarray(g[inside] + np.linalg.norm(line.nodes - shape.points[inside], axis=1))


def shortest(shape: Sheet, edges: Edges, metal: Flags, straight: Array) -> Array:
    """Shortest way through metal to each vertex [m], from ``straight`` ways; inf where there is none."""
    pairs = edges.pairs[metal[edges.pairs].all(axis=1)]
    across = edges.across
    across = across[metal[across].all(axis=1)][:, 2:]
    count = metal.size
    links = _once(np.concatenate([pairs, across]), count)
    sources = np.flatnonzero(np.isfinite(straight))
    origin = np.full(sources.size, count)
    ways = np.linalg.norm(shape.points[links[:, 0]] - shape.points[links[:, 1]], axis=1)
    least = 1e-9 * shape.delta  # a way of no length would be no way in a sparse graph
    values = np.concatenate([ways, np.maximum(straight[sources], least)])
    rows = np.concatenate([links[:, 0], origin])
    columns = np.concatenate([links[:, 1], sources])
    graph = coo_array((values, (rows, columns)), shape=(count + 1, count + 1)).tocsr()
    return np.asarray(dijkstra(graph, directed=False, indices=count))[:count]


def _once(links: Indices, count: int) -> Indices:
    """Every link once: a sparse graph would add up the lengths of its copies."""
    low, high = links.min(axis=1), links.max(axis=1)
    keys = np.unique(low * count + high)
    return np.column_stack([keys // count, keys % count])


def _beside(outline: Outline, metal: Flags) -> Array:
    """Straight way from the electrode within its triangles, inf for other vertices [m].

    So the electrode need not end at a vertex.
    """
    shape = outline.shape
    x, z = shape.points.T
    near = 0.01 * shape.delta
    a, b, _ = outline.edges.boundary.T
    over = (np.maximum(x[a], x[b]) >= shape.start) & (np.minimum(x[a], x[b]) <= shape.end)
    low = np.maximum(z[a], z[b]) <= shape.floor + near
    touching = outline.edges.boundary[over & low]
    vertices = np.unique(touching[metal[touching].all(axis=1)])
    ways = np.full(x.size, np.inf)
    away = np.maximum(np.maximum(shape.start - x[vertices], x[vertices] - shape.end), 0.0)
    ways[vertices] = np.hypot(away, z[vertices] - shape.floor)
    return ways


def _standing(outline: Outline) -> Flags:
    """Vertices from which metal reaches straight down to the electrode."""
    shape, columns = outline.shape, outline.envelope
    x, z = shape.points.T
    low = np.pad(columns.standing, 1, mode="edge")
    low = np.minimum(np.minimum(low[:-2], low[1:-1]), low[2:])
    near = 0.01 * shape.delta
    over = (x >= shape.start - near) & (x <= shape.end + near)
    return np.asarray(over & ((z - shape.floor <= near) | (z - shape.floor <= low[columns.column(x)])))

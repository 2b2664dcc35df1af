"""The outline of attached metal as connected lines, continued by mirror images at their ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.studies.morphology.contour import Contour
from thincell.studies.morphology.outline import Outline
from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices, cross


@dataclass(frozen=True)
class Line:
    """``points`` (n, 2) [m] in order, ``nodes`` (n): which nodes of the contour they are.

    The line itself is ``[first:last + 1]``. What lies before and after is its mirror image at the side
    of the section or the electrode where it ends (its own continuation, if it is closed).
    """

    points: Array
    nodes: Indices
    first: int
    last: int


def rimmed(outline: Outline) -> Contour:
    """The outer front, closed along the lid and the insulator wherever metal lies against them.

    So a needle that has met the lid still has two flanks, and metal that has spilt over the electrode's
    edge a way back to it. What is left open are the electrode and the sides of the section.
    """
    shape, front = outline.shape, outline.front
    a, b, c = outline.edges.boundary.T
    turned = cross(shape.points[b] - shape.points[a], shape.points[c] - shape.points[a]) < 0
    a, b = np.where(turned, (b, a), (a, b))  # the section lies on the left
    metal = outline.field > LEVEL
    used = (metal[a] | metal[b]) & ~_left_open(outline, a, b)
    a, b = a[used], b[used]
    vertices = np.unique(np.concatenate([a[metal[a]], b[metal[b]]]))
    start, end = (_node(front, metal, vertices, p, q) for p, q in ((a, b), (b, a)))
    return Contour(
        nodes=np.concatenate([front.nodes, shape.points[vertices]]),
        edges=np.concatenate([front.edges, np.column_stack([vertices, vertices])]),
        segments=np.concatenate([front.segments, np.column_stack([start, end])]),
    )


def _node(front: Contour, metal: Flags, vertices: Indices, own: Indices, other: Indices) -> Indices:
    """Node of one end of boundary edges: the vertex if it is metal, else where the front meets them."""
    crossing = {(p, q): k for k, (p, q) in enumerate(front.edges.tolist())}
    number = {vertex: len(front.nodes) + k for k, vertex in enumerate(vertices.tolist())}
    ends = zip(own.tolist(), other.tolist(), metal[own].tolist(), strict=True)
    return np.array([number[p] if inside else crossing[q, p] for p, q, inside in ends], dtype=np.int64)


def _left_open(outline: Outline, a: Indices, b: Indices) -> Flags:
    """Boundary edges along the sides of the section, and those of the electrode."""
    shape = outline.shape
    x, z = shape.points.T
    near = 1e-6 * float(np.ptp(x))
    side = np.zeros(a.size, dtype=bool)
    for wall in (x.min(), x.max()):
        side |= (abs(x[a] - wall) <= near) & (abs(x[b] - wall) <= near)
    middle = (x[a] + x[b]) / 2
    low = np.maximum(z[a], z[b]) <= shape.floor + near
    return np.asarray(side | (low & (middle >= shape.start) & (middle <= shape.end)))


def lines(outline: Outline, contour: Contour) -> list[Line]:
    """All connected lines of a contour."""
    return [_line(outline, contour.nodes, chain) for chain in contour.chains()]


def _line(outline: Outline, places: Array, chain: Indices) -> Line:
    points = places[chain]
    n = chain.size
    if chain[0] == chain[-1]:
        before, after = points[:-1], points[1:]
        nodes = np.concatenate([chain[:-1], chain, chain[1:]])
    else:
        before = _mirrored(outline, points, points[0])[::-1][:-1]
        after = _mirrored(outline, points, points[-1])[::-1][1:]
        nodes = np.concatenate([chain[::-1][:-1], chain, chain[::-1][1:]])
    return Line(np.concatenate([before, points, after]), nodes, n - 1, 2 * n - 2)


def _mirrored(outline: Outline, points: Array, at: Array) -> Array:
    """Points mirrored at the side of the section, or else the electrode, on which a point lies."""
    x = outline.shape.points[:, 0]
    side = min(abs(at[0] - x.min()), abs(at[0] - x.max())) <= 1e-6 * float(np.ptp(x))
    axis = 0 if side else 1
    image = points.copy()
    image[:, axis] = 2 * at[axis] - image[:, axis]
    return image

"""One connected line of the front, continued by its mirror images beyond its ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.studies.morphology.outline import Outline
from thincell.studies.morphology.shape import Array, Indices


@dataclass(frozen=True)
class Line:
    """``points`` (n, 2) [m] in order, ``nodes`` (n): which nodes of the front they are.

    The line itself is ``[first:last + 1]``. What lies before and after is its mirror image at the wall,
    the axis of symmetry or the electrode where it ends (its own continuation, if it is closed).
    """

    points: Array
    nodes: Indices
    first: int
    last: int


def lines(outline: Outline) -> list[Line]:
    """All lines of the outer front of an outline."""
    return [_line(outline, chain) for chain in outline.front.chains()]


def _line(outline: Outline, chain: Indices) -> Line:
    points = outline.front.nodes[chain]
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
    """Points mirrored at the side of the section, or else the floor or lid, on which a point lies."""
    corners = outline.shape.points
    near = 1e-6 * np.ptp(corners, axis=0).max()
    side = min(abs(at[0] - corners[:, 0].min()), abs(at[0] - corners[:, 0].max())) <= near
    axis = 0 if side else 1
    image = points.copy()
    image[:, axis] = 2 * at[axis] - image[:, axis]
    return image

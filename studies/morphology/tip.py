"""Radius of curvature of the front at its highest point."""

from __future__ import annotations

import math

import numpy as np

from thincell.studies.morphology.line import lines
from thincell.studies.morphology.outline import Outline
from thincell.studies.morphology.shape import Array

#: Shortest length of front to either side of the tip that is fitted, in delta.
SHORTEST = 2.0
#: Length of front to either side of the tip, over the radius.
PART = 0.25
#: Flatter than this many lengths of what is fitted is flat.
FLAT = 100.0


def circle(points: Array) -> float:
    """Signed radius of the circle through points in the least-squares sense, inf for a line [m].

    Minimises sum (|p - m|^2 - r^2)^2, linear in m and r^2 - |m|^2 (Kasa 1976,
    10.1109/TIM.1976.6312298). Positive if the middle lies below the points' mean, as for a tip.
    """
    centre = points.mean(axis=0)
    scale = float(np.linalg.norm(points - centre, axis=1).max())
    p = (points - centre) / scale
    system = np.column_stack([2 * p, np.ones(len(p))])
    (a, b, c), _, rank, _ = np.linalg.lstsq(system, (p**2).sum(axis=1), rcond=1e-10)
    radius = math.sqrt(max(c + a**2 + b**2, 0.0))
    if rank < 3 or radius > FLAT:
        return math.inf
    return scale * math.copysign(radius, -b)


def tip_radius(outline: Outline) -> float:
    """r = 1/|kappa| of the outer front at its highest point [m]; inf if it is flat there.

    A circle is fitted to the front within a quarter of a radius, at least two delta, to either side; the
    radius and the part come from each other in turns. nan without a front or if the metal reaches the
    lid. A front that ends at the side of the section is continued by its mirror image.
    """
    every = [line for line in lines(outline, outline.front) if line.points.size]
    if not every:
        return math.nan
    tops = [line.first + int(np.argmax(line.points[line.first : line.last + 1, 1])) for line in every]
    line, top = max(zip(every, tops, strict=True), key=lambda pair: pair[0].points[pair[1], 1])
    shape = outline.shape
    if line.points[top, 1] - shape.floor < outline.tip - 0.5 * shape.delta:
        return math.nan
    steps = np.linalg.norm(np.diff(line.points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    along = np.abs(along - along[top])
    reach, radius = SHORTEST * shape.delta, math.inf
    for _ in range(4):
        near = np.flatnonzero(along <= reach)
        if near.size < 4:
            return math.nan
        radius = circle(line.points[near])
        if not 0 < radius < math.inf:
            return math.inf
        reach = max(SHORTEST * shape.delta, PART * radius)
    return radius

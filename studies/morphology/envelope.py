"""Highest and lowest front in every column of a section: the envelope, and what stands on the floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.studies.morphology.constants import COLUMNS_PER_DELTA
from thincell.studies.morphology.contour import Contour
from thincell.studies.morphology.mesh import Edges
from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices, Shape

#: No more columns than this.
MOST_COLUMNS = 100_000


@dataclass(frozen=True)
class Envelope:
    """Columns at ``x`` [m], ``step`` apart. Heights are above the electrode's face [m].

    ``top``: of the highest metal, 0 where there is none. ``standing``: of the metal that reaches down
    to the floor without a gap. ``shaded``: columns with metal.
    """

    x: Array
    step: float
    top: Array
    standing: Array
    shaded: Flags

    def column(self, x: Array) -> Indices:
        """Index of the column at x."""
        place = np.floor((x - self.x[0]) / self.step + 0.5).astype(np.int64)
        return np.asarray(np.clip(place, 0, self.x.size - 1))

    def within(self, start: float, end: float) -> Flags:
        """Columns between two x."""
        return np.asarray((self.x >= start) & (self.x <= end))

    @property
    def shadow(self) -> float:
        """Length of the deposit's shadow on the plane of the electrode [m]."""
        return float(self.shaded.sum() * self.step)


def _crossings(x: Array, step: float, p: Array, q: Array) -> tuple[Indices, Array, Indices]:
    """Column, z and segment of every crossing of segments p-q with the columns."""
    low, high = np.minimum(p[:, 0], q[:, 0]), np.maximum(p[:, 0], q[:, 0])
    first = np.maximum(np.ceil((low - x[0]) / step), 0).astype(np.int64)
    last = np.minimum(np.floor((high - x[0]) / step), x.size - 1).astype(np.int64)
    count = np.maximum(last - first + 1, 0)
    segment = np.repeat(np.arange(len(p)), count)
    column = np.arange(segment.size) - np.repeat(np.cumsum(count) - count, count) + first[segment]
    run = q[segment, 0] - p[segment, 0]
    share = np.divide(x[column] - p[segment, 0], run, out=np.zeros(run.size), where=run != 0)
    return column, p[segment, 1] + share * (q[segment, 1] - p[segment, 1]), segment


def _rim(shape: Shape, field: Array, edges: Edges) -> tuple[Array, Array]:
    """The parts of the section's boundary that are metal, as segments."""
    pairs = edges.boundary[:, :2]
    a, b = pairs[np.any(field[pairs] > LEVEL, axis=1)].T
    jump = field[b] - field[a]
    share = np.divide(LEVEL - field[a], jump, out=np.zeros(jump.size), where=jump != 0)[:, None]
    crossing = shape.points[a] + share * (shape.points[b] - shape.points[a])
    start = np.where((field[a] > LEVEL)[:, None], shape.points[a], crossing)
    return start, np.where((field[b] > LEVEL)[:, None], shape.points[b], crossing)


def envelope(shape: Shape, field: Array, line: Contour, edges: Edges) -> Envelope:
    """H(x) = max{z: field(x, z) > 1/2} - floor, in columns delta / 32 wide."""
    left, right = float(shape.points[:, 0].min()), float(shape.points[:, 0].max())
    count = int(np.clip(np.round((right - left) * COLUMNS_PER_DELTA / shape.delta), 8, MOST_COLUMNS))
    step = (right - left) / count
    x: Array = np.asarray(left + (np.arange(count) + 0.5) * step, dtype=np.float64)
    top, standing = np.full(count, -np.inf), np.zeros(count)
    column, z, _ = _crossings(x, step, *_rim(shape, field, edges))
    np.maximum.at(top, column, z)
    full = np.isfinite(top)
    p, q = line.starts, line.ends
    column, z, segment = _crossings(x, step, p, q)
    np.maximum.at(top, column, z)
    order = np.lexsort((z, column))
    found, first = np.unique(column[order], return_index=True)
    lowest = order[first]
    below = p[segment[lowest], 0] > q[segment[lowest], 0]
    standing[full] = top[full] - shape.floor
    standing[found] = np.where(below, z[lowest] - shape.floor, 0.0)
    shaded = np.isfinite(top)
    heights = np.maximum(np.where(shaded, top - shape.floor, 0.0), 0.0)
    return Envelope(x, step, heights, np.maximum(standing, 0.0), shaded)

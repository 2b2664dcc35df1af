r"""One-dimensional grading: cell sizes that grow from given small ends.

The wanted cell size at a distance d from an end with the smallest size ``a`` is

    s(d) = a + (growth - 1) reach max[(d/reach)^(4/5), d/reach]

and at most ``largest``. Beyond ``reach`` (the liquid height) cells grow geometrically. Within it they
shrink towards the end faster than that: an electrode edge has an r^(1/2) singularity, whose energy in
a ring of radius r is proportional to r, so that rings near the edge deserve fewer cells. For the same
number of unknowns the resistance is about ten times more accurate than with a geometric grading.

The nodes are the points at which the integral of 1/s takes equal steps, so that the cells fit the
segment exactly.

**Boundary layers.** Where a double layer is to be resolved, every end with a wanted size carries a
stack of cells: the first is exactly as wanted, a, each of the next is ``growth`` times its neighbour,

    s_k = a growth^k,        thickness of n cells = a (growth^n - 1)/(growth - 1)

until the stack is ``depth`` thick, several Debye lengths. What remains of the segment follows

    s(d) = s_n + (Grading.growth - 1) d

from the end of the stack: plain geometric growth, without the power law above, because the charge
next to an electrode edge is a layer of its own that the cells must not skip.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: s(d) ~ d^POWER near an edge; minimises the sum of the cells' energy errors at an r^(1/2) edge.
POWER = 0.8


@dataclass(frozen=True)
class BoundaryLayer:
    """Stacks of cells at the ends of segments.

    ``growth`` is the ratio of neighbouring cells in a stack and ``depth`` [m] the thickness that a
    stack has at least, where there is room.
    """

    growth: float
    depth: float

    def stack(self, first: float, room: float, largest: float) -> NDArray[np.float64]:
        """Ends of the cells, from 0 on; the first cell is ``first``.

        The stack and one more cell like its last are not thicker than ``room``, and no cell is
        larger than ``largest``; [0] when not even the first cell fits.
        """
        nodes, size = [0.0], first
        while nodes[-1] < self.depth and nodes[-1] + 2 * size <= room and size <= largest:
            nodes.append(nodes[-1] + size)
            size *= self.growth
        return np.array(nodes)


@dataclass(frozen=True)
class Grading:
    """How a mesh is graded.

    ``edge`` [m] is the cell size next to an electrode edge or surface and ``growth`` the ratio of
    neighbouring cells at the distance ``reach`` [m] and beyond. There are at least ``columns`` cells
    between two neighbouring edges and ``layers`` through the height.

    ``boundary`` puts stacks of cells at electrode edges and surfaces. ``levels`` are further heights
    z [m] with the cell size [m] that is wanted on both sides: the edge of a film, or a wall with a
    charge.
    """

    edge: float
    reach: float
    growth: float = 1.6
    columns: int = 8
    layers: int = 4
    boundary: BoundaryLayer | None = None
    levels: tuple[tuple[float, float], ...] = ()

    def size(self, distance: NDArray[np.float64], end: float) -> NDArray[np.float64]:
        """Wanted cell size at distances from an end whose own size is ``end``."""
        if self.boundary is not None:
            return end + (self.growth - 1) * distance
        far = distance / self.reach
        return end + (self.growth - 1) * self.reach * np.maximum(far**POWER, far)


def graded_segment(
    length: float, first: float, last: float, largest: float, grading: Grading
) -> NDArray[np.float64]:
    """Node positions from 0 to ``length``, graded from cell sizes ``first`` and ``last``."""
    x = _sample(length, min(first, last, largest, length))
    both = np.minimum(grading.size(x, first), grading.size(length - x, last))
    size = np.minimum(both, largest)
    # the exact integral of 1/s for s linear between the samples
    ratio = size[1:] / size[:-1]
    step = np.diff(x) / size[:-1]
    slope = ratio - 1.0
    small = np.abs(slope) < 1e-8
    factor = np.where(small, 1.0 - slope / 2, np.log(ratio) / np.where(small, 1.0, slope))
    count = np.concatenate([[0.0], np.cumsum(step * factor)])
    cells = max(1, int(np.ceil(count[-1] - 1e-9)))
    nodes = np.interp(np.linspace(0.0, count[-1], cells + 1), count, x)
    nodes[0], nodes[-1] = 0.0, length
    return nodes


def _sample(length: float, finest: float) -> NDArray[np.float64]:
    """Sample points dense near both ends, symmetric about the middle."""
    half = np.geomspace(finest * 1e-3, length / 2, 4000)
    return np.concatenate([[0.0], half, length - half[-2::-1], [length]])


def graded_line(
    breaks: list[float], fine: list[float], largest: list[float], grading: Grading
) -> list[NDArray[np.float64]]:
    """Node positions on each segment between ``breaks``.

    ``fine[k]`` is the cell size at break k (infinite: no wish), ``largest[k]`` that on segment k.
    """
    segments = []
    for k in range(len(breaks) - 1):
        span = breaks[k + 1] - breaks[k]
        nodes = breaks[k] + _stacked_segment(span, fine[k], fine[k + 1], largest[k], grading)
        nodes[-1] = breaks[k + 1]
        segments.append(nodes)
    return segments


def _stacked_segment(
    length: float, first: float, last: float, largest: float, grading: Grading
) -> NDArray[np.float64]:
    """A graded segment with a stack of cells at each end that has a wanted size."""
    layer = grading.boundary
    if layer is None:
        return graded_segment(length, first, last, largest, grading)
    both = math.isfinite(first) and math.isfinite(last)
    room = length / 2 if both else length
    left, right = (layer.stack(end, room, largest) for end in (first, last))
    middle = graded_segment(
        length - left[-1] - right[-1], _joined(left, first), _joined(right, last), largest, grading
    )
    return np.concatenate([left[:-1], left[-1] + middle, length - right[-2::-1]])


def _joined(stack: NDArray[np.float64], end: float) -> float:
    """Cell size at which a stack hands over: that of its last cell."""
    return float(stack[-1] - stack[-2]) if len(stack) > 1 else end

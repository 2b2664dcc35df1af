"""Box-counting dimension of a line."""

from __future__ import annotations

import math

import numpy as np

from thincell.studies.morphology.shape import Array

#: Box sizes per factor of two, and shifts of the grid in each direction.
PER_OCTAVE = 3
SHIFTS = 4


def box_dimension(starts: Array, ends: Array, smallest: float, largest: float) -> tuple[float, float]:
    """D = -d ln N / d ln size of the segments starts-ends, and log10 of the range of sizes.

    N is the number of boxes of a grid that the line touches, on average over 16 positions of the grid,
    less one: a straight line of length L at an angle a touches L (|cos a| + |sin a|) / size + 1, its two
    ends a half each, which would make its D less than 1. D is the slope of a straight-line fit over
    sizes from ``smallest`` to ``largest`` [m]. nan if the range is less than a factor of two.
    """
    if not largest >= 2 * smallest > 0 or not len(starts):
        return math.nan, 0.0
    octaves = math.log2(largest / smallest)
    sizes = np.geomspace(smallest, largest, int(PER_OCTAVE * octaves) + 2)
    points = _dense(starts, ends, smallest / 4)
    counts = [_touched(points, float(size)) - 1 for size in sizes]
    slope = np.polyfit(np.log(sizes), np.log(counts), 1)[0]
    return float(-slope), math.log10(largest / smallest)


def _dense(starts: Array, ends: Array, step: float) -> Array:
    """Points along segments, no farther apart than a step."""
    count = np.maximum(np.ceil(np.linalg.norm(ends - starts, axis=1) / step), 1).astype(np.int64)
    owner = np.repeat(np.arange(count.size), count)
    rest = np.arange(owner.size) - np.repeat(np.cumsum(count) - count, count)
    share = ((rest + 0.5) / count[owner])[:, None]
    return np.asarray(starts[owner] + share * (ends[owner] - starts[owner]))


def _touched(points: Array, size: float) -> float:
    low = points.min(axis=0)
    counts = []
    for shift in np.ndindex(SHIFTS, SHIFTS):
        boxes = np.floor((points - low) / size + np.array(shift) / SHIFTS).astype(np.int64)
        counts.append(np.unique(boxes[:, 0] * (boxes[:, 1].max() + 1) + boxes[:, 1]).size)
    return float(np.mean(counts))

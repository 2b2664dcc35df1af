"""How a deposit grew, from frames: when its front came by each height, and how fast its tip goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from thincell.studies.morphology.outline import outline
from thincell.studies.morphology.shape import Array, Shape

#: A frame: its time [s] and the shape then.
Frame = tuple[float, Shape]


@dataclass(frozen=True)
class Arrival:
    """At ``heights`` above the electrode [m]: times [s] when the first and last columns are reached.

    nan where the front has not got to that share of the columns.
    """

    heights: Array
    first: Array
    last: Array

    @property
    def spread(self) -> Array:
        """Between the first and the last columns [s]."""
        return np.asarray(self.last - self.first)


def arrival(
    frames: Sequence[Frame], heights: Array, shares: tuple[float, float] = (0.05, 0.95)
) -> Arrival:
    """When the envelope H(x, t) first passes each height, over the columns of the electrode.

    Linear in time between frames; ``shares`` of the columns have been passed at the times given. All
    frames are of the same electrode; the columns are those of the finest one.
    """
    times = np.array([time for time, _ in frames])
    if times.size < 2 or np.any(np.diff(times) <= 0):
        raise ValueError("two frames or more, in order of time")
    profiles = _profiles([shape for _, shape in frames])
    rows = [np.sort(_passed(times, profiles, float(height))) for height in heights]
    ordered = np.array(rows).reshape(-1, profiles.shape[1])
    count = ordered.shape[1]
    place = [min(max(math.ceil(share * count) - 1, 0), count - 1) for share in shares]
    first, last = (np.where(np.isfinite(ordered[:, k]), ordered[:, k], np.nan) for k in place)
    return Arrival(np.asarray(heights, dtype=np.float64), first, last)


def _profiles(shapes: Sequence[Shape]) -> Array:
    """Envelope of each shape over the electrode, in common columns."""
    count = max(int(np.ceil(2 * shape.width / shape.delta)) for shape in shapes)
    rows = []
    for shape in shapes:
        columns = outline(shape).envelope
        x = shape.start + (np.arange(count) + 0.5) / count * shape.width
        rows.append(columns.top[columns.column(x)])
    return np.array(rows)


def _passed(times: Array, profiles: Array, height: float) -> Array:
    """Time at which each column first passes a height, inf if it does not."""
    above = profiles >= height
    k = np.argmax(above, axis=0)
    column = np.arange(profiles.shape[1])
    before = profiles[np.maximum(k - 1, 0), column]
    rise = profiles[k, column] - before
    share = np.divide(height - before, rise, out=np.ones_like(rise), where=rise > 0)
    then = times[np.maximum(k - 1, 0)] + share * (times[k] - times[np.maximum(k - 1, 0)])
    then = np.where(k == 0, times[0], then)
    return np.where(above.any(axis=0), then, np.inf)


def tip_heights(frames: Sequence[Frame]) -> tuple[Array, Array]:
    """Times [s] and heights of the tip above the electrode [m]."""
    return np.array([time for time, _ in frames]), np.array([outline(shape).tip for _, shape in frames])


@dataclass(frozen=True)
class TipVelocity:
    """``values``: dh/dt at each time; ``mean`` and ``error``: slope of a straight line, all in m/s."""

    times: Array
    heights: Array
    values: Array
    mean: float
    error: float


def tip_velocity(times: Array, heights: Array) -> TipVelocity:
    """Velocity of the tip: differences of second order in time, and a straight-line fit.

    error = sqrt(sum residual^2 / (n - 2) / sum (t - <t>)^2), nan for two times.
    """
    order: Literal[1, 2] = 2 if times.size > 2 else 1
    values = np.gradient(heights, times, edge_order=order)
    slope, offset = np.polyfit(times - times.mean(), heights, 1)
    residual = heights - offset - slope * (times - times.mean())
    freedom = times.size - 2
    squares = float(((times - times.mean()) ** 2).sum())
    error = math.sqrt(float((residual**2).sum()) / freedom / squares) if freedom else math.nan
    return TipVelocity(times, heights, np.asarray(values), float(slope), error)

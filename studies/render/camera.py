"""How a flat layer is looked at: obliquely from the front, in parallel projection, heights stretched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Degrees to the right of the layer's front, and above its floor.
ASIDE, ABOVE = 18.0, 38.0
#: Micrometres in a metre: the unit of pictures.
UNIT = 1e6


@dataclass(frozen=True, eq=False)
class Camera:
    """Sees boxes of points [m]; ``stretch`` times too high. Screen coordinates are in um.

    ``right``, ``up`` and ``back`` are unit vectors, the last one towards the eye; ``low`` and ``high`` the
    corners of the picture on the screen.
    """

    stretch: float
    right: Array
    up: Array
    back: Array
    low: Array
    high: Array

    @classmethod
    def on(cls, points: Array, stretch: float, room: float = 0.02) -> Camera:
        """One that sees the box around all points, and some room around it as a share of its width."""
        aside, above = np.radians((ASIDE, ABOVE))
        right = np.array([np.cos(aside), np.sin(aside), 0.0])
        front = np.array([np.sin(aside), -np.cos(aside), 0.0])
        up = -np.sin(above) * front + np.cos(above) * np.array([0.0, 0.0, 1.0])
        back = np.cos(above) * front + np.sin(above) * np.array([0.0, 0.0, 1.0])
        unbound = cls(stretch, right, up, back, np.zeros(2), np.zeros(2))
        ends = np.stack([points.min(axis=0), points.max(axis=0)])
        corners = np.array([[ends[i, 0], ends[j, 1], ends[k, 2]] for i, j, k in np.ndindex(2, 2, 2)])
        seen = unbound.screen(corners)
        margin = room * np.ptp(seen[:, 0])
        return cls(stretch, right, up, back, seen.min(axis=0) - margin, seen.max(axis=0) + margin)

    def world(self, points: Array) -> Array:
        """Stretched places [um] of points [m]."""
        return np.asarray(points * [UNIT, UNIT, UNIT * self.stretch])

    def screen(self, points: Array) -> Array:
        """Where points [m] are on the screen."""
        return np.asarray(self.world(points) @ np.column_stack([self.right, self.up]))

    @property
    def focus(self) -> Array:
        """The place [um] in the middle of the picture."""
        x, y = (self.low + self.high) / 2
        return np.asarray(x * self.right + y * self.up)

    @property
    def size(self) -> Array:
        """Width and height of the picture [um]."""
        return self.high - self.low

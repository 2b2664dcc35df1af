"""A section through a deposit, as the measures take it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Metal is where its fraction exceeds this.
LEVEL = 0.5


@dataclass(frozen=True)
class Sheet:
    """Metal fraction on triangles.

    ``metal`` (n): nodal fraction, 1 metal and 0 liquid, linear on each triangle; across a front at
    s = 0 it is 1/2 (1 - tanh(s / (2 delta))). ``points`` (n, 2) [m]. ``triangles`` (m, 3): vertices, in
    either sense. ``delta``: interface thickness [m].
    """

    metal: Array
    points: Array
    triangles: Indices
    delta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "metal", np.asarray(self.metal, dtype=np.float64))
        object.__setattr__(self, "points", np.asarray(self.points, dtype=np.float64))
        object.__setattr__(self, "triangles", np.asarray(self.triangles, dtype=np.int64))
        if self.points.ndim != 2 or self.points.shape[1] != 2 or len(self.points) != self.metal.size:
            raise ValueError("points must be (n, 2) and metal (n)")
        if self.triangles.ndim != 2 or self.triangles.shape[1] != 3 or not len(self.triangles):
            raise ValueError("triangles must be (m, 3), m > 0")
        if not self.delta > 0:
            raise ValueError("delta must be positive")
        if not np.isfinite(self.metal).all():
            raise ValueError("metal must be finite")

    @property
    def areas(self) -> Array:
        """Area of each triangle [m2]."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        return np.abs(cross(b - a, c - a)) / 2


@dataclass(frozen=True)
class Shape(Sheet):
    """A section, points x and z; the deposit grows from the electrode along +z.

    The electrode (or the patch of it) reaches from ``start`` to ``end`` [m] in x, its face is at
    z = ``floor`` [m].
    """

    start: float
    end: float
    floor: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.end > self.start:
            raise ValueError("end must lie beyond start")

    @property
    def width(self) -> float:
        """Width of the electrode [m]."""
        return self.end - self.start


def cross(u: Array, v: Array) -> Array:
    """u_x v_z - u_z v_x."""
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])

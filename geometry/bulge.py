"""The lid of a liquid layer between windows that bulge: a height field h(x, y).

    h(x, y) = spacer + w_upper(x - centre, y) + w_lower(x - centre, y)

over a flat floor. A lower window that bulges carries its electrodes down with it; here its deflection is
added to the lid, so that the thickness of the layer is right everywhere and the floor stays straight. What is
neglected is the slope of the floor, 2 w0/a at most (0.06 to 0.1 for windows of 20 to 50 um of 50 nm at
1 atm): lengths along the floor and the direction of its normal are wrong by half its square, some 0.5 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from thincell.geometry.membrane import Membrane

Array = npt.NDArray[np.float64]

#: Columns of a mesh across half a window at least: their chords miss 1/1500 of what the windows add.
COLUMNS = 16

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(40)


@dataclass(frozen=True)
class Bulge:
    """Windows of one kind around x = ``centre`` [m], y = 0.

    ``spacer`` [m] is the height of the liquid outside of them; ``upper`` and ``lower`` [m] are the
    deflections of their centres, outwards positive (zero: that side does not bulge).
    """

    spacer: float
    centre: float
    window: Membrane
    upper: float
    lower: float = 0.0

    @property
    def middle(self) -> float:
        """Height [m] at the centre of the windows."""
        return self.spacer + self.upper + self.lower

    @property
    def edges(self) -> tuple[float, float]:
        """Where the windows begin and end along x [m]."""
        half = self.window.width / 2
        return self.centre - half, self.centre + half

    def height(self, x: npt.ArrayLike, y: npt.ArrayLike = 0.0) -> Array:
        """h [m]."""
        away = np.asarray(x, dtype=float) - self.centre
        return self.spacer + self.window.shape(away, y, self.upper + self.lower)

    def at(self, points: Array) -> Array:
        """h [m] at points (n, 2) of the plan [m]."""
        return self.height(points[:, 0], points[:, 1])

    def integral(self, start: float, end: float, value: Callable[[Array], Array] | None = None) -> float:
        """Integral of h, or of ``value`` of h, over start < x < end at y = 0."""
        total = 0.0
        breaks = [start, *(x for x in self.edges if start < x < end), end]
        for left, right in pairwise(breaks):
            half = (right - left) / 2
            h = self.height((left + right) / 2 + half * _POINTS)
            total += half * float(_WEIGHTS @ (h if value is None else value(h)))
        return total

"""The ground of a deposit in space: an electrode in the floor of a solid view; it grows up and sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.plan import CLOSEST
from thincell.geometry.tags import Tag
from thincell.studies.schema.deposit_parts import SeedTable

if TYPE_CHECKING:
    from thincell.geometry.plan import Plan
    from thincell.studies.schema.cell import ChipCell

Array = NDArray[np.float64]


class Bed:
    """A flush electrode of any outline. All lengths in metres, places (n, 3)."""

    focus = 1.0

    def __init__(self, cell: ChipCell) -> None:
        import shapely

        self.plan: Plan = cell.plan()
        self.metal = next(area.polygon for area in self.plan.metals if area.tag == Tag.WORKING)
        self.others = [area.polygon for area in self.plan.metals if area.tag != Tag.WORKING]
        self.liquid, self.line = self.plan.liquid, self.metal.boundary
        shapely.prepare(self.metal)
        x0, y0, x1, y1 = map(float, self.metal.bounds)
        #: The longer side of the electrode, along which ripples fit.
        self.length = max(x1 - x0, y1 - y0)
        self.room = cell.height
        left, low, right, high = map(float, self.liquid.bounds)
        self.extent = right - left + high - low + cell.height
        #: Lowest and highest x and y of the liquid.
        self.bounds = (left, low, right, high)

    def distance(self, points: Array) -> Array:
        """Distance of points from the electrode."""
        return np.hypot(self.beside(points), points[:, 2])

    def beside(self, points: Array) -> Array:
        """Distance of points from the electrode, seen from above; 0 over it."""
        import shapely

        return np.asarray(shapely.distance(self.metal, shapely.points(points[:, :2])))

    def over(self, places: Array) -> NDArray[np.bool_]:
        """Whether the electrode is below places (n, 2 or more)."""
        return self.beside(places) <= CLOSEST

    def height(self, points: Array) -> Array:
        """z."""
        return points[:, 2]

    def feet(self, points: Array) -> Array:
        """What random roughness is a function of: x and y."""
        return points[:, :2]

    def centre(self, seed: SeedTable) -> Array:
        """Where a seed lies."""
        return np.array([seed.x, seed.y, seed.z])

"""When a layer may be averaged over its height, and how wrong that is: for plans.

Averaging takes the liquid for mixed from floor to lid. That holds some h^2/D after the current has changed,
and where nothing on the plan is as small as the height: within one height of an outline only total currents
mean something. What is left over is of the order of (h/l)^2, l the smallest length of the plan. Under a
current density i the salt at the floor is less than its mean by (1 - t+) i h/(3 z F D), which counts when the
layer runs dry.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.model.constants import FARADAY
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell
from thincell.studies.schema.outlines import TipTable
from thincell.studies.situation import Situation
from thincell.studies.wording import metres, seconds

#: Height over the smallest length above which averaging is doubtful.
DOUBTFUL = 0.3


@dataclass(frozen=True)
class Averaging:
    """The largest ``height`` [m], the smallest length ``least`` [m] of the plan, what that is, h^2/D [s].

    ``drop``: of the salt from its mean to the floor, over the initial concentration, at the set current.
    """

    height: float
    least: float
    what: str
    mixing: float
    drop: float

    @property
    def error(self) -> float:
        """(h/l)^2: order of the relative error of currents and voltages once the height is mixed."""
        return (self.height / self.least) ** 2

    @property
    def dry_error(self) -> float:
        """Order of the relative error of the time until the layer is dry."""
        return max(self.error, self.drop)

    @property
    def sentence(self) -> str:
        """As told by `check` and by a run's page."""
        told = (
            f"Averaging over the height ({metres(self.height)}) errs by about {self.error:.1g}, the square of"
            f" height over {self.what} ({metres(self.least)}), and by more within"
            f" {seconds(self.mixing)} after a change of the current; profiles within one height of an"
            " outline are not resolved"
        )
        if self.dry_error > self.error:
            told += (
                f"; the time to dryness errs by about {self.dry_error:.1g}, the salt's drop to the floor"
            )
        if self.height > DOUBTFUL * self.least:
            told += "; this plan is too fine to be averaged: compare with cell.view = 'solid'"
        return told


def averaging(case: Case) -> Averaging | None:
    """The estimate for a plan, None for any other view."""
    cell = case.cell
    if not isinstance(cell, ChipCell) or cell.view != "plan":
        return None
    least, what = min(_lengths(cell))
    x0, y0, x1, y1 = cell.plan().liquid.bounds
    grid = np.meshgrid(np.linspace(x0, x1, 41), np.linspace(y0, y1, 41))
    height = float(cell.heights(np.column_stack([axis.ravel() for axis in grid])).max())
    s = Situation(case)
    mixing, current = height**2 / s.diffusivity, s.consuming_density or 0.0
    drop = (1 - s.transference) * current * height / (3 * s.charge * FARADAY * s.diffusivity * s.cations)
    return Averaging(height, least, what, mixing, drop)


def _lengths(cell: ChipCell) -> list[tuple[float, str]]:
    """Lengths of a plan that the height is to be small against."""
    areas = cell.areas()
    found = [
        (float(a.polygon.distance(b.polygon)), "the distance of electrodes")
        for a, b in combinations(areas, 2)
    ]
    whole = np.array(cell.plan().liquid.bounds).reshape(2, 2)
    found += [(_width(area.polygon, whole), "the width of an electrode") for area in areas]
    tips = [t.outline for t in (cell.working, cell.counter) if isinstance(t.outline, TipTable)]
    return found + [(float(tip.radius), "the radius of a tip") for tip in tips if tip.radius > 0]


def _width(polygon: Any, whole: NDArray[np.float64]) -> float:
    """The smallest width of an outline; what reaches from wall to wall of the liquid has none that way."""
    import shapely

    box = np.array(polygon.bounds).reshape(2, 2)
    ends = np.isclose(box, whole, atol=1e-9 * float(np.ptp(whole)), rtol=0).all(axis=0)
    if ends.any():
        return float(np.ptp(box, axis=0)[~ends].min(initial=np.inf))
    sides = np.diff(np.asarray(shapely.minimum_rotated_rectangle(polygon).exterior.coords)[:3], axis=0)
    return float(np.hypot(*sides.T).min())

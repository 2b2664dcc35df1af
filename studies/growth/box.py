"""The mesh of a deposit in space: as fine as its front wherever that may come, and coarser beyond.

It does not follow the front. Cells measure delta/cells up to `reach` from the electrode, above and beside it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.grading import Grading, graded_line
from thincell.geometry.outlines import Bar
from thincell.geometry.plansize import PlanGrading
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.following import GROWTH, box_height
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell


def box_grading(case: Case) -> PlanGrading:
    """The mesh seen from above: fine over the electrode and up to `reach` beside it."""
    table, bed = case.deposit, _bed(case)
    assert table is not None
    fine, reach = table.interface / table.cells, box_height(table, bed)
    x0, y0, x1, y1 = bed.metal.bounds
    window = Bar((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0 + 2 * reach, y1 - y0 + 2 * reach)
    left, low, right, high = bed.bounds
    largest = max((right - left), (high - low)) / case.mesh.columns
    return PlanGrading(fine, max(largest, fine), GROWTH, window, fine, (GROWTH - 1) / 4)


def box_levels(case: Case) -> NDArray[np.float64]:
    """Heights [m] of the levels: even up to `reach`, growing from there to the lid."""
    table, bed = case.deposit, _bed(case)
    assert table is not None
    height = bed.room
    fine, reach = table.interface / table.cells, min(box_height(table, bed), height)
    low = np.linspace(0.0, reach, math.ceil(reach / fine * (1 - 1e-9)) + 1)
    if reach > height - fine:
        return np.linspace(0.0, height, math.ceil(height / fine * (1 - 1e-9)) + 1)
    grading = Grading(fine, reach=height, growth=GROWTH, layers=case.mesh.layers)
    (above,) = graded_line([reach, height], [fine, np.inf], [height / case.mesh.layers], grading)
    return np.unique(np.concatenate([low, above]))


def _bed(case: Case) -> Bed:
    assert isinstance(case.cell, ChipCell)
    return Bed(case.cell)

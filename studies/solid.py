"""A chip in three dimensions: its plan extruded from floor to lid.

Cells are finest at the outlines of the electrodes, seen from above, and next to floor and electrodes, seen
from the side, where layers grow as in a section.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.grading import Grading, graded_line
from thincell.geometry.planemesh import PlanMesh
from thincell.geometry.solid import SolidMesh, extrude
from thincell.geometry.tags import Tag
from thincell.studies.growth.box import box_levels
from thincell.studies.meshing import from_above, plan_grading
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell


def solid_mesh(case: Case) -> SolidMesh:
    """The mesh of a solid view."""
    cell = case.cell
    assert isinstance(cell, ChipCell)
    thickness = np.zeros(int(max(Tag)) + 1)
    for tag, value in _thicknesses(cell).items():
        thickness[tag] = value
    return extrude(_by_place(from_above(case)), solid_levels(case), cell.heights, thickness)


def solid_levels(case: Case) -> NDArray[np.float64]:
    """Heights [m] of the mesh's levels over the floor, where the lid is at the spacer's height."""
    cell = case.cell
    assert isinstance(cell, ChipCell)
    if case.deposit is not None:
        return box_levels(case)
    edge = plan_grading(case).edge
    tops = sorted({value for value in _thicknesses(cell).values() if value > 0})
    breaks = [0.0, *tops, cell.height]
    largest = [cell.height / case.mesh.layers] * (len(breaks) - 1)
    fine = [edge] * (len(breaks) - 1) + [np.inf]
    grading = Grading(edge, reach=cell.height, growth=case.mesh.growth, layers=case.mesh.layers)
    segments = graded_line(breaks, fine, largest, grading)
    return np.unique(np.concatenate(segments))


def count_levels(case: Case) -> int:
    """Levels of nodes of the case's order."""
    return case.mesh.order * (len(solid_levels(case)) - 1) + 1


def _thicknesses(cell: ChipCell) -> dict[Tag, float]:
    """Thickness [m] of each electrode."""
    return {Tag.WORKING: cell.working.thickness, Tag.COUNTER: cell.counter.thickness}


def _by_place(plan: PlanMesh) -> PlanMesh:
    """Points numbered by x: the diagonals of extruded prisms then rise with x, as `stacks` wants it."""
    order = np.lexsort((plan.points[:, 1], plan.points[:, 0]))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    points, lines = plan.points[order], number[plan.lines]
    return PlanMesh(points, number[plan.triangles], lines, plan.line_tags, plan.regions)

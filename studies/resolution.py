"""Whether the mesh of a case resolves its double layers, and what to do when it does not.

Only for `electrolyte.model` = "nernst-planck-poisson". The Debye length is that of the initial
composition, in a film of immobile ions that of the film; where salt runs out, the space charge is wider
and easier to resolve. Needs neither DOLFINx nor gmsh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.tags import Tag
from thincell.studies import meshing
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import CoinCell, MeshCell
from thincell.studies.schema.errors import InputError
from thincell.studies.wording import metres, number, volts

#: Unknowns that are refused: with the direct solver the factors take about 3 kB per unknown (measured
#: on chip sections: 2.1 kB at 7e4 unknowns, 2.7 kB at 5e5), that is 9 GB.
LIMIT = 3_000_000


@dataclass(frozen=True)
class Resolution:
    """How a mesh resolves the double layers of a case; lengths in metres.

    ``first_cell`` is the thickness of the first cell at the electrodes (of the thickest of them) and
    ``wanted`` the one that the case's [mesh] table asks for. ``refusal`` says why the case cannot be
    solved as it is, with the alternatives, and is empty otherwise; ``warnings`` are sentences.
    """

    debye_length: float
    first_cell: float
    wanted: float
    cells_per_debye_length: float
    unknowns: int
    refusal: str
    warnings: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The resolution in one sentence, for `check` and for failure reports."""
        return (
            f"double layers: the Debye length is {metres(self.debye_length)}, the first cell at the"
            f" electrodes {metres(self.first_cell)}, with {number(self.cells_per_debye_length)} cells"
            f" per Debye length there and {number(self.unknowns)} unknowns in all"
        )


def resolution(case: Case, plane: PlaneMesh | None = None) -> Resolution | None:
    """The resolution of a case's double layers; None when its model does not solve for them.

    ``plane`` is the mesh of a case that brings its own; without it that is read.
    """
    if not meshing.resolves_double_layers(case):
        return None
    debye = min(meshing.debye_length(case), meshing.film_debye_length(case))
    wanted = meshing.first_cell(case)
    if isinstance(case.cell, MeshCell):
        plane = plane or meshing.read_mesh(case.cell)
        unknowns = meshing.unknowns_on(plane, case)
        first = wall_cell(plane)
        cells = debye / first
    else:
        unknowns = meshing.count_unknowns(case) or 0
        first = meshing.grading(case, case.cell.section()).edge
        cells = stacked_cells(debye, first, case.mesh.double_layer_growth)
    refusal = _refusal(case, debye, first, unknowns)
    warnings = () if refusal else tuple(_warnings(case, debye, first, wanted))
    return Resolution(debye, first, wanted, cells, unknowns, refusal, warnings)


def require_resolved(case: Case, plane: PlaneMesh | None = None) -> Resolution | None:
    """The resolution of a case; InputError with the alternatives when it cannot be solved."""
    found = resolution(case, plane)
    if found is not None and found.refusal:
        raise InputError(found.refusal)
    return found


def exceeded(case: Case, potential: float) -> str:
    """A sentence when a diffuse layer carried more [V] than its mesh was made for; else empty.

    The cells stay finer than a Gouy-Chapman length as long as exp(z F (|phi| - phi_d)/2RT) f < 1.
    """
    cells = meshing.first_cell(case) / meshing.first_cell(case, potential=abs(potential))
    if cells * case.mesh.double_layer_edge <= 1:
        return ""
    return (
        f"the diffuse double layer reached {volts(abs(potential))}, and the mesh is made for"
        f" {volts(case.mesh.diffuse_potential)}: its charge may be wrong by 1e-3 and more; set"
        " mesh.diffuse_potential"
    )


def stacked_cells(thickness: float, first: float, growth: float) -> float:
    """Cells of a geometric stack within a thickness: ln(1 + (growth - 1) thickness/first)/ln growth."""
    return math.log1p((growth - 1) * thickness / first) / math.log(growth)


def wall_cell(plane: PlaneMesh) -> float:
    """Height [m] of the thickest triangle that stands on an electrode.

    The height above its side on the electrode is twice the area over that side's length.
    """
    chosen = np.isin(plane.line_tags, [int(Tag.WORKING), int(Tag.COUNTER)])
    wanted = {tuple(sorted(line)) for line in plane.lines[chosen].tolist()}
    a, b, c = (plane.points[plane.triangles[:, k]] for k in range(3))
    doubled = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    thickest = 0.0
    for start, end in ((0, 1), (1, 2), (2, 0)):
        sides = np.sort(plane.triangles[:, [start, end]], axis=1)
        on = np.array([side in wanted for side in map(tuple, sides.tolist())], dtype=bool)
        ends = plane.points[sides[on]]
        lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
        if on.any():
            thickest = max(thickest, float((doubled[on] / lengths).max()))
    return thickest


def _alternatives(case: Case) -> str:
    text = (
        'take electrolyte.model = "electroneutral" with a [double_layer] table (the'
        " Gouy-Chapman-Stern closure at the electrodes differs from the resolved layers by the order"
        " of the Debye length over the height)"
    )
    if isinstance(case.cell, CoinCell):
        return text + (
            ", or make the cell one-dimensional: discs and separator of one diameter, and"
            " mesh.columns = 1"
        )
    return text + (
        ', or resolve the layers in a one-dimensional cut: cell.type = "coin" with'
        " separator_thickness = the distance of the electrodes, porosity = 1, discs and separator of"
        " one diameter, and mesh.columns = 1"
    )


def _refusal(case: Case, debye: float, first: float, unknowns: int) -> str:
    if first > debye:
        where = f"the first cell at the electrodes is {metres(first)} thick"
        more = f"lower mesh.double_layer_edge (now {number(case.mesh.double_layer_edge)}), or "
        if isinstance(case.cell, MeshCell):
            where = f"{case.cell.file.name!r} has cells of {metres(first)} at the electrodes"
            best = metres(meshing.first_cell(case))
            more = f"refine it there to {best}, or "
        return (
            f"mesh: the double layers cannot be resolved: {where}, more than the Debye length of"
            f" {metres(debye)}; {more}{_alternatives(case)}"
        )
    if unknowns > LIMIT:
        return (
            f"mesh: double layers of {metres(debye)} need {number(unknowns)} unknowns in this view,"
            f" and the direct solver takes {number(LIMIT)} at most; coarsen [mesh]"
            f" (double_layer_growth, growth, columns, layers), or {_alternatives(case)}"
        )
    return ""


def _warnings(case: Case, debye: float, first: float, wanted: float) -> list[str]:
    found = []
    if isinstance(case.cell, MeshCell) and first > 2 * wanted:
        found.append(
            f"the cells at the electrodes are up to {metres(first)} thick; a diffuse layer of"
            f" {number(1e3 * case.mesh.diffuse_potential)} mV wants {metres(wanted)}"
        )
    cell = case.cell
    height = cell.separator_thickness if isinstance(cell, CoinCell) else cell.height
    if debye > 0.5 * height:
        found.append(
            f"the Debye length of {metres(debye)} is not small against the distance of"
            f" {metres(height)} between the walls: there is no neutral liquid between the layers"
        )
    return found

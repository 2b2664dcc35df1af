"""Liquid under a curved lid: resistance by lubrication theory, area, tags, books, and ranks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dolfinx_solver  # noqa: F401

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import LinearProblem
from parallel import runs

from thincell.geometry.bulge import Bulge
from thincell.geometry.columns import column_mesh, count_nodes
from thincell.geometry.distribute import layout
from thincell.geometry.grading import Grading
from thincell.geometry.membrane import Membrane
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.section import Electrode, Section
from thincell.geometry.tags import Tag

WINDOW = Membrane(1e-3, 1.0, 0.23, 0.0, 2.0)

CASE = """
[cell]
type = "chip"
height = "500 nm"
working = { width = "10 um", thickness = "50 nm" }
counter = { thickness = "50 nm" }
margin = "10 um"
bulge = { width = "50 um", length = "100 um", centre = "5 um" }
[electrolyte]
name = "LiPF6-EC-DMC"
concentration = "1 mol/L"
[reactions.plating]
name = "Li/Li+"
[[protocol]]
plate = "30 mA/cm^2"
for = "0.1 s"
[mesh]
edge = 0.2
layers = 2
columns = 4
[solver]
tolerance = 1e-3
[output]
figures = false
fields = false
"""


def section(size: float) -> Section:
    """A piece of a window, its ends the electrodes: heights from 1 to 3 times ``size``, length 1.3."""
    lid = Bulge(size, 0.0, WINDOW, 1.5 * size, 0.5 * size)
    return Section(size, -0.9, 0.4, (), left=Tag.WORKING, right=Tag.COUNTER, lid=lid)


def area(plane: PlaneMesh) -> float:
    a, b, c = (plane.points[plane.triangles[:, k]] for k in range(3))
    return float(np.sum(np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])) / 2)


def resistance(cut: Section) -> float:
    """1/integral of |grad u|^2, u = 0 and 1 on the ends; elements of second order."""
    plane = column_mesh(cut, Grading(edge=0.1, reach=1.0, columns=240, layers=4))
    made = layout(MPI.COMM_SELF, plane, 1.0)
    domain, facets = made.domain, made.facets
    space = fem.functionspace(domain, ("Lagrange", 2))
    ends = [
        fem.dirichletbc(value, fem.locate_dofs_topological(space, 1, facets.find(int(tag))), space)
        for value, tag in ((0.0, Tag.WORKING), (1.0, Tag.COUNTER))
    ]
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    form = ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx
    zero = fem.Constant(domain, 0.0) * v * ufl.dx
    options = {"ksp_type": "preonly", "pc_type": "lu"}
    problem = LinearProblem(form, zero, bcs=ends, petsc_options=options, petsc_options_prefix="bulge_")
    found = problem.solve()
    return 1 / float(fem.assemble_scalar(fem.form(ufl.inner(ufl.grad(found), ufl.grad(found)) * ufl.dx)))


def test_resistance_is_that_of_lubrication_theory() -> None:
    """Integral of dx/h, with an error of the second order in height over length."""
    sizes = [0.05, 0.025, 0.0125]  # above, the next order is seen
    cuts = [section(size) for size in sizes]
    errors = [resistance(cut) / cut.path(cut.start, cut.end) - 1 for cut in cuts]
    order = np.polyfit(np.log(sizes), np.log(np.abs(errors)), 1)[0]
    assert order == pytest.approx(2.0, abs=0.15)
    assert abs(errors[-1]) < 0.01


def test_area_misses_the_chords_only() -> None:
    counts, cut = [40, 80, 160], section(0.1)
    exact = cut.mean_height(cut.start, cut.end) * (cut.end - cut.start)
    parabola = 0.1 * (3 * 1.3 - 2 * (0.4**3 + 0.9**3) / 3)
    assert exact == pytest.approx(parabola, rel=1e-12)
    meshes = [column_mesh(cut, Grading(edge=0.1, reach=1.0, columns=n)) for n in counts]
    errors = [1 - area(plane) / exact for plane in meshes]
    assert -np.polyfit(np.log(counts), np.log(errors), 1)[0] == pytest.approx(2.0, abs=0.05)
    # chord over columns of width d: w0 d^2/(6 a^2) of height is missing, w0 = 0.2, a = 1
    assert errors[-1] == pytest.approx(0.2 * (1.3 / 160) ** 2 / 6 * 1.3 / exact, rel=0.01)


def test_electrodes_keep_thickness_tags_and_grading() -> None:
    strips = (
        Electrode(Tag.WORKING, -0.5, 0.0, thickness=0.02),
        Electrode(Tag.COUNTER, 0.6, 1.4, thickness=0.01),
    )
    lid = Bulge(0.1, 0.0, WINDOW, 0.2, 0.2)
    cut, flat = (Section(0.1, -2.0, 2.0, strips, lid=given) for given in (lid, None))
    grading = Grading(edge=0.005, reach=0.1)
    plane = column_mesh(cut, grading)
    assert len(plane.points) == count_nodes(cut, grading, 1) > count_nodes(flat, grading, 1)
    for strip in strips:
        ends = plane.points[plane.lines[plane.line_tags == strip.tag]]
        lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
        assert lengths.sum() == pytest.approx(strip.width + 2 * strip.thickness, rel=1e-9)
        assert ends[..., 1].max() == pytest.approx(strip.thickness, rel=1e-9)
    x, z = plane.points.T
    for place in np.unique(np.round(x, 9)):
        column = np.sort(z[np.abs(x - place) < 1e-8])
        assert column[-1] == pytest.approx(float(lid.height(place)), rel=1e-6)
        assert column[1] - column[0] < 1.01 * grading.edge * grading.growth or column[0] > 0
    with pytest.raises(ValueError, match="comes down"):
        column_mesh(Section(0.1, -2.0, 2.0, strips, lid=Bulge(0.1, 0.0, WINDOW, -0.085)), grading)


def run(folder: Path, ranks: int) -> dict[str, Any]:
    (folder / "case.toml").write_text(CASE)
    done = runs.finish(folder / "case.toml", folder / str(ranks), ranks)
    assert done.returncode == 0, done.stdout + done.stderr
    return runs.summary(folder / str(ranks))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The summary of a run on one rank."""
    return run(tmp_path_factory.mktemp("bulge"), 1)


def test_books(alone: dict[str, Any]) -> None:
    assert alone["Largest charge imbalance"] < 1e-9
    assert alone["Largest ion imbalance"] < 1e-9


def test_two_ranks_agree(alone: dict[str, Any], tmp_path: Path) -> None:
    runs.same(alone, run(tmp_path, 2))

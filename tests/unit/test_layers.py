"""Boundary layers of meshes: first cells, growth, counts, charge of a double layer, and what is told."""

from __future__ import annotations

import hashlib
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from thincell.geometry.columns import column_lines, column_mesh
from thincell.geometry.grading import BoundaryLayer, Grading, graded_line
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.section import Electrode, Section
from thincell.geometry.tags import Tag
from thincell.studies import meshing
from thincell.studies.case import Case, InputError
from thincell.studies.check import check
from thincell.studies.resolution import (
    LIMIT,
    exceeded,
    require_resolved,
    resolution,
    stacked_cells,
    wall_cell,
)

RESOLVED = "nernst-planck-poisson"


def case(cell: dict[str, Any], model: str = RESOLVED, mesh: Any = None, **electrolyte: Any) -> Case:
    """A lithium salt in a cell."""
    liquid = {"name": "LiPF6-PC", "concentration": "1 mol/L", "model": model}
    return Case.parse(
        {
            "cell": cell,
            "electrolyte": liquid | electrolyte,
            "reactions": {"plating": {"name": "Li"}},
            "protocol": [{"plate": "1 mA/cm^2", "for": "1 s"}],
            "mesh": mesh or {},
        }
    )


def chip(name: str = "generic-coplanar", height: float = 500) -> dict[str, Any]:
    return {"type": "chip", "chip": name, "height": f"{height} nm"}


def column(distance: str = "1 um") -> dict[str, Any]:
    """A one-dimensional cell."""
    discs = {f"{part}_diameter": "1 cm" for part in ("working", "counter", "separator")}
    return {"type": "coin", "separator_thickness": distance, "porosity": 1, **discs}


def lines(made: Case) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    assert not isinstance(made.cell, meshing.MeshCell)
    section = made.cell.section()
    return column_lines(section, meshing.grading(made, section))


def areas(plane: PlaneMesh) -> NDArray[np.float64]:
    a, b, c = (plane.points[plane.triangles[:, k]] for k in range(3))
    return np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2


# -- the rule -----------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    first=st.floats(1e-5, 1e-2),
    last=st.one_of(st.just(math.inf), st.floats(1e-5, 1e-2)),
    growth=st.floats(1.1, 2.0),
    depth=st.floats(1e-3, 0.5),
)
def test_stacks(first: float, last: float, growth: float, depth: float) -> None:
    """First cells are exact, neighbours do not differ by more than the growth, the sum fits."""
    grading = Grading(edge=first, reach=1.0, boundary=BoundaryLayer(growth, depth))
    nodes = graded_line([0.0, 1.0], [first, last], [0.25], grading)[0]
    cells = np.diff(nodes)
    assert nodes[0] == 0
    assert nodes[-1] == 1
    assert cells[0] == pytest.approx(first, rel=1e-9)
    if math.isfinite(last):
        assert cells[-1] == pytest.approx(last, rel=1e-9)
    ratio = cells[1:] / cells[:-1]
    bound = max(growth, math.exp(grading.growth - 1)) * 1.01
    assert ratio.max() < bound
    assert ratio.min() > 0.5 / bound if math.isinf(last) else ratio.min() > 1 / (2 * bound)
    assert cells.max() <= 0.25 * (1 + 1e-9)


def test_count_of_a_stack_follows_its_rule() -> None:
    """ln(1 + (growth - 1) depth/first)/ln growth cells, rounded up, in a stack."""
    for growth, first, depth in ((1.2, 1e-3, 0.1), (1.3, 1e-5, 0.05), (1.5, 1e-4, 0.3)):
        stack = BoundaryLayer(growth, depth).stack(first, 1.0, 1.0)
        assert len(stack) - 1 == math.ceil(stacked_cells(depth, first, growth) - 1e-9)
        ratio = np.diff(stack)[1:] / np.diff(stack)[:-1]
        assert ratio == pytest.approx(growth, rel=1e-9)


def test_without_room_there_is_no_stack() -> None:
    grading = Grading(edge=0.4, reach=1.0, boundary=BoundaryLayer(1.3, 2.0))
    nodes = graded_line([0.0, 1.0], [0.4, 0.4], [1.0], grading)[0]
    assert np.diff(nodes) == pytest.approx([0.5, 0.5])


# -- meshes of cases ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["generic-coplanar", "leenheer-2015"])
def test_first_cells_along_both_axes(name: str) -> None:
    """f lambda_D exp(-F phi_d/2RT) on every surface, and on both sides of every edge."""
    made = case(chip(name), mesh={"double_layer_edge": 0.25, "diffuse_potential": "150 mV"})
    assert not isinstance(made.cell, meshing.MeshCell)
    section = made.cell.section()
    thermal = 8.31446261815324 * made.electrolyte.temperature / 96485.33212331001
    wanted = 0.25 * meshing.debye_length(made) * math.exp(-0.150 / thermal / 2)
    assert meshing.first_cell(made) == pytest.approx(wanted, rel=1e-9)
    columns, layers = lines(made)
    ends = {x for e in section.electrodes for x in (e.start, e.end)}
    for segment in columns:
        for end, cell in ((0, segment[1] - segment[0]), (-1, segment[-1] - segment[-2])):
            if any(abs(segment[end] - x) < 1e-12 for x in ends):
                assert cell == pytest.approx(wanted, rel=1e-6)
    top = section.electrodes[0].thickness
    for segment in layers:
        if segment[-1] == top:
            assert segment[-1] - segment[-2] == pytest.approx(wanted, rel=1e-6)
        if segment[0] == top:
            assert segment[1] - segment[0] == pytest.approx(wanted, rel=1e-6)
    assert layers[-1][-1] - layers[-1][-2] > 100 * wanted  # no layers on the lid, an insulator


def test_divalent_ions_want_thinner_cells() -> None:
    """A 2:2 salt feels twice the potential: exp(-2 F phi_d/2RT)."""
    table = {
        "cell": chip("sasaki-2021"),
        "electrolyte": {"name": "ZnSO4-aq", "model": RESOLVED},
        "reactions": {"plating": {"name": "Zn"}},
        "protocol": [{"plate": "1 mA/cm^2", "for": "1 s"}],
    }
    made = Case.parse(table)
    thermal = 8.31446261815324 * made.electrolyte.temperature / 96485.33212331001
    wanted = 0.5 * meshing.debye_length(made) * math.exp(-2 * 0.1 / thermal / 2)
    assert meshing.first_cell(made) == pytest.approx(wanted, rel=1e-9)
    assert (meshing.count_unknowns(made) or 0) < 2e5


@pytest.mark.parametrize(
    ("name", "height", "concentration", "unknowns"),
    [
        ("generic-coplanar", 150, 0.01, 48285),
        ("generic-coplanar", 150, 0.1, 57195),
        ("generic-coplanar", 150, 1.0, 67095),
        ("generic-coplanar", 500, 0.01, 53505),
        ("generic-coplanar", 500, 0.1, 62775),
        ("generic-coplanar", 500, 1.0, 73059),
        ("leenheer-2015", 150, 1.0, 94551),
        ("leenheer-2015", 500, 1.0, 103497),
    ],
)
def test_library_chips_are_affordable(
    name: str, height: float, concentration: float, unknowns: int
) -> None:
    """Unknowns of three fields for Debye lengths from 2.8 nm down to 0.28 nm, flush and raised."""
    made = case(chip(name, height), concentration=f"{concentration} mol/L")
    assert meshing.count_unknowns(made) == pytest.approx(unknowns, rel=0.02)
    plane = meshing.make_mesh(made)
    assert meshing.unknowns_on(plane, made) == meshing.count_unknowns(made)


def test_raised_electrodes_are_left_out() -> None:
    """The mesh of a chip with raised electrodes covers the liquid, no more and no less."""
    made = case(chip("leenheer-2015"))
    assert not isinstance(made.cell, meshing.MeshCell)
    section, plane = made.cell.section(), meshing.make_mesh(made)
    metal = sum(e.width * e.thickness for e in section.electrodes)
    liquid = section.height * (section.end - section.start) - metal
    assert areas(plane).sum() == pytest.approx(liquid, rel=1e-12)
    length = dict.fromkeys((Tag.WORKING, Tag.COUNTER), 0.0)
    for tag in length:
        ends = plane.points[plane.lines[plane.line_tags == int(tag)]]
        length[tag] = float(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum())
        electrode = section.electrode(tag)
        assert length[tag] == pytest.approx(electrode.width + 2 * electrode.thickness, rel=1e-12)


@pytest.mark.parametrize("aspect", [1e5, 1e9])
def test_thin_cells_keep_their_area(aspect: float) -> None:
    """No triangle of zero area, and none left out, beside a cell that is 1e5 and 1e9 times as long."""
    section = Section(1e-6, 0.0, aspect * 1e-11, (Electrode(Tag.WORKING, 0.0, aspect * 1e-11),))
    grading = Grading(edge=1e-11, reach=1e-6, columns=1, boundary=BoundaryLayer(1.3, 1e-9))
    plane = column_mesh(section, grading)
    columns, layers = column_lines(section, grading)
    nodes = math.prod(sum(len(a) - 1 for a in axis) + 1 for axis in (columns, layers))
    assert len(plane.points) == nodes
    assert areas(plane).min() == pytest.approx(1e-11 * aspect * 1e-11 / 2, rel=1e-4)
    assert areas(plane).sum() == pytest.approx(1e-6 * aspect * 1e-11, rel=1e-12)


def test_column_has_layers_at_both_electrodes() -> None:
    made = case(column(), mesh={"columns": 1})
    columns, layers = lines(made)
    assert [len(c) for c in columns] == [2]
    cells = np.diff(layers[0])
    assert cells[0] == pytest.approx(meshing.first_cell(made), rel=1e-9)
    assert cells[-1] == pytest.approx(meshing.first_cell(made), rel=1e-6)
    plane = meshing.make_mesh(made)
    assert meshing.unknowns_on(plane, made) == meshing.count_unknowns(made)
    assert wall_cell(plane) == pytest.approx(meshing.first_cell(made), rel=1e-6)


def test_a_film_gets_layers_at_its_edge() -> None:
    film = {"charge": 1, "concentration": "1 mol/L", "thickness": "20 nm"}
    made = case(chip(height=150), concentration="10 mmol/L", fixed_charge=film)
    dense = meshing.film_debye_length(made)
    assert dense == pytest.approx(meshing.debye_length(made) * (1 + 50**2) ** -0.25, rel=1e-9)
    heights = lines(made)[1]
    assert heights[0][-1] == pytest.approx(20e-9, rel=1e-12)
    for cell in (heights[0][-1] - heights[0][-2], heights[1][1] - heights[1][0]):
        assert cell == pytest.approx(0.5 * dense, rel=1e-6)


def test_levels_join_surfaces_and_walls() -> None:
    """A level on a surface refines that; one beyond the liquid is an error."""
    section = Section(1.0, -1.0, 2.0, (Electrode(Tag.WORKING, -1.0, 0.0, thickness=0.1),))
    layer = BoundaryLayer(1.3, 0.05)
    levels = ((0.1 + 1e-12, 1e-4), (1.0, 1e-3))
    heights = column_lines(section, Grading(1e-3, 1.0, boundary=layer, levels=levels))[1]
    assert len(heights) == 2
    assert heights[1][1] - heights[1][0] == pytest.approx(1e-4, rel=1e-9)
    assert heights[1][-1] - heights[1][-2] == pytest.approx(1e-3, rel=1e-9)
    with pytest.raises(ValueError, match="outside"):
        column_lines(section, Grading(1e-3, 1.0, boundary=layer, levels=((1.1, 1e-3),)))


UNCHANGED = {
    ("generic-coplanar", 150): "84a0125bded6509e",
    ("generic-coplanar", 500): "a9ee7abce3880ed3",
    ("leenheer-2015", 500): "c0a18ecc736bc260",
    ("sasaki-2021", 150): "82c265bd6f13e4af",
}


@pytest.mark.parametrize("model", ["electroneutral", "ohmic"])
@pytest.mark.parametrize(("name", "height"), UNCHANGED)
def test_other_models_keep_their_meshes(name: str, height: float, model: str) -> None:
    """The keys of double layers do not count for models that have none."""
    keys = {"double_layer_edge": 0.1, "double_layer_growth": 1.1, "diffuse_potential": "200 mV"}
    plain, keyed = (meshing.make_mesh(case(chip(name, height), model, mesh=m)) for m in ({}, keys))
    assert np.array_equal(plain.points, keyed.points)
    assert np.array_equal(plain.triangles, keyed.triangles)
    assert resolution(case(chip(name, height), model)) is None
    digest = hashlib.sha256(np.round(plain.points * 1e15).astype(np.int64).tobytes())
    digest.update(plain.triangles.tobytes())
    assert digest.hexdigest()[:16] == UNCHANGED[name, height]


# -- the charge of a double layer ---------------------------------------------------------------------


def surface_charge(nodes: NDArray[np.float64], zeta: float) -> float:
    """Consistent surface charge of phi'' = sinh phi with phi(0) = zeta, second-order elements.

    The residual's own term at the wall; lengths in Debye lengths, 2 sinh(zeta/2) is exact.
    """
    points, weights = np.polynomial.legendre.leggauss(4)
    t, weights = (points + 1) / 2, weights / 2
    shape = np.array([(1 - t) * (1 - 2 * t), 4 * t * (1 - t), t * (2 * t - 1)]).T
    slope = np.array([4 * t - 3, 4 - 8 * t, 4 * t - 1]).T
    h = np.diff(nodes)
    dofs = np.array([[2 * k, 2 * k + 1, 2 * k + 2] for k in range(len(h))])
    x = np.interp(np.arange(2 * len(h) + 1) / 2, np.arange(len(nodes)), nodes)
    phi = 4 * np.arctanh(np.tanh(zeta / 4) * np.exp(-x))
    for _ in range(20):
        value, gradient = phi[dofs] @ shape.T, (phi[dofs] @ slope.T) / h[:, None]
        residual = np.zeros(len(phi))
        local = (gradient * weights) @ slope + (np.sinh(value) * weights * h[:, None]) @ shape
        np.add.at(residual, dofs, local)
        stiff = np.einsum("qi,qj,q->ij", slope, slope, weights) / h[:, None, None]
        mass = np.einsum("eq,qi,qj,q,e->eij", np.cosh(value), shape, shape, weights, h)
        rows, columns = np.repeat(dofs, 3, axis=1).ravel(), np.tile(dofs, (1, 3)).ravel()
        matrix = coo_matrix(((stiff + mass).ravel(), (rows, columns))).tocsc()
        change = spsolve(matrix[1:, 1:], -residual[1:])
        phi[1:] += change
        if np.abs(change).max() < 1e-12:
            break
    return float(residual[0])


def charge_error(zeta: float, resolved: float | None = None, **mesh: Any) -> float:
    """Relative error of the charge on the mesh of a column of 1000 Debye lengths."""
    volts = (zeta if resolved is None else resolved) * 8.31446261815324 * 298.15 / 96485.33212331001
    keys = {"columns": 1, "diffuse_potential": f"{volts!r} V", **mesh}
    made = case(column("0.3 um"), mesh=keys, temperature="298.15 K")
    nodes = lines(made)[1][0] / meshing.debye_length(made)
    half = nodes[nodes <= nodes[-1] / 2 * (1 + 1e-9)]
    return abs(surface_charge(half, zeta) / (2 * math.sinh(zeta / 2)) - 1)


@pytest.mark.parametrize("zeta", [1.0, 4.0, 8.0])
def test_gouy_chapman_charge_with_the_default_grading(zeta: float) -> None:
    """Error below 1e-4 where the diffuse potential is the one that the mesh is made for."""
    assert charge_error(zeta) < 6e-5


def test_gouy_chapman_charge_within_the_default_potential() -> None:
    """The default mesh (100 mV = 3.9 RT/F) serves every smaller potential."""
    assert max(charge_error(zeta, 3.89) for zeta in (0.1, 1.0, 2.0, 3.0, 3.89)) < 6e-5


def test_charge_converges_with_the_first_cell() -> None:
    """With all cells halved (f, and the logarithm of the growth) the error falls with order 4."""
    sizes = np.array([1.0, 0.5, 0.25])
    for zeta in (1.0, 4.0, 8.0):
        errors = [
            charge_error(zeta, double_layer_edge=f, double_layer_growth=1.3**f, growth=1.6**f)
            for f in sizes
        ]
        assert np.polyfit(np.log(sizes), np.log(errors), 1)[0] > 3.6


# -- what is told -------------------------------------------------------------------------------------


def test_check_tells_the_resolution() -> None:
    made = case(chip())
    found = check(made)
    told = found.resolution
    assert told is not None
    assert found.unknowns == told.unknowns == meshing.count_unknowns(made)
    assert told.debye_length == pytest.approx(0.277e-9, rel=0.01)
    assert told.refusal == ""
    assert told.warnings == ()
    assert told.cells_per_debye_length == pytest.approx(6.28, abs=0.01)
    for text in ("0.277 nm", "0.0198 nm", "6.28 cells", "73059 unknowns"):
        assert text in told.sentence
    assert found.seconds is not None
    assert require_resolved(made) == told


def test_an_exceeded_potential_is_told() -> None:
    """With f = 0.5 cells are finer than the Gouy-Chapman length up to 2 ln 2 RT/F (36 mV) more."""
    made = case(chip())
    assert exceeded(made, -0.130) == ""
    assert "150 mV" in exceeded(made, -0.150)


def test_fields_are_counted() -> None:
    assert meshing.fields(case(chip(), "ohmic")) == 1
    assert meshing.fields(case(chip(), "electroneutral")) == 2
    assert meshing.fields(case(chip())) == 3


def test_cells_coarser_than_the_debye_length_are_refused() -> None:
    made = case(chip(), mesh={"double_layer_edge": 9, "diffuse_potential": "0 mV"})
    with pytest.raises(InputError, match=r"electroneutral.*double_layer.*one-dimensional cut"):
        require_resolved(made)


def test_too_many_unknowns_are_refused() -> None:
    made = case(chip(), mesh={"columns": 200, "layers": 600})
    told = resolution(made)
    assert told is not None
    assert told.unknowns > LIMIT
    with pytest.raises(InputError, match="unknowns in this view"):
        require_resolved(made)


@pytest.mark.parametrize(("edge", "refused"), [(10e-9, True), (0.02e-9, False)])
def test_own_mesh(tmp_path: Path, edge: float, refused: bool) -> None:
    """A mesh of one's own is measured at the electrodes."""
    electrodes = (Electrode(Tag.WORKING, -1e-6, 0.0), Electrode(Tag.COUNTER, 1e-6, 2e-6))
    section = Section(5e-7, -2e-6, 3e-6, electrodes)
    grading = Grading(edge=edge, reach=5e-7, boundary=BoundaryLayer(1.3, 1e-9))
    file = tmp_path / "own.msh"
    meshing.write_mesh(column_mesh(section, grading), file)
    cell = {
        "type": "mesh", "file": str(file), "unit": "1 m", "height": "500 nm", "length": "1 um",
        "names": {"working": "working", "counter": "counter"},
    }  # fmt: skip
    told = resolution(case(cell))
    assert told is not None
    assert told.first_cell == pytest.approx(edge, rel=1e-4)
    assert bool(told.refusal) is refused
    if refused:
        assert "own.msh" in told.refusal
        assert "10 nm" in told.refusal


def test_growth_between_neighbours_in_a_whole_mesh() -> None:
    """Along each axis of a chip neighbouring cells differ by the growth of [mesh] at most."""
    for axis in lines(case(chip("leenheer-2015"))):
        cells = np.concatenate([np.diff(segment) for segment in axis])
        ratios = [max(a / b, b / a) for a, b in pairwise(cells)]
        assert max(ratios) < math.exp(0.6) * 1.05

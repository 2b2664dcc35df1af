"""From a case to a mesh: the grading rule, gmsh on rank 0, files of one's own, export.

Where the double layers are solved for (`electrolyte.model` = "nernst-planck-poisson"), the first cell
at every electrode, along z and along x, is a share f of the Gouy-Chapman length,

    f lambda_D exp(-z F |phi_d| / 2RT),

with the largest potential phi_d of a diffuse layer that is to be resolved and the highest charge number
z of an ion. Stacks of such cells grow over four Debye lengths and go over into the geometric grading of
`Grading.growth`. With elements of second order the relative error of the charge against the exact
2 sinh(zeta/2), the largest at zeta = 1, 4 and 8 RT/F, depends on f and the stack's growth alone:

| f | growth 1.2 | growth 1.3 | growth 1.4 | growth 1.5 |
|---|---|---|---|---|
| 1 | 2.4e-4 | 2.8e-4 | 3.3e-4 | 4.0e-4 |
| 0.5 | 2.9e-5 | 4.6e-5 | 7.1e-5 | 1.1e-4 |
| 0.25 | 6.1e-6 | 1.5e-5 | 3.0e-5 | 5.3e-5 |

A mesh made for 100 mV (3.9 RT/F) is wrong by 1.1e-4, 5e-4 and 9e-3 at 5, 6 and 8 RT/F. At given
voltages the current of a one-dimensional cell (lambda_D/L from 1e-2 to 1e-4, against meshes several
times as fine) is right to 3e-6 up to the limiting current with the default grading, and to 6e-4
above it (to 40 RT/F, lambda_D/L = 1e-3 and 1e-4): there the space charge reaches beyond the stacks,
and `growth` = 1.3 makes it 5e-5. At lambda_D/L = 1e-2 it is 3e-3, and 9e-6 with `layers` = 16.
Insulating walls carry no charge and get no such cells; the edge of a film with immobile ions does.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from thincell.geometry.columns import boundary_lines, column_mesh, count_nodes
from thincell.geometry.distribute import Mesh
from thincell.geometry.grading import BoundaryLayer, Grading
from thincell.geometry.plan import Plan, plan_mesh
from thincell.geometry.planemesh import PlaneMesh, PlanMesh
from thincell.geometry.plansize import PlanGrading, estimate_nodes
from thincell.geometry.section import Section
from thincell.geometry.tags import ELECTROLYTE, ELECTROLYTE_GROUP, Tag
from thincell.model.constants import thermal_voltage
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell, MeshCell
from thincell.studies.schema.errors import InputError

#: Thickness of the stack of cells on an electrode, in Debye lengths: the potential has fallen to 2 %,
#: and thicker stacks do not lower the error of the charge.
DEPTH = 4.0


def resolves_double_layers(case: Case) -> bool:
    """Whether the case's model solves for the space charge."""
    return str(case.electrolyte.model) == "nernst-planck-poisson"


def debye_length(case: Case) -> float:
    """lambda_D [m] at the initial composition."""
    table = case.electrolyte
    return table.solution().debye_length() if table.ionic else table.build().debye_length()


def film_debye_length(case: Case) -> float:
    """lambda_D [m] among immobile ions, in Donnan equilibrium with the solution; inf without them.

    Immobile ions of the charge density F rho draw counter-ions: S = sum z_i^2 c_i of a solution of
    univalent ions becomes sqrt(S^2 + rho^2), hence lambda_film = lambda_D (1 + (rho/S)^2)^(-1/4).
    """
    solution = case.electrolyte.solution() if case.electrolyte.ionic else None
    if solution is None or solution.fixed is None:
        return math.inf
    strength = sum(s.charge**2 * s.concentration for s in solution.species)
    ratio = float(solution.fixed.density) / strength
    return float(solution.debye_length() * (1 + ratio**2) ** -0.25)


def fields(case: Case) -> int:
    """Unknown fields of a case: the potential, each species that is followed, a deposit's metal."""
    metal = 0 if case.deposit is None else 1
    if case.electrolyte.ionic:
        return len(case.electrolyte.solution().species) + 1 + metal
    return (2 if case.electrolyte.model == "electroneutral" else 1) + metal


def levels(case: Case) -> tuple[tuple[float, float], ...]:
    """Further heights z [m] with the cell size [m] wanted there: the edge of a film of fixed charge."""
    if not resolves_double_layers(case) or isinstance(case.cell, MeshCell):
        return ()
    fixed = case.electrolyte.solution().fixed
    if fixed is None or not fixed.thickness < case.cell.section().height:
        return ()
    return ((fixed.thickness, case.mesh.double_layer_edge * film_debye_length(case)),)


def first_cell(case: Case, potential: float | None = None) -> float:
    """Thickness [m] of the first cell on an electrode: f lambda_D exp(-z F |phi_d|/2RT).

    ``potential`` phi_d [V] is that of the [mesh] table unless given. Among immobile ions the cell is
    no thicker than f times the Debye length there.
    """
    potential = case.mesh.diffuse_potential if potential is None else abs(potential)
    table = case.electrolyte
    charge = max(abs(z) for z in (table.solution().charges if table.ionic else (1,)))
    half = charge * potential / thermal_voltage(table.temperature) / 2
    length = min(debye_length(case) * math.exp(-half), film_debye_length(case))
    return case.mesh.double_layer_edge * length


def grading(case: Case, section: Section) -> Grading:
    """The case's [mesh] table in metres."""
    table = case.mesh
    plain = Grading(
        edge=table.edge * section.height,
        reach=table.reach * section.height,
        growth=table.growth,
        columns=table.columns,
        layers=table.layers,
    )
    if not resolves_double_layers(case):
        return plain
    return replace(
        plain,
        edge=min(plain.edge, first_cell(case)),
        boundary=BoundaryLayer(table.double_layer_growth, DEPTH * debye_length(case)),
        levels=levels(case),
    )


def make_mesh(case: Case) -> Mesh:
    """The mesh of a case in metres. Call on one rank only."""
    if isinstance(case.cell, ChipCell) and case.cell.view == "solid":
        from thincell.studies.solid import solid_mesh

        return solid_mesh(case)
    if case.deposit is not None and not isinstance(case.cell, MeshCell):
        from thincell.studies.growth.following import Follower
        from thincell.studies.growth.ground import plane_ground

        return Follower(case.deposit, plane_ground(case), coarse_mesh(case)).first()
    return coarse_mesh(case)


#: Least cell at an outline by view, in heights (an averaged layer shows nothing finer), and the largest in
#: the window.
OUTLINE, IN_WINDOW = {"plan": 0.25, "solid": 0.125}, 2.0


def plan_grading(case: Case) -> PlanGrading:
    """The case's [mesh] table seen from above; `edge` counts from OUTLINE up."""
    cell, table = case.cell, case.mesh
    assert isinstance(cell, ChipCell)
    if case.deposit is not None and cell.view == "solid":
        from thincell.studies.growth.box import box_grading

        return box_grading(case)
    edge = max(table.edge, OUTLINE[cell.view])
    x0, y0, x1, y1 = cell.plan().liquid.bounds
    largest = max(x1 - x0, y1 - y0) / table.columns
    growth = min(table.growth, 1.6)
    window = None if cell.window is None else cell.window.build()
    inside = IN_WINDOW * cell.height if window else math.inf
    coarse = (growth - 1) / 4 if window else 0.0
    return PlanGrading(min(edge * cell.height, largest), largest, growth, window, inside, coarse)


def from_above(case: Case) -> PlanMesh:
    """The mesh of a plan, before it is refined at the front of a deposit."""
    made = plan_mesh(_plan(case), plan_grading(case))
    m = made.mesh
    return PlanMesh(m.points, m.triangles, m.lines, m.line_tags, made.regions)


def _plan(case: Case) -> Plan:
    """A chip from above; in a plan an electrode that carries a deposit is a wall from floor to lid."""
    assert isinstance(case.cell, ChipCell)
    walled = case.deposit is not None and case.cell.view == "plan"
    return case.cell.plan((Tag.WORKING,) if walled else ())


def coarse_mesh(case: Case) -> PlaneMesh:
    """The mesh of a case before it is refined at the front of a deposit."""
    if isinstance(case.cell, MeshCell):
        return read_mesh(case.cell)
    if isinstance(case.cell, ChipCell) and case.cell.view == "plan":
        return from_above(case)
    section = case.cell.section()
    graded = grading(case, section)
    return column_mesh(section, graded if case.deposit is None else _stout(graded, section))


def _stout(graded: Grading, section: Section) -> Grading:
    """A grading for bisection, which makes no cell larger: none below an eighth of the height.

    Nor many slender ones: columns on the working electrode are at most as wide as the layers are thick.
    """
    columns = math.ceil(section.electrode(Tag.WORKING).width * graded.layers / section.height)
    edge = max(graded.edge, section.height / 8)
    return replace(graded, edge=edge, columns=min(max(columns, graded.columns), 400))


def count_unknowns(case: Case) -> int | None:
    """Unknowns of a case without making its mesh, with a deposit about; None for a mesh of one's own."""
    if isinstance(case.cell, MeshCell):
        return None
    if isinstance(case.cell, ChipCell) and case.cell.view != "section":
        coarse = _count_from_above(case)
    else:
        section = case.cell.section()
        graded = grading(case, section)
        graded = graded if case.deposit is None else _stout(graded, section)
        coarse = count_nodes(section, graded, case.mesh.order)
    if case.deposit is None or case.cell.view == "solid":  # a solid is as fine as it gets from the start
        return coarse * fields(case)
    from thincell.studies.growth.ground import plane_ground
    from thincell.studies.growth.size import count_deposit_nodes

    return count_deposit_nodes(case.deposit, plane_ground(case), coarse) * fields(case)


def _count_from_above(case: Case) -> int:
    """Nodes of a plan, about: order^2 per node of its mesh, at every level of a solid."""
    assert isinstance(case.cell, ChipCell)
    from thincell.studies.solid import count_levels

    levels = count_levels(case) if case.cell.view == "solid" else 1
    return estimate_nodes(_plan(case), plan_grading(case)) * case.mesh.order**2 * levels


def unknowns_on(plane: PlaneMesh, case: Case) -> int:
    """Unknowns of a case on a given mesh: Euler's formula counts its edges."""
    points, triangles, order = len(plane.points), len(plane.triangles), case.mesh.order
    edges = (3 * triangles + len(plane.lines)) // 2
    inner = (order - 1) * (order - 2) // 2
    return (points + edges * (order - 1) + triangles * inner) * fields(case)


def read_mesh(cell: MeshCell) -> PlaneMesh:
    """A mesh file with the case's table of physical names; InputError when it does not fit."""
    import meshio

    try:
        mesh = meshio.read(cell.file)
    except (Exception, SystemExit) as error:  # meshio raises many kinds, and exits on some
        raise InputError(f"cell.file: meshio cannot read {cell.file.name!r}: {error}") from None
    triangles = mesh.cells_dict.get("triangle")
    if triangles is None:
        raise InputError(f"cell.file: {cell.file.name!r} has no triangles")
    used, renumbered = np.unique(triangles, return_inverse=True)
    points = mesh.points[used, :2] * cell.unit
    triangles = renumbered.reshape(-1, 3).astype(np.int64)
    edges = boundary_lines(triangles)
    tags = np.full(len(edges), int(Tag.INSULATOR), dtype=np.int32)
    row = {tuple(edge): k for k, edge in enumerate(edges)}
    number = {int(node): k for k, node in enumerate(used)}
    for boundary, name in cell.names.items():
        lines = _lines_of(mesh, name, cell)
        found = [
            row.get(tuple(sorted((number.get(int(a), -1), number.get(int(b), -2))))) for a, b in lines
        ]
        hit = [k for k in found if k is not None]
        if not hit:
            raise InputError(f"cell.names.{boundary}: no boundary line of the mesh belongs to {name!r}")
        tags[hit] = int(Tag[boundary.upper()])
    if cell.axisymmetric and float(points[:, 0].min()) < 0:
        raise InputError("cell.axisymmetric: the mesh has points with x < 0, and x is the radius")
    try:
        return PlaneMesh(points, triangles, edges, tags)
    except ValueError as error:
        raise InputError(f"cell.file: {cell.file.name!r}: {error}") from None


def _lines_of(mesh: object, name: str, cell: MeshCell) -> np.ndarray:
    """Lines of a physical group, by its name."""
    sets = mesh.cell_sets_dict  # type: ignore[attr-defined]
    data = mesh.field_data  # type: ignore[attr-defined]
    lines = mesh.cells_dict.get("line", np.empty((0, 2), dtype=int))  # type: ignore[attr-defined]
    if name in data and "gmsh:physical" in mesh.cell_data_dict:  # type: ignore[attr-defined]
        tags = mesh.cell_data_dict["gmsh:physical"].get("line", np.empty(0))  # type: ignore[attr-defined]
        return np.asarray(lines[tags == data[name][0]])
    if name in sets and "line" in sets[name]:
        return np.asarray(lines[sets[name]["line"]])
    known = sorted({*data, *sets} - {"gmsh:bounding_entities"})
    raise InputError(
        f"cell.names: {cell.file.name!r} has no physical name {name!r};"
        f" it has: {', '.join(known) or 'none'}"
    )


def write_mesh(made: Mesh, path: Path) -> None:
    """Export through meshio, with the physical names of the boundary tags."""
    import meshio

    if isinstance(made, PlaneMesh):
        cells, tags = [("line", made.lines), ("triangle", made.triangles)], made.line_tags
    else:
        cells, tags = [("triangle", made.facets), ("tetra", made.tetrahedra)], made.facet_tags
    dimension = made.points.shape[1]
    physical = [tags, np.full(len(made.cells), ELECTROLYTE, dtype=np.int32)]
    groups = {Tag(int(t)).group: np.array([int(t), dimension - 1]) for t in np.unique(tags)}
    groups[ELECTROLYTE_GROUP] = np.array([ELECTROLYTE, dimension])
    points = np.column_stack([made.points, np.zeros((len(made.points), 3 - dimension))])
    mesh = meshio.Mesh(
        points,
        cells,
        cell_data={"gmsh:physical": physical, "gmsh:geometrical": physical},
        field_data=groups,
    )
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".thincell-") as folder:
            temporary = Path(folder) / path.name
            if path.suffix == ".msh":
                meshio.write(temporary, mesh, file_format="gmsh22", binary=False)
            else:
                meshio.write(temporary, mesh)
            for part in sorted(Path(folder).iterdir()):  # some formats make two files
                part.replace(path.parent / part.name)
    except (Exception, SystemExit) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"--to: cannot write {str(path)!r}: {reason}") from None

"""From a case to a mesh: the grading rule, gmsh on rank 0, files of one's own, export."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from thincell.geometry.columns import boundary_lines, column_lines, column_mesh
from thincell.geometry.grading import Grading
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.section import Section
from thincell.geometry.tags import ELECTROLYTE, ELECTROLYTE_GROUP, Tag
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import MeshCell
from thincell.studies.schema.errors import InputError


def grading(case: Case, section: Section) -> Grading:
    """The case's [mesh] table in metres."""
    table = case.mesh
    return Grading(
        edge=table.edge * section.height,
        reach=table.reach * section.height,
        growth=table.growth,
        columns=table.columns,
        layers=table.layers,
    )


def make_mesh(case: Case) -> PlaneMesh:
    """The mesh of a case in metres. Call on one rank only."""
    if isinstance(case.cell, MeshCell):
        return read_mesh(case.cell)
    section = case.cell.section()
    return column_mesh(section, grading(case, section))


def count_unknowns(case: Case) -> int | None:
    """Unknowns of a case without making its mesh; None for a mesh of one's own."""
    if isinstance(case.cell, MeshCell):
        return None
    section = case.cell.section()
    columns, layers = column_lines(section, grading(case, section))
    order = case.mesh.order
    nodes = (sum(len(c) - 1 for c in columns) * order + 1) * (
        sum(len(z) - 1 for z in layers) * order + 1
    )
    return nodes * (2 if case.electrolyte.model == "electroneutral" else 1)


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


def write_mesh(plane: PlaneMesh, path: Path) -> None:
    """Export through meshio, with the physical names of the boundary tags."""
    import meshio

    cells = [("line", plane.lines), ("triangle", plane.triangles)]
    physical = [plane.line_tags, np.full(len(plane.triangles), ELECTROLYTE, dtype=np.int32)]
    groups = {Tag(int(t)).group: np.array([int(t), 1]) for t in np.unique(plane.line_tags)}
    groups[ELECTROLYTE_GROUP] = np.array([ELECTROLYTE, 2])
    points = np.column_stack([plane.points, np.zeros(len(plane.points))])
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

"""Where a case happens, in scaled units: mesh, tags, integrals, sizes, for each way of looking at a cell.

A section is a mesh of triangles with electrodes on its boundary, a solid one of tetrahedra. In a plan the
electrodes are areas of the mesh, and the height of the liquid is a weight.
"""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
from dolfinx import fem

from thincell.geometry.distribute import Mesh, layout
from thincell.geometry.tags import Tag
from thincell.model.measures import CELL_DEGREE, LINEAR_DEGREE, Measures, PlanMeasures
from thincell.solvers.sample import Sampler, cell_sampler, facet_sampler
from thincell.studies.meshing import make_mesh
from thincell.studies.parallel import on_root
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell, CoinCell, MeshCell

#: Electrodes that a plan has as areas; of one that carries a deposit it has the rim, as a boundary.
AREAS = (Tag.WORKING, Tag.COUNTER, Tag.REFERENCE)


class Stage:
    """The mesh of a case on a communicator and what is integrated over it.

    ``made`` is the mesh on rank 0 when that need not be made (None elsewhere, and to have it made).
    """

    def __init__(self, case: Case, comm: MPI.Intracomm, made: Mesh | None = None) -> None:
        self.case, self.comm = case, comm
        self.height = characteristic_height(case)
        self.made: Mesh | None = on_root(comm, lambda: made or make_mesh(case))
        found = layout(comm, self.made, self.height)
        self.domain, self.facets, self.regions = found.domain, found.facets, found.regions
        self.axisymmetric, length, self.porosity, self.exponent = _shape(case)
        self.dimension = found.dimension
        self.areas = AREAS if case.deposit is None else AREAS[1:]
        self.measures = self._measures()
        volumetric = self.axisymmetric or self.seen_from_above or self.dimension == 3
        self.area = self.height**2 if volumetric else self.height * length

    @property
    def seen_from_above(self) -> bool:
        """Whether this is a plan."""
        return self.regions is not None

    def _measures(self) -> Measures | PlanMeasures:
        linear = self.case.deposit is not None or (self.dimension == 3 and self.case.mesh.order == 1)
        degree = LINEAR_DEGREE if linear else CELL_DEGREE
        if self.regions is None:
            return Measures(self.domain, self.facets, self.axisymmetric, degree)
        element = basix.ufl.element("Lagrange", "triangle", 1)
        depth = fem.Function(fem.functionspace(self.domain, element), name="depth")
        cell = self.case.cell
        assert isinstance(cell, ChipCell)
        points = depth.function_space.tabulate_dof_coordinates()[:, :2] * self.height
        depth.x.array[:] = cell.heights(points) / self.height
        tags = tuple(int(tag) for tag in self.areas)
        return PlanMeasures(self.domain, self.facets, self.regions, depth, tags, degree)

    def footprint(self) -> float:
        """Nominal area [m2] of the working electrode: that from above where the cell is known."""
        if isinstance(self.case.cell, MeshCell):
            return self.size_of(Tag.WORKING) * self.area
        return self.case.cell.footprint(Tag.WORKING)

    def size_of(self, tag: Tag) -> float:
        """Scaled size of an electrode on the mesh. Collective."""
        one = fem.Constant(self.domain, 1.0)
        form = fem.form(self.measures.surface(one, int(tag)))
        return float(self.comm.allreduce(fem.assemble_scalar(form), MPI.SUM))

    def nodes(self, space: fem.FunctionSpace, *tags: Tag) -> np.ndarray:
        """Blocks of local unknowns on electrodes or other parts of the boundary."""
        if self.regions is not None and all(tag in self.areas for tag in tags):
            entities, where = self.regions, self.dimension
        else:
            entities, where = self.facets, self.dimension - 1
        found = np.concatenate([entities.find(int(tag)) for tag in tags])
        return np.asarray(fem.locate_dofs_topological(space, where, found))

    def sampler(self, tag: Tag, expressions: list[Any]) -> Sampler:
        """Samples expressions on an electrode."""
        if self.regions is not None:
            return cell_sampler(self.domain, self.regions, int(tag), expressions)
        return facet_sampler(self.domain, self.facets, int(tag), expressions)

    def longest(self) -> float:
        """Scaled length over which things have to even out: from wall to wall in a coin cell."""
        points = self.domain.geometry.x
        low, high = points.min(axis=0, initial=np.inf), points.max(axis=0, initial=-np.inf)
        extent = [
            self.comm.allreduce(b, MPI.MAX) - self.comm.allreduce(a, MPI.MIN)
            for a, b in zip(low, high, strict=True)
        ]
        return float(extent[1] if isinstance(self.case.cell, CoinCell) else max(extent))


def characteristic_height(case: Case) -> float:
    """Height of the liquid, or the distance of a coin cell's electrodes [m]."""
    if isinstance(case.cell, CoinCell):
        return case.cell.separator_thickness
    return case.cell.height


def _shape(case: Case) -> tuple[bool, float, float, float]:
    """(axisymmetric, length out of plane [m], porosity, Bruggeman exponent)."""
    cell = case.cell
    if isinstance(cell, ChipCell):
        return False, cell.length, 1.0, 0.0
    if isinstance(cell, CoinCell):
        strip = cell.patch is not None
        return not strip, cell.patch or 1.0, cell.porosity, cell.bruggeman_exponent
    return cell.axisymmetric, cell.length, cell.porosity, cell.bruggeman_exponent

"""The steady creeping flow of a case, solved once on its mesh, in scaled units (`model.flow`).

Every problem here is linear and solved by MUMPS, on all ranks together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc as fem_petsc

from thincell.geometry.tags import Tag
from thincell.model import flow
from thincell.model.measures import PlanMeasures
from thincell.model.scales import Scales
from thincell.studies.flow.channel import channel
from thincell.studies.formulation.base import Formulation
from thincell.studies.formulation.binary import BinarySalt
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell
from thincell.studies.stage import Stage

#: Factorisation of saddle points too: pivots as MUMPS finds them.
DIRECT = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}

#: Ends through which liquid flows.
ENDS = (Tag.INLET, Tag.OUTLET)


def add_flow(formulation: Formulation, case: Case, stage: Stage, scales: Scales) -> None:
    """Let the case's flow, if it has one, carry the salt."""
    if case.flow is None:
        return
    assert isinstance(formulation, BinarySalt)  # the case's schema sees to it
    formulation.flow = moving(stage, channel(case).per_width / scales.diffusivity, case.mesh.order)


def moving(stage: Stage, per_width: float, order: int) -> flow.Flow:
    """The flow of a section or a plan with a flow per width, in D0, for elements of an order."""
    if stage.seen_from_above:
        return _from_above(stage, per_width, order)
    psi = stream_function(stage, poiseuille(stage), per_width)
    velocity = flow.curl(psi)
    outward = ufl.dot(velocity, ufl.FacetNormal(stage.domain))
    return flow.Flow(velocity, outward, fem.Constant(stage.domain, 1.0), order, psi)


def poiseuille(stage: Stage) -> fem.Function:
    """Stokes flow (velocity, pressure) between an inlet under the pressure 1 and an outlet under 0."""
    domain = stage.domain
    cell = domain.basix_cell()
    velocity = basix.ufl.element("Lagrange", cell, 2, shape=(2,))
    element = basix.ufl.mixed_element([velocity, basix.ufl.element("Lagrange", cell, 1)])
    space = fem.functionspace(domain, element)
    fields, tests = ufl.TrialFunction(space), ufl.TestFunction(space)
    whole, _ = space.sub(0).collapse()
    along, _ = space.sub(0).sub(1).collapse()
    still, flat = fem.Function(whole), fem.Function(along)
    walls, ends = _facets(stage, ENDS, inside=False), _facets(stage, ENDS)
    on_walls = fem.locate_dofs_topological((space.sub(0), whole), 1, walls)
    at_ends = fem.locate_dofs_topological((space.sub(0).sub(1), along), 1, ends)
    bcs = [
        fem.dirichletbc(still, on_walls, space.sub(0)),
        fem.dirichletbc(flat, at_ends, space.sub(0).sub(1)),
    ]
    return _solve(
        flow.stokes(stage.measures, fields, tests),
        flow.push(stage.measures, tests, int(Tag.INLET)),
        bcs,
        space,
    )


def stream_function(stage: Stage, stokes: fem.Function, per_width: float) -> fem.Function:
    """psi of third order for a Stokes flow of any size: 0 on the floor, ``per_width`` on the lid."""
    u, _ = ufl.split(stokes)
    normal = ufl.FacetNormal(stage.domain)
    through = total(stage, stage.measures.surface(ufl.dot(u, normal), int(Tag.OUTLET)))
    element = basix.ufl.element("Lagrange", stage.domain.basix_cell(), 3)
    space = fem.functionspace(stage.domain, element)
    scale = fem.Constant(stage.domain, per_width / through)
    psi, test = ufl.TrialFunction(space), ufl.TestFunction(space)
    walls = _facets(stage, ENDS, inside=False)
    middles = mesh.compute_midpoints(stage.domain, 1, walls)
    high = middles[:, 1] > _between(stage)
    bcs = []
    for facets, value in ((walls[~high], 0.0), (walls[high], per_width)):
        dofs = fem.locate_dofs_topological(space, 1, facets)
        bcs.append(fem.dirichletbc(value, dofs, space))
    form = flow.stream(stage.measures, psi, scale * u, test)
    return _solve(ufl.lhs(form), ufl.rhs(form), bcs, space)


def _between(stage: Stage) -> float:
    """A scaled height above all electrodes and below the lid."""
    cell = stage.case.cell
    assert isinstance(cell, ChipCell)
    thickest = max(cell.working.thickness, cell.counter.thickness)
    return (thickest + cell.section().lowest) / 2 / stage.height


def _from_above(stage: Stage, per_width: float, order: int) -> flow.Flow:
    """Hele-Shaw flow; the outlet's is given, ~ h^2, with ``per_width`` its mean over the outlet."""
    measures = stage.measures
    assert isinstance(measures, PlanMeasures)
    depth = measures.depth
    pressure, outward = hele_shaw(stage, per_width, order)
    velocity = flow.mean_velocity(depth, pressure)
    return flow.Flow(velocity, outward, depth, order, stream_from_above(stage, depth * velocity, order))


def stream_from_above(stage: Stage, per_width: Any, order: int) -> fem.Function:
    """psi of a plan: its curl is closest to the flow per width h u, its smallest value is 0.

    Nothing is asked for at walls, so that pillars take the value of the streamline that they divide.
    """
    element = basix.ufl.element("Lagrange", stage.domain.basix_cell(), order)
    space = fem.functionspace(stage.domain, element)
    psi, test = ufl.TrialFunction(space), ufl.TestFunction(space)
    form = flow.stream(stage.measures, psi, per_width, test)
    first = space.dofmap.index_map.global_to_local(np.zeros(1, dtype=np.int64))
    pin = fem.dirichletbc(0.0, first[first >= 0], space)
    found = _solve(ufl.lhs(form), ufl.rhs(form), [pin], space)
    lowest = stage.comm.allreduce(float(found.x.array.min(initial=np.inf)), MPI.MIN)
    found.x.array[:] -= lowest
    return found


def hele_shaw(stage: Stage, per_width: float, order: int) -> tuple[fem.Function, Any]:
    """(pressure, u.n at the outlet) of the flow with a mean flow per width of the outlet."""
    measures = stage.measures
    assert isinstance(measures, PlanMeasures)
    depth = measures.depth
    outlet = int(Tag.OUTLET)
    width = total(stage, measures.surface(1 / depth, outlet))
    cubes = total(stage, measures.surface(depth**2, outlet))
    outward = fem.Constant(stage.domain, per_width * width / cubes) * depth**2
    space = fem.functionspace(
        stage.domain, basix.ufl.element("Lagrange", stage.domain.basix_cell(), order)
    )
    p, test = ufl.TrialFunction(space), ufl.TestFunction(space)
    inlet = fem.locate_dofs_topological(space, 1, _facets(stage, (Tag.INLET,)))
    pressure = _solve(
        flow.hele_shaw(measures, depth, p, test),
        -measures.surface(outward * test, outlet),
        [fem.dirichletbc(0.0, inlet, space)],
        space,
    )
    return pressure, outward


def total(stage: Stage, form: ufl.Form) -> float:
    """Value of a functional over all ranks."""
    return float(stage.comm.allreduce(fem.assemble_scalar(fem.form(form)), MPI.SUM))


def _facets(stage: Stage, tags: tuple[Tag, ...], inside: bool = True) -> np.ndarray:
    """Local facets of the boundary with one of the tags, or with none of them."""
    found = np.isin(stage.facets.values, [int(tag) for tag in tags])
    return np.asarray(stage.facets.indices[found if inside else ~found])


def _solve(a: ufl.Form, right: ufl.Form, bcs: list[Any], space: fem.FunctionSpace) -> fem.Function:
    problem = fem_petsc.LinearProblem(
        a, right, bcs=bcs, petsc_options=DIRECT, petsc_options_prefix="thincell_flow_"
    )
    found = problem.solve()
    reason = problem.solver.getConvergedReason()
    if reason < 0:
        raise RuntimeError(f"the flow could not be solved for: PETSc's reason is {reason}")
    return found


@dataclass(frozen=True)
class Slit:
    """Flow that should be plane: rms deviation from it over its size, and the scaled pressure drop."""

    error: float
    drop: float


def slit(stage: Stage, per_width: float) -> Slit:
    """The flow of a layer that is as wide as long electrodes, against plane Poiseuille flow or h u = q."""
    m, x = stage.measures, ufl.SpatialCoordinate(stage.domain)
    size = total(stage, m.volume(fem.Constant(stage.domain, 1.0)))
    outlet = int(Tag.OUTLET)
    if isinstance(m, PlanMeasures):
        pressure, _ = hele_shaw(stage, per_width, stage.case.mesh.order)
        off = m.depth * flow.mean_velocity(m.depth, pressure) - ufl.as_vector((per_width, 0))
        mean = total(stage, m.surface(pressure / m.depth, outlet)) / total(
            stage, m.surface(1 / m.depth, outlet)
        )
        drop = -mean
    else:
        stokes = poiseuille(stage)
        velocity = flow.curl(stream_function(stage, stokes, per_width))
        off = velocity - ufl.as_vector((6 * per_width * x[1] * (1 - x[1]), 0))
        normal = ufl.FacetNormal(stage.domain)
        drop = per_width / total(stage, m.surface(ufl.dot(ufl.split(stokes)[0], normal), outlet))
    error = (total(stage, m.volume(ufl.inner(off, off))) / size) ** 0.5 / per_width
    return Slit(error, drop)

r"""Manufactured solutions: the electroneutral equations with sources that make a chosen field exact.

On the unit square, scaled units, all four sides with prescribed unknowns:

    c = 1 + 0.4 cos(pi x) cos(pi z) exp(-t),   psi = sin(pi x) cos(pi z) (1 + t/2)

with the LiPF6 laws of Landesfeind & Gasteiger, so that every property varies. The sources are the
strong form of the model's own fluxes, differentiated by UFL. Orders are fitted slopes of log error
against log of mesh width or time step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh

from thincell.model import electroneutral
from thincell.model.measures import Measures
from thincell.model.scales import Scales
from thincell.model.terms import Medium
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.controls import GivenPotential
from thincell.solvers.stepper import TimeStepper
from thincell.studies import kernels
from thincell.studies.case import Case


@dataclass(frozen=True)
class Errors:
    """L2 errors of c/c0 and of psi [RT/F] at the end, and the H1 seminorm error of c/c0."""

    size: float
    concentration: float
    potential: float
    gradient: float


def _medium(domain: mesh.Mesh) -> Medium:
    case = Case.parse(
        {
            "cell": {"type": "chip"},
            "electrolyte": {"name": "LiPF6-EC-DMC"},
            "reactions": {"plating": {"name": "Li/Li+"}},
            "protocol": [{"rest": True, "for": "1 s"}],
        }
    )
    electrolyte = case.electrolyte.build()
    one = fem.Constant(domain, 1.0)
    return Medium(
        electrolyte.on(domain),
        Scales.of(electrolyte, 1e-6).on(domain),
        one,
        one,
        fem.Constant(domain, electroneutral.BACKGROUND),
    )


def _exact(x: Any, t: Any) -> tuple[Any, Any]:
    c = 1 + 0.4 * ufl.cos(ufl.pi * x[0]) * ufl.cos(ufl.pi * x[1]) * ufl.exp(-t)
    psi = ufl.sin(ufl.pi * x[0]) * ufl.cos(ufl.pi * x[1]) * (1 + t / 2)
    return c, psi


def solve(cells: int, order: int, steps: int, end: float = 0.2) -> Errors:
    """Solve to ``end`` (units of L^2/D) on ``cells`` x ``cells`` x 2 triangles in ``steps`` steps."""
    comm = MPI.COMM_WORLD
    kernels.claim(comm)
    domain = mesh.create_unit_square(comm, cells, cells)
    domain.topology.create_connectivity(1, 2)
    measures = Measures(domain, mesh.meshtags(domain, 1, np.empty(0, np.int32), 0), False)
    medium = _medium(domain)
    space = fem.functionspace(domain, basix.ufl.element("Lagrange", "triangle", order, shape=(2,)))
    state, potential = fem.Function(space), fem.Constant(domain, 0.0)
    x, time = ufl.SpatialCoordinate(domain), fem.Constant(domain, 0.0)
    moment = ufl.variable(time)
    c, psi = _exact(x, moment)
    cations = ufl.diff(c, moment) + ufl.div(medium.cation_flux(c, ufl.grad(c), psi))
    charge = ufl.div(medium.current(c, ufl.grad(c), psi))
    # y = c to rounding: c stays above 0.6, four orders of magnitude above SOFT
    fields = fem.Expression(ufl.as_vector(_exact(x, time)), space.element.interpolation_points)
    salt = electroneutral.POSITIVE
    stepper = TimeStepper(state, potential, salt.stored, lambda a: np.empty(0))
    test = ufl.TestFunction(space)
    residual = electroneutral.volume(measures, medium, salt, state, test, stepper.rate)
    residual -= measures.volume(cations * test[0] + charge * test[1])
    boundary = mesh.exterior_facet_indices(domain.topology)
    blocks = fem.locate_dofs_topological(space, 1, boundary)
    rows = np.concatenate([2 * blocks, 2 * blocks + 1])
    target = fem.Function(space)
    zero = fem.Constant(domain, 0.0) * state[0]
    system = BorderedSystem(
        residual, state, potential, measures.volume(zero), (None, None), fixed=(rows, target)
    )
    system.current_scale = 1.0
    stepper.system = system
    state.interpolate(fields)
    stepper.start(0.0)
    dt = end / steps
    for k in range(steps):
        time.value = (k + 1) * dt
        target.interpolate(fields)
        stepper.attempt(dt, GivenPotential(0.0))
        stepper.accept({})

    def norm(integrand: Any) -> float:
        local = fem.assemble_scalar(fem.form(integrand * ufl.dx(metadata={"quadrature_degree": 10})))
        return float(np.sqrt(comm.allreduce(local, MPI.SUM)))

    end_c, end_psi = _exact(x, time)
    difference = salt.stored(state) - end_c
    slope = ufl.grad(difference)
    return Errors(
        1.0 / cells,
        norm(difference**2),
        norm((state[1] - end_psi) ** 2),
        norm(ufl.inner(slope, slope)),
    )


def rate(sizes: list[float], errors: list[float]) -> float:
    """Fitted slope of log error against log size."""
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])

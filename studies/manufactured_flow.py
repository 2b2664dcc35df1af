r"""Salt in a stream: a manufactured solution at any Peclet number.

On the unit square, scaled units, D = 1 and constant properties, steady, in the stream

    u = Pe curl(sin(pi x) sin(pi z)/pi + 0.6 z - 0.3 x),

free of divergence, with c = 1 + 0.4 cos(2 pi x) cos(pi z) and psi = sin(pi x) cos(pi z) exact by sources;
cells of any aspect ratio.
"""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh

from thincell.model import electroneutral, flow
from thincell.model.measures import Measures
from thincell.model.scales import Scales
from thincell.model.terms import Medium
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.controls import GivenPotential
from thincell.studies import kernels
from thincell.studies.case import Case

#: Tag of the outlet in these squares.
OUTLET = 7


def _medium(domain: mesh.Mesh) -> Medium:
    salt = {
        "name": "LiPF6-PC", "concentration_range": ["0 mol/L", "100 mol/L"], "diffusivity": "3e-10 m^2/s",
        "conductivity": "1 S/m", "transference_number": 0.4, "thermodynamic_factor": 1,
    }  # fmt: skip
    case = Case.parse(
        {
            "cell": {"type": "chip"},
            "electrolyte": salt,
            "reactions": {"plating": {"name": "Li/Li+"}},
            "protocol": [{"rest": True, "for": "1 s"}],
        }
    )
    electrolyte, one = case.electrolyte.build(), fem.Constant(domain, 1.0)
    background = fem.Constant(domain, electroneutral.BACKGROUND)
    return Medium(electrolyte.on(domain), Scales.of(electrolyte, 1e-6).on(domain), one, one, background)


class _Square:
    """The problem on a square: fields, residual without boundary conditions, and its solution."""

    def __init__(self, cells: tuple[int, int], order: int) -> None:
        comm = MPI.COMM_WORLD
        kernels.claim(comm)
        self.domain = domain = mesh.create_unit_square(comm, *cells)
        domain.topology.create_connectivity(1, 2)
        facets = mesh.locate_entities_boundary(domain, 1, lambda x: np.isclose(x[0], 1.0))
        tags = mesh.meshtags(domain, 1, np.sort(facets), np.full(len(facets), OUTLET, dtype=np.int32))
        self.measures, self.medium = Measures(domain, tags, False), _medium(domain)
        element = basix.ufl.element("Lagrange", "triangle", order, shape=(2,))
        self.space = fem.functionspace(domain, element)
        self.state, self.test = fem.Function(self.space), ufl.TestFunction(self.space)
        self.order = order

    def residual(self, stream: flow.Flow) -> ufl.Form:
        m, salt = self.measures, electroneutral.POSITIVE
        still = electroneutral.volume(m, self.medium, salt, self.state, self.test, 0 * self.state[0])
        return still + stream.carried(
            m, self.medium, salt, self.state, self.test[0], 0 * self.state[0], OUTLET
        )

    def solve(self, residual: ufl.Form, rows: np.ndarray, target: fem.Function) -> None:
        potential = fem.Constant(self.domain, 0.0)
        nothing = self.measures.volume(fem.Constant(self.domain, 0.0) * self.state[0])
        system = BorderedSystem(
            residual, self.state, potential, nothing, (None, None), fixed=(rows, target)
        )
        system.current_scale = 1.0
        system.solve(GivenPotential(0.0))

    def norm(self, integrand: Any) -> float:
        form = fem.form(integrand * ufl.dx(metadata={"quadrature_degree": 10}))
        return float(np.sqrt(self.domain.comm.allreduce(fem.assemble_scalar(form), MPI.SUM)))


def error(cells: tuple[int, int], order: int, peclet: float) -> float:
    """L2 error of c/c0 on cells[0] x cells[1] x 2 triangles."""
    square = _Square(cells, order)
    x, strength = ufl.SpatialCoordinate(square.domain), fem.Constant(square.domain, peclet)
    psi = ufl.sin(ufl.pi * x[0]) * ufl.sin(ufl.pi * x[1]) / ufl.pi + 0.6 * x[1] - 0.3 * x[0]
    velocity = strength * flow.curl(psi)
    one = fem.Constant(square.domain, 1.0)
    stream = flow.Flow(velocity, ufl.dot(velocity, ufl.FacetNormal(square.domain)), one, order)
    c = 1 + 0.4 * ufl.cos(2 * ufl.pi * x[0]) * ufl.cos(ufl.pi * x[1])
    inner = ufl.sin(ufl.pi * x[0]) * ufl.cos(ufl.pi * x[1])
    m, medium, test = square.measures, square.medium, square.test
    flux = medium.cation_flux(c, ufl.grad(c), inner)
    charge = ufl.div(medium.current(c, ufl.grad(c), inner))
    cations = ufl.dot(velocity, ufl.grad(c)) + ufl.div(flux)
    # R has div i = 0 in it, which the source of the charge balance has not
    seen = cations - medium.transference(c) * charge
    residual = square.residual(stream) - m.volume(cations * test[0] + charge * test[1])
    residual -= m.volume(seen * stream.upwind(m, medium, test[0]))
    space, exact = square.space, fem.Function(square.space)
    exact.interpolate(fem.Expression(ufl.as_vector((c, inner)), space.element.interpolation_points))
    blocks = fem.locate_dofs_topological(space, 1, mesh.exterior_facet_indices(square.domain.topology))
    square.state.interpolate(exact)
    square.solve(residual, np.concatenate([2 * blocks, 2 * blocks + 1]), exact)
    return square.norm((electroneutral.POSITIVE.concentration(square.state) - c) ** 2)

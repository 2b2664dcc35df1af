r"""Manufactured solutions of the many-ion equations, with Poisson's equation and electroneutral.

On the unit square, scaled units, all four sides with prescribed unknowns; three ions of charges 2, 1
and -1 with unequal diffusivities that react with each other by mass action, A + C = B:

    c_A = 1/2 + (1/5) cos(pi x) cos(pi z) cos(3t)
    c_B = 1 + (3/10) sin(pi x) cos(pi z) cos(2t)
    c_C = 2 c_A + c_B  (electroneutral), with (2/5) sin(pi x) sin(pi z) cos(4t) more (space charge)
    phi = sin(pi x) cos(pi z) (1 + sin(3t)/2)

The sources are the strong form of the model's own fluxes and of Poisson's equation, differentiated by
UFL. Steady problems have the fields of t = 0 and no time derivatives: an interpolated initial state does
not obey the discrete Poisson's equation, which a single short step would show. Orders are fitted slopes
of log error against log of mesh width or time step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh

from thincell.model.constants import FARADAY, VACUUM_PERMITTIVITY, thermal_voltage
from thincell.model.double_layer import DoubleLayer
from thincell.model.electroneutral import BACKGROUND
from thincell.model.measures import Measures
from thincell.model.nernst_planck import Ions, LogVariables, SoftVariables, Variables
from thincell.model.permittivity import ConstantPermittivity
from thincell.model.scales import Scales
from thincell.model.species import HomogeneousReaction, Solution, Species
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.controls import GivenPotential
from thincell.solvers.stepper import TimeStepper
from thincell.studies import kernels
from thincell.studies.formulation.ionic import IonicSolution

CHARGES = (2, 1, -1)
DIFFUSIVITIES = (1e-9, 3e-9, 2e-9)
CONCENTRATION, HEIGHT, TEMPERATURE = 1000.0, 1e-6, 298.15
COUNT = len(CHARGES)

#: Forward and backward rates of A + C = B in units of D/L^2 at c0.
RATES = (2.0, 1.0)

#: Step (L^2/D_A) after which a state is steady.
LONG = 1e12


@dataclass(frozen=True)
class Errors:
    """At the end: L2 of all c/c0, of phi (RT/F), of all fluxes, and the H1 seminorm of all c/c0."""

    size: float
    concentration: float
    potential: float
    gradient: float
    flux: float


def _solution(eps2: float) -> Solution:
    """The three ions, with the permittivity that makes eps RT/(F^2 c0 L^2) = eps2."""
    relative = eps2 * FARADAY * CONCENTRATION * HEIGHT**2
    relative /= VACUUM_PERMITTIVITY * thermal_voltage(TEMPERATURE)
    unit = DIFFUSIVITIES[0] / HEIGHT**2
    forward, backward = RATES[0] * unit / CONCENTRATION, RATES[1] * unit
    return Solution(
        "manufactured",
        tuple(
            Species(name, charge, diffusivity, CONCENTRATION)
            for name, charge, diffusivity in zip("ABC", CHARGES, DIFFUSIVITIES, strict=True)
        ),
        TEMPERATURE,
        ConstantPermittivity(relative),
        (HomogeneousReaction("A + C = B", ((0, 1), (2, 1)), ((1, 1),), forward, backward),),
    )


def _medium(domain: mesh.Mesh, eps2: float | None) -> Ions:
    solution = _solution(eps2 or 1.0)
    soft = SoftVariables(COUNT, solution.anchor, CHARGES[solution.anchor])
    variables: Variables = LogVariables(COUNT) if eps2 is not None else soft
    one = fem.Constant(domain, 1.0)
    background = 0.0 if eps2 is not None else fem.Constant(domain, BACKGROUND)
    scales = Scales.of_solution(solution, HEIGHT).on(domain)
    return Ions(solution.on(domain), scales, variables, one, one, background)


def _exact(x: Any, t: Any, charged: bool) -> tuple[list[Any], Any]:
    """(c_A, c_B, c_C), phi."""
    cx, cz, sx, sz = (f(ufl.pi * x[k]) for f in (ufl.cos, ufl.sin) for k in (0, 1))
    a = 0.5 + 0.2 * cx * cz * ufl.cos(3 * t)
    b = 1 + 0.3 * sx * cz * ufl.cos(2 * t)
    c = 2 * a + b
    if charged:
        c = c + 0.4 * sx * sz * ufl.cos(4 * t)
    return [a, b, c], sx * cz * (1 + ufl.sin(3 * t) / 2)


class _Exact:
    """The exact solution in the place of the unknowns."""

    traces: tuple[int, ...] = ()

    def __init__(self, concentrations: list[Any], phi: Any) -> None:
        self.c, self.phi = concentrations, phi

    def concentrations(self, fields: Any) -> list[Any]:
        return self.c

    def chemical(self, fields: Any) -> list[Any]:
        return [ufl.ln(c) for c in self.c]

    def potential(self, fields: Any) -> Any:
        return self.phi

    def unknowns(self, concentrations: Any) -> list[Any]:
        return [*self.c, self.phi]


def _sources(strong: Ions, exact: _Exact, moment: Any, domain: mesh.Mesh, charged: bool) -> list[Any]:
    """Per row of the residual, what the exact solution leaves in it.

    The row of the anchor holds the balance of charge, div(i + dD/dt) = 0, the last one Poisson's law.
    """
    count, charges = strong.count, strong.solution.charges
    found = []
    for k, c in enumerate(exact.c):
        production = strong.production(None, k)
        assert production is not None
        found.append(ufl.diff(c, moment) + ufl.div(strong.flux(None, k)) - production)
    current = sum(z * strong.flux(None, k) for k, z in zip(range(count), charges, strict=True))
    anchor, displacement = strong.solution.anchor, strong.displacement(None)
    found[anchor] = ufl.div(current)
    if not charged:
        return [*found, 0.0 * exact.phi]
    found[anchor] -= ufl.diff(ufl.div(displacement), moment)
    return [*found, -ufl.div(displacement) - strong.charge_density(None, domain)]


def solve(cells: int, order: int, eps2: float | None, steps: int = 0, end: float = 0.0) -> Errors:
    """Solve to ``end`` (L^2/D_A) on ``cells`` x ``cells`` x 2 triangles in ``steps`` steps.

    No steps: the steady problem. ``eps2`` None: electroneutral.
    """
    comm = MPI.COMM_WORLD
    kernels.claim(comm)
    domain = mesh.create_unit_square(comm, cells, cells)
    domain.topology.create_connectivity(1, 2)
    measures = Measures(domain, mesh.meshtags(domain, 1, np.empty(0, np.int32), 0), False)
    medium = _medium(domain, eps2)
    fields = COUNT + 1
    space = fem.functionspace(domain, basix.ufl.element("Lagrange", "triangle", order, shape=(fields,)))
    state, potential = fem.Function(space), fem.Constant(domain, 0.0)
    x, time = ufl.SpatialCoordinate(domain), fem.Constant(domain, 0.0)
    moment = ufl.variable(time if steps else fem.Constant(domain, 0.0))
    exact = _Exact(*_exact(x, moment, eps2 is not None))
    now = _exact(x, time, eps2 is not None)
    variables = medium.variables
    target_values = fem.Expression(
        ufl.as_vector(_unknowns(variables, *now)), space.element.interpolation_points
    )

    solution, layer = _solution(1.0), DoubleLayer(1.0) if eps2 is not None else None
    model = IonicSolution(solution, Scales.of_solution(solution, HEIGHT), medium, {}, 0, layer)
    stepper = TimeStepper(state, potential, model.conserved, lambda array: np.empty(0))
    tests = ufl.TestFunction(space)
    residual = model.volume(measures, state, tests, stepper.rate_of)
    changing = moment if steps else ufl.variable(time)  # of a steady problem, nothing depends on it
    sources = _sources(replace(medium, variables=exact), exact, changing, domain, eps2 is not None)
    residual -= measures.volume(sum(source * tests[k] for k, source in enumerate(sources)))
    boundary = mesh.exterior_facet_indices(domain.topology)
    blocks = fem.locate_dofs_topological(space, 1, boundary)
    rows = np.concatenate([fields * blocks + k for k in range(fields)])
    target = fem.Function(space)
    zero = fem.Constant(domain, 0.0) * state[0]
    system = BorderedSystem(
        residual, state, potential, measures.volume(zero), (None, None), fixed=(rows, target)
    )
    system.current_scale = 1.0
    stepper.system = system
    state.interpolate(target_values)
    stepper.start(0.0)
    dt = end / steps if steps else LONG
    for k in range(steps or 1):
        time.value = (k + 1) * dt if steps else 0.0
        target.interpolate(target_values)
        stepper.attempt(dt, GivenPotential(0.0))
        stepper.accept({})
    return _errors(cells, medium, state, now)


def _unknowns(variables: Variables, concentrations: list[Any], phi: Any) -> list[Any]:
    """Unknowns of the exact solution; c stays four orders of magnitude above SOFT, where y = c."""
    if isinstance(variables, LogVariables):
        return [*(ufl.ln(c) for c in concentrations), phi]
    assert isinstance(variables, SoftVariables)
    return [*concentrations, phi + ufl.ln(concentrations[variables.anchor]) / variables.charge]


def _errors(cells: int, medium: Ions, state: fem.Function, now: tuple[list[Any], Any]) -> Errors:
    variables = medium.variables
    strong = replace(medium, variables=_Exact(*now))
    comm = state.function_space.mesh.comm

    def norm(parts: list[Any]) -> float:
        integrand = sum(ufl.inner(part, part) for part in parts)
        form = fem.form(integrand * ufl.dx(metadata={"quadrature_degree": 10}))
        return float(np.sqrt(comm.allreduce(fem.assemble_scalar(form), MPI.SUM)))

    pairs = zip(variables.concentrations(state), now[0], strict=True)
    differences = [found - wanted for found, wanted in pairs]
    return Errors(
        1.0 / cells,
        norm(differences),
        norm([variables.potential(state) - now[1]]),
        norm([ufl.grad(part) for part in differences]),
        norm([medium.flux(state, k) - strong.flux(None, k) for k in range(COUNT)]),
    )

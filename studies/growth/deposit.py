"""The deposit of a problem: what its forms contain, and what is brought up to date for every time step.

Lagged coefficients are those of the extrapolated state, so that they are of second order in the step:
the front's normal, the slopes dj/deta of capillarity, the mobility of the profile, the noise.
"""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem

from thincell.geometry.tags import Tag
from thincell.model.constants import GAS_CONSTANT
from thincell.model.deposit import REACH, Interface
from thincell.model.electrolyte import Electrolyte
from thincell.model.measures import Measures
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales
from thincell.model.terms import Surface
from thincell.solvers.floating import FloatingBodies
from thincell.studies.expressions import bare, carried_out, slope
from thincell.studies.formulation.electrodes import Front
from thincell.studies.formulation.growing import Growing
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.beginning import metal_fraction
from thincell.studies.growth.curvature import CapillaryShift
from thincell.studies.growth.filming import PlainLaw
from thincell.studies.growth.grains import orientation
from thincell.studies.growth.ground import ground_of
from thincell.studies.growth.groups import film_speed, plates, surface_energy
from thincell.studies.growth.interphase import Interphase
from thincell.studies.growth.nodal import NodalMeans
from thincell.studies.growth.segments import Nearby, front_pieces, nearby
from thincell.studies.schema.case import Case
from thincell.studies.schema.deposit import DepositTable

#: Advances of the front, by its speed at the end of a step, that make the step be taken back.
TOO_FAR = 4.0

#: Scaled speed below which the front stands still.
STILL = 1e-12


class Deposit:
    """Coefficients of one deposit on one mesh. Collective."""

    def __init__(
        self,
        case: Case,
        state: fem.Function,
        potential: fem.Constant,
        scales: Scales,
        reactions: dict[str, Reaction],
        plain: dict[str, Reaction],
        electrolyte: Electrolyte,
    ) -> None:
        """``reactions`` hold constants of the mesh, ``plain`` the same as numbers."""
        assert case.deposit is not None
        self.table: DepositTable = case.deposit
        self.state, self.potential, self.scales = state, potential, scales
        self.ground = ground_of(case)
        self.domain: Any = state.function_space.mesh
        self.comm: MPI.Intracomm = self.domain.comm
        self.scalars = fem.functionspace(self.domain, ("Lagrange", 1))
        self.dimension = int(self.domain.topology.dim)
        self.points = self.scalars.tabulate_dof_coordinates()[:, : self.dimension] * scales.length
        self.block = int(state.function_space.dofmap.index_map_bs)
        self.volumes = {r.name: volume_per_charge(r, scales) for r in plain.values() if plates(r)}
        self._constants = {k: fem.Constant(self.domain, v) for k, v in self.volumes.items()}
        self._slopes = {name: fem.Function(self.scalars, name=f"slope {name}") for name in self.volumes}
        self.factor = fem.Function(self.scalars, name="rate")
        self.factor.x.array[:] = 1.0
        self.floating = fem.Function(self.scalars, name="floating")
        self.bodies = fem.Function(self.scalars, name="bodies")
        self.angle = fem.Function(self.scalars, name="angle")
        self.angle.x.array[:] = orientation(self.table, self.points)
        self._reactions = reactions
        self.plating = next(r for r in plain.values() if plates(r))
        self._gamma = self._capillary_length(case, electrolyte.temperature)
        self._case, self._electrolyte = case, electrolyte
        film = self.table.interphase
        self.film = None if film is None else Interphase(film, self.scalars, scales)
        self._expressions: dict[str, Any] = {}
        self._noise = self.table.field(film_speed(case))

    # -- forms ----------------------------------------------------------------------------------------

    def grow(self, inner: Any) -> Growing:
        """The formulation with the deposit in it."""
        interface = Interface(self.table.interface / self.scales.length).on(self.domain)
        unit = max(self.volumes.values())
        start = metal_fraction(self.table, self.ground, self.points)
        self.growing = Growing.around(inner, self.state, interface, unit, start, self.scalars)
        if self.film is not None:
            law = PlainLaw(inner, self.plating, self._case, self._electrolyte, self.scales)
            self.growing.before_assembly = lambda: self._solve_film(law)
        return self.growing

    def front(self, electrode: Surface, measures: Measures) -> Front:
        """The electrode with its deposit."""
        connected = 1 - self.floating
        metal = ufl.variable(electrode.potential * connected + self.bodies)
        rate = self.factor * self.table.anisotropy(self.table.kinetic_anisotropy, self.angle)(
            self.growing.normal
        )
        alive = connected if self.table.isolated == "inert" else 1.0
        self._front = Front(
            self.growing,
            Surface(electrode.tag, metal, electrode.reactions),
            electrode,
            measures,
            self.state,
            rate,
            self._energy,
            self._slopes,
            self._constants,
            connected,
            alive,
            self.film,
        )
        indicator = fem.Function(self.scalars, name="indicator")
        net = self._front.current_of(indicator)
        self.pieces = FloatingBodies(self.bodies, self.floating, indicator, net)
        self._compile()
        if self._gamma.value > 0:
            self._shift = CapillaryShift(self.growing, self.state, measures, self._energy)
        return self._front

    @property
    def islands(self) -> FloatingBodies | None:
        """The floating pieces whose potentials are unknowns of the system."""
        return self.pieces

    def _energy(self, n: Any) -> Any:
        """Gamma(n), scaled."""
        return self._gamma * self.table.anisotropy(self.table.surface_anisotropy, self.angle)(n)

    def _capillary_length(self, case: Case, temperature: float) -> Any:
        """gamma Omega/RT, scaled, of the first metal."""
        volume = float(self.plating.molar_volume or 0.0)
        length = surface_energy(case) * volume / (GAS_CONSTANT * temperature)
        return fem.Constant(self.domain, length / self.scales.length)

    def _solve_film(self, law: PlainLaw) -> None:
        """The potential across the film at the present state."""
        assert self.film is not None
        unknowns = self.state.x.array.reshape(-1, self.block)
        free = 1 - self.floating.x.array
        metal = float(self.potential.value) * free + self.bodies.x.array
        self.film.solve(lambda e, nodes: law(unknowns[nodes], e), metal)

    # -- every step -----------------------------------------------------------------------------------

    def _compile(self) -> None:
        """Expressions at the nodes: the slopes of the plating reactions and the speed of the front."""
        self._means = NodalMeans(self.scalars)
        metal, speed = self._front.metal.potential, 0.0 * self.factor
        for name, j in self._front.densities().items():
            if name in self.volumes:
                by_metal = slope(j, metal)
                self._expressions[name] = self._means.compiled(by_metal)
                speed = speed - self._constants[name] * carried_out(j)
        self._speed = self._means.compiled(bare(speed))
        self._velocity = fem.Function(self.scalars, name="velocity")

    def xi(self, array: np.ndarray | None = None) -> np.ndarray:
        """The metal fraction at this rank's nodes, ghosts included."""
        values = self.state.x.array if array is None else array
        return values.reshape(-1, self.block)[:, -1]

    def prepare(self, states: list[np.ndarray], ratio: float | None, time: float) -> None:
        """Coefficients of a step that ends at ``time`` (scaled).

        ``states`` are solved ones, newest first; ``ratio`` that of the step to the one before, None after
        a restart.
        """
        forward = min(ratio, 2.0) if ratio is not None and len(states) > 1 else 0.0
        self.state.x.array[:] = states[0] + forward * (states[0] - states[min(1, len(states) - 1)])
        self._refresh(time)
        self.growing.mobility.value = (
            self.table.mobility * self.speed() * self.table.interface / self.scales.length
        )
        slopes = [self._means.of(self._expressions[name]) for name in self._slopes]
        self._extend(
            [*self._slopes.values(), self.growing.speed],
            np.column_stack([*slopes, self._velocity.x.array]),
        )

    def _locate(self) -> None:
        """psi at the nodes from the front of the present state, and what that state has beyond its front."""
        level, psi = distance(self.xi()), self.growing.psi.x.array
        here = self.state.x.array.reshape(-1, self.block)
        near = self._near(here)
        psi[:] = REACH * np.sign(level)
        away = np.minimum(near.distance / self.table.interface, REACH)
        psi[near.nodes] = np.sign(level[near.nodes]) * away
        beyond = self.growing.beyond.x.array.reshape(-1, self.block)
        beyond[:] = 0.0
        beyond[near.nodes] = here[near.nodes] - near.values

    def _near(self, values: np.ndarray) -> Nearby:
        """Distances of nodes from the present front, and nodal values (nodes, k) at its nearest points."""
        level = distance(self.xi())
        cells = self.scalars.dofmap.list[: self.domain.topology.index_map(self.dimension).size_local]
        mine = front_pieces(cells, level, np.column_stack([self.points, values]))
        pieces = np.concatenate(self.comm.allgather(mine))
        return nearby(self.points, pieces, REACH * self.table.interface)

    def _extend(self, functions: list[fem.Function], values: np.ndarray) -> None:
        """Set functions to nodal values (nodes, k) of the front, extended along its normal; 0 far away."""
        near = self._near(values)
        for function, column in zip(functions, near.values.T, strict=True):
            function.x.array[:] = 0.0
            function.x.array[near.nodes] = column

    def followed(self, array: np.ndarray) -> np.ndarray:
        """What the time steps resolve at this rank's own nodes: p c_i/c0 and xi."""
        owned = self.state.function_space.dofmap.index_map.size_local
        return self.growing.followed(array.reshape(-1, self.block)[:owned])

    def plating_density(self) -> Any:
        """Current density of the reaction that the film lies over, at the nodes."""
        return carried_out(self._front.densities()[self.plating.name])

    def lay_film(self, memory: dict[str, Any]) -> None:
        """Put a film with its memory onto the front of the present state."""
        assert self.film is not None
        self.film.recall(memory)
        self.film.spread(self.points, np.abs(distance(self.xi())) < REACH)

    def along(self, others: list[Any]) -> list[Any]:
        """Current density of every reaction on the front, and other expressions, at the nodes."""
        densities = [carried_out(j) for j in self._front.densities().values()]
        return [*densities, *(bare(e) for e in others)]

    def on_electrode(self, problem: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places [m] along the ground in order, overpotential [V] and metal fraction there. All ranks."""
        if self._overpotential is None:
            points = self.scalars.element.interpolation_points
            first = problem.formulation.overpotential(problem.surfaces[0], self.state)
            self._overpotential = fem.Expression(bare(first), points)
            self._on_ground = problem.stage.nodes(self.scalars, Tag.WORKING)
        self._velocity.interpolate(self._overpotential)
        eta = self._velocity.x.array[self._on_ground] * self.scales.potential
        assert not isinstance(self.ground, Bed)
        along = self.ground.along(self.points[self._on_ground])
        mine = np.column_stack([along, eta, self.xi()[self._on_ground]])
        rows = np.concatenate(self.comm.allgather(mine))
        rows = rows[np.unique(rows[:, 0], return_index=True)[1]]
        return rows[:, 0], rows[:, 1], rows[:, 2]

    _overpotential: Any = None

    def _refresh(self, time: float) -> None:
        """Bring up to date what the rates depend on besides the state, at a time (scaled).

        That is the front's distance, the noise and the potential across a film: nothing is left of the
        states before, so that a resumed run finds the same.
        """
        self._locate()
        if self._noise is not None:
            self.factor.x.array[:] = self._noise.factor(self.points, time * self.scales.time)
        self.growing.before_assembly()

    def speed(self) -> float:
        """Largest speed of the front, scaled, at the present state."""
        self._velocity.x.array[:] = self._means.of(self._speed) + self._of_curvature()
        xi = self.xi()
        near = (xi > 0.05) & (xi < 0.95)
        local = float(np.abs(self._velocity.x.array[near]).max()) if near.any() else 0.0
        return float(self.comm.allreduce(local, MPI.MAX))

    def _of_curvature(self) -> np.ndarray | float:
        """What curvature adds to the front's speed at the nodes."""
        if self._shift is None:
            return 0.0
        electrons = {r.name: r.electrons for r in self._front.metal.reactions}
        faster = (
            self.volumes[name] / electrons[name] * self._means.of(slope)
            for name, slope in self._expressions.items()
        )
        return -self._shift() * sum(faster)

    _shift: CapillaryShift | None = None

    def longest_step(self, time: float) -> float:
        """Largest scaled time step from ``time``: the front advances by ``courant`` delta."""
        self._refresh(time)
        return self._advance / max(self.speed(), STILL)

    @property
    def _advance(self) -> float:
        """Scaled distance by which the front advances in a step at most."""
        return self.table.courant * self.table.interface / self.scales.length

    def ran_away(self, dt: float) -> bool:
        """Whether the solved state's speed, kept over the step that led to it, is several advances.

        A front that is nearly dry has such solutions beside the one that is meant. Nothing is refreshed: the
        flows of the step have still to be booked as they were solved.
        """
        return self.speed() * dt > TOO_FAR * self._advance


def distance(xi: np.ndarray) -> np.ndarray:
    """psi = ln(xi/(1-xi)): minus the distance from the front in delta, levelled off."""
    least = np.exp(-REACH)
    inside = np.clip(xi, least, 1 - least)
    return np.clip(np.log(inside / (1 - inside)), -REACH, REACH)


def volume_per_charge(reaction: Reaction, scales: Scales) -> float:
    """omega = z+ nu+ c0 Omega/n: scaled volume of metal per scaled charge."""
    return (
        scales.equivalents
        * scales.concentration
        * float(reaction.molar_volume or 0.0)
        / (reaction.electrons)
    )

"""A case made solvable: mesh, forms, one stepper, and the quantities that people ask for.

Everything here is in scaled units; `Problem.units` converts to SI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem

from thincell.geometry.planemesh import PlaneMesh, distribute
from thincell.geometry.tags import Tag
from thincell.model import electroneutral, ohmic
from thincell.model.measures import Measures
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales
from thincell.model.terms import Medium, Surface
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.stepper import TimeStepper
from thincell.studies.meshing import make_mesh
from thincell.studies.parallel import on_root
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell, CoinCell, MeshCell

ELECTRODES = (Tag.WORKING, Tag.COUNTER)


@dataclass(frozen=True)
class Units:
    """Factors from scaled to SI units, and the nominal area of the working electrode."""

    scales: Scales
    area: float
    nominal_area: float

    @property
    def current(self) -> float:
        """[A] per scaled total current."""
        return self.scales.current_density * self.area

    @property
    def amount(self) -> float:
        """[mol] of salt per scaled inventory."""
        return self.scales.concentration * self.area * self.scales.length

    def density(self, total: float) -> float:
        """Nominal current density [A.m-2] of a scaled total current."""
        return total * self.current / self.nominal_area


class Problem:
    """The discrete problem of one case on a communicator.

    ``plane`` is its mesh on rank 0 when that need not be made (None elsewhere, and to have it made).
    """

    def __init__(
        self, case: Case, comm: MPI.Intracomm = MPI.COMM_WORLD, plane: PlaneMesh | None = None
    ) -> None:
        self.case, self.comm = case, comm
        self.electrolyte = case.electrolyte.build()
        height = characteristic_height(case)
        self.scales = Scales.of(self.electrolyte, height)
        self.plane = on_root(comm, lambda: plane or make_mesh(case))
        self.domain, self.facets = distribute(comm, self.plane, height)
        axisymmetric, length, porosity, exponent = _shape(case)
        self.measures = Measures(self.domain, self.facets, axisymmetric)
        self.medium = Medium(
            self.electrolyte.on(self.domain),
            self.scales.on(self.domain),
            fem.Constant(self.domain, porosity),
            fem.Constant(self.domain, porosity**exponent),
            fem.Constant(self.domain, electroneutral.BACKGROUND),
        )
        self.stores = case.electrolyte.model == "electroneutral"
        self.model: Any = electroneutral if self.stores else ohmic
        area = height**2 if axisymmetric else height * length
        nominal = self._nominal_area(area)
        self.units = Units(self.scales, area, nominal)
        self._fields()
        self._surfaces()
        self._stepper()
        self._observables()

    # -- set-up ---------------------------------------------------------------------------------

    def _nominal_area(self, area: float) -> float:
        """Footprint [m2] of the working electrode."""
        if not isinstance(self.case.cell, MeshCell):
            return self.case.cell.section().footprint(Tag.WORKING)
        one = fem.Constant(self.domain, 1.0)
        return self.integral(self.measures.surface(one, Tag.WORKING)) * area

    def _fields(self) -> None:
        shape = (len(self.model.FIELDS),)
        element = basix.ufl.element("Lagrange", "triangle", self.case.mesh.order, shape=shape)
        self.space = fem.functionspace(self.domain, element)
        self.state = fem.Function(self.space, name="state")
        self.potential = fem.Constant(self.domain, 0.0)
        self.concentration = (
            self.model.concentration(self.state),
            self.model.log_concentration(self.state),
        )
        self.phi = self.model.potential(self.state, self.electrolyte)
        if self.stores:
            self.state.x.array[0::2] = electroneutral.unknown(1.0)

    def _surfaces(self) -> None:
        """Electrodes with their reactions; none of them when they are equipotential (primary)."""
        temperature = self.electrolyte.temperature
        built = {key: table.build(key, temperature) for key, table in self.case.reactions.items()}
        self.reactions: list[Reaction] = [
            reaction.on(self.domain) for reaction in built.values() if reaction is not None
        ]
        self.primary = not self.reactions
        present = [reaction.exchange.value for reaction in built.values() if reaction is not None]
        self._largest_exchange = max(present, default=1.0)
        self._variable = ufl.variable(self.potential)
        self._grounded = fem.Constant(self.domain, 0.0)
        metals = {Tag.WORKING: self._variable, Tag.COUNTER: self._grounded}
        self.surfaces = [
            Surface(int(tag), metal, tuple(r for r in self.reactions if int(tag) in r.electrodes))
            for tag, metal in metals.items()
        ]

    def _stepper(self) -> None:
        conserved = self.model.concentration if self.stores else None
        self.stepper = TimeStepper(self.state, self.potential, conserved, self._conserved_values)
        self.residual = self._residual(ufl.TestFunction(self.space))
        self.stepper.system = self._primary_system() if self.primary else self._system()
        self.stepper.system.current_scale = self._smallest_current()
        self.stepper.start(0.0)

    def _residual(self, tests: Any) -> ufl.Form:
        surfaces = [] if self.primary else self.surfaces
        fields = (self.measures, self.medium, surfaces, self.state, tests)
        if self.stores:
            return electroneutral.residual(*fields, self.stepper.rate)
        return ohmic.residual(*fields)

    def _conserved_values(self, array: np.ndarray) -> np.ndarray:
        """c/c0 at the owned nodes."""
        if not self.stores:
            return np.empty(0)
        owned = self.space.dofmap.index_map.size_local * 2
        return np.asarray(electroneutral.concentration([array[:owned:2]]))

    def current_density(self, surface: Surface) -> Any:
        """Anodic-positive current density of an electrode, scaled."""
        return surface.total_current(self.medium, self.phi, self.concentration)

    def _system(self) -> BorderedSystem:
        working = self.surfaces[0]
        density = self.current_density(working)
        tests = ufl.TestFunction(self.space)
        slope = ufl.diff(density, self._variable)
        by_potential = -self.measures.surface(slope * tests[len(self.model.FIELDS) - 1], working.tag)
        if self.stores:
            release = working.cation_release(self.medium, self.phi, self.concentration)
            by_potential -= self.measures.surface(
                ufl.diff(release, self._variable) * tests[0], working.tag
            )
        return BorderedSystem(
            self.residual,
            self.state,
            self.potential,
            self.measures.surface(density, working.tag),
            (by_potential, self.measures.surface(slope, working.tag)),
            fixed=self._reservoir(),
            reference=self._reference(),
        )

    def _primary_system(self) -> BorderedSystem:
        """Equipotential electrodes: the current is the residual tested with 1 on the electrode."""
        self.on_working = self._unknowns(Tag.WORKING)
        on_counter = self._unknowns(Tag.COUNTER)
        lift, other = fem.Function(self.space), fem.Function(self.space)
        lift.x.array[self.on_working] = 1.0
        other.x.array[on_counter] = 1.0
        self._on_counter = self._residual(other)
        return BorderedSystem(
            self.residual,
            self.state,
            self.potential,
            self._residual(lift),
            (None, None),
            fixed=(on_counter, 0.0),
            on_metal=self.on_working,
            reference=self._reference(),
        )

    def _unknowns(self, tag: Tag) -> np.ndarray:
        """Local unknowns of a one-field space on a boundary."""
        return np.asarray(fem.locate_dofs_topological(self.space, 1, self.facets.find(int(tag))))

    def _reservoir(self) -> tuple[np.ndarray, float] | None:
        """Unknowns of the concentration at the open ends, kept at c0."""
        if not self.stores:
            return None
        ends = np.concatenate([self.facets.find(int(t)) for t in (Tag.INLET, Tag.OUTLET)])
        blocks = fem.locate_dofs_topological(self.space, 1, ends)
        self.has_reservoir = bool(self.comm.allreduce(blocks.size, MPI.SUM))
        return (np.asarray(blocks) * 2, electroneutral.unknown(1.0)) if self.has_reservoir else None

    has_reservoir = False

    def _reference(self) -> ufl.Form | None:
        """Mean electrolyte potential over the reference electrode, if there is one."""
        one = fem.Constant(self.domain, 1.0)
        size = self.integral(self.measures.surface(one, Tag.REFERENCE))
        self.has_reference = size > 0
        if not self.has_reference:
            return None
        share = fem.Constant(self.domain, 1.0 / size)
        return self.measures.surface(share * self.phi, Tag.REFERENCE)

    def _smallest_current(self) -> float:
        """A current below which nothing matters: a thousandth of the largest exchange current."""
        return max(1e-3 * self._largest_exchange / self.scales.current_density, 1e-9) * (
            self.units.nominal_area / self.units.area
        )

    # -- what people ask for ----------------------------------------------------------------------

    def integral(self, form: ufl.Form) -> float:
        """Value of a functional over all ranks."""
        return float(self.comm.allreduce(fem.assemble_scalar(fem.form(form)), MPI.SUM))

    def _observables(self) -> None:
        """Functionals compiled once: currents of each reaction, inventory, gross exchange."""
        m, c = self.measures, self.concentration
        self._functionals: dict[str, Any] = {}
        for surface in self.surfaces if not self.primary else []:
            partial = surface.partial_currents(self.medium, self.phi, c)
            name = Tag(surface.tag).group
            for reaction, density in zip(surface.reactions, partial, strict=True):
                self._functionals[f"current {name} {reaction.name}"] = m.surface(density, surface.tag)
        if self.stores:
            self._functionals["inventory"] = m.volume(self.medium.porosity * c[0])
        self._compiled = {name: fem.form(form) for name, form in self._functionals.items()}

    def functionals(self) -> dict[str, float]:
        """Values of all compiled functionals for the present state."""
        local = np.array([fem.assemble_scalar(form) for form in self._compiled.values()])
        total = self.comm.allreduce(local, MPI.SUM) if local.size else local
        return dict(zip(self._compiled, (float(v) for v in np.atleast_1d(total)), strict=True))

    def rates(self) -> dict[str, float]:
        """Scaled flows for the ledger: charge per electrode and reaction, cations released."""
        values = self.functionals()
        if self.primary:
            assert self.stepper.system is not None
            current = self.stepper.system.current()
            # a residual of its own: the rows of the counter electrode, not minus the working one's
            return {"charge working": current, "charge counter": self.integral(self._on_counter)}
        flows = {name: v for name, v in values.items() if name.startswith("current ")}
        rates = {name.replace("current", "charge", 1): value for name, value in flows.items()}
        for surface in self.surfaces:
            electrode = Tag(surface.tag).group
            parts = {r.name: flows[f"current {electrode} {r.name}"] for r in surface.reactions}
            rates[f"charge {electrode}"] = sum(parts.values())
            rates[f"cations {electrode}"] = sum(
                r.cations_per_charge(self.electrolyte) * parts[r.name] for r in surface.reactions
            )
        if self.has_reservoir:
            assert self.stepper.system is not None
            rates["cations reservoir"] = self.stepper.system.fixed_inflow()
        rates["cations gross"] = abs(rates["cations working"])
        return rates

    def extremes(self) -> tuple[float, float]:
        """Smallest and largest c/c0 at the nodes."""
        if not self.stores:
            return 1.0, 1.0
        values = self._conserved_values(self.state.x.array)
        low = float(values.min()) if values.size else np.inf
        high = float(values.max()) if values.size else -np.inf
        return self.comm.allreduce(low, MPI.MIN), self.comm.allreduce(high, MPI.MAX)

    def place_of_lowest(self) -> tuple[float, float, float]:
        """(c/c0, x, z): where the concentration is smallest, [m]."""
        if not self.stores:
            return 1.0, 0.0, 0.0
        values = self._conserved_values(self.state.x.array)
        points = self.space.tabulate_dof_coordinates()
        best = (np.inf, 0.0, 0.0)
        if values.size:
            k = int(values.argmin())
            best = (float(values[k]), float(points[k, 0]), float(points[k, 1]))
        c, x, z = min(self.comm.allgather(best))
        return c, x * self.scales.length, z * self.scales.length

    def voltages(self) -> tuple[float, float]:
        """(reading of the potentiostat, working minus counter electrode) [V]."""
        assert self.stepper.system is not None
        volt = self.scales.potential
        return self.stepper.system.reading() * volt, float(self.potential.value) * volt

    @property
    def unknowns(self) -> int:
        """Degrees of freedom over all ranks."""
        return int(self.space.dofmap.index_map.size_global * self.space.dofmap.index_map_bs)


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
        return True, 1.0, cell.porosity, cell.bruggeman_exponent
    return cell.axisymmetric, cell.length, cell.porosity, cell.bruggeman_exponent

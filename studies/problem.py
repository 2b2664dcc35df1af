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

from thincell.geometry.distribute import Mesh
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.tags import Tag
from thincell.model.measures import PlanMeasures
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales
from thincell.model.terms import Surface
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.lattice import NotColumns
from thincell.solvers.linear import Linear
from thincell.solvers.stepper import TimeStepper
from thincell.solvers.tolerances import Tolerances
from thincell.studies import kernels, leak
from thincell.studies.flow.channel import carries_out
from thincell.studies.flow.steady import add_flow
from thincell.studies.formulation.base import Formulation
from thincell.studies.formulation.binary import BinarySalt, Ohmic
from thincell.studies.formulation.build import add_closure, formulate, scales_of
from thincell.studies.formulation.chen import ChenFront, ChenSalt
from thincell.studies.formulation.electrodes import Area, Boundary, Electrode
from thincell.studies.formulation.growing import Growing
from thincell.studies.growth.chen import ChenMetal
from thincell.studies.growth.deposit import Deposit
from thincell.studies.readings import Readings
from thincell.studies.schema.case import Case
from thincell.studies.schema.deposit_chen import CHEN
from thincell.studies.schema.errors import InputError
from thincell.studies.stage import Stage

leak.mend()

ELECTRODES = (Tag.WORKING, Tag.COUNTER)

#: With a deposit Newton's method ends where the books of a whole run still close to 1e-11 or better, and
#: gives up soon: a step takes 2 to 4 iterations, and a smaller one is the cure where it does not.
GROWING = Tolerances(residual=1e-11, iterations=15, backtracks=8)

#: What grows, by `deposit.model`.
MODELS: dict[str, type[Deposit]] = {"phase-field": Deposit, CHEN: ChenMetal}

#: Unknowns above which the problem with a deposit is solved field by field.
SPLIT = 30_000


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

    ``made`` is its mesh on rank 0 when that need not be made (None elsewhere, and to have it made).
    """

    def __init__(
        self, case: Case, comm: MPI.Intracomm = MPI.COMM_WORLD, made: Mesh | None = None
    ) -> None:
        self.case, self.comm = case, comm
        kernels.claim(comm)
        self.electrolyte = case.electrolyte.build()
        self.stage = stage = Stage(case, comm, made)
        self.domain, self.measures = stage.domain, stage.measures
        self.scales = scales_of(case, self.electrolyte, stage.height)
        temperature = self.electrolyte.temperature
        built = {key: table.build(key, temperature) for key, table in case.reactions.items()}
        plain = {key: reaction for key, reaction in built.items() if reaction is not None}
        self.reactions = {key: reaction.on(self.domain) for key, reaction in plain.items()}
        self.primary = not self.reactions
        self._largest_exchange = max((r.exchange.value for r in plain.values()), default=1.0)
        filling = (stage.porosity, stage.porosity**stage.exponent)
        self.formulation: Formulation = formulate(
            case, self.domain, self.electrolyte, self.scales, filling, self.reactions
        )
        add_flow(self.formulation, case, stage, self.scales)
        self.units = Units(self.scales, stage.area, stage.footprint())
        self._fields(plain)
        self.stores = self.formulation.stores
        self._surfaces()
        self._stepper()
        self.readings = Readings(self)

    @property
    def plane(self) -> PlaneMesh | None:
        """The mesh of a section on rank 0, None elsewhere."""
        made = self.stage.made
        assert made is None or isinstance(made, PlaneMesh)
        return made

    # -- set-up ---------------------------------------------------------------------------------

    def _fields(self, plain: dict[str, Reaction]) -> None:
        grows = self.case.deposit is not None
        shape = (self.formulation.fields + (1 if grows else 0),)
        order = 1 if grows else self.case.mesh.order
        element = basix.ufl.element("Lagrange", self.domain.basix_cell(), order, shape=shape)
        self.space = fem.functionspace(self.domain, element)
        self.state = fem.Function(self.space, name="state")
        self.potential = fem.Constant(self.domain, 0.0)
        if self.case.deposit is not None:
            self.deposit = MODELS[self.case.deposit.model](
                self.case,
                self.state,
                self.potential,
                self.scales,
                self.reactions,
                plain,
                self.electrolyte,
            )
            self.formulation = self.deposit.grow(self.formulation)
        add_closure(self.formulation, self.case, self.state, self.stage.facets, self.scales)
        points = self.space.tabulate_dof_coordinates()[:, :2]
        self.state.x.array[:] = self.formulation.initial(points).ravel()
        self.concentration = self.formulation.reactant(self.state)
        self.phi = self.formulation.measured_potential(self.state)

    def _surfaces(self) -> None:
        """Electrodes with their reactions; none of them when they are equipotential (primary)."""
        self._variable = ufl.variable(self.potential)
        self._grounded = fem.Constant(self.domain, 0.0)
        metals = {Tag.WORKING: self._variable, Tag.COUNTER: self._grounded}
        self.surfaces = [
            Surface(int(tag), metal, self._reactions_on(int(tag))) for tag, metal in metals.items()
        ]
        self.electrodes = [] if self.primary else [self._electrode(s) for s in self.surfaces]

    #: The deposit on the working electrode, if there is one.
    deposit: Deposit | None = None

    def _electrode(self, surface: Surface) -> Electrode:
        if isinstance(self.formulation, ChenSalt) and surface.tag == Tag.WORKING:
            return ChenFront(self.formulation, surface, self.measures, self.state, self._rate_of)
        if self.deposit is not None and surface.tag == Tag.WORKING:
            return self.deposit.front(surface, self.measures)
        if isinstance(self.measures, PlanMeasures):
            model: Any = self.formulation
            model = model.inner if isinstance(model, Growing) else model
            assert isinstance(model, BinarySalt | Ohmic)  # the case's schema sees to it
            return Area(model, surface, self.measures, self.state)
        return Boundary(self.formulation, surface, self.measures, self.state, self._rate_of)

    def _reactions_on(self, tag: int) -> tuple[Reaction, ...]:
        return tuple(r for r in self.reactions.values() if tag in r.electrodes)

    def _stepper(self) -> None:
        conserved = self.formulation.conserved if self.stores else None
        deposit = self.deposit
        self.stepper = TimeStepper(
            self.state,
            self.potential,
            conserved,
            self.conserved_values if deposit is None else deposit.followed,
            None if deposit is None else deposit.prepare,
        )
        self.residual = self._residual(ufl.TestFunction(self.space))
        self.stepper.system = self._primary_system() if self.primary else self._system()
        self.stepper.system.current_scale = self.smallest_current()
        self.stepper.start(0.0)

    def _residual(self, tests: Any) -> ufl.Form:
        form = self.formulation.volume(self.measures, self.state, tests, self._rate_of)
        for electrode in self.electrodes:
            form -= electrode.delivery(tests)
        return form

    def _rate_of(self, stored: Any) -> Any:
        """The stepper's time derivative, with the potential that forms are differentiated by."""
        return self.stepper.rate_of(stored, self._variable)

    def conserved_values(self, array: np.ndarray) -> np.ndarray:
        """c_i/c0 at the owned nodes, one row per node."""
        count = self.formulation.fields
        owned = self.space.dofmap.index_map.size_local * count
        return self.formulation.values(array[:owned].reshape(-1, count))

    def partial_currents(self, surface: Surface) -> list[Any]:
        """Anodic-positive current density of each reaction of an electrode, scaled."""
        return self.formulation.partial_currents(surface, self.state)

    def _system(self) -> BorderedSystem:
        try:
            return self._bordered()
        except NotColumns as error:
            raise InputError(f"solver.linear: {error}; use 'direct' or 'auto'") from None

    def _bordered(self) -> BorderedSystem:
        working = self.electrodes[0]
        current = list(working.currents().values())
        charging = working.charging()
        delivered, slope = working.by_potential(ufl.TestFunction(self.space))
        return BorderedSystem(
            self.residual,
            self.state,
            self.potential,
            sum(current if charging is None else [*current, charging]),
            (-delivered, slope),
            fixed=self._reservoir(),
            reference=self._reference(),
            refresh=self.formulation.refresh,
            cautious=self._in_fields(self.formulation.cautious),
            tolerances=Tolerances() if self.deposit is None else GROWING,
            linear=self._linear(),
            floating=None if self.deposit is None else self.deposit.islands,
        )

    def _linear(self) -> Linear:
        """The linear solver: a deposit's is field by field where there are many unknowns."""
        preset, petsc = self.case.solver.linear, self.case.solver.petsc
        if self.deposit is None:
            return Linear(preset, petsc)
        if preset == "auto":
            preset = "split" if self.unknowns > SPLIT else "direct"
        return Linear(preset, petsc, swapped=self.deposit.growing.swapped)

    def _in_fields(self, fields: tuple[int, ...]) -> np.ndarray:
        """Local unknowns of some fields."""
        blocks = np.arange(self.space.dofmap.index_map.size_local) * self.formulation.fields
        return np.concatenate([blocks + k for k in fields]) if fields else np.empty(0, dtype=np.int32)

    def _primary_system(self) -> BorderedSystem:
        """Equipotential electrodes: the current is the residual tested with 1 on the electrode."""
        self.on_working = self._unknowns(Tag.WORKING)
        on_counter = self._unknowns(Tag.COUNTER)
        lift, other = fem.Function(self.space), fem.Function(self.space)
        lift.x.array[self.on_working] = 1.0
        other.x.array[on_counter] = 1.0
        self.on_counter = self._residual(other)
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
        return self.stage.nodes(self.space, tag)

    def _reservoir(self) -> tuple[np.ndarray, float] | None:
        """Unknowns at the open ends that keep their initial value."""
        if not self.stores:
            return None
        tags = [
            Tag.INLET,
            *([] if carries_out(self.case) else [Tag.OUTLET]),
            *([Tag.COUNTER] if isinstance(self.formulation, ChenSalt) else []),
        ]
        blocks = self.stage.nodes(self.space, *tags)
        self.has_reservoir = bool(self.comm.allreduce(blocks.size, MPI.SUM))
        kept = self.formulation.reservoir()
        if not self.has_reservoir or not kept:
            return None
        field, value = kept[0]
        return blocks * self.formulation.fields + field, value

    has_reservoir = False

    def _reference(self) -> ufl.Form | None:
        """Mean electrolyte potential over the reference electrode, if there is one."""
        size = self.stage.size_of(Tag.REFERENCE)
        self.has_reference = size > 0
        if not self.has_reference:
            return None
        share = fem.Constant(self.domain, 1.0 / size)
        return self.measures.surface(share * self.phi, Tag.REFERENCE)

    def smallest_current(self) -> float:
        """A current below which nothing matters: a thousandth of the largest exchange current."""
        return max(1e-3 * self._largest_exchange / self.scales.current_density, 1e-9) * (
            self.units.nominal_area / self.units.area
        )

    # -- what people ask for ----------------------------------------------------------------------

    def integral(self, form: ufl.Form) -> float:
        """Value of a functional over all ranks."""
        return float(self.comm.allreduce(fem.assemble_scalar(fem.form(form)), MPI.SUM))

    @property
    def long_time(self) -> float:
        """A scaled time in which everything relaxes: 100 times the slowest diffusion time.

        At least 1e4, and not longer: the error of the amounts of ions is Newton's residual times this.
        """
        return float(max(100 * self.stage.longest() ** 2 / np.pi**2, 1e4))

    def longest_step(self) -> float:
        """Largest scaled time step that the front of a deposit allows."""
        return np.inf if self.deposit is None else self.deposit.longest_step(self.stepper.time)

    def ran_away(self, dt: float) -> bool:
        """Whether the front of a deposit is too fast after a scaled step."""
        return self.deposit is not None and self.deposit.ran_away(dt)

    @property
    def unknowns(self) -> int:
        """Degrees of freedom over all ranks."""
        return int(self.space.dofmap.index_map.size_global * self.space.dofmap.index_map_bs)

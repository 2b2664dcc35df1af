"""The whole case file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from thincell.studies.library import LibraryError, load
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.bulge import check_bulge
from thincell.studies.schema.cell import Cell, MeshCell
from thincell.studies.schema.deposit import DepositTable
from thincell.studies.schema.deposit_in_cell import check_deposit, with_its_defaults
from thincell.studies.schema.double_layer import DoubleLayerTable
from thincell.studies.schema.electrolyte import ElectrolyteTable
from thincell.studies.schema.flow import FlowTable, check_flow
from thincell.studies.schema.impedance import ImpedanceTable
from thincell.studies.schema.protocol import Step
from thincell.studies.schema.quantities import Duration, Flag, Integer, Quantity, TextOrNumber
from thincell.studies.schema.reactions import EquipotentialTable, ReactionTable, TafelTable
from thincell.studies.schema.views import check_view


class MeshTable(Table):
    """How fine the mesh is. The defaults follow the height and the electrodes."""

    edge: Quantity("1", gt=0, lt=1) = Field(  # type: ignore[valid-type]
        default=0.02, description="Cell size at electrode edges and surfaces, in heights."
    )
    growth: Quantity("1", gt=1, lt=4) = Field(  # type: ignore[valid-type]
        default=1.6, description="Ratio of neighbouring cells."
    )
    columns: Integer = Field(default=8, ge=1, le=1000, description="Least cells between two edges.")
    layers: Integer = Field(default=4, ge=1, le=1000, description="Least cells through the height.")
    reach: Quantity("1", gt=0) = Field(  # type: ignore[valid-type]
        default=1.0, description="Distance in heights within which cells shrink towards an edge."
    )
    order: Integer = Field(
        default=2,
        ge=1,
        le=3,
        description="Polynomial order of the elements; with a deposit 1, which is the default there.",
    )
    double_layer_edge: Quantity("1", gt=0, lt=10) = Field(  # type: ignore[valid-type]
        default=0.5,
        description="First cell at the electrodes in Gouy-Chapman lengths, lambda_D exp(-z F"
        " |diffuse_potential|/2RT), z the highest charge number of an ion. This and the next two keys"
        " count only for electrolyte.model = 'nernst-planck-poisson'.",
    )
    double_layer_growth: Quantity("1", gt=1, lt=4) = Field(  # type: ignore[valid-type]
        default=1.3, description="Ratio of neighbouring cells within a double layer."
    )
    diffuse_potential: Quantity("V", ge=0, lt=0.5) = Field(  # type: ignore[valid-type]
        default=0.1,
        description="Largest potential across the diffuse double layer, a magnitude, that the mesh"
        " resolves.",
    )


class SolverTable(Table):
    """Tolerances of the solution in time."""

    tolerance: Quantity("1", gt=0, lt=0.1) = Field(  # type: ignore[valid-type]
        default=5e-4,
        description="Largest local error of a time step in the concentration, relative to the"
        " initial one.",
    )
    first_step: Duration | None = Field(
        default=None, description="First time step after a change of control."
    )
    largest_step: Duration | None = Field(default=None, description="Largest time step.")
    linear: Literal["auto", "direct", "collapse", "split"] = Field(
        default="auto",
        description="Linear solver: direct (MUMPS), collapse (iterative, for meshes of columns), split"
        " (iterative, field by field, for deposits), auto (direct up to 300 000 unknowns, with a deposit up"
        " to 30 000).",
    )
    petsc: dict[str, TextOrNumber] = Field(
        default={}, description="PETSc options of the linear solver, such as { ksp_rtol = 1e-6 }."
    )

    @model_validator(mode="after")
    def _ordered(self) -> SolverTable:
        first, largest = self.first_step, self.largest_step
        if first is not None and largest is not None and first > largest:
            raise fault(
                "solver",
                "{first:g} s is above largest_step = {largest:g} s",
                {"first": first, "largest": largest},
                at="first_step",
            )
        return self


class OutputTable(Table):
    """What is written, and when."""

    every: Duration | None = Field(
        default=None, description="Interval of the profiles and fields (default: 20 per step)."
    )
    times: list[Duration] = Field(default=[], description="Further times, from the run's start.")
    fields: Flag = Field(default=True, description="Write concentration and potential for ParaView.")
    figures: Flag = Field(default=True, description="Draw the figures of the run.")
    checkpoint: Duration = Field(
        default=60.0, description="Interval of the checkpoints, in time on the clock."
    )


#: Model of `compare.models` that is electroneutral with the Gouy-Chapman-Stern closure.
CLOSURE = "electroneutral with closure"

ComparedModel = Literal["electroneutral", "electroneutral with closure", "nernst-planck-poisson"]


class CompareTable(Table):
    """What `thincell compare` compares the case with."""

    coin: str = Field(default="cr2032-celgard2325", description="Coin cell of the twin.")
    vary: dict[str, list[Any]] = Field(
        default={},
        description="A key of the case (such as 'protocol.0.plate') and its values: one comparison for"
        " each. Further keys, with as many values, change together with the first.",
    )
    models: list[ComparedModel] = Field(
        default=[],
        description="Two or three electrolyte models to be compared with each other instead of the"
        " coin-cell twin; the last one is the reference.",
    )
    tolerance: Quantity("1", gt=0, lt=1) = Field(  # type: ignore[valid-type]
        default=0.01, description="Difference of two models above which it is told when and where."
    )

    @model_validator(mode="after")
    def _models(self) -> CompareTable:
        if self.models and (len(self.models) == 1 or len(set(self.models)) < len(self.models)):
            raise fault(
                "compare",
                "name two or three different models; there is nothing to compare",
                {},
                at="models",
            )
        if self.models and self.vary:
            raise fault(
                "compare",
                "models of one cell are compared, so nothing can be varied besides; take one of the two"
                " away, or run a sweep",
                {},
                at="models",
            )
        return self

    @model_validator(mode="after")
    def _varied(self) -> CompareTable:
        for key, values in self.vary.items():
            if not values:
                raise fault("compare", "{key!r} has no values", {"key": key}, at="vary")
        if len({len(values) for values in self.vary.values()}) > 1:
            counts = ", ".join(f"{key!r} {len(values)}" for key, values in self.vary.items())
            raise fault(
                "compare",
                "its keys change together and need as many values each; they have: {counts}",
                {"counts": counts},
                at="vary",
            )
        try:
            load("coins", self.coin)
        except LibraryError as error:
            raise fault("library", "{text}", {"text": str(error)}, at="coin") from None
        return self

    def variants(self) -> list[dict[str, Any]]:
        """What is changed for each comparison."""
        return [
            dict(zip(self.vary, values, strict=True)) for values in zip(*self.vary.values(), strict=True)
        ]


class Case(Table):
    """One validated input file."""

    title: str = Field(default="untitled case", description="Title of reports and figures.")
    description: str = Field(default="", description="A few sentences for the report.")
    cell: Cell = Field(description="A chip, a coin cell, or a mesh of one's own.")
    electrolyte: ElectrolyteTable = Field(description="What fills the cell.")
    reactions: dict[str, ReactionTable] = Field(
        min_length=1, description="Electrode reactions by names of your choice."
    )
    double_layer: DoubleLayerTable | None = Field(
        default=None,
        description="Double layer of the electrodes: for nernst-planck-poisson (default values when"
        " it is missing), and as the Gouy-Chapman-Stern closure of the electroneutral model.",
    )
    deposit: DepositTable | None = Field(
        default=None, description="Metal that grows and dissolves on the working electrode."
    )
    flow: FlowTable | None = Field(
        default=None, description="Solvent pumped through a chip; without it the liquid is at rest."
    )
    protocol: list[Step] = Field(min_length=1, description="What the potentiostat does, in order.")
    mesh: MeshTable = MeshTable()
    solver: SolverTable = SolverTable()
    output: OutputTable = OutputTable()
    compare: CompareTable = CompareTable()
    impedance: ImpedanceTable | None = Field(
        default=None, description="What `thincell impedance` measures at the end of the protocol."
    )

    @model_validator(mode="before")
    @classmethod
    def _linear(cls, data: Any) -> Any:
        return with_its_defaults(data)

    @model_validator(mode="after")
    def _consistent(self) -> Case:
        self._check_electrodes()
        self._check_stoichiometry()
        self._check_model()
        self._check_ions()
        check_bulge(self)
        check_view(self)
        check_flow(self)
        if self.deposit is not None:
            check_deposit(self)
        self._check_protocol()
        return self

    def _check_electrodes(self) -> None:
        for electrode in ("working", "counter"):
            if not any(electrode in reaction.electrodes for reaction in self.reactions.values()):
                raise fault(
                    "reactions",
                    "no reaction happens on the {electrode} electrode, so no current can flow; add"
                    " it to the electrodes of a reaction",
                    {"electrode": electrode},
                )

    def _check_stoichiometry(self) -> None:
        charge, kind = self.electrolyte.salt.cation_charge, self.electrolyte.kind
        for name, reaction in self.reactions.items():
            if reaction.type == "plating" and reaction.electrons != charge:
                raise fault(
                    "reactions",
                    "reaction {name!r} plates with {n} electrons, but {ion} has charge {z}",
                    {
                        "name": name,
                        "n": reaction.electrons,
                        "ion": self.electrolyte.salt.cation,
                        "z": charge,
                    },
                    at=f"reactions.{name}.electrons",
                )
            if reaction.metal and reaction.type == "plating":
                ion = self.electrolyte.salt.cation
                if not ion.startswith(reaction.metal):
                    raise fault(
                        "reactions",
                        "reaction {name!r} plates {metal}, but the cation of {electrolyte} is"
                        " {ion};"
                        " choose a reaction of that metal",
                        {
                            "name": name,
                            "metal": reaction.metal,
                            "electrolyte": self.electrolyte.name,
                            "ion": ion,
                        },
                        at=f"reactions.{name}.metal",
                    )
            if reaction.type == "redox" and "counter" in reaction.electrodes:
                raise fault(
                    "reactions",
                    "the redox couple {name!r} cannot run on the counter electrode: only its oxidised"
                    " form is there at the start; set electrodes = ['working'] and give the counter"
                    " electrode a reaction such as 'ideal-counter'",
                    {"name": name},
                )
            if reaction.type == "redox" and kind != "supported":
                raise fault(
                    "reactions",
                    "the redox couple {name!r} needs a supported electrolyte; {electrolyte} is a"
                    " binary salt",
                    {"name": name, "electrolyte": self.electrolyte.name},
                    at=f"reactions.{name}.type",
                )

    def _check_ions(self) -> None:
        """Reactions among ions that are followed one by one, and double layers where there are any."""
        if self.electrolyte.ionic:
            self._check_fixed_charge()
            for name, reaction in self.reactions.items():
                built = reaction.build(name, self.electrolyte.temperature)
                if built is not None:
                    reaction.ionic(name, built, self.electrolyte)
        elif self.double_layer is not None:
            kind, model = self.electrolyte.kind, self.electrolyte.model
            if model == "ohmic" or kind == "supported":
                raise fault(
                    "double_layer",
                    "the closure needs the ions of a binary salt and a concentration that changes;"
                    " this case has model = {model!r} and kind = {kind!r}",
                    {"model": model, "kind": kind},
                )
            if not any(reaction.type == "plating" for reaction in self.reactions.values()):
                raise fault(
                    "double_layer",
                    "the closure needs a plating reaction, whose metal is the reference of its"
                    " potential of zero charge",
                    {},
                )

    def _check_fixed_charge(self) -> None:
        """Immobile charge where the equations know no layer that would balance it."""
        if self.electrolyte.fixed_charge is None:
            return
        if self.double_layer is not None and self.electrolyte.model == "electroneutral":
            raise fault(
                "double_layer",
                "the closure is that of a solution without immobile charge; resolve the double layer"
                " with electrolyte.model = 'nernst-planck-poisson', or leave out [double_layer]",
                {},
            )
        if getattr(self.cell, "ends", "closed") == "reservoir":
            raise fault(
                "fixed_charge",
                "reservoirs hold the solution without immobile charge, so that charge would leave at the"
                " ends; set cell.ends = 'closed'",
                {},
                at="electrolyte.fixed_charge",
            )

    def _check_protocol(self) -> None:
        """Steps that ask for what this case cannot do."""
        for number, step in enumerate(self.protocol):
            if step.kind in ("plate", "strip"):
                self._check_direction(number, step.kind)
            for condition in step.conditions():
                if condition.quantity == "minimum concentration" and (self.electrolyte.model == "ohmic"):
                    raise fault(
                        "protocol",
                        "{text}: with electrolyte.model = 'ohmic' the concentration never changes",
                        {"text": repr(condition.text)},
                        at=f"protocol.{number}.until",
                    )

    def _check_direction(self, number: int, kind: str) -> None:
        """Tafel kinetics run one way only."""
        wanted = {"working": "cathodic", "counter": "anodic"}
        if kind == "strip":
            wanted = {"working": "anodic", "counter": "cathodic"}
        for electrode, direction in wanted.items():
            laws = [r.kinetics for r in self.reactions.values() if electrode in r.electrodes]
            if all(isinstance(k, TafelTable) and k.direction != direction for k in laws):
                raise fault(
                    "protocol",
                    "to {kind}, the {electrode} electrode needs a reaction that can run in the"
                    " {direction} direction; all it has is Tafel kinetics in the other",
                    {"kind": kind, "electrode": electrode, "direction": direction},
                    at=f"protocol.{number}.{kind}",
                )

    def _check_model(self) -> None:
        fast = [n for n, r in self.reactions.items() if isinstance(r.kinetics, EquipotentialTable)]
        if fast and self.electrolyte.model != "ohmic":
            raise fault(
                "reactions",
                "kinetics.law = 'equipotential' of {name!r} is for electrolyte.model = 'ohmic' (the"
                " primary current distribution)",
                {"name": fast[0]},
                at="electrolyte.model",
            )
        if fast and len(self.reactions) > 1:
            raise fault(
                "reactions", "an equipotential electrode leaves no room for a second reaction", {}
            )
        if fast and any(step.kind == "sweep" for step in self.protocol):
            raise fault(
                "protocol", "a sweep with equipotential electrodes is a straight line: use hold", {}
            )
        if isinstance(self.cell, MeshCell) and self.mesh != MeshTable(order=self.mesh.order):
            raise fault("mesh", "a mesh of one's own is used as it is: only mesh.order can be set", {})


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; OSError, UnicodeDecodeError or TOMLDecodeError when unreadable."""
    return tomllib.loads(path.read_text(encoding="utf-8"))

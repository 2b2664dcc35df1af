"""The [reactions.*] tables: stoichiometry and kinetics."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from thincell.geometry.tags import Tag
from thincell.model import kinetics
from thincell.model.constants import thermal_voltage
from thincell.model.ionic_reactions import IonicReaction
from thincell.model.reactions import ExchangeCurrentDensity, Reaction
from thincell.studies.library import load
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.cell import from_library
from thincell.studies.schema.quantities import (
    Concentration,
    CurrentDensity,
    Energy,
    Integer,
    Number,
    Positive,
    Potential,
)
from thincell.studies.schema.stoichiometry import read_equation


class Exchange(Table):
    """i0 = exchange_current_density (c / reference_concentration)^concentration_exponent."""

    exchange_current_density: CurrentDensity = Field(description="i0 at the reference concentration.")
    reference_concentration: Concentration = Field(
        default=1000.0, description="Concentration at which i0 is given."
    )
    concentration_exponent: Number = Field(
        default=0.0,
        description="Exponent of the concentration in i0: that of the salt; where ions are followed one"
        " by one, that of the salt's cation, or of the only ion that the reaction reduces.",
    )

    def exchange(self) -> ExchangeCurrentDensity:
        """The law of the model."""
        return ExchangeCurrentDensity(
            self.exchange_current_density,
            self.reference_concentration,
            self.concentration_exponent,
        )


class Transfer(Exchange):
    """Transfer coefficients in Newman's convention: alpha_a + alpha_c = n for one slow step."""

    anodic_transfer_coefficient: Positive = Field(default=0.5, description="alpha_a.")
    cathodic_transfer_coefficient: Positive = Field(default=0.5, description="alpha_c.")


class ButlerVolmerTable(Transfer):
    """i = i0 [exp(alpha_a F eta/RT) - exp(-alpha_c F eta/RT)]."""

    law: Literal["butler-volmer"]

    def kinetics(self, temperature: float) -> kinetics.Kinetics:
        return kinetics.ButlerVolmer(
            self.anodic_transfer_coefficient, self.cathodic_transfer_coefficient
        )


class LinearTable(Transfer):
    """i = i0 (alpha_a + alpha_c) F eta/RT."""

    law: Literal["linear"]

    def kinetics(self, temperature: float) -> kinetics.Kinetics:
        return kinetics.LinearKinetics(
            self.anodic_transfer_coefficient, self.cathodic_transfer_coefficient
        )


class TafelTable(Transfer):
    """One direction only: i = -i0 exp(-alpha_c F eta/RT), or i0 exp(alpha_a F eta/RT)."""

    law: Literal["tafel"]
    direction: Literal["cathodic", "anodic"] = Field(
        default="cathodic", description="Direction in which it runs."
    )

    def kinetics(self, temperature: float) -> kinetics.Kinetics:
        return kinetics.Tafel(
            self.direction, self.anodic_transfer_coefficient, self.cathodic_transfer_coefficient
        )


class MarcusTable(Exchange):
    """Marcus-Hush-Chidsey kinetics with a reorganisation energy."""

    law: Literal["marcus-hush-chidsey"]
    reorganisation_energy: Energy = Field(description="Reorganisation energy of Marcus theory.")

    def kinetics(self, temperature: float) -> kinetics.Kinetics:
        return kinetics.MarcusHushChidsey(self.reorganisation_energy / thermal_voltage(temperature))


class EquipotentialTable(Table):
    """Infinitely fast: the electrolyte at the electrode has the metal's potential (ohmic model)."""

    law: Literal["equipotential"]


KineticsTable = Annotated[
    ButlerVolmerTable | LinearTable | TafelTable | MarcusTable | EquipotentialTable,
    Field(discriminator="law"),
]


class ReactionTable(Table):
    """One electrode reaction."""

    name: str = Field(description="Library entry (such as 'Li/Li+'), or the path of a TOML file.")
    type: Literal["plating", "side", "redox"] = Field(
        default="plating",
        description="plating: metal from the salt's cation; side: no ion of the salt takes part;"
        " redox: a soluble couple in a supported electrolyte.",
    )
    metal: str | None = Field(default=None, description="Metal of the library, for its volume.")
    electrons: Integer = Field(gt=0, le=4, description="Electrons per metal atom or molecule.")
    electrodes: list[Literal["working", "counter"]] = Field(
        default=["working", "counter"], min_length=1, description="Where it happens."
    )
    equilibrium_potential: Potential = Field(
        default=0.0,
        description="U: against the same metal in the same solution (plating), that metal at the"
        " reference concentration (side), or the inner potential (redox).",
    )
    equation: str | None = Field(
        default=None,
        description="Ions and electrons, such as '2 H2O + 2 e- = H2 + 2 OH-': needed for side reactions"
        " where ions are followed one by one (default of plating: the salt's cation).",
    )
    kinetics: KineticsTable = Field(description="Law of the rate.")

    @model_validator(mode="before")
    @classmethod
    def _library(cls, data: Any) -> Any:
        return from_library("reactions", "name", data)

    @model_validator(mode="after")
    def _consistent(self) -> ReactionTable:
        if len(set(self.electrodes)) != len(self.electrodes):
            raise fault("reaction", "it names one electrode twice", {}, at="electrodes")
        if isinstance(self.kinetics, MarcusTable) and self.electrons != 1:
            raise fault(
                "reaction",
                "marcus-hush-chidsey describes the transfer of one electron; this reaction has"
                " {n}: use butler-volmer",
                {"n": self.electrons},
            )
        if self.type == "redox" and not isinstance(self.kinetics, ButlerVolmerTable):
            raise fault(
                "reaction",
                "{law!r} is not for a redox couple, which needs 'butler-volmer'",
                {"law": self.kinetics.law},
                at="kinetics.law",
            )
        if self.metal is not None:
            molar_volume(self.metal)
        return self

    def ionic(self, key: str, reaction: Reaction, table: Any) -> IonicReaction:
        """The reaction between the ions of an ElectrolyteTable; a fault at ``reactions.key``."""
        solution = table.solution()
        cation = solution.number(table.salt.cation)
        equation = read_equation(
            self.equation or self._plating_equation(key, table), f"reactions.{key}.equation"
        )
        electrons = equation.electrons
        release = tuple(
            -equation.made(s.name) / electrons if electrons else 0.0 for s in solution.species
        )
        charge = sum(nu * s.charge for nu, s in zip(release, solution.species, strict=True))
        if abs(charge - 1) > 1e-12 or abs(electrons) != self.electrons:
            raise fault(
                "reactions",
                "{text} does not conserve charge with {n} electrons and the ions {names}; name every"
                " charged species in electrolyte.species and the electrons as e-",
                {
                    "text": repr(self.equation),
                    "n": self.electrons,
                    "names": ", ".join(s.name for s in solution.species),
                },
                at=f"reactions.{key}.equation",
            )
        if self.type == "plating" and abs(release[cation] * self.electrons - 1) > 1e-12:
            raise fault(
                "reactions",
                "{text} does not plate one {ion}; call a reaction of other ions type = 'side'",
                {"text": repr(self.equation), "ion": table.salt.cation},
                at=f"reactions.{key}.equation",
            )
        return IonicReaction(reaction, release, self._reactant(key, release, cation))

    def _reactant(self, key: str, release: tuple[float, ...], cation: int) -> int | None:
        """The ion that sets i0: the salt's cation, or the only one that the reaction reduces."""
        if release[cation]:
            return cation
        reduced = [k for k, nu in enumerate(release) if nu > 0]
        if len(reduced) == 1:
            return reduced[0]
        if getattr(self.kinetics, "concentration_exponent", 0.0):
            raise fault(
                "reactions",
                "{text} has no single ion on the side of the electrons whose concentration could set the"
                " exchange current density; set it to 0",
                {"text": repr(self.equation)},
                at=f"reactions.{key}.kinetics.concentration_exponent",
            )
        return None

    def _plating_equation(self, key: str, table: Any) -> str:
        if self.type == "plating":
            return f"{table.salt.cation} + {self.electrons} e- = metal"
        raise fault(
            "reactions",
            "where ions are followed one by one, a reaction of type {type!r} needs its equation, such as"
            " '2 H2O + 2 e- = H2 + 2 OH-', so that charge is conserved",
            {"type": self.type},
            at=f"reactions.{key}.equation",
        )

    def tags(self) -> tuple[int, ...]:
        """Boundary tags of the electrodes on which it happens."""
        return tuple(int(Tag[name.upper()]) for name in self.electrodes)

    def build(self, key: str, temperature: float) -> Reaction | None:
        """The reaction of the model; None for an equipotential electrode, which has no law."""
        if isinstance(self.kinetics, EquipotentialTable):
            return None
        return Reaction(
            name=key,
            kind=self.type,
            electrons=self.electrons,
            electrodes=self.tags(),
            kinetics=self.kinetics.kinetics(temperature),
            exchange=self.kinetics.exchange(),
            equilibrium_potential=self.equilibrium_potential,
            molar_volume=molar_volume(self.metal) if self.metal else None,
        )


def molar_volume(metal: str) -> float:
    """Molar volume [m3.mol-1] of a metal of the library."""
    from thincell.model.units import parse
    from thincell.studies.library import LibraryError

    try:
        return parse(load("metals", metal).values["molar_volume"], "m^3/mol")
    except LibraryError as error:
        raise fault("library", "{text}", {"text": str(error)}, at="metal") from None

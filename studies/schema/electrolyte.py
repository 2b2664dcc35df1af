"""The [electrolyte] table and its property laws."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from thincell.model import properties
from thincell.model.electrolyte import Electrolyte, Salt
from thincell.model.species import Solution
from thincell.model.units import UnitError, parse
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.cell import from_library
from thincell.studies.schema.ions import build_solution
from thincell.studies.schema.quantities import (
    Concentration,
    Diffusivity,
    Integer,
    Positive,
    Real,
    Temperature,
    TextOrNumber,
)
from thincell.studies.schema.solution import (
    FixedChargeTable,
    HomogeneousTable,
    PermittivityLaw,
    SpeciesTable,
)

UNITS = {
    "diffusivity": "m^2/s",
    "conductivity": "S/m",
    "transference_number": "1",
    "thermodynamic_factor": "1",
}


class ConstantLaw(Table):
    """The same value at every concentration."""

    law: Literal["constant"]
    value: TextOrNumber


class PowerSeriesLaw(Table):
    """unit * sum of a_k c^p_k, c in mol/L."""

    law: Literal["power-series"]
    coefficients: list[Real] = Field(min_length=1)
    exponents: list[Real] = Field(min_length=1)
    unit: str = "dimensionless"

    @model_validator(mode="after")
    def _lengths(self) -> PowerSeriesLaw:
        if len(self.coefficients) != len(self.exponents):
            raise fault(
                "law",
                "{a} coefficients do not match {b} exponents",
                {"a": len(self.coefficients), "b": len(self.exponents)},
            )
        if min(self.exponents) < 0:
            raise fault("law", "exponents must not be negative", {})
        return self


class ExponentialLaw(Table):
    """prefactor * exp(rate c), c in mol/L."""

    law: Literal["exponential"]
    prefactor: TextOrNumber
    rate: Real


class LandesfeindLaw(Table):
    """The fits of Landesfeind & Gasteiger 2019, 10.1149/2.0571912jes."""

    law: Literal["landesfeind-conductivity", "landesfeind-diffusivity", "landesfeind-polynomial"]
    coefficients: list[Real]

    @model_validator(mode="after")
    def _number(self) -> LandesfeindLaw:
        wanted = {"conductivity": 6, "diffusivity": 4, "polynomial": 9}[self.law.split("-")[1]]
        if len(self.coefficients) != wanted:
            raise fault(
                "law",
                "{law} takes {wanted} coefficients, not {given}",
                {"law": self.law, "wanted": wanted, "given": len(self.coefficients)},
            )
        return self


class ValoenReimersLaw(Table):
    """The fits of Valoen & Reimers 2005, 10.1149/1.1872737; no numbers of their own."""

    law: Literal[
        "valoen-reimers-conductivity",
        "valoen-reimers-diffusivity",
        "valoen-reimers-thermodynamic-factor",
    ]


class DiluteLaw(Table):
    """Infinite dilution: from the diffusivities of the two ions."""

    law: Literal["dilute"]
    cation_diffusivity: Diffusivity
    anion_diffusivity: Diffusivity


AnyLaw = Annotated[
    ConstantLaw | PowerSeriesLaw | ExponentialLaw | LandesfeindLaw | ValoenReimersLaw | DiluteLaw,
    Field(discriminator="law"),
]


class SaltTable(Table):
    """Ions of the salt; in a supported electrolyte the cation is the reactant."""

    cation: str = Field(description="Name of the cation.")
    anion: str = Field(description="Name of the anion.")
    cation_charge: Integer = Field(gt=0, le=4, description="Charge number z+.")
    anion_charge: Integer = Field(lt=0, ge=-4, description="Charge number z-, negative.")
    background: str = Field(default="", description="Supporting electrolyte, for the record.")


class ElectrolyteTable(Table):
    """What fills the cell, and the model of its transport."""

    name: str = Field(description="Library entry, or the path of a TOML file.")
    model: Literal["electroneutral", "nernst-planck-poisson", "ohmic"] = Field(
        default="electroneutral",
        description="electroneutral: concentrations and potential; nernst-planck-poisson: with space"
        " charge, double layers resolved; ohmic: potential only, the concentration stays uniform.",
    )
    kind: Literal["binary-salt", "supported"] = Field(
        default="binary-salt",
        description="binary-salt: the salt conducts; supported: the reactant only diffuses.",
    )
    solvent: str = Field(default="", description="Solvent, for the record.")
    salt: SaltTable
    concentration: Concentration = Field(description="Initial concentration of the salt.")
    concentration_range: tuple[str, str] = Field(
        description="Range in which the laws hold; above it they keep their last value."
    )
    relative_permittivity: Positive = Field(description="For the Debye length.")
    temperature: Temperature = Field(description="Temperature of the cell.")
    diffusivity: AnyLaw = Field(description="Salt diffusivity.")
    conductivity: AnyLaw = Field(description="Ionic conductivity.")
    transference_number: AnyLaw = Field(description="Transference number of the cation.")
    thermodynamic_factor: AnyLaw = Field(description="1 + dln f/dln c.")
    species: list[SpeciesTable] = Field(
        default=[],
        description="All dissolved ions, for transport of each by itself (dilute solution theory);"
        " empty: the salt's two ions.",
    )
    homogeneous: list[HomogeneousTable] = Field(
        default=[], description="Reactions between dissolved species."
    )
    fixed_charge: FixedChargeTable | None = Field(default=None, description="Immobilised ions.")
    permittivity: PermittivityLaw = Field(
        default="constant",
        description="constant, or booth: dielectric saturation of water (nernst-planck-poisson).",
    )

    @model_validator(mode="before")
    @classmethod
    def _library(cls, data: Any) -> Any:
        data = from_library("electrolytes", "name", data)
        if isinstance(data, dict):
            shorthand = {
                key: {"law": "constant", "value": item}
                for key, item in data.items()
                if key in UNITS and not isinstance(item, dict)
            }
            data = {**data, **shorthand}
        return data

    @model_validator(mode="after")
    def _sane(self) -> ElectrolyteTable:
        low, high = self.validity()
        if not 0 <= low < high:
            raise fault(
                "electrolyte",
                "concentration_range must rise: got {text}",
                {"text": str(list(self.concentration_range))},
                at="concentration_range",
            )
        made = self.build()
        for c in (self.concentration, max(low, 1e-3 * high), high):
            self._check(made, c)
        self._check_ions()
        return self

    def _check_ions(self) -> None:
        if not self.ionic:
            given = [key for key in ("homogeneous", "fixed_charge") if getattr(self, key)]
            if given:
                raise fault(
                    "electrolyte",
                    "it needs electrolyte.species, or model = 'nernst-planck-poisson'",
                    {},
                    at=given[0],
                )
            return
        if self.model == "ohmic":
            raise fault(
                "electrolyte",
                "model = 'ohmic' has no species; use 'electroneutral' or 'nernst-planck-poisson'",
                {},
                at="species",
            )
        if self.kind == "supported":
            raise fault(
                "electrolyte",
                "kind = 'supported' does not say which ions carry the current; name an electrolyte of"
                " kind 'binary-salt' and list all ions in electrolyte.species",
                {},
                at="model",
            )
        self.solution()

    @property
    def ionic(self) -> bool:
        """Whether ions are followed one by one."""
        return bool(self.species) or self.model == "nernst-planck-poisson"

    def solution(self) -> Solution:
        """The species of the model: those listed, or the salt's two ions."""
        return build_solution(self)

    def _check(self, made: Electrolyte, c: float) -> None:
        values = {
            "diffusivity": float(made.salt_diffusivity(c)),
            "conductivity": float(made.ionic_conductivity(c)),
            "thermodynamic_factor": float(made.thermodynamic_factor(c, self.temperature)),
        }
        for name, value in values.items():
            if not 0 < value < math.inf:
                raise fault(
                    "electrolyte",
                    "it is {value:.4g} {unit} at {c:.4g} mol/m^3 and {t:.4g} K: it must be"
                    " positive at the"
                    " concentration and over the concentration_range; correct the law or the"
                    " numbers",
                    {"value": value, "unit": UNITS[name], "c": c, "t": self.temperature},
                    at=name,
                )
        share = float(made.cation_transference(c))
        if not 0 <= share < 1:
            raise fault(
                "electrolyte",
                "it is {value:.4g} at {c:.4g} mol/m^3 and {t:.4g} K: it must be in [0, 1)",
                {"value": share, "c": c, "t": self.temperature},
                at="transference_number",
            )

    def validity(self) -> tuple[float, float]:
        """Range of validity of the laws [mol.m-3]."""
        try:
            low, high = (parse(text, "mol/m^3") for text in self.concentration_range)
        except UnitError as error:
            raise fault(
                "quantity_unit", "{text}", {"text": str(error)}, at="concentration_range"
            ) from None
        return low, high

    def build(self) -> Electrolyte:
        """The electrolyte of the model."""
        salt = Salt(self.salt.cation, self.salt.anion, self.salt.cation_charge, self.salt.anion_charge)
        low, high = self.validity()
        return Electrolyte(
            name=self.name,
            salt=salt,
            concentration=self.concentration,
            temperature=self.temperature,
            relative_permittivity=self.relative_permittivity,
            diffusivity=_law(self.diffusivity, "diffusivity", salt),
            conductivity=_law(self.conductivity, "conductivity", salt),
            transference_number=_law(self.transference_number, "transference_number", salt),
            thermodynamic_factor=_law(self.thermodynamic_factor, "thermodynamic_factor", salt),
            highest=high,
            lowest=low,
            supported=self.kind == "supported",
        )


def _read(text: str | float, name: str) -> float:
    unit = UNITS[name]
    if isinstance(text, int | float) and unit != "1":
        message = f"{text!r} has no unit; write it as text in units of {unit}"
        raise fault("quantity_unit", "{text}", {"text": message}, at=name)
    try:
        value = parse(str(text), unit)
    except UnitError as error:
        raise fault("quantity_unit", "{text}", {"text": str(error)}, at=name) from None
    if not math.isfinite(value):
        raise fault("quantity", "{text} is not finite", {"text": repr(text)}, at=name)
    return value


VALOEN_REIMERS = {
    "valoen-reimers-conductivity": ("conductivity", properties.ValoenReimersConductivity),
    "valoen-reimers-diffusivity": ("diffusivity", properties.ValoenReimersDiffusivity),
    "valoen-reimers-thermodynamic-factor": (
        "thermodynamic_factor",
        properties.ValoenReimersThermodynamicFactor,
    ),
}

LANDESFEIND = {
    "landesfeind-conductivity": (("conductivity",), properties.LandesfeindConductivity),
    "landesfeind-diffusivity": (("diffusivity",), properties.LandesfeindDiffusivity),
    "landesfeind-polynomial": (
        ("transference_number", "thermodynamic_factor"),
        properties.LandesfeindPolynomial,
    ),
}


def _law(table: Any, name: str, salt: Salt) -> Any:
    """The law of the model for one property."""
    match table:
        case ConstantLaw():
            return properties.ConstantProperty(_read(table.value, name))
        case PowerSeriesLaw():
            unit = 1.0 if table.unit == "dimensionless" else _read(f"1 {table.unit}", name)
            return properties.PowerSeries(tuple(table.coefficients), tuple(table.exponents), unit)
        case ExponentialLaw():
            return properties.Exponential(_read(table.prefactor, name), table.rate)
        case LandesfeindLaw():
            fits, law = LANDESFEIND[table.law]
            _must_fit(table.law, name, fits)
            return law(tuple(table.coefficients))
        case ValoenReimersLaw():
            fit, fixed = VALOEN_REIMERS[table.law]
            _must_fit(table.law, name, (fit,))
            return fixed()
    return _dilute(table, name, salt)


def _must_fit(law: str, name: str, fits: tuple[str, ...]) -> None:
    if name not in fits:
        raise fault(
            "law",
            "the law {law} is for {fits}, not for {name}",
            {"law": law, "fits": " and ".join(fits), "name": name},
            at=f"{name}.law",
        )


def _dilute(table: DiluteLaw, name: str, salt: Salt) -> Any:
    """The law at infinite dilution for one property."""
    ions = (
        table.cation_diffusivity,
        table.anion_diffusivity,
        float(salt.cation_charge),
        float(salt.anion_charge),
    )
    if name == "diffusivity":
        return properties.DiluteDiffusivity(*ions)
    if name == "transference_number":
        return properties.DiluteTransferenceNumber(*ions)
    if name == "conductivity":
        return properties.DiluteConductivity(*ions, float(salt.cation_number))
    raise fault("law", "an ideal dilute solution has thermodynamic_factor = 1", {}, at=name)

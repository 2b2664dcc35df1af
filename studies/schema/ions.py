"""From the [electrolyte] table to the species of the model."""

from __future__ import annotations

from typing import Any

from thincell.model.permittivity import Booth, ConstantPermittivity, Permittivity
from thincell.model.species import Solution, Species
from thincell.studies.schema.base import fault
from thincell.studies.schema.solution import SpeciesTable
from thincell.studies.schema.stoichiometry import ELECTRON, read_equation

#: Net charge of the solution allowed, relative to the sum of the ions' charges.
NEUTRAL = 1e-9


def build_solution(table: Any) -> Solution:
    """The solution of an ElectrolyteTable; PydanticCustomError for one that makes no sense."""
    listed = list(table.species) or [
        SpeciesTable(name=table.salt.cation, charge=table.salt.cation_charge),
        SpeciesTable(name=table.salt.anion, charge=table.salt.anion_charge),
    ]
    _check_names(table, listed)
    own = _ions_of_the_salt(table)
    species = tuple(_species(k, item, own) for k, item in enumerate(listed))
    _check_neutral(species)
    _check_packing(species)
    names, charges = [s.name for s in species], [s.charge for s in species]
    fixed = table.fixed_charge.build() if table.fixed_charge is not None else None
    _check_fixed(table, species, fixed)
    return Solution(
        name=table.name,
        species=species,
        temperature=table.temperature,
        permittivity=_permittivity(table),
        reactions=tuple(reaction.build(names, charges) for reaction in table.homogeneous),
        fixed=fixed,
    )


def _permittivity(table: Any) -> Permittivity:
    if table.permittivity == "booth":
        return Booth(table.relative_permittivity)
    return ConstantPermittivity(table.relative_permittivity)


def _ions_of_the_salt(table: Any) -> dict[str, tuple[int, float, float]]:
    """Charge, D and c of the salt's ions.

    D+ = -z- D/((z+ - z-) t-) and D- = z+ D/((z+ - z-) t+): the ions whose dilute solution has the salt's
    diffusivity and transference number at its initial concentration.
    """
    made = table.build()
    salt, c = made.salt, made.concentration
    z_plus, z_minus = salt.cation_charge, salt.anion_charge
    salt_diffusivity, share = float(made.salt_diffusivity(c)), float(made.cation_transference(c))
    spread = z_plus - z_minus
    cation = -z_minus * salt_diffusivity / (spread * (1 - share))
    anion = z_plus * salt_diffusivity / (spread * share) if share > 0 else float("nan")
    return {
        salt.cation: (z_plus, cation, salt.cation_number * c),
        salt.anion: (z_minus, anion, salt.anion_number * c),
    }


def _species(number: int, item: SpeciesTable, own: dict[str, tuple[int, float, float]]) -> Species:
    charge, diffusivity, concentration = own.get(item.name, (item.charge, None, None))
    at = f"species.{number}"
    if item.charge != charge:
        raise fault(
            "species",
            "{z} does not agree with electrolyte.salt, where {name} has the charge {own}",
            {"z": item.charge, "name": item.name, "own": charge},
            at=f"{at}.charge",
        )
    values: dict[str, Any] = {
        "diffusivity": diffusivity if item.diffusivity is None else item.diffusivity,
        "concentration": concentration if item.concentration is None else item.concentration,
    }
    for key, value in values.items():
        if value is None or not value > 0:
            raise fault(
                "species",
                "{name} is no ion of the salt (or its transference number is 0): give it a value",
                {"name": item.name},
                at=f"{at}.{key}",
            )
    return Species(
        item.name,
        item.charge,
        float(values["diffusivity"]),
        float(values["concentration"]),
        item.diameter,
    )


def _check_names(table: Any, listed: list[SpeciesTable]) -> None:
    names = [item.name for item in listed]
    twice = [name for k, name in enumerate(names) if name in names[:k]]
    if twice:
        raise fault("species", "{name} is listed twice", {"name": twice[0]}, at="species")
    for number, name in enumerate(names):
        if name == ELECTRON or " = " in name or read_equation(f"{name} = {ELECTRON}").left != {name: 1}:
            raise fault(
                "species",
                "{name} would be misread in an equation: a name is not e-, does not begin with a number"
                " and a space, and has no ' + ' or ' = '",
                {"name": repr(name)},
                at=f"species.{number}.name",
            )
    if table.salt.cation not in names:
        raise fault(
            "species",
            "the salt's cation {ion} is missing; list every dissolved ion",
            {"ion": table.salt.cation},
            at="species",
        )


def _check_neutral(species: tuple[Species, ...]) -> None:
    charge = sum(s.charge * s.concentration for s in species)
    gross = sum(abs(s.charge) * s.concentration for s in species)
    if abs(charge) > NEUTRAL * gross:
        raise fault(
            "species",
            "the solution is not neutral: the charges add up to {charge:+.4g} mol/m^3; change a"
            " concentration",
            {"charge": charge},
            at="species",
        )


def _check_packing(species: tuple[Species, ...]) -> None:
    filled = sum(s.molar_volume * s.concentration for s in species)
    if filled >= 1:
        raise fault(
            "species",
            "the ions would fill {share:.3g} of the volume: it must be below 1; lower a diameter or a"
            " concentration",
            {"share": filled},
            at="species",
        )


def _check_fixed(table: Any, species: tuple[Species, ...], fixed: Any) -> None:
    if fixed is None:
        return
    if fixed.density == 0 or not any(s.charge * fixed.density < 0 for s in species):
        raise fault(
            "fixed_charge",
            "{z} has no counter-ion among the species",
            {"z": table.fixed_charge.charge},
            at="fixed_charge.charge",
        )
    if table.fixed_charge.thickness is not None and table.model == "electroneutral":
        raise fault(
            "fixed_charge",
            "a film's edge is a double layer: it needs model = 'nernst-planck-poisson'; without"
            " thickness the charge fills the liquid",
            {},
            at="fixed_charge.thickness",
        )

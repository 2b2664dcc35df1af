"""What a deposit will do, before it is grown: lengths, speeds and numbers that govern it."""

from __future__ import annotations

from thincell.geometry.tags import Tag
from thincell.model.constants import FARADAY
from thincell.model.reactions import Reaction
from thincell.model.units import parse
from thincell.studies.growth.ground import ground_of
from thincell.studies.library import load
from thincell.studies.nominal import nominal_density
from thincell.studies.schema.case import Case


def plates(reaction: Reaction) -> bool:
    """Whether a reaction makes metal on the working electrode."""
    here = int(Tag.WORKING) in reaction.electrodes
    return here and reaction.kind == "plating" and reaction.molar_volume is not None


def plating(case: Case) -> Reaction:
    """The first reaction that makes metal."""
    temperature = case.electrolyte.build().temperature
    built = (table.build(key, temperature) for key, table in case.reactions.items())
    return next(r for r in built if r is not None and plates(r))


def surface_energy(case: Case) -> float:
    """gamma [J.m-2]: the deposit's own, or the metal's of the library."""
    assert case.deposit is not None
    if case.deposit.surface_energy is not None:
        return case.deposit.surface_energy
    plated = [r for r in case.reactions.values() if r.type == "plating" and "working" in r.electrodes]
    metal = next(r.metal for r in plated if r.metal)
    return parse(load("metals", metal).values["surface_energy"], "J/m^2")


def film_speed(case: Case) -> float:
    """Speed [m.s-1] at which a film grows at the largest set current density; 1 nm/s if none is set."""
    densities = [
        nominal_density(case, step) for step in case.protocol if step.kind in ("plate", "strip")
    ]
    return front_speed(case, max(densities)) if densities else 1e-9


def front_speed(case: Case, density: float) -> float:
    """Speed [m.s-1] of a flat front at a nominal current density [A.m-2] of the metal alone."""
    reaction = plating(case)
    per_charge = float(reaction.molar_volume or 0.0) / (reaction.electrons * FARADAY)
    return ground_of(case).focus * density * per_charge

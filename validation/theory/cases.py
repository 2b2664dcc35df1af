"""Cases of the benchmarks, made as a user would make them: dictionaries in the form of a case file."""

from __future__ import annotations

from typing import Any

from thincell.studies.case import Case
from thincell.studies.run import Run, run

FARADAY = 96485.33212331001
GAS_CONSTANT = 8.31446261815324
TEMPERATURE = 298.15
THERMAL_VOLTAGE = GAS_CONSTANT * TEMPERATURE / FARADAY
VACUUM_PERMITTIVITY = 8.8541878188e-12


def electrolyte(**changes: Any) -> dict[str, Any]:
    """A 1:1 salt with constant properties; ``changes`` are keys of the table."""
    table: dict[str, Any] = {
        "name": "LiPF6-PC",
        "concentration": "1 mol/L",
        "concentration_range": ["0 mol/L", "100 mol/L"],
        "temperature": f"{TEMPERATURE} K",
        "diffusivity": "3e-10 m^2/s",
        "conductivity": "1 S/m",
        "transference_number": 0.4,
        "thermodynamic_factor": 1,
    }
    return {**table, **changes}


def dilute(cation: float, anion: float, **changes: Any) -> dict[str, Any]:
    """The table of a salt whose ions have constant diffusivities [m2.s-1]."""
    ions = {"cation_diffusivity": f"{cation!r} m^2/s", "anion_diffusivity": f"{anion!r} m^2/s"}
    law = {"law": "dilute", **ions}
    return electrolyte(diffusivity=law, conductivity=law, transference_number=law, **changes)


Ion = tuple[str, int, float, float]
"""Name, charge number, diffusivity [m2.s-1], concentration [mol.m-3]."""


def solution(*ions: Ion, **changes: Any) -> dict[str, Any]:
    """The table of an electrolyte whose ions are followed one by one; the first is the plated one."""
    cation, anion = ions[0], next(ion for ion in ions if ion[1] < 0)
    listed = [
        {"name": n, "charge": z, "diffusivity": f"{d!r} m^2/s", "concentration": f"{c!r} mol/m^3"}
        for n, z, d, c in ions
    ]
    salt = {
        "cation": cation[0], "cation_charge": cation[1], "anion": anion[0], "anion_charge": anion[1],
    }  # fmt: skip
    return electrolyte(
        salt=salt, concentration=f"{cation[3] / -anion[1]!r} mol/m^3", species=listed, **changes
    )


def permittivity_for(debye_length: float, concentration: float, strength: float = 2.0) -> float:
    """eps_r that gives a Debye length [m] at c0 [mol.m-3]; ``strength`` is sum z_i^2 c_i/c0."""
    unit = VACUUM_PERMITTIVITY * THERMAL_VOLTAGE
    return debye_length**2 * strength * FARADAY * concentration / unit


def plating(exchange: float, law: str = "butler-volmer", **changes: Any) -> dict[str, Any]:
    """A one-electron reaction on both electrodes with exchange current density [A.m-2]."""
    kinetics: dict[str, Any] = {"law": law}
    if law != "equipotential":
        kinetics |= {
            "exchange_current_density": f"{exchange!r} A/m^2",
            "reference_concentration": "1 mol/L",
            "concentration_exponent": 0.0,
            "anodic_transfer_coefficient": 0.5,
            "cathodic_transfer_coefficient": 0.5,
        }
    table = {"name": "Li/Li+", "kinetics": {**kinetics, **changes.pop("kinetics", {})}}
    return {**table, **changes}


def strip(height: float, working: float, gap: float, counter: float, margin: float) -> dict[str, Any]:
    """A chip of flush electrodes; lengths in heights, ``height`` in metres."""

    def metres(value: float) -> str:
        return f"{value * height!r} m"

    return {
        "type": "chip",
        "height": metres(1.0),
        "gap": metres(gap),
        "working": {"width": metres(working), "thickness": "0 m"},
        "counter": {"width": metres(counter), "thickness": "0 m"},
        "margin": metres(margin),
        "length": "1 mm",
    }


def column(
    height: float, porosity: float = 1.0, exponent: float = 1.5, diameter: str = "1 cm"
) -> dict[str, Any]:
    """A one-dimensional cell: discs of one size facing each other at a distance [m]."""
    return {
        "type": "coin",
        "working_diameter": diameter,
        "counter_diameter": diameter,
        "separator_diameter": diameter,
        "separator_thickness": f"{height!r} m",
        "porosity": porosity,
        "bruggeman_exponent": exponent,
    }


def solve(data: dict[str, Any]) -> Run:
    """Run a case without a folder."""
    plain = {"output": {"fields": False, "figures": False, **data.get("output", {})}}
    return run(Case.parse({**data, **plain}))

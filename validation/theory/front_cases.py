"""Cases of a growing front in the units of `sharp_front`: micrometres, D = 1, c0 = 1, RT/F = 1.

A case of `sharp_front` becomes a strip of a coin cell without a separator: D = 1e-10 m2/s, so that the unit
of time is 10 ms, and a concentration at which the metal's molar volume is Omega c0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from thincell.studies import names
from thincell.studies.results import Run
from thincell.validation.theory.cases import FARADAY, THERMAL_VOLTAGE, dilute, plating, solve
from thincell.validation.theory.sharp_front import Cell

LENGTH, DIFFUSIVITY = 1e-6, 1e-10
TIME = LENGTH**2 / DIFFUSIVITY

#: Molar volume [m3.mol-1] and molar mass of the library's lithium.
MOLAR_VOLUME = 1.3e-5

#: RT/Omega [J.m-3]: surface energy per capillary length.
ENERGY = THERMAL_VOLTAGE * FARADAY / MOLAR_VOLUME


@dataclass(frozen=True)
class Strip:
    """A strip ``width`` wide of a `sharp_front` cell, with a film ``start`` thick; lengths in um."""

    cell: Cell
    width: float
    start: float
    delta: float

    @property
    def concentration(self) -> float:
        """c0 [mol.m-3]."""
        return self.cell.metal.molar_volume / MOLAR_VOLUME

    @property
    def density(self) -> float:
        """Unit of current density [A.m-2]."""
        return FARADAY * self.concentration * DIFFUSIVITY / LENGTH

    def data(self, protocol: list[dict[str, Any]], **deposit: Any) -> dict[str, Any]:
        """The case; ``deposit`` adds to its table."""
        metal, height = self.cell.metal, self.cell.height
        kinetics = {
            "reference_concentration": f"{self.concentration!r} mol/m^3",
            "concentration_exponent": metal.exponent,
            "anodic_transfer_coefficient": metal.anodic,
            "cathodic_transfer_coefficient": metal.cathodic,
        }
        ion = 2 * DIFFUSIVITY * self.cell.salt.transference  # D+ of D = 2 D+ D-/(D+ + D-), D- = D+ here
        return {
            "title": "front",
            "cell": {
                "type": "coin", "separator_thickness": um(height), "porosity": 1.0,
                "patch": um(self.width),
            },
            "electrolyte": dilute(ion, ion, concentration=f"{self.concentration!r} mol/m^3"),
            "reactions": {"plating": plating(metal.exchange * self.density, kinetics=kinetics)},
            "protocol": protocol,
            "deposit": {
                "interface": um(self.delta), "film": um(self.start),
                "surface_energy": f"{metal.capillarity * LENGTH * ENERGY!r} J/m^2", **deposit,
            },
            "mesh": {"columns": 1, "layers": 4},
        }  # fmt: skip

    def seconds(self, time: float) -> str:
        """A time in the units of the cell."""
        return f"{time * TIME!r} s"

    def volts(self, voltage: float) -> str:
        """A voltage in RT/F."""
        return f"{voltage * THERMAL_VOLTAGE!r} V"

    def run(self, data: dict[str, Any]) -> Run:
        """The run of a case."""
        return solve(data)

    def history(self, run: Run) -> dict[str, Any]:
        """Time, current (anodic positive), thickness in the cell's units."""
        h = run.history
        return {
            "time": h[names.TIME.name] / TIME,
            "current": h[names.CURRENT_DENSITY.name] / self.density,
            "thickness": h[names.VOLUME.name] / LENGTH,
            "voltage": h[names.VOLTAGE.name] / THERMAL_VOLTAGE,
        }


def um(length: float) -> str:
    """A length in micrometres."""
    return f"{length!r} um"

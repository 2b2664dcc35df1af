r"""Scales that make the solved system dimensionless, in one place.

| quantity        | scale                                   |
|-----------------|-----------------------------------------|
| length          | L: liquid height or separator thickness |
| concentration   | c0                                      |
| potential       | RT/F                                    |
| diffusivity     | D0 = D(c0)                              |
| time            | L^2/D0                                  |
| current density | z+ nu+ F D0 c0 / L                      |
| conductivity    | current density scale * L / (RT/F)      |
"""

from __future__ import annotations

from dataclasses import dataclass

from thincell.model.constants import FARADAY, thermal_voltage
from thincell.model.electrolyte import Electrolyte
from thincell.model.ops import Law
from thincell.model.species import Solution


@dataclass(frozen=True)
class Scales(Law):
    """Scales in SI units."""

    length: float
    concentration: float
    diffusivity: float
    potential: float
    equivalents: float

    @property
    def time(self) -> float:
        """L^2/D0 [s]."""
        return self.length**2 / self.diffusivity

    @property
    def current_density(self) -> float:
        """z+ nu+ F D0 c0 / L [A.m-2]."""
        return self.equivalents * FARADAY * self.diffusivity * self.concentration / self.length

    @property
    def conductivity(self) -> float:
        """[S.m-1]."""
        return self.current_density * self.length / self.potential

    @classmethod
    def of(cls, electrolyte: Electrolyte, length: float) -> Scales:
        """Scales of an electrolyte in a layer of thickness ``length`` [m]."""
        c0, temperature = electrolyte.concentration, electrolyte.temperature
        return cls(
            length=length,
            concentration=c0,
            diffusivity=float(electrolyte.salt_diffusivity(c0)),
            potential=thermal_voltage(temperature),
            equivalents=float(electrolyte.salt.equivalents),
        )

    @classmethod
    def of_solution(cls, solution: Solution, length: float) -> Scales:
        """Scales of many species: the largest concentration, the first one's D, and z+ nu+ = 1."""
        return cls(
            length=length,
            concentration=max(s.concentration for s in solution.species),
            diffusivity=solution.species[0].diffusivity,
            potential=thermal_voltage(solution.temperature),
            equivalents=1.0,
        )

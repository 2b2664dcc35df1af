"""Physical constants (CODATA through scipy.constants) in SI units."""

from __future__ import annotations

from scipy import constants

#: Faraday constant [C.mol-1]
FARADAY: float = constants.physical_constants["Faraday constant"][0]

#: Molar gas constant [J.mol-1.K-1]
GAS_CONSTANT: float = constants.R

#: Vacuum permittivity [F.m-1]
VACUUM_PERMITTIVITY: float = constants.epsilon_0


def thermal_voltage(temperature: float) -> float:
    """RT/F [V] at a temperature [K]: 25.693 mV at 298.15 K."""
    return GAS_CONSTANT * temperature / FARADAY

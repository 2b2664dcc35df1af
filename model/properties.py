r"""Transport properties as functions of concentration and temperature.

Every law is called as ``law(c, T)`` with the salt concentration ``c`` [mol.m-3] and the temperature
``T`` [K], and returns SI units. Published fits take c in mol/L; the conversion is inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from thincell.model.constants import FARADAY, GAS_CONSTANT
from thincell.model.ops import Law, Value, exp, sqrt

LITRE = 1e-3
"""mol.m-3 to mol.L-1."""


class Property(Protocol):
    """A transport property."""

    def __call__(self, c: Value, temperature: Value) -> Value:
        """Value [SI] at a concentration [mol.m-3] and a temperature [K]."""

    def on(self, domain: object) -> Law:
        """The same law with constants of a mesh."""


@dataclass(frozen=True)
class ConstantProperty(Law):
    """The same value at every concentration: ``value`` in SI units."""

    value: float

    def __call__(self, c: Value, temperature: Value) -> Value:
        return self.value + 0 * c


@dataclass(frozen=True)
class PowerSeries(Law):
    r"""Sum of powers, unit * sum_k a_k c^p_k with c in mol/L; ``unit`` in SI."""

    coefficients: tuple[float, ...]
    exponents: tuple[float, ...]
    unit: float = 1.0

    def __call__(self, c: Value, temperature: Value) -> Value:
        x = c * LITRE
        terms = (a * x**p for a, p in zip(self.coefficients, self.exponents, strict=True))
        return self.unit * sum(terms)


@dataclass(frozen=True)
class Exponential(Law):
    r"""prefactor * exp(rate c), c in mol/L; ``prefactor`` in SI."""

    prefactor: float
    rate: float

    def __call__(self, c: Value, temperature: Value) -> Value:
        return self.prefactor * exp(self.rate * c * LITRE)


@dataclass(frozen=True)
class LandesfeindConductivity(Law):
    r"""Conductivity [S.m-1] of Landesfeind & Gasteiger 2019, 10.1149/2.0571912jes, eq. for kappa.

    kappa = 0.1 p1 (1 + (T - p2)) c [1 + p3 sqrt(c) + p4 (1 + p5 e^(1000/T)) c]
    / [1 + c^4 p6 e^(1000/T)], c in mol/L.
    """

    coefficients: tuple[float, ...]

    def __call__(self, c: Value, temperature: Value) -> Value:
        p1, p2, p3, p4, p5, p6 = self.coefficients
        x, arrhenius = c * LITRE, exp(1000 / temperature)
        slope = 1 + p3 * sqrt(x) + p4 * (1 + p5 * arrhenius) * x
        return 0.1 * p1 * (1 + (temperature - p2)) * x * slope / (1 + x**4 * p6 * arrhenius)


@dataclass(frozen=True)
class LandesfeindDiffusivity(Law):
    r"""Salt diffusivity [m2.s-1] of Landesfeind & Gasteiger 2019, 10.1149/2.0571912jes.

    D = 1e-10 p1 e^(p2 c) e^(p3/T) e^(p4 c/T), c in mol/L.
    """

    coefficients: tuple[float, ...]

    def __call__(self, c: Value, temperature: Value) -> Value:
        p1, p2, p3, p4 = self.coefficients
        x = c * LITRE
        return 1e-10 * p1 * exp(p2 * x + p3 / temperature + p4 * x / temperature)


@dataclass(frozen=True)
class LandesfeindPolynomial(Law):
    r"""Transference number or thermodynamic factor of Landesfeind & Gasteiger 2019.

    p1 + p2 c + p3 T + p4 c^2 + p5 c T + p6 T^2 + p7 c^3 + p8 c^2 T + p9 c T^2, c in mol/L.
    10.1149/2.0571912jes.
    """

    coefficients: tuple[float, ...]

    def __call__(self, c: Value, temperature: Value) -> Value:
        p1, p2, p3, p4, p5, p6, p7, p8, p9 = self.coefficients
        x, t = c * LITRE, temperature
        quadratic = p4 * x**2 + p5 * x * t + p6 * t**2
        return p1 + p2 * x + p3 * t + quadratic + p7 * x**3 + p8 * x**2 * t + p9 * x * t**2


@dataclass(frozen=True)
class ValoenReimersConductivity(Law):
    r"""Conductivity [S.m-1] of LiPF6 in PC/EC/DMC, Valoen & Reimers 2005, 10.1149/1.1872737.

    kappa = 0.1 c [(-10.5 + 0.0740 T - 6.96e-5 T^2) + c (0.668 - 0.0178 T + 2.80e-5 T^2)
    + c^2 (0.494 - 8.86e-4 T)]^2, c in mol/L.
    """

    def __call__(self, c: Value, temperature: Value) -> Value:
        x, t = c * LITRE, temperature
        constant = -10.5 + 0.0740 * t - 6.96e-5 * t**2
        linear = 0.668 - 0.0178 * t + 2.80e-5 * t**2
        return 0.1 * x * (constant + x * linear + x**2 * (0.494 - 8.86e-4 * t)) ** 2


@dataclass(frozen=True)
class ValoenReimersDiffusivity(Law):
    r"""Salt diffusivity [m2.s-1] of Valoen & Reimers 2005, 10.1149/1.1872737.

    log10(D / cm2.s-1) = -4.43 - 54/(T - 229 - 5 c) - 0.22 c, c in mol/L.
    """

    def __call__(self, c: Value, temperature: Value) -> Value:
        x = c * LITRE
        decades = -4.43 - 54 / (temperature - 229 - 5 * x) - 0.22 * x
        return 1e-4 * exp(2.302585092994046 * decades)


@dataclass(frozen=True)
class ValoenReimersThermodynamicFactor(Law):
    r"""Thermodynamic factor of Valoen & Reimers 2005, 10.1149/1.1872737.

    (1 - t+) TDF = 0.601 - 0.24 sqrt(c) + 0.982 [1 - 0.0052 (T - 294)] c^1.5 with t+ = 0.38.
    """

    def __call__(self, c: Value, temperature: Value) -> Value:
        x = c * LITRE
        factor = 0.601 - 0.24 * sqrt(x) + 0.982 * (1 - 0.0052 * (temperature - 294)) * x**1.5
        return factor / (1 - 0.38)


@dataclass(frozen=True)
class DiluteDiffusivity(Law):
    r"""Salt diffusivity at infinite dilution, (z+ - z-) D+ D- / (z+ D+ - z- D-).

    Nernst-Hartley; Newman & Thomas-Alyea, Electrochemical Systems, ch. 11.
    """

    cation_diffusivity: float
    anion_diffusivity: float
    cation_charge: float
    anion_charge: float

    def __call__(self, c: Value, temperature: Value) -> Value:
        plus = self.cation_charge * self.cation_diffusivity
        minus = self.anion_charge * self.anion_diffusivity
        product = self.cation_diffusivity * self.anion_diffusivity
        return (self.cation_charge - self.anion_charge) * product / (plus - minus) + 0 * c


@dataclass(frozen=True)
class DiluteTransferenceNumber(Law):
    r"""Cation transference number at infinite dilution, z+ D+ / (z+ D+ - z- D-)."""

    cation_diffusivity: float
    anion_diffusivity: float
    cation_charge: float
    anion_charge: float

    def __call__(self, c: Value, temperature: Value) -> Value:
        plus = self.cation_charge * self.cation_diffusivity
        minus = self.anion_charge * self.anion_diffusivity
        return plus / (plus - minus) + 0 * c


@dataclass(frozen=True)
class DiluteConductivity(Law):
    r"""Nernst-Einstein conductivity [S.m-1], F^2/(RT) sum_i z_i^2 D_i nu_i c.

    ``cation_number`` = nu+; electroneutrality gives nu- = -z+ nu+/z-.
    """

    cation_diffusivity: float
    anion_diffusivity: float
    cation_charge: float
    anion_charge: float
    cation_number: float

    def __call__(self, c: Value, temperature: Value) -> Value:
        plus = self.cation_charge * self.cation_diffusivity
        minus = self.anion_charge * self.anion_diffusivity
        equivalents = self.cation_charge * self.cation_number
        mobility = FARADAY**2 / (GAS_CONSTANT * temperature)
        return mobility * equivalents * (plus - minus) * c

r"""Binary salts in concentrated solution, and a reactant in excess supporting electrolyte.

A salt M_{nu+} X_{nu-} of concentration c has nu+ c cations of charge z+ and nu- c anions of charge
z-. Its fluxes (Newman & Thomas-Alyea, Electrochemical Systems, 3rd ed., ch. 12; solvent velocity
neglected) are

    N+ = -nu+ D grad c + t+ i / (z+ F)
    i  = -kappa grad Phi + kappa (RT/F) chi grad ln c
    chi = nu / (z+ nu+) (1 - t+) (1 + dln f/dln c),         nu = nu+ + nu-

``Phi`` is the electrolyte potential measured with a reference electrode of the salt's own metal,
so that the local equilibrium potential of plating is zero everywhere. With constant D+ and D- and
ideal activity this is the dilute Nernst-Planck equation with phi = Phi - (RT/z+F) ln(c/c_ref).

In a *supported* electrolyte the reactant only diffuses: t+ = 0 and chi = 0, kappa is that of the
background, and Phi is the inner potential.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, cast

from thincell.model.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from thincell.model.ops import Value, bounded_above, constant
from thincell.model.properties import Property


@dataclass(frozen=True)
class Salt:
    """Ions of a binary salt; charges are signed integers."""

    cation: str
    anion: str
    cation_charge: int
    anion_charge: int

    @property
    def cation_number(self) -> int:
        """nu+, cations per formula unit."""
        return math.lcm(self.cation_charge, -self.anion_charge) // self.cation_charge

    @property
    def anion_number(self) -> int:
        """nu-, anions per formula unit."""
        return math.lcm(self.cation_charge, -self.anion_charge) // -self.anion_charge

    @property
    def equivalents(self) -> int:
        """z+ nu+, charge of the cations per formula unit."""
        return self.cation_charge * self.cation_number


@dataclass(frozen=True)
class Electrolyte:
    """A salt in a solvent: composition and laws of transport.

    ``concentration`` [mol.m-3] is the initial one; ``highest`` [mol.m-3] is the end of the range in
    which the laws hold: above it they keep the value they have there. ``temperature`` [K].
    """

    name: str
    salt: Salt
    concentration: float
    temperature: float
    relative_permittivity: float
    diffusivity: Property
    conductivity: Property
    transference_number: Property
    thermodynamic_factor: Property
    highest: float
    lowest: float = 0.0
    supported: bool = False

    def on(self, domain: Any) -> Electrolyte:
        """The same electrolyte with its laws' numbers as fem.Constants of a mesh."""
        return replace(
            self,
            temperature=constant(domain, self.temperature),
            highest=constant(domain, self.highest),
            diffusivity=cast(Property, self.diffusivity.on(domain)),
            conductivity=cast(Property, self.conductivity.on(domain)),
            transference_number=cast(Property, self.transference_number.on(domain)),
            thermodynamic_factor=cast(Property, self.thermodynamic_factor.on(domain)),
        )

    def salt_diffusivity(self, c: Value) -> Value:
        """D [m2.s-1]."""
        return self.diffusivity(bounded_above(c, self.highest), self.temperature)

    def ionic_conductivity(self, c: Value) -> Value:
        """kappa [S.m-1]."""
        return self.conductivity(bounded_above(c, self.highest), self.temperature)

    def cation_transference(self, c: Value) -> Value:
        """t+ with respect to the solvent; zero in a supported electrolyte."""
        if self.supported:
            return 0.0
        return self.transference_number(bounded_above(c, self.highest), self.temperature)

    def diffusion_potential_factor(self, c: Value) -> Value:
        """chi in i = -kappa grad Phi + kappa (RT/F) chi grad ln c."""
        if self.supported:
            return 0.0
        bounded = bounded_above(c, self.highest)
        factor = self.thermodynamic_factor(bounded, self.temperature)
        ions = self.salt.cation_number + self.salt.anion_number
        share = 1 - self.transference_number(bounded, self.temperature)
        return ions / self.salt.equivalents * share * factor

    def potential_shift(self) -> float:
        r"""chi_0 = nu/(z+ nu+): Phi = psi + (RT/F) chi_0 ln c; zero in a supported electrolyte.

        psi is the potential of the anions, constant wherever they are at rest; unlike Phi it stays
        regular where the salt runs out.
        """
        if self.supported:
            return 0.0
        return (self.salt.cation_number + self.salt.anion_number) / self.salt.equivalents

    def debye_length(self) -> float:
        """sqrt(eps RT / (F^2 sum z_i^2 c_i)) [m] at the initial concentration.

        For a supported electrolyte the background is not described; the reactant's own ions give an
        upper bound.
        """
        z_plus, z_minus = self.salt.cation_charge, self.salt.anion_charge
        strength = self.concentration * (
            self.salt.cation_number * z_plus**2 + self.salt.anion_number * z_minus**2
        )
        permittivity = self.relative_permittivity * VACUUM_PERMITTIVITY
        thermal = GAS_CONSTANT * self.temperature
        return math.sqrt(permittivity * thermal / (FARADAY**2 * strength))

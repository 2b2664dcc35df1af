r"""Solutions of any number of species: ions, their reactions with each other, immobile charge.

Dilute (Nernst-Planck) transport: constant diffusivities, mobilities by Nernst and Einstein. Reactions
between dissolved species obey the law of mass action,

    r = k_f prod c_reactants^nu - k_b prod c_products^nu            [mol.m-3.s-1]

and the solvent has activity 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, cast

from thincell.model.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from thincell.model.ops import Law, Value, constant
from thincell.model.permittivity import Permittivity

AVOGADRO = 6.02214076e23


@dataclass(frozen=True)
class Species(Law):
    """A dissolved species: charge number, D [m2.s-1], initial concentration [mol.m-3], diameter [m].

    A diameter above zero makes ions exclude each other (Bikerman); zero means point ions.
    """

    name: str
    charge: int
    diffusivity: float
    concentration: float
    diameter: float = 0.0

    @property
    def molar_volume(self) -> float:
        """Volume of a lattice cell of the ion's diameter [m3.mol-1]."""
        return AVOGADRO * self.diameter**3


@dataclass(frozen=True)
class HomogeneousReaction(Law):
    """Mass action between species given by their numbers: ((species, stoichiometric number), ...).

    ``forward`` and ``backward`` are rate constants in mol, m and s.
    """

    name: str
    reactants: tuple[tuple[int, int], ...]
    products: tuple[tuple[int, int], ...]
    forward: float
    backward: float

    def rate(self, concentrations: list[Value]) -> Value:
        """r [mol.m-3.s-1] from the concentrations [mol.m-3]."""
        forth, back = self.forward, self.backward
        for species, number in self.reactants:
            forth = forth * concentrations[species] ** number
        for species, number in self.products:
            back = back * concentrations[species] ** number
        return forth - back

    def made(self, species: int) -> int:
        """How many of a species one event makes; negative: consumes."""
        return dict(self.products).get(species, 0) - dict(self.reactants).get(species, 0)


@dataclass(frozen=True)
class FixedCharge(Law):
    """Immobilised ions: z c [mol.m-3] within ``thickness`` [m] of the floor (inf: everywhere)."""

    density: float
    thickness: float = math.inf


@dataclass(frozen=True)
class Solution:
    """An electrolyte of several species at one temperature [K]."""

    name: str
    species: tuple[Species, ...]
    temperature: float
    permittivity: Permittivity
    reactions: tuple[HomogeneousReaction, ...] = ()
    fixed: FixedCharge | None = None

    def on(self, domain: Any) -> Solution:
        """The same solution with its numbers as fem.Constants of a mesh."""
        return replace(
            self,
            species=tuple(s.on(domain) for s in self.species),
            temperature=constant(domain, self.temperature),
            permittivity=cast(Permittivity, self.permittivity.on(domain)),
            reactions=tuple(r.on(domain) for r in self.reactions),
            fixed=None if self.fixed is None else self.fixed.on(domain),
        )

    @property
    def charges(self) -> tuple[int, ...]:
        """Charge numbers."""
        return tuple(s.charge for s in self.species)

    @property
    def crowded(self) -> bool:
        """Whether some species has a size."""
        return any(s.diameter > 0 for s in self.species)

    def number(self, name: str) -> int:
        """Number of a species by its name; KeyError when there is none."""
        for k, species in enumerate(self.species):
            if species.name == name:
                return k
        raise KeyError(f"no species {name!r}; there are {', '.join(s.name for s in self.species)}")

    def commonest(self, sign: int) -> int | None:
        """The species with the charge's sign that carries most charge; None when there is none."""
        found = [k for k, s in enumerate(self.species) if s.charge * sign > 0]
        return max(found, key=self._equivalents, default=None)

    def _equivalents(self, k: int) -> float:
        return abs(self.species[k].charge) * self.species[k].concentration

    @property
    def anchor(self) -> int:
        """The commonest anion, or the commonest ion when there is no anion."""
        anion = self.commonest(-1)
        return max(range(len(self.species)), key=self._equivalents) if anion is None else anion

    def debye_length(self) -> float:
        """sqrt(eps RT / (F^2 sum z_i^2 c_i)) [m] at the initial concentrations."""
        strength = sum(s.charge**2 * s.concentration for s in self.species)
        permittivity = float(self.permittivity.relative(0.0)) * VACUUM_PERMITTIVITY
        return math.sqrt(permittivity * GAS_CONSTANT * self.temperature / (FARADAY**2 * strength))

    def conductivity(self) -> float:
        """F^2/(RT) sum z_i^2 D_i c_i [S.m-1] at the initial concentrations."""
        mobile = sum(s.charge**2 * s.diffusivity * s.concentration for s in self.species)
        return FARADAY**2 / (GAS_CONSTANT * self.temperature) * mobile

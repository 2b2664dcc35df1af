r"""Electrode reactions: stoichiometry, equilibrium potential and kinetics.

Three kinds:

* ``plating``  M^z+ + z e- = M. Consumes or releases the salt's cation. In a binary salt the
  electrolyte potential Phi is measured against the same metal, so U = 0 up to a given offset; in a
  supported electrolyte U = (RT/zF) ln(c/c_ref).
* ``side``     a reaction that involves no ion of the salt, such as hydrogen evolution. Its U is
given
  against the salt's metal at the reference concentration; because the reaction feels the inner
  potential, U moves against the metal by -(RT/z+F) ln(c/c_ref) (dilute activity). The ions that it
  makes (OH-) are counted as equivalents of the salt's anion: charge and electroneutrality are
  exact, their different mobility is not described.
* ``redox``    Ox + n e- = Red, both dissolved in a supported electrolyte with equal diffusivities,
so
  that c_Ox + c_Red = c0 everywhere:
  i = i00 [(c_Red/c_ref) exp(alpha_a e) - (c_Ox/c_ref) exp(-alpha_c e)], e = F(E - Phi - U0)/RT,
  with i00 the exchange current density when both forms have the concentration c_ref.

Exchange current density: i0 = i00 (c/c_ref)^gamma. Thermodynamically consistent plating of an ideal
salt has gamma = alpha_a/z; published fits may differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from thincell.model.electrolyte import Electrolyte
from thincell.model.kinetics import ButlerVolmer, Kinetics, Tafel
from thincell.model.ops import Law, Value, constant, exp, ln
from thincell.model.scales import Scales

Kind = Literal["plating", "side", "redox"]


@dataclass(frozen=True)
class ExchangeCurrentDensity(Law):
    """i0 = value (c / reference)^exponent: [A.m-2], [mol.m-3], dimensionless."""

    value: float
    reference: float
    exponent: float = 0.0

    def __call__(self, log_ratio: Value) -> Value:
        """i0 [A.m-2] at ln(c/reference)."""
        return self.value * exp(self.exponent * log_ratio)


@dataclass(frozen=True)
class Reaction:
    """One reaction on the electrodes with the tags ``electrodes``.

    ``equilibrium_potential`` [V] as told in the module's head; ``electrons`` per metal atom or per
    molecule of the couple.
    """

    name: str
    kind: Kind
    electrons: int
    electrodes: tuple[int, ...]
    kinetics: Kinetics
    exchange: ExchangeCurrentDensity
    equilibrium_potential: float = 0.0
    molar_volume: float | None = None

    def on(self, domain: Any) -> Reaction:
        """The same reaction with its numbers as fem.Constants of a mesh."""
        kinetics = cast(Kinetics, self.kinetics.on(domain))
        exchange = self.exchange.on(domain)
        potential = constant(domain, self.equilibrium_potential)
        return replace(self, kinetics=kinetics, exchange=exchange, equilibrium_potential=potential)

    @property
    def consumes_cation(self) -> bool:
        """Whether its current is carried by the dissolved reactant."""
        return self.kind != "side"

    def cations_per_charge(self, electrolyte: Electrolyte) -> float:
        """Scaled cation flux per scaled current density: z+/n for plating and redox, else 0.

        A current density i releases i/(nF) cations; in scaled units that is i z+ nu+ / (n nu+).
        """
        if not self.consumes_cation:
            return 0.0
        return electrolyte.salt.cation_charge / self.electrons

    def equilibrium_shift(self, log_ratio: Value, electrolyte: Electrolyte) -> Value:
        """F (U(c) - U) / RT at ln(c/reference)."""
        if self.kind == "redox":
            return 0.0
        if self.kind == "plating" and not electrolyte.supported:
            return 0.0
        nernst = log_ratio / electrolyte.salt.cation_charge
        return nernst if self.kind == "plating" else (0.0 if electrolyte.supported else -nernst)

    def current_density(
        self,
        potential: Value,
        phi: Value,
        c: tuple[Value, Value],
        electrolyte: Electrolyte,
        scales: Scales,
        zeta: Value = 0.0,
    ) -> Value:
        """Anodic-positive current density in units of ``scales.current_density``.

        ``potential`` of the metal and ``phi`` of the electrolyte in RT/F; ``c`` is the pair
        (c/c0, ln(c/c0)). ``zeta`` is the potential of the diffuse layer (RT/F): the exchange current
        density is that of the cation's concentration c exp(-z+ zeta) at the reaction plane.
        """
        eta = potential - phi - self.equilibrium_potential / scales.potential
        if self.kind == "redox":
            law = cast(ButlerVolmer, self.kinetics)
            unit = self.exchange.value * scales.concentration / self.exchange.reference
            partial = (1 - c[0]) * law.oxidation(eta) - c[0] * law.reduction(eta)
            return unit / scales.current_density * partial
        log_ratio = c[1] + ln(scales.concentration / self.exchange.reference)
        eta = eta - self.equilibrium_shift(log_ratio, electrolyte)
        if self.kind == "side" and isinstance(self.kinetics, Tafel):
            eta = eta - zeta  # no ion takes part, so the drop is that of the reaction plane
        at_plane = log_ratio - electrolyte.salt.cation_charge * zeta
        exchange = self.exchange(at_plane) / scales.current_density
        return self.kinetics.current_density(eta, exchange)

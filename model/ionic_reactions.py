r"""Electrode reactions between ions of a solution of many species.

    0 = sum_i nu_i M_i^{z_i} + e-,      sum_i nu_i z_i = 1  (per electron, run anodically)

eta = (E - phi - U)/(RT/F) - sum_i nu_i ln(c_i/c_ref): Nernst's law for every ion that takes part, with E
and the inner potential phi at the reaction plane. U is the equilibrium potential when all ions have
the concentration c_ref, against the same metal. The exchange current density depends on one ion, the
reactant: i0 = i00 (c/c_ref)^gamma, so that with gamma = alpha_a/n Butler-Volmer kinetics become

    i = i00 [exp(alpha_a d) - (c/c_ref) exp(-alpha_c d)],        d = E - phi - U

the Frumkin-Butler-Volmer law when phi and c are those of the reaction plane (Frumkin 1933; Bazant, Chu
& Bayly 2005, 10.1137/040609938). A Tafel reaction is irreversible: its rate does not feel its
products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from thincell.model.kinetics import Tafel
from thincell.model.ops import Value, ln
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales


@dataclass(frozen=True)
class IonicReaction:
    """A reaction, the ions that it releases per electron, and the ion that sets its exchange current."""

    reaction: Reaction
    release: tuple[float, ...]
    reactant: int | None

    def equilibrium_shift(self, log_c: Sequence[Value], scales: Scales) -> Value:
        """sum nu_i ln(c_i/c_ref)."""
        if isinstance(self.reaction.kinetics, Tafel):
            return 0.0
        unit = ln(scales.concentration / self.reaction.exchange.reference)
        taking_part = [(nu, value) for nu, value in zip(self.release, log_c, strict=True) if nu]
        return sum((nu * (value + unit) for nu, value in taking_part), 0.0)

    def overpotential(self, metal: Value, phi: Value, log_c: Sequence[Value], scales: Scales) -> Value:
        """eta in RT/F."""
        standard = self.reaction.equilibrium_potential / scales.potential
        return metal - phi - standard - self.equilibrium_shift(log_c, scales)

    def current_density(
        self,
        metal: Value,
        phi: Value,
        log_c: Sequence[Value],
        scales: Scales,
        reaction_plane: Sequence[Value] | None = None,
    ) -> Value:
        """Anodic-positive current density in units of ``scales.current_density``.

        ``log_c`` holds ln(c_i/c0) where ``phi`` is; ``reaction_plane`` the same at the reaction plane,
        when that is another place (the closure of `double_layer`).
        """
        here = log_c if reaction_plane is None else reaction_plane
        exchange = self.reaction.exchange.value
        if self.reactant is not None:
            unit = ln(scales.concentration / self.reaction.exchange.reference)
            exchange = self.reaction.exchange(here[self.reactant] + unit)
        eta = self.overpotential(metal, phi, log_c, scales)
        return self.reaction.kinetics.current_density(eta, exchange / scales.current_density)

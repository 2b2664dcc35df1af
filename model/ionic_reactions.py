r"""Electrode reactions between ions of a solution of many species.

    0 = sum_i nu_i M_i^{z_i} + e-,      sum_i nu_i z_i = 1  (per electron, run anodically)

eta = (E - phi - U)/(RT/F) - sum_i nu_i ln(c_i/c_ref): Nernst's law for every ion that takes part, with E
and the inner potential phi at the reaction plane. U is the equilibrium potential when all ions have
the concentration c_ref, against the same metal. The exchange current density depends on one ion, the
reactant: i0 = i00 (c/c_ref)^gamma, and with gamma = alpha_a/n plating becomes

    i = i00 [exp(alpha_a d) - (c/c_ref) exp(-alpha_c d)],        d = E - phi - U

the Frumkin-Butler-Volmer law when phi and c are those of the reaction plane (Frumkin 1933; Bazant, Chu
& Bayly 2005, 10.1137/040609938).

A Tafel reaction is irreversible: its eta feels the ions that it consumes and the reactant, not its other
products. So it is the far limit of Butler-Volmer kinetics where all ions are consumed, such as H+ in
hydrogen evolution or a metal's ion in plating, and evolution from water does not feel the OH- it makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        return self._shift(log_c, scales, range(len(self.release)))

    def _shift(self, log_c: Sequence[Value], scales: Scales, ions: Iterable[int]) -> Value:
        unit = ln(scales.concentration / self.reaction.exchange.reference)
        taking_part = [(self.release[k], log_c[k]) for k in ions if self.release[k]]
        return sum((nu * (value + unit) for nu, value in taking_part), 0.0)

    def _felt(self) -> Iterable[int]:
        """The ions that move eta: all, or those that an irreversible reaction feels."""
        kinetics, ions = self.reaction.kinetics, range(len(self.release))
        if not isinstance(kinetics, Tafel):
            return ions
        sign = 1.0 if kinetics.direction == "cathodic" else -1.0
        return [k for k in ions if sign * self.release[k] > 0 or k == self.reactant]

    def overpotential(self, metal: Value, phi: Value, log_c: Sequence[Value], scales: Scales) -> Value:
        """eta in RT/F."""
        standard = self.reaction.equilibrium_potential / scales.potential
        return metal - phi - standard - self._shift(log_c, scales, self._felt())

    def current_density(
        self,
        metal: Value,
        phi: Value,
        log_c: Sequence[Value],
        scales: Scales,
        reaction_plane: Sequence[Value] | None = None,
    ) -> Value:
        """Anodic-positive current density in units of ``scales.current_density``.

        ``phi`` and ``log_c``, mu_i or ln(c_i/c0), are those of the reaction plane; ``reaction_plane``
        holds ln(c_i/c0) when mu_i is something else (ions of finite size).
        """
        here = log_c if reaction_plane is None else reaction_plane
        exchange = self.reaction.exchange.value
        if self.reactant is not None:
            unit = ln(scales.concentration / self.reaction.exchange.reference)
            exchange = self.reaction.exchange(here[self.reactant] + unit)
        eta = self.overpotential(metal, phi, log_c, scales)
        return self.reaction.kinetics.current_density(eta, exchange / scales.current_density)

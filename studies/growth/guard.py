"""Whether the diffuse interface is thin enough for what it is to show, before a step is solved.

Two lengths decide. The fastest-growing ripple sets the spacing of what grows; if k delta > 0.1 that spacing
would be a property of delta. And the concentration at the front falls off within l = c/|grad c|; if delta >
0.06 l the speed of the front is wrong by more than about a per cent. Both are those of the set current on a
flat front at the initial concentration: depletion makes l, and with it the wavelength, smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from thincell.model.constants import FARADAY
from thincell.model.stability import FlatFront
from thincell.studies.case import Case
from thincell.studies.growth.following import MOST
from thincell.studies.growth.ground import Rim, ground_of
from thincell.studies.growth.groups import plating, surface_energy
from thincell.studies.meshing import count_unknowns, fields
from thincell.studies.schema.cell import ChipCell
from thincell.studies.schema.deposit_chen import CHEN
from thincell.studies.schema.errors import InputError
from thincell.studies.situation import Situation
from thincell.studies.wording import metres, number

#: Largest k delta of the fastest ripple, and largest delta over the boundary layer.
RIPPLE, LAYER = 0.1, 0.06

#: What is wrong with Chen et al. 2015: `model.chen`, benchmarks/chen_against_butler_volmer.md.
FAULTS = (
    "deposit.model = 'chen-2015' is for comparison with the literature only. It has one potential for metal"
    " and liquid: resistance never slows the front, and the current in the liquid is 0.02 to 90 times that of"
    " the metal that grows. Its cations move without a counter-ion: flat fronts are 3 to 5 times too fast"
    " against Butler-Volmer kinetics. Its interface mobility acts as a surface tension that suppresses"
    " dendrites. For results use deposit.model = 'phase-field'"
)


@dataclass(frozen=True)
class Guard:
    """Lengths [m] that the interface has to resolve; inf where there is nothing to resolve."""

    interface: float
    wavelength: float
    layer: float
    unknowns: int

    @property
    def honest(self) -> float:
        """The interface thickness [m] that both lengths allow."""
        return min(RIPPLE * self.wavelength / (2 * math.pi), LAYER * self.layer)

    @property
    def warnings(self) -> list[str]:
        """What the present thickness cannot show."""
        found, delta = [], metres(self.interface)
        if 2 * math.pi * self.interface > RIPPLE * self.wavelength:
            found.append(
                f"deposit.interface = {delta} is too thick for the fastest-growing wavelength,"
                f" {metres(self.wavelength)}: spacings below {metres(20 * math.pi * self.interface)} are"
                " those of the interface, not of the electrolyte"
            )
        if self.interface > LAYER * self.layer:
            found.append(
                f"deposit.interface = {delta} is too thick for the concentration's boundary layer,"
                f" {metres(self.layer)}: the front's speed is off by more than a per cent"
            )
        if found:
            found.append(
                f"honest would be deposit.interface = {metres(self.honest)}, about"
                f" {number(self.unknowns)} unknowns"
            )
        return found


def guard(case: Case) -> Guard | None:
    """The guard of a case with a phase field and a set current; None without."""
    s = Situation(case)
    if case.deposit is None or case.deposit.model == CHEN or s.current_density is None:
        return None
    front = flat_front(s, s.current_density)
    k, table = front.fastest(ground_of(case).length), case.deposit
    wavelength = math.inf if k == 0 else (0.0 if k == math.inf else 2 * math.pi / k)
    found = Guard(table.interface, wavelength, s.cations / front.gradient, 0)
    if not found.warnings or found.honest <= 0:
        return found
    finer = table.model_copy(update={"interface": found.honest})
    unknowns = count_unknowns(case.model_copy(update={"deposit": finer})) or 0
    return Guard(table.interface, wavelength, found.layer, unknowns)


def require_thin(case: Case) -> list[str]:
    """The warnings of a case; InputError if it asks for a refusal instead, or its mesh is too large."""
    require_possible(case)
    if case.deposit is not None and case.deposit.model == CHEN:
        return [FAULTS]
    found = guard(case)
    warnings = [] if found is None else found.warnings
    if warnings and case.deposit is not None and case.deposit.guard == "refuse":
        raise InputError("deposit.interface: " + "; ".join(warnings))
    return warnings


def require_possible(case: Case) -> None:
    """InputError for a deposit whose mesh would be too large."""
    nodes = 0 if case.deposit is None else (count_unknowns(case) or 0) // fields(case)
    if nodes > MOST:
        assert case.deposit is not None
        raise InputError(
            f"deposit.interface: {metres(case.deposit.interface)} needs a mesh of about {number(nodes)}"
            f" nodes, and {number(MOST)} at most are possible; use a thicker one, or a narrower electrode"
        )


def flat_front(s: Situation, density: float) -> FlatFront:
    """The front of a case at a current density [A.m-2] and the initial concentration."""
    reaction, e = plating(s.case), s.electrolyte
    volt, n, c = s.temperature_voltage, reaction.electrons, s.cations
    effective = s.porosity**s.exponent
    diffusivity = s.diffusivity * effective / (1 - s.transference)
    ground = ground_of(s.case)
    density *= ground.focus
    rate = density / (n * FARADAY)
    resistance = s.differential_resistance(density, cathodic=True) or math.inf
    per_volt = 1 / (resistance * n * FARADAY)
    chi = float(e.diffusion_potential_factor(e.concentration))
    rise = volt * chi / c + n * FARADAY * diffusivity / s.conductivity
    sensitivity = reaction.exchange.exponent * rate / c + per_volt * rise
    volume = float(reaction.molar_volume or 0.0)
    stiffness = per_volt * surface_energy(s.case) * volume / (n * FARADAY)
    walled, height = isinstance(s.case.cell, ChipCell), s.height
    if isinstance(ground, Rim):
        height = ground.room
    return FlatFront(rate, volume, diffusivity, sensitivity, stiffness, height, walled)

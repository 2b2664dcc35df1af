r"""The plate cell of the double-layer benchmarks: a 1:1 salt or more ions between two metal electrodes.

The problem of Bazant, Chu & Bayly 2005, 10.1137/040609938, as a case file. A 1:1 salt of equal
diffusivities D, mean concentration c0 and distance L has lambda_D = sqrt(eps RT/2F^2 c0). Scaled:

    eps = lambda_D/L,    delta = eps_r eps_0/(C_S lambda_D),    J = i/i_lim,   i_lim = 4 F D c0/L
    j = k [exp(alpha_a d) - (c+/c0) exp(-alpha_c d)],    d = E - phi - U at the reaction plane

(Frumkin-Butler-Volmer: the exchange current has the exponent alpha_a). Different rate constants,
k_a = k_c exp(-u), are the same as another potential of zero charge, d -> d - u, and have no input here.
The metal at x = 0 of the paper is the working electrode; J > 0 plates it, so its potential is -v.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from thincell.studies.case import Case
from thincell.studies.steady import Steady
from thincell.validation.theory.cases import FARADAY, THERMAL_VOLTAGE, column, dilute, plating

DIFFUSIVITY, LENGTH, CONCENTRATION = 1e-9, 1e-6, 1.0
LIMIT = 4 * FARADAY * DIFFUSIVITY * CONCENTRATION / LENGTH
VACUUM_PERMITTIVITY = 8.8541878188e-12

#: A mesh whose errors are far below those that are looked for.
FINE = {"columns": 1, "layers": 60, "double_layer_growth": 1.2}


@dataclass(frozen=True)
class Plate:
    """Scaled parameters; ``zero_charge`` in RT/F, ``rate`` k in i_lim.

    ``species`` (name, charge, D [m2.s-1], c [mol.m-3]) replaces the ions of the salt, the plated one
    first, Li+ or Zn2+ by its charge.
    """

    eps: float
    delta: float = 0.1
    rate: float = 10.0
    zero_charge: float = 0.0
    anodic: float = 0.5
    cathodic: float = 0.5
    species: Sequence[tuple[str, int, float, float]] = ()

    @property
    def relative_permittivity(self) -> float:
        """eps_r that gives lambda_D = eps L."""
        length = self.eps * LENGTH
        return length**2 * 2 * FARADAY * CONCENTRATION / (THERMAL_VOLTAGE * VACUUM_PERMITTIVITY)

    @property
    def stern_capacitance(self) -> float:
        """C_S [F.m-2]."""
        return self.relative_permittivity * VACUUM_PERMITTIVITY / (self.delta * self.eps * LENGTH)

    def data(self, model: str = "nernst-planck-poisson", mesh: Any = FINE) -> dict[str, Any]:
        """The case file as a dictionary."""
        divalent = bool(self.species) and self.species[0][1] == 2
        table = dilute(
            DIFFUSIVITY,
            DIFFUSIVITY,
            name="Zn-OTf2-aq" if divalent else "LiPF6-PC",
            concentration=f"{CONCENTRATION!r} mol/m^3",
            relative_permittivity=self.relative_permittivity,
            model=model,
        )
        if self.species:
            table["species"] = [
                {
                    "name": name,
                    "charge": charge,
                    "diffusivity": f"{diffusivity!r} m^2/s",
                    "concentration": f"{concentration!r} mol/m^3",
                }
                for name, charge, diffusivity, concentration in self.species
            ]
        electrons = 2 if divalent else 1
        kinetics = {
            "reference_concentration": f"{CONCENTRATION!r} mol/m^3",
            "concentration_exponent": self.anodic / electrons,
            "anodic_transfer_coefficient": self.anodic,
            "cathodic_transfer_coefficient": self.cathodic,
        }
        metal = {"name": "Zn/Zn2+"} if divalent else {}
        return {
            "cell": column(LENGTH),
            "electrolyte": table,
            "reactions": {"plating": {**plating(self.rate * LIMIT, kinetics=kinetics), **metal}},
            "double_layer": {
                "stern_capacitance": f"{self.stern_capacitance!r} F/m^2",
                "potential_of_zero_charge": f"{self.zero_charge * THERMAL_VOLTAGE!r} V",
            },
            "protocol": [{"rest": True, "for": "1 s"}],
            "mesh": mesh,
        }

    def steady(self, model: str = "nernst-planck-poisson", mesh: Any = FINE) -> Steady:
        """Its steady states."""
        return Steady(Case.parse(self.data(model, mesh)))

"""Random plate cells with resolved double layers: does a cold start reach the current, and how soon?

Each case draws eps = 1e-4 to 1e-1, a current of 0 to 0.95 of the limiting current, two to four ions of
charge 1 or 2 with diffusivities over a decade, a Stern layer of 0.03 to 3 lambda_D, a potential of zero
charge of up to 4 RT/F either way, transfer coefficients of 0.3 to 0.7 (twice that for a divalent
metal), and rate constants of 0.1 to 100 in 4 F D c0/L.

The limiting current is that of electroneutral migration, `migration.limiting_current`. Double layers
that take up anions leave less salt, to the order of eps: at eps near 0.1 such a cell can be beyond its
own limiting current at half of that one. Space charge then carries the current, at a high voltage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.studies.steady import SteadyState
from thincell.validation.theory.cases import THERMAL_VOLTAGE
from thincell.validation.theory.migration import limiting_current
from thincell.validation.theory.plate import LENGTH, Plate

#: A mesh that resolves the potentials that are drawn.
MESH = {"columns": 1, "layers": 16}


@dataclass(frozen=True)
class Trial:
    """A cell and the current density [A.m-2] that it shall plate at."""

    plate: Plate
    share: float
    current: float

    def run(self) -> SteadyState:
        """From rest to the current. Raises RuntimeError when that fails or ends somewhere else."""
        steady = self.plate.steady(mesh=MESH)
        state = steady.at_current(-self.current)
        voltage = -state.voltage / THERMAL_VOLTAGE
        if abs(state.current_density + self.current) > 1e-6 * self.current:
            raise RuntimeError(f"the current is {state.current_density:g} A/m2")
        if not 0 <= voltage < np.inf:
            raise RuntimeError(f"the voltage is {voltage:g} RT/F")
        imbalance = steady.observer.row(1, None)["Ion imbalance"]
        if not imbalance < 1e-6:
            raise RuntimeError(f"ions are lost: {imbalance:g}")
        return state


def trials(count: int, seed: int = 20250301) -> list[Trial]:
    """The first ``count`` cases of a seed."""
    random = np.random.default_rng(seed)
    return [_draw(random) for _ in range(count)]


def _draw(random: np.random.Generator) -> Trial:
    species = _species(random)
    alpha, electrons = random.uniform(0.3, 0.7), species[0][1]
    plate = Plate(
        eps=float(10 ** random.uniform(-4, -1)),
        delta=float(10 ** random.uniform(-1.5, 0.5)),
        rate=float(10 ** random.uniform(-1, 2)),
        zero_charge=float(random.uniform(-4, 4)),
        anodic=float(electrons * alpha),
        cathodic=float(electrons * (1 - alpha)),
        species=species,
    )
    share = float(random.uniform(0, 0.95))
    return Trial(plate, share, share * limiting_current(species, LENGTH))


def _species(random: np.random.Generator) -> tuple[tuple[str, int, float, float], ...]:
    """Plated cation, anion, and up to two more ions; the first anion makes the solution neutral."""
    charge = int(random.integers(1, 3))
    metal = "Zn2+" if charge == 2 else "Li+"
    more = [int(random.choice((-2, -1, 1, 2))) for _ in range(random.integers(0, 3))]
    charges = [charge, *more, int(random.choice((-2, -1)))]
    diffusivities = 10 ** random.uniform(-9.5, -8.5, len(charges))
    concentrations = list(random.uniform(0.2, 1.0, len(charges) - 1))
    lack = sum(z * c for z, c in zip(charges, concentrations, strict=False))
    if lack < 0.1:  # other anions outweigh the cations: add metal
        concentrations[0] += (0.1 - lack) / charge
        lack = 0.1
    concentrations.append(lack / -charges[-1])
    names = [metal, *(f"ion {k}" for k in range(1, len(charges)))]
    table = zip(names, charges, diffusivities, concentrations, strict=True)
    return tuple((name, z, float(d), float(c)) for name, z, d, c in table)

r"""Nuclei on the bare electrode: an inhomogeneous Poisson process at fixed sites.

Sites lie at random along the electrode, on average one per ``spacing``. Each nucleates when

    int J(eta) dt,   J = rate exp(-(barrier/eta)^2),   eta the cathodic overpotential there,

reaches a threshold of its own, drawn from the exponential distribution with mean 1: the waiting times
are exactly those of a process with the rate J, and sites and thresholds come from the seed alone, so that
no mesh, time step or number of ranks changes them. Covered sites wait. The classical two-dimensional
form of J: Erdey-Gruz & Volmer 1931; Milchev, Electrocrystallization (2002), ch. 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies.schema.deposit_parts import NucleationTable

Array = NDArray[np.float64]

#: xi above which a site is covered.
COVERED = 0.05


@dataclass
class Nucleation:
    """The sites of an electrode: places along it [m], thresholds, what each has been exposed to."""

    table: NucleationTable
    places: Array
    thresholds: Array
    exposures: Array = field(init=False)
    used: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.exposures = np.zeros(len(self.places))
        self.used = np.zeros(len(self.places), dtype=bool)

    @classmethod
    def on(cls, ends: tuple[float, float], table: NucleationTable, seed: int) -> Nucleation:
        """Sites between the ends [m] of a ground: a Poisson number in every stretch of ten spacings."""
        stretch = 10 * table.spacing
        first, last = (int(np.floor(x / stretch)) for x in ends)
        places, thresholds = [], []
        for number in range(first, last + 1):
            random = np.random.default_rng([seed, 7, number + 2**31])
            count = random.poisson(10.0)
            places.append((number + random.uniform(size=count)) * stretch)
            thresholds.append(random.exponential(size=count))
        x, limit = np.concatenate(places), np.concatenate(thresholds)
        inside = (x > ends[0]) & (x < ends[1])
        order = np.argsort(x[inside])
        return cls(table, x[inside][order], limit[inside][order])

    def expose(self, x: Array, overpotential: Array, xi: Array, dt: float) -> Array:
        """Let ``dt`` [s] pass; the places of new nuclei.

        ``x`` are places along the electrode [m] in order, with overpotential eta [V] and metal fraction.
        """
        if not len(self.places) or not len(x):
            return np.empty(0)
        eta = np.maximum(-np.interp(self.places, x, overpotential), 1e-6)
        bare = np.interp(self.places, x, xi) < COVERED
        with np.errstate(over="ignore"):
            rate = self.table.rate * np.exp(-((self.table.barrier / eta) ** 2))
        self.exposures += np.where(bare, rate * dt, 0.0)
        ready = bare & ~self.used & (self.exposures >= self.thresholds)
        self.used |= ready
        return np.asarray(self.places[ready])

    def memory(self) -> dict[str, Any]:
        """What the sites have seen."""
        return {"exposures": self.exposures.tolist(), "used": self.used.tolist()}

    def recall(self, memory: dict[str, Any]) -> None:
        """Go on from there."""
        self.exposures = np.array(memory["exposures"])
        self.used = np.array(memory["used"], dtype=bool)

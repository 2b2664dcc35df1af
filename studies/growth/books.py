"""The books of the metal: what has grown is what Faraday's law makes of the charge, in every step."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from mpi4py import MPI

import numpy as np

from thincell.studies import names
from thincell.studies.formulation.growing import METAL
from thincell.studies.growth.deposit import Deposit
from thincell.studies.problem import Problem

#: What `memory` holds.
_REMEMBERED = ("started_with", "inserted", "_error", "_passed")

#: Share of the first metal's volume that counts as passed at least, as with ions.
LEAST = 1e-3


class MetalBooks:
    """Follows the volume of metal of a problem with a deposit. Collective."""

    def __init__(self, problem: Problem, deposit: Deposit) -> None:
        self.problem, self.deposit = problem, deposit
        self.started_with = self.volume()
        self.inserted = 0.0
        self._error, self._passed = 0.0, 1e-300

    def volume(self) -> float:
        """Scaled volume of metal."""
        return self.problem.readings.functionals()[f"amount {METAL}"]

    def memory(self) -> dict[str, Any]:
        """What the books remember."""
        return {key: getattr(self, key) for key in _REMEMBERED}

    def recall(self, memory: dict[str, Any]) -> None:
        """Go on with other books."""
        for key in _REMEMBERED:
            setattr(self, key, memory[key])

    def imbalance(self, totals: dict[str, float]) -> float:
        """Of all that grew up to now, relative to the volume plated and stripped, at least LEAST."""
        volumes = self.deposit.volumes
        expected = -sum(v * totals[f"charge working {name}"] for name, v in volumes.items())
        error = abs(self.volume() - self.started_with - self.inserted - expected)
        self._error = max(self._error, error)
        self._passed = max(self._passed, totals["metal gross"], LEAST * self.started_with)
        return self.worst

    @property
    def worst(self) -> float:
        """The run's audit."""
        return self._error / self._passed

    def row(self, totals: dict[str, float]) -> dict[str, Any]:
        """Columns of history.csv."""
        p = self.problem
        per_area = p.scales.length * p.units.area / p.units.nominal_area
        speed = p.scales.length / p.scales.time
        return {
            names.METAL_BALANCE.name: self.imbalance(totals),
            names.VOLUME.name: self.volume() * per_area,
            names.HEIGHT.name: self.tip_height(),
            names.FRONT_SPEED.name: self.deposit.speed() * speed,
        }

    def tip_height(self) -> float:
        """How far out [m] the contour xi = 1/2 is at most: z, or from above the distance; 0 without metal."""
        domain, d = self.problem.domain, self.deposit
        cells = d.scalars.dofmap.list[: domain.topology.index_map(d.dimension).size_local]
        xi, places = d.xi()[cells], d.points[cells]
        highest = 0.0
        for a, b in combinations(range(cells.shape[1]), 2):
            crossing = (xi[:, a] - 0.5) * (xi[:, b] - 0.5) < 0
            if crossing.any():
                p, q = xi[crossing, a], xi[crossing, b]
                share = (0.5 - p) / (q - p)
                start, end = places[crossing, a], places[crossing, b]
                height = d.ground.height(start + share[:, None] * (end - start))
                highest = max(highest, float(np.max(height)))
        return float(self.problem.comm.allreduce(highest, MPI.MAX))

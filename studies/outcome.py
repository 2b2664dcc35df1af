"""One run as `differences` sees it: shares and means that do not depend on mesh and model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.model.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from thincell.studies import names
from thincell.studies.figures import data
from thincell.studies.results import Run
from thincell.studies.summary import DRY

Array = NDArray[np.float64]

#: Debye lengths from the boundary beyond which the liquid is outside the double layers.
OUTSIDE = 10.0

#: Of a layer that is thinner, the points of at least this part of the greatest distance.
MIDDLE = 0.9


@dataclass(frozen=True)
class Outcome:
    """What is compared of one run."""

    run: Run

    def history(self, name: Any) -> Array:
        """A column over time."""
        return data.history(self.run, name)

    @property
    def time(self) -> Array:
        return self.history(names.TIME)

    @property
    def outputs(self) -> Array:
        return data.output_times(self.run)

    @cached_property
    def charging_share(self) -> Array:
        """Share of the current that no reaction carries, over time; 0 without current."""
        current = self.history(names.CURRENT_DENSITY)
        reactions = [self.history(names.of_reaction(name)) for name in data.reactions(self.run)]
        charging = current - sum(reactions, np.zeros_like(current))
        gross = np.maximum(np.abs(current), sum((np.abs(r) for r in reactions), np.zeros_like(current)))
        share = np.divide(charging, gross * np.sign(current), out=np.zeros_like(current), where=gross > 0)
        return np.where((np.abs(share) < 1e-9) | ~np.isfinite(share), 0.0, share)

    @cached_property
    def charged(self) -> float:
        """Charge density on the double layer of the working electrode since the start [C.m-2]."""
        passed = self.history(names.CHARGE)[-1]
        by_reactions = sum(self.history(names.charge_of(n))[-1] for n in data.reactions(self.run))
        charge = float(passed - by_reactions)
        return 0.0 if abs(charge) < 1e-9 * abs(float(passed)) else charge

    def distribution(self, time: float) -> tuple[Array, Array, Array]:
        """(distance from the edge [m], i/<i>, area [m2]) by facet at an output time."""
        distance, density, area = data.edge_profile(self.run, time)
        mean = float(np.sum(density * area) / np.sum(area))
        return distance, density / mean if mean > 0 else np.full_like(density, np.nan), area

    @cached_property
    def debye_length(self) -> float:
        """Of the initial solution [m]."""
        solution = self.run.case.electrolyte.solution()
        permittivity = float(solution.permittivity.relative(0.0)) * VACUUM_PERMITTIVITY
        strength = sum(s.charge**2 * s.concentration for s in solution.species)
        return float(
            np.sqrt(permittivity * GAS_CONSTANT * solution.temperature / (FARADAY**2 * strength))
        )

    @property
    def initial(self) -> float:
        """Initial concentration of the plated ion [mol.m-3]."""
        table = self.run.case.electrolyte
        species = {s.name: s.concentration for s in table.solution().species}
        return float(species[table.salt.cation])

    @cached_property
    def bulk(self) -> NDArray[Any]:
        """Numbers of the mesh points outside the double layers."""
        maps = self.run.maps
        return away_from_walls(maps["points"], maps["triangles"], OUTSIDE * self.debye_length)

    @cached_property
    def lowest(self) -> Array:
        """Lowest concentration outside the double layers over the initial one, at the output times."""
        values = self.run.maps[names.CONCENTRATION.name][:, self.bulk]
        return np.asarray(values.min(axis=1) / self.initial, dtype=float)

    @property
    def dry(self) -> float | None:
        """When it fell to 1 %, between two outputs [s]; None: never."""
        times = np.concatenate([[0.0], self.run.maps["times"]])
        low = np.concatenate([[1.0], self.lowest])
        below = np.flatnonzero(low <= DRY)
        if not below.size:
            return None
        k = int(below[0])
        return float(np.interp(DRY, [low[k], low[k - 1]], [times[k], times[k - 1]]))

    def concentration_at(self, points: Array, time: float) -> Array:
        """c/c0 of the plated ion at points of the liquid; nan outside the mesh."""
        from matplotlib.tri import LinearTriInterpolator, Triangulation

        maps = self.run.maps
        frame = int(np.argmin(np.abs(maps["times"] - time)))
        # a thin layer is stretched to a square: the search for triangles does not like slivers
        size = np.ptp(maps["points"], axis=0)
        plane = Triangulation(*(maps["points"] / size).T, maps["triangles"])
        found = LinearTriInterpolator(plane, maps[names.CONCENTRATION.name][frame])
        return np.asarray(found(*(points / size).T).filled(np.nan) / self.initial, dtype=float)


def away_from_walls(points: Array, triangles: NDArray[Any], distance: float) -> NDArray[Any]:
    """Numbers of the mesh points that are farther than a distance from the mesh's boundary.

    When the layer is too thin for that, those that are about as far as any.
    """
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    lines, count = np.unique(edges, axis=0, return_counts=True)
    ends = points[lines[count == 1]]
    far = np.full(len(points), np.inf)
    for start, end in ends:
        along = end - start
        share = np.clip((points - start) @ along / (along @ along), 0.0, 1.0)
        np.minimum(far, np.linalg.norm(points - start - share[:, None] * along, axis=1), out=far)
    return np.flatnonzero(far >= min(distance, MIDDLE * far.max()))

"""One run as `differences` sees it: shares and means that do not depend on mesh and model."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
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

#: Debye lengths from an electrode beyond which the liquid is outside the double layers.
OUTSIDE = 10.0

#: Parts of the current, or of the charge, that count as nothing.
ROUNDING = 1e-9

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
        """Share of the current that no reaction carries, a magnitude over time; 0 without current."""
        current = self.history(names.CURRENT_DENSITY)
        reactions = [self.history(names.of_reaction(name)) for name in data.reactions(self.run)]
        charging = np.abs(current - sum(reactions, np.zeros_like(current)))
        gross = np.maximum(np.abs(current), sum((np.abs(r) for r in reactions), np.zeros_like(current)))
        flows = np.abs(current) > ROUNDING * np.max(np.abs(current))
        share = np.divide(charging, gross, out=np.zeros_like(current), where=flows)
        return np.where(share < ROUNDING, 0.0, share)

    def share_at(self, time: float) -> float:
        """Share of the current that charges the double layer at a time."""
        return float(np.interp(time, self.time, self.charging_share))

    def charged_at(self, time: float) -> float:
        """Charge density on the double layer of the working electrode since the start [C.m-2]."""
        parts = [names.CHARGE, *(names.charge_of(name) for name in data.reactions(self.run))]
        passed, *by_reactions = (float(np.interp(time, self.time, self.history(part))) for part in parts)
        charge = passed - sum(by_reactions)
        return 0.0 if abs(charge) < ROUNDING * abs(passed) else charge

    @property
    def charged(self) -> float:
        """The same at the end."""
        return self.charged_at(float(self.time[-1]))

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
        lines = [self._surface(electrode) for electrode in ("working", "counter")]
        return away_from(self.run.maps["points"], lines, OUTSIDE * self.debye_length)

    def _surface(self, electrode: str) -> Array:
        """Points along an electrode: its samples, and one beyond each end."""
        rows = self.run.profile(electrode)
        line = np.column_stack([rows[names.X.name], rows[names.Z.name]])
        return np.vstack([2 * line[0] - line[1], line, 2 * line[-1] - line[-2]])

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
        x, z = (maps["points"] / size).T
        plane = Triangulation(x, z, maps["triangles"])
        found = LinearTriInterpolator(plane, maps[names.CONCENTRATION.name][frame])
        return np.asarray(found(*(points / size).T).filled(np.nan) / self.initial, dtype=float)


def away_from(points: Array, lines: Sequence[Array], distance: float) -> NDArray[Any]:
    """Numbers of the points that are farther than a distance from lines of vertices.

    When the layer is too thin for that, those that are about as far as any.
    """
    far = np.full(len(points), np.inf)
    for line in lines:
        for start, end in itertools.pairwise(line):
            along = end - start
            share = np.clip((points - start) @ along / max(along @ along, 1e-300), 0.0, 1.0)
            np.minimum(far, np.linalg.norm(points - start - share[:, None] * along, axis=1), out=far)
    return np.flatnonzero(far >= min(distance, MIDDLE * far.max()))

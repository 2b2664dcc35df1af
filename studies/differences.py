"""Where and when two runs of the same cell differ by more than a tolerance.

One run is judged (a), the other the reference (b):

- **Cell voltage** over time: |U_a - U_b| / |U_b|, on the steps of both; |U_b| counts as at least 1 % of
  its largest and 1e-3 RT/F, so that a cell at rest does not differ by a large part of nothing.
- **Current distribution** at the output times at which reactions carry most of the current: local
  current density of the reactions on the working electrode, each over its own mean: i/<i>. Means over
  pieces of the electrode, those of the coarser mesh, from the cumulative currents, so that unequal
  meshes compare. Root mean square over the electrode, and the largest difference and its place.
- **Concentration** of the plated ion at output times, over the initial one: at the points of the judged
  run's mesh that are outside the double layers (more than 10 Debye lengths from an electrode; in
  a thinner layer the most distant ones). Within, the models mean different things by it.
- **Charging**: share of the current that charges the working electrode's double layer, an absolute
  difference of two shares.
- **Time to dryness**: when the lowest concentration outside the double layers fell to 1 % of the initial
  one, relative to the reference's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from thincell.model.constants import FARADAY, GAS_CONSTANT
from thincell.studies import names
from thincell.studies.outcome import Array, Outcome
from thincell.studies.wording import metres

#: Current distributions are compared once charging takes less than this share of the current.
CHARGED = 0.5

#: |U_b| counts as at least this share of its largest, and this part of RT/F.
LEAST_SHARE, LEAST_PART = 1e-2, 1e-3


@dataclass
class Measure:
    """One thing compared: the difference over time, and when it is above the tolerance.

    ``where`` says the place of the largest difference, ``unit`` the largest in its own unit.
    """

    name: str
    times: Array
    values: Array
    tolerance: float
    where: list[str] = field(default_factory=list)

    @property
    def largest(self) -> float:
        return float(np.nanmax(self.values)) if np.any(np.isfinite(self.values)) else float("nan")

    @property
    def at(self) -> int:
        """Number of the largest difference."""
        return int(np.nanargmax(self.values)) if np.any(np.isfinite(self.values)) else 0

    @property
    def last(self) -> float:
        return float(self.values[-1])

    @cached_property
    def intervals(self) -> list[tuple[float, float]]:
        """(from, to) [s] in which the difference is above the tolerance, ends interpolated."""
        t, excess = self.times, np.nan_to_num(self.values, nan=0.0) - self.tolerance
        found: list[tuple[float, float]] = []
        begin: float | None = float(t[0]) if excess[0] > 0 else None
        for k in range(1, len(t)):
            if (excess[k - 1] > 0) == (excess[k] > 0):
                continue
            share = excess[k - 1] / (excess[k - 1] - excess[k])
            crossing = float(t[k - 1] + share * (t[k] - t[k - 1]))
            if begin is None:
                begin = crossing
            else:
                found.append((begin, crossing))
                begin = None
        if begin is not None:
            found.append((begin, float(t[-1])))
        return found

    def after(self, time: float) -> float:
        """Largest difference after a time."""
        later = self.values[self.times > time]
        return float(np.nanmax(later)) if later.size and np.any(np.isfinite(later)) else float("nan")

    def record(self) -> dict[str, Any]:
        """Scalars, with units in their names."""
        made: dict[str, Any] = {
            "Largest difference": self.largest,
            "Time of the largest difference [s]": float(self.times[self.at]),
            "Difference at the end": self.last,
            "Above the tolerance in [s]": [list(pair) for pair in self.intervals],
        }
        if self.where:
            made["Place of the largest difference"] = self.where[self.at]
        return made


@dataclass
class Difference:
    """All measures of one model against the reference, and what they mean in words."""

    model: str
    reference: str
    measures: dict[str, Measure]
    further: dict[str, Any]
    words: list[str] = field(default_factory=list)

    def scalars(self) -> dict[str, Any]:
        return {name: measure.record() for name, measure in self.measures.items()} | self.further

    def record(self) -> dict[str, Any]:
        """For differences.json: scalars, and every measure over time."""
        tables = {
            name: {"Time [s]": m.times, "Difference": m.values} for name, m in self.measures.items()
        }
        return {
            "model": self.model, "reference": self.reference, **self.scalars(),
            "over time": tables, "in words": self.words,
        }  # fmt: skip


VOLTAGE, ROOT_MEAN_SQUARE, GREATEST = (
    "Cell voltage", "Current distribution, root mean square", "Current distribution, largest",
)  # fmt: skip
CONCENTRATION, CHARGING = "Concentration of the plated ion", "Charging share of the current"


def difference(
    judged: tuple[str, Outcome], reference: tuple[str, Outcome], tolerance: float
) -> Difference:
    """Compare two runs of the same cell and protocol."""
    (model, a), (other, b) = judged, reference
    measures = {VOLTAGE: _voltage(a, b, tolerance)}
    measures |= _distribution(a, b, tolerance)
    measures[CONCENTRATION] = _concentration(a, b, tolerance)
    measures[CHARGING] = _charging(a, b, tolerance)
    end = min(a.time[-1], b.time[-1])
    gap = abs(_at(a, names.VOLTAGE, end) - _at(b, names.VOLTAGE, end))
    further = {
        "Difference of the cell voltage at the end [V]": float(gap),
        "Charge on the double layer [C.m-2]": {model: a.charged, other: b.charged},
        "Layer dry after [s]": {model: a.dry, other: b.dry},
    }
    return Difference(model, other, measures, further)


def _at(outcome: Outcome, name: Any, time: float) -> float:
    return float(np.interp(time, outcome.time, outcome.history(name)))


def _steps(a: Outcome, b: Outcome) -> Array:
    """The times of both histories, as far as both go."""
    times = np.union1d(a.time, b.time)
    return np.asarray(times[(times > 0) & (times <= min(a.time[-1], b.time[-1]))])


def _common_outputs(a: Outcome, b: Outcome) -> Array:
    """Output times that both have, but for rounding."""
    nearest = b.outputs[np.argmin(np.abs(a.outputs[:, None] - b.outputs), axis=1)]
    return a.outputs[(np.abs(nearest - a.outputs) <= 1e-6 * a.outputs) & (a.outputs > 0)]


def _voltage(a: Outcome, b: Outcome, tolerance: float) -> Measure:
    times = _steps(a, b)
    u_a, u_b = (np.interp(times, o.time, o.history(names.VOLTAGE)) for o in (a, b))
    thermal = GAS_CONSTANT * b.run.case.electrolyte.temperature / FARADAY
    least = max(LEAST_SHARE * float(np.max(np.abs(u_b))), LEAST_PART * thermal)
    return Measure(VOLTAGE, times, np.abs(u_a - u_b) / np.maximum(np.abs(u_b), least), tolerance)


def compared_distributions(a: Outcome, b: Outcome, time: float) -> tuple[Array, Array, Array, Array]:
    """(distance [m], i/<i> of a, of b, share of the area) of the same pieces of the electrode.

    The pieces are the facets of the run that has fewer; the other's currents are summed over them.
    """
    curves = [o.distribution(time) for o in (a, b)]
    coarse = curves[0] if curves[0][0].size <= curves[1][0].size else curves[1]
    edges = np.concatenate([[0.0], np.cumsum(coarse[2])])
    edges /= edges[-1]
    means = []
    for _, density, area in curves:
        place = np.concatenate([[0.0], np.cumsum(area)])
        passed = np.concatenate([[0.0], np.cumsum(density * area)])
        means.append(np.diff(np.interp(edges, place / place[-1], passed / place[-1])) / np.diff(edges))
    return coarse[0], means[0], means[1], np.diff(edges)


def _pieces(a: Outcome, b: Outcome) -> int:
    """Facets of the coarser electrode."""
    return min(o.distribution(float(o.outputs[-1]))[0].size for o in (a, b))


def _distribution(a: Outcome, b: Outcome, tolerance: float) -> dict[str, Measure]:
    times = np.array([t for t in _common_outputs(a, b) if max(a.share_at(t), b.share_at(t)) < CHARGED])
    if not times.size or _pieces(a, b) < 2:  # a column is uniform by geometry
        return {}
    mean, greatest, where = [], [], []
    for time in times:
        distance, one, two, share = compared_distributions(a, b, float(time))
        gap = np.abs(one - two)
        mean.append(np.sqrt(np.sum(gap**2 * share) / np.sum(two**2 * share)))
        k = int(np.argmax(gap)) if np.all(np.isfinite(gap)) else 0
        greatest.append(gap[k])
        where.append(f"{metres(distance[k])} from the edge")
    return {
        ROOT_MEAN_SQUARE: Measure(ROOT_MEAN_SQUARE, times, np.array(mean), tolerance),
        GREATEST: Measure(GREATEST, times, np.array(greatest), tolerance, where),
    }


def _concentration(a: Outcome, b: Outcome, tolerance: float) -> Measure:
    times, values, where = _common_outputs(a, b), [], []
    points = np.asarray(a.run.maps["points"][a.bulk], dtype=float)
    for time in times:
        gap = np.abs(a.concentration_at(points, time) - b.concentration_at(points, time))
        k = int(np.nanargmax(gap))
        values.append(gap[k])
        x, z = points[k]
        where.append(f"x = {metres(x)}, z = {metres(z)}")
    return Measure(CONCENTRATION, times, np.array(values), tolerance, where)


def _charging(a: Outcome, b: Outcome, tolerance: float) -> Measure:
    times = _steps(a, b)
    one, two = (np.interp(times, o.time, o.charging_share) for o in (a, b))
    return Measure(CHARGING, times, np.abs(one - two), tolerance)

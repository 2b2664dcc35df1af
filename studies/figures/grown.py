"""What the figures of a deposit need of a run: its frames, its electrodes, its history, its measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.section import Electrode, Section
from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.figures import data
from thincell.studies.figures.fromabove import Plan
from thincell.studies.frames import LEVEL, METAL, Array, Frame, metal_areas, outline, pieces
from thincell.studies.frames import frames as frames_of
from thincell.studies.results import Run

#: How far from an electrode a point still touches it, in heights of the liquid.
TOUCH = 1e-6
#: Heights that differ by less than this share are the same.
TIE = 0.01


@dataclass(frozen=True, eq=False)
class Grown:
    """The deposit of one run; ``initial`` is c0 [mol.m-3], ``history`` the columns of history.csv.

    It is seen in a ``section`` or from ``above``. With neither (a mesh of one's own) any boundary of the
    mesh counts as the electrode.
    """

    #: Grey of the metal; from above, where it is as thick as anywhere.
    TONE: ClassVar[str] = "#cfcfcf"

    label: str
    frames: list[Frame]
    history: Mapping[str, NDArray[Any]]
    initial: float
    section: Section | None
    above: Plan | None = None
    _dead: dict[Frame, NDArray[np.bool_]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, run: Run, label: str) -> Grown | None:
        """Of a run; None when it has no deposit."""
        if METAL not in run.maps:
            return None
        initial = run.case.electrolyte.concentration
        return cls(label, frames_of(run.maps), run.history, initial, data.section(run), Plan.of(run))

    def upto(self, shown: Frame) -> Grown:
        """The deposit as it was by one of its frames."""
        return replace(self, frames=[f for f in self.frames if f.time <= shown.time])

    # -- history --------------------------------------------------------------------------------------

    def passed(self, time: float) -> float:
        """Charge [C.m-2] that has passed by a time, plated and stripped added up."""
        times, totals = self._charges()
        return float(np.interp(time, times, totals))

    def voltage(self, time: float) -> float:
        """Cell voltage [V]."""
        times = np.asarray(self.history[names.TIME.name], dtype=float)
        values = np.asarray(self.history[names.VOLTAGE.name], dtype=float)
        return float(np.interp(time, times, values))

    def at_charge(self, charge: float) -> Frame:
        """The frame nearest to a charge passed [C.m-2]; of equally near ones the first."""
        return min(self.frames, key=lambda f: abs(self.passed(f.time) - charge))

    def equal_steps(self, count: int) -> list[Frame]:
        """Up to ``count`` different frames, nearest to equal steps of charge, the last one included."""
        charges = np.linspace(0, self.passed(self.frames[-1].time), count + 1)[1:]
        chosen = {id(f): f for f in (self.at_charge(charge) for charge in charges)}
        return sorted(chosen.values(), key=lambda f: f.time)

    def _charges(self) -> tuple[Array, Array]:
        times = np.asarray(self.history[names.TIME.name], dtype=float)
        charges = np.asarray(self.history[names.CHARGE.name], dtype=float)
        totals = np.cumsum(np.abs(np.diff(charges, prepend=0.0)))
        if times[0] > 0:
            times, totals = np.append(0.0, times), np.append(0.0, totals)
        return times, totals

    # -- metal ----------------------------------------------------------------------------------------

    def dead(self, shown: Frame) -> NDArray[np.bool_]:
        """Points in pieces of metal that do not touch the working electrode."""
        if shown not in self._dead:
            label = pieces(shown)
            alive = np.unique(label[self._touching(shown)])
            self._dead[shown] = (label >= 0) & ~np.isin(label, alive)
        return self._dead[shown]

    def thickness(self, shown: Frame) -> Array:
        """Projected thickness of the metal at the points of a frame from above, relative to the height."""
        assert self.above is not None
        return self.above.thickness(shown.points, shown.metal)

    def distance(self, points: Array) -> Array:
        """Distance [m] of points from the working electrode; in a mesh of one's own, from the bottom."""
        if self.above is not None:
            return self.above.rim.distance(points)
        if self.section is None:
            return points[:, 1] - min(float(f.points[:, 1].min()) for f in self.frames)
        return _distance(points, self.section.electrode(Tag.WORKING), self.section)

    def _touching(self, shown: Frame) -> NDArray[np.bool_]:
        if self.above is not None:
            return self.distance(shown.points) <= TOUCH * self.above.cell.height
        if self.section is None:
            return _on_boundary(shown)
        return self.distance(shown.points) <= TOUCH * self.section.height

    # -- measures -------------------------------------------------------------------------------------

    def measures(self, shown: Frame) -> dict[str, float]:
        """What the deposit of one frame measures, lengths in metres; zero without metal.

        ``tip`` is the largest distance of living metal from the electrode; ``mean`` the volume of all
        metal per footprint; ``roughness`` the root mean square deviation of the distance along the
        outline of the living metal, its length as weight; ``dead`` the dead share of the volume.
        """
        segments, of = outline(shown)
        dead = self.dead(shown)
        middles, lengths = segments.mean(axis=1), np.linalg.norm(np.diff(segments, axis=1)[:, 0], axis=1)
        living = ~dead[of]
        volumes = metal_areas(shown) * self._weight(shown)
        lost = volumes[dead[shown.triangles].any(axis=1)].sum()
        total = float(volumes.sum())
        measured = {"tip": 0.0, "mean": total / self._footprint(shown), "roughness": 0.0, "dead": 0.0}
        if total > 0:
            measured["dead"] = float(lost) / total
        if living.any() and lengths[living].sum() > 0:
            away, weight = self.distance(middles[living]), lengths[living]
            middle = np.average(away, weights=weight)
            measured["roughness"] = float(np.sqrt(np.average((away - middle) ** 2, weights=weight)))
            measured["tip"] = float(self.distance(segments[living].reshape(-1, 2)).max())
        return measured

    def tip_place(self) -> Array:
        """Where [m] the living metal of the last frame with some is farthest from the electrode.

        On a flat film that is the place nearest to the counter electrode.
        """
        for shown in reversed(self.frames):
            segments, of = outline(shown)
            ends = segments[~self.dead(shown)[of]].reshape(-1, 2)
            if len(ends):
                away = self.distance(ends)
                tied = ends[away >= (1 - TIE) * away.max()]
                return np.asarray(tied[np.argmax(tied[:, 0])])
        return self.frames[-1].points.mean(axis=0)

    def extent(self) -> tuple[Array, Array]:
        """Lowest and highest coordinates [m] of all metal ever; without any, of the electrode."""
        found = [f.points[f.metal > LEVEL] for f in self.frames]
        found += [outline(f)[0].reshape(-1, 2) for f in self.frames]
        places = np.concatenate(found)
        if not len(places) and self.section is not None:
            working = self.section.electrode(Tag.WORKING)
            level = self.section.height if working.wall == "lid" else 0.0
            places = np.array([[working.start, level], [working.end, level]])
        elif not len(places) and self.above is not None:
            places = np.reshape(self.above.rim.metal.bounds, (2, 2))
        elif not len(places):
            places = self.frames[-1].points
        return places.min(axis=0), places.max(axis=0)

    def _weight(self, shown: Frame) -> Array:
        """2 pi r at the middles of triangles of an axisymmetric section, else 1."""
        if self.section is None or not self.section.axisymmetric:
            return np.ones(len(shown.triangles))
        return 2 * np.pi * shown.points[shown.triangles, 0].mean(axis=1)

    def _footprint(self, shown: Frame) -> float:
        """Area [m2] per unit of `_weight`'s length; from above that of the rim."""
        if self.above is not None:
            return self.above.rim.length
        if self.section is None:
            return float(np.ptp(shown.points[:, 0]))
        length = 1.0 if self.section.axisymmetric else self.section.length
        return self.section.footprint(Tag.WORKING) / length


def _distance(points: Array, electrode: Electrode, section: Section) -> Array:
    x, z = points.T
    up = section.height - z if electrode.wall == "lid" else z
    beside = np.maximum(np.maximum(electrode.start - x, x - electrode.end), 0)
    return np.hypot(beside, np.maximum(up - electrode.thickness, 0))


def _on_boundary(shown: Frame) -> NDArray[np.bool_]:
    """Points on edges that belong to one triangle only."""
    edges = np.concatenate([shown.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    unique, count = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    touching = np.zeros(len(shown.points), dtype=bool)
    touching[unique[count == 1]] = True
    return touching

"""A deposit in space as it is seen from above: the shadow of the metal, shaded by its projected thickness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from thincell.studies import names
from thincell.studies.figures.fromabove import Plan
from thincell.studies.figures.grown import Grown
from thincell.studies.frames import LEVEL, METAL, Array, Frame
from thincell.studies.frames import frames as frames_of
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.telling import body
from thincell.studies.morphology.names import (
    DEAD_SHARE,
    MEAN_HEIGHT_IN_SPACE,
    ROUGHNESS_IN_SPACE,
    TIP_HEIGHT,
)
from thincell.studies.morphology.space import Body, measure
from thincell.studies.results import Run

#: int xi dz over a place of the floor.
THICKNESS = "Projected thickness [m]"


def grown(run: Run, label: str) -> Grown | None:
    """The deposit of a run in any view; None when it has none."""
    if METAL not in run.maps or getattr(run.case.cell, "view", "") != "solid":
        return Grown.of(run, label)
    bodies = [body(run.case, frame) for frame in frames_of(run.maps)]
    return GrownInSpace.seen(run, label, bodies)


@dataclass(frozen=True, eq=False)
class GrownInSpace(Grown):
    """The frames are those of the footprint: xi is the largest of the column, c the mean of its liquid."""

    TONE: ClassVar[str] = "#4d4d4d"

    bodies: dict[Frame, Body] = field(default_factory=dict)

    @classmethod
    def seen(cls, run: Run, label: str, bodies: Sequence[Body]) -> GrownInSpace:
        """Of a run and its bodies at the output times."""
        whole = frames_of(run.maps)
        flat = [projected(frame, one) for frame, one in zip(whole, bodies, strict=True)]
        initial = run.case.electrolyte.concentration
        known = dict(zip(flat, bodies, strict=True))
        return cls(label, flat, run.history, initial, None, Plan.of(run), bodies=known)

    def dead(self, shown: Frame) -> NDArray[np.bool_]:
        """Places over which there is dead metal only."""
        one = self.bodies[shown]
        alive = one.columns.largest(np.where(one.attached, one.metal, 0.0)) > LEVEL
        return (shown.metal > LEVEL) & ~alive

    def thickness(self, shown: Frame) -> Array:
        """Projected thickness relative to the largest of all frames."""
        most = max(float(frame.fields[THICKNESS].max()) for frame in self.frames)
        return np.asarray(shown.fields[THICKNESS] / max(most, 1e-300))

    def distance(self, points: Array) -> Array:
        """Distance [m] of places from the working electrode, seen from above."""
        assert self.above is not None
        assert isinstance(self.above.rim, Bed)
        return self.above.rim.beside(points)

    def measures(self, shown: Frame) -> dict[str, float]:
        """Highest attached metal, mean height and its roughness over the electrode [m], dead share."""
        assert self.above is not None
        found = measure(self.bodies[shown], float(self.above.rim.metal.area))
        keys = {"tip": TIP_HEIGHT, "mean": MEAN_HEIGHT_IN_SPACE, "roughness": ROUGHNESS_IN_SPACE}
        return {key: found[name.name] for key, name in (keys | {"dead": DEAD_SHARE}).items()}


def projected(frame: Frame, one: Body) -> Frame:
    """A frame in space as one of its footprint."""
    columns, liquid = one.columns, np.clip(1 - one.metal, 0.0, 1.0)
    found: dict[str, Any] = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        for name in (names.CONCENTRATION.name, names.PHI.name):
            values = np.nan_to_num(frame.fields[name])
            found[name] = columns.integral(liquid * values) / columns.integral(liquid)
    found[METAL] = columns.largest(one.metal)
    found[THICKNESS] = columns.integral(np.clip(one.metal, 0.0, 1.0))
    return Frame(frame.time, columns.points, columns.triangles, found)

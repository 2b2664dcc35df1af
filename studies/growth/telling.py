"""What became of a deposit: measures of its shape at every output, and the verdict on the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.frames import Frame
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.ground import Ground, Rim, ground_of
from thincell.studies.growth.surface import triangles
from thincell.studies.morphology import above, space
from thincell.studies.morphology.advance import tip_velocity
from thincell.studies.morphology.measures import measure
from thincell.studies.morphology.names import STEEP_SHARE, TIP_DISTANCE, TIP_HEIGHT
from thincell.studies.morphology.shape import LEVEL, Shape, Sheet
from thincell.studies.morphology.verdict import Verdict, classify
from thincell.studies.schema.cell import MeshCell

Table = dict[str, NDArray[Any]]


def shape(case: Case, frame: Frame) -> Shape:
    """The section through a deposit at one output."""
    assert case.deposit is not None
    assert not isinstance(case.cell, MeshCell)
    electrode = case.cell.section().electrode(Tag.WORKING)
    return Shape(
        frame.metal,
        frame.points,
        frame.triangles,
        case.deposit.interface,
        electrode.start,
        electrode.end,
        electrode.thickness,
    )


def turned(case: Case, rim: Rim, frame: Frame) -> Shape | None:
    """A deposit seen from above as a section, its floor the rim; None unless that is straight."""
    assert case.deposit is not None
    axes = rim.axes
    if axes is None:
        return None
    first, *directions = axes
    points = (frame.points - first) @ np.stack(directions).T
    return Shape(frame.metal, points, frame.triangles, case.deposit.interface, 0.0, rim.length, 0.0)


def body(case: Case, frame: Frame) -> space.Body:
    """A deposit in space at one output."""
    assert case.deposit is not None
    bed = ground_of(case)
    assert isinstance(bed, Bed)
    front = triangles(frame.triangles, frame.metal - LEVEL, frame.points)
    return space.Body(
        frame.metal, frame.points, frame.triangles, front, case.deposit.interface, bed.over
    )


def table(case: Case, frames: Sequence[Frame]) -> Table:
    """deposit.csv: one row per output time, all measures by name."""
    ground = ground_of(case)
    rows = [{names.TIME.name: frame.time, **_measured(case, ground, frame)} for frame in frames]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _measured(case: Case, ground: Ground | Bed, frame: Frame) -> dict[str, float]:
    """All measures of one output."""
    if isinstance(ground, Bed):
        return space.measure(body(case, frame), float(ground.metal.area))
    if not isinstance(ground, Rim):
        return measure(shape(case, frame))
    assert case.deposit is not None
    sheet = Sheet(frame.metal, frame.points, frame.triangles, case.deposit.interface)
    return above.measure(sheet, ground)


def verdict(found: Table) -> Verdict:
    """The verdict on the last row of a table."""
    return classify({name: float(column[-1]) for name, column in found.items()})


def judged(case: Case, found: Table, last: Frame) -> Verdict | None:
    """The verdict on the last output: of sections, and from above where the rim is straight."""
    if STEEP_SHARE.name in found:
        return verdict(found)
    ground = ground_of(case)
    section = turned(case, ground, last) if isinstance(ground, Rim) else None
    return None if section is None else classify(measure(section))


def summary(case: Case, found: Table, last: Frame) -> dict[str, Any]:
    """The entries of summary.json: the verdict with its reasons, the last of all measures."""
    times, entries = found[names.TIME.name], dict[str, Any]()
    shown = judged(case, found, last)
    if shown is not None:
        entries["Morphology"] = shown.name
        entries["Reasons for the morphology"] = "; ".join(shown.reasons)
    tip = found[TIP_HEIGHT.name if TIP_HEIGHT.name in found else TIP_DISTANCE.name]
    if len(times) > 2:
        speed = tip_velocity(times, tip)
        entries["Tip velocity [m.s-1]"] = speed.mean
    for name, column in found.items():
        if name != names.TIME.name:
            entries[f"Deposit: {name}"] = float(column[-1])
    return entries

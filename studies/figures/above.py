"""A chip seen from above: concentration in the layer and current density on the electrodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from thincell.studies import names
from thincell.studies.figures import data, streamlines, style
from thincell.studies.figures.build import Half
from thincell.studies.frames import Frame, frame_at
from thincell.studies.results import Run
from thincell.studies.schema.cell import ChipCell
from thincell.studies.wording import nice

CAPTION = (
    "The thin cell from above at the end. Left: salt concentration relative to the initial one, averaged over"
    " the height (view = 'plan') or that at the lid (view = 'solid'). Right: magnitude of the current density"
    " on the electrodes, one mark per point of integration. Lines are the electrodes' outlines."
    " With a flow, thin lines are streamlines, the same flow between any two neighbours."
)

#: Micrometres per metre; about the width of a panel in points.
MICRO, WIDE = 1e6, 190.0


def draw(halves: Sequence[Half]) -> Figure | None:
    """One row per value; None without one from above, or with a deposit."""
    runs = [half.thin for half in halves if half.thin is not None and data.from_above(half.thin)]
    runs = [run for run in runs if run.case.deposit is None]  # its own figure shows that
    if not runs:
        return None
    made = style.figure(7.4, 2.9 * len(runs) + 0.2)
    grid = made.subplots(len(runs), 2, squeeze=False)
    labels = [half.label for half in halves if half.thin in runs]
    for (left, right), run, label in zip(grid, runs, labels, strict=True):
        time = float(data.output_times(run)[-1])
        made.colorbar(_concentration(left, run, time), ax=left, label="$c/c_0$", shrink=0.6)
        made.colorbar(_current(right, run, time), ax=right, label="|i| / mA cm$^{-2}$", shrink=0.6)
        for axes in (left, right):
            _outlines(axes, run)
            axes.set(xlabel="x / µm", aspect="equal")
            axes.grid(visible=False)
        left.set_ylabel("y / µm")
        left.set_title(f"{nice(label)} {data.when(run, time)}".strip(), loc="left")
    return made


def _concentration(axes: Axes, run: Run, time: float) -> Any:
    frame = seen_from_above(run, frame_at(run.maps, time))
    values = frame.fields[names.CONCENTRATION.name] / run.case.electrolyte.concentration
    x, y = frame.points.T * MICRO
    mesh = Triangulation(x, y, frame.triangles)
    spread = max(float(np.abs(values - 1).max()), 1e-3)
    norm = Normalize(max(0.0, 1 - spread), 1 + spread)
    streamlines.draw(axes, mesh, frame)
    return axes.tripcolor(mesh, values, norm=norm, cmap="cividis", shading="gouraud", rasterized=True)


def seen_from_above(run: Run, frame: Frame) -> Frame:
    """A frame of a plan as it is, of a solid its lid: points (n, 2) and triangles."""
    cell = run.case.cell
    assert isinstance(cell, ChipCell)
    if cell.view == "plan":
        return frame
    place, z = frame.points[:, :2], frame.points[:, 2]
    lid = np.abs(z - cell.heights(place)) < 1e-6 * cell.height
    corners = frame.triangles
    top = lid[corners]
    facing = top.sum(axis=1) == 3
    triangles = corners[facing][top[facing]].reshape(-1, 3)
    used, triangles = np.unique(triangles, return_inverse=True)
    fields = {name: values[used] for name, values in frame.fields.items()}
    return Frame(frame.time, place[used], triangles.reshape(-1, 3), fields)


def _current(axes: Axes, run: Run, time: float) -> Any:
    parts = [run.profile(electrode, time) for electrode in ("working", "counter")]
    x, y, density, area = (
        np.concatenate([part[key] for part in parts])
        for key in (names.X.name, names.Y.name, names.LOCAL.name, names.AREA.name)
    )
    cell = run.case.cell
    assert isinstance(cell, ChipCell)
    x0, _, x1, _ = cell.plan().liquid.bounds
    size = 3 * area * (WIDE / (x1 - x0)) ** 2  # discs of three times the area, so that they overlap
    return axes.scatter(
        x * MICRO, y * MICRO, c=np.abs(density) / data.MILLIAMPERE, s=size, lw=0, cmap="viridis",
        rasterized=True,
    )  # fmt: skip


def _outlines(axes: Axes, run: Run) -> None:
    """Electrodes and the liquid's rim, which sets the limits."""
    cell = run.case.cell
    assert isinstance(cell, ChipCell)
    rings = []
    for area in cell.areas():
        for piece in getattr(area.polygon, "geoms", [area.polygon]):
            rings += [np.asarray(ring.coords) * MICRO for ring in (piece.exterior, *piece.interiors)]
    axes.add_collection(LineCollection(rings, colors="black", linewidths=0.8))
    x0, y0, x1, y1 = (MICRO * value for value in cell.plan().liquid.bounds)
    axes.set(xlim=(x0, x1), ylim=(y0, y1))

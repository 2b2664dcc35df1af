"""Concentration in the liquid at chosen times: the thin cell's section, and the coin cell's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.tri import Triangulation

from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.figures import data, streamlines, style
from thincell.studies.figures.build import Half
from thincell.studies.frames import Frame, frame_at, frames
from thincell.studies.results import Run
from thincell.studies.wording import nice

CAPTION = (
    "Salt concentration relative to the initial one, height stretched, zoomed on the electrodes"
    " (bars: dark the working, grey the counter electrode). The white line encloses what is dry"
    " (below 1 %). In a comparison, the last column is the coin cell from axis to rim at the end."
    " With a flow, thin lines are streamlines, the same flow between any two neighbours."
)

#: Highest value on the colour scale; what is above has the colour of the top.
CEILING = 2.0


def draw(halves: Sequence[Half]) -> Figure | None:
    """One row per value, up to three times of the thin cell and the end of the coin cell."""
    halves = [half for half in halves if half.runs and _stores(half.runs[0])]
    halves = [half for half in halves if half.thin is None or not data.from_above(half.thin)]
    if not halves:
        return None
    plans = [_plan(half) for half in halves]
    columns = max(len(plan) for plan in plans)
    made = style.figure(max(6.4, 2.75 * columns + 0.6), 1.25 * len(halves) + 1.0)
    grid = made.subplots(len(halves), columns, squeeze=False)
    norm = Normalize(0.0, min(CEILING, max(1.05, max(_highest(half) for half in halves))))
    image: Any = None
    for row, (half, plan) in enumerate(zip(halves, plans, strict=True)):
        for column, axes in enumerate(grid[row]):
            if column >= len(plan):
                axes.set_visible(False)
                continue
            run, time = plan[column]
            image = _panel(axes, run, time, norm)
            cell = "coin cell" if data.is_coin(run) else nice(half.label) or "thin cell"
            axes.set_title(f"{cell}, {data.when(run, time)}", loc="left", fontsize=8.5)
            if row == len(halves) - 1:
                axes.set_xlabel("radius / mm" if data.is_coin(run) else "x / µm")
            if column == 0:
                axes.set_ylabel("z / µm")
    extend = "max" if max(_highest(half) for half in halves) > CEILING else "neither"
    made.colorbar(image, ax=grid, label="$c/c_0$", extend=extend, shrink=0.8, pad=0.015)
    return made


def _stores(run: Run) -> bool:
    return run.case.electrolyte.model != "ohmic"


def _plan(half: Half) -> list[tuple[Run, float]]:
    plan = []
    if half.thin is not None:
        plan += [(half.thin, time) for time in data.telling_times(half.thin)]
    if half.coin is not None:
        plan.append((half.coin, float(data.output_times(half.coin)[-1])))
    return plan


def _relative(run: Run, frame: Frame) -> data.Array:
    """c/c0 at the points; not a number in the metal."""
    return frame.liquid(names.CONCENTRATION.name) / run.case.electrolyte.concentration


def _highest(half: Half) -> float:
    return max(
        float(np.nanmax(_relative(run, frame))) for run in half.runs for frame in frames(run.maps)
    )


def _panel(axes: Axes, run: Run, time: float, norm: Normalize) -> Any:
    frame = frame_at(run.maps, time)
    values, points = _relative(run, frame), frame.points
    unit = 1e3 if data.is_coin(run) else 1e6
    liquid = ~np.isnan(values)[frame.triangles].any(axis=1)
    mesh = Triangulation(points[:, 0] * unit, points[:, 1] * 1e6, frame.triangles[liquid])
    values = np.nan_to_num(values, nan=float(np.nanmax(values)))
    image = axes.tripcolor(
        mesh, np.maximum(values, 0), norm=norm, cmap="cividis", shading="gouraud", rasterized=True
    )
    if values.min() < 0.01 < values.max():
        axes.tricontour(mesh, values, levels=[0.01], colors="white", linewidths=1.2)
    streamlines.draw(axes, mesh, frame)
    axes.grid(visible=False)
    _frame(axes, run, unit)
    return image


def _frame(axes: Axes, run: Run, unit: float) -> None:
    """Limits around the electrodes, and bars where they are."""
    cut = data.section(run)
    if cut is None:
        return
    edges = [e for e in cut.electrodes if e.tag in (Tag.WORKING, Tag.COUNTER)]
    left, right = min(e.start for e in edges), max(e.end for e in edges)
    room = 0.08 * (right - left)
    left, right = max(left - room, cut.start), min(right + room, cut.end)
    axes.set_xlim(left * unit, right * unit)
    h = cut.tallest * 1e6
    axes.set_ylim(-0.14 * h, 1.14 * h)
    for electrode in edges:
        bottom = 1.02 * h if electrode.wall == "lid" else -0.12 * h
        colour = style.THIN if electrode.tag == Tag.WORKING else "#8c8c8c"
        thick = 0.1 * h + (0.02 * h + electrode.thickness * 1e6 if electrode.thickness else 0.0)
        axes.add_patch(
            Rectangle(
                (electrode.start * unit, bottom), electrode.width * unit, thick,
                facecolor=colour, edgecolor="black", linewidth=0.4,
            )
        )  # fmt: skip
    axes.set_yticks([0, h])
    axes.set_yticklabels(["0", f"{h:.3g}"])

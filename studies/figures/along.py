"""Current density along the working electrode: thin cell and coin cell on the same axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thincell.studies.figures import data, style
from thincell.studies.figures.build import Half
from thincell.studies.results import Run
from thincell.studies.wording import nice

CAPTION = (
    "Magnitude of the local current density against the distance from the electrode's edge: in the"
    " thin cell along its surface from the edge that faces the counter electrode (the first part is"
    " the electrode's side wall), in the coin cell from the rim of the disc. Lines get lighter with"
    " time. The vertical line marks one height of the liquid."
)

#: From which distance on, in heights of the liquid, the curves are drawn.
CLOSEST = 1e-3


def draw(halves: Sequence[Half]) -> Figure | None:
    """One panel per value; None from above, where a distance says little of a place."""
    if any(half.thin is not None and data.from_above(half.thin) for half in halves):
        return None
    columns = 1 if len(halves) == 1 else 2 if len(halves) in (2, 4) else 3
    rows = -(-len(halves) // columns)
    made = style.figure(max(6.4, 3.6 * columns), 2.9 * rows + 0.3)
    grid = made.subplots(rows, columns, squeeze=False)
    for number, axes in enumerate(grid.flat):
        if number >= len(halves):
            axes.set_visible(False)
            continue
        _panel(axes, halves[number], number)
        if number % columns == 0:
            axes.set_ylabel("|i| / mA cm$^{-2}$")
        if number + columns >= len(halves):
            axes.set_xlabel("distance from the edge / µm")
    return made


def _panel(axes: Axes, half: Half, number: int) -> None:
    if half.thin is not None:
        times = data.telling_times(half.thin)
        for k, (time, colour) in enumerate(zip(times, style.shades(len(times)), strict=True)):
            _curve(axes, half.thin, time, colour, style.DASHES[0], style.MARKERS[k], "thin cell")
        axes.axvline(data.height(half.thin) * 1e6, color="#999999", lw=0.8, ls=":")
    if half.coin is not None:
        end = float(data.output_times(half.coin)[-1])
        _curve(axes, half.coin, end, style.COIN, style.DASHES[1], "x", "coin cell")
    style.log_scale(axes, "x")
    curves = [line for line in axes.lines if line.get_marker() != "None"]
    lines = [np.asarray(line.get_ydata(), dtype=float) for line in curves]
    values = np.concatenate(lines) if lines else np.ones(1)
    values = values[values > 0]
    if values.size and values.max() > 12 * values.min():
        style.log_scale(axes, "y")
        axes.set_ylim(max(values.min(), values.max() * 1e-5) / 1.5, values.max() * 2)
    else:
        axes.set_ylim(0, 1.08 * (values.max() if values.size else 1))
    style.panel_letter(axes, number, nice(half.label) or "working electrode")
    axes.legend(loc="best")


def _curve(
    axes: Axes, run: Run, time: float, colour: object, dash: object, marker: str, label: str
) -> None:
    distance, density, _ = data.edge_profile(run, time)
    seen = distance >= CLOSEST * data.height(run)
    if data.is_coin(run):
        seen = distance > 0
    x, y = distance[seen] * 1e6, density[seen] / data.MILLIAMPERE
    where = _marks(x)
    axes.plot(
        x, y, color=colour, ls=dash, marker=marker, ms=4, markevery=where,  # type: ignore[arg-type]
        label=f"{label}, {data.when(run, time)}",
    )  # fmt: skip


def _marks(x: data.Array) -> list[int]:
    """About seven points that are evenly spaced on a logarithmic axis."""
    if x.size < 8:
        return list(range(x.size))
    wanted = np.geomspace(x[0], x[-1], 7)
    return sorted({int(np.argmin(np.abs(np.log(x / w)))) for w in wanted})

"""Voltage, current density and lowest concentration over time, with dry and compliance moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from thincell.studies import names
from thincell.studies.figures import data, style
from thincell.studies.figures.build import Half
from thincell.studies.results import Run
from thincell.studies.wording import nice

CAPTION = (
    "Cell voltage (working electrode against counter electrode), magnitude of the current"
    " density that"
    " the source delivers, and lowest concentration anywhere in the liquid, relative to the initial"
    " one. A triangle marks when the layer ran dry (lowest concentration below 1 %), a"
    " square when the"
    " source reached its compliance voltage and could not deliver the set current any more."
)


def draw(halves: Sequence[Half]) -> Figure | None:
    """Three panels above each other, all values in each; thin cells left, coin cells right."""
    kinds: list[tuple[str, list[tuple[int, Run]]]] = [
        ("thin cell", [(k, h.thin) for k, h in enumerate(halves) if h.thin is not None]),
        ("coin cell", [(k, h.coin) for k, h in enumerate(halves) if h.coin is not None]),
    ]
    kinds = [kind for kind in kinds if kind[1]]
    made = style.figure(4.6 * len(kinds) + 1.0, 6.6)
    grid = made.subplots(3, len(kinds), squeeze=False, sharex=True, sharey="row")
    colours = style.shades(len(halves))
    for column, (title, runs) in enumerate(kinds):
        if data.is_coin(runs[0][1]):
            title = "coin cell"
        for k, run in runs:
            look = {"color": colours[k], "ls": style.DASHES[k % len(style.DASHES)]}
            _lines(grid[:, column], run, look)
        grid[0, column].set_title(f"({'ab'[column]}) {title}", loc="left")
        grid[2, column].set_xlabel("time / s")
    grid[0, 0].set_ylabel("cell voltage / V")
    grid[1, 0].set_ylabel("|i| / mA cm$^{-2}$")
    grid[2, 0].set_ylabel("lowest $c/c_0$")
    grid[2, 0].axes.set_ylim(0, None)
    grid[1, 0].axes.set_ylim(0, None)
    if _spread(halves):
        start = min(data.history(run, names.TIME)[1] for h in halves for run in h.runs)
        for axes in grid.flat:
            style.log_scale(axes, "x")
        end = max(data.history(run, names.TIME)[-1] for h in halves for run in h.runs)
        grid[0, 0].set_xlim(right=1.05 * end, left=max(start, _earliest(halves) / 30))
    _legend(made, halves, colours)
    return made


def _lines(column: Any, run: Run, look: dict[str, Any]) -> None:
    time = data.history(run, names.TIME)
    initial = run.case.electrolyte.concentration
    curves = (
        data.history(run, names.VOLTAGE),
        np.abs(data.history(run, names.CURRENT_DENSITY)) / data.MILLIAMPERE,
        data.history(run, names.LOWEST) / initial,
    )
    marks = ((data.dry_time(run), "^"), (data.first_event(run, "compliance"), "s"))
    for axes, values in zip(column, curves, strict=True):
        axes.plot(time, values, **look)
        for moment, marker in marks:
            if moment is not None:
                axes.plot(
                    moment, np.interp(moment, time, values), marker, ms=6.5, color=look["color"],
                    markeredgecolor="black", markeredgewidth=0.8, zorder=5, clip_on=False,
                )  # fmt: skip


def _earliest(halves: Sequence[Half]) -> float:
    moments = [
        moment
        for half in halves
        for run in half.runs
        for moment in (data.dry_time(run), data.first_event(run, "compliance"))
        if moment is not None and moment > 0
    ]
    return min(moments, default=np.inf)


def _spread(halves: Sequence[Half]) -> bool:
    """Whether what happens happens early: then time is better seen on a logarithmic axis."""
    end = max(data.history(run, names.TIME)[-1] for half in halves for run in half.runs)
    return _earliest(halves) < 0.05 * end


def _legend(made: Figure, halves: Sequence[Half], colours: list[Any]) -> None:
    handles = [
        Line2D([], [], color=colours[k], ls=style.DASHES[k % len(style.DASHES)], label=nice(half.label))
        for k, half in enumerate(halves)
        if half.label
    ]
    for marker, label in (("^", "ran dry"), ("s", "compliance reached")):
        handles.append(
            Line2D([], [], color="white", marker=marker, markeredgecolor="black", ls="", label=label)
        )
    made.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 6), handlelength=3)

"""What the current is made of when several reactions share it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thincell.studies import names
from thincell.studies.figures import data, style
from thincell.studies.figures.build import Half
from thincell.studies.results import Run
from thincell.studies.wording import nice

CAPTION = (
    "Current density of each reaction on the thin cell's working electrode, on top of each"
    " other; the"
    " dashed line is the part of the first reaction in the coin cell at the same nominal"
    " current, the"
    " dotted line the current that the source was set to."
)

HATCHES = ("", "////", "....", "xxxx")
FILLS = ("#24507f", "#e9d8a6", "#b9b9b9", "#ffffff")


def draw(halves: Sequence[Half]) -> Figure | None:
    """One panel per value; None when no run has two reactions."""
    halves = [h for h in halves if h.runs and len(data.reactions(h.runs[0])) > 1]
    if not halves:
        return None
    columns = min(2, len(halves))
    rows = -(-len(halves) // columns)
    made = style.figure(max(6.4, 4.6 * columns), 2.5 * rows + 0.6)
    grid = made.subplots(rows, columns, squeeze=False, sharex=True)
    for number, axes in enumerate(grid.flat):
        if number >= len(halves):
            axes.set_visible(False)
            continue
        _panel(axes, halves[number])
        style.panel_letter(axes, number, nice(halves[number].label) or "working electrode")
        if number % columns == 0:
            axes.set_ylabel("cathodic |i| / mA cm$^{-2}$")
        if number + columns >= len(halves):
            axes.set_xlabel("time / s")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    made.legend(handles, labels, loc="outside lower center", ncols=4)
    return made


def _panel(axes: Axes, half: Half) -> None:
    run = half.thin or half.coin
    assert run is not None
    time, sign = data.history(run, names.TIME), _sign(run)
    base = np.zeros_like(time)
    for k, reaction in enumerate(data.reactions(run)):
        part = sign * data.history(run, names.of_reaction(reaction)) / data.MILLIAMPERE
        axes.fill_between(
            time, base, base + part, facecolor=FILLS[k % 4], hatch=HATCHES[k % 4],
            edgecolor="#333333", linewidth=0.4, label=reaction,
        )  # fmt: skip
        base = base + part
    first = data.reactions(run)[0]
    if half.thin is not None and half.coin is not None:
        column = data.history(half.coin, names.of_reaction(first))
        axes.plot(
            data.history(half.coin, names.TIME), _sign(half.coin) * column / data.MILLIAMPERE,
            color=style.COIN, ls=style.DASHES[1], label=f"{first} in the coin cell",
        )  # fmt: skip
    asked = run.case.protocol[0]
    if len(run.case.protocol) == 1 and asked.kind in ("plate", "strip") and asked.current()[1]:
        axes.axhline(
            asked.current()[0] / data.MILLIAMPERE,
            color="black",
            ls=":",
            lw=1.2,
            label="set current",
        )
    style.log_scale(axes, "x")
    positive = time[time > 0]
    earliest = data.dry_time(run) or positive[-1]
    axes.set_xlim(max(positive[0], earliest / 100), positive[-1])
    axes.set_ylim(bottom=0)


def _sign(run: Run) -> float:
    """The larger part of the charge counts as positive."""
    return -1.0 if data.history(run, names.CHARGE)[-1] < 0 else 1.0

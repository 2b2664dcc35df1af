"""Figures of a growing deposit: a strip of frames, two cells side by side, values of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thincell.studies.figures import style
from thincell.studies.figures.box import grown
from thincell.studies.figures.build import Half
from thincell.studies.figures.grown import Grown
from thincell.studies.figures.picture import UNIT, colour_bar, colours, draw_frame, key, stamp
from thincell.studies.figures.view import View, scale_bar, view
from thincell.studies.frames import Frame
from thincell.studies.wording import nice

CAPTION = (
    "Salt concentration relative to the initial one, one colour scale for all pictures; grey is the"
    " metal (metal fraction above 1/2), orange metal that has lost contact with the electrode. Width and"
    " height are in true proportions; from above the grey is as opaque as the metal is thick. Q is the charge"
    " passed per nominal area, plated and stripped added up; the voltage is that of the working against the"
    " counter electrode."
)

#: Rows of a figure of two cells, and frames in a strip.
ROWS, STRIP = 4, 6


@dataclass(frozen=True)
class Panel:
    """One picture among several; ``bar`` where it has a scale bar."""

    growth: Grown
    seen: View
    shown: Frame
    heading: str = ""
    bar: bool = False


def draw(halves: Sequence[Half]) -> Figure | None:
    """A strip of one run; two cells side by side; of several values, each at the same charge.

    None without a deposit.
    """
    found = [growths(half, len(halves) > 1) for half in halves]
    found = [row for row in found if row]
    if not found:
        return None
    if len(found) > 1:
        return values(found)
    if len(found[0]) == 1:
        return filmstrip(found[0][0])
    thin, coin = found[0]
    return side_by_side(thin, coin, equal_charges(found[0], ROWS))


def growths(half: Half, several: bool = False) -> list[Grown]:
    """The deposits of one value, the thin cell's first; ``several`` names the value too."""
    value = f"{half.label}, " if several and half.label else ""
    pairs = ((half.thin, "thin cell"), (half.coin, "coin cell"))
    made = [grown(run, value + name) for run, name in pairs if run is not None]
    return [growth for growth in made if growth is not None]


def equal_charges(cells: Sequence[Grown], count: int) -> list[float]:
    """Equal steps of charge [C.m-2] up to what all cells have passed."""
    end = min(growth.passed(growth.frames[-1].time) for growth in cells)
    return [float(charge) for charge in np.linspace(0, end, count + 1)[1:]]


def filmstrip(growth: Grown, count: int = STRIP) -> Figure:
    """Up to ``count`` frames of one run at equal steps of charge."""
    seen, chosen = view(growth), growth.equal_steps(count)
    columns = min(1 if seen.aspect > 3.2 else 2 if seen.aspect > 1.3 else 3, len(chosen))
    panels = [Panel(growth, seen, shown, bar=shown is chosen[-1]) for shown in chosen]
    rows = [panels[k : k + columns] for k in range(0, len(panels), columns)]
    return _table(rows, min(7.6, 3.6 * columns + 1.0))


def side_by_side(a: Grown, b: Grown, charges: Sequence[float]) -> Figure:
    """Two cells, a left and b right, one row per charge passed [C.m-2].

    Of a the frame that is nearest to it, of b the one that is nearest to that frame.
    """
    sights, rows = twin_views(a, b), []
    for k, charge in enumerate(charges):
        first, last = k == 0, k == len(charges) - 1
        shown = a.at_charge(charge)
        pair = ((a, shown), (b, b.at_charge(a.passed(shown.time))))
        rows.append(
            [
                Panel(growth, seen, chosen, growth.label if first else "", last)
                for (growth, chosen), seen in zip(pair, sights, strict=True)
            ]
        )
    return _table(rows, 7.8)


def values(found: Sequence[Sequence[Grown]]) -> Figure:
    """One row per value, every cell at the largest charge that all have passed, around its metal by then."""
    (charge,) = equal_charges([growth for row in found for growth in row], 1)
    first = found[0][0]
    aspect = view(first.upto(first.at_charge(charge))).aspect
    chosen = [[(cell, cell.at_charge(charge)) for cell in row] for row in found]
    rows = [
        [Panel(cell, view(cell.upto(shown), aspect), shown, cell.label, True) for cell, shown in row]
        for row in chosen
    ]
    return _table(rows, 7.8)


def twin_views(a: Grown, b: Grown) -> tuple[View, View]:
    """Fields of view of the same proportions, so that two cells stand side by side."""
    first = view(a)
    second = view(b, first.aspect)
    return view(a, second.aspect), second


def _table(rows: Sequence[Sequence[Panel]], width: float) -> Figure:
    """Pictures in rows on one colour scale; the figure as high as what is in it."""
    columns = max(len(row) for row in rows)
    cells = list({id(p.growth): p.growth for row in rows for p in row}.values())
    panels = [panel for row in rows for panel in row]
    sights = [
        (
            cell,
            next(p.seen for p in panels if p.growth is cell),
            [p.shown for p in panels if p.growth is cell],
        )
        for cell in cells
    ]
    wide = (width - 1.0) / columns
    height = sum(max(wide / panel.seen.aspect for panel in row) + 0.5 for row in rows) + 0.75
    made = style.figure(width, height)
    made.set_layout_engine("compressed")
    grid = made.subplots(len(rows), columns, squeeze=False)
    norm, image, number = colours(cells), None, 0
    for line, row in zip(grid, rows, strict=True):
        for axes in line[len(row) :]:
            axes.set_visible(False)
        for axes, panel in zip(line, row, strict=False):
            image = draw_frame(axes, panel.growth, panel.shown, panel.seen, norm)
            _title(axes, number, panel, 8.0 if wide > 2.6 else 7.0)
            if panel.bar:
                scale_bar(axes, panel.seen, UNIT)
            number += 1
    colour_bar(made, list(grid.flat), image)
    key(made, sights)
    fit(made)
    return made


def fit(made: Figure) -> None:
    """Make a figure as high as what is in it; the second time for what the first has moved."""
    for _ in range(2):
        made.draw_without_rendering()
        made.set_figheight(made.get_tightbbox().height + 0.1)


def _title(axes: Axes, number: int, panel: Panel, size: float) -> None:
    heading = f"{nice(panel.heading)}\n" if panel.heading else ""
    text = f"({chr(ord('a') + number)}) {heading}{stamp(panel.growth, panel.shown)}"
    axes.set_title(text, loc="left", fontsize=size, pad=4)

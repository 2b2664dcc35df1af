"""Which part of a cell a picture of its deposit shows, and the bar that says how large it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from thincell.geometry.tags import Tag
from thincell.studies.figures.fromabove import Plan, fitted
from thincell.studies.figures.grown import Grown
from thincell.studies.wording import metres, nice

#: Narrowest and widest picture, as width over height.
NARROWEST, WIDEST = 0.8, 6.0
#: Liquid shown around the metal, and least thickness of walls, as shares of the height shown.
ROOM, WALL = 0.35, 0.05
#: From this share of the liquid's height on, all of it is shown.
MOST = 0.5


@dataclass(frozen=True)
class View:
    """A field of view [m]: ``wall`` is the thickness in which walls and flush electrodes are drawn."""

    left: float
    right: float
    low: float
    high: float
    wall: float
    whole: tuple[float, float]  # from where to where there is metal, with the room around it

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.high - self.low

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def zoomed(self) -> bool:
        """Whether metal is out of view."""
        return self.width < 0.75 * (self.whole[1] - self.whole[0])


def view(growth: Grown, aspect: float | None = None) -> View:
    """Around the metal of all frames and the electrode under it.

    ``aspect`` is the width over height wished for; by default that of the metal, within limits. A
    deposit that is wider is shown around its tip, together with the nearest end of the electrode where
    that fits into the widest picture; one that is narrower gets more of the liquid beside it.
    """
    if growth.above is not None:
        return _from_above(growth, growth.above, aspect)
    (x0, z0), (x1, z1) = growth.extent()
    low, high, wall = _levels(growth, float(z0), float(z1))
    tall = high - low
    first, last = _ends(growth)
    room = max(ROOM * (z1 - z0), 0.25 * tall)
    whole = (max(float(x0) - room, first), min(float(x1) + room, last))
    width = whole[1] - whole[0]
    wished = min(max(width / tall, NARROWEST), WIDEST) if aspect is None else aspect
    tip, edge = _tip_and_edge(growth)
    if aspect is None and abs(tip - edge) > 0:
        wished = min(max(wished, (1.4 * abs(tip - edge) + room) / tall), WIDEST)
    wide = wished * tall
    if width > wide:
        bounds = whole
        middle = tip if tip == edge else tip + math.copysign(room - 0.5 * wide, tip - edge)
    else:
        bounds, middle = (first, last), 0.5 * (whole[0] + whole[1])
    wide = min(wide, bounds[1] - bounds[0])
    left = min(max(middle - 0.5 * wide, bounds[0]), bounds[1] - wide)
    return View(left, left + wide, low, high, wall, whole)


def _from_above(growth: Grown, plan: Plan, aspect: float | None) -> View:
    """The window, or all metal and the electrode."""
    low, high = growth.extent()
    (left, bottom), (right, top) = fitted(*plan.box(low, high), aspect)
    return View(left, right, bottom, top, 0.0, (float(low[0]), float(high[0])))


def _levels(growth: Grown, z0: float, z1: float) -> tuple[float, float, float]:
    """Lowest and highest z, and the thickness of walls."""
    cut = growth.section
    if cut is None:
        points = growth.frames[-1].points
        bottom, top, on_lid, thick = float(points[:, 1].min()), float(points[:, 1].max()), False, 0.0
    else:
        working = cut.electrode(Tag.WORKING)
        bottom, top, on_lid, thick = 0.0, cut.height, working.wall == "lid", working.thickness
    reach = max(top - z0 if on_lid else z1 - bottom, 1.2 * thick)
    reach = reach or top - bottom
    shown = (1 + ROOM) * reach
    if shown > MOST * (top - bottom):
        wall = WALL * (top - bottom)
        return bottom - wall, top + wall, wall
    wall = WALL * shown
    return (top - shown, top + wall, wall) if on_lid else (bottom - wall, bottom + shown, wall)


def _tip_and_edge(growth: Grown) -> tuple[float, float]:
    """x of the tip, and of the point of the working electrode next to it."""
    tip = float(growth.tip_place()[0])
    if growth.section is None:
        return tip, tip
    working = growth.section.electrode(Tag.WORKING)
    return tip, min(max(tip, working.start), working.end)


def _ends(growth: Grown) -> tuple[float, float]:
    if growth.section is not None:
        return growth.section.start, growth.section.end
    xs = growth.frames[-1].points[:, 0]
    return float(xs.min()), float(xs.max())


def round_length(about: float) -> float:
    """The longest of 1, 2, 5 times a power of ten that is not longer than ``about``."""
    power = 10.0 ** math.floor(math.log10(about * (1 + 1e-9)))
    return max(k * power for k in (1, 2, 5) if k * power <= about * (1 + 1e-9))


def scale_bar(axes: Axes, seen: View, unit: float) -> None:
    """A bar of a round length below the lower right corner; ``unit`` data units are one metre."""
    size = round_length(0.25 * seen.width)
    made = axes.get_figure(root=True)
    assert made is not None
    below = ScaledTranslation(0, -7 / 72, made.dpi_scale_trans)
    place = blended_transform_factory(axes.transData, axes.transAxes) + below
    ends = np.array([seen.right - size, seen.right]) * unit
    axes.plot(ends, [0, 0], color="black", lw=2.4, solid_capstyle="butt", transform=place, clip_on=False)
    axes.text(
        ends[0] - 0.012 * seen.width * unit, 0, nice(metres(size)), transform=place, fontsize=8,
        ha="right", va="center",
    )  # fmt: skip

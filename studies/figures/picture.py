"""The picture of one frame of a deposit: concentration, metal, dead metal, electrodes, walls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.tri import Triangulation
from scipy.sparse import coo_array

from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.figures import data
from thincell.studies.figures.fromabove import shade
from thincell.studies.figures.grown import Grown
from thincell.studies.figures.view import View
from thincell.studies.frames import LEVEL, Array, Frame, outline
from thincell.studies.wording import nice

#: Micrometres in a metre: the unit of the axes.
UNIT = 1e6
#: Highest value on the colour scale; what is above has the colour of the top.
CEILING = 2.0
#: Of the salt: even steps of lightness, safe for the colour-blind, and no grey, which is the metal's.
PALETTE = "viridis"
#: Colours of metal, dead metal, and electrodes.
ALIVE, DEAD = Grown.TONE, "#e8590c"
ELECTRODES = {Tag.WORKING: "#2b2b2b", Tag.COUNTER: "#8c8c8c", Tag.REFERENCE: "#ffffff"}

#: A deposit, what of it is shown, and when.
Sight = tuple[Grown, View, Sequence[Frame]]


def colours(growths: Sequence[Grown]) -> Normalize:
    """The colour scale that all frames share: from zero, or narrow where the salt hardly moves."""
    lows, highs = [], []
    for growth in growths:
        for shown in growth.frames:
            values = _relative(growth, shown)
            values = values[np.isfinite(values)]
            if values.size:
                lows.append(values.min())
                highs.append(values.max())
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    if low < 0.7:
        return Normalize(0.0, min(CEILING, max(1.05, math.ceil(high * 20) / 20)))
    return Normalize(math.floor(min(low, 0.99) * 20) / 20, min(CEILING, math.ceil(high * 20 + 0.2) / 20))


def draw_frame(axes: Axes, growth: Grown, shown: Frame, seen: View, norm: Normalize) -> Any:
    """One frame in its field of view; returns what a colour bar is made of."""
    chosen, triangles = _in_view(shown, seen)
    points, xi, dead = shown.points[chosen] * UNIT, shown.metal[chosen], growth.dead(shown)[chosen]
    x, z = points.T
    solid = xi[triangles] > LEVEL
    values = _filled(_relative(growth, shown)[chosen], triangles)
    liquid = Triangulation(x, z, triangles, mask=solid.all(axis=1))
    image = axes.tripcolor(liquid, np.maximum(values, 0), norm=norm, cmap=PALETTE, shading="gouraud")
    image.set_rasterized(True)
    alive = ALIVE if growth.above is None else "white"  # under the grey
    for part, colour in ((solid & ~dead[triangles], alive), (solid & dead[triangles], DEAD)):
        if part.any():
            metal = Triangulation(x, z, triangles, mask=~part.any(axis=1))
            axes.tricontourf(metal, xi, levels=[LEVEL, xi.max() + 1], colors=[colour], zorder=2)
        if colour == alive and growth.above is not None:
            thickness = growth.thickness(shown)[chosen]
            shade(axes, Triangulation(x, z, triangles), thickness, growth.TONE)
    segments, _ = outline(shown)
    edge = LineCollection(list(segments * UNIT), colors="black", linewidths=0.9, capstyle="round")
    axes.add_collection(edge, autolim=False)
    surroundings(axes, growth, seen)
    return image


def surroundings(axes: Axes, growth: Grown, seen: View) -> None:
    """Walls, electrodes, the limits of the field of view; true proportions, no ticks."""
    if growth.section is not None:
        _walls(axes, growth.section, seen)
    if growth.above is not None:
        growth.above.draw(axes, ELECTRODES, UNIT)
    axes.set_xlim(seen.left * UNIT, seen.right * UNIT)
    axes.set_ylim(seen.low * UNIT, seen.high * UNIT)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(True)
        side.set(linewidth=0.6, zorder=6)


def stamp(growth: Grown, shown: Frame) -> str:
    """Time, voltage and charge of a frame, with as many digits as the last frame needs."""
    end = growth.frames[-1].time
    size, unit = _unit(end, _TIMES)
    charge, last = (growth.passed(time) / data.MILLIAMPERE for time in (shown.time, end))
    part, amount = _unit(last, _CHARGES)
    return nice(
        f"{_fixed(shown.time / size, end / size)} {unit},  {growth.voltage(shown.time):.3f} V,"
        f"  Q = {_fixed(charge / part, last / part)} {amount}/cm^2"
    )


def _legend(sights: Sequence[Sight], metal: bool) -> list[Patch]:
    """What the colours mean that the colour bar does not explain."""
    handles = []
    if metal:
        handles.append(Patch(facecolor=ALIVE, edgecolor="black", lw=0.9, label="metal"))
    if metal and any(_dead_in_view(*sight) for sight in sights):
        handles.append(Patch(facecolor=DEAD, edgecolor="black", lw=0.9, label="dead metal"))
    if any(growth.section is not None or growth.above is not None for growth, _, _ in sights):
        filled = all(growth.above is None or growth.above.filled for growth, _, _ in sights)
        face = ELECTRODES[Tag.WORKING] if filled else "white"
        handles.append(Patch(facecolor=face, edgecolor="black", lw=0.6, label="working electrode"))
    return handles


def _dead_in_view(growth: Grown, seen: View, drawn: Sequence[Frame]) -> bool:
    low, high = [seen.left, seen.low], [seen.right, seen.high]
    for shown in drawn:
        places = shown.points[growth.dead(shown)]
        if ((places >= low) & (places <= high)).all(axis=1).any():
            return True
    return False


def key(made: Figure, sights: Sequence[Sight], metal: bool = True) -> None:
    """The legend, and which part of a deposit is shown where that is not all of it."""
    several = len(sights) > 1
    notes = [(f"{nice(g.label)}: " if several else "") + n for g, s, _ in sights if (n := _where(g, s))]
    handles = _legend(sights, metal)
    made.legend(
        handles=handles, loc="outside lower center", ncols=len(handles), title="\n".join(notes) or None,
        title_fontsize=8, handlelength=1.6, columnspacing=1.6,
    )  # fmt: skip


def colour_bar(made: Figure, panels: list[Axes], image: Any) -> None:
    """One for all pictures."""
    extend = "max" if image.norm.vmax >= CEILING else "neither"
    slender = max(12.0, 5.5 * made.get_figheight())  # about 0.16 inches thick
    made.colorbar(image, ax=panels, label="$c/c_0$", extend=extend, pad=0.015, aspect=slender)


def _where(growth: Grown, seen: View) -> str:
    if not seen.zoomed:
        return ""
    ends = [f"{value * UNIT:.1f}" for value in (seen.left, seen.right, *seen.whole)]
    return nice(f"x = {ends[0]} to {ends[1]} um is shown of {ends[2]} to {ends[3]} um with metal")


def _walls(axes: Axes, cut: Section, seen: View) -> None:
    """Floor and lid as far as they are in view, electrodes on and in them."""
    wall, start, end = seen.wall * UNIT, cut.start * UNIT, cut.end * UNIT
    for level, bottom in ((0.0, -wall), (cut.height * UNIT, cut.height * UNIT)):
        axes.add_patch(
            Rectangle(
                (start, bottom), end - start, wall,
                facecolor="white", edgecolor="#9a9a9a", hatch="//////", linewidth=0, zorder=4,
            )
        )  # fmt: skip
        axes.plot([start, end], [level, level], color="black", lw=0.6, zorder=4)
    for electrode in cut.electrodes:
        thick = electrode.thickness * UNIT
        bottom = cut.height * UNIT - thick if electrode.wall == "lid" else -wall
        axes.add_patch(
            Rectangle(
                (electrode.start * UNIT, bottom), electrode.width * UNIT, wall + thick,
                facecolor=ELECTRODES[electrode.tag], edgecolor="black", linewidth=0.6, zorder=5,
            )
        )  # fmt: skip


def _relative(growth: Grown, shown: Frame) -> Array:
    """c/c0 at the points; not a number in the metal."""
    return shown.liquid(names.CONCENTRATION.name) / growth.initial


def _in_view(shown: Frame, seen: View) -> tuple[Any, Any]:
    """Points and renumbered triangles that meet the field of view."""
    corners = shown.points[shown.triangles]
    low, high = corners.min(axis=1), corners.max(axis=1)
    meets = (high >= [seen.left, seen.low]).all(axis=1) & (low <= [seen.right, seen.high]).all(axis=1)
    chosen = np.zeros(len(shown.points), dtype=bool)
    chosen[shown.triangles[meets].ravel()] = True
    return np.flatnonzero(chosen), (np.cumsum(chosen) - 1)[shown.triangles[meets]]


def _filled(values: Array, triangles: Any) -> Array:
    """Values that are not numbers (in the metal) replaced by those of the liquid beside them."""
    values = np.array(values, dtype=float)
    if np.isfinite(values).all():
        return values
    pairs = np.concatenate([triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    size = len(values)
    beside = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size)).tocsr()
    for _ in range(2):
        known = np.isfinite(values)
        count = beside @ known.astype(float)
        new = ~known & (count > 0)
        values[new] = (beside @ np.where(known, values, 0.0))[new] / count[new]
    return np.where(np.isfinite(values), values, 0.0)


#: Units of time [s] and of charge [mC], each from which number of it on.
_TIMES = (
    (3600.0, "h", 10),
    (60.0, "min", 10),
    (1.0, "s", 1),
    (1e-3, "ms", 1),
    (1e-6, "us", 1),
    (1e-9, "ns", 0),
)
_CHARGES = ((1e3, "C", 1), (1.0, "mC", 1e-2), (1e-3, "µC", 1e-2), (1e-6, "nC", 0))


def _unit(last: float, units: Sequence[tuple[float, str, float]]) -> tuple[float, str]:
    """Size and name of the unit in which people say the largest of some values."""
    return next((size, name) for size, name, least in units if last >= least * size)


def _fixed(value: float, last: float) -> str:
    """Three digits of the last value, and the same places for all others."""
    places = max(0, 2 - math.floor(math.log10(last))) if last > 0 else 0
    return f"{value:.{places}f}"

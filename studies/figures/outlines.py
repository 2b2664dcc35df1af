"""How a deposit grew: its outlines at successive times, and what it measured over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure

from thincell.studies.figures import deposit, picture, style
from thincell.studies.figures.build import Half
from thincell.studies.figures.grown import Grown
from thincell.studies.figures.view import View, scale_bar, view
from thincell.studies.frames import Frame, outline
from thincell.studies.wording import nice

CAPTION = (
    "Outlines of the metal (metal fraction 1/2) at equal steps of charge, coloured by time; in true"
    " proportions."
)
MEASURES_CAPTION = (
    "Largest distance of living metal from the electrode (tip) and volume of all metal per footprint,"
    " from above per wall of the rim (mean); root mean square deviation of that distance along the outline;"
    " speed of the tip between two outputs; share of the metal that has lost contact with the electrode."
)

#: Outlines in one picture, at most.
MOST = 12


def draw(halves: Sequence[Half]) -> Figure | None:
    """The outlines of the first deposit."""
    found = [growth for half in halves for growth in deposit.growths(half)]
    return outlines(found[0]) if found else None


def draw_measures(halves: Sequence[Half]) -> Figure | None:
    """What the deposits of the first value measured."""
    found = [cells for half in halves if (cells := deposit.growths(half))]
    return measures(found[0]) if found else None


def outlines(growth: Grown) -> Figure:
    """All outlines in one picture, dark to light with time."""
    seen = view(growth)
    width = 7.4 if seen.aspect > 1.8 else 5.6
    made = style.figure(width, (width - 1.0) / seen.aspect + 1.0)
    made.set_layout_engine("compressed")
    axes = made.add_subplot()
    image = draw_outlines(axes, growth, growth.equal_steps(MOST), seen)
    axes.set_title(nice(growth.label), loc="left")
    scale_bar(axes, seen, picture.UNIT)
    made.colorbar(image, ax=axes, label="time / s", pad=0.015, aspect=25)
    picture.key(made, [(growth, seen, growth.frames)], metal=False)
    deposit.fit(made)
    return made


def draw_outlines(axes: Axes, growth: Grown, chosen: Sequence[Frame], seen: View) -> Any:
    """Outlines of chosen frames; returns what a colour bar is made of."""
    norm = Normalize(0, chosen[-1].time)
    palette = colormaps["viridis"].resampled(256)
    for shown in chosen:
        segments, _ = outline(shown)
        colour = palette(0.92 * norm(shown.time))
        drawn = LineCollection(list(segments * picture.UNIT), colors=[colour], linewidths=1.3)
        drawn.set_capstyle("round")
        axes.add_collection(drawn, autolim=False)
    picture.surroundings(axes, growth, seen)
    return ScalarMappable(norm, ListedColormap(palette(np.linspace(0, 0.92, 256))))


def measures(growths: Sequence[Grown]) -> Figure:
    """Four panels over time; thin cell and coin cell on the same axes."""
    made = style.figure(7.6, 5.2)
    (high, rough), (speed, dead) = made.subplots(2, 2, sharex=True)
    looks = ((style.THIN, "o"), (style.COIN, "s"))
    for growth, (colour, marker) in zip(growths, looks, strict=False):
        times = np.array([shown.time for shown in growth.frames])
        found = [growth.measures(shown) for shown in growth.frames]
        column = {name: np.array([one[name] for one in found]) for name in found[0]}
        look: dict[str, Any] = {"color": colour, "marker": marker, "ms": 3.5, "lw": 1.4}
        look["markevery"] = max(1, len(times) // 15)
        name = nice(growth.label)
        high.plot(times, column["tip"] * 1e6, ls=style.DASHES[0], label=f"{name}, tip", **look)
        high.plot(times, column["mean"] * 1e6, ls=style.DASHES[1], label=f"{name}, mean", **look)
        rough.plot(times, column["roughness"] * 1e9, ls=style.DASHES[0], **look)
        steps, middles = np.diff(times), 0.5 * (times[1:] + times[:-1])
        speed.plot(middles, np.diff(column["tip"]) / steps * 1e9, ls=style.DASHES[0], **look)
        dead.plot(times, 100 * column["dead"], ls=style.DASHES[0], **look)
    labels = ("height / µm", "rms roughness / nm", "tip velocity / nm s$^{-1}$", "dead metal / %")
    titles = ("height", "roughness", "tip velocity", "dead share")
    for k, axes in enumerate((high, rough, speed, dead)):
        axes.set_ylabel(labels[k])
        style.panel_letter(axes, k, titles[k])
    for axes in (high, rough):
        axes.set_ylim(bottom=0)
    dead.set_ylim(0, max(1.0, dead.get_ylim()[1]))
    for axes in (speed, dead):
        axes.set_xlabel("time / s")
    made.align_ylabels()
    handles, names = high.get_legend_handles_labels()
    made.legend(handles, names, loc="outside lower center", ncols=4)
    return made

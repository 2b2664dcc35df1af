"""The cells to scale: both at one scale, each stretched in height, and an edge as it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.studies.figures import data, style
from thincell.studies.figures.build import Half
from thincell.studies.frames import frames
from thincell.studies.morphology.columns import Columns
from thincell.studies.results import Run
from thincell.studies.schema.cell import coordinates
from thincell.studies.wording import metres, nice

CAPTION = (
    "Top: the whole cells at one scale, in true proportions (the thin layer is"
    " thinner than any line can show). Below: the same sections, stretched in"
    " height as stated, and the neighbourhood of the working electrode's edge in true"
    " proportions. Dark"
    " is the working electrode, grey the counter electrode, blue the liquid, yellow the separator."
)

COLOURS = {Tag.WORKING: style.THIN, Tag.COUNTER: "#8c8c8c", Tag.REFERENCE: "#ffffff"}


def draw(halves: Sequence[Half]) -> Figure | None:
    """From the first value; the cells of the others differ at most in one number."""
    thin = next((h.thin for h in halves if h.thin is not None), None)
    coin = next((h.coin for h in halves if h.coin is not None), None)
    runs = [run for run in (thin, coin) if run is not None]
    sections = [(run, data.section(run)) for run in runs]
    if any(cut is None for _, cut in sections):
        return _mesh(runs[0])
    known = [(run, cut) for run, cut in sections if cut is not None]
    made = style.figure(9.2, 1.5 + 1.75 * len(known))
    grid = made.add_gridspec(1 + len(known), 4, height_ratios=[0.75] + [1.0] * len(known))
    _true_scale(made.add_subplot(grid[0, :]), known)
    for row, (run, cut) in enumerate(known, start=1):
        axes = made.add_subplot(grid[row, :3])
        _stretched(axes, run, cut)
        beside = made.add_subplot(grid[row, 3])
        _close_up(beside, run, cut)
    made.draw_without_rendering()
    for row, (run, cut) in enumerate(known, start=1):
        axes = made.axes[1 + 2 * (row - 1)]
        style.panel_letter(axes, 2 * row - 1, _title(axes, run, cut))
        style.panel_letter(made.axes[2 * row], 2 * row, "edge, true proportions")
    return made


def _title(axes: Axes, run: Run, cut: Section) -> str:
    box = axes.get_window_extent()
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    stretch = (box.height / (high - low)) / (box.width / (right - left))
    step = 10 ** math.floor(math.log10(stretch))
    stretch = round(stretch / step) * step
    name = "coin cell" if data.is_coin(run) else "thin cell"
    what = "separator" if data.is_coin(run) else "liquid"
    return nice(f"{name}: {what} {_high(cut)} high, height stretched {stretch:g} times")


def _high(cut: Section) -> str:
    """The height in words."""
    if cut.lid is None:
        return metres(cut.height)
    return f"{metres(cut.lowest)} to {metres(cut.tallest)}"


def _lid(cut: Section) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lid's curve: x and height."""
    x = np.array([cut.start, cut.end])
    if cut.lid is not None:
        x = np.union1d(x, np.clip(np.linspace(*cut.lid.edges, 101), cut.start, cut.end))
    return x, cut.height_at(x)


def _width(cut: Section) -> float:
    return (cut.end - cut.start) * (2 if cut.axisymmetric else 1)


def _true_scale(axes: Axes, known: list[tuple[Run, Section]]) -> None:
    widest = max(_width(cut) for _, cut in known)
    axes.set_xlim(-0.02 * widest, 1.02 * widest)
    axes.set_aspect("equal")
    axes.axis("off")
    low = 0.0
    for run, cut in known:
        coin = data.is_coin(run)
        colour = style.COIN if coin else style.THIN
        x, z = _lid(cut)
        axes.fill_between(x - cut.start, low, low + z, facecolor=colour, edgecolor=colour, linewidth=0.5)
        if cut.axisymmetric:
            axes.fill_between(
                x - cut.start + cut.end, low, low + z, facecolor=colour, edgecolor=colour, linewidth=0.5
            )
        name = "coin cell" if coin else "thin cell"
        text = f"{name}: {metres(_width(cut))} across, {_high(cut)} high"
        axes.annotate(nice(text), (0, low), xytext=(0, 4), textcoords="offset points", va="bottom")
        low -= 0.042 * widest
    _scale_bar(axes, 0.98 * widest, 0.022 * widest, widest / 5, vertical=False)
    axes.set_ylim(low + 0.02 * widest, 0.05 * widest)
    style.panel_letter(axes, 0, "the cells at one scale, in true proportions")


def _body(axes: Axes, run: Run, cut: Section, least: float) -> None:
    """The liquid and its electrodes; flush ones are drawn ``least`` thick, outside the liquid."""
    coin = data.is_coin(run)
    fill = style.SEPARATOR if coin else style.LIQUID
    x, z = _lid(cut)
    axes.fill_between(x, 0, z, facecolor=fill, edgecolor="none")
    axes.plot([cut.start, cut.end], [0, 0], color="black", lw=0.8)
    axes.plot(x, z, color="black", lw=0.8)
    for electrode in cut.electrodes:
        thick = electrode.thickness or least
        on_lid = electrode.wall == "lid"
        bottom = cut.height if on_lid else (0.0 if electrode.thickness else -least)
        axes.add_patch(
            Rectangle(
                (electrode.start, bottom), electrode.width, thick,
                facecolor=COLOURS[electrode.tag], edgecolor="black", linewidth=0.5, zorder=3,
            )
        )  # fmt: skip
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])


def _stretched(axes: Axes, run: Run, cut: Section) -> None:
    length, h = cut.end - cut.start, cut.tallest
    _body(axes, run, cut, 0.08 * h)
    axes.set_xlim(cut.start - 0.02 * length, cut.end + 0.02 * length)
    axes.set_ylim(-0.62 * h, 1.35 * h)
    for electrode in cut.electrodes:
        middle = 0.5 * (electrode.start + electrode.end)
        name = f"{electrode.tag.group} {metres(electrode.width)}"
        if cut.axisymmetric:
            name = f"{electrode.tag.group}, radius {metres(electrode.width)}"
        high = electrode.wall == "lid" or (not cut.axisymmetric and electrode.tag == Tag.COUNTER)
        place = 1.14 * h if high else -0.12 * h
        axes.text(middle, place, nice(name), ha="center", va="bottom" if high else "top", fontsize=8)
    if cut.axisymmetric:
        axes.plot([0, 0], [-0.1 * h, 1.1 * h], color="black", lw=0.8, ls="-.")
        axes.text(cut.start, -0.12 * h, "axis", ha="center", va="top", fontsize=8)
    _scale_bar(axes, cut.end, -0.4 * h, length / 5, vertical=False)
    _scale_bar(axes, cut.end + 0.01 * length, 0.0, h, vertical=True)


def _close_up(axes: Axes, run: Run, cut: Section) -> None:
    electrode, h = cut.electrode(Tag.WORKING), cut.tallest
    _body(axes, run, cut, 0.04 * h)
    inner = electrode.end
    axes.set_xlim(inner - 1.3 * h, inner + 1.3 * h)
    axes.set_ylim(-0.35 * h, 1.1 * h)
    axes.set_aspect("equal", adjustable="box")
    axes.set_clip_on(True)
    _scale_bar(axes, inner + 1.2 * h, -0.12 * h, h, vertical=False)


def _scale_bar(axes: Axes, end: float, level: float, about: float, vertical: bool) -> None:
    """A bar of a round length: horizontal ones end at ``end``, vertical ones stand on ``level``."""
    power = 10 ** math.floor(math.log10(about * (1 + 1e-9)))
    size = about if vertical else max(k * power for k in (1, 2, 5) if k * power <= about * (1 + 1e-9))
    text = nice(metres(size))
    if vertical:
        axes.annotate(
            "", (end, level), (end, level + size),
            arrowprops={"arrowstyle": "<->", "lw": 0.8, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        axes.annotate(
            text, (end, level + size / 2), xytext=(3, 0), textcoords="offset points", va="center",
            fontsize=8, annotation_clip=False,
        )  # fmt: skip
        return
    axes.plot([end - size, end], [level, level], color="black", lw=2.2, solid_capstyle="butt")
    axes.annotate(
        text, (end - size / 2, level), xytext=(0, -3), textcoords="offset points", ha="center",
        va="top", fontsize=8,
    )  # fmt: skip


def _mesh(run: Run) -> Figure:
    """Without a section: the triangles of the first output, of a solid its footprint's; true proportions."""
    made = style.figure(8.0, 3.0)
    axes = made.add_subplot()
    first = frames(run.maps)[0]
    points, triangles = first.points * 1e6, first.triangles
    if points.shape[1] == 3:
        columns = Columns.of(points, triangles)
        points, triangles = columns.points, columns.triangles
    axes.triplot(points[:, 0], points[:, 1], triangles, color=style.THIN, lw=0.3)
    axes.set_aspect("equal")
    axes.set_xlabel("x / µm")
    axes.set_ylabel(f"{coordinates(run.case)[1]} / µm")
    return made

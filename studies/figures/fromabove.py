"""A deposit seen from above: outlines of the electrodes, the field of view, and grey for the metal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.tri import Triangulation
from numpy.typing import NDArray

from thincell.geometry.plan import Area
from thincell.geometry.tags import Tag
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.ground import Rim, ground_of, lattice
from thincell.studies.results import Run
from thincell.studies.schema.cell import ChipCell

Array = NDArray[np.float64]

#: Around the metal and the rim: share of their extent that is shown besides.
ROOM = 0.2
#: Steps of opacity.
TONES = 24


@dataclass(frozen=True)
class Plan:
    """The cell of a run from above."""

    cell: ChipCell
    rim: Rim | Bed

    @classmethod
    def of(cls, run: Run) -> Plan | None:
        """Of a run; None of a section."""
        cell = run.case.cell
        if not isinstance(cell, ChipCell) or cell.view == "section":
            return None
        rim = ground_of(run.case)
        assert isinstance(rim, Rim | Bed)
        return cls(cell, rim)

    @property
    def filled(self) -> bool:
        """Whether the working electrode fills the layer from floor to lid."""
        return isinstance(self.rim, Rim)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """All electrodes, within the liquid."""
        return self.rim.plan.metals

    def box(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Corners of what is shown: the window, or metal between ``low`` and ``high`` and the rim."""
        if self.cell.window is not None:
            x0, y0, x1, y1 = self.cell.window.build().polygon().bounds
            return np.array([x0, y0]), np.array([x1, y1])
        x0, y0, x1, y1 = self.rim.line.bounds
        low, high = np.minimum(low, (x0, y0)), np.maximum(high, (x1, y1))
        room = ROOM * float((high - low).max())
        whole = np.array(self.rim.plan.liquid.union(self.rim.metal).bounds).reshape(2, 2)
        return np.maximum(low - room, whole[0]), np.minimum(high + room, whole[1])

    def thickness(self, points: Array, xi: Array) -> Array:
        """Projected thickness h xi of the metal at points [m], relative to the largest height."""
        x0, y0, x1, y1 = self.rim.bounds
        tallest = self.cell.heights(lattice(np.linspace(x0, x1, 50), np.linspace(y0, y1, 50))).max()
        return np.asarray(xi * self.cell.heights(points) / tallest)

    def draw(self, axes: Axes, colours: dict[Tag, str], unit: float) -> None:
        """An electrode that fills the layer as a patch, the others and the liquid as outlines."""
        for area in self.areas:
            working = area.tag == Tag.WORKING
            face = colours[area.tag] if working and self.filled else "none"
            edge = "black" if working else colours[area.tag]
            for piece in getattr(area.polygon, "geoms", [area.polygon]):
                path = Path.make_compound_path(
                    *(Path(ring * unit, closed=True) for ring in _rings(piece))
                )
                axes.add_patch(PathPatch(path, facecolor=face, edgecolor=edge, linewidth=0.8, zorder=5))
        rim = [ring * unit for ring in _rings(self.rim.liquid)]
        axes.add_collection(LineCollection(rim, colors="black", linewidths=0.8, zorder=4), autolim=False)


def shade(axes: Axes, mesh: Triangulation, thickness: Array, colour: str) -> None:
    """Metal in grey, as opaque as its projected thickness h xi, relative to the largest."""
    levels = np.linspace(0, 1, TONES + 1)[1:]
    tones = [(*to_rgb(colour), level) for level in levels]
    there = np.clip(thickness, 0, 1)
    axes.tricontourf(
        mesh, there, levels=[*levels, 2.0], colors=tones, antialiased=False, zorder=2
    ).set_rasterized(True)


def fitted(low: Array, high: Array, aspect: float | None) -> tuple[Array, Array]:
    """A box made wider or higher until it has an aspect."""
    size = high - low
    if aspect is None:
        return low, high
    wanted = np.array([max(size[0], aspect * size[1]), max(size[1], size[0] / aspect)])
    return low - (wanted - size) / 2, high + (wanted - size) / 2


def _rings(polygon: Any) -> list[Array]:
    return [np.asarray(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]

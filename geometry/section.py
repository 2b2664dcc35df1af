"""The x-z section of a cell: one rectangle of electrolyte with electrodes on its walls.

Windows that bulge make the rectangle's lid a curve.

A chip and a coin cell are the same kind of section. The chip has its electrodes side by side on
the floor; the coin cell has them face to face and is axisymmetric, x being the radius.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from thincell.geometry.bulge import Bulge
from thincell.geometry.tags import Tag

Wall = Literal["floor", "lid"]


@dataclass(frozen=True)
class Electrode:
    """A strip of metal on a wall, from ``start`` to ``end`` [m].

    ``thickness`` [m] is its height above the wall; its side faces carry current too. A flush
    electrode has thickness zero.
    """

    tag: Tag
    start: float
    end: float
    wall: Wall = "floor"
    thickness: float = 0.0

    @property
    def width(self) -> float:
        """Footprint width [m]."""
        return self.end - self.start


@dataclass(frozen=True)
class Section:
    """Electrolyte in ``start <= x <= end``, ``0 <= z <= height`` [m].

    ``left`` and ``right`` are the tags of its two ends. ``axisymmetric`` makes x the radius;
    otherwise ``length`` [m] is the extent out of the plane. Under a ``lid`` the height depends on x, and
    ``height`` is that outside of the windows.
    """

    height: float
    start: float
    end: float
    electrodes: tuple[Electrode, ...]
    left: Tag = Tag.INSULATOR
    right: Tag = Tag.INSULATOR
    axisymmetric: bool = False
    length: float = 1.0
    lid: Bulge | None = None

    def height_at(self, x: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Height [m] of the section at x [m]."""
        x = np.asarray(x, dtype=float)
        return np.full(x.shape, self.height) if self.lid is None else self.lid.height(x)

    @property
    def tallest(self) -> float:
        """Largest height [m]."""
        return self._extremes()[1]

    @property
    def lowest(self) -> float:
        """Smallest height [m]."""
        return self._extremes()[0]

    def _extremes(self) -> tuple[float, float]:
        """The height changes one way on each side of the windows' centre."""
        if self.lid is None:
            return self.height, self.height
        places = np.clip([self.start, *self.lid.edges, self.lid.centre, self.end], self.start, self.end)
        heights = self.lid.height(places)
        return float(heights.min()), float(heights.max())

    def mean_height(self, start: float, end: float) -> float:
        """Mean height [m] between two places [m]."""
        if self.lid is None:
            return self.height
        return self.lid.integral(start, end) / (end - start)

    def path(self, start: float, end: float) -> float:
        """Integral of dx/h [-]: the resistance of the layer between two places over 1/(kappa length)."""
        if self.lid is None:
            return (end - start) / self.height
        return self.lid.integral(start, end, np.reciprocal)

    def electrode(self, tag: Tag) -> Electrode:
        """The electrode with this tag; KeyError when the section has none."""
        for electrode in self.electrodes:
            if electrode.tag == tag:
                return electrode
        raise KeyError(f"this section has no {tag.group} electrode")

    def has(self, tag: Tag) -> bool:
        """Whether an electrode with this tag exists."""
        return any(electrode.tag == tag for electrode in self.electrodes)

    def footprint(self, tag: Tag) -> float:
        """Footprint area [m2] of an electrode: the area of nominal current densities.

        Chip: width times length. Coin cell: pi (r1^2 - r0^2).
        """
        electrode = self.electrode(tag)
        if self.axisymmetric:
            return math.pi * (electrode.end**2 - electrode.start**2)
        return electrode.width * self.length

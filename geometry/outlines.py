"""Outlines of electrodes and windows as seen from above: shapes with a few numbers.

All lengths in metres, angles in radians, counter-clockwise from x. A shape is a small dataclass; its
``polygon()`` is a shapely polygon, or several. Arcs become polylines with their corners on the arc:
a polyline is nowhere farther from its arc than `CHORD` times the radius.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Distance between an arc and its polyline, as a share of the radius: 72 sides for a full circle, whose
#: area is then 0.13 % below pi r^2.
CHORD = 1e-3


class OutlineError(ValueError):
    """A shape whose numbers contradict each other; ``key`` is the number to change."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


@dataclass(frozen=True)
class Bar:
    """A rectangle around (x, y): ``width`` along x and ``length`` along y, then turned by ``angle``."""

    x: float
    y: float
    width: float
    length: float
    angle: float = 0.0

    def polygon(self) -> Any:
        """The rectangle; area width * length."""
        a, b = self.width / 2, self.length / 2
        return _placed([(-a, -b), (a, -b), (a, b), (-a, b)], self.x, self.y, self.angle)


@dataclass(frozen=True)
class Disc:
    """A disc around (x, y)."""

    x: float
    y: float
    radius: float

    def polygon(self) -> Any:
        """The disc; area pi radius^2."""
        return _placed(_arc(self.radius, 0.0, 2 * math.pi)[:-1], self.x, self.y, 0.0)


@dataclass(frozen=True)
class Ring:
    """An annulus around (x, y) between the radii ``inner`` and ``outer``.

    A sector of the full angle ``opening`` is left out, in the middle of which lies the direction
    ``angle``: for the lead of an electrode inside.
    """

    x: float
    y: float
    inner: float
    outer: float
    opening: float = 0.0
    angle: float = 0.0

    def __post_init__(self) -> None:
        if not self.inner < self.outer:
            raise OutlineError(
                "inner", f"{self.inner:.4g} m is not below the outer radius {self.outer:.4g} m"
            )
        if not 0 <= self.opening < 2 * math.pi:
            raise OutlineError("opening", f"{self.opening:.4g} rad is not within 0 and a full turn")

    def polygon(self) -> Any:
        """The ring; area (pi - opening/2) (outer^2 - inner^2)."""
        import shapely

        start, end = self.opening / 2, 2 * math.pi - self.opening / 2
        rim, hole = _arc(self.outer, start, end), _arc(self.inner, start, end)
        if self.opening > 0:
            return _placed([*rim, *hole[::-1]], self.x, self.y, self.angle)
        closed = [turned(arc[:-1], self.x, self.y, self.angle) for arc in (rim, hole)]
        return shapely.Polygon(closed[0], closed[1:])


@dataclass(frozen=True)
class Tip:
    """A bar that ends in a wedge with a rounded tip.

    (x, y) is the outermost point of the metal, ``direction`` that in which it points. The bar is
    ``width`` wide, bar and wedge together are ``length`` long. ``angle`` is the full angle of the wedge
    and ``radius`` that of the arc, tangent to both flanks, which replaces its point (zero: sharp).
    """

    x: float
    y: float
    width: float
    length: float
    angle: float
    radius: float = 0.0
    direction: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.angle < math.pi:
            raise OutlineError("angle", f"{self.angle:.4g} rad is not between 0 and 180 degrees")
        half = self.angle / 2
        widest = self.width / (2 * math.cos(half))
        if not 0 <= self.radius <= widest:
            raise OutlineError(
                "radius",
                f"{self.radius:.4g} m does not fit on the wedge: at most {widest:.4g} m, which is"
                " width / (2 cos(angle/2))",
            )
        if not self._shoulder() < self.length:
            raise OutlineError(
                "length",
                f"{self.length:.4g} m is not above the {self._shoulder():.4g} m from the tip to the bar;"
                " make it longer, the bar narrower or the angle wider",
            )

    def _lost(self) -> float:
        """What the rounding takes off the wedge's length [m]."""
        return self.radius * (1 / math.sin(self.angle / 2) - 1)

    def _shoulder(self) -> float:
        """Distance from the outermost point to the bar [m]."""
        return self.width / (2 * math.tan(self.angle / 2)) - self._lost()

    def polygon(self) -> Any:
        """The bar with its tip.

        Its area, with t the angle and s = length minus that of the wedge, is
        width s + width^2/(4 tan(t/2)) - radius^2 [1/tan(t/2) - (pi - t)/2].
        """
        half, side, shoulder = self.angle / 2, self.width / 2, -self._shoulder()
        tip = [(0.0, 0.0)]
        if self.radius > 0:
            arc = _arc(self.radius, half - math.pi / 2, math.pi / 2 - half)
            tip = [(x - self.radius, y) for x, y in arc]
        # an arc as wide as the bar begins where the shoulder is
        if side - tip[-1][1] > 1e-9 * side:
            tip = [(shoulder, -side), *tip, (shoulder, side)]
        points = [(-self.length, -side), *tip, (-self.length, side)]
        return _placed(points, self.x, self.y, self.direction)


@dataclass(frozen=True)
class Comb:
    """Parallel fingers, joined at their roots by a spine if that has a width.

    The fingers begin at a line through (x, y), their middle, and point in ``direction``. Between two of
    them there is room for a finger of another comb and a ``gap`` on each of its sides: their pitch is
    2 (width + gap).
    """

    x: float
    y: float
    fingers: int
    width: float
    gap: float
    length: float
    spine: float = 0.0
    direction: float = 0.0

    def __post_init__(self) -> None:
        if self.fingers < 1:
            raise OutlineError("fingers", f"{self.fingers} is not a number of fingers: at least 1")

    @property
    def pitch(self) -> float:
        """Distance between the middles of neighbouring fingers [m]."""
        return 2 * (self.width + self.gap)

    def polygon(self) -> Any:
        """One polygon with a spine, one for each finger without.

        Area: fingers width length + spine [(fingers - 1) pitch + width].
        """
        import shapely

        rows = (np.arange(self.fingers) - (self.fingers - 1) / 2) * self.pitch
        half = self.width / 2
        if self.spine == 0:
            return shapely.MultiPolygon([self._finger(y, half) for y in rows])
        top = float(rows[-1]) + half
        edge = [(x, y + side) for y in rows for x, side in self._round_finger(half)]
        # the outermost fingers end flush with the spine: no corners at their outer roots
        points = [(-self.spine, -top), *edge[1:-1], (-self.spine, top)]
        return _placed(points, self.x, self.y, self.direction)

    def _round_finger(self, half: float) -> list[tuple[float, float]]:
        return [(0.0, -half), (self.length, -half), (self.length, half), (0.0, half)]

    def _finger(self, y: float, half: float) -> Any:
        corners = [(x, y + side) for x, side in self._round_finger(half)]
        return _placed(corners, self.x, self.y, self.direction)

    def partner(self, clearance: float | None = None) -> Comb:
        """The comb whose fingers lie between these, and whose roots face these tips.

        ``clearance`` [m] is the distance between tips and roots (default: the gap).
        """
        reach = self.length + (self.gap if clearance is None else clearance)
        ((x, y),) = turned([(reach, self.pitch / 2)], self.x, self.y, self.direction)
        direction = self.direction + math.pi
        return Comb(x, y, self.fingers, self.width, self.gap, self.length, self.spine, direction)


@dataclass(frozen=True)
class Polygon:
    """A polygon from its corners (x, y)."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        import shapely

        if len(self.points) < 3:
            raise OutlineError(
                "points", f"{len(self.points)} points make no area: at least 3 are needed"
            )
        shape = shapely.Polygon(self.points)
        if not shape.is_valid:
            why = shapely.is_valid_reason(shape)
            raise OutlineError("points", f"the outline is not one of an area: {why}; order its corners")
        if shape.area == 0:
            raise OutlineError("points", "all points lie on one line")

    def polygon(self) -> Any:
        """The polygon."""
        import shapely

        return shapely.Polygon(self.points)


Outline = Bar | Disc | Ring | Tip | Comb | Polygon


def turned(points: Any, x: float, y: float, angle: float) -> NDArray[np.float64]:
    """Points turned by an angle about the origin, which is then moved to (x, y)."""
    quarter = angle / (math.pi / 2)
    c, s = math.cos(angle), math.sin(angle)
    # exact for quarter turns, so that outlines along the axes stay along them
    if abs(quarter - round(quarter)) < 1e-12:
        c, s = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][round(quarter) % 4]
    return np.asarray(points, dtype=float) @ np.array([[c, s], [-s, c]]) + [x, y]


def _placed(points: Any, x: float, y: float, angle: float) -> Any:
    import shapely

    return shapely.Polygon(turned(points, x, y, angle))


def _arc(radius: float, start: float, end: float) -> list[tuple[float, float]]:
    """Corners of the polyline of an arc around the origin: both ends and the middle are among them."""
    largest = 2 * math.acos(1 - CHORD)
    sides = 2 * max(1, math.ceil((end - start) / largest / 2 - 1e-9))
    return [(radius * math.cos(a), radius * math.sin(a)) for a in np.linspace(start, end, sides + 1)]

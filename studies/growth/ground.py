"""The ground that metal grows on: a strip of the floor in a section, or an electrode's rim from above.

In space it is an electrode in the floor (`bed`).

Beginning, nuclei, meshes and heights of a deposit ask their questions here. All lengths in metres.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.plan import CLOSEST, Plan
from thincell.geometry.plansize import segments
from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.segments import project
from thincell.studies.schema.cell import ChipCell, CoinCell, MeshCell
from thincell.studies.schema.deposit_parts import SeedTable

Array = NDArray[np.float64]

#: A piece of front: length, curvature (positive where the metal is convex), metal beneath, liquid above.
Piece = tuple[float, float, float, float]


#: Sides of a quarter of a circle, and pieces of a rim along which the height varies.
ROUND, FINE = 64, 200


class Ground(Protocol):
    """Where a deposit begins."""

    #: Length along which metal can sit, liquid in front of it at least, extent of the whole cell.
    length: float
    room: float
    extent: float

    #: Lowest and highest coordinates of the liquid.
    bounds: tuple[float, float, float, float]

    #: Area of the front of a thin film over the electrode's nominal area, inverted: how much faster than
    #: on a flat electrode its front moves at a given nominal current density.
    focus: float

    def distance(self, points: Array) -> Array:
        """Distance of points (n, 2) in the liquid from the ground."""

    def height(self, points: Array) -> Array:
        """How far points are out: z in a section, the distance from above."""

    def along(self, points: Array) -> Array:
        """Coordinate along the ground of the point nearest to each."""

    def at(self, along: Array) -> Array:
        """Points (n, 2) of the ground."""

    def feet(self, points: Array) -> Array:
        """What random roughness is a function of, (n, 1 or 2)."""

    @property
    def ends(self) -> tuple[float, float]:
        """First and last coordinate along the ground."""

    def centre(self, seed: SeedTable) -> Array:
        """Where a seed lies."""

    def sheet(self, thickness: float, rough: float, margin: float, step: float) -> Array:
        """Points ``step`` apart that include all within ``margin`` of a rough film's front."""

    def beyond(self, points: Array, reach: float) -> Array:
        """Distance of points from what lies within ``reach`` of the ground."""

    def within(self, reach: float) -> tuple[float, float]:
        """Area of that, and the length of its outline."""

    def film(self, thickness: float) -> Piece:
        """The front of a film."""

    def round(self, seed: SeedTable) -> Piece:
        """The front of a seed."""


class Floor:
    """A strip of the floor of a section; metal grows along z."""

    focus = 1.0

    def __init__(self, section: Section) -> None:
        self.section, electrode = section, section.electrode(Tag.WORKING)
        self.electrode = electrode
        self.length, self.room = electrode.width, section.height - electrode.thickness
        self.extent = section.end - section.start + section.height
        self.bounds = (section.start, 0.0, section.end, section.height)

    @property
    def ends(self) -> tuple[float, float]:
        return self.electrode.start, self.electrode.end

    def distance(self, points: Array) -> Array:
        section, electrode = self.section, self.electrode
        slack = 1e-9 * section.height
        start = -np.inf if abs(electrode.start - section.start) < slack else electrode.start
        end = np.inf if abs(electrode.end - section.end) < slack else electrode.end
        x, z = points[:, 0], points[:, 1]
        beside = np.maximum(np.maximum(start - x, x - end), 0.0)
        return np.asarray(np.hypot(beside, np.maximum(z - electrode.thickness, 0.0)))

    def height(self, points: Array) -> Array:
        return points[:, 1]

    def along(self, points: Array) -> Array:
        return points[:, 0]

    def at(self, along: Array) -> Array:
        return np.column_stack([along, np.full(len(along), self.electrode.thickness)])

    def feet(self, points: Array) -> Array:
        return points[:, :1]

    def centre(self, seed: SeedTable) -> Array:
        return np.array([seed.x, seed.z])

    def sheet(self, thickness: float, rough: float, margin: float, step: float) -> Array:
        section, electrode = self.section, self.electrode
        side, top = thickness + margin, electrode.thickness + thickness + rough + margin
        x = np.arange(
            max(section.start, electrode.start - side), min(section.end, electrode.end + side), step
        )
        return lattice(x, np.arange(0.0, min(section.height, top), step))

    def beyond(self, points: Array, reach: float) -> Array:
        electrode, (x, z) = self.electrode, points.T
        beside = np.maximum(np.maximum(electrode.start - reach - x, x - electrode.end - reach), 0)
        return np.asarray(np.hypot(beside, np.maximum(z - electrode.thickness - reach, 0.0)))

    def within(self, reach: float) -> tuple[float, float]:
        section, electrode = self.section, self.electrode
        top = min(electrode.thickness + reach, section.height)
        width = min(electrode.width + 2 * reach, section.end - section.start)
        return width * top, width + 2 * top

    def film(self, thickness: float) -> Piece:
        section, electrode, h = self.section, self.electrode, self.section.height
        sides = [electrode.start - section.start, section.end - electrode.end]
        rims = sum(side > 1e-9 * h for side in sides)
        top = electrode.thickness + thickness
        return electrode.width + rims * top * np.pi / 2, 0.0, thickness, h - top

    def round(self, seed: SeedTable) -> Piece:
        share = 0.5 if seed.z < seed.radius / 2 else 1.0
        above = max(self.section.height - seed.z - seed.radius, 0.0)
        return share * 2 * np.pi * seed.radius, 1 / seed.radius, seed.radius, above


class Rim:
    """The outline of an electrode that fills the layer, seen from above; metal grows away from it."""

    def __init__(self, plan: Plan, heights: Callable[[Array], Array]) -> None:
        """``plan`` has the electrode among its walls; ``heights`` of the liquid at points (n, 2)."""
        import shapely

        metal = next(area.polygon for area in plan.walls if area.tag == Tag.WORKING)
        self.plan, self.metal, self.liquid = plan, metal, plan.liquid
        whole = shapely.union_all([plan.liquid, metal]).boundary
        sides = segments(shapely.get_parts(metal))
        inner = shapely.distance(whole, shapely.points(sides.mean(axis=1))) > CLOSEST / 2
        self.line = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(sides[inner])))
        self._segments = _pieces(self.line)
        steps = np.linalg.norm(self._segments[:, 1] - self._segments[:, 0], axis=1)
        self._starts = np.concatenate([[0.0], np.cumsum(steps)])
        self.length = float(self._starts[-1])
        others = [area.polygon for area in plan.electrodes]
        self.room = float(min(metal.distance(other) for other in others))
        x0, y0, x1, y1 = map(float, plan.liquid.bounds)
        self.bounds = (x0, y0, x1, y1)
        self.extent = x1 - x0 + y1 - y0
        fine = _pieces(shapely.segmentize(self.line, self.length / FINE))
        steps = np.linalg.norm(fine[:, 1] - fine[:, 0], axis=1)
        self.focus = float(metal.area / (steps @ heights(fine.mean(axis=1))))
        self._turn = 2 * np.pi * sum(part.is_ring for part in shapely.get_parts(self.line)) / self.length

    @cached_property
    def _tree(self) -> Any:
        import shapely

        return shapely.STRtree(shapely.linestrings(self._segments))

    @property
    def axes(self) -> tuple[Array, Array, Array] | None:
        """First point, direction, and normal towards the liquid, of a rim that is one straight line
        with all liquid on one side; else None."""
        import shapely

        ends = self._segments[[0, -1], [0, 1]]
        along = (ends[1] - ends[0]) / self.length
        normal = np.array([-along[1], along[0]])
        aside = (shapely.get_coordinates(self.liquid) - ends[0]) @ normal
        slack = 1e-6 * self.extent
        if abs(np.linalg.norm(along) - 1) > 1e-6 or aside.min() < -slack < slack < aside.max():
            return None
        return ends[0], along, normal if aside.max() > slack else -normal

    def _nearest(self, points: Array) -> tuple[NDArray[np.int64], Array, Array]:
        """Number of the nearest segment, where on it (0 to 1), and how far away."""
        import shapely

        number = self._tree.nearest(shapely.points(points))
        ends = self._segments[number]
        away, share = project(points, ends[:, 0], ends[:, 1])
        return number, share, away

    @property
    def ends(self) -> tuple[float, float]:
        return 0.0, self.length

    def distance(self, points: Array) -> Array:
        return self._nearest(points)[2]

    def height(self, points: Array) -> Array:
        return self.distance(points)

    def along(self, points: Array) -> Array:
        number, share, _ = self._nearest(points)
        return self._starts[number] + share * np.diff(self._starts)[number]

    def at(self, along: Array) -> Array:
        number = np.clip(np.searchsorted(self._starts, along) - 1, 0, len(self._segments) - 1)
        share = (along - self._starts[number]) / np.diff(self._starts)[number]
        a, b = self._segments[number, 0], self._segments[number, 1]
        return np.asarray(a + share[:, None] * (b - a))

    def feet(self, points: Array) -> Array:
        return self.at(self.along(points))

    def centre(self, seed: SeedTable) -> Array:
        return np.array([seed.x, seed.y])

    def sheet(self, thickness: float, rough: float, margin: float, step: float) -> Array:
        import shapely

        spread = rough + margin
        away = np.arange(max(thickness - spread, step / 2), thickness + spread, step)
        rings = shapely.boundary(shapely.buffer(self.line, away))
        points = shapely.get_coordinates(shapely.segmentize(rings, step))
        return np.asarray(points[shapely.contains_xy(self.liquid, points)])

    def beyond(self, points: Array, reach: float) -> Array:
        return np.maximum(self.distance(points) - reach, 0.0)

    def within(self, reach: float) -> tuple[float, float]:
        near = self.line.buffer(reach, quad_segs=ROUND).intersection(self.liquid)
        return float(near.area), float(near.boundary.length)

    def film(self, thickness: float) -> Piece:
        import shapely

        front = shapely.intersection(self.line.buffer(thickness, quad_segs=ROUND).boundary, self.liquid)
        length, free = front.length, self.liquid.area - self.within(thickness)[0]
        return length, self._turn, thickness, _depth(free / length, self._turn)

    def round(self, seed: SeedTable) -> Piece:
        import shapely

        disc = shapely.Point(self.centre(seed)).buffer(seed.radius)
        length = shapely.intersection(disc.boundary, self.liquid).length
        above = float(self.liquid.area / self.length)
        return length, 1 / seed.radius, seed.radius, above


def ground_of(case: Any) -> Ground | Bed:
    """The ground of a case's deposit: any cell but a mesh of one's own has one."""
    cell = case.cell
    assert not isinstance(cell, MeshCell)
    return ground_in(cell)


def plane_ground(case: Any) -> Ground:
    """The ground of a case's deposit in a section or from above."""
    found = ground_of(case)
    assert not isinstance(found, Bed)
    return found


def ground_in(cell: ChipCell | CoinCell) -> Ground | Bed:
    """The ground in a cell."""
    if isinstance(cell, ChipCell) and cell.view == "solid":
        return Bed(cell)
    if isinstance(cell, ChipCell) and cell.view == "plan":
        return Rim(cell.plan((Tag.WORKING,)), cell.heights)
    return Floor(cell.section())


def lattice(x: Array, z: Array) -> Array:
    """All points (n, 2) with these coordinates."""
    return np.stack(np.meshgrid(x, z, indexing="ij"), axis=-1).reshape(-1, 2)


def _pieces(lines: Any) -> Array:
    """Straight segments (n, 2, 2) of lines, one line after another."""
    import shapely

    parts = [shapely.get_coordinates(line) for line in shapely.get_parts(lines)]
    return np.concatenate([np.stack([part[:-1], part[1:]], axis=1) for part in parts])


def _depth(mean: float, bend: float) -> float:
    """Distance d over which a front of the curvature b sweeps its length times ``mean``: d + b d^2/2."""
    return mean if bend == 0 else float((np.sqrt(1 + 2 * bend * mean) - 1) / bend)

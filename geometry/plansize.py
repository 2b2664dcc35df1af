r"""Wanted cell sizes over a plan view, and the number of nodes that they lead to.

With d the distance to the nearest electrode outline and w that to the window,

    s = min( max[edge + (growth - 1) d, coarsening w],  inside + (growth - 1) w,
             s_k + (growth - 1) d_k,  largest )

The s_k belong to what forces small cells: outline segments shorter than the cells wanted there, and
gaps between two electrodes, which get two cells at least. s is known on the leaves of a quadtree, which
are not larger than the cells; gmsh interpolates there, and the sum over the leaves counts the nodes

    triangles = sum of (leaf area)/(sqrt(3)/4 s^2) / FILL,     nodes = (triangles + boundary nodes)/2 + 1
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.outlines import Bar

if TYPE_CHECKING:
    from thincell.geometry.plan import Plan

Floats = NDArray[np.float64]

#: Mean area of gmsh's triangles (Frontal-Delaunay) over that of the equilateral triangle of wanted size;
#: measured: 0.77 around a tip and 0.75 around combs, each in a chip of 2 mm x 1 mm with 30 000 nodes.
FILL = 0.75

#: Leaves at one level of the quadtree at which the sum over them is exact enough.
MOST_LEAVES = 1_000_000


@dataclass(frozen=True)
class PlanGrading:
    """How the mesh of a plan view is graded. All sizes in metres.

    ``edge`` is the cell size at electrode outlines (a fraction of the liquid's height); cells grow away
    from it by the ratio ``growth`` from one to the next, up to ``largest``. In the ``window`` no cell is
    larger than ``inside``. Beyond the window outlines may be coarser: ``coarsening`` times the distance
    to it (0: as fine as inside).
    """

    edge: float
    largest: float
    growth: float = 1.3
    window: Bar | None = None
    inside: float = math.inf
    coarsening: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.edge <= self.largest:
            raise ValueError(
                f"edge = {self.edge:.4g} m is not above 0 and at most largest = {self.largest:.4g} m"
            )
        if not self.inside > 0:
            raise ValueError(f"inside = {self.inside:.4g} m is not above 0")
        # cells that grow faster than this are not triangles of a good shape
        if not 1 < self.growth <= 2:
            raise ValueError(f"growth = {self.growth:.4g} is not above 1 and at most 2")
        if not 0 <= self.coarsening <= self.growth - 1:
            raise ValueError(
                f"coarsening = {self.coarsening:.4g} is not within 0 and growth - 1 ="
                f" {self.growth - 1:.4g}"
            )
        if self.window is None and (self.coarsening > 0 or math.isfinite(self.inside)):
            raise ValueError("inside and coarsening need a window")


@dataclass(frozen=True)
class Sizes:
    """The wanted size as a function of place. ``forced`` are pairs of lines and their size s_k [m]."""

    grading: PlanGrading
    outlines: Any
    window: Any
    forced: tuple[tuple[Any, float], ...] = ()

    def at(self, points: Floats) -> Floats:
        """Wanted sizes [m] at points (n, 2)."""
        import shapely

        grading, slope = self.grading, self.grading.growth - 1
        places = shapely.points(points)
        size = grading.edge + slope * shapely.distance(self.outlines, places)
        if self.window is not None:
            away = shapely.distance(self.window, places)
            size = np.maximum(size, grading.coarsening * away)
            size = np.minimum(size, grading.inside + slope * away)
        size = np.minimum(size, grading.largest)
        for lines, small in self.forced:
            size = np.minimum(size, small + slope * shapely.distance(lines, places))
        return size


@dataclass(frozen=True)
class Leaves:
    """Rectangles: centres (n, 2), sides (n, 2) [m] and the wanted sizes at the centres (n,) [m]."""

    centres: Floats
    sides: Floats
    size: Floats

    def corners(self) -> Floats:
        """Corners (n, 4, 2), counter-clockwise."""
        signs = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
        return self.centres[:, None, :] + signs * self.sides[:, None, :]


def wanted_sizes(plan: Plan, grading: PlanGrading) -> Sizes:
    """The size function of a plan."""
    import shapely

    outlines = shapely.union_all([area.polygon.boundary for area in plan.metals])
    window = None if grading.window is None else grading.window.polygon()
    shapely.prepare([outlines, window])
    free = Sizes(grading, outlines, window)
    short = segments(shape for shape, _ in plan.faces)
    narrow, gaps = _narrow(plan)
    pieces = np.concatenate([short, narrow])
    small = np.concatenate([np.linalg.norm(short[:, 1] - short[:, 0], axis=1), gaps / 2])
    matters = small < free.at(pieces.mean(axis=1))
    return Sizes(grading, outlines, window, _classes(pieces[matters], small[matters]))


def _classes(pieces: Floats, small: Floats) -> tuple[tuple[Any, float], ...]:
    """Pieces of similar size together, each class with a size a little below its smallest."""
    import shapely

    step = (
        np.floor(2 * np.log2(small / small.min(initial=math.inf))).astype(int) if len(small) else small
    )
    classes = []
    for number in np.unique(step):
        lines = shapely.union_all(shapely.linestrings(pieces[step == number]))
        shapely.prepare(lines)
        classes.append((lines, float(small[step == number].min())))
    return tuple(classes)


def segments(shapes: Iterable[Any]) -> Floats:
    """Straight segments (n, 2, 2) of the outlines of polygons."""
    import shapely

    rings = shapely.get_rings(list(shapes))
    return np.concatenate([np.stack(list(pairwise(shapely.get_coordinates(ring)))) for ring in rings])


def _narrow(plan: Plan) -> tuple[Floats, Floats]:
    """Pieces of the electrodes' outlines, none longer than its distance [m] to the other electrodes."""
    import shapely

    found, gaps = [np.empty((0, 2, 2))], [np.empty(0)]
    for area in plan.metals:
        others = shapely.union_all([e.polygon for e in plan.metals if e is not area])
        if others.is_empty:
            continue
        shapely.prepare(others)
        pieces = segments([area.polygon])
        while len(pieces):
            gap = shapely.distance(others, shapely.linestrings(pieces))
            fits = np.linalg.norm(pieces[:, 1] - pieces[:, 0], axis=1) <= gap
            found.append(pieces[fits])
            gaps.append(gap[fits])
            pieces = _halved(pieces[~fits])
    return np.concatenate(found), np.concatenate(gaps)


def _halved(pieces: Floats) -> Floats:
    middle = pieces.mean(axis=1)
    return np.concatenate(
        [np.stack([pieces[:, 0], middle], axis=1), np.stack([middle, pieces[:, 1]], axis=1)]
    )


def leaves(plan: Plan, sizes: Sizes, most: float = math.inf) -> Leaves:
    """A quadtree over the plan, none of its leaves with a side above the size at its centre.

    Leaves that would become more than ``most`` stay larger.
    """
    x0, y0, x1, y1 = plan.liquid.bounds
    spans = np.array([x1 - x0, y1 - y0])
    counts = np.ceil(spans / spans.min()).astype(int)
    sides = spans / counts
    grid = np.meshgrid(*(np.arange(n) + 0.5 for n in counts), indexing="ij")
    centres = np.column_stack([axis.ravel() for axis in grid]) * sides + [x0, y0]
    kept: list[tuple[Floats, Floats, Floats]] = []
    while len(centres):
        size = sizes.at(centres)
        good = (sides.max() <= size) | (4 * len(centres) > most)
        kept.append((centres[good], np.broadcast_to(sides, (good.sum(), 2)), size[good]))
        sides = sides / 2
        shifts = np.array([(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)]) * sides
        centres = (centres[~good][:, None, :] + shifts).reshape(-1, 2)
    return Leaves(*(np.concatenate(parts) for parts in zip(*kept, strict=True)))


def estimate_nodes(plan: Plan, grading: PlanGrading) -> int:
    """Nodes of the mesh of a plan, without making it; within 30 %."""
    import shapely

    tree = leaves(plan, wanted_sizes(plan, grading), MOST_LEAVES)
    shapely.prepare(plan.liquid)
    wet = shapely.contains_xy(plan.liquid, tree.centres)
    area = tree.sides.prod(axis=1)[wet]
    triangles = float(np.sum(area / (math.sqrt(3) / 4 * tree.size[wet] ** 2))) / FILL
    # leaves at the wall: as many boundary edges as leaf lengths
    wall = (
        shapely.distance(plan.liquid.boundary, shapely.points(tree.centres))
        <= tree.sides.max(axis=1) / 2
    )
    boundary = float(np.sum((tree.sides.max(axis=1) / tree.size)[wall & wet]))
    return round((triangles + boundary) / 2 + 1)

"""Measures of a deposit seen from above: the distance from the electrode's rim in place of the height.

There is no column to look down and no shadow, so that what is made of those (porosity, steepness, stems)
has no counterpart here. A straight rim is the floor of a section: `growth.telling` judges it as one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import brentq
from scipy.signal import find_peaks, peak_prominences
from scipy.spatial import cKDTree

from thincell.studies.morphology import constants, names
from thincell.studies.morphology.arms import Peaks, above_foot, sides
from thincell.studies.morphology.contour import Contour, contour, metal_parts
from thincell.studies.morphology.dimension import box_dimension
from thincell.studies.morphology.geodesic import shortest
from thincell.studies.morphology.line import Line
from thincell.studies.morphology.mesh import Edges, edges_of, regions
from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices, Sheet

#: Metal touches the rim if it is this near, in delta.
CONTACT = 0.01
#: Places looked at on the straight way from the rim to a vertex, at most.
SAMPLES = 48


class Rim(Protocol):
    """What is asked of the rim; lengths in metres."""

    bounds: tuple[float, float, float, float]

    def distance(self, points: Array) -> Array:
        """Of points (n, 2) from it."""

    def feet(self, points: Array) -> Array:
        """Its points (n, 2) nearest to others."""

    def within(self, reach: float) -> tuple[float, float]:
        """Area of the liquid within a distance from it, and the length of that area's outline."""

    def film(self, thickness: float) -> tuple[float, float, float, float]:
        """The front of an even film, its length first."""


@dataclass(frozen=True)
class _Parts:
    """Connected regions of metal and liquid, and the outer front of the metal that touches the rim.

    ``field`` is the metal fraction with voids filled and pieces without contact taken away, ``away`` the
    distance of the vertices from the rim.
    """

    sheet: Sheet
    rim: Rim
    edges: Edges
    away: Array
    field: Array
    front: Contour
    areas: Array
    metal: Flags
    attached: Flags
    void: Flags


def measure(sheet: Sheet, rim: Rim) -> dict[str, float]:
    """All measures from above by their names (names.py); what has no value is nan."""
    parts = _parts(sheet, rim)
    values = {name.name: math.nan for name in names.MEASURES_ABOVE}
    area = float((sheet.areas * sheet.metal[sheet.triangles].mean(axis=1)).sum())
    even = _even(rim, area)
    tip = _tip(parts)
    large = parts.areas >= constants.SPECK * sheet.delta**2
    whole = float(parts.areas[parts.metal].sum())
    dead = float(parts.areas[parts.metal & ~parts.attached].sum())
    values |= {
        names.METAL_AREA.name: area,
        names.EVEN_DISTANCE.name: even,
        names.TIP_DISTANCE.name: tip,
        names.TIP_TO_EVEN.name: tip / even if even > 0 else math.nan,
        names.UNEVENNESS.name: _unevenness(parts),
        names.RIM_COVERED.name: _covered(parts),
        names.PERIMETER.name: contour(sheet, sheet.metal).length,
        names.FRONT_FOLDING.name: parts.front.length / rim.film(even)[0] if even > 0 else math.nan,
        names.PIECES.name: float((parts.metal & large).sum()),
        names.DEAD_SHARE.name: dead / whole if whole > 0 else 0.0,
        names.VOIDS.name: float((parts.void & large).sum()),
        names.TRAPPED.name: float(parts.areas[parts.void & large].sum()),
        names.DELTA.name: sheet.delta,
    }
    extent = float(np.ptp(parts.front.nodes, axis=0).max()) if len(parts.front.nodes) else 0.0
    sizes = constants.SMALLEST_BOX * sheet.delta, constants.LARGEST_BOX * extent
    values[names.DIMENSION.name], values[names.DECADES.name] = box_dimension(
        parts.front.starts, parts.front.ends, *sizes
    )
    return values | (_of_arms(parts, tip) if tip > 0 else {})


def _parts(sheet: Sheet, rim: Rim) -> _Parts:
    edges, above = edges_of(sheet.triangles), sheet.metal > LEVEL
    labels, away = regions(edges, above), rim.distance(sheet.points)
    count = int(labels.max()) + 1
    metal, attached = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    metal[labels[above]] = True
    attached[labels[above & (away <= CONTACT * sheet.delta)]] = True
    areas = _areas(sheet, labels, count)
    void = ~metal
    void[np.argmax(np.where(metal, -1.0, areas))] = False  # all liquid but the largest region
    field = np.where(above & ~attached[labels], 0.0, np.where(void[labels], 1.0, sheet.metal))
    front = contour(sheet, field)
    return _Parts(sheet, rim, edges, away, field, front, areas, metal, attached, void)


def _areas(sheet: Sheet, labels: Indices, count: int) -> Array:
    """Area of each region [m2]: in a triangle, all metal is of one region, and all liquid."""
    metal, corners = metal_parts(sheet, sheet.metal), sheet.metal[sheet.triangles] > LEVEL
    rows, total = np.arange(len(corners)), np.zeros(count)
    for flags, part in ((corners, metal), (~corners, sheet.areas - metal)):
        some = flags.any(axis=1)
        of = labels[sheet.triangles[rows, np.argmax(flags, axis=1)]]
        total += np.bincount(of[some], part[some], minlength=count)
    return total


def _even(rim: Rim, area: float) -> float:
    """d with the area within d of the rim equal to that of the metal [m]."""
    x0, y0, x1, y1 = rim.bounds
    most = x1 - x0 + y1 - y0
    if area <= 0 or rim.within(most)[0] <= area:
        return 0.0 if area <= 0 else math.nan
    return float(brentq(lambda d: rim.within(d)[0] - area, 0.0, most, xtol=1e-6 * most))


def _tip(parts: _Parts) -> float:
    nodes = parts.front.nodes
    return float(parts.rim.distance(nodes).max()) if len(nodes) else 0.0


def _unevenness(parts: _Parts) -> float:
    """Length of the front as weight; the bare rim has the distance 0 and no front."""
    if not len(parts.front.segments):
        return 0.0
    middles = (parts.front.starts + parts.front.ends) / 2
    weight = np.linalg.norm(parts.front.ends - parts.front.starts, axis=1)
    away = parts.rim.distance(middles)
    mean = np.average(away, weights=weight)
    return float(np.sqrt(np.average((away - mean) ** 2, weights=weight)))


def _covered(parts: _Parts) -> float:
    """By length of the edges on the rim, each with the share of it that is metal."""
    a, b = parts.edges.boundary[:, :2].T
    near = CONTACT * parts.sheet.delta
    on_rim = (parts.away[a] <= near) & (parts.away[b] <= near)
    a, b = a[on_rim], b[on_rim]
    length = np.linalg.norm(parts.sheet.points[b] - parts.sheet.points[a], axis=1)
    low, high = np.sort(parts.sheet.metal[np.stack([a, b])], axis=0)
    share = np.clip((high - LEVEL) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    share = np.where(low > LEVEL, 1.0, np.where(high <= LEVEL, 0.0, share))
    return float(np.average(share, weights=length))


# -- arms -------------------------------------------------------------------------------------------------


def _of_arms(parts: _Parts, tip: float) -> dict[str, float]:
    """Arms as in arms.py: tips of the way g through the metal along the front that stand out."""
    least = max(constants.ARM_DELTAS * parts.sheet.delta, constants.ARM_SHARE * tip)
    g, front = _ways(parts), parts.front
    lengths, aspects, branches = [0.0], [0.0], 0
    for chain in front.chains():
        line = _line(parts, front.nodes[chain], chain)
        along = g[line.nodes]
        number = np.arange(along.size)
        image = (number < line.first) | (number > line.last)
        along = along + (1e-12 * number / along.size - 1e-9 * image) * tip
        # metal that stands on the bare rim is an arm
        ends = (0.0, 0.0) if line.first == 0 and line.last == along.size - 1 else (along[0], along[-1])
        padded = np.concatenate([ends[:1], along, ends[1:]])
        place, _ = find_peaks(padded, prominence=least)
        prominence, left, right = peak_prominences(padded, place)
        peaks = Peaks(
            place - 1, prominence, np.maximum(left - 1, 0), np.minimum(right - 1, along.size - 1)
        )
        for k in np.flatnonzero((peaks.place >= line.first) & (peaks.place <= line.last)).tolist():
            top, length = int(peaks.place[k]), float(peaks.prominence[k])
            one, other = sides(line, along, top, float(along[top]) - length / 2)
            lengths.append(length)
            aspects.append(length / float(np.linalg.norm(other - one)))
            long = aspects[-1] >= constants.BRANCH_ASPECT
            branches += long and above_foot(line, along, peaks, k)
    return {
        names.ARMS.name: len(lengths) - 1.0,
        names.SIDE_BRANCHES.name: float(branches),
        names.ARM_LENGTH.name: max(lengths),
        names.ARM_ASPECT.name: max(aspects),
    }


def _ways(parts: _Parts) -> Array:
    """g: shortest way from the rim through attached metal to each node of the front [m]."""
    sheet, metal = parts.sheet, parts.field > LEVEL
    inside = np.flatnonzero(metal)
    straight = np.full(metal.size, np.inf)
    points = sheet.points[inside]
    feet, tree = parts.rim.feet(points), cKDTree(sheet.points)
    free = np.ones(inside.size, dtype=bool)
    count = int(np.clip(parts.away[inside].max() / sheet.delta, 1, SAMPLES))
    for share in (np.arange(count) + 0.5) / count:
        free &= metal[tree.query(feet + share * (points - feet))[1]]
    straight[inside[free]] = parts.away[inside[free]]
    g = shortest(sheet, parts.edges, metal, straight)
    own = parts.front.edges[:, 0]
    return np.asarray(g[own] + np.linalg.norm(parts.front.nodes - sheet.points[own], axis=1))


def _line(parts: _Parts, points: Array, chain: Indices) -> Line:
    """A piece of front: closed, from wall to wall (continued by its mirror images), or from rim to rim."""
    n = len(points)
    if chain[0] == chain[-1]:
        nodes = np.concatenate([chain[:-1], chain, chain[1:]])
        return Line(np.concatenate([points[:-1], points, points[1:]]), nodes, n - 1, 2 * n - 2)
    before, after = (_mirrored(parts, points, end) for end in (points[0], points[-1]))
    first, whole, numbers = 0, [points], [chain]
    if before is not None:
        first, whole, numbers = n - 1, [before[::-1][:-1], points], [chain[::-1][:-1], chain]
    if after is not None:
        whole.append(after[::-1][1:])
        numbers.append(chain[::-1][1:])
    return Line(np.concatenate(whole), np.concatenate(numbers), first, first + n - 1)


def _mirrored(parts: _Parts, points: Array, end: Array) -> Array | None:
    """Points mirrored at the straight side of the liquid on which they end; None at the rim."""
    x0, y0, x1, y1 = parts.rim.bounds
    near = 1e-6 * (x1 - x0 + y1 - y0)
    if parts.rim.distance(end[None])[0] <= CONTACT * parts.sheet.delta:
        return None
    for axis, wall in ((0, x0), (0, x1), (1, y0), (1, y1)):
        if abs(end[axis] - wall) <= near:
            image = points.copy()
            image[:, axis] = 2 * wall - image[:, axis]
            return image
    return None

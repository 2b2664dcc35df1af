"""A shape on square pixels, for distances inside the metal and for what surrounds a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, maximum_filter

from thincell.studies.morphology.constants import MOST_PIXELS, PIXELS_PER_DELTA
from thincell.studies.morphology.outline import Outline
from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices

#: A side of an arm counts if this share of its half disc lies in the section.
LEAST_SIDE = 0.25


@dataclass(frozen=True)
class Raster:
    """Pixels ``[row, column]`` around the attached metal, row 0 lowest.

    ``metal``: attached metal, voids filled. ``section``: inside the section. ``corner``: centre of the
    pixel [0, 0] [m]. ``pixel``: its size [m].
    """

    metal: Flags
    section: Flags
    corner: Array
    pixel: float

    @property
    def heights(self) -> Array:
        """z of the rows [m]."""
        return np.asarray(self.corner[1] + self.pixel * np.arange(self.metal.shape[0]))

    def packing(self, tip: Array, middle: Array, radius: float) -> float:
        """Share of metal in a disc about the middle of an arm, on that side of the arm with more of it.

        The sides are those of the line from the middle to the tip; of each counts what lies in the
        section, and a side that lies outside does not. An arm at the edge of a row of columns is no more
        free than those within the row.
        """
        i, j = np.round((middle[::-1] - self.corner[::-1]) / self.pixel).astype(int)
        reach = int(np.ceil(radius / self.pixel)) + 1
        rows = slice(max(i - reach, 0), max(i + reach + 1, 0))
        columns = slice(max(j - reach, 0), max(j + reach + 1, 0))
        section, metal = self.section[rows, columns], self.metal[rows, columns]
        z = self.corner[1] + self.pixel * (rows.start + np.arange(section.shape[0]))[:, None] - middle[1]
        x = self.corner[0] + self.pixel * (columns.start + np.arange(section.shape[1])) - middle[0]
        side = (tip[0] - middle[0]) * z - (tip[1] - middle[1]) * x
        disc = section & (np.hypot(x, z) <= radius)
        halves = [disc & (side >= 0), disc & (side <= 0)]
        least = LEAST_SIDE * np.pi / 2 * (radius / self.pixel) ** 2
        shares = [float((metal & half).sum() / half.sum()) for half in halves if half.sum() >= least]
        return max(shares, default=1.0)

    def ridge(self) -> Array:
        """Distance from the front along the ridges of the metal [m], 0 elsewhere.

        A ridge pixel is at least as far from the front as all eight around it. The electrode and the
        sides of the section are no front: a film has its ridge at the electrode.
        """
        inside = self.metal | ~self.section
        distance = np.asarray(distance_transform_edt(inside)) * self.pixel
        ridge = self.metal & (distance >= maximum_filter(distance, size=3))
        return np.where(ridge, distance, 0.0)


def raster(outline: Outline) -> Raster:
    """Sample the linear field of an outline at pixels delta / 2 wide, fewer if there were too many."""
    shape = outline.shape
    extent = outline.shape.points[outline.field > LEVEL]
    margin = outline.tip / 2  # room for the discs around arms
    low = np.maximum(extent.min(axis=0) - margin, shape.points.min(axis=0))
    high = np.minimum(extent.max(axis=0) + margin, shape.points.max(axis=0))
    room = np.maximum(high - low, shape.delta)
    pixel = max(shape.delta / PIXELS_PER_DELTA, float(np.sqrt(room.prod() / MOST_PIXELS)))
    columns, rows = np.ceil(room / pixel).astype(int)
    corner = low + pixel / 2
    field = _sample(shape.points, shape.triangles, outline.field, corner, pixel, (rows, columns))
    return Raster(field > LEVEL, ~np.isnan(field), corner, pixel)


def _sample(points: Array, triangles: Indices, field: Array, corner: Array, pixel: float,
            size: tuple[int, int]) -> Array:  # fmt: skip
    """The field at the pixels by barycentric coordinates, nan outside the mesh.

    All pixels in the bounding boxes of all triangles are tried at once.
    """
    x, z = ((points - corner) / pixel).T
    x, z = x[triangles], z[triangles]
    j0 = np.maximum(np.ceil(x.min(axis=1)), 0).astype(np.int64)
    i0 = np.maximum(np.ceil(z.min(axis=1)), 0).astype(np.int64)
    wide = np.minimum(np.floor(x.max(axis=1)), size[1] - 1).astype(np.int64) - j0 + 1
    tall = np.minimum(np.floor(z.max(axis=1)), size[0] - 1).astype(np.int64) - i0 + 1
    count = np.maximum(wide, 0) * np.maximum(tall, 0)
    owner = np.repeat(np.arange(count.size), count)
    rest = np.arange(owner.size) - np.repeat(np.cumsum(count) - count, count)
    i, j = i0[owner] + rest // wide[owner], j0[owner] + rest % wide[owner]
    area = (x[:, 1] - x[:, 0]) * (z[:, 2] - z[:, 0]) - (z[:, 1] - z[:, 0]) * (x[:, 2] - x[:, 0])
    corners = field[triangles]
    # gradient of the field on each triangle, and of its barycentric coordinates
    u = np.stack([z[:, 1] - z[:, 2], z[:, 2] - z[:, 0], z[:, 0] - z[:, 1]], axis=1) / area[:, None]
    v = np.stack([x[:, 2] - x[:, 1], x[:, 0] - x[:, 2], x[:, 1] - x[:, 0]], axis=1) / area[:, None]
    dx, dz = j - x[owner, 0], i - z[owner, 0]
    second = u[owner, 1] * dx + v[owner, 1] * dz
    third = u[owner, 2] * dx + v[owner, 2] * dz
    inside = np.minimum(np.minimum(second, third), 1 - second - third) >= -1e-9
    slope_x, slope_z = (u * corners).sum(axis=1), (v * corners).sum(axis=1)
    values = corners[owner, 0] + slope_x[owner] * dx + slope_z[owner] * dz
    sampled = np.full(size, np.nan)
    sampled[i[inside], j[inside]] = values[inside]
    return sampled

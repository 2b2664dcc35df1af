"""What all measures of a shape start from: attached metal, its front, its envelope, what is cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.studies.morphology.contour import Contour, contour, metal_parts
from thincell.studies.morphology.envelope import Envelope, envelope
from thincell.studies.morphology.mesh import Edges, edges_of, regions
from thincell.studies.morphology.shape import LEVEL, Array, Flags, Indices, Shape

#: The electrode's face and edges are found to this many delta.
CONTACT = 0.01


@dataclass(frozen=True)
class Outline:
    """``field``: metal fraction with pieces that are not attached taken away and voids filled.

    ``front``: its contour, the outer front of the attached metal. ``envelope``: its columns. ``areas``
    (by region): area of metal or liquid [m2]. ``metal``, ``attached``, ``void`` (by region): what the
    regions are. ``perimeter``: length of all fronts [m].
    """

    shape: Shape
    edges: Edges
    field: Array
    front: Contour
    envelope: Envelope
    areas: Array
    metal: Flags
    attached: Flags
    void: Flags
    perimeter: float

    @property
    def attached_area(self) -> float:
        """Area of the metal that is connected to the electrode, without its voids [m2]."""
        return float(self.areas[self.attached].sum())

    @property
    def tip(self) -> float:
        """Height of the highest attached metal above the electrode's face [m]."""
        vertices = self.shape.points[self.field > LEVEL, 1]
        highest = max(self.front.nodes[:, 1].max(initial=-np.inf), vertices.max(initial=-np.inf))
        return max(float(highest) - self.shape.floor, 0.0)


def outline(shape: Shape) -> Outline:
    """Find the regions of a shape, its outer front and its envelope.

    Metal is attached if it touches the electrode, z <= floor and start <= x <= end, directly or through
    other metal. Liquid is a void if no column leads from any of its points up past all attached metal:
    pockets at the sides of the section count, the part of a cell behind a deposit that reaches the lid
    does not.
    """
    edges = edges_of(shape.triangles)
    above = shape.metal > LEVEL
    labels = regions(edges, above)
    count = int(labels.max()) + 1
    metal = np.zeros(count, dtype=bool)
    metal[labels[above]] = True
    attached = np.zeros(count, dtype=bool)
    attached[labels[above & _at_electrode(shape)]] = True
    field = np.where(above & ~attached[labels], 0.0, shape.metal)
    front = contour(shape, field)
    columns = envelope(shape, field, front, edges)
    void = _voids(shape, labels, metal, columns)
    if void.any():
        field = np.where(void[labels], 1.0, field)
        front = contour(shape, field)
    return Outline(
        shape=shape,
        edges=edges,
        field=field,
        front=front,
        envelope=columns,
        areas=_areas(shape, labels, count),
        metal=metal,
        attached=attached,
        void=void,
        perimeter=contour(shape, shape.metal).length,
    )


def _at_electrode(shape: Shape) -> Flags:
    x, z = shape.points.T
    near = CONTACT * shape.delta
    beside = (x >= shape.start - near) & (x <= shape.end + near)
    return np.asarray(beside & (z <= shape.floor + near))


def _voids(shape: Shape, labels: Indices, metal: Flags, columns: Envelope) -> Flags:
    """Liquid regions without a vertex above the envelope of its own and the neighbouring columns."""
    top = np.pad(columns.top, 1, mode="edge")
    roof = np.maximum(np.maximum(top[:-2], top[1:-1]), top[2:])
    x, z = shape.points.T
    reach = z - shape.floor - roof[columns.column(x)]
    highest = np.full(metal.size, -np.inf)
    np.maximum.at(highest, labels, reach)
    return np.asarray(~metal & (highest <= 1e-6 * shape.delta))


def _areas(shape: Shape, labels: Indices, count: int) -> Array:
    """Area of each region: in a triangle, all metal is of one region, and all liquid."""
    metal = metal_parts(shape, shape.metal)
    corners = shape.metal[shape.triangles] > LEVEL
    rows = np.arange(len(corners))
    of_metal = labels[shape.triangles[rows, np.argmax(corners, axis=1)]]
    of_liquid = labels[shape.triangles[rows, np.argmin(corners, axis=1)]]
    inside, outside = corners.any(axis=1), ~corners.all(axis=1)
    sums = np.bincount(of_metal[inside], metal[inside], minlength=count)
    liquid = (shape.areas - metal)[outside]
    return np.asarray(sums + np.bincount(of_liquid[outside], liquid, minlength=count))

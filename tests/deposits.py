"""Made-up deposits for tests of pictures: a bump that grows, an island, meshes that change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.section import Electrode, Section
from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.figures.grown import Grown
from thincell.studies.frames import Frame

Array = NDArray[np.float64]

#: A layer 500 nm high; the electrode ends at x = 0.
LAYER = Section(
    0.5e-6, -2e-6, 3e-6, (Electrode(Tag.WORKING, -2e-6, 0.0), Electrode(Tag.COUNTER, 2e-6, 3e-6))
)
#: Width over height 40.
LONG = Section(0.5e-6, -20e-6, 5e-6, (Electrode(Tag.WORKING, -20e-6, 0.0),))

ISLAND = (-1e-6, 0.35e-6, 0.08e-6)
"""Centre and radius [m]."""


def plane(x: Array, z: Array) -> tuple[Array, NDArray[np.int64]]:
    """Points and triangles of columns."""
    grid_x, grid_z = np.meshgrid(x, z)
    number = np.arange(grid_x.size).reshape(grid_x.shape)
    a, b, c, d = (
        corner.ravel() for corner in (number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1])
    )
    triangles = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    return np.column_stack([grid_x.ravel(), grid_z.ravel()]), triangles


def picture(
    time: float, share: float, cut: Section = LAYER, columns: int = 81, island: bool = False
) -> Frame:
    """A film with a bump in it that reaches ``share`` of the height at x = -0.5 um, 0 without any."""
    points, triangles = plane(np.linspace(cut.start, cut.end, columns), np.linspace(0, cut.height, 41))
    x, z = points.T
    top = share * cut.height * (0.2 + 0.8 * np.exp(-(((x + 0.5e-6) / 0.3e-6) ** 2)))
    inside = np.where(x <= 1e-12, top - z, -1e-6)
    if island:
        inside = np.maximum(inside, ISLAND[2] - np.hypot(x - ISLAND[0], z - ISLAND[1]))
    xi = 0.5 * (1 + np.tanh(np.clip(inside / 20e-9, -30, 30)))
    if share == 0 and not island:
        xi = np.zeros(len(x))
    salt = 1000 * (1 - share * (1 - z / cut.height))
    fields = {names.METAL.name: xi, names.CONCENTRATION.name: salt, names.PHI.name: 0 * salt}
    return Frame(time, points, triangles, fields)


def grown(
    count: int = 5,
    cut: Section = LAYER,
    changing: bool = False,
    island: bool = False,
    label: str = "thin cell",
    columns: int = 81,
) -> Grown:
    """A deposit that grows over 2 s and 40 C/m2, the charge with the square root of time."""
    shares = np.linspace(0, 0.6, count)
    pictures = [
        picture(2.0 * k / (count - 1), share, cut, columns + 8 * k * changing, island and k > count // 2)
        for k, share in enumerate(shares)
    ]
    times = np.linspace(0, 2, 201)[1:]
    history = {
        names.TIME.name: times,
        names.CHARGE.name: -40 * np.sqrt(times / 2),
        names.VOLTAGE.name: -0.1 - 0.05 * times,
    }
    return Grown(label, pictures, history, 1000.0, cut)

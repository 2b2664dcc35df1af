"""What pictures of a solid run show, from its own files: the liquid's boundary, currents through it, salt.

The files have the tetrahedra of the liquid and samples of the electrodes. Samples lie at the points of a
known quadrature rule in the faces of the tetrahedra, by which they are told apart: a face that holds samples
belongs to an electrode.
"""

from __future__ import annotations

from dataclasses import dataclass

import basix
import numpy as np
from numpy.typing import NDArray

from thincell.studies import names
from thincell.studies.figures import data
from thincell.studies.figures.view import round_length
from thincell.studies.frames import Frame, frame_at
from thincell.studies.results import Run
from thincell.studies.schema.cell import ChipCell
from thincell.studies.schema.errors import InputError

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Electrodes by number, from 1; 0 is none.
ELECTRODES = ("working", "counter")
#: Where faces of the liquid look: down, up, or to one of four sides.
DOWN, UP, SIDES = 0, 1, (2, 3, 4, 5)
#: Share of the longest side of the liquid that its height has, at most, in a picture.
FLAT = 0.15
#: Share of the electrodes' area that has a colour of its own; the highest values share that of the top.
COLOURED = 0.99


@dataclass(frozen=True, eq=False)
class Scene:
    """The liquid of a chip at one time [s], in metres.

    ``points`` (n, 3) and ``tetrahedra`` (m, 4) with the ``salt`` [mol.m-3] at the points; ``faces`` (k, 3)
    are the liquid's boundary: ``facing`` says where each looks (`DOWN`, `UP`, `SIDES`), ``electrode`` on
    which electrode it lies, ``area`` [m2] how large it is, and ``density`` is the mean magnitude of the
    current density [A.m-2] through it, not a number off the electrodes.
    """

    time: float
    points: Array
    tetrahedra: Indices
    salt: Array
    faces: Indices
    facing: Indices
    electrode: Indices
    area: Array
    density: Array

    @property
    def below(self) -> NDArray[np.bool_]:
        """Which faces are seen when lid and sides are taken away."""
        return (self.facing == DOWN) | (self.electrode > 0)

    @property
    def stretch(self) -> float:
        """By what factor heights are drawn larger than lengths: 1, 2 or 5 times a power of ten."""
        x, y, z = np.ptp(self.points, axis=0)
        return max(1.0, round_length(FLAT * max(x, y) / z))

    @property
    def cut(self) -> float:
        """y [m] at which the liquid is cut: the middle of the electrodes, or of a liquid beside it."""
        low, high = float(self.points[:, 1].min()), float(self.points[:, 1].max())
        return 0.0 if low < 0 < high else (low + high) / 2

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest current density that has a colour of its own."""
        there = np.isfinite(self.density)
        values, weights = self.density[there], self.area[there]
        order = np.argsort(values)
        below = np.cumsum(weights[order]) / weights.sum()
        top = values[order][np.searchsorted(below, COLOURED)]
        return float(values.min()), float(top)

    def centre(self, electrode: str) -> Array:
        """The middle of an electrode's faces [m]."""
        mine = self.electrode == ELECTRODES.index(electrode) + 1
        middles = self.points[self.faces[mine]].mean(axis=1)
        return np.asarray(np.average(middles, axis=0, weights=self.area[mine]))

    def lines(self) -> Indices:
        """Edges (l, 2) between faces that look elsewhere, and outlines of the electrodes."""
        edges = np.sort(np.concatenate([self.faces[:, pair] for pair in ([0, 1], [1, 2], [2, 0])]))
        kinds = np.tile(self.facing + (1 + max(SIDES)) * self.electrode, 3)
        order = np.lexsort((edges[:, 1], edges[:, 0]))
        edges, kinds = edges[order].reshape(-1, 2, 2), kinds[order].reshape(-1, 2)
        return np.asarray(edges[kinds[:, 0] != kinds[:, 1], 0])


def scene(run: Run, time: float | None = None) -> Scene:
    """The liquid of a solid run at the output time nearest to ``time`` [s], by default the last."""
    cell = run.case.cell
    if not isinstance(cell, ChipCell) or cell.view != "solid":
        raise InputError(
            "render: pictures in three dimensions are made of runs with cell.view = 'solid'; those of this"
            " run are made by `thincell report`"
        )
    times = data.output_times(run)
    frame = frame_at(run.maps, float(times[-1]) if time is None else time)
    samples = {name: run.profile(name, frame.time) for name in ELECTRODES}
    places = {name: np.column_stack([rows[f"{x} [m]"] for x in "xyz"]) for name, rows in samples.items()}
    densities = {name: rows[names.LOCAL.name] for name, rows in samples.items()}
    weights = {name: rows[names.AREA.name] for name, rows in samples.items()}
    return assemble(frame, places, densities, weights)


def assemble(
    frame: Frame, places: dict[str, Array], densities: dict[str, Array], weights: dict[str, Array]
) -> Scene:
    """A scene of tetrahedra and of samples of the electrodes: places [m], A.m-2, and areas [m2] by name."""
    points, tetrahedra = frame.points, frame.triangles
    faces, normals = boundary(points, tetrahedra)
    area = np.linalg.norm(normals, axis=1)
    electrode, density = np.zeros(len(faces), dtype=np.int64), np.full(len(faces), np.nan)
    for number, name in enumerate(ELECTRODES, start=1):
        owner = _owners(points, faces, places[name])
        amount = np.bincount(owner, np.abs(densities[name]) * weights[name], len(faces))
        whole = np.bincount(owner, weights[name], len(faces))
        mine = whole > 0
        electrode[mine], density[mine] = number, amount[mine] / whole[mine]
    salt = frame.fields[names.CONCENTRATION.name]
    facing = facing_of(normals / area[:, None])
    return Scene(frame.time, points, tetrahedra, salt, faces, facing, electrode, area, density)


def boundary(points: Array, tetrahedra: Indices) -> tuple[Indices, Array]:
    """Faces (k, 3) that belong to one tetrahedron, and their outward normals, as long as their areas."""
    corners = ([1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2])  # face k is opposite to corner k
    faces = np.concatenate([tetrahedra[:, pick] for pick in corners])
    inner = np.concatenate([tetrahedra[:, k] for k in range(4)])
    _, first, count = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    outer = first[count == 1]
    faces, inner = faces[outer], inner[outer]
    a, b, c = (points[faces[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a) / 2
    inwards = np.einsum("ij,ij->i", normals, points[inner] - a) > 0
    return faces, np.where(inwards[:, None], -normals, normals)


def facing_of(normals: Array) -> Indices:
    """Down, up, or to one of four sides, by unit normals."""
    x, y, z = normals.T
    side = np.array(SIDES)[np.argmax([x, -x, y, -y], axis=0)]
    return np.where(z < -0.5, DOWN, np.where(z > 0.5, UP, side))


def _owners(points: Array, faces: Indices, places: Array) -> Indices:
    """The face in which each sample lies: where the rule of `solvers.sample` has its points."""
    from scipy.spatial import cKDTree

    inside, _ = basix.make_quadrature(basix.CellType.triangle, 2)
    shares = np.column_stack([1 - inside.sum(axis=1), inside])
    expected = np.einsum("qk,fkd->fqd", shares, points[faces])
    distance, found = cKDTree(expected.reshape(-1, 3)).query(places)
    if np.max(distance, initial=0.0) > 1e-6 * np.ptp(points[:, 2]):
        raise ValueError("samples of an electrode do not lie in the faces of the mesh")
    return np.asarray(found // len(shares))

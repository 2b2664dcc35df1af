"""Meshes of columns: the section of a cell, extruded by gmsh from wall to wall.

Every block between two neighbouring x-breaks and z-breaks is a point extruded along x and the
resulting line extruded along z, both with explicit cumulative layer heights: this gives exact
control of the first cell and of its growth, which transfinite "Bump" does not. Blocks inside an
electrode of finite thickness are left out, so that its top and side faces become boundary.

Under a curved lid the mesh is made for a flat one at the largest height H, tagged, and then lowered column by
column: with f the height up to which nothing moves (the top of the electrodes and all further levels),

    z -> f + (z - f) (h(x) - f)/(H - f)        for z > f.

Columns stay vertical, layers keep their number and electrodes their thickness, and no cell becomes thicker
than the grading wants it. Between two columns the lid is a chord.
"""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.bulge import COLUMNS
from thincell.geometry.grading import Grading, graded_line
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.section import Electrode, Section
from thincell.geometry.tags import Tag

#: gmsh takes points closer than this share of the section's extent for one (its own default, 1e-8 of
#: 0.5 mm, is more than the first cell of a double layer); rounding in the coordinates is below it.
TOLERANCE = 1e-13


def column_mesh(section: Section, grading: Grading) -> PlaneMesh:
    """Triangles of a section. Call on one rank only: gmsh is not parallel."""
    import gmsh

    columns, layers = column_lines(section, grading)
    with _session(gmsh):
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("Geometry.AutoCoherence", 0)
        if grading.boundary is not None:
            gmsh.option.setNumber("Geometry.Tolerance", TOLERANCE)
        gmsh.model.add("section")
        _extrude_blocks(gmsh.model, section, columns, layers)
        gmsh.model.mesh.generate(2)
        points, triangles = _triangles(gmsh.model)
    points = points * section.tallest
    lines = boundary_lines(triangles)
    tags = _classify(section, points[lines].mean(axis=1))
    return PlaneMesh(_lowered(points, section, grading), triangles, lines, tags)


def _lowered(points: NDArray[np.float64], section: Section, grading: Grading) -> NDArray[np.float64]:
    """The points under the section's lid, from those under a flat one at its largest height."""
    if section.lid is None:
        return points
    if any(electrode.wall == "lid" for electrode in section.electrodes):
        raise ValueError("a curved lid carries no electrode")
    levels = [e.thickness for e in section.electrodes] + [z for z, _ in grading.levels]
    fixed = max(levels, default=0.0)
    if fixed >= section.lowest:
        raise ValueError(f"the lid comes down to {section.lowest:g} m, below what ends at {fixed:g} m")
    x, z = points.T
    share = (section.height_at(x) - fixed) / (section.tallest - fixed)
    return np.column_stack([x, np.where(z > fixed, fixed + (z - fixed) * share, z)])


@contextmanager
def _session(gmsh: Any) -> Iterator[None]:
    """gmsh for a while. It resets the handlers of signals; Python's own are put back."""
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    gmsh.initialize(interruptible=False)
    try:
        yield
    finally:
        gmsh.finalize()
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                if callable(handler) and not isinstance(handler, signal.Handlers):
                    signal.signal(number, handler)


def column_lines(
    section: Section, grading: Grading
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Node positions [m] along x and along z, segment by segment."""
    edges = {x for e in section.electrodes if e.tag != Tag.REFERENCE for x in (e.start, e.end)}
    ends = {x for e in section.electrodes for x in (e.start, e.end)}
    breaks = _with_windows(sorted({section.start, section.end} | ends), section)
    inner = edges - {section.start, section.end}
    fine_x = [grading.edge if x in inner else math.inf for x in breaks]
    largest_x = [min((b - a) / grading.columns, _widest(section, a, b)) for a, b in pairwise(breaks)]
    columns = graded_line(breaks, fine_x, largest_x, grading)

    surfaces = {}
    for electrode in section.electrodes:
        if electrode.tag != Tag.REFERENCE:
            level = electrode.thickness
            surfaces[level if electrode.wall == "floor" else section.tallest - level] = grading.edge
    _add_levels(surfaces, section, grading)
    heights = sorted({0.0, section.tallest} | set(surfaces))
    fine_z = [surfaces.get(z, math.inf) for z in heights]
    largest_z = [section.tallest / grading.layers] * (len(heights) - 1)
    layers = graded_line(heights, fine_z, largest_z, grading)
    return columns, layers


def _with_windows(breaks: list[float], section: Section) -> list[float]:
    """The breaks and the edges of the windows, where the lid has a kink; none close to another break."""
    if section.lid is None:
        return breaks
    near = 1e-3 * section.height
    kinks = (x for x in section.lid.edges if breaks[0] < x < breaks[-1])
    return sorted([*breaks, *(x for x in kinks if min(abs(x - b) for b in breaks) > near)])


def _widest(section: Section, start: float, end: float) -> float:
    """Largest width of a column [m] between two breaks: chords have to follow the lid."""
    if section.lid is None or not section.lid.edges[0] < (start + end) / 2 < section.lid.edges[1]:
        return math.inf
    return section.lid.window.width / 2 / COLUMNS


def _add_levels(surfaces: dict[float, float], section: Section, grading: Grading) -> None:
    """Add the grading's further levels; one that lies on a surface or wall refines that."""
    for z, size in grading.levels:
        if not 0 <= z <= section.tallest:
            raise ValueError(f"the level z = {z:g} m is outside of the liquid")
        near = 1e-9 * section.tallest
        known = [other for other in (0.0, section.tallest, *surfaces) if abs(other - z) <= near]
        level = known[-1] if known else z
        surfaces[level] = min(size, surfaces.get(level, math.inf))


def _inside(electrode: Electrode, section: Section, x: float, z: float) -> bool:
    if not electrode.start < x < electrode.end:
        return False
    distance = z if electrode.wall == "floor" else section.tallest - z
    return distance < electrode.thickness


def _liquid_blocks(
    section: Section, columns: list[NDArray[np.float64]], layers: list[NDArray[np.float64]]
) -> Iterator[tuple[int, int]]:
    """Numbers of the blocks that are not inside of an electrode."""
    for i, xs in enumerate(columns):
        for j, zs in enumerate(layers):
            middle = (xs[0] + xs[-1]) / 2, (zs[0] + zs[-1]) / 2
            if not any(_inside(e, section, *middle) for e in section.electrodes):
                yield i, j


def count_nodes(section: Section, grading: Grading, order: int) -> int:
    """Nodes of continuous elements of an order on the mesh of a section, without making it."""
    columns, layers = column_lines(section, grading)
    starts = [np.cumsum([0] + [(len(a) - 1) * order for a in axis]) for axis in (columns, layers)]
    present = np.zeros([int(start[-1]) + 1 for start in starts], dtype=bool)
    for i, j in _liquid_blocks(section, columns, layers):
        present[starts[0][i] : starts[0][i + 1] + 1, starts[1][j] : starts[1][j + 1] + 1] = True
    return int(present.sum())


def _extrude_blocks(
    model: Any,
    section: Section,
    columns: list[NDArray[np.float64]],
    layers: list[NDArray[np.float64]],
) -> None:
    """Extrude every block of liquid, in units of the height, and merge the shared sides."""
    unit = section.tallest
    for i, j in _liquid_blocks(section, columns, layers):
        xs, zs = columns[i], layers[j]
        corner = model.geo.addPoint(xs[0] / unit, zs[0] / unit, 0)
        floor = _extrude(model, (0, corner), xs / unit, axis=0)
        _extrude(model, floor, zs / unit, axis=1)
    model.geo.removeAllDuplicates()
    model.geo.synchronize()


def _extrude(
    model: Any, entity: tuple[int, int], positions: NDArray[np.float64], axis: int
) -> tuple[int, int]:
    span = positions[-1] - positions[0]
    heights = (positions[1:] - positions[0]) / span
    shift = [0.0, 0.0, 0.0]
    shift[axis] = span
    made = model.geo.extrude([entity], *shift, numElements=[1] * len(heights), heights=list(heights))
    return next(e for e in made if e[0] == entity[0] + 1)


def _triangles(model: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    tags, coordinates, _ = model.mesh.getNodes()
    triangle = model.mesh.getElementType("triangle", 1)
    _, connectivity = model.mesh.getElementsByType(triangle)
    used, triangles = np.unique(connectivity, return_inverse=True)
    row = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    row[tags] = np.arange(tags.size)
    points = coordinates.reshape(-1, 3)[row[used], :2]
    return points, triangles.reshape(-1, 3).astype(np.int64)


def boundary_lines(triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Edges that belong to one triangle only, shape (number, 2)."""
    edges = np.sort(np.concatenate([triangles[:, [a, b]] for a, b in pairwise((0, 1, 2, 0))]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    return unique[count == 1]


def _classify(section: Section, middle: NDArray[np.float64]) -> NDArray[np.int32]:
    """Tag of each boundary line from its midpoint (x, z)."""
    tolerance = 1e-9 * section.tallest
    x, z = middle[:, 0], middle[:, 1]
    tags = np.full(len(middle), int(Tag.INSULATOR), dtype=np.int32)
    tags[np.abs(x - section.start) < tolerance] = section.left
    tags[np.abs(x - section.end) < tolerance] = section.right
    for electrode in section.electrodes:
        depth = z if electrode.wall == "floor" else section.tallest - z
        slack = tolerance + 1e-12 * abs(section.end - section.start)
        touches = (x > electrode.start - slack) & (x < electrode.end + slack)
        tags[touches & (depth < electrode.thickness + tolerance)] = electrode.tag
    return tags

"""The picture of a deposit in space: the metal's surface in colours of the current density, on its floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.figures import data
from thincell.studies.frames import Frame, frame_at
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.deposit import distance
from thincell.studies.growth.ground import ground_of
from thincell.studies.growth.surface import triangles
from thincell.studies.render.camera import Array, Camera
from thincell.studies.render.scene import DOWN, ELECTRODES, Scene, boundary, facing_of
from thincell.studies.results import Run

#: Share of the brightness of a face that does not depend on where it looks.
AMBIENT = 0.35
#: Colours of the floor, of metal that the box cuts, and of the electrodes in the floor.
FLOOR, CUT, METAL = "#efefef", "#c4c4c4", {"working": "#6f6f6f", "counter": "#a8a8a8"}


@dataclass(frozen=True, eq=False)
class Front:
    """Triangles (k, 3, 3) [m] of the metal's surface, and the current density [A.m-2] on each.

    ``level`` is positive at the points of the mesh that are metal.
    """

    corners: Array
    density: Array
    level: Array

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest magnitude that has a colour of its own: those of 98 % of the area."""
        a, b, c = np.moveaxis(self.corners, 1, 0)
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        order = np.argsort(self.density)
        below = np.cumsum(area[order]) / area.sum()
        low, high = self.density[order][np.searchsorted(below, [0.01, 0.99])]
        return float(low), float(high)


def scene_of(run: Run, time: float | None = None) -> tuple[Scene, Front]:
    """The box and the front of a run at the output time nearest to ``time`` [s], by default the last."""
    times = data.output_times(run)
    frame = frame_at(run.maps, float(times[-1]) if time is None else time)
    return _box(run, frame), front_of(run, frame)


def front_of(run: Run, frame: Frame) -> Front:
    """The front of a frame; its samples in the run's files lie in the middles of its triangles."""
    from scipy.spatial import cKDTree

    level = distance(frame.metal)
    corners = triangles(frame.triangles, level, frame.points)
    rows = run.profile("working", frame.time)
    places = np.column_stack([rows[f"{x} [m]"] for x in "xyz"])
    _, nearest = cKDTree(places).query(corners.mean(axis=1))
    return Front(corners, np.abs(rows[names.LOCAL.name])[nearest], level)


def _box(run: Run, frame: Frame) -> Scene:
    """The liquid's boundary; faces of the floor know the electrode above which they lie."""
    import shapely

    bed = ground_of(run.case)
    assert isinstance(bed, Bed)
    faces, normals = boundary(frame.points, frame.triangles)
    area = np.linalg.norm(normals, axis=1)
    facing = facing_of(normals / area[:, None])
    middles = shapely.points(frame.points[faces].mean(axis=1)[:, :2])
    electrode = np.zeros(len(faces), dtype=np.int64)
    for metal in bed.plan.metals:
        if metal.tag in (Tag.WORKING, Tag.COUNTER):
            inside = (facing == DOWN) & shapely.contains(metal.polygon, middles)
            electrode[inside] = ELECTRODES.index(metal.tag.group) + 1
    salt = np.nan_to_num(frame.fields[names.CONCENTRATION.name])
    none = np.full(len(faces), np.nan)
    return Scene(frame.time, frame.points, frame.triangles, salt, faces, facing, electrode, area, none)


def draw_front(front: Front, plotter: Any, seen: Scene, camera: Camera, sight: Any) -> None:
    """Floor and electrodes flat, the metal lit from above, grey where the box cuts it."""
    import pyvista

    places = camera.world(seen.points)
    floor = seen.facing == DOWN
    for number, colour in enumerate([FLOOR, *METAL.values()]):
        faces = seen.faces[floor & (seen.electrode == number)]
        if len(faces):
            plotter.add_mesh(
                pyvista.PolyData.from_regular_faces(places, faces), color=colour, lighting=False
            )
    walls = pyvista.PolyData.from_regular_faces(places, seen.faces[~floor])
    walls.point_data["level"] = front.level
    cut = walls.clip_scalar(scalars="level", value=0.0, invert=False)
    if cut.n_cells:
        plotter.add_mesh(cut, color=CUT, lighting=False)
    corners = camera.world(front.corners.reshape(-1, 3))
    surface = pyvista.PolyData.from_regular_faces(corners, np.arange(len(corners)).reshape(-1, 3))
    surface.cell_data["i"] = front.density
    smooth = surface.clean(tolerance=1e-6).cell_data_to_point_data().compute_normals()
    plotter.add_mesh(
        smooth,
        scalars="i",
        clim=(sight.norm.vmin, sight.norm.vmax),
        cmap=sight.colours,
        smooth_shading=True,
        ambient=AMBIENT,
        diffuse=1 - AMBIENT,
        show_scalar_bar=False,
    )

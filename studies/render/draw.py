"""Pictures of a solid run: current density on the electrodes, salt in the layer.

PyVista draws the bodies without light, so that a colour is a value; Matplotlib adds what is written. The
picture of the salt has the part of the layer in front of a cut taken away, down to its floor.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from thincell.studies import names, output
from thincell.studies.figures import data, style
from thincell.studies.figures.view import round_length
from thincell.studies.frames import METAL
from thincell.studies.render.camera import UNIT, Array, Camera
from thincell.studies.render.front import Front, draw_front, scene_of
from thincell.studies.render.scene import ELECTRODES, Indices, Scene, scene
from thincell.studies.results import Run
from thincell.studies.schema.errors import InputError
from thincell.studies.wording import metres, nice, number

#: What to say without PyVista.
MISSING = "render: pictures in three dimensions need PyVista: pip install 'thincell[viz]'"

#: Width of the bodies' picture in pixels; of the whole, and its least height, in inches.
PIXELS, WIDTH, LEAST = 2000, 7.4, 3.0
#: Least extent of a colour scale, as a share of its lower end.
FLATTEST = 1e-3
#: Width of lines in pixels.
LINE = 3
#: Colours: of current densities, of the salt, and of the floor beside the electrodes.
CURRENT, SALT, BARE = "viridis", "cividis", "#e4e4e4"
#: How far bars stand from the layer, as a share of the picture's width.
APART = 0.025
#: How far lines stand before the faces on which they lie, as a share of the picture's width.
LIFT = 1e-3


@dataclass(frozen=True)
class Sight:
    """What a picture shows: a field's label, its colours, the bodies that carry them."""

    name: str
    title: str
    label: str
    norm: Normalize
    colours: str
    extend: Literal["max", "neither"]
    bodies: Callable[[Any, Scene, Camera, Sight], None]


def write_pictures(run: Run, folder: Path) -> list[Path]:
    """solid-current.png and, where salt moves, solid-concentration.png of a run's last output time.

    Of a run with a deposit it is solid-deposit.png.
    """
    seen, chosen = shown(run)
    if importlib.util.find_spec("pyvista") is None:
        raise InputError(MISSING)
    camera = Camera.on(seen.points, seen.stretch)
    paths = []
    for sight in chosen:
        paths.append(folder / f"{sight.name}.png")
        output.write_bytes(paths[-1], compose(seen, camera, sight))
    return paths


def shown(run: Run) -> tuple[Scene, list[Sight]]:
    """What there is to be seen of a run at its last output time, and its pictures."""
    if METAL in run.maps and getattr(run.case.cell, "view", "") == "solid":
        seen, front = scene_of(run)
        return seen, [deposit_sight(run, seen, front)]
    seen = scene(run)
    return seen, sights(run, seen)


def deposit_sight(run: Run, seen: Scene, front: Front) -> Sight:
    """The picture of a deposit in space."""
    title = f"{nice(run.case.title)}, {data.when(run, seen.time)}".removeprefix(", ")
    label = f"{names.LOCAL.name}, magnitude"
    norm = _norm(*front.span)
    return Sight("solid-deposit", title, label, norm, CURRENT, "max", partial(draw_front, front))


def sights(run: Run, seen: Scene) -> list[Sight]:
    """The pictures of a run without a deposit."""
    title = f"{nice(run.case.title)}, {data.when(run, seen.time)}".removeprefix(", ")
    low, high = seen.span
    extend: Literal["max", "neither"] = "max" if np.nanmax(seen.density) > high else "neither"
    label = f"{names.LOCAL.name}, magnitude"
    current = Sight(
        "solid-current", title, label, _norm(low, high), CURRENT, extend, electrodes_on_floor
    )
    if run.case.electrolyte.model == "ohmic":
        return [current]
    norm = _norm(float(seen.salt.min()), float(seen.salt.max()))
    title, label = nice(f"{title}, cut at y = {number(seen.cut * UNIT)} um"), names.CONCENTRATION.name
    return [current, Sight("solid-concentration", title, label, norm, SALT, "neither", cut_layer)]


def _norm(low: float, high: float) -> Normalize:
    """A scale that does not show rounding errors of what is uniform."""
    return Normalize(low, max(high, (1 + FLATTEST) * low, low + 1e-30))


def compose(seen: Scene, camera: Camera, sight: Sight) -> bytes:
    """A PNG: bodies, colour bar, bars of a round length, the factor on heights."""
    image = photograph(seen, camera, sight)
    x, y = camera.size
    with style.styled():
        made = style.figure(WIDTH, max(LEAST, 0.8 * WIDTH * (y / x + 2 * APART) + 0.5))
        axes = made.subplots()
        extent = (camera.low[0], camera.high[0], camera.low[1], camera.high[1])
        axes.imshow(image, extent=extent, interpolation="antialiased")
        axes.set_axis_off()
        axes.set_title(sight.title, loc="left")
        _bars(axes, seen, camera)
        for electrode in ELECTRODES:
            _name(axes, electrode, camera.screen(seen.centre(electrode)))
        scale = ScalarMappable(sight.norm, sight.colours)
        made.colorbar(scale, ax=axes, label=sight.label, extend=sight.extend, shrink=0.8, pad=0.02)
        return style.as_bytes(made, "png")


def _bars(axes: Axes, seen: Scene, camera: Camera) -> None:
    """Bars of round lengths along x and y beside the edges in front, and one as high as the layer."""
    low, high = seen.points.min(axis=0), seen.points.max(axis=0)
    along, across = (round_length(0.25 * float(size)) for size in (high - low)[:2])
    off = APART * camera.size[0]
    corner, right = low, np.array([high[0], low[1], low[2]])
    tall = np.array([low[0], low[1], high[2]])
    for start, end, shift, text, where in (
        (corner, np.add(corner, (along, 0, 0)), [0, -off], metres(along), ("center", "top")),
        (right, np.add(right, (0, across, 0)), [off, -off / 2], metres(across), ("left", "top")),
        (corner, tall, [-off / 2, 0], f"{metres(tall[2] - low[2])}\nheight × {number(seen.stretch)}",
         ("right", "center")),
    ):  # fmt: skip
        ends = camera.screen(np.stack([start, end])) + shift
        axes.plot(*ends.T, color="black", lw=2.2, solid_capstyle="butt", clip_on=False)
        x, y = ends.mean(axis=0) + 0.35 * np.array(shift)
        axes.text(x, y, nice(text), fontsize=8, ha=where[0], va=where[1])
    axes.set_xlim(camera.low[0], camera.high[0])
    axes.set_ylim(camera.low[1] - 2 * off, camera.high[1])


def _name(axes: Axes, electrode: str, place: Array) -> None:
    outline = [withStroke(linewidth=2.0, foreground="white")]
    axes.text(
        float(place[0]),
        float(place[1]),
        electrode,
        fontsize=8,
        ha="center",
        va="center",
        path_effects=outline,
    )


# -- bodies ----------------------------------------------------------------------------------------


def photograph(seen: Scene, camera: Camera, sight: Sight) -> NDArray[np.uint8]:
    """RGB pixels of what the camera sees."""
    import pyvista
    from vtkmodules.vtkCommonCore import vtkLogger

    # Without an X server VTK warns, then draws by other means.
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_ERROR)
    x, y = camera.size
    plotter = pyvista.Plotter(off_screen=True, window_size=[PIXELS, max(1, round(PIXELS * y / x))])
    plotter.set_background("white")
    sight.bodies(plotter, seen, camera, sight)
    eye = plotter.camera
    eye.parallel_projection = True
    eye.focal_point, eye.up = camera.focus, camera.up
    eye.position = camera.focus + camera.back * x
    eye.parallel_scale = y / 2
    plotter.camera_set = True
    plotter.renderer.ResetCameraClippingRange()
    plotter.enable_anti_aliasing("ssaa")
    image = plotter.screenshot(None, return_img=True)
    plotter.close()
    return np.asarray(image)


def electrodes_on_floor(plotter: Any, seen: Scene, camera: Camera, sight: Sight) -> None:
    """The electrodes in colours of the current density, on the floor, without the liquid."""
    places, metal = camera.world(seen.points), np.isfinite(seen.density)
    floor = _surface(places, seen.faces[seen.below & ~metal])
    plotter.add_mesh(floor, color=BARE, lighting=False)
    electrodes = _surface(places, seen.faces[metal])
    electrodes.cell_data["i"] = seen.density[metal]
    _coloured(plotter, electrodes, "i", sight)
    _draw_lines(plotter, camera, _segments(places, _low_lines(seen)))


def cut_layer(plotter: Any, seen: Scene, camera: Camera, sight: Sight) -> None:
    """The liquid behind the cut, and the floor before it, in colours of the salt."""
    import pyvista

    places = camera.world(seen.points)
    kinds = np.full(len(seen.tetrahedra), pyvista.CellType.TETRA)
    cells = np.column_stack([np.full(len(seen.tetrahedra), 4), seen.tetrahedra])
    liquid = pyvista.UnstructuredGrid(cells.ravel(), kinds, places)
    liquid.point_data["c"] = seen.salt
    floor = _surface(places, seen.faces[seen.below])
    floor.point_data["c"] = seen.salt
    cut: Any = {"normal": "y", "origin": (0, seen.cut * UNIT, 0)}
    _coloured(plotter, liquid.clip(**cut, invert=False), "c", sight)
    _coloured(plotter, floor.clip(**cut, invert=True), "c", sight)
    section = liquid.slice(**cut)
    rim = section.extract_feature_edges(boundary_edges=True, feature_edges=False, manifold_edges=False)
    for lines in (
        rim,
        _segments(places, _low_lines(seen)),
        _segments(places, seen.lines()).clip(**cut, invert=False),
    ):
        _draw_lines(plotter, camera, lines)


def _low_lines(seen: Scene) -> Indices:
    """Lines with an electrode or the floor on one side."""
    low = np.unique(seen.faces[seen.below])
    edges = seen.lines()
    return edges[np.isin(edges, low).all(axis=1)]


def _surface(places: Array, faces: Indices) -> Any:
    import pyvista

    return pyvista.PolyData.from_regular_faces(places, faces)


def _coloured(plotter: Any, mesh: Any, name: str, sight: Sight) -> None:
    limits = (sight.norm.vmin, sight.norm.vmax)
    plotter.add_mesh(
        mesh, scalars=name, clim=limits, cmap=sight.colours, lighting=False, show_scalar_bar=False
    )


def _segments(places: Array, edges: Indices) -> Any:
    import pyvista

    return pyvista.PolyData(places, lines=np.column_stack([np.full(len(edges), 2), edges]).ravel())


def _draw_lines(plotter: Any, camera: Camera, lines: Any) -> None:
    """Black lines just before the faces on which they lie."""
    lines.points = np.asarray(lines.points) + camera.back * LIFT * camera.size[0]
    plotter.add_mesh(lines, color="black", line_width=LINE, lighting=False)

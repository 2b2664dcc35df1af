"""Pictures of a solid: what they show is prepared without PyVista, what they look like needs it.

The layer is 4 x 1 x 0.5 um. The working electrode, 100 nm thick, lies left of x = 0, the counter electrode,
flush, right of x = 2 um. Samples lie at the points (1/6, 1/6), (2/3, 1/6), (1/6, 2/3) of the mesh's own
tagged facets, a third of the area each.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

from thincell.geometry.columns import boundary_lines
from thincell.geometry.planemesh import PlanMesh
from thincell.geometry.solid import SolidMesh, extrude
from thincell.geometry.tags import Tag
from thincell.studies import cli, names, report
from thincell.studies.case import Case
from thincell.studies.frames import Frame, pack
from thincell.studies.render import draw
from thincell.studies.render.camera import Camera
from thincell.studies.render.scene import DOWN, UP, Scene, assemble, boundary, scene
from thincell.studies.results import Run
from thincell.studies.schema.errors import InputError

UM, STEP, HEIGHT = 1e-6, 100e-9, 500e-9
TAGS = {"working": Tag.WORKING, "counter": Tag.COUNTER}
Law = Callable[[Any], Any]


def box() -> SolidMesh:
    x, y = np.meshgrid(np.linspace(-1, 3, 21), np.linspace(-0.4, 0.6, 9), indexing="ij")
    points, number = UM * np.column_stack([x.ravel(), y.ravel()]), np.arange(x.size).reshape(x.shape)
    a, b, c, d = (
        n.ravel() for n in (number[:-1, :-1], number[1:, :-1], number[:-1, 1:], number[1:, 1:])
    )
    triangles = np.concatenate([np.column_stack([a, b, d]), np.column_stack([a, d, c])])
    middle = points[triangles].mean(axis=1)[:, 0]
    regions = np.where(middle < 0, Tag.WORKING, np.where(middle > 2 * UM, Tag.COUNTER, 0))
    lines = boundary_lines(triangles)
    tags = np.full(len(lines), int(Tag.INSULATOR), dtype=np.int32)
    plan = PlanMesh(points, triangles, lines, tags, regions.astype(np.int32))
    thickness = np.zeros(max(Tag) + 1)
    thickness[Tag.WORKING] = STEP
    return extrude(plan, np.linspace(0, HEIGHT, 6), lambda p: np.full(len(p), HEIGHT), thickness)


SOLID = box()
FRAME = Frame(
    2.0, SOLID.points, SOLID.tetrahedra, {names.CONCENTRATION.name: 1e3 + SOLID.points[:, 0] / UM}
)


def samples(tag: Tag) -> tuple[Any, Any]:
    """Places and areas of the samples of an electrode, mixed up."""
    corners = SOLID.points[SOLID.facets[SOLID.facet_tags == tag]]
    shares = np.array([[4, 1, 1], [1, 4, 1], [1, 1, 4]]) / 6
    a, b, c = corners.transpose(1, 0, 2)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    places, weights = (shares @ corners).reshape(-1, 3), np.repeat(area / 3, 3)
    order = np.random.default_rng(1).permutation(len(places))
    return places[order], weights[order]


def made(law: Law = lambda p: 100 + 0 * p[:, 0]) -> Scene:
    """The scene of a current density that is -law on the working and law on the counter electrode."""
    found = {name: samples(tag) for name, tag in TAGS.items()}
    density = {
        name: (-1 if name == "working" else 1) * law(places) for name, (places, _) in found.items()
    }
    return assemble(
        FRAME, {k: v[0] for k, v in found.items()}, density, {k: v[1] for k, v in found.items()}
    )


def solid_run(law: Law = lambda p: np.where(p[:, 0] < UM, 100.0, 200.0), view: str = "solid") -> Run:
    parts = {name: samples(tag) for name, tag in TAGS.items()}
    places = np.concatenate([part[0] for part in parts.values()])
    profiles = {
        names.TIME.name: np.full(len(places), FRAME.time),
        names.ELECTRODE.name: np.repeat(list(parts), [len(part[1]) for part in parts.values()]),
        **{f"{letter} [m]": places[:, k] for k, letter in enumerate("xyz")},
        names.AREA.name: np.concatenate([part[1] for part in parts.values()]),
        names.LOCAL.name: law(places),
    }
    case = Case.parse(
        {
            "title": "a box",
            "cell": {"type": "chip", "height": "500 nm", "gap": "2 um", "view": view},
            "electrolyte": {"name": "LiPF6-EC-DMC"},
            "reactions": {"lithium": {"name": "Li/Li+"}},
            "protocol": [{"plate": "10 mA/cm^2", "for": "2 s"}],
        }
    )
    return Run(case, profiles=profiles, maps=pack([FRAME]))


# -- the scene --------------------------------------------------------------------------------------


def test_boundary_is_closed_and_looks_outwards() -> None:
    """Normals add up to nothing, and by Gauss' theorem to three times the volume."""
    faces, normals = boundary(SOLID.points, SOLID.tetrahedra)
    assert len(faces) == len(SOLID.facets)
    np.testing.assert_allclose(normals.sum(axis=0), 0, atol=1e-12 * UM**2)
    middles = SOLID.points[faces].mean(axis=1)
    volume = np.einsum("ij,ij->", middles, normals) / 3
    assert volume == pytest.approx((4 * 0.5 - 0.1) * UM**3, rel=1e-12)


def test_electrodes_are_found_with_their_sides() -> None:
    found = made()
    area = [found.area[found.electrode == k].sum() / UM**2 for k in (1, 2)]
    assert area == pytest.approx([1 + 0.1, 1.0])
    assert found.area[found.facing == UP].sum() / UM**2 == pytest.approx(4.0)
    assert found.area[found.facing == DOWN].sum() / UM**2 == pytest.approx(4.0)
    assert found.area[found.below].sum() / UM**2 == pytest.approx(4.0 + 0.1)


def test_faces_carry_the_mean_of_their_samples() -> None:
    """Of a linear law that is its value in the middle; with the areas it makes the whole current."""
    found = made(lambda p: 100 + 30 * p[:, 0] / UM + 20 * p[:, 1] / UM)
    metal = found.electrode > 0
    x, y, _ = found.points[found.faces].mean(axis=1).T / UM
    np.testing.assert_allclose(found.density[metal], (100 + 30 * x + 20 * y)[metal], rtol=1e-9)
    assert np.isnan(found.density[~metal]).all()
    counter = found.electrode == 2
    current = (found.density * found.area)[counter].sum() / UM**2
    assert current == pytest.approx(100 + 30 * 2.5 + 20 * 0.1)


def test_outlines_are_drawn() -> None:
    """In um: the lid's rim; the lower one, twice over the step of 0.1; corners; the step and the outline."""
    found = made()
    ends = found.points[found.lines()] / UM
    assert len(np.unique(found.lines(), axis=0)) == len(ends)
    length = np.linalg.norm(np.diff(ends, axis=1), axis=2).sum()
    rims, corners, inner = 10.0 + (10.0 + 2 * 0.1), 2 * 0.4 + 2 * 0.5, 2 * 1.0 + 1.0
    assert length == pytest.approx(rims + corners + inner)


def test_samples_beside_the_mesh_are_refused() -> None:
    places, weights = samples(Tag.WORKING)
    off = {"working": np.add(places, (0, 0, 1e-9)), "counter": places}
    ones = {name: np.ones(len(places)) for name in off}
    with pytest.raises(ValueError, match="do not lie"):
        assemble(FRAME, off, ones, dict.fromkeys(off, weights))


def test_few_high_values_do_not_set_the_scale() -> None:
    """1000 in the triangle at the far corner of the counter electrode, 0.6 % of the area; 100 elsewhere."""

    def law(places: Any) -> Any:
        u, v = (places[:, 0] / UM - 2.8) / 0.2, (places[:, 1] / UM - 0.475) / 0.125
        return np.where((v > 0) & (u > v), 1000.0, 100.0)

    found = made(law)
    assert found.span == pytest.approx((100.0, 100.0))
    assert np.nanmax(found.density) == pytest.approx(1000.0)
    assert (found.density > 101.0).sum() == 1


def test_height_is_stretched_by_a_round_factor() -> None:
    """The height may have 0.15 of 4 um at most, and is never made smaller."""
    found = made()
    assert found.stretch == 1.0
    wide = Scene(**{**vars(found), "points": found.points * [10, 1, 1]})
    assert wide.stretch == 10.0
    assert made().cut == 0.0


def test_camera_sees_everything_and_stretches_heights() -> None:
    camera = Camera.on(SOLID.points, 5.0)
    seen = camera.screen(SOLID.points)
    assert (seen > camera.low).all()
    assert (seen < camera.high).all()
    axes = [np.linalg.norm(camera.screen(np.eye(3)[k] * UM)) for k in range(3)]
    above, aside = np.radians(38), np.radians(18)
    assert axes[0] == pytest.approx(np.hypot(np.cos(aside), np.sin(aside) * np.sin(above)))
    assert axes[1] == pytest.approx(np.hypot(np.sin(aside), np.cos(aside) * np.sin(above)))
    assert axes[2] == pytest.approx(5 * np.cos(above))
    np.testing.assert_allclose(
        [camera.focus @ camera.right, camera.focus @ camera.up], (camera.low + camera.high) / 2
    )


def test_scene_of_a_run() -> None:
    found = scene(solid_run())
    assert found.time == 2.0
    assert found.span == pytest.approx((100.0, 200.0))
    np.testing.assert_array_equal(found.salt, FRAME.fields[names.CONCENTRATION.name])
    np.testing.assert_allclose(found.centre("counter"), [2.5 * UM, 0.1 * UM, 0], atol=1e-12)


# -- what is refused --------------------------------------------------------------------------------


def test_only_solids_are_drawn() -> None:
    with pytest.raises(InputError, match=r"view = 'solid'"):
        scene(solid_run(view="plan"))


def test_without_pyvista_the_command_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(report, "read_run", lambda folder: solid_run())
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as end:
        cli.main(["render", str(tmp_path)])
    assert end.value.code == 2
    assert "pip install 'thincell[viz]'" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


# -- pictures ---------------------------------------------------------------------------------------


def test_pixels_have_the_colours_of_their_values() -> None:
    """Where the camera projects the middle of an electrode, its colour is; beside it that of the floor."""
    pytest.importorskip("pyvista")
    run = solid_run()
    seen = scene(run)
    camera = Camera.on(seen.points, seen.stretch)
    pixels = draw.photograph(seen, camera, draw.sights(run, seen)[0])
    height, width, _ = pixels.shape
    colours = colormaps[draw.CURRENT]
    bare = [int(draw.BARE[k : k + 2], 16) for k in (1, 3, 5)]
    top = [-0.5 * UM, 0.1 * UM, STEP]
    for place, colour in (
        (top, np.array(colours(0.0)[:3]) * 255),
        (seen.centre("counter"), np.array(colours(1.0)[:3]) * 255),
        ([UM, 0.1 * UM, 0.0], bare),
    ):
        x, y = (camera.screen(np.array(place)) - camera.low) / camera.size
        found = pixels[round((1 - y) * height), round(x * width)]
        np.testing.assert_allclose(found, colour, atol=3)


def test_uniform_fields_have_a_scale() -> None:
    """A thousandth of the value, or the scale would show rounding errors."""
    current, salt = draw.sights(solid_run(lambda p: np.full(len(p), 100.0)), made())
    assert (current.norm.vmin, current.norm.vmax) == pytest.approx((100.0, 100.1))
    assert (salt.norm.vmin, salt.norm.vmax) == pytest.approx((999.0, 1003.0))


def test_pictures_are_written(tmp_path: Path) -> None:
    pytest.importorskip("pyvista")
    paths = draw.write_pictures(solid_run(), tmp_path)
    assert [path.name for path in paths] == ["solid-current.png", "solid-concentration.png"]
    for path in paths:
        with Image.open(path) as picture:
            assert picture.width == 1036
            assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 200

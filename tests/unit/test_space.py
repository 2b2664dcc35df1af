"""Geometry of a deposit in space: the front's triangles, distances from them, columns, measures of a body."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from thincell.geometry.columns import boundary_lines
from thincell.geometry.planemesh import PlanMesh
from thincell.geometry.solid import SolidMesh, extrude
from thincell.geometry.tags import Tag
from thincell.studies import names as names_of
from thincell.studies.figures.box import THICKNESS, GrownInSpace, projected
from thincell.studies.frames import METAL, Frame
from thincell.studies.growth.segments import nearby, sizes
from thincell.studies.growth.surface import closest_on_triangles, triangles
from thincell.studies.morphology import names
from thincell.studies.morphology.columns import Columns
from thincell.studies.morphology.space import Body, measure

Array = NDArray[np.float64]

DELTA = 0.04


def box(count: int, width: float = 2.0, height: float = 1.0) -> SolidMesh:
    """Columns over a square about 0."""
    x, y = np.meshgrid(*[np.linspace(-width / 2, width / 2, 2 * count + 1)] * 2, indexing="ij")
    points, number = np.column_stack([x.ravel(), y.ravel()]), np.arange(x.size).reshape(x.shape)
    a, b, c, d = (
        n.ravel() for n in (number[:-1, :-1], number[1:, :-1], number[:-1, 1:], number[1:, 1:])
    )
    cells = np.concatenate([np.column_stack([a, b, d]), np.column_stack([a, d, c])])
    lines = boundary_lines(cells)
    tags = np.full(len(lines), int(Tag.INSULATOR), dtype=np.int32)
    plan = PlanMesh(points, cells, lines, tags, np.zeros(len(cells), dtype=np.int32))
    flat = np.zeros(max(Tag) + 1)
    return extrude(plan, np.linspace(0, height, count + 1), lambda p: np.full(len(p), height), flat)


def ball(mesh: SolidMesh, centre: tuple[float, float, float], radius: float) -> Array:
    """A tanh profile."""
    away = np.linalg.norm(mesh.points - np.array(centre), axis=1) - radius
    return np.asarray(0.5 * (1 - np.tanh(away / (2 * DELTA))))


def body(mesh: SolidMesh, metal: Array) -> Body:
    front = triangles(mesh.tetrahedra, metal - 0.5, mesh.points)
    return Body(metal, mesh.points, mesh.tetrahedra, front, DELTA, lambda p: np.hypot(*p[:, :2].T) < 0.9)


def test_area_of_a_sphere_converges_with_second_order() -> None:
    exact, errors = 4 * math.pi * 0.35**2, []
    for count in (8, 16):
        mesh = box(count)
        level = 0.35 - np.linalg.norm(mesh.points - [0.01, 0.02, 0.5], axis=1)
        front = triangles(mesh.tetrahedra, level, mesh.points)
        assert np.abs(np.linalg.norm(front - [0.01, 0.02, 0.5], axis=2) - 0.35).max() < 0.02
        errors.append(abs(sizes(front).sum() / exact - 1))
    assert errors[1] < 0.01
    assert math.log2(errors[0] / errors[1]) > 1.7


def test_every_level_of_a_plane_is_found() -> None:
    """One, two and three corners inside: the plane's area is that of the square."""
    mesh = box(4)
    for tilt in ([0, 0, 1], [0.2, 0.1, 1], [-0.3, 0.15, 1]):
        level = 0.487 - (mesh.points - [0, 0, 0]) @ tilt
        area = sizes(triangles(mesh.tetrahedra, level, mesh.points)).sum()
        assert area == pytest.approx(4 * np.linalg.norm(tilt), rel=1e-12)


def test_closest_points_beat_all_others() -> None:
    """Against a fine lattice of points in each triangle, slivers and points included."""
    random = np.random.default_rng(3)
    corners, points = random.normal(size=(200, 3, 3)), random.normal(size=(200, 3))
    corners[:20, 2] = 0.3 * corners[:20, 0] + 0.7 * corners[:20, 1]  # no area
    corners[20:25, 1] = corners[20:25, 2] = corners[20:25, 0]  # no length
    found, shares = closest_on_triangles(points, corners)
    assert np.all(shares >= 0)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    place = np.einsum("nk,nkd->nd", shares, corners)
    np.testing.assert_allclose(np.linalg.norm(points - place, axis=1), found, atol=1e-9)
    a, b = (g.ravel() for g in np.meshgrid(*[np.linspace(0, 1, 41)] * 2))
    inside = a + b <= 1 + 1e-12
    lattice = np.column_stack([1 - a - b, a, b])[inside]
    others = np.einsum("qk,nkd->nqd", lattice, corners)
    least = np.linalg.norm(points[:, None] - others, axis=2).min(axis=1)
    assert np.all(found <= least + 1e-9)
    assert np.all(found >= least - 0.1)


def test_distance_and_value_near_a_sphere() -> None:
    """The value is that of the nearest point: x/r of the direction."""
    mesh = box(16)
    centre = np.array([0.0, 0.0, 0.5])
    level = 0.3 - np.linalg.norm(mesh.points - centre, axis=1)
    found = nearby(
        mesh.points, triangles(mesh.tetrahedra, level, np.column_stack([mesh.points] * 2)[:, :4]), 0.2
    )
    assert len(found.nodes) > 500
    np.testing.assert_allclose(found.distance, np.abs(level[found.nodes]), atol=0.004)
    out = mesh.points[found.nodes] - centre
    np.testing.assert_allclose(
        found.values[:, 0], 0.3 * out[:, 0] / np.linalg.norm(out, axis=1), atol=0.03
    )


def test_columns_of_a_box() -> None:
    mesh = box(4)
    columns = Columns.of(mesh.points, mesh.tetrahedra)
    assert len(columns.points) == 81
    assert columns.areas.sum() == pytest.approx(4.0)
    z = mesh.points[:, 2]
    np.testing.assert_allclose(columns.integral(np.ones(len(z))), 1.0)
    np.testing.assert_allclose(columns.integral(z), 0.5)
    np.testing.assert_allclose(columns.largest(z), 1.0)
    np.testing.assert_allclose(columns.tops(), 1.0)
    np.testing.assert_allclose(columns.highest(1 - z, 0.4), 0.6)
    np.testing.assert_allclose(columns.highest(z, 2.0), 0.0)
    np.testing.assert_allclose(columns.highest(z, 0.1), 1.0)


def test_other_meshes_are_refused() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.2, 0.2, 1.0]])
    with pytest.raises(ValueError, match="columns"):
        Columns.of(points, np.array([[0, 1, 2, 3]]))


def test_measures_of_half_a_sphere_and_a_ball_above() -> None:
    mesh, r, small = box(24), 0.4, 0.15
    metal = np.maximum(ball(mesh, (0, 0, 0), r), ball(mesh, (0.75, 0, 0.7), small))
    found = measure(body(mesh, metal), math.pi * 0.9**2)
    half = 2 / 3 * math.pi * (r**3 + (math.pi * DELTA) ** 2 * r)
    whole = 4 / 3 * math.pi * (small**3 + (math.pi * DELTA) ** 2 * small)
    assert found[names.METAL_VOLUME.name] == pytest.approx(half + whole, rel=0.02)
    assert found[names.TIP_HEIGHT.name] == pytest.approx(r, rel=0.01)
    assert found[names.PIECES.name] == 2
    assert found[names.DEAD_SHARE.name] == pytest.approx(small**3 / (small**3 + r**3 / 2), rel=0.15)
    area = 2 * math.pi * r**2 + 4 * math.pi * small**2
    assert found[names.FRONT_AREA.name] == pytest.approx(area, rel=0.02)
    assert found[names.SHADOW.name] == pytest.approx(math.pi * r**2, rel=0.03)
    assert found[names.COVERED.name] == pytest.approx((r / 0.9) ** 2, rel=0.03)
    assert list(found) == [name.name for name in names.MEASURES_IN_SPACE]


def test_roughness_of_a_wave() -> None:
    mesh = box(24)
    x, _, z = mesh.points.T
    metal = 0.5 * (1 - np.tanh((z - 0.4 - 0.1 * np.sin(2 * math.pi * x)) / (2 * DELTA)))
    found = measure(body(mesh, metal), math.pi * 0.9**2)
    assert found[names.ROUGHNESS_IN_SPACE.name] == pytest.approx(0.1 / math.sqrt(2), rel=0.1)
    assert found[names.COVERED.name] == pytest.approx(1.0)
    assert found[names.DEAD_SHARE.name] == 0.0


def test_bare_electrode_has_measures() -> None:
    mesh = box(4)
    found = measure(body(mesh, np.zeros(len(mesh.points))), 1.0)
    assert found[names.METAL_VOLUME.name] == found[names.TIP_HEIGHT.name] == 0.0
    assert math.isnan(found[names.FOLDING_IN_SPACE.name])


def test_projection_keeps_the_metal_and_knows_the_dead() -> None:
    """Thickness sums to the volume, the salt is the liquid's mean, the ball above the glass is dead."""
    mesh = box(16)
    metal = np.maximum(ball(mesh, (0, 0, 0), 0.4), ball(mesh, (0.75, 0, 0.7), 0.15))
    salt = np.where(metal > 0.5, np.nan, 3.0)
    fields = {METAL: metal, names_of.CONCENTRATION.name: salt, names_of.PHI.name: 0 * metal}
    one = body(mesh, metal)
    flat = projected(Frame(2.0, mesh.points, mesh.tetrahedra, fields), one)
    thick = flat.fields[THICKNESS][flat.triangles].mean(axis=1)
    volume = measure(one, 1.0)[names.METAL_VOLUME.name]
    assert (thick * one.columns.areas).sum() == pytest.approx(volume, rel=1e-5)
    outside = np.hypot(*flat.points.T) > 0.7
    beside = outside & (np.hypot(flat.points[:, 0] - 0.75, flat.points[:, 1]) > 0.4)
    np.testing.assert_allclose(flat.fields[names_of.CONCENTRATION.name][beside], 3.0, rtol=1e-3)
    seen = GrownInSpace("", [flat], {}, 1.0, None, bodies={flat: one})
    dead = seen.dead(flat)
    assert dead.any()
    np.testing.assert_allclose(flat.points[dead].mean(axis=0), [0.75, 0], atol=0.02)
    assert seen.thickness(flat).max() == pytest.approx(1.0)

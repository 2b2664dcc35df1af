"""A plan extruded to tetrahedra: volume, areas by tag, neighbours that fit, and its deal over ranks."""

from __future__ import annotations

import numpy as np
import pytest

from thincell.geometry.columns import boundary_lines
from thincell.geometry.distribute import as_arrays, bisect, from_arrays
from thincell.geometry.planemesh import PlanMesh
from thincell.geometry.solid import SolidMesh, extrude
from thincell.geometry.tags import Tag

HEIGHT, STEP = 0.5, 0.1


def plan(columns: int = 20, rows: int = 8) -> PlanMesh:
    """The working electrode left of x = 0, the counter electrode right of x = 2, open ends."""
    x, y = np.meshgrid(np.linspace(-1, 3, columns + 1), np.linspace(0, 1, rows + 1), indexing="ij")
    points, number = np.column_stack([x.ravel(), y.ravel()]), np.arange(x.size).reshape(x.shape)
    a, b, c, d = (
        n.ravel() for n in (number[:-1, :-1], number[1:, :-1], number[:-1, 1:], number[1:, 1:])
    )
    triangles = np.concatenate([np.column_stack([a, b, d]), np.column_stack([a, d, c])])
    middle = points[triangles].mean(axis=1)[:, 0]
    regions = np.where(middle < 0, Tag.WORKING, np.where(middle > 2, Tag.COUNTER, 0)).astype(np.int32)
    lines = boundary_lines(triangles)
    ends = points[lines].mean(axis=1)[:, 0]
    tags = np.full(len(lines), int(Tag.INSULATOR), dtype=np.int32)
    tags[ends < -1 + 1e-9], tags[ends > 3 - 1e-9] = Tag.INLET, Tag.OUTLET
    return PlanMesh(points, triangles, lines, tags, regions)


def box(bulge: float = 0.0) -> SolidMesh:
    """The working electrode STEP thick, the other one flush; the lid is a roof over y."""
    thickness = np.zeros(max(Tag) + 1)
    thickness[Tag.WORKING] = STEP
    levels = np.linspace(0, HEIGHT, 6)
    return extrude(plan(), levels, lambda p: HEIGHT + bulge * (1 - np.abs(2 * p[:, 1] - 1)), thickness)


def areas(solid: SolidMesh) -> dict[int, float]:
    a, b, c = (solid.points[solid.facets[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return {int(tag): float(area[solid.facet_tags == tag].sum()) for tag in np.unique(solid.facet_tags)}


def volume(solid: SolidMesh) -> float:
    a, b, c, d = (solid.points[solid.tetrahedra[:, k]] for k in range(4))
    return float(np.abs(np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a)).sum() / 6)


@pytest.mark.parametrize("bulge", [0.0, 0.2])
def test_volume_is_that_of_the_liquid(bulge: float) -> None:
    assert volume(box(bulge)) == pytest.approx(4 * (HEIGHT + bulge / 2) - STEP, rel=1e-12)


def test_electrodes_have_their_faces_and_sides() -> None:
    found = areas(box())
    assert found[Tag.WORKING] == pytest.approx(1 + STEP)
    assert found[Tag.COUNTER] == pytest.approx(1.0)
    assert found[Tag.INLET] == pytest.approx(HEIGHT - STEP)
    assert found[Tag.OUTLET] == pytest.approx(HEIGHT)
    sides = 2 * (4 * HEIGHT - STEP)
    assert found[Tag.INSULATOR] == pytest.approx(sides + 4 + 2)


def test_electrode_keeps_its_thickness_under_a_bulged_lid() -> None:
    assert areas(box(0.2))[Tag.WORKING] == pytest.approx(1 + STEP)


def test_arrays_come_back_as_the_same_kind() -> None:
    for made in (plan(), box()):
        again = from_arrays({**as_arrays(made), "state 0": np.zeros(1)})
        assert type(again) is type(made)
        assert np.array_equal(again.points, made.points)


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 8])
def test_parts_are_of_equal_size(parts: int) -> None:
    places = np.random.default_rng(0).uniform(size=(997, 2)) * [1.0, 5.0]
    sizes = np.bincount(bisect(places, parts), minlength=parts)
    assert len(sizes) == parts
    assert sizes.max() - sizes.min() <= parts

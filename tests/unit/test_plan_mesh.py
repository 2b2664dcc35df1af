"""Plan views: checks of the layout; meshes that conform, are graded, well shaped, and estimated."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from thincell.geometry.outlines import Bar, Comb, Disc, Ring, Tip
from thincell.geometry.plan import Area, Plan, TaggedPlane, plan_mesh, surrounding
from thincell.geometry.plansize import PlanGrading, estimate_nodes, wanted_sizes
from thincell.geometry.tags import Tag

UM = 1e-6
Floats = NDArray[np.float64]


@cache
def plan(name: str) -> Plan:
    """A tip in a chip of 1 mm, interdigitated combs, a disc in an open ring, and bars across the liquid."""
    comb = Comb(-20 * UM, 0, 3, 4 * UM, 2 * UM, 40 * UM, 10 * UM)
    pairs = {
        "tip": (
            Tip(0, 0, 20 * UM, 200 * UM, math.radians(30), 1 * UM),
            Bar(45 * UM, 0, 50 * UM, 300 * UM),
        ),
        "combs": (comb, comb.partner()),
        "ring": (Disc(0, 0, 10 * UM), Ring(0, 0, 15 * UM, 25 * UM, 1.0, 0.3)),
        "bars": (Bar(-5 * UM, 0, 10 * UM, 1e-3, 0.03), Bar(30 * UM, 0, 20 * UM, 1e-3)),
    }
    electrodes = [
        Area(t, s.polygon()) for t, s in zip((Tag.WORKING, Tag.COUNTER), pairs[name], strict=True)
    ]
    liquid = shapely.box(-0.5e-3, -0.25e-3, 0.5e-3, 0.25e-3)
    return Plan(liquid, tuple(electrodes), "reservoir")


GRADING = PlanGrading(1 * UM, 50 * UM, 1.3, Bar(0, 0, 50 * UM, 80 * UM), 5 * UM, 0.1)
NAMES = ("tip", "combs", "ring", "bars")


@cache
def meshed(name: str) -> TaggedPlane:
    return plan_mesh(plan(name), GRADING)


def corners(tagged: TaggedPlane) -> Floats:
    return tagged.mesh.points[tagged.mesh.triangles]


@pytest.mark.parametrize("name", NAMES)
def test_mesh_conforms(name: str) -> None:
    """Areas of all regions to 1e-12, and every triangle inside of its own region."""
    layout, tagged = plan(name), meshed(name)
    wet = layout.liquid.area
    for area in layout.electrodes:
        assert tagged.area(area.tag) == pytest.approx(layout.footprint(area.tag), rel=1e-12)
        assert layout.footprint(area.tag) == pytest.approx(area.polygon.area, rel=1e-9)
        middle = corners(tagged)[tagged.regions == area.tag].mean(axis=1)
        assert shapely.contains_xy(area.polygon, middle).all()
        wet -= layout.footprint(area.tag)
    assert tagged.area(0) == pytest.approx(wet, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_angles_above_15_degrees(name: str) -> None:
    p = corners(meshed(name))
    a, b = p[:, [1, 2, 0]] - p, p[:, [2, 0, 1]] - p
    angle = np.arctan2(np.abs(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]), (a * b).sum(axis=-1))
    assert np.degrees(angle.min()) > 15


@pytest.mark.parametrize("name", NAMES)
def test_grading_is_respected(name: str) -> None:
    """Edges are not longer than 1.6 times the wanted size, nor half of them shorter than 0.6 times."""
    p = corners(meshed(name))
    wanted = wanted_sizes(plan(name), GRADING).at(p.mean(axis=1))
    longest = np.linalg.norm(p - p[:, [1, 2, 0]], axis=2).max(axis=1)
    assert np.max(longest / wanted) < 1.6
    assert np.median(longest / wanted) > 0.6


@pytest.mark.parametrize("name", NAMES)
def test_nodes_are_estimated_within_30_percent(name: str) -> None:
    assert estimate_nodes(plan(name), GRADING) == pytest.approx(len(meshed(name).mesh.points), rel=0.3)


def test_boundary_tags() -> None:
    mesh = meshed("bars").mesh
    length = np.linalg.norm(np.diff(mesh.points[mesh.lines], axis=1)[:, 0], axis=1)
    for tag, expected in ((Tag.INLET, 0.5e-3), (Tag.OUTLET, 0.5e-3), (Tag.INSULATOR, 2e-3)):
        assert length[mesh.line_tags == tag].sum() == pytest.approx(expected, rel=1e-9)


def test_surrounding_adds_margins() -> None:
    area = Area(Tag.WORKING, Bar(0, 0, 2 * UM, 4 * UM).polygon())
    assert surrounding([area], 1 * UM, 2 * UM, 3 * UM).bounds == pytest.approx(
        (-2 * UM, -5 * UM, 3 * UM, 5 * UM)
    )


@pytest.mark.parametrize(
    ("x", "ends", "text"),
    [
        (9.0, "closed", "working and the counter electrode overlap"),
        (10.0, "closed", "working and the counter electrode are 0 m apart"),
        (10.0005, "closed", "working and the counter electrode are 5e-10 m apart"),
        (300.0, "closed", "counter electrode lies outside the liquid"),
        (44.9995, "closed", "counter electrode ends 5e-10 m before"),
        (46.0, "reservoir", "counter electrode touches the outlet"),
    ],
)
def test_layouts_that_cannot_be(x: float, ends: str, text: str) -> None:
    bars = [Bar(0, 0, 10 * UM, 20 * UM), Bar(x * UM, 0, 10 * UM, 20 * UM)]
    areas = tuple(Area(t, b.polygon()) for t, b in zip((Tag.WORKING, Tag.COUNTER), bars, strict=True))
    with pytest.raises(ValueError, match=text):
        Plan(shapely.box(-50 * UM, -50 * UM, 50 * UM, 50 * UM), areas, ends)  # type: ignore[arg-type]


def test_one_area_for_each_electrode() -> None:
    area = Area(Tag.WORKING, Disc(0, 0, UM).polygon())
    with pytest.raises(ValueError, match="2 working electrodes"):
        Plan(shapely.box(-1, -1, 1, 1), (area, area))

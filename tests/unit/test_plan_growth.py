"""Deposits seen from above before they grow: the rim, its mesh, its measures, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from thincell.geometry.tags import Tag
from thincell.studies.case import Case
from thincell.studies.compare import twin
from thincell.studies.frames import Frame
from thincell.studies.growth import telling
from thincell.studies.growth.beginning import profile
from thincell.studies.growth.ground import Floor, Rim, ground_of
from thincell.studies.growth.groups import front_speed
from thincell.studies.growth.telling import table
from thincell.studies.meshing import count_unknowns, fields, make_mesh
from thincell.studies.morphology.above import measure
from thincell.studies.morphology.shape import Sheet
from thincell.studies.morphology.verdict import Verdict
from thincell.studies.names import METAL
from thincell.studies.schema.errors import InputError

BAR = {
    "title": "a deposit from above",
    "cell": {
        "type": "chip", "view": "plan", "height": "500 nm", "gap": "4 um", "margin": "1 um",
        "margin_working": "0 um", "margin_sides": "0 um", "length": "3 um",
        "working": {"width": "2 um", "thickness": "0 nm"},
        "counter": {"width": "2 um", "thickness": "0 nm"},
    },
    "electrolyte": {"name": "LiPF6-EC-DMC"},
    "reactions": {"plating": {"name": "Li/Li+"}},
    "protocol": [{"plate": "10 mA/cm^2", "for": "1 s"}],
    "deposit": {"interface": "40 nm", "film": "200 nm", "cells": 1.0, "band": 4.0},
    "output": {"figures": False, "fields": False},
}  # fmt: skip

DISC = {"shape": "disc", "x": "0 um", "radius": "1 um"}
RING = {"shape": "ring", "x": "0 um", "inner": "5 um", "outer": "6 um"}
ROUND = {
    "cell.working.outline": DISC, "cell.counter.outline": RING, "cell.margin_working": "1 um",
    "cell.margin_sides": "1 um",
}  # fmt: skip
AROUND = {"cell.margin_working": "1 um", "cell.margin_sides": "1 um"}

SEED = {"x": "0 um", "y": "0.5 um", "radius": "200 nm"}


def case(**changes: Any) -> Case:
    return Case.parse(BAR).changed(changes)


def rim(**changes: Any) -> Rim:
    found = ground_of(case(**changes))
    assert isinstance(found, Rim)
    return found


# -- the ground -------------------------------------------------------------------------------------------


def test_rim_of_a_bar_is_its_one_free_side() -> None:
    found = rim()
    assert found.length == pytest.approx(3e-6)
    assert found.room == pytest.approx(4e-6)
    assert found.focus == pytest.approx(2e-6 / 0.5e-6)
    points = np.array([[1e-6, 0.2e-6], [0.3e-6, -1.5e-6]])
    assert found.distance(points) == pytest.approx(points[:, 0])
    assert found.at(found.along(points)) == pytest.approx(
        np.column_stack([[0, 0], points[:, 1]]), abs=1e-15
    )


def test_rim_of_a_disc_is_its_circumference() -> None:
    """A polygon of 72 sides with its corners on the circle."""
    found, side = rim(**ROUND), 2 * 1e-6 * math.sin(math.pi / 72)
    assert found.length == pytest.approx(72 * side)
    assert found.distance(np.array([[3e-6, 0.0], [0.0, -2e-6]])) == pytest.approx([2e-6, 1e-6], rel=1e-3)
    places = np.linspace(*found.ends, 50)[1:-1]
    assert found.along(found.at(places)) == pytest.approx(places, abs=1e-12)
    length, curvature, beneath, _ = found.film(1e-6)
    assert (length, beneath) == pytest.approx((4 * math.pi * 1e-6, 1e-6), rel=2e-3)
    assert curvature == pytest.approx(1e6, rel=2e-3)


def test_a_bar_with_liquid_around_grows_on_all_sides() -> None:
    assert rim(**AROUND).length == pytest.approx(10e-6)


def test_section_has_a_floor() -> None:
    found = ground_of(
        case(**{"cell.view": "section", "deposit.film": "150 nm", "deposit.interface": "20 nm"})
    )
    assert isinstance(found, Floor)
    assert (found.focus, found.length) == (1.0, pytest.approx(2e-6))


def test_front_is_faster_by_what_the_wall_is_smaller_than_the_footprint() -> None:
    above, cut = case(), case(**{"cell.view": "section", "deposit.interface": "20 nm"})
    assert front_speed(above, 100.0) == pytest.approx(4 * front_speed(cut, 100.0))


# -- the mesh ---------------------------------------------------------------------------------------------

SIZES: dict[str, dict[str, Any]] = {
    "film": {},
    "disc": ROUND,
    "bar with liquid around": AROUND,
    "seed": {"deposit.film": "0 nm", "deposit.seeds": [SEED]},
    "fixed mesh": {"deposit.adaptive": False, "deposit.reach": "1 um"},
}


@pytest.mark.parametrize("name", SIZES)
def test_mesh_is_that_of_the_liquid_and_its_size_is_known(name: str) -> None:
    made = case(**SIZES[name])
    ground, mesh = ground_of(made), make_mesh(made)
    assert isinstance(ground, Rim)
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    area = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2
    assert area.sum() == pytest.approx(ground.liquid.area, rel=1e-9)
    counter = made.cell.footprint(Tag.COUNTER)
    assert area[mesh.regions == Tag.COUNTER].sum() == pytest.approx(counter, rel=1e-9)
    ends = mesh.points[mesh.lines[mesh.line_tags == Tag.WORKING]]
    assert np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum() == pytest.approx(
        ground.length, rel=1e-9
    )
    counted = count_unknowns(made)
    assert counted is not None
    assert counted / fields(made) == pytest.approx(len(mesh.points), rel=0.25)


# -- measures ---------------------------------------------------------------------------------------------


def measured(distance: Any, **changes: Any) -> dict[str, float]:
    """Measures of metal up to a distance function's zero, on a mesh that is fine everywhere near."""
    made = case(**{"deposit.adaptive": False, "deposit.reach": "2.5 um", **changes})
    mesh, ground = make_mesh(made), ground_of(made)
    assert isinstance(ground, Rim)
    return measure(
        Sheet(profile(distance(mesh.points), 40e-9), mesh.points, mesh.triangles, 40e-9), ground
    )


def test_even_film_around_a_disc() -> None:
    found = measured(lambda p: np.hypot(*p.T) - 2e-6, **ROUND)
    assert found["Tip distance [m]"] == pytest.approx(1e-6, rel=2e-3)
    assert found["Tip ratio"] == pytest.approx(1, abs=5e-3)
    assert found["Folding"] == pytest.approx(1, abs=5e-3)
    assert found["Covered share"] == 1
    assert found["Roughness [m]"] < 2e-9
    assert (found["Number of arms"], found["Number of pieces"], found["Dead share"]) == (0, 1, 0)


def box(points: Any, x: float, y: float, width: float, length: float) -> Any:
    """Distance from a rectangle's outline, negative inside."""
    away = np.abs(points - [x, y]) - np.array([width, length]) / 2
    outside = np.hypot(*np.maximum(away, 0).T)
    return outside + np.minimum(away.max(axis=1), 0)


def test_fingers_and_a_side_branch() -> None:
    """A film 0.3 um thick, two fingers 1.5 um long and 0.3 um wide, on one of which a branch stands."""

    def distance(p: Any) -> Any:
        parts = [
            p[:, 0] - 0.3e-6,
            box(p, 0.9e-6, -0.8e-6, 1.8e-6, 0.3e-6),
            box(p, 0.9e-6, 0.4e-6, 1.8e-6, 0.3e-6),
            box(p, 1.2e-6, 0.8e-6, 0.3e-6, 0.8e-6),
        ]
        return np.min(parts, axis=0)

    found = measured(distance)
    assert found["Number of arms"] == 3
    assert found["Number of branches"] == 1
    assert found["Tip distance [m]"] == pytest.approx(1.8e-6, rel=0.02)
    assert found["Arm length [m]"] == pytest.approx(1.5e-6, rel=0.1)
    assert found["Arm aspect"] == pytest.approx(5, rel=0.2)
    assert found["Folding"] > 2


def finger(branches: tuple[float, ...] = ()) -> Any:
    """A function of points: distance from a finger 1.5 um long on a film, with pairs of branches."""
    boxes = [(0.9e-6, 0.0, 1.8e-6, 0.3e-6), *((x, 0.0, 0.18e-6, 1.3e-6) for x in branches)]
    return lambda p: np.min([p[:, 0] - 0.3e-6, *(box(p, *b) for b in boxes)], axis=0)


SHAPES = {
    "film": lambda p: p[:, 0] - 0.5e-6 - 20e-9 * np.cos(2e6 * np.pi * p[:, 1]),
    "globular": lambda p: np.hypot(*p.T) - 0.8e-6,
    "needle": finger(),
    "dendritic": finger((0.8e-6, 1.2e-6)),
}


def judged(distance: Any, **changes: Any) -> tuple[Verdict | None, dict[str, Any]]:
    """The verdict from above and the summary."""
    made = case(**{"deposit.adaptive": False, "deposit.reach": "2.5 um", **changes})
    mesh = make_mesh(made)
    metal = {METAL.name: profile(distance(mesh.points), 40e-9)}
    frame = Frame(1.0, mesh.points, mesh.triangles, metal)
    found = table(made, [frame])
    return telling.judged(made, found, frame), telling.summary(made, found, frame)


@pytest.mark.parametrize("kind", SHAPES)
def test_verdict_on_a_straight_rim_is_that_of_a_section(kind: str) -> None:
    verdict, summary = judged(SHAPES[kind])
    assert verdict is not None
    assert verdict.name == summary["Morphology"] == kind, verdict


def test_no_verdict_on_a_round_rim() -> None:
    verdict, summary = judged(lambda p: np.hypot(*p.T) - 2e-6, **ROUND)
    assert verdict is None
    assert "Morphology" not in summary


def test_half_disc_on_a_bare_rim_and_a_piece_cut_off() -> None:
    def distance(p: Any) -> Any:
        return np.minimum(np.hypot(*p.T) - 0.6e-6, np.hypot(*(p - [2e-6, 0]).T) - 0.6e-6)

    found = measured(distance)
    assert found["Covered share"] == pytest.approx(1.2 / 3, rel=0.02)
    assert found["Tip distance [m]"] == pytest.approx(0.6e-6, rel=0.01)
    assert found["Number of pieces"] == 2
    assert found["Dead share"] == pytest.approx(2 / 3, rel=0.01)
    assert found["Number of arms"] == 1
    area = math.pi * 0.36e-12 * 1.5
    assert found["Even distance [m]"] == pytest.approx(area / 3e-6, rel=0.02)


def test_liquid_that_metal_closes_off_at_the_rim() -> None:
    def distance(p: Any) -> Any:
        return np.maximum(p[:, 0] - 1e-6, 0.3e-6 - np.hypot(*p.T))

    found = measured(distance)
    assert found["Number of voids"] == 1
    assert found["Trapped liquid [m2]"] == pytest.approx(math.pi * 0.09e-12 / 2, rel=0.05)


# -- what is refused --------------------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], str]] = [
    ({"cell.margin_working": "1 um"}, r"cell\.working: .* 2 pieces of liquid"),
    ({"deposit.interface": "300 nm", "deposit.film": "1 um"}, r"deposit\.interface: .* twentieth"),
    ({"deposit.film": "2.5 um"}, r"deposit\.film: .* at most 2e-06 m"),
    ({"deposit.model": "chen-2015"}, r"deposit\.model"),
    ({"deposit.waves": [{"length": "1 um", "amplitude": "20 nm"}]}, r"deposit\.waves"),
    (
        {"deposit.grains": "500 nm", "deposit.kinetic_anisotropy": {"kind": "4-fold", "strength": 0.1}},
        r"deposit\.grains",
    ),
    ({"deposit.seeds": [{**SEED, "z": "10 nm"}]}, r"deposit\.seeds\.0\.z: .* y in its place"),
    ({"deposit.seeds": [{**SEED, "x": "-1 um"}]}, r"deposit\.seeds\.0: .* within the electrode"),
    ({"deposit.seeds": [{**SEED, "x": "3.8 um"}]}, r"deposit\.seeds\.0: .* next electrode"),
    ({"electrolyte.model": "ohmic"}, r"electrolyte\.model"),
    ({"cell.view": "section", "deposit.seeds": [SEED]}, r"deposit\.(seeds\.0\.y|interface)"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        case(**changes)


def test_twin_is_a_coin_strip_at_the_same_nominal_current() -> None:
    above = case(**{"deposit.seeds": [SEED]})
    coin = twin(above)
    assert coin.cell.type == "coin"
    assert coin.protocol[0].current()[0] == pytest.approx(100.0)
    assert coin.deposit is not None
    assert coin.deposit.film == 200e-9
    (seed,) = coin.deposit.seeds  # a third or two thirds along the rim, and so along the strip
    assert -seed.x / 2e-6 == pytest.approx(2 / 3) or -seed.x / 2e-6 == pytest.approx(1 / 3)

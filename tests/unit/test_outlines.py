"""Outlines from above: areas against formulas, combs that interdigitate, tables and their faults."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from thincell.geometry.outlines import CHORD, Bar, Comb, Disc, OutlineError, Polygon, Ring, Tip
from thincell.studies.schema.outlines import Outline

UM = 1e-6
angles = st.floats(-7, 7)
lengths = st.floats(0.1 * UM, 1000 * UM)


@given(lengths, lengths, angles)
def test_bar(width: float, length: float, angle: float) -> None:
    shape = Bar(3 * UM, -2 * UM, width, length, angle).polygon()
    assert shape.area == pytest.approx(width * length, rel=1e-9)
    assert shape.centroid.coords[0] == pytest.approx((3 * UM, -2 * UM), abs=1e-15)


@given(lengths)
def test_disc_is_within_the_chord_error(radius: float) -> None:
    shape = Disc(0, 0, radius).polygon()
    assert 1 - 4 * CHORD / 3 * 1.01 < shape.area / (math.pi * radius**2) < 1
    assert shape.exterior.distance(shape.centroid) >= radius * (1 - CHORD)


@given(st.floats(0.1, 0.9), st.floats(0, 5), angles)
def test_ring(share: float, opening: float, angle: float) -> None:
    outer = 50 * UM
    shape = Ring(0, 0, share * outer, outer, opening, angle).polygon()
    exact = (math.pi - opening / 2) * outer**2 * (1 - share**2)
    assert shape.is_valid
    assert shape.area == pytest.approx(exact, rel=2 * CHORD)
    assert len(shape.interiors) == (opening == 0)


@given(st.floats(0.2, 2.9), st.floats(0, 1), angles)
def test_tip(angle: float, share: float, direction: float) -> None:
    width, half = 10 * UM, angle / 2
    wedge = width / 2 / math.tan(half)
    radius = share * width / 2 / math.cos(half) * (1 - 1e-9)
    lost = radius * (1 / math.sin(half) - 1)
    straight = 20 * UM
    shape = Tip(UM, UM, width, straight + wedge - lost, angle, radius, direction).polygon()
    rounded = radius**2 * (1 / math.tan(half) - (math.pi - angle) / 2)
    assert shape.is_valid
    assert shape.area == pytest.approx(width * straight + width * wedge / 2 - rounded, rel=CHORD)
    along = [
        (x - UM) * math.cos(direction) + (y - UM) * math.sin(direction) for x, y in shape.exterior.coords
    ]
    assert max(along) == pytest.approx(0, abs=1e-15)


@given(st.integers(1, 6), st.just(0.0) | st.floats(0.1, 20), angles)
def test_combs_interdigitate(fingers: int, spine: float, direction: float) -> None:
    comb = Comb(UM, 0, fingers, 4 * UM, 2 * UM, 30 * UM, spine * UM, direction)
    one, other = comb.polygon(), comb.partner().polygon()
    back = spine * ((fingers - 1) * 12 + 4)
    assert one.area == pytest.approx((fingers * 4 * 30 + back) * UM**2, rel=1e-9)
    assert one.is_valid
    assert one.distance(other) == pytest.approx(2 * UM, rel=1e-9)
    bare = replace(comb, spine=0.0).polygon().convex_hull
    assert bare.intersection(other).area == pytest.approx(
        (fingers - 1) * 4 * 28 * UM**2, abs=1e-9 * UM**2
    )
    assert comb.partner(5 * UM).polygon().distance(one) == pytest.approx(2 * UM, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Ring(0, 0, 2, 1), "inner"),
        (lambda: Ring(0, 0, 1, 2, 7.0), "opening"),
        (lambda: Tip(0, 0, 1, 9, math.pi), "angle"),
        (lambda: Tip(0, 0, 1, 9, 1.0, 2.0), "radius"),
        (lambda: Tip(0, 0, 1, 0.1, 1.0), "length"),
        (lambda: Comb(0, 0, 0, 1, 1, 1), "fingers"),
        (lambda: Polygon(((0, 0), (1, 1))), "points"),
        (lambda: Polygon(((0, 0), (1, 1), (1, 0), (0, 1))), "points"),
        (lambda: Polygon(((0, 0), (1, 1), (2, 2))), "points"),
    ],
)
def test_contradictions_name_the_key(make: Any, key: str) -> None:
    with pytest.raises(OutlineError) as caught:
        make()
    assert caught.value.key == key


TABLE: Any = TypeAdapter(Outline)


def test_tables_build_the_same_shapes() -> None:
    tip = TABLE.validate_python(
        {"shape": "tip", "width": "10 um", "length": "100 um", "angle": "30 deg", "radius": "200 nm"}
    )
    same = Tip(0, 0, 10 * UM, 100 * UM, math.pi / 6, 200e-9)
    assert tip.build().polygon().equals_exact(same.polygon(), 1e-15)
    points = {"shape": "polygon", "points": [["0 um", "0 um"], ["1 um", "0 um"], ["0 um", "1 um"]]}
    assert TABLE.validate_python(points).build().polygon().area == pytest.approx(0.5 * UM**2)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (
            {"shape": "tip", "width": "1 um", "length": "9 um", "angle": "30 deg", "radius": "1 um"},
            "at most",
        ),
        ({"shape": "ring", "x": "0 um", "inner": "2 um", "outer": "1 um"}, "outer radius"),
        ({"shape": "disc", "x": "0 um", "radius": 3}, "has no unit"),
        ({"shape": "drawing", "file": "none.dxf", "layer": "0", "unit": "1 um"}, "no drawing"),
    ],
)
def test_faults(table: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        TABLE.validate_python(table)

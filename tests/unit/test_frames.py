"""Frames of a deposit: layouts, geometry of the metal, what pictures show and say."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from deposits import ISLAND, LAYER, LONG, grown, picture, plane
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from thincell.studies import names
from thincell.studies.figures import deposit, outlines, style
from thincell.studies.figures import picture as drawing
from thincell.studies.figures.grown import Grown
from thincell.studies.figures.view import round_length, view
from thincell.studies.frames import METAL, Frame, frames, metal_areas, outline, pack, pieces


def disc(radius: float, count: int) -> Frame:
    """xi = 1/2 on a circle in the unit square, its distance function linear in between."""
    points, triangles = plane(np.linspace(0, 1, count), np.linspace(0, 1, count))
    away = np.hypot(*(points - 0.5).T)
    return Frame(0.0, points, triangles, {METAL: 0.5 + radius - away})


def rendered(made: Figure) -> np.ndarray[Any, Any]:
    """RGB pixels."""
    return np.asarray(Image.open(io.BytesIO(style.as_bytes(made, "png"))).convert("RGB"))


def count_of(pixels: np.ndarray[Any, Any], colour: str) -> int:
    """Pixels of exactly one colour."""
    wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return int((pixels == wanted).all(axis=-1).sum())


# -- layouts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changing", [False, True])
def test_layouts_round_trip(changing: bool) -> None:
    made = grown(4, changing=changing).frames
    maps = pack(made)
    assert ("point counts" in maps) == changing
    for before, after in zip(made, frames(maps), strict=True):
        assert after.time == before.time
        assert after.same_mesh(before)
        assert list(after.fields) == list(before.fields)
        for name, values in before.fields.items():
            np.testing.assert_array_equal(after.fields[name], values)


def test_equal_meshes_are_stored_once() -> None:
    made = grown(4).frames
    assert made[0].points is not made[1].points
    maps = pack(made)
    assert maps["points"].shape == made[0].points.shape
    assert maps[METAL].shape == (4, len(made[0].points))


@pytest.mark.parametrize("changing", [False, True])
def test_arrays_that_do_not_fit_are_refused(changing: bool) -> None:
    maps = pack(grown(3, changing=changing).frames)
    for name in (METAL, "points", "triangles") if changing else (METAL, "points"):
        with pytest.raises(ValueError, match="shape"):
            frames(maps | {name: maps[name][:-1]})


def test_frames_of_different_fields_are_refused() -> None:
    first, second = grown(2).frames
    other = Frame(second.time, second.points, second.triangles, {METAL: second.metal})
    with pytest.raises(ValueError, match="other fields"):
        pack([first, other])
    with pytest.raises(ValueError, match="no frames"):
        pack([])


# -- the metal ------------------------------------------------------------------------------------------


def test_circle_converges_in_second_order() -> None:
    """Length 2 pi r of the outline, area pi r^2 inside it."""
    sizes = np.array([17, 33, 65, 129])
    errors = []
    for count in sizes:
        shown = disc(0.3, int(count))
        length = np.linalg.norm(np.diff(outline(shown)[0], axis=1)[:, 0], axis=1).sum()
        errors.append([2 * np.pi * 0.3 - length, np.pi * 0.3**2 - metal_areas(shown).sum()])
    rates = np.polyfit(np.log(1.0 / (sizes - 1)), np.log(np.abs(errors)), 1)[0]
    assert (rates > 1.8).all(), rates
    assert np.abs(errors[-1]).max() < 1e-3


@given(st.floats(0.02, 0.98), st.floats(-0.5, 0.5))
def test_half_plane_is_exact(level: float, slope: float) -> None:
    """A linear xi: its outline is a straight line, and the areas below it add up to a trapezium."""
    points, triangles = plane(np.linspace(0, 1, 8), np.linspace(-1, 2, 25))
    edge = level + slope * points[:, 0]
    shown = Frame(0.0, points, triangles, {METAL: 0.5 + 0.1 * (edge - points[:, 1])})
    segments, inside = outline(shown)
    x, z = segments.reshape(-1, 2).T
    np.testing.assert_allclose(z, level + slope * x, atol=1e-12)
    assert (shown.metal[inside] > 0.5).all()
    assert metal_areas(shown).sum() == pytest.approx(1 + level + 0.5 * slope, rel=1e-12)


def test_island_is_dead() -> None:
    growth = grown(5, island=True)
    whole, last = growth.frames[2], growth.frames[-1]
    assert pieces(whole).max() == 0
    assert not growth.dead(whole).any()
    assert pieces(last).max() == 1
    x, z, radius = ISLAND
    inside = np.hypot(last.points[:, 0] - x, last.points[:, 1] - z) < radius
    np.testing.assert_array_equal(growth.dead(last), inside & (last.metal > 0.5))
    measured = growth.measures(last)
    area = metal_areas(last).sum() * measured["dead"]
    assert area == pytest.approx(np.pi * radius**2, rel=0.03)
    assert measured["tip"] < 0.32e-6  # the bump's, not the island's


def test_measures_of_a_flat_film() -> None:
    points, triangles = plane(np.linspace(-2e-6, 0, 41), np.linspace(0, 0.5e-6, 51))
    xi = np.clip(0.5 + (0.123e-6 - points[:, 1]) / 0.1e-6, 0, 1)
    fields = {METAL: xi, names.CONCENTRATION.name: 1000 + 0 * xi}
    shown = Frame(0.0, points, triangles, fields)
    measured = Grown("", [shown], grown(2).history, 1000.0, LAYER).measures(shown)
    assert measured["tip"] == pytest.approx(0.123e-6)
    assert measured["mean"] == pytest.approx(0.123e-6)
    assert measured["roughness"] == pytest.approx(0, abs=1e-15)
    assert measured["dead"] == 0


def test_no_metal_measures_nothing() -> None:
    growth = grown(3)
    assert set(growth.measures(growth.frames[0]).values()) == {0.0}


# -- which frames, and what of them ---------------------------------------------------------------------


def test_charge_passed_counts_both_ways() -> None:
    growth = grown(3)
    history = {
        names.TIME.name: np.array([1.0, 2.0, 3.0]),
        names.CHARGE.name: np.array([-10.0, -20.0, -5.0]),
        names.VOLTAGE.name: np.array([-0.1, -0.1, 0.1]),
    }
    there = Grown("", growth.frames, history, 1000.0, LAYER)
    assert [there.passed(t) for t in (0, 0.5, 2, 3)] == [0, 5, 20, 35]
    assert there.voltage(2.5) == pytest.approx(0)


def test_equal_steps_of_charge() -> None:
    """Charges of the frames: 10 sqrt(k)."""
    growth = grown(17)
    chosen = growth.equal_steps(4)
    np.testing.assert_allclose([growth.passed(f.time) for f in chosen], [10, 20, 30, 40], rtol=1e-3)
    assert chosen[-1] is growth.frames[-1]
    assert [growth.at_charge(growth.passed(f.time)) for f in chosen] == chosen
    assert len(grown(3).equal_steps(6)) == 3


def test_stamp_reads_as_people_write() -> None:
    growth = grown(5)
    assert drawing.stamp(growth, growth.frames[-1]) == "2.00 s,  −0.200 V,  Q = 4.00 mC/cm²"
    assert drawing.stamp(growth, growth.frames[2]) == "1.00 s,  −0.150 V,  Q = 2.83 mC/cm²"


def test_stamp_of_short_times_and_small_charges() -> None:
    """No row of zeros: units follow the last frame."""
    growth = grown(3)
    growth.history[names.CHARGE.name][:] *= 1e-6
    assert drawing.stamp(growth, growth.frames[-1]).endswith("Q = 4.00 nC/cm²")
    short = Frame(3e-6, *(getattr(growth.frames[0], name) for name in ("points", "triangles", "fields")))
    brief = Grown("", [short], growth.history, 1000.0, LAYER)
    assert drawing.stamp(brief, short).startswith("3.00 µs,")


def test_flat_film_is_shown_at_the_edge_to_the_counter() -> None:
    flat = picture(0.0, 0.0, LONG, 801)
    x, z = flat.points.T
    flat.fields[METAL][:] = np.where(x <= 0, 0.5 * (1 - np.tanh((z - 0.1e-6) / 20e-9)), 0.0)
    growth = Grown("", [flat], grown(2).history, 1000.0, LONG)
    assert growth.tip_place()[0] == pytest.approx(0.0, abs=0.05e-6)
    assert view(growth).right > 0


@given(st.floats(1e-9, 1e-1))
def test_scale_bar_is_round(about: float) -> None:
    length = round_length(about)
    assert about / 2.5 * (1 - 1e-6) <= length <= about * (1 + 1e-6)
    assert f"{length:.6e}"[0] in "125"
    assert float(f"{length:.0e}") == pytest.approx(length)


def test_view_shows_tip_and_electrode() -> None:
    """Of 20 um of metal in a layer 500 nm high, what is around the tip."""
    growth = grown(4, LONG, columns=801)
    seen = view(growth)
    assert seen.zoomed
    assert seen.aspect <= 6 * (1 + 1e-9)
    x, z = growth.tip_place()
    assert seen.left < x < seen.right
    assert seen.low < 0 < z < seen.high
    assert x == pytest.approx(-0.5e-6, abs=0.05e-6)
    wide = view(growth, 3.0)
    assert wide.aspect == pytest.approx(3.0)
    assert view(grown(2, changing=True)).zoomed is False


def test_view_without_metal_is_of_the_electrode() -> None:
    bare = Grown("", [picture(0.0, 0.0)], grown(2).history, 1000.0, LAYER)
    seen = view(bare)
    assert seen.left <= -1.9e-6
    assert seen.low < 0 < seen.high


def test_colours_are_those_of_all_frames() -> None:
    norm = drawing.colours([grown(5)])
    assert (norm.vmin, norm.vmax) == (0.0, 1.05)
    narrow = grown(5)
    for shown in narrow.frames:
        shown.fields[names.CONCENTRATION.name][:] = 970.0
    norm = drawing.colours([narrow])
    assert norm.vmin == pytest.approx(0.95)
    assert norm.vmax == pytest.approx(1.0)


# -- pictures -------------------------------------------------------------------------------------------


def test_strip_shows_metal_and_dead_metal() -> None:
    with style.styled():
        alone = rendered(deposit.filmstrip(grown(5)))
        broken = rendered(deposit.filmstrip(grown(5, island=True, changing=True)))
    assert count_of(alone, drawing.ALIVE) > 2000
    assert count_of(alone, drawing.DEAD) == 0
    assert count_of(broken, drawing.DEAD) > 200


def test_what_the_salt_has_in_the_metal_is_not_seen() -> None:
    """Values in the metal have no meaning: whatever they are, the picture is the same."""
    pictures = []
    for inside in (0.0, 1e6):
        growth = grown(3)
        for shown in growth.frames:
            shown.fields[names.CONCENTRATION.name][shown.metal > 0.5] = inside
        with style.styled():
            pictures.append(rendered(deposit.filmstrip(growth)))
    np.testing.assert_array_equal(*pictures)


def test_metal_covers_its_area() -> None:
    """Grey pixels against the area of the metal, one picture in true proportions."""
    growth = grown(2)
    shown, seen = growth.frames[-1], view(growth)
    with style.styled():
        made = style.figure(9, 9 / seen.aspect)
        made.set_layout_engine("none")
        axes = made.add_axes((0, 0, 1, 1))
        drawing.draw_frame(axes, growth, shown, seen, drawing.colours([growth]))
        axes.collections[-1].set_linewidth(0.01)  # the outline
        pixels = rendered(made)
    size = seen.width / pixels.shape[1]
    middles = shown.points[shown.triangles].mean(axis=1)[:, 0]
    areas = metal_areas(shown)[(middles > seen.left) & (middles < seen.right)]
    assert count_of(pixels, drawing.ALIVE) * size**2 == pytest.approx(areas.sum(), rel=0.03)


def test_two_cells_side_by_side() -> None:
    a, b = grown(9), grown(6, changing=True, label="coin cell")
    with style.styled():
        made = deposit.side_by_side(a, b, [20.0, 40.0])
        assert style.as_bytes(made, "png")
    titles = [axes.get_title(loc="left") for axes in made.axes]
    assert titles[0].startswith("(a) thin cell\n")
    assert titles[1].startswith("(b) coin cell\n")
    assert titles[2:4] == [
        "(c) 2.00 s,  −0.200 V,  Q = 4.00 mC/cm²",
        "(d) 2.00 s,  −0.200 V,  Q = 4.00 mC/cm²",
    ]


@pytest.mark.parametrize("draw", [deposit.filmstrip, outlines.outlines])
def test_nothing_overlaps_and_nothing_is_cut(draw: Any) -> None:
    """Titles, scale bars and legends stay inside the figure and off one another's panels."""
    with style.styled():
        made = draw(grown(7, LONG, columns=801, island=True))
        made.draw_without_rendering()
    box = made.bbox
    for axes in made.axes:
        if not axes.get_visible():
            continue
        for text in [axes.title, axes._left_title, *axes.texts]:
            if not text.get_text():
                continue
            extent = text.get_window_extent()
            assert extent.x0 >= box.x0 - 1
            assert extent.x1 <= box.x1 + 1
            for other in made.axes:
                frame = other.get_window_extent()
                apart = (
                    extent.x1 <= frame.x0 + 1
                    or extent.x0 >= frame.x1 - 1
                    or extent.y1 <= frame.y0 + 1
                    or extent.y0 >= frame.y1 - 1
                )
                assert apart or not other.get_visible(), text.get_text()


def test_measures_and_outlines_draw() -> None:
    growth = grown(6, island=True)
    with style.styled():
        for made in (
            outlines.measures([growth, grown(4, label="coin cell")]),
            outlines.outlines(growth),
        ):
            first = style.as_bytes(made, "svg")
            made.set_layout_engine("none")
            assert style.as_bytes(made, "svg") == first
    lines = outlines.measures([growth]).axes[0].lines
    np.testing.assert_allclose(lines[0].get_ydata()[-1], 0.3, atol=0.01)  # 0.6 of 500 nm, in um

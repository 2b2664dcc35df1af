"""Adaptive meshes: bisection of the longest edges, bands around interfaces, transfer of nodal values."""

from __future__ import annotations

from functools import cache

from mpi4py import MPI

import numpy as np
import pytest
from numpy.typing import NDArray

from thincell.geometry.band import band_sizes, interface_points
from thincell.geometry.cells import Chip, Strip
from thincell.geometry.columns import boundary_lines, column_mesh
from thincell.geometry.distribute import layout
from thincell.geometry.grading import Grading
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.refine import refine
from thincell.geometry.tags import Tag
from thincell.geometry.transfer import Transfer

Floats = NDArray[np.float64]

HEIGHT = 2e-6
FINE = 25e-9
BAND = 100e-9
SHAPES = ("flush", "thick", "slender")


@cache
def base(shape: str) -> PlaneMesh:
    """Columns of a chip: flush or thick electrodes, or triangles up to 100 times longer than high."""
    thickness = 0.3e-6 if shape == "thick" else 0.0
    edge, layers, columns = (2e-9, 8, 3) if shape == "slender" else (100e-9, 4, 6)
    chip = Chip(
        height=HEIGHT,
        gap=6e-6,
        working=Strip(4e-6, thickness),
        counter=Strip(4e-6, thickness),
        margin_working=1e-6,
        margin_counter=1e-6,
        length=10e-6,
        ends="reservoir",
    )
    return column_mesh(chip.section(), Grading(edge, reach=HEIGHT, columns=columns, layers=layers))


def front(x: float) -> Floats:
    """Points of a wavy interface from floor to lid."""
    z = np.linspace(0, HEIGHT, 1000)
    return np.column_stack([x + 0.1 * HEIGHT * np.sin(9 * z / HEIGHT), z])


@cache
def adapted(shape: str, x: float = 1e-6) -> PlaneMesh:
    return refine(base(shape), band_sizes(front(x), FINE, BAND, 1.2, HEIGHT))


def areas(mesh: PlaneMesh) -> Floats:
    """Signed areas of the triangles."""
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    return ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2


def sides(mesh: PlaneMesh) -> Floats:
    """Lengths (m, 3) of the sides opposite to the vertices."""
    corners = mesh.points[mesh.triangles]
    return np.linalg.norm(corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]], axis=2)


def smallest_angle(mesh: PlaneMesh) -> float:
    """In radians: opposite to the shortest side, from sin = 2 area/(product of the other two)."""
    ordered = np.sort(sides(mesh), axis=1)
    return float(np.arcsin(2 * np.abs(areas(mesh)) / (ordered[:, 1] * ordered[:, 2])).min())


def tag_lengths(mesh: PlaneMesh) -> dict[int, float]:
    ends = mesh.points[mesh.lines]
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    return {int(tag): float(length[mesh.line_tags == tag].sum()) for tag in np.unique(mesh.line_tags)}


def linear(mesh: PlaneMesh) -> Floats:
    """Two linear functions of the place, of the size of one."""
    return (mesh.points / HEIGHT) @ np.array([[0.3, -1.0], [1.0, 0.7]]) + np.array([2.0, 0.5])


def nodes(mesh: PlaneMesh) -> set[tuple[float, float]]:
    return {(float(x), float(z)) for x, z in mesh.points}


@pytest.mark.parametrize("shape", SHAPES)
def test_conforming(shape: str) -> None:
    """No edge has three triangles, and the edges with one are the tagged lines: no hanging nodes."""
    mesh = adapted(shape)
    pairs = np.sort(mesh.triangles[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2), axis=1)
    _, count = np.unique(pairs, axis=0, return_counts=True)
    assert set(count) == {1, 2}
    lines = np.sort(mesh.lines, axis=1)
    assert np.array_equal(np.unique(lines, axis=0), boundary_lines(mesh.triangles))
    assert len(lines) == np.sum(count == 1)
    assert len(nodes(mesh)) == len(mesh.points)
    assert np.array_equal(np.unique(mesh.triangles), np.arange(len(mesh.points)))


@pytest.mark.parametrize("shape", SHAPES)
def test_areas_and_tags_are_kept(shape: str) -> None:
    coarse, mesh = base(shape), adapted(shape)
    assert np.abs(areas(mesh)).sum() == pytest.approx(np.abs(areas(coarse)).sum(), rel=1e-12)
    assert np.all(areas(mesh) > 0) == np.all(areas(coarse) > 0)
    assert tag_lengths(mesh) == pytest.approx(tag_lengths(coarse), rel=1e-12)
    assert {Tag.WORKING, Tag.COUNTER, Tag.INSULATOR, Tag.INLET, Tag.OUTLET} == set(tag_lengths(mesh))


def test_walls_are_met_exactly() -> None:
    mesh = adapted("flush")
    x, z = mesh.points[mesh.lines].reshape(-1, 2).T
    walls = base("flush").points
    ends = walls[:, 0].min(), walls[:, 0].max()
    assert np.all((z == 0) | (z == HEIGHT) | (x == ends[0]) | (x == ends[1]))
    working = mesh.points[mesh.lines[mesh.line_tags == Tag.WORKING]]
    assert np.all(working[..., 1] == 0)
    assert len(working) > np.sum(base("flush").line_tags == Tag.WORKING)


@pytest.mark.parametrize("shape", SHAPES)
def test_sizes_are_honoured(shape: str) -> None:
    mesh, wanted = adapted(shape), band_sizes(front(1e-6), FINE, BAND, 1.2, HEIGHT)
    longest = sides(mesh).argmax(axis=1)
    rows = np.arange(len(longest))
    ends = mesh.triangles[rows[:, None], (longest[:, None] + [1, 2]) % 3]
    places = [*(mesh.points[mesh.triangles[:, k]] for k in range(3)), mesh.points[ends].mean(axis=1)]
    asked = np.min([wanted(place) for place in places], axis=0)
    assert np.all(sides(mesh)[rows, longest] <= asked * (1 + 1e-12))
    far = np.abs(mesh.points[mesh.triangles].mean(axis=1)[:, 0] - 1e-6) > 2e-6
    assert np.median(sides(mesh)[far].max(axis=1)) > 4 * FINE


@pytest.mark.parametrize("shape", SHAPES)
def test_angles_are_bounded(shape: str) -> None:
    """At least half the smallest angle of the base."""
    assert smallest_angle(adapted(shape)) >= smallest_angle(base(shape)) / 2


def test_slender_triangles_become_rounder() -> None:
    """Triangles that need to be short become short along their long side only."""

    def slenderness(mesh: PlaneMesh) -> Floats:
        return np.asarray(sides(mesh).max(axis=1) ** 2 / (2 * np.abs(areas(mesh))))

    coarse, mesh = base("slender"), adapted("slender")
    inside = np.abs(mesh.points[mesh.triangles].mean(axis=1) - [1e-6, HEIGHT / 2]).max(axis=1)
    assert slenderness(coarse).max() > 100
    low = inside < HEIGHT / 4
    assert np.median(slenderness(mesh)[low]) < 3


def test_one_size_everywhere_is_uniform() -> None:
    """Two right triangles, four times cut in halves: 32 alike, and the same again."""
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    triangles = np.array([[0, 1, 2], [0, 2, 3]])
    plane = PlaneMesh(square, triangles, boundary_lines(triangles), np.full(4, 4, dtype=np.int32))
    mesh = refine(plane, lambda points: np.full(len(points), 0.36))
    assert len(mesh.triangles) == 32
    assert areas(mesh) == pytest.approx(1 / 32)
    again = refine(plane, lambda points: np.full(len(points), 0.36))
    assert np.array_equal(again.points, mesh.points)
    assert np.array_equal(again.triangles, mesh.triangles)
    same = refine(plane, lambda points: np.full(len(points), 2.0))
    assert np.array_equal(same.points, square)


@pytest.mark.parametrize("shape", SHAPES)
def test_moved_band_shares_its_nodes(shape: str) -> None:
    """The band moves by three fine triangles: where both meshes are fine they are the same."""
    shift = 3 * FINE
    before, after = adapted(shape), adapted(shape, 1e-6 + shift)
    common = nodes(before) & nodes(after)
    assert len(common) > 0.8 * len(after.points)
    assert nodes(base(shape)) <= common
    both = [band_sizes(front(1e-6 + s), FINE, BAND, 1.2, HEIGHT) for s in (0.0, shift)]
    fine = np.all([size(after.points) == FINE for size in both], axis=0)
    assert fine.sum() > 300
    assert {(float(x), float(z)) for x, z in after.points[fine]} <= common


def test_sizes_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="larger than 0"):
        refine(base("flush"), lambda points: np.zeros(len(points)))
    with pytest.raises(ValueError, match="for every point"):
        refine(base("flush"), lambda points: np.full(1, FINE))
    with pytest.raises(ValueError, match="more than 1000 points"):
        refine(base("flush"), lambda points: np.full(len(points), FINE), most=1000)
    lines = np.array([[0, len(base("flush").points) - 1]])
    torn = PlaneMesh(base("flush").points, base("flush").triangles, lines, np.ones(1, dtype=np.int32))
    with pytest.raises(ValueError, match="no edge of a triangle"):
        refine(torn, lambda points: np.full(len(points), FINE))


@pytest.mark.parametrize("shape", SHAPES)
def test_linear_functions_are_exact(shape: str) -> None:
    meshes = base(shape), adapted(shape), adapted(shape, 1.1e-6), adapted(shape, 4e-6)
    for old in meshes:
        for new in meshes:
            assert Transfer(old, new)(linear(old)) == pytest.approx(linear(new), abs=1e-13)


def test_shared_nodes_are_copied() -> None:
    old, new = adapted("slender"), adapted("slender", 1.1e-6)
    values = np.random.default_rng(1).normal(size=len(old.points))
    transfer = Transfer(old, new)
    known = {(float(x), float(z)): v for (x, z), v in zip(old.points, values, strict=True)}
    moved = transfer(values)
    pairs = [(known[x, z], v) for (x, z), v in zip(new.points, moved, strict=True) if (x, z) in known]
    assert len(pairs) == transfer.shared == len(nodes(old) & nodes(new))
    assert all(a == b for a, b in pairs)
    assert moved.min() >= values.min()
    assert moved.max() <= values.max()
    assert np.array_equal(Transfer(old, old)(values), values)


def test_middle_of_an_edge_takes_the_mean() -> None:
    """One cut through the diagonal: the new node lies between the two old ones at its ends."""
    triangles = np.array([[0, 1, 2], [0, 2, 3]])
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    old = PlaneMesh(square, triangles, boundary_lines(triangles), np.full(4, 4, dtype=np.int32))
    new = refine(old, lambda points: np.full(len(points), 1.0))
    assert len(new.points) == 5
    assert np.array_equal(Transfer(old, new)(np.array([0.0, 5.0, 1.0, 7.0])), [0.0, 5.0, 1.0, 7.0, 0.5])


def test_unrelated_meshes() -> None:
    """Nodes that have no partner, some of them in the gap beside a thick electrode."""
    old, wide = adapted("thick"), adapted("flush")
    new = PlaneMesh(old.points * 0.999 + 1e-9, old.triangles, old.lines, old.line_tags)
    assert Transfer(wide, new)(linear(wide)) == pytest.approx(linear(new), abs=1e-13)


def test_nodes_beyond_walls_take_the_nearest_point() -> None:
    old = adapted("thick")
    new = PlaneMesh(old.points + np.array([0.0, 5e-9]), old.triangles, old.lines, old.line_tags)
    transfer = Transfer(old, new)
    values = transfer(linear(old))
    lid = old.points[:, 1] == HEIGHT
    assert transfer.shared == 0
    assert values[lid] == pytest.approx(linear(old)[lid], abs=1e-13)
    inside = new.points[:, 1] < HEIGHT
    assert values[inside] == pytest.approx(linear(new)[inside], abs=1e-13)
    with pytest.raises(ValueError, match="nodes of the old mesh"):
        transfer(values[1:])


def test_without_walking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at all triangles, which replaces a walk that went astray, finds the same values."""
    old, new = base("thick"), refine(base("thick"), lambda points: np.full(len(points), 0.8e-6))
    values = np.random.default_rng(2).normal(size=(len(old.points), 2))
    walked = Transfer(old, new)(values)
    monkeypatch.setattr("thincell.geometry.transfer.STEPS", 0)
    assert Transfer(old, new)(values) == pytest.approx(walked, abs=1e-12)


def test_band_follows_a_field() -> None:
    """A tanh profile much thinner than the base's triangles is found, and then resolved."""
    delta = 20e-9

    def profile(mesh: PlaneMesh) -> Floats:
        return np.asarray(0.5 * (1 - np.tanh((mesh.points[:, 0] - 1e-6) / (2 * delta))))

    mesh = base("flush")
    for _ in range(4):
        sizes = band_sizes(interface_points(mesh, profile(mesh)), FINE, BAND, 1.2, HEIGHT)
        mesh = refine(base("flush"), sizes)
    xi = profile(mesh)
    layer = (xi[mesh.triangles] > 0.01).any(axis=1) & (xi[mesh.triangles] < 0.99).any(axis=1)
    assert sides(mesh)[layer].max() <= FINE
    points = interface_points(mesh, xi)
    half = delta * np.log(99)
    assert np.abs(points[:, 0] - 1e-6).max() == pytest.approx(half, abs=FINE)
    assert {0.0, HEIGHT} <= set(points[:, 1])
    assert len(interface_points(mesh, np.zeros(len(xi)))) == 0


def test_band_sizes() -> None:
    size = band_sizes(np.array([[0.0, 0.0], [1.0, 0.0]]), fine=0.1, band=0.5, growth=1.5, coarse=1.0)
    places = np.array([[0.0, 0.0], [0.5, 0.0], [1.5, 0.0], [2.5, 0.0], [3.3, 0.0], [9.0, 9.0]])
    assert size(places) == pytest.approx([0.1, 0.1, 0.1, 0.6, 1.0, 1.0])
    nowhere = band_sizes(np.empty((0, 2)), fine=0.1, band=0.5, growth=1.5, coarse=1.0)
    assert nowhere(places) == pytest.approx(np.ones(6))
    with pytest.raises(ValueError):
        band_sizes(places, fine=0.1, band=0.5, growth=1.0, coarse=1.0)


def test_tags_reach_the_distributed_mesh() -> None:
    plane = adapted("thick")
    made = layout(MPI.COMM_SELF, plane, HEIGHT)
    domain, facets = made.domain, made.facets
    assert domain.topology.index_map(2).size_local == len(plane.triangles)
    for tag in np.unique(plane.line_tags):
        assert len(facets.find(int(tag))) == np.sum(plane.line_tags == tag)

"""Shape of a deposit: exact measures of simple shapes, and verdicts that hold on any mesh and delta."""

from __future__ import annotations

import cProfile
import functools
import math
import pstats
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from thincell.studies.morphology import names, verdict
from thincell.studies.morphology.advance import arrival, tip_heights, tip_velocity
from thincell.studies.morphology.dimension import box_dimension
from thincell.studies.morphology.measures import measure
from thincell.studies.morphology.shape import Shape
from thincell.studies.morphology.verdict import classify

Array = NDArray[np.float64]
#: Distance from the front, negative in the metal. Lengths of the made-up shapes are in um.
Distance = Callable[[Array], Array]

UNIT = 1e-6
WIDTH, HEIGHT = 12.0, 8.0

LATTICE, SHAKEN = "lattice", "shaken"
DELTA = 0.1


# Meshes and fields


def graded(distance: Distance, delta: float, jitter: float, least: float, height: float) -> Array:
    """Points on grids twice as fine from level to level towards the front, moved by a random share."""
    generator, extent = np.random.default_rng(3), np.array([WIDTH, height])
    size, parts, known = 0.8, [], np.zeros((2, 2))
    while True:
        columns, rows = np.ceil(extent / size).astype(int)
        j, i = (a.ravel() for a in np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)))
        coarse = [np.round(k / n * (m - 1)).astype(int)
                  for k, n, m in zip((i, j), (rows, columns), known.shape, strict=True)]  # fmt: skip
        near = np.flatnonzero(known[coarse[0], coarse[1]] < 5 * delta + 6 * size)
        p = np.column_stack([j / columns, i / rows])[near]
        sides = (p == 0) | (p == 1)
        corner = sides.all(axis=1)
        move = np.where(sides, 0, generator.uniform(-1, 1, p.shape) * jitter * size)
        p = np.clip(p * extent + move, 0, extent)
        s = np.abs(distance(p))
        first, last = not parts, size <= least
        band = (first | (s < 5 * delta + 2 * size)) & (last | (s >= 5 * delta + size))
        parts.append(p[np.where(corner, first, band)])
        if last:
            return np.concatenate(parts)
        known = np.full((rows + 1, columns + 1), np.inf)
        known[i[near], j[near]] = s
        size = max(size / 2, least)


def profile(s: Array, delta: float) -> Array:
    return np.asarray(0.5 * (1 - np.tanh(np.clip(s / (2 * delta), -40, 40))))


def triangles_of(points: Array) -> NDArray[np.int64]:
    """Delaunay triangles but for slivers along the sides."""
    corners = Delaunay(points).simplices.astype(np.int64)
    (u, v), (s, t) = (points[corners[:, k]].T - points[corners[:, 0]].T for k in (1, 2))
    return np.asarray(corners[np.abs(u * t - v * s) > 1e-8])


def shape_of(
    distance: Distance,
    delta: float = DELTA,
    mesh: str = LATTICE,
    reach: tuple[float, float] = (0.0, WIDTH),
    unit: float = UNIT,
    height: float = HEIGHT,
) -> Shape:
    """A shape on a regular mesh of 1.5 or a shaken one of 2 points per delta."""
    jitter, per_delta = (0.0, 1.5) if mesh == LATTICE else (0.22, 2.0)
    points = graded(distance, delta, jitter, delta / per_delta, height)
    field = profile(distance(points), delta)
    triangles = triangles_of(points)
    return Shape(field, points * unit, triangles, delta * unit, reach[0] * unit, reach[1] * unit)


# Made-up deposits


def film(thickness: float) -> Distance:
    return lambda p: p[:, 1] - thickness


def to_segment(p: Array, a: Array, b: Array) -> Array:
    """Distance of points from segments a-b."""
    along = b - a
    t = np.clip(((p - a) * along).sum(axis=-1) / (along**2).sum(axis=-1), 0, 1)
    return np.hypot(*(p - a - t[:, None] * along).T)


def above(height: Callable[[Array], Array]) -> Distance:
    """Below the curve z = height(x)."""
    x = np.linspace(-1, WIDTH + 1, 2801)
    curve = np.column_stack([x, height(x)])
    nearest = cKDTree(curve)

    def distance(p: Array) -> Array:
        k = np.clip(nearest.query(p)[1], 1, x.size - 2)
        away = np.minimum(to_segment(p, curve[k - 1], curve[k]), to_segment(p, curve[k], curve[k + 1]))
        return np.asarray(np.sign(p[:, 1] - height(p[:, 0])) * away)

    return distance


def sine(mean: float, amplitude: float, wavelength: float) -> Distance:
    return above(lambda x: mean + amplitude * np.cos(2 * np.pi * x / wavelength))


def rough(seed: int) -> Distance:
    generator, k = np.random.default_rng(seed), np.arange(3, 14)[:, None]
    phase = generator.uniform(0, 2 * np.pi, k.shape)
    return above(lambda x: 1.5 + 0.034 * np.cos(2 * np.pi * k * np.ravel(x) / WIDTH + phase).sum(axis=0))


def wedge(thickness: float, length: float, least: float = 0.0) -> Distance:
    return above(lambda x: least + thickness * np.exp(-x / length))


def spilt_wedge(thickness: float, length: float) -> Distance:
    """A film that is thickest at the electrode's edge at x = 8 and spills over it, rounded."""
    inner = above(lambda x: thickness * np.exp((x - 8) / length))
    return lambda p: np.where(p[:, 0] < 8, inner(p), np.hypot(p[:, 0] - 8, p[:, 1]) - thickness)


def disc(x: float, z: float, radius: float) -> Distance:
    return lambda p: np.hypot(p[:, 0] - x, p[:, 1] - z) - radius


def rods(starts: Array, ends: Array, radius: float) -> Distance:
    """Straight rods with round ends."""

    def distance(p: Array) -> Array:
        pairs = zip(np.asarray(starts, float), np.asarray(ends, float), strict=True)
        return np.min([to_segment(p, a, b) for a, b in pairs], axis=0) - radius

    return distance


def needles(places: list[float], heights: list[float], radius: float) -> Distance:
    x, z = np.array(places), np.array(heights) - radius
    return rods(np.column_stack([x, 0 * x]), np.column_stack([x, z]), radius)


def union(*parts: Distance) -> Distance:
    return lambda p: np.min([part(p) for part in parts], axis=0)


def without(whole: Distance, hole: Distance) -> Distance:
    return lambda p: np.maximum(whole(p), -hole(p))


def columns(width: float, height: float, seed: int) -> Distance:
    x = np.arange(0.175 + width / 2, WIDTH - width / 2, width + 0.35)
    tops = height + np.random.default_rng(seed).uniform(-0.3, 0.3, x.size)
    return union(film(0.6), needles(x.tolist(), tops.tolist(), width / 2))


def tree(seed: int) -> Distance:
    """A stem with six branches, and three on each of those."""
    generator = np.random.default_rng(seed)
    starts, ends = [], []

    def grow(foot: Array, angle: float, length: float, depth: int) -> None:
        along = length * np.array([np.sin(angle), np.cos(angle)])
        starts.append(foot)
        ends.append(foot + along)
        count, side = (0, 3, 6)[depth], generator.choice([-1, 1])
        for place in np.linspace(0.25, 0.85, count) + generator.uniform(-0.03, 0.03, count):
            side = -side
            turned = angle + side * generator.uniform(0.85, 1.15)
            shorter = length * (0.5 * (1.1 - place) + 0.08) * generator.uniform(0.85, 1.15)
            grow(foot + place * along, turned, shorter, depth - 1)

    grow(np.array([6.0, 0.0]), generator.uniform(-0.1, 0.1), 6.5, 2)
    return rods(np.array(starts), np.array(ends), 0.2)


def aggregate(seed: int) -> Distance:
    """Walkers stick to what has grown from one seed (diffusion-limited aggregation)."""
    generator, centre, step = np.random.default_rng(seed), np.array([6.0, 0.0]), 0.42
    stuck, starts, ends = [centre], [], []

    def enter(radius: float) -> Array:
        angle = generator.uniform(-np.pi / 2, np.pi / 2)
        return centre + radius * np.array([np.sin(angle), np.cos(angle)])

    while len(ends) < 120 and max(p[1] for p in stuck) < HEIGHT - 1:
        every = np.array(stuck)
        radius = float(np.hypot(*(every - centre).T).max()) + 1.5
        p = enter(radius)
        while True:
            far = np.hypot(*(every - p).T)
            nearest = int(far.argmin())
            if far[nearest] < 1.05 * step:
                break
            angle, hop = generator.uniform(0, 2 * np.pi), max(far[nearest] - 0.95 * step, 0.1)
            p = p + hop * np.array([np.cos(angle), np.sin(angle)])
            p[1] = abs(p[1])
            if np.hypot(*(p - centre)) > 4 * radius:
                p = enter(radius)
        end = every[nearest] + (p - every[nearest]) / far[nearest] * step
        if end[1] >= 0.3 and 0.3 < end[0] < WIDTH - 0.3:
            starts.append(every[nearest])
            ends.append(end)
            stuck.append(end)
    return rods(np.array(starts), np.array(ends), 0.17)


def grown(kind: Callable[[int], Distance], seed: int) -> Distance:
    """A random deposit, made when it is first needed."""
    make = functools.cache(kind)
    return lambda p: make(seed)(p)


BALLS = (1.5, 4.5, 7.5, 10.5)
WHOLE = (0.0, WIDTH)

FILMS: dict[str, tuple[Distance, tuple[float, float]]] = {
    "flat": (film(2.0), WHOLE),
    "rough": (rough(0), WHOLE),
    "rough, other seed": (rough(1), WHOLE),
    "low waves": (sine(2.0, 0.15, 3.0), WHOLE),
    "short low waves": (sine(2.0, 0.08, 1.5), WHOLE),
    "wedge": (wedge(2.5, 3.0), WHOLE),
    "steep wedge": (wedge(2.0, 1.5), WHOLE),
    "wedge on a film": (wedge(1.5, 4.0, 1.0), WHOLE),
    "wedge spilt over an edge": (spilt_wedge(1.5, 3.0), (0.0, 8.0)),
    "steep wedge spilt over an edge": (spilt_wedge(0.8, 1.0), (0.0, 8.0)),
    "patch with steps": (lambda p: np.maximum(np.abs(p[:, 0] - 6) - 3, p[:, 1] - 1), (3.0, 9.0)),
    "patch spilt over its edges": (rods(np.array([[3, 0]]), np.array([[9, 0]]), 1.0), (3.0, 9.0)),
    "one bump": (union(film(1.0), disc(6.0, 1.0, 0.8)), WHOLE),
    "island": (union(film(1.5), disc(6.0, 4.5, 0.8)), WHOLE),
    "void": (without(film(3.0), disc(6.0, 1.5, 0.7)), WHOLE),
    "too thin": (film(0.15), WHOLE),
}
GLOBULES: dict[str, Distance] = {
    "high waves": sine(2.0, 0.6, 3.0),
    "deep waves": sine(2.5, 1.5, 3.0),
    "hemispheres on a film": union(film(0.8), *(disc(x, 0.8, 1.0) for x in BALLS)),
    "hemispheres": union(*(disc(x, 0.0, 1.0) for x in BALLS)),
    "balls on necks": union(film(0.4), *(disc(x, 1.1, 1.0) for x in BALLS)),
    "one hemisphere": disc(6.0, 0.0, 1.5),
    "half a hemisphere": disc(0.0, 0.0, 1.5),
    "columns": columns(1.0, 4.0, 0),
    "deep columns": columns(0.9, 5.5, 1),
}
CROSS = rods(np.array([[5.3, 5.0], [4.6, 0.2]]), np.array([[6.7, 5.0], [7.4, 0.2]]), 0.4)
ROW = needles([2.0, 5.0, 7.5, 10.5], [5.0, 6.0, 4.0, 5.5], 0.35)
NEEDLES: dict[str, Distance] = {
    "needle": needles([6.0], [6.0], 0.4),
    "needle on a film": union(film(0.4), needles([6.0], [6.0], 0.4)),
    "needle on a thick film": union(film(3.0), needles([6.0], [6.0], 0.3)),
    "four-fold needle": union(needles([6.0], [6.0], 0.4), CROSS),
    "needles on a film": union(film(0.5), ROW),
    "needles on a wedge": union(wedge(2.0, 5.0), ROW),
    "leaning needle": rods(np.array([[4.0, 0.0]]), np.array([[6.5, 5.0]]), 0.35),
    "needle at the side": needles([0.0], [6.0], 0.5),
}
DENDRITES: dict[str, Distance] = {
    **{f"tree {seed}": grown(tree, seed) for seed in range(3)},
    **{f"tree {seed} on a film": union(film(0.4), grown(tree, seed)) for seed in (3, 4)},
    **{f"aggregate {seed}": grown(aggregate, seed) for seed in range(5)},
}
TABLE = {
    **{key: (verdict.FILM, *value) for key, value in FILMS.items()},
    **{key: (verdict.GLOBULAR, value, WHOLE) for key, value in GLOBULES.items()},
    **{key: (verdict.NEEDLE, value, WHOLE) for key, value in NEEDLES.items()},
    **{key: (verdict.DENDRITIC, value, WHOLE) for key, value in DENDRITES.items()},
}


@pytest.mark.parametrize("name", TABLE)
def test_verdict_on_two_meshes_and_at_half_delta(name: str) -> None:
    expected, distance, reach = TABLE[name]
    found = {
        (delta, mesh): classify(measure(shape_of(distance, delta, mesh, reach)))
        for delta in (DELTA, DELTA / 2)
        for mesh in (LATTICE, SHAKEN)
    }
    assert {case.name for case in found.values()} == {expected}, found
    assert all(case.reasons for case in found.values())


@pytest.mark.parametrize("mesh", [LATTICE, SHAKEN])
@pytest.mark.parametrize("delta", [DELTA, DELTA / 2])
@pytest.mark.parametrize(
    ("distance", "reach", "height", "expected"),
    [
        (spilt_wedge(1.3, 3.0), (0.0, 8.0), 1.0, verdict.FILM),
        (columns(1.0, 5.0, 0), WHOLE, 3.0, verdict.GLOBULAR),
        (union(film(0.4), needles([6.0], [6.0], 0.4)), WHOLE, 4.0, verdict.NEEDLE),
    ],
)
def test_verdict_on_what_has_met_the_lid(
    distance: Distance, reach: tuple[float, float], height: float, expected: str, delta: float, mesh: str
) -> None:
    found = measure(shape_of(distance, delta, mesh, reach, height=height))
    assert found[names.TIP_HEIGHT.name] == pytest.approx(height * UNIT)
    assert found[names.VOIDS.name] == 0
    assert classify(found).name == expected


def test_needle_along_the_insulator() -> None:
    """It leaves a short electrode sideways: as long as its way along the floor, as wide as high."""
    along = rods(np.array([[6.0, 0.0]]), np.array([[10.0, 0.0]]), 0.8)
    found = measure(shape_of(along, reach=(5.5, 6.5)))
    assert found[names.ARMS.name] == 1
    assert found[names.ARM_LENGTH.name] == pytest.approx(4.3 * UNIT, rel=0.05)
    assert found[names.ARM_ASPECT.name] == pytest.approx(4.3 / 0.8, rel=0.1)


def test_no_metal_is_no_film() -> None:
    for distance in (film(-1.0), disc(6.0, 4.0, 1.0)):
        found = measure(shape_of(distance))
        assert classify(found).name == verdict.NONE
        assert found[names.TIP_HEIGHT.name] == 0
    assert found[names.DEAD_SHARE.name] == 1


def test_too_thin_is_a_film_for_want_of_anything_to_judge() -> None:
    shape = shape_of(union(film(0.15), disc(6.0, 0.1, 0.25)))
    assert "nothing to judge" in classify(measure(shape)).reasons[0]


def test_metal_up_to_the_lid() -> None:
    found = measure(shape_of(film(HEIGHT + 1)))
    assert found[names.TIP_HEIGHT.name] == pytest.approx(HEIGHT * UNIT)
    assert found[names.PERIMETER.name] == 0
    assert math.isnan(found[names.TIP_RADIUS.name])
    assert classify(found).name == verdict.FILM


# Exact measures


def sine_length(amplitude: float, wavelength: float) -> float:
    k = 2 * np.pi / wavelength
    x = np.linspace(0, WIDTH, 100_001)
    return float(np.trapezoid(np.sqrt(1 + (amplitude * k * np.sin(k * x)) ** 2), x))


@pytest.mark.parametrize("mesh", [LATTICE, SHAKEN])
@pytest.mark.parametrize(
    ("distance", "area", "tip", "length", "radius", "within"),
    [
        (disc(6.0, 0.0, 1.5), np.pi * 1.125, 1.5, np.pi * 1.5, 1.5, 0.005),
        (needles([6.0], [6.0], 0.4), 4.48 + 0.08 * np.pi, 6.0, 11.2 + 0.4 * np.pi, 0.4, 0.05),
        (sine(2.0, 0.15, 3.0), 24.0, 2.15, sine_length(0.15, 3.0), 1.519818, 0.1),
        (sine(2.0, 0.6, 3.0), 24.0, 2.6, sine_length(0.6, 3.0), 0.379955, 0.1),
    ],
)
def test_exact_shapes(
    distance: Distance, area: float, tip: float, length: float, radius: float, within: float, mesh: str
) -> None:
    """Heights to 0.02 %, lengths to 0.05 %; the area under the envelope to a column at either wall."""
    found = measure(shape_of(distance, DELTA / 2, mesh))
    assert found[names.TIP_HEIGHT.name] == pytest.approx(tip * UNIT, rel=2e-4)
    assert found[names.PERIMETER.name] == pytest.approx(length * UNIT, rel=5e-4)
    assert found[names.TORTUOSITY.name] == pytest.approx(length / WIDTH, rel=5e-4)
    assert found[names.METAL_AREA.name] == pytest.approx(area * UNIT**2, rel=5e-3)
    assert found[names.MEAN_HEIGHT.name] == pytest.approx(area / WIDTH * UNIT, rel=5e-3)
    assert found[names.TIP_RADIUS.name] == pytest.approx(radius * UNIT, rel=within)
    column, shadow = DELTA / 2 / 32, length / found[names.FOLDING.name]
    assert found[names.COMPACTNESS.name] == pytest.approx(1, abs=2 * column / shadow)


def test_tails_of_the_profile() -> None:
    """int xi dA of a disc is pi (R^2 + pi^2 delta^2 / 3)."""
    found = measure(shape_of(disc(6.0, 4.0, 1.5), DELTA, SHAKEN))
    exact = np.pi * (1.5**2 + np.pi**2 * DELTA**2 / 3)
    assert found[names.METAL_AREA.name] == pytest.approx(exact * UNIT**2, rel=1e-3)


def test_roughness_and_arms_of_a_sine() -> None:
    """R_q = A / sqrt(2); crests (two are halves) are arms 2 A long and half a wavelength wide."""
    found = measure(shape_of(sine(2.5, 1.5, 3.0)))
    assert found[names.ROUGHNESS.name] == pytest.approx(1.5 / math.sqrt(2) * UNIT, rel=2e-3)
    assert found[names.ARMS.name] == 5
    assert found[names.ARM_LENGTH.name] == pytest.approx(3.0 * UNIT, rel=0.02)
    assert found[names.ARM_ASPECT.name] == pytest.approx(2.0, rel=0.02)


def test_steep_share() -> None:
    """Half of a hemisphere's shadow lies under front steeper than 30 degrees, none of a low sine's."""
    assert measure(shape_of(disc(6.0, 0.0, 1.5)))[names.STEEP_SHARE.name] == pytest.approx(0.5, abs=0.02)
    assert measure(shape_of(sine(2.0, 0.15, 3.0)))[names.STEEP_SHARE.name] == 0


def test_needle_has_its_width_whichever_way_it_points() -> None:
    leaning = rods(np.array([[4.0, 0.0]]), np.array([[6.5, 5.0]]), 0.35)
    for distance, radius in ((NEEDLES["needle"], 0.4), (leaning, 0.35)):
        found = measure(shape_of(distance))
        assert found[names.ARMS.name] == found[names.STEMS.name] == 1
        assert found[names.LOCAL_WIDTH.name] == pytest.approx(2 * radius * UNIT, rel=0.15)
        length = found[names.ARM_LENGTH.name]
        assert found[names.FREE_ASPECT.name] == pytest.approx(length / (2 * radius * UNIT), rel=0.05)


def test_uniformity_of_an_exponential_film() -> None:
    """u = (2 l / w) (1 - e)^2 / (1 - e^2) with e = exp(-w / l)."""
    ratio, tail = 3.0 / WIDTH, math.exp(-WIDTH / 3.0)
    exact = 2 * ratio * (1 - tail) ** 2 / (1 - tail**2)
    found = measure(shape_of(wedge(2.5, 3.0)))
    assert found[names.UNIFORMITY.name] == pytest.approx(exact, rel=2e-3)
    assert found[names.TIP_RATIO.name] > 3
    half = measure(shape_of(FILMS["patch with steps"][0]))
    assert half[names.UNIFORMITY.name] == pytest.approx(0.5, rel=0.02)
    assert half[names.COVERED.name] == pytest.approx(0.5, rel=0.02)


def test_island_is_dead_and_does_not_shape_the_rest() -> None:
    found = measure(shape_of(FILMS["island"][0], DELTA, SHAKEN))
    island = np.pi * 0.8**2
    assert found[names.DEAD_SHARE.name] == pytest.approx(island / (18 + island), rel=2e-3)
    assert found[names.PIECES.name] == 2
    assert found[names.TIP_HEIGHT.name] == pytest.approx(1.5 * UNIT, rel=1e-3)
    assert found[names.TORTUOSITY.name] == pytest.approx(1, abs=1e-3)


def test_metal_on_the_insulator_beside_the_electrode_is_dead() -> None:
    pair = needles([3.0, 9.0], [4.0, 4.0], 0.4)
    found = measure(shape_of(pair, reach=(0.0, 6.0)))
    assert found[names.DEAD_SHARE.name] == pytest.approx(0.5, abs=1e-3)


def test_void_is_trapped_and_not_part_of_the_outer_front() -> None:
    found = measure(shape_of(FILMS["void"][0], DELTA, SHAKEN))
    hole = np.pi * 0.7**2
    assert found[names.VOIDS.name] == 1
    assert found[names.TRAPPED.name] == pytest.approx(hole * UNIT**2, rel=5e-3)
    assert found[names.POROSITY.name] == pytest.approx(hole / 36, rel=5e-3)
    assert found[names.TORTUOSITY.name] == pytest.approx(1, abs=1e-3)
    assert found[names.PERIMETER.name] == pytest.approx((12 + 1.4 * np.pi) * UNIT, rel=1e-3)


def koch(levels: int) -> Array:
    line = np.array([0.0, 1.0 + 0j])
    for _ in range(levels):
        a, third = line[:-1], np.diff(line) / 3
        bend = [a, a + third, a + third * (1 + np.exp(1j * np.pi / 3)), a + 2 * third]
        line = np.append(np.column_stack(bend).ravel(), line[-1])
    return np.column_stack([line.real, line.imag])


@pytest.mark.parametrize("turn", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(
    ("line", "dimension"), [(koch(6), math.log(4) / math.log(3)), (np.eye(2) - [[0, 1], [0, 1]], 1.0)]
)
def test_fractal_dimension(line: Array, dimension: float, turn: float) -> None:
    points = line @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    largest = float(np.ptp(points, axis=0).max()) / 5
    found, decades = box_dimension(points[:-1], points[1:], 0.01, largest)
    assert found == pytest.approx(dimension, abs=0.05)
    assert decades == pytest.approx(math.log10(largest / 0.01))


def test_no_range_of_boxes_is_no_dimension() -> None:
    found, decades = box_dimension(np.zeros((1, 2)), np.ones((1, 2)), 0.2, 0.3)
    assert math.isnan(found)
    assert decades == 0


@pytest.mark.parametrize("name", ["deep waves", "tree 3 on a film", "void"])
def test_dimensionless_measures_do_not_know_the_scale(name: str) -> None:
    _, distance, _ = TABLE[name]
    small = measure(shape_of(distance))
    large = measure(shape_of(distance, unit=10 * UNIT))
    for entry in names.MEASURES:
        power = {"[m]": 1, "[m2]": 2, "[m-1]": -1}.get(entry.name.split()[-1], 0)
        expected = small[entry.name] * 10.0**power
        assert large[entry.name] == pytest.approx(expected, rel=1e-6, nan_ok=True), entry.name
    assert classify(small).reasons == classify(large).reasons


def test_measures_are_vectorised() -> None:
    """Calls grow with the length of the outline, not with the vertices: nothing loops over these."""

    def calls(spacing: float) -> tuple[int, int]:
        shape = shape_of(TABLE["tree 4 on a film"][1], spacing, SHAKEN)
        profile = cProfile.Profile()
        profile.runcall(measure, shape)
        return shape.metal.size, pstats.Stats(profile).total_calls

    coarse, fine = calls(0.22), calls(0.055)
    assert fine[0] > 8 * coarse[0]
    assert fine[1] < 3 * coarse[1]


@pytest.mark.parametrize("broken", ["points", "metal", "triangles", "delta", "end"])
def test_bad_shapes_are_refused(broken: str) -> None:
    good = {
        "metal": np.zeros(3),
        "points": np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
        "triangles": np.array([[0, 1, 2]]),
        "delta": 0.1,
        "start": 0.0,
        "end": 1.0,
    }
    bad = {"points": np.zeros((2, 2)), "metal": np.full(3, np.nan), "triangles": np.zeros((0, 3), int)}
    Shape(**good)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        Shape(**{**good, broken: bad.get(broken, 0.0)})  # type: ignore[arg-type]


# Growth


def tilted(when: float) -> Shape:
    """H = v t (1 + x / w): v = 0.2 um/s at the left, twice that at the right."""
    return shape_of(above(lambda x: 0.2 * when * (1 + x / WIDTH) + 0.4))


def test_arrival_of_a_tilted_front() -> None:
    """A height z is reached at t = (z - z_0) / (v (1 + x / w)), first by the columns on the right."""
    frames = [(when, tilted(when)) for when in np.linspace(0, 10, 6)]
    heights = np.array([1.0, 2.0]) * UNIT
    found = arrival(frames, heights)
    rise = heights / UNIT - 0.4
    assert found.first == pytest.approx(rise / (0.2 * 1.95), rel=0.01)
    assert found.last == pytest.approx(rise / (0.2 * 1.05), rel=0.01)
    assert found.spread == pytest.approx(found.last - found.first)


def test_heights_not_reached_have_no_arrival() -> None:
    frames = [(when, tilted(when)) for when in (0.0, 10.0)]
    found = arrival(frames, np.array([3.0, 7.0]) * UNIT)
    assert np.isfinite(found.first[0])
    assert np.isnan(found.last).all()
    assert np.isnan(found.first[1])


def test_arrival_needs_frames_in_order() -> None:
    with pytest.raises(ValueError):
        arrival([(1.0, tilted(1.0)), (0.0, tilted(0.0))], np.array([UNIT]))


def test_tip_velocity() -> None:
    frames = [(when, tilted(when)) for when in (0.0, 1.0, 3.0, 6.0)]
    found = tip_velocity(*tip_heights(frames))
    assert found.mean == pytest.approx(0.4 * UNIT, rel=2e-3)
    assert found.values == pytest.approx(np.full(4, 0.4 * UNIT), rel=1e-2)
    assert found.error < 2e-3 * found.mean


def test_velocity_of_a_parabola_is_exact() -> None:
    times = np.array([0.0, 1.0, 2.5, 3.0])
    found = tip_velocity(times, times**2)
    assert found.values == pytest.approx(2 * times, abs=1e-12)
    assert math.isnan(tip_velocity(times[:2], times[:2]).error)

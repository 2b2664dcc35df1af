"""Coplanar electrodes: tabulated values, limits, and the formulas against each other."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isinf, log, pi, sqrt, tanh
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sparse
from scipy.integrate import quad
from scipy.optimize import fsolve
from scipy.sparse.linalg import spsolve
from scipy.special import ellipk, zeta

from thincell.model import capacity, coplanar, secondary
from thincell.model.constants import FARADAY
from thincell.model.coplanar import CoplanarCell
from thincell.validation.theory import exact

Side = Literal["working", "counter"]
SIDES: tuple[Side, Side] = ("working", "counter")

# (w1, g, w2), kappa R b as published with the design, and to 19 digits (40-digit arithmetic)
STRIP = [
    ((0.1, 0.1, 0.1), 1.288297925, 1.288297924571721477),
    ((0.5, 0.5, 0.5), 1.478666493, 1.478666492656381271),
    ((1, 0.2, 1), 0.9893650042, 0.9893650041896188716),
    ((1, 1, 1), 1.90305129, 1.903051290249278768),
    ((2, 1, 2), 1.876704815, 1.876704815272669668),
    ((10, 1, 10), 1.875540778, 1.875540777523618136),
    ((40, 40, 40), 40.8825424, 40.88254240061060774),
    ((0.3, 0.05, 7), None, 0.7522921215999502222),
    ((3, 2, 0.5), None, 2.956388330116227210),
]

# Bi, beta_1 h and end length over h as tabulated, and to 18 digits
SECONDARY = [
    (1e-4, 0.0099998333, 100.00166, 100.001662787138479),
    (1e-2, 0.099833639, 10.016277, 10.0162768624873359),
    (0.1, 0.31105285, 3.2110782, 3.21107817025984161),
    (0.3, 0.52179118, 1.905439, 1.9054390192816283),
    (1, 0.86033359, 1.1296946, 1.12969462426733952),
    (3, 1.1924588, 0.76584881, 0.765848814184703790),
    (10, 1.42887, 0.57396299, 0.573962985426777623),
    (100, 1.5552451, 0.46173508, 0.461735089205562098),
    (1e4, 1.5706393, None, 0.441622269706248865),
    (1e-6, None, None, 1000.00016662789572),
    (1e6, None, None, 0.441276176854755030),
]

CELLS = [
    CoplanarCell(1, 0.7, 1.3, 2.1),
    CoplanarCell(1, 0.7, 1.3, 2.1, 0.2, 0.4),
    CoplanarCell(1, 0.7, 1.3, 2.1, 0, 0.4),
    CoplanarCell(1, 0.7, 1.3, 2.1, inf, 0),
    CoplanarCell(9, 0.7, 1.3, 2.1, 0.1, 0.3),
    CoplanarCell(300, 0.7, 1.3, 2.1, 0, 0.3),
    CoplanarCell(1, 1e-4, 3, 0.2),
    CoplanarCell(1, 30, 40, 50, 5, 7),
    CoplanarCell(2e-7, 2e-2, 1e-5, 2e-3),
]


def digits(value: float) -> float:
    """Half a unit of the last digit of a tabulated number, relative."""
    text = repr(value).replace(".", "").lstrip("0").split("e")[0]
    return float(0.5001 / int(text))


@pytest.mark.parametrize(("sizes", "published", "precise"), STRIP)
def test_strip_resistance(
    sizes: tuple[float, float, float], published: float | None, precise: float
) -> None:
    width, gap, other = sizes
    resistance = CoplanarCell(1, gap, width, other).resistance()
    assert resistance == pytest.approx(precise, rel=1e-14)
    if published is not None:
        assert resistance == pytest.approx(published, rel=digits(published))
    assert CoplanarCell(1, gap, other, width).resistance() == pytest.approx(precise, rel=1e-14)
    scaled = CoplanarCell(3e-7, 3e-7 * gap, 3e-7 * width, 3e-7 * other)
    assert scaled.resistance() == pytest.approx(precise, rel=1e-13)
    assert exact.strip_resistance(width, gap, other) == pytest.approx(precise, rel=2e-14)
    if width == other:
        symmetric = exact.strip_resistance_symmetric(width, gap)
        assert symmetric == pytest.approx(precise, rel=1e-14)


@pytest.mark.parametrize("gap", [4.0, 20.0, 250.0, 1e3, 1e5, 1e8])
def test_thin_layer_limit(gap: float) -> None:
    resistance = CoplanarCell(1, gap, gap, 2 * gap).resistance()
    # the deviation is (2/pi)(lambda/4 - ...), lambda ~ exp(-pi g)
    bound = 1e-6 if gap == 4 else 4e-15 * gap
    assert abs(resistance - gap - 4 * log(2) / pi) < bound


def test_thin_layer_error_at_unit_gap() -> None:
    assert CoplanarCell(1, 1, 60, 60).resistance() - 1 - 4 * log(2) / pi == pytest.approx(
        -0.0070016, abs=1e-7
    )


def test_half_space_limit() -> None:
    """Far lid: K(1-l)/K(l) with l = w1 w2/((w1+g)(w2+g)), whatever the side walls at infinity."""
    value = CoplanarCell(1e7, 1, 1, 1).resistance()
    assert value == pytest.approx(ellipk(0.75) / ellipk(0.25), rel=1e-13)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("side", SIDES)
def test_current_integrates_to_one(cell: CoplanarCell, side: Side) -> None:
    """Without the module's own quadrature: the fraction is exact, its increments must match i."""
    width = cell.width(side)
    reach = min(width, 40 * cell.height)
    edges = np.concatenate([[0], np.geomspace(1e-6 * min(cell.gap, reach), reach / 2, 60)])
    nodes, weights = np.polynomial.legendre.leggauss(12)
    inner = outer = 0.0
    for a, b in pairwise(edges):
        root = sqrt(a) + (sqrt(b) - sqrt(a)) * (nodes + 1) / 2
        measure = weights * (sqrt(b) - sqrt(a)) * root
        inner += float(measure @ cell.current_density(side, root**2))
        assert inner == pytest.approx(float(cell.current_fraction(side, b)), rel=1e-11)
        if reach == width:  # width - distance is rounded: 1e-16/distance
            outer += float(measure @ cell.current_density(side, width - root**2))
            rest = 1 - float(cell.current_fraction(side, width - b))
            assert outer == pytest.approx(rest, rel=1e-7, abs=1e-9)
    if reach == width:
        assert inner + outer == pytest.approx(1, abs=1e-8)
    else:
        assert inner == pytest.approx(1, abs=1e-12)
    assert float(cell.current_fraction(side, width)) == 1
    assert float(cell.current_fraction(side, 0)) == 0


@pytest.mark.parametrize("margins", [(inf, inf), (0.0, 0.0), (0.3, 0.0), (2.0, 0.1)])
def test_margins_against_jacobi_map(margins: tuple[float, float]) -> None:
    left, right = (min(m, 2.3) for m in margins)
    half = (left + 1.3 + 0.7 + 2.1 + right) / 2
    edges = (left - half, left - half + 1.3, left - half + 2.0, left - half + 4.1)
    for height in (1.2, 4.0, 40.0):
        cell = CoplanarCell(height, 0.7, 1.3, 2.1, left, right)
        box = exact.CoplanarBox(edges, half, height)
        assert cell.resistance() == pytest.approx(box.resistance(), rel=1e-11)
        for side, sign, edge in (("working", -1, edges[1]), ("counter", 1, edges[2])):
            d = np.array([1e-3, 0.2, 0.9, 1.25])
            mine = cell.current_density(side, d)  # type: ignore[arg-type]
            np.testing.assert_allclose(mine, box.current_density(edge + sign * d), rtol=1e-9)


def test_both_products_meet() -> None:
    """Images in the walls (h <= L) and in floor and lid (h > L) at h = L."""
    length = 0.2 + 1.3 + 0.7 + 2.1 + 0.4
    below, above = (CoplanarCell(length * f, 0.7, 1.3, 2.1, 0.2, 0.4) for f in (1 - 1e-13, 1 + 1e-13))
    assert below.resistance() == pytest.approx(above.resistance(), rel=1e-12)
    assert below.mean_counter_share() == pytest.approx(above.mean_counter_share(), rel=1e-12)
    d = np.linspace(0.01, 1.29, 7)
    for side in SIDES:
        np.testing.assert_allclose(
            below.current_density(side, d), above.current_density(side, d), rtol=1e-12
        )


def test_wide_margins_are_an_open_strip() -> None:
    open_cell = CoplanarCell(1, 0.7, 1.3, 2.1)
    closed = CoplanarCell(1, 0.7, 1.3, 2.1, 12, 13)
    assert closed.resistance() == pytest.approx(open_cell.resistance(), rel=1e-14)


def test_walls_at_the_electrodes_are_mirrors() -> None:
    """Interdigitated array: half bands up to the mirror lines, both electrodes alike."""
    for w, g, height in ((1, 1, 0.05), (1, 1, 0.5), (1, 1, 2), (2, 1, 50), (0.4, 1, 0.1)):
        cell = CoplanarCell(height, g, w / 2, w / 2, 0, 0)
        array = exact.interdigitated_current(w, g, height)
        assert 2 / cell.resistance() == pytest.approx(array, rel=1e-12)
        at_wall = cell.current_density("working", [w / 2 * (1 - 1e-7), w / 2])
        assert at_wall[0] == pytest.approx(at_wall[1], rel=1e-8)


def test_edge_strength() -> None:
    """A sqrt(h) of the inner edge: sqrt(2 pi S(w+g)/(S(g) S(w)))/4/K(1-l), times R for I = 1."""
    cell = CoplanarCell(1, 0.7, 1.3, 2.1)
    s = [np.sinh(pi * x / 2) for x in (2.1 + 0.7, 0.7, 2.1)]
    ratio = np.sinh(pi * 1.3 / 2) * s[2] / (np.sinh(pi * 2 / 2) * s[0])
    strength = sqrt(2 * pi * s[0] / (s[1] * s[2])) / (4 * ellipk(1 - ratio)) * cell.resistance()
    assert cell.edge_strength("counter") == pytest.approx(strength, rel=1e-10)
    wide = CoplanarCell(0.5, 20, 30, 30).edge_strength("working")
    assert wide == pytest.approx(1 / sqrt(pi * 0.5), rel=1e-10)  # (1/h) sqrt(h/(pi d))


def test_wide_electrode_against_its_limit() -> None:
    cell = CoplanarCell(1, 30, 60, 60)
    d = np.array([1e-6, 0.01, 0.3, 1, 5, 12])
    for side in SIDES:
        mine, limit = cell.current_density(side, d), coplanar.primary_density(1, d)
        np.testing.assert_allclose(mine, limit, rtol=1e-12)
        np.testing.assert_allclose(
            1 - cell.current_fraction(side, d[3:]),
            1 - coplanar.primary_fraction(1, d[3:]),
            rtol=1e-6,
        )


FRACTIONS = [
    (0.5, 0.220636),
    (0.75, 0.611503),
    (0.9, 1.18100),
    (0.95, 1.62031),
    (0.99, 2.64428),
    (0.999, 4.11013),
]


@pytest.mark.parametrize(("fraction", "distance"), FRACTIONS)
def test_fraction_table(fraction: float, distance: float) -> None:
    place = float(coplanar.primary_distance(1, fraction))
    assert place == pytest.approx(distance, abs=6e-6)
    assert coplanar.primary_fraction(1, place) == pytest.approx(fraction, rel=1e-14)
    assert place == pytest.approx(log(1 + np.tan(pi * fraction / 2) ** 2) / pi, rel=1e-12)
    part, _ = quad(lambda s: 2 * s * float(coplanar.primary_density(1, s**2)), 1e-12, sqrt(place))
    assert part == pytest.approx(fraction, rel=1e-9)


def test_headline_distances() -> None:
    """h = 500 nm: 90 % within 0.59 um, 99 % within 1.32 um of the edge."""
    np.testing.assert_allclose(
        coplanar.primary_distance(500e-9, [0.9, 0.99]), [0.59e-6, 1.32e-6], rtol=3e-3
    )


def test_end_length_is_the_mean_distance() -> None:
    first, second = CoplanarCell(1, 30, 60, 60).current_moments("counter")
    assert first == pytest.approx(coplanar.PRIMARY_END, rel=1e-12)
    assert abs(coplanar.PRIMARY_END - 0.441271) < 5e-7
    assert second == pytest.approx(coplanar.PRIMARY_END**2 + 1 / 3, rel=1e-12)


def test_bad_sizes() -> None:
    for sizes in ((0, 1, 1, 1), (1, -1, 1, 1), (1, 1, inf, 1), (1, 1, 1, float("nan"))):
        with pytest.raises(ValueError):
            CoplanarCell(*sizes)
    with pytest.raises(ValueError):
        CoplanarCell(1, 1, 1, 1, -0.1)
    with pytest.raises(ValueError):
        CoplanarCell(1, 1, 1, 1).mean_counter_share()
    with pytest.raises(ValueError):
        CoplanarCell(1, 1, 1, 1).current_density("working", 1.1)
    assert isinf(float(CoplanarCell(1, 1, 1, 1).current_density("working", 0.0)))


# --- Secondary distribution ---


@pytest.mark.parametrize(("biot", "root", "tabulated", "precise"), SECONDARY)
def test_end_correction(
    biot: float, root: float | None, tabulated: float | None, precise: float
) -> None:
    correction = secondary.end_correction(biot)
    assert correction == pytest.approx(precise, rel=1e-14)
    if root is not None:
        assert secondary.penetration_root(biot) == pytest.approx(root, rel=digits(root))
    if tabulated is not None:
        # the table ends in ...508 where the value is ...50892: truncated, not rounded
        assert correction == pytest.approx(tabulated, rel=2 * digits(tabulated))
    if biot < 1e5:
        assert exact.end_correction_series(biot) == pytest.approx(correction, rel=1e-13)


def test_truncated_table_entry() -> None:
    """0.44091621 at Bi = 1e4: 400 terms and a tail that holds for n >> Bi only; off by -7e-4."""
    root = exact.secondary_roots(1e4, 401)
    n = pi * np.arange(1, 401)
    partial = 1 / root[0] + float(np.sum(1 / root[1:] - 1 / n))
    assert partial - 1e4 * zeta(3, 401) / pi**3 == pytest.approx(0.44091621, abs=5e-9)
    assert secondary.end_correction(1e4) == pytest.approx(0.4416222697, abs=1e-10)


def test_end_correction_limits() -> None:
    for biot in (1e-6, 1e-5, 1e-4):
        low = 1 / sqrt(biot) + sqrt(biot) / 6
        assert secondary.end_correction(biot) == pytest.approx(low, abs=0.04 * biot)
    for biot in (1e5, 1e6, 1e9):
        difference = secondary.end_correction(biot) - coplanar.PRIMARY_END
        assert 0 < difference < 0.5 * log(biot) / biot
    values = [secondary.end_correction(b) for b in np.geomspace(1e-6, 1e6, 80)]
    assert all(np.diff(values) < 0)


def test_penetration_length() -> None:
    for biot in np.geomspace(1e-8, 1e8, 33):
        root = secondary.penetration_root(biot)
        assert root * np.sin(root) == pytest.approx(biot * np.cos(root), rel=1e-7)
    assert secondary.penetration_root(1e-3) == pytest.approx(sqrt(1e-3) * (1 - 1e-3 / 6), rel=1e-6)
    assert secondary.penetration_length(1, 1e9) == pytest.approx(2 / pi, rel=1e-8)


# g = 4 h, w = 12/beta_1: finite volumes, and the sum they were compared with
@pytest.mark.parametrize(
    ("biot", "volumes", "exact_sum"),
    [(0.1, 10.422525, 10.422156), (1, 6.259730, 6.259389), (10, 5.148176, 5.147926)],
)
def test_secondary_resistance(biot: float, volumes: float, exact_sum: float) -> None:
    width = 12 / secondary.penetration_root(biot)
    mine = secondary.secondary_resistance(CoplanarCell(1, 4, width, width), biot, biot)
    assert mine == pytest.approx(exact_sum, abs=6e-7)
    assert mine == pytest.approx(volumes, rel=6e-5)


@pytest.mark.parametrize("biot", [1e-3, 0.1, 1, 10, 100])
def test_end_correction_of_finite_width(biot: float) -> None:
    for width, allowed in ((1, 0.04), (2, 0.01), (4, 0.0025), (40, 2e-5)):
        modes = exact.end_correction_modes(biot, width)
        assert abs(secondary.end_correction(biot, width) - modes) < allowed


def test_secondary_tends_to_primary() -> None:
    cell = CoplanarCell(1, 6, 20, 20)
    assert secondary.secondary_resistance(cell, 1e9, 1e9) == pytest.approx(cell.resistance(), rel=1e-8)


def test_edge_density_is_exact() -> None:
    for biot in (0.1, 1.0, 10.0):
        near = exact.secondary_density(biot, [3e-4, 3e-3], 12000)
        edge = secondary.edge_density(1, biot)
        assert near[1] < near[0] < edge
        # i(0) - i ~ x ln(x)
        assert near[0] == pytest.approx(edge, rel=1.5e-3 * max(0.2, biot))


def test_fin_profile() -> None:
    length, width = 3.0, 7.0
    x = np.linspace(0, width, 2001)
    profile = secondary.fin_profile(length, width, x)
    assert float(np.trapezoid(profile, x)) / width == pytest.approx(1, rel=1e-6)
    edge = width / length / tanh(width / length)
    assert profile[0] == pytest.approx(edge, rel=1e-14)
    assert profile[0] / width == pytest.approx(
        secondary.edge_density(1, 1 / length**2, width), rel=1e-14
    )
    assert profile[-1] / profile[0] == pytest.approx(1 / np.cosh(width / length), rel=1e-13)
    assert np.isfinite(secondary.fin_profile(1e-4, 1, [0, 0.5, 1])).all()


def test_worked_kinetic_numbers() -> None:
    """kappa = 1 S/m, h = 0.5 um: i0 of 1 and 10 mA/cm2; Zn, 5 S/m, 3 mA/cm2."""
    slow = secondary.charge_transfer_resistance(10)
    assert slow * 1e4 == pytest.approx(25.7, abs=0.05)
    biot = secondary.biot_number(0.5e-6, 1, slow)
    assert biot == pytest.approx(1.9e-4, rel=0.03)
    assert secondary.penetration_length(0.5e-6, biot) == pytest.approx(35.8e-6, rel=2e-3)
    fast = secondary.biot_number(0.5e-6, 1, secondary.charge_transfer_resistance(100))
    assert secondary.penetration_length(0.5e-6, fast) == pytest.approx(11e-6, rel=0.04)
    zinc = secondary.biot_number(0.5e-6, 5, secondary.charge_transfer_resistance(30, slope=2))
    assert secondary.penetration_length(0.5e-6, zinc) == pytest.approx(33e-6, rel=0.02)
    assert secondary.tafel_resistance(-100, 0.5) == pytest.approx(slow / 5, rel=1e-12)


def test_wagner_number() -> None:
    height, resistance, width = 5e-7, 2.5e-3, 1e-5
    number = secondary.wagner_number(height, 1.0, resistance, width)
    assert number == pytest.approx(resistance / width * height / width, rel=1e-14)
    length = sqrt(number) * width
    assert length == pytest.approx(sqrt(height * resistance), rel=1e-12)
    at_five = secondary.fin_profile(sqrt(5), 1, [0, 1])
    assert at_five[0] / at_five[1] == pytest.approx(1.1, abs=0.003)


# --- Limits of mass transport ---


def finite_volumes(cell: CoplanarCell) -> tuple[float, float]:
    """(kappa R b, mean of u): finite volumes on a mesh graded to all edges."""

    def graded(a: float, b: float) -> npt.NDArray[np.float64]:
        steps = [0.0, 1e-3 * cell.height]
        while steps[-1] < (b - a) / 2:
            step = min(1.17 * (steps[-1] - steps[-2]), 0.2 * cell.height)
            steps.append(steps[-1] + step)
        part = np.array(steps) * (b - a) / 2 / steps[-1]
        return np.concatenate([a + part, b - part[-2::-1]])

    sizes = [cell.working_margin, cell.working_width, cell.gap]
    ends = np.cumsum([0.0, *sizes, cell.counter_width, cell.counter_margin])
    x = np.unique(np.concatenate([graded(a, b) for a, b in pairwise(ends)]))
    y = graded(0, cell.height)
    dx, dy, middle = np.diff(x), np.diff(y), (x[1:] + x[:-1]) / 2
    index = np.arange(dx.size * dy.size).reshape(dx.size, dy.size)
    across = dy[None, :] / ((dx[1:] + dx[:-1]) / 2)[:, None]
    up = dx[:, None] / ((dy[1:] + dy[:-1]) / 2)[None, :]
    rows, columns, values = [], [], []
    for p, q, g in ((index[:-1], index[1:], across), (index[:, :-1], index[:, 1:], up)):
        p, q, g = p.ravel(), q.ravel(), g.ravel()
        rows += [p, q, p, q]
        columns += [q, p, p, q]
        values += [-g, -g, g, g]
    working = (middle > ends[1]) & (middle < ends[2])
    counter = (middle > ends[3]) & (middle < ends[4])
    edge = dx / (dy[0] / 2)
    faces = index[working | counter, 0]
    rows.append(faces)
    columns.append(faces)
    values.append(edge[working | counter])
    triplet = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    matrix = sparse.csc_matrix(triplet)
    right = np.zeros(index.size)
    right[index[counter, 0]] = edge[counter]
    u = spsolve(matrix, right).reshape(index.shape)
    mean = float(dx @ u @ dy) / (cell.length * cell.height)
    return 1 / float(edge[working] @ u[working, 0]), mean


@pytest.mark.parametrize(
    "cell",
    [
        CoplanarCell(1, 0.7, 1.3, 2.1, 0.2, 0.4),
        CoplanarCell(1, 1, 0.2, 3, 1, 2),
        CoplanarCell(1, 5, 3, 9, 2, 3),
        CoplanarCell(3, 1, 1, 3, 1, 2),
        CoplanarCell(12, 1, 1, 3, 1, 2),
    ],
)
def test_mean_share_against_finite_volumes(cell: CoplanarCell) -> None:
    resistance, mean = finite_volumes(cell)
    assert cell.resistance() == pytest.approx(resistance, rel=8e-3)
    assert cell.mean_counter_share() == pytest.approx(mean, abs=3e-4)


def test_mean_share_of_wide_electrodes() -> None:
    """The depth-averaged inventory: off by exp(-pi w/2h), whatever the gap."""
    for gap in (0.01, 1, 1e3):
        for width in (4, 8, 16):
            cell = CoplanarCell(1, gap, width, 3 * width, 2, 5)
            error = abs(cell.mean_counter_share() - cell.mean_counter_share_1d())
            assert error < 0.2 * np.exp(-pi * width / 2) + 1e-13


def test_mean_share_is_symmetric() -> None:
    cell, swapped = CoplanarCell(1, 0.3, 0.5, 2, 0.2, 1), CoplanarCell(1, 0.3, 2, 0.5, 1, 0.2)
    assert cell.mean_counter_share() + swapped.mean_counter_share() == pytest.approx(1, rel=1e-12)
    assert CoplanarCell(1, 0.3, 2, 2, 1, 1).mean_counter_share() == pytest.approx(0.5, rel=1e-14)


@pytest.mark.parametrize(
    ("height", "gap", "milliamperes"), [(0.5, 20, 21.8), (0.5, 100, 4.4), (1, 20, 42.6)]
)
def test_worked_limiting_currents(height: float, gap: float, milliamperes: float) -> None:
    """Li 1 M, D = 3e-10 m2/s, t+ = 0.35, equal electrodes of 10 um, in mA/cm2."""
    cell = CoplanarCell(height * 1e-6, gap * 1e-6, 1e-5, 1e-5, 0, 0)
    limit = capacity.limiting_current_closed(cell, 3e-10, 1000, 0.35)
    assert limit.working / 10 == pytest.approx(milliamperes, abs=0.06)
    assert limit.counter_concentration == pytest.approx(2000, rel=1e-12)
    formula = 2 * FARADAY * 3e-10 * 1000 / 0.65 / (1e-5 * (gap / height + 4 * log(2) / pi))
    assert limit.working == pytest.approx(formula, rel=1e-12)


def test_closed_limit_of_unequal_electrodes() -> None:
    cell = CoplanarCell(5e-7, 2e-5, 1e-5, 5e-5, 5e-6, 1e-5)
    fast = capacity.limiting_current_closed(cell, 3e-10, 1000, 0.35)
    assert fast.counter_concentration == pytest.approx(1000 * 95 / 70, rel=1e-10)
    assert fast.working * 1e-5 == pytest.approx(fast.counter * 5e-5, rel=1e-14)
    slow = capacity.limiting_current_closed(cell, 3e-10, 1000, 0.35, counter="equal-current")
    assert slow.per_depth < fast.per_depth
    # depth average, step by step: c = 0 before the edge of the working electrode
    end = coplanar.PRIMARY_END * 5e-7
    j = slow.per_depth * 0.65 / (FARADAY * 3e-10 * 5e-7)
    x = np.linspace(0, 5e-5, 20001)
    above = j * (2e-5 + end) + j * (x - x**2 / 1e-4)
    salt = float(np.trapezoid(above, x)) + above[-1] * 1e-5 + j * 2e-5 * (1e-5 + end)
    salt += j * (end**2 + 5e-7**2 / 3) / 2
    assert salt == pytest.approx(1000 * 9.5e-5, rel=1e-8)
    with pytest.raises(ValueError):
        capacity.limiting_current_closed(CoplanarCell(1, 1, 1, 1), 1, 1, 0.4)


def nernst_planck(
    sizes: tuple[float, ...], cation: float, anion: float, voltage: float
) -> tuple[float, float, float]:
    """(current, c at the inner edges of working and counter electrode), depth-averaged, steady.

    Dilute 1:1 salt, fast reversible metal electrodes, ends at c = 1 without net current.
    """
    n = 24
    wave = (1 - np.cos(pi * np.arange(1, n + 1) / n)) / 2
    starts = np.cumsum([0.0, *sizes[:-1]])
    x = np.concatenate([[0.0]] + [a + s * wave for a, s in zip(starts, sizes, strict=True)])
    dx, middle = np.diff(x), (x[1:] + x[:-1]) / 2
    part = np.repeat(np.arange(5), n)
    salt = 2 * cation * anion / (cation + anion)

    def flux(d: float, c: coplanar.Array, psi: coplanar.Array) -> coplanar.Array:
        step = np.diff(psi)
        bernoulli = [np.where(abs(s) < 1e-9, 1.0, s / np.expm1(s + 1e-300)) for s in (step, -step)]
        return np.asarray(d / np.diff(middle) * (bernoulli[0] * c[:-1] - bernoulli[1] * c[1:]))

    def sources(u: coplanar.Array, v: float) -> coplanar.Array:
        lift = u[0::2] + u[1::2]  # ln c + F phi/RT
        metal = np.where(part == 3, v, 0.0)
        drive = np.exp((metal - lift) / 2) - np.exp((lift - metal) / 2)
        return np.where((part == 1) | (part == 3), 1e4 * drive, 0.0) * dx

    def residual(u: coplanar.Array, v: float) -> coplanar.Array:
        c, psi = np.exp(u[0::2]), u[1::2]
        left, right = 2 * salt * (1 - c[0]) / dx[0], 2 * salt * (c[-1] - 1) / dx[-1]
        balance = [
            np.diff(np.concatenate([[left], flux(d, c, sign * psi), [right]]))
            for d, sign in ((cation, 1), (anion, -1))
        ]
        result = np.empty_like(u)
        result[0::2], result[1::2] = balance[0] - sources(u, v), balance[1]
        return result

    u = np.zeros(2 * middle.size)
    for v in np.linspace(0, voltage, 5)[1:]:
        u, _, flag, message = fsolve(residual, u, args=(v,), full_output=True, band=(3, 3))
        assert flag == 1, message
    c = np.exp(u[0::2])
    return float(sources(u, voltage)[part == 3].sum()), float(c[2 * n - 1]), float(c[3 * n])


def test_reservoir_limit_against_nernst_planck() -> None:
    """I grows as c0 minus c at the inner edge of the working electrode; t+ w counts as a path."""
    cation, anion, sizes = 0.8, 1.4, (3.0, 2.0, 4.0, 3.0, 5.0)
    current, inner, counter = nernst_planck(sizes, cation, anion, 3.0)
    height = 1e-9  # no end lengths
    cell = CoplanarCell(height, sizes[2], sizes[1], sizes[3], sizes[0], sizes[4])
    d, t = 2 * cation * anion / (cation + anion), cation / (cation + anion)
    limit = capacity.limiting_current_reservoir(cell, d, 1.0, t)
    scaled = limit.per_depth / (FARADAY * height)
    assert current / (1 - inner) == pytest.approx(scaled, rel=5e-3)
    assert (counter - 1) / (1 - inner) == pytest.approx(limit.counter_concentration - 1, rel=5e-3)
    uniform = capacity.limiting_current_reservoir(cell, d, 1.0, t, reversible=False)
    assert uniform.per_depth > 1.05 * limit.per_depth


def test_reservoir_limits() -> None:
    near = CoplanarCell(1e-6, 2e-5, 1e-5, 1e-5, 1, 1)
    far = CoplanarCell(1e-6, 2e-5, 1e-5, 1e-5)
    values = [capacity.limiting_current_reservoir(c, 3e-10, 1000, 0.35) for c in (near, far)]
    assert values[0].per_depth == pytest.approx(values[1].per_depth, rel=1e-4)
    # far reservoirs change nothing for equal electrodes: the counter side is at 2 c0 either way
    closed = CoplanarCell(1e-6, 2e-5, 1e-5, 1e-5, 0, 0)
    expected = capacity.limiting_current_closed(closed, 3e-10, 1000, 0.35)
    assert values[1].per_depth == pytest.approx(expected.per_depth, rel=1e-10)
    assert values[1].counter_concentration == 2000
    with pytest.raises(ValueError):
        capacity.limiting_current_reservoir(CoplanarCell(1, 1, 1, 1, 3), 1, 1, 0.4)


# --- Times ---

# concentration, current [A/m2], D, t+, charge; Sand [s], exhaustion [s], spread [um] at h = 500 nm
TIMES = [
    (1000, 10, 3e-10, 0.35, 1, 5.2e4, 7.4, 47),
    (1000, 100, 3e-10, 0.35, 1, 519, 0.74, 15),
    (1000, 250, 3e-10, 0.35, 1, 83, 0.30, 9.4),
    (100, 200, 7e-10, 0.4, 2, 14, 0.080, 7.5),
    (100, 1600, 7e-10, 0.4, 2, 0.22, 0.010, 2.7),
    (2000, 100, 4e-10, 0.4, 2, 1.3e4, 3.2, 36),
    (1000, 10, 1e-10, 0.3, 2, 6e4, 14, 37),
    (1000, 1000, 1e-10, 0.3, 2, 6.0, 0.14, 3.7),
]


@pytest.mark.parametrize(("c", "i", "d", "t", "z", "sand", "dry", "spread"), TIMES)
def test_exhaustion_table(
    c: float, i: float, d: float, t: float, z: int, sand: float, dry: float, spread: float
) -> None:
    assert capacity.sand_time(d, i, c, t, z) == pytest.approx(sand, rel=0.04)
    assert exact.sand_time(d, i, c, t, z) == pytest.approx(capacity.sand_time(d, i, c, t, z))
    time = capacity.exhaustion_time(5e-7, -i, c, t, z)
    assert time == pytest.approx(dry, rel=0.02)
    assert capacity.spread_length(d, time) * 1e6 == pytest.approx(spread, rel=0.02)
    layer = capacity.depletion_time(5e-7, d, i, c, t, z)
    assert layer == pytest.approx(time - 5e-7**2 / (3 * d), rel=1e-9)


def test_depletion_time_of_any_depth() -> None:
    """Against a cosine sum of the concentration, and both limits; continuous where forms change."""
    diffusivity, current, c0, t = 3e-10, 100.0, 1000.0, 0.35
    thin, thick = (capacity.depletion_time(h, diffusivity, current, c0, t) for h in (1e-8, 0.1))
    assert thin == pytest.approx(capacity.exhaustion_time(1e-8, current, c0, t), rel=1e-5)
    assert thick == pytest.approx(capacity.sand_time(diffusivity, current, c0, t), rel=1e-12)
    flux = 0.65 * current / FARADAY
    n = pi * np.arange(1, 20001)
    for h in np.geomspace(1e-5, 1e-3, 9):
        time = capacity.depletion_time(h, diffusivity, current, c0, t)
        scaled = diffusivity * time / h**2
        drop = scaled + 1 / 3 - 2 * float(np.sum(np.exp(-(n**2) * scaled) / n**2))
        assert flux * h / diffusivity * drop == pytest.approx(c0, rel=1e-9)


def test_coin_limits() -> None:
    """Li 1 M, 25 um: 3560 A/m2 in free liquid; a separator divides transport and store."""
    free = capacity.coin_limiting_current(25e-6, 3e-10, 1000, 0.35)
    assert free == pytest.approx(3560, rel=1e-3)
    porous = capacity.coin_limiting_current(25e-6, 3e-10, 1000, 0.35, porosity=0.39)
    assert porous == pytest.approx(free * 0.39**1.5, rel=1e-14)
    ratio = capacity.sand_time(3e-10, 1e4, 1000, 0.35) / (25e-6**2 / 3e-10)
    assert ratio == pytest.approx(pi / (16 * (1e4 / free) ** 2), rel=1e-12)
    assert capacity.sand_time(3e-10, 1e4, 1000, 0.35, porosity=0.39) == pytest.approx(
        capacity.sand_time(3e-10, 1e4, 1000, 0.35) * 0.39**2.5, rel=1e-14
    )


def test_settling_time() -> None:
    assert capacity.settling_time(40e-6, 3e-10) == pytest.approx(40e-6**2 / (pi**2 * 3e-10))

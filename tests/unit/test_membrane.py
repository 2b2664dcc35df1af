"""Windows under pressure: tabulated deflections, an elastic strip, a Ritz solution, errors of a case."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_bvp
from scipy.optimize import brentq, minimize

from thincell.geometry.bulge import Bulge
from thincell.geometry.membrane import Membrane
from thincell.model import capacity, depletion
from thincell.model.coplanar import CoplanarCell
from thincell.model.uneven import Salt, UnevenLayer
from thincell.studies.case import Case, InputError

ATM, MODULUS, POISSON = 101325.0, 250e9, 0.23

#: w0 [um], strip and square, by thickness [nm] and stress [MPa], for short sides of 20, 30, 50, 100, 200 um.
TABLE = {
    (50, 50): "0.36/0.29 0.63/0.51 1.27/1.04 3.23/2.67 8.2/6.8",
    (50, 200): "0.29/0.21 0.54/0.40 1.13/0.88 3.02/2.41 7.9/6.4",
    (50, 1000): "0.10/0.06 0.22/0.13 0.58/0.35 1.98/1.31 6.1/4.4",
    (25, 200): "0.41/0.31 0.73/0.58 1.51/1.21 3.93/3.20 10.1/8.3",
    (100, 200): "0.19/0.13 0.37/0.26 0.82/0.61 2.26/1.76 6.0/4.8",
}


def window(
    width: float = 50e-6, aspect: float = math.inf, stress: float = 200e6, t: float = 50e-9
) -> Membrane:
    return Membrane(t, MODULUS, POISSON, stress, width, width * aspect)


@pytest.mark.parametrize("key", TABLE)
def test_table(key: tuple[int, int]) -> None:
    for side, pair in zip((20, 30, 50, 100, 200), TABLE[key].split(), strict=True):
        for text, aspect in zip(pair.split("/"), (math.inf, 1.0), strict=True):
            found = window(side * 1e-6, aspect, key[1] * 1e6, key[0] * 1e-9).deflection(ATM) * 1e6
            last = 10.0 ** -len(text.split(".")[1])
            assert found == pytest.approx(float(text), abs=0.501 * last)


@pytest.mark.parametrize("stress", [0.0, 50e6, 200e6, 1e9])
@pytest.mark.parametrize("side", [20e-6, 50e-6, 200e-6])
def test_strip_is_an_elastic_membrane(side: float, stress: float) -> None:
    """Against its true curvature and length: w'' = -(p/N)(1 + w'^2)^(3/2), N by its stretch."""
    strip, a = window(side, stress=stress), side / 2

    def profile(force: float) -> tuple[float, float]:
        """(w0, length over 2a) under a force per length [N/m]."""
        load = ATM * a / force

        def slopes(_: np.ndarray, y: np.ndarray) -> np.ndarray:
            curvature = -load * (1 + y[1] ** 2) ** 1.5
            return np.vstack([y[1], curvature, np.sqrt(1 + y[1] ** 2)])

        def ends(left: np.ndarray, right: np.ndarray) -> np.ndarray:
            return np.array([left[1], left[2], right[0]])

        x = np.linspace(0, 1, 41)
        guess = np.vstack([load / 2 * (1 - x**2), -load * x, x])
        found = solve_bvp(slopes, ends, x, guess, tol=1e-10)
        assert found.success
        return float(found.y[0, 0]) * a, float(found.y[2, -1])

    stiffness = MODULUS * strip.thickness / (1 - POISSON**2)

    def mismatch(force: float) -> float:
        return stress * strip.thickness + stiffness * (profile(force)[1] - 1) - force

    start = strip.deflection(ATM)
    estimate = ATM * a**2 / (2 * start)
    force = brentq(mismatch, 0.8 * estimate, 1.25 * estimate, rtol=1e-10)
    assert strip.deflection(ATM) == pytest.approx(profile(force)[0], rel=0.02)


def poisson_centre(aspect: float) -> float:
    """c1 of a rectangle under pure tension, by the series of its centre (odd harmonics across)."""
    n = np.arange(1, 60, 2)
    far = np.exp(-n * math.pi / 2 * aspect)
    terms = (-1.0) ** ((n - 1) // 2) / n**3 * (1 - 2 * far / (1 + far**2))
    return 1 / (16 / math.pi**3 * float(terms.sum()))


@pytest.mark.parametrize("aspect", [1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 8.0])
def test_tension_of_a_rectangle(aspect: float) -> None:
    assert window(aspect=aspect).tension_factor == pytest.approx(poisson_centre(aspect), rel=0.02)


def ritz(aspect: float, stress: float) -> float:
    """w0 of a rectangle by minimising its energy in polynomials that vanish at the rim.

    Lengths in a, w in s and u, v in s^2/a; energy E t s^4/a^4 [strains of u, v, w'^2/2] + tension - pressure.
    """
    a, s = 25e-6, 1e-6
    points, weights = np.polynomial.legendre.leggauss(16)
    x, y = (g.ravel() for g in np.meshgrid((points + 1) / 2, (points + 1) / 2 * aspect, indexing="ij"))
    weight = np.outer(weights, weights).ravel() * aspect / 4

    def basis(px: int, py: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(1 - x^2)(1 - Y^2) x^px Y^py with its two derivatives, Y = y/aspect."""
        fx = np.polynomial.Polynomial([0] * px + [1]) * np.polynomial.Polynomial([1, 0, -1])
        fy = np.polynomial.Polynomial([0] * py + [1]) * np.polynomial.Polynomial([1, 0, -1])
        big = y / aspect
        return fx(x) * fy(big), fx.deriv()(x) * fy(big), fx(x) * fy.deriv()(big) / aspect

    even, odd = (0, 2, 4, 6, 8), (1, 3, 5, 7)
    w = [basis(i, j) for i in even[:4] for j in even[:4]]
    u = [basis(i, j) for i in odd for j in even[:4]]
    v = [basis(i, j) for i in even[:4] for j in odd]
    stack = [[np.array([f[k] for f in group]).T for k in range(3)] for group in (w, u, v)]
    (wf, wx, wy), (_, ux, uy), (_, vx, vy) = stack
    nu, stretch = POISSON, 1 / (1 - POISSON**2)
    tension = stress / MODULUS * (a / s) ** 2
    load = ATM * a**4 / (MODULUS * 50e-9 * s**3)
    cuts = np.cumsum([len(w), len(u)])

    def energy(c: np.ndarray) -> tuple[float, np.ndarray]:
        cw, cu, cv = np.split(c, cuts)
        sx, sy = wx @ cw, wy @ cw
        exx, eyy, exy = ux @ cu + sx**2 / 2, vy @ cv + sy**2 / 2, uy @ cu + vx @ cv + sx * sy
        nx, ny, nxy = (
            stretch * (exx + nu * eyy),
            stretch * (eyy + nu * exx),
            stretch * (1 - nu) / 2 * exy,
        )
        density = (
            (nx * exx + ny * eyy + nxy * exy) / 2 + tension * (sx**2 + sy**2) / 2 - load * (wf @ cw)
        )
        px, py = (nx + tension) * sx + nxy * sy, (ny + tension) * sy + nxy * sx
        gradient = [
            wx.T @ (weight * px) + wy.T @ (weight * py) - load * (wf.T @ weight),
            ux.T @ (weight * nx) + uy.T @ (weight * nxy),
            vy.T @ (weight * ny) + vx.T @ (weight * nxy),
        ]
        return float(weight @ density), np.concatenate(gradient)

    start = np.zeros(len(w) + len(u) + len(v))
    start[0] = 1.0
    found = minimize(
        energy, start, jac=True, method="BFGS", options={"gtol": 1e-6 * load, "maxiter": 2000}
    )
    return float(found.x[0]) * s  # at x = y = 0 the first function alone is not zero


@pytest.mark.parametrize("aspect", [1.0, 1.25, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("stress", [0.0, 200e6])
def test_rectangle_against_ritz(aspect: float, stress: float) -> None:
    assert window(aspect=aspect, stress=stress).deflection(ATM) == pytest.approx(
        ritz(aspect, stress), rel=0.02
    )


def test_limits_and_shape() -> None:
    square, strip = window(aspect=1.0), window()
    assert square.tension_factor == pytest.approx(3.45, rel=1e-12)
    assert square.stretching_factor == pytest.approx(
        1.994 * (1 - 0.271 * POISSON) / (1 - POISSON), rel=1e-12
    )
    assert window(aspect=50).deflection(ATM) == pytest.approx(strip.deflection(ATM), rel=1e-12)
    assert strip.deflection(-ATM) == -strip.deflection(ATM)
    assert strip.deflection(0.0) == 0.0
    a = 25e-6
    assert strip.shape([0.0, a / 2, a, 2 * a], 0.0, 1.0) == pytest.approx([1.0, 0.75, 0.0, 0.0])
    long = window(aspect=2.0)
    turned = Membrane(50e-9, MODULUS, POISSON, 200e6, long.length, long.width)
    assert turned.deflection(ATM) == long.deflection(ATM)
    x, y = np.array([3e-6, 20e-6, 0.0]), np.array([40e-6, 0.0, 50e-6])
    assert long.shape(x, y, 1.0) == pytest.approx(turned.shape(y, x, 1.0))
    assert long.shape(0.0, 0.0, 1.0) == pytest.approx(1.0)
    assert long.shape(0.0, 50e-6, 1.0) == pytest.approx(0.0, abs=1e-12)


# -- the depth average under an uneven lid against the formulas of a flat one ------------------------------


def layer(heights: float | np.ndarray, count: int = 80) -> UnevenLayer:
    along = (1 - np.cos(np.linspace(0, np.pi, count + 1))) / 2
    marks = np.array([-210.0, -10.0, 0.0, 20.0, 70.0, 270.0]) * 1e-6
    pieces = [a + (b - a) * along for a, b in pairwise(marks)]
    nodes = np.concatenate([pieces[0][:1], *(piece[1:] for piece in pieces)])
    return UnevenLayer(nodes, np.broadcast_to(heights, len(nodes) - 1), (-10e-6, 0.0), (20e-6, 70e-6))


def test_flat_layers_have_the_limits_of_flat_layers() -> None:
    flat, salt = layer(500e-9), Salt(2.9e-10, 1000.0, 0.325)
    cell = CoplanarCell(500e-9, 20e-6, 10e-6, 50e-6, 200e-6, 200e-6)
    numbers = (salt.diffusivity, salt.concentration, salt.transference)
    fast = capacity.limiting_current_closed(cell, *numbers).per_depth
    slow = capacity.limiting_current_closed(cell, *numbers, counter="equal-current").per_depth
    assert flat.limit_closed(salt) == pytest.approx(fast, rel=1e-6)
    assert flat.limit_closed_slow(salt) == pytest.approx(slow, rel=1e-4)
    reservoir = capacity.limiting_current_reservoir(cell, *numbers).per_depth
    assert flat.limit_reservoirs(salt) == pytest.approx(reservoir, rel=1e-9)
    for open_ends in (False, True):
        for returned in (False, True):
            fed = depletion.FedLayer(
                cell.height, cell.length, (200e-6, 210e-6), (230e-6, 280e-6) if returned else None,
                salt.diffusivity, open_ends,
            )  # fmt: skip
            exact = fed.depletion_time(100.0, salt.concentration, salt.transference)
            assert flat.depletion_time(salt, 100.0, returned, open_ends) == pytest.approx(
                exact, rel=2e-3
            )
    assert flat.depletion_time(salt, 10.0, returned=True) == math.inf


# -- the table of a case ------------------------------------------------------------------------------


def case(bulge: dict[str, object], **cell: object) -> Case:
    return Case.parse(
        {
            "cell": {"type": "chip", "height": "500 nm", "bulge": bulge, **cell},
            "electrolyte": {"name": "LiPF6-EC-DMC", "concentration": "1 mol/L"},
            "reactions": {"plating": {"name": "Li/Li+"}},
            "protocol": [{"plate": "1 mA/cm^2", "for": "1 s"}],
        }
    )


@pytest.mark.parametrize(
    ("bulge", "words"),
    [
        ({}, ["cell.bulge.width", "missing"]),
        ({"width": "50"}, ["cell.bulge.width", "no unit"]),
        ({"width": "500 nm"}, ["cell.bulge.width", "times the thickness"]),
        ({"width": "50 um", "windows": 3}, ["cell.bulge.windows", "3", "1 or 2"]),
        ({"width": "50 um", "stress": "-1 MPa"}, ["cell.bulge.stress", "-1 MPa", ">= 0"]),
        ({"width": "50 um", "poisson": 0.5}, ["cell.bulge.poisson", "0.5"]),
        ({"width": "50 um", "pressure": "-1 atm"}, ["cell.bulge.pressure", "presses the windows in"]),
        ({"width": "50 um", "centre": "1 mm"}, ["cell.bulge.centre", "not over the liquid"]),
        ({"width": "5 cm"}, ["cell.bulge.width", "check the units"]),
        ({"width": "50 um", "widht": "1 um"}, ["cell.bulge.widht", "unknown key"]),
    ],
)
def test_errors(bulge: dict[str, object], words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        case(bulge)
    for word in words:
        assert word in str(caught.value)


def test_deposits_know_a_flat_lid_only() -> None:
    deposit = Case.load(Path(__file__).parents[2] / "examples" / "deposit-li.toml")
    with pytest.raises(InputError, match=r"cell\.bulge: .*\[deposit\]"):
        deposit.changed({"cell.bulge": {"width": "50 um"}})


def test_a_case_makes_its_lid() -> None:
    both, one = case({"width": "50 um"}), case({"width": "50 um", "windows": 1})
    deflection = window().deflection(ATM)
    for made, share in ((both, 2), (one, 1)):
        section = made.cell.section()  # type: ignore[union-attr]
        assert isinstance(section.lid, Bulge)
        assert section.tallest == pytest.approx(500e-9 + share * deflection)
        assert section.height_at([-25e-6, 25e-6, 40e-6]) == pytest.approx(np.full(3, 500e-9))
    mean = both.cell.section().mean_height(-25e-6, 25e-6)  # type: ignore[union-attr]
    assert mean == pytest.approx(500e-9 + 2 * deflection * 2 / 3)
    assert Case.parse(both.resolved()) == both

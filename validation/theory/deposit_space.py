r"""A deposit in space: an eighth of a sphere at rest and dissolving, a film that is the same all along a bar.

In the units of `sharp_front`, lengths in um. The eighth sits in a corner of the box, whose floor and sides no
flux crosses. Kinetics are so slow that c and Phi are uniform, and so small a shift is linear: the sphere and
the counter electrode, of area A, share it as two resistances do.

For a profile 1/2 (1 - tanh((r - r0)/(2 delta))) the capillary part of the rate sums to 2 r0 per solid angle,
the kinetic part to j (r0^2 + S delta^2) with S = int s(xi) ln^2(xi/(1-xi)) dxi = 2.3, the volume is that of
r0^3 + (pi delta)^2 r0. Hence, with J = r0^2 + S delta^2,

    no current  E = -(Gamma/z) 2 r0/J,
    E = 0       dr0/dt = -Omega (dj/deta) (Gamma/z) 2 r0/(r0^2 + (pi delta)^2/3)/(1 + pi J/(2 A)),

where a sharp sphere has 2/r0: 9 and 12 % more at r0 = 5 delta. A disc has no such error.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import log, pi
from typing import Any

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.run import Runner
from thincell.validation.rows import Row
from thincell.validation.theory.front_cases import Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal, still_overpotential

CAPILLARITY, SLOW, RADIUS, DELTA = 0.01, 0.01, 0.5, 0.1

#: Width, length, and height of the electrode's part of the box; gap to the counter electrode, and its width.
SIDE, GAP, COUNTER = 1.2, 0.5, 0.3

#: The sphere, of the kinetics and the surface energy of its metal.
SPHERE = Strip(
    Cell(metal=Metal(exchange=SLOW, capillarity=CAPILLARITY), height=SIDE, far="counter"),
    SIDE,
    0.0,
    DELTA,
)

QUIET = {"figures": False, "fields": False}


def rows() -> Iterator[Row]:
    """A sphere that neither grows nor dissolves, one that dissolves, a bar."""
    yield from _still()
    yield from _dissolving()
    yield from _bar()


def box(step: dict[str, Any], cells: float) -> Runner:
    """An eighth of a sphere on the electrode during one step, run."""
    data = SPHERE.data([step], cells=cells)
    data["deposit"] |= {"seeds": [{"x": um(-SIDE), "y": um(-SIDE / 2), "radius": um(RADIUS)}]}
    data["cell"] = {
        "type": "chip", "view": "solid", "height": um(SIDE), "length": um(SIDE), "gap": um(GAP),
        "margin": um(0.0), "working": {"width": um(SIDE), "thickness": um(0.0)},
        "counter": {"width": um(COUNTER), "thickness": um(0.0)},
    }  # fmt: skip
    runner = Runner(Case.parse({**data, "mesh": {}, "output": QUIET}))
    runner.run()
    return runner


def curvature(radius: float, spread: float) -> float:
    """2/r of a sphere with a profile [1/um]; ``spread`` is a mean of ln^2(xi/(1-xi))."""
    return 2 * radius / (radius**2 + spread * DELTA**2)


@cache
def weighted_spread() -> float:
    """S, with the weight of the reaction's source."""

    def weight(xi: float) -> float:
        return min(1.0, xi * (1 - xi) / 0.05)

    whole, _ = quad(weight, 0, 1)
    return float(quad(lambda xi: weight(xi) * log(xi / (1 - xi)) ** 2, 0, 1)[0] / whole)


def rest() -> float:
    """The exact potential [RT/F] at which the sphere neither grows nor dissolves."""
    return still_overpotential(1 / curvature(RADIUS, weighted_spread()), CAPILLARITY)


@cache
def still_potential(cells: float) -> float:
    """E at which no current flows to the sphere, between two holds that bracket it."""
    held, currents = [share * rest() for share in (0.9, 1.1)], []
    for potential in held:
        runner = box({"hold": SPHERE.volts(potential), "for": SPHERE.seconds(0.01)}, cells)
        currents.append(runner.records.rows[-1][names.CURRENT_DENSITY.name])
    return float(held[0] - currents[0] * (held[1] - held[0]) / (currents[1] - currents[0]))


def _still() -> Iterator[Row]:
    cells = (1.0, 2.0)
    exact, found = rest(), [still_potential(count) for count in cells]
    errors = [abs(potential / exact - 1) for potential in found]
    order = -float(np.polyfit(np.log(cells), np.log(errors), 1)[0])
    case = "sphere at rest, r = 5 delta, 1 and 2 cells per delta"
    yield Row(case, "potential [RT/F]", found[-1], exact, 0.02, order=order, least_order=1.5)


def radius_of(volume: float) -> float:
    """Of an eighth with a tanh profile: V = pi/6 (r^3 + pi^2 delta^2 r)."""
    return float(
        brentq(lambda r: pi / 6 * (r**3 + (pi * DELTA) ** 2 * r) - volume, 0.0, SIDE, xtol=1e-12)
    )


@cache
def dissolved(cells: float, share: float = 0.1) -> tuple[float, float, float]:
    """Change of the radius at E = 0 while a sphere loses about a share of it, the exact one, the books."""
    metal = SPHERE.cell.metal

    def speed(r: float) -> float:
        shared = 1 + pi / 2 * (r**2 + weighted_spread() * DELTA**2) / (COUNTER * SIDE)
        shift = CAPILLARITY * curvature(r, pi**2 / 3) / shared
        return -metal.molar_volume * metal.current(1.0, shift)

    duration = share * RADIUS / -speed(RADIUS)
    runner = box({"hold": SPHERE.volts(0.0), "for": SPHERE.seconds(duration)}, cells)
    rows = runner.records.rows
    first, last = (radius_of(row[names.VOLUME.name] * 1e6 * SIDE**2) for row in (rows[0], rows[-1]))
    times = [row[names.TIME.name] / 0.01 for row in (rows[0], rows[-1])]
    exact = solve_ivp(lambda _, r: [speed(float(r[0]))], times, [first], rtol=1e-9).y[0, -1]
    return last - first, float(exact) - first, max(runner.observer.worst.values())


def _dissolving() -> Iterator[Row]:
    change, exact, books = dissolved(2.0)
    case = "sphere dissolving under its surface tension, r = 5 delta"
    yield Row(case, "change of the radius [um]", change, exact, 0.1)
    yield Row(case, "books", books, 0.0, 1e-10, absolute=True)


@cache
def bar(view: str, duration: str = "20 ms", **deposit: Any) -> Runner:
    """A film of lithium on a bar, plated, on meshes that do not follow it; ``deposit`` adds to its table."""
    fixed = {"adaptive": False, "reach": "250 nm", "courant": 0.5}
    runner = Runner(
        Case.parse(
            {
                "title": "a film all along a bar",
                "cell": {
                    "type": "chip", "view": view, "height": "0.5 um", "length": "0.15 um", "gap": "1 um",
                    "margin": "0 nm", "working": {"width": "0.5 um", "thickness": "0 nm"},
                    "counter": {"width": "0.5 um", "thickness": "0 nm"},
                },
                "electrolyte": {"name": "LiPF6-EC-DMC"},
                "reactions": {"plating": {"name": "Li/Li+"}},
                "deposit": {"interface": "25 nm", "film": "80 nm"} | fixed | deposit,
                "protocol": [{"plate": "1 A/cm^2", "for": duration}],
                "output": QUIET,
            }
        )
    )  # fmt: skip
    runner.run()
    return runner


def _bar() -> Iterator[Row]:
    solid, section = bar("solid"), bar("section")
    case = "film on a bar, solid against section"
    end, wanted = solid.records.rows[-1], section.records.rows[-1]
    for name, tolerance in ((names.VOLTAGE.name, 1e-3), (names.HEIGHT.name, 5e-3)):
        yield Row(case, name, end[name], wanted[name], tolerance)
    yield Row(case, "books", max(solid.observer.worst.values()), 0.0, 1e-10, absolute=True)

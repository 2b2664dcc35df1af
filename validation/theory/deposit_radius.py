"""From round to branched: the radius from which on ripples outgrow a growing disc, proportional to D/k_s.

A quarter of a disc in the corner of a square, with a ripple of mode 4: a_4/R falls until R = R_c and rises
from there; `dispersion.critical_radius` has R_c, Jacobson & Miller 2022 (arXiv:2204.01173) the
proportionality. With gamma = 1/2 and alpha_c = 1/4 far from equilibrium, and anions at rest, so that
Phi = 2 ln c + constant, the rate is k_s c. The counter electrode is fast. Lengths in um.

The ripple is the union of three discs. They are so large that the outline is smooth: kinks are modes 8 and
12, which pull mode 4 along in proportion to their amplitude.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.frames import Frame, frames
from thincell.studies.growth.segments import segments
from thincell.studies.results import Run
from thincell.studies.run import run
from thincell.validation.rows import Row
from thincell.validation.theory.cases import plating
from thincell.validation.theory.dispersion import Disc, critical_radius
from thincell.validation.theory.front_cases import LENGTH, Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal

Array = NDArray[np.float64]

#: Potential far below equilibrium, side of the square, i0 of the counter electrode.
POTENTIAL, BOX, FAST = -8.0, 12.0, 100.0

#: R_c is looked for between these shares of D^ m/(m - 2)/k_s.
FROM, TO = 0.75, 1.3

#: Height of the ripple and radius of its discs, relative to the disc in the corner.
BUMP, ROUND = 0.03, 0.8

MODE, DELTA = 4, 0.05


def _cell(rate: float) -> Cell:
    exchange = rate * exp(POTENTIAL / 4)
    metal = Metal(exchange=exchange, anodic=0.75, cathodic=0.25, molar_volume=1e-3)
    return Cell(metal=metal, height=BOX, far="counter")


def grown(rate: float) -> tuple[Strip, Run]:
    """A disc that grows with about ``rate`` times c through its critical radius."""
    cell = _cell(rate)
    strip = Strip(cell, BOX, 0.0, DELTA)
    scale = cell.salt.resting / rate * MODE / (MODE - 2)
    start, radius = FROM * scale, ROUND * FROM * scale
    off = start * (1 + BUMP) - radius
    discs = [(0.0, 0.0, start), (off, 0.0, radius), (0.0, off, radius)]
    seeds = [{"x": um(x - BOX), "z": um(z), "radius": um(r)} for x, z, r in discs]
    time = (TO - FROM) * scale / (cell.metal.molar_volume * rate * 0.45)
    data: dict[str, Any] = strip.data(
        [{"hold": strip.volts(POTENTIAL), "for": strip.seconds(time)}], seeds=seeds
    )
    working = data["reactions"]["plating"] | {"electrodes": ["working"]}
    fast = plating(FAST * strip.density) | {"electrodes": ["counter"]}
    data["reactions"] = {"plating": working, "counter": fast}
    data["mesh"] = {"columns": 6, "layers": 6}
    data["output"] = {"figures": False, "fields": False, "every": strip.seconds(time / 20)}
    return strip, run(Case.parse(data))


def outline(frame: Frame) -> tuple[float, float]:
    """(R, a_4/R) of the quarter disc in the lower left corner."""
    inside = np.clip(frame.metal, 1e-6, 1 - 1e-6)
    points = frame.points / LENGTH + np.array([BOX, 0.0])
    ends = segments(frame.triangles, np.log(inside / (1 - inside)), points)
    theta = np.arctan2(ends[:, :, 1], ends[:, :, 0])
    width = np.abs(theta[:, 1] - theta[:, 0])
    square = (ends**2).sum(axis=2).mean(axis=1)
    area, moment = (
        float(np.sum(square * weight * width) / 2) for weight in (1.0, np.cos(MODE * theta.mean(axis=1)))
    )
    return sqrt(4 * area / pi), moment / area


def measured(rate: float) -> tuple[float, float]:
    """(R_c, k_s there): the minimum of a parabola through ln a_4/R over ln R, and r/c at the front."""
    strip, found = grown(rate)
    radii, ripples, rates = [], [], []
    for frame in frames(found.maps)[2:]:
        radius, ripple = outline(frame)
        front = found.profile("working", frame.time)
        c = front[names.CONCENTRATION.name] / strip.concentration
        r = -front[names.LOCAL.name] / strip.density
        radii.append(radius)
        ripples.append(ripple)
        rates.append(float(np.average(r / c, weights=front[names.AREA.name])))
    curve = np.polyfit(np.log(radii), np.log(ripples), 2)
    lowest = exp(-curve[1] / (2 * curve[0]))
    return lowest, float(np.interp(lowest, radii, rates))


def rows() -> Iterator[Row]:
    """Critical radii of three rate constants, and the exponent of D/k_s."""
    disc = Disc(diffusivity=_cell(1.0).salt.resting, outer=1e3)
    lengths, radii = [], []
    for rate in (4.0, 3.0, 2.2):
        radius, constant = measured(rate)
        exact = critical_radius(MODE, replace(disc, rate_constant=constant))
        yield Row(
            f"growing disc, D^/k_s = {disc.diffusivity / constant:.3g} um", "R_c", radius, exact, 0.15
        )
        lengths.append(log(disc.diffusivity / constant))
        radii.append(log(radius))
    slope = float(np.polyfit(lengths, radii, 1)[0])
    yield Row("growing discs", "exponent of R_c in D/k_s", slope, 1.0, 0.1)

"""Deposits seen from above: Faraday's law, the section of the same one-dimensional cell, discs."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.expressions import bare
from thincell.studies.figures.build import Half
from thincell.studies.figures.deposit import draw
from thincell.studies.frames import frames
from thincell.studies.growth.contour import FrontSampler
from thincell.studies.run import Runner
from thincell.validation.theory.cases import FARADAY
from thincell.validation.theory.front_cases import LENGTH, MOLAR_VOLUME, Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal

#: A film 1.2 um thick in a cell 8 um long, a strip 1.21 um wide, delta = 0.2 um.
STRIP = Strip(Cell(metal=Metal(exchange=0.1), far="counter"), 1.21, 1.2, 0.2)
CURRENT, DURATION = 0.1, 5000.0

#: Width of the counter electrode from above [um]: an area, where the section has a wall.
COUNTER = 0.1

QUIET = {"figures": False, "fields": False}


def flat(view: str) -> dict[str, Any]:
    """The same one-dimensional cell: facing plates, and bars that cross the liquid."""
    step = {"plate": f"{CURRENT * STRIP.density!r} A/m^2", "for": STRIP.seconds(DURATION)}
    data = STRIP.data([step], band=2.0)
    if view == "plan":
        data["cell"] = {
            "type": "chip", "view": "plan", "height": um(1.0), "length": um(STRIP.width),
            "gap": um(STRIP.cell.height - COUNTER / 2), "margin": um(0.0),
            "working": {"width": um(1.0), "thickness": um(0.0)},  # as wide as high: its wall has its area
            "counter": {"width": um(COUNTER), "thickness": um(0.0)},
        }  # fmt: skip
    else:
        data["mesh"] = {"columns": 1, "layers": 7}
    return {**data, "output": QUIET}


@cache
def grown(view: str) -> tuple[Runner, Any, Any]:
    """The cell after plating: the runner, where its front is [um], and c/c0 there."""
    runner = Runner(Case.parse(flat(view)))
    runner.run()
    rows = FrontSampler(runner.problem, [bare(runner.problem.concentration)])()
    return (
        runner,
        rows[:, 0 if view == "plan" else 1] * runner.problem.scales.length / LENGTH,
        rows[:, 3],
    )


@pytest.mark.parametrize("view", ["plan", "section"])
def test_flat_front_obeys_faradays_law(view: str) -> None:
    """Volume of metal per charge times c0 is the front's speed per current, in the units of STRIP."""
    runner, front, _ = grown(view)
    travelled = STRIP.cell.metal.molar_volume * CURRENT * DURATION
    assert front.mean() - STRIP.start == pytest.approx(travelled, rel=1e-3)
    assert np.ptp(front) < 0.01 * STRIP.delta
    assert max(runner.observer.worst.values()) < 1e-10
    assert runner.growth is not None
    assert runner.growth.remeshes > 1


def test_plan_and_section_of_a_flat_front_agree() -> None:
    """From above, half of the counter electrode lies beyond the section's wall, where there is more salt:

    c is lower by (c_counter - c0) COUNTER/2 over the length.
    """
    (_, front, low), (cut, other, exact) = grown("plan"), grown("section")
    assert front.mean() == pytest.approx(other.mean(), abs=1e-3)
    high = cut.records.rows[-1][names.HIGHEST.name] / STRIP.concentration
    shift = (high - 1) * COUNTER / 2 / (STRIP.cell.height - other.mean())
    assert low.mean() == pytest.approx(exact.mean() - shift, rel=1e-3)


DISC = {
    "title": "a disc",
    "cell": {
        "type": "chip", "view": "plan", "height": "500 nm", "gap": "5 um", "margin": "1 um",
        "working": {
            "width": "2 um", "thickness": "0 nm", "outline": {"shape": "disc", "x": "0 um", "radius": "1 um"},
        },
        "counter": {
            "width": "1 um", "thickness": "0 nm",
            "outline": {"shape": "ring", "x": "0 um", "inner": "4 um", "outer": "5 um"},
        },
    },
    "electrolyte": {"name": "LiPF6-EC-DMC"},
    "reactions": {"lithium": {"name": "Li/Li+"}},
    "protocol": [{"plate": "100 mA/cm^2", "for": "4 s"}],
    "deposit": {"interface": "140 nm", "film": "600 nm", "cells": 1.0, "courant": 1.0, "band": 3.0},
    "solver": {"tolerance": 0.01},
    "output": QUIET,
}  # fmt: skip


def test_disc_grows_as_a_circle() -> None:
    """pi h (R^2 - R_0^2) is the metal's volume; symmetric to 1 %, and so is the current."""
    runner = Runner(Case.parse(DISC))
    first = _radii(runner)
    run = runner.run()
    last, cell = _radii(runner), runner.case.cell
    charge = -run.history[names.CHARGE.name][-1] * cell.footprint(Tag.WORKING)
    area = charge * MOLAR_VOLUME / FARADAY / cell.height / math.pi
    exact = math.sqrt(first.mean() ** 2 + area)
    assert last.mean() - first.mean() == pytest.approx(exact - first.mean(), rel=2e-3)
    assert np.ptp(last) < 0.01 * last.mean()
    assert max(runner.observer.worst.values()) < 1e-10
    rows = run.profile("working")
    density, wall = rows[names.LOCAL.name], rows[names.AREA.name]
    assert np.ptp(density) < 0.01 * abs(density.mean())
    assert wall.sum() == pytest.approx(2 * math.pi * exact * cell.height, rel=2e-3)
    assert run.deposit["Number of arms"][-1] == 0
    assert run.deposit["Tip ratio"][-1] == pytest.approx(1, abs=0.03)
    assert draw([Half("", run)]) is not None


def test_metal_under_windows_that_bulge_is_counted_with_its_height() -> None:
    """The integral of h xi, from the maps, is what Faraday's law makes of the charge."""
    cell = {
        **DISC["cell"], "margin_working": "0 um", "margin_sides": "0 um", "length": "3 um",
        "working": {"width": "2 um", "thickness": "0 nm"},
        "counter": {"width": "1 um", "thickness": "0 nm"},
        "bulge": {"width": "8 um", "centre": "2 um", "stress": "200 MPa"},
    }  # fmt: skip
    step = {"plate": "100 mA/cm^2", "for": "2 s"}
    runner = Runner(Case.parse({**DISC, "cell": cell, "protocol": [step]}))
    run = runner.run()
    made = runner.case.cell
    first, *_, last = (_volume(frame, made.heights(frame.points)) for frame in frames(run.maps))
    charge = -np.ptp(run.history[names.CHARGE.name]) * made.footprint(Tag.WORKING)
    assert last - first == pytest.approx(-charge * MOLAR_VOLUME / FARADAY, rel=5e-4)
    assert max(runner.observer.worst.values()) < 1e-10
    high = made.heights(np.array([[2e-6, 0.0]]))[0]
    assert high > 1.05 * made.heights(np.zeros((1, 2)))[0]


def _volume(frame: Any, heights: Any) -> float:
    """Of the metal [m3]."""
    a, b, c = (frame.points[frame.triangles[:, k]] for k in range(3))
    twice = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    return float(twice / 2 @ (frame.metal * heights)[frame.triangles].mean(axis=1))


def _radii(runner: Runner) -> Any:
    """Distances of the front from the disc's centre [m]."""
    rows = FrontSampler(runner.problem, [])()
    return np.hypot(rows[:, 0], rows[:, 1]) * runner.problem.scales.length

"""A growing deposit: the planar front against the sharp moving boundary, in space and in time, and its books.

The cells are those of `sharp_front`: i/i_lim = 0.04 (kinetic), 0.37 (mixed) and 0.83 (near the limit) at a
held voltage, from a uniform start, with a counter electrode of the same metal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from thincell.studies.case import Case
from thincell.studies.run import Runner
from thincell.validation.rows import Row
from thincell.validation.theory.front_cases import Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal, transient

#: Allowed error of the growth by i/i_lim, at delta = 0.1 um, and i0 of each case.
ALLOWED = {0.04: 3e-3, 0.37: 5e-3, 0.83: 1e-2}
EXCHANGE = {0.04: 0.01, 0.37: 0.1, 0.83: 0.1}

HEIGHT, OMEGA, WIDTH = 8.0, 1e-3, 0.12


@dataclass(frozen=True)
class Grown:
    """Relative error of the thickness grown, the run's audits, and how often the mesh followed."""

    error: float
    books: tuple[float, ...]
    remeshes: int


def _cell(share: float, height: float) -> Cell:
    metal = Metal(exchange=EXCHANGE[share], molar_volume=OMEGA)
    return Cell(metal=metal, height=height, far="counter")


def _run(strip: Strip, data: dict[str, Any]) -> tuple[Runner, Any]:
    runner = Runner(Case.parse({**data, "output": {"figures": False, "fields": False}}))
    return runner, runner.run()


def _books(runner: Runner) -> tuple[float, ...]:
    return tuple(runner.observer.worst.values())


def grow(share: float, delta: float, growth: float, courant: float = 0.25, **deposit: Any) -> Grown:
    """Grow ``growth`` micrometres at a held voltage and compare with the transient sharp front."""
    start = max(6 * delta, 0.6)
    cell, first = _cell(share, HEIGHT), _cell(share, HEIGHT - start)
    voltage = first.voltage(-share * first.limiting_current())
    longest = growth / (OMEGA * share * first.limiting_current())
    whole = transient(cell, np.linspace(0, 0.8 * longest, 200), voltage=voltage, start=start)
    end = float(np.interp(growth, whole.thickness - start, whole.times))
    strip = Strip(cell, WIDTH, start, delta)
    table = {"adaptive": False, "reach": um(start + 1.2 * growth + 10 * delta), "courant": courant}
    protocol = [{"hold": strip.volts(voltage), "for": strip.seconds(end)}]
    runner, run = _run(strip, strip.data(protocol, **table, **deposit))
    thickness = strip.history(run)["thickness"]
    times = np.concatenate([[0.0], strip.history(run)["time"]])
    exact = transient(cell, times, voltage=voltage, start=start).thickness
    error = (thickness[-1] - thickness[0]) / (exact[-1] - exact[1]) - 1
    return Grown(float(error), _books(runner), 0)


def plate_and_strip(delta: float, adaptive: bool) -> Grown:
    """Plate 6 delta, then strip half of it, at a given current."""
    strip = Strip(_cell(0.37, HEIGHT), WIDTH, 1.2, delta)
    current = 0.1 * strip.density
    seconds = strip.seconds(6 * delta / (OMEGA * 0.1))
    half = strip.seconds(3 * delta / (OMEGA * 0.1))
    steps = [
        {"plate": f"{current!r} A/m^2", "for": seconds},
        {"strip": f"{current!r} A/m^2", "for": half},
    ]
    runner, _ = _run(strip, strip.data(steps, adaptive=adaptive))
    assert runner.growth is not None
    return Grown(0.0, _books(runner), runner.growth.remeshes)


def rows() -> Iterator[Row]:
    """30 delta of growth at two time steps, order in delta, books on fixed and adaptive meshes."""
    for share, allowed in ALLOWED.items():
        for courant in (0.25, 0.05):
            grown = grow(share, 0.1, 3.0, courant)
            case = f"planar front, i/i_lim = {share:g}, v dt/delta <= {courant:g}"
            yield Row(case, "thickness grown", 1 + grown.error, 1.0, allowed)
            yield Row(case, "books", max(grown.books), 0.0, 1e-10, absolute=True)
    errors = [abs(grow(0.37, delta, 1.0).error) for delta in (0.2, 0.1, 0.05)]
    order = float(np.polyfit(np.log([0.2, 0.1, 0.05]), np.log(errors), 1)[0])
    yield Row(
        "planar front, delta = 0.2, 0.1, 0.05 um", "error of the growth at 0.05", errors[-1], 0.0, 1e-3,
        absolute=True, order=order, least_order=1.5,
    )  # fmt: skip
    for adaptive in (False, True):
        grown = plate_and_strip(0.2, adaptive)
        case = f"plate and strip, {'adaptive' if adaptive else 'fixed'} mesh"
        yield Row(case, "books", max(grown.books), 0.0, 1e-10, absolute=True)

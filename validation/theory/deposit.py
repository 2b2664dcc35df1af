"""A growing deposit: flat fronts against the sharp moving boundary, curved ones at rest, and the books.

The flat cells are those of `sharp_front`: i/i_lim = 0.04 (kinetic), 0.37 (mixed) and 0.83 (near the limit)
at a held voltage, from a uniform start, with a counter electrode of the same metal. Lengths in um. The
curved ones are in `deposit_curved`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from thincell.studies.case import Case
from thincell.studies.frames import frames
from thincell.studies.run import Runner
from thincell.validation.rows import Row
from thincell.validation.theory import deposit_curved
from thincell.validation.theory.front_cases import LENGTH, Strip
from thincell.validation.theory.sharp_front import Cell, Metal, transient

#: Allowed error of the growth by i/i_lim, at delta = 0.1 um, and i0 of each case.
ALLOWED = {0.04: 3e-3, 0.37: 5e-3, 0.83: 1e-2}
EXCHANGE = {0.04: 0.01, 0.37: 0.1, 0.83: 0.1}

HEIGHT, OMEGA = 8.0, 1e-3

#: Interface thicknesses of which the order is that of the errors, and the time steps' tolerance there.
THICKNESSES, FINE = {0.37: (0.2, 0.1, 0.05), 0.83: (0.14, 0.1, 0.05)}, 1e-5

#: Books of the metal, the ions and the charge: the largest error of a run.
BOOKS = 1e-10


@dataclass(frozen=True)
class Grown:
    """Relative errors of the thickness grown or dissolved, in all and in the second half of the time,

    largest difference of the last profile from tanh, the run's audits, how often the mesh followed.
    """

    error: float
    late: float
    profile: float
    books: tuple[float, ...]
    remeshes: int


def _cell(share: float, height: float) -> Cell:
    metal = Metal(exchange=EXCHANGE[share], molar_volume=OMEGA)
    return Cell(metal=metal, height=height, far="counter")


def _strip(share: float, start: float, delta: float) -> Strip:
    """The narrowest strip that a deposit can have."""
    return Strip(_cell(share, HEIGHT), 6.01 * delta, start, delta)


def _run(strip: Strip, data: dict[str, Any], tolerance: float | None = None) -> tuple[Runner, Any]:
    square = {"columns": 1, "layers": ceil(HEIGHT / strip.width)}
    solver = {} if tolerance is None else {"solver": {"tolerance": tolerance}}
    quiet = {"figures": False, "fields": False}
    output = {**quiet, **data.get("output", {})}
    runner = Runner(Case.parse({**data, "mesh": square, **solver, "output": output}))
    return runner, runner.run()


def _grown(strip: Strip, runner: Runner, run: Any, errors: tuple[float, float]) -> Grown:
    assert runner.growth is not None
    last, thickness = frames(run.maps)[-1], strip.history(run)["thickness"][-1]
    exact = 0.5 * (1 - np.tanh((last.points[:, 1] / LENGTH - thickness) / (2 * strip.delta)))
    profile = float(np.max(np.abs(last.metal - exact)))
    return Grown(*errors, profile, tuple(runner.observer.worst.values()), runner.growth.remeshes)


def grow(
    share: float,
    delta: float,
    growth: float,
    courant: float = 0.25,
    tolerance: float | None = None,
    **deposit: Any,
) -> Grown:
    """Grow ``growth`` at a held voltage, or strip it where that is negative."""
    start = max(6 * delta, 0.6) + max(-growth, 0.0)
    cell, first = _cell(share, HEIGHT), _cell(share, HEIGHT - start)
    voltage = first.voltage(-np.sign(growth) * share * first.limiting_current())
    longest = abs(growth) / (OMEGA * share * first.limiting_current())
    whole = transient(cell, np.linspace(0, 0.95 * longest, 200), voltage=voltage, start=start)
    end = float(np.interp(abs(growth), abs(whole.thickness - start), whole.times))
    strip = _strip(share, start, delta)
    protocol = [{"hold": strip.volts(voltage), "for": strip.seconds(end)}]
    data = strip.data(protocol, courant=courant, **deposit)
    runner, run = _run(strip, data | {"output": {"every": strip.seconds(end)}}, tolerance)
    history = strip.history(run)
    times = np.concatenate([[0.0], history["time"]])
    exact = transient(cell, times, voltage=voltage, start=start).thickness
    errors = []
    for k in (0, int(np.searchsorted(history["time"], end / 2))):
        grown, wanted = history["thickness"][-1] - history["thickness"][k], exact[-1] - exact[k + 1]
        errors.append(float(grown / wanted - 1))
    return _grown(strip, runner, run, (errors[0], errors[1]))


def plate_and_strip(delta: float, adaptive: bool, **deposit: Any) -> Grown:
    """Plate 6 delta, then strip half of it, at a given current."""
    strip, current = _strip(0.37, 1.2, delta), 0.1
    steps = []
    for kind, advance in (("plate", 6 * delta), ("strip", 3 * delta)):
        seconds = strip.seconds(advance / (OMEGA * current))
        steps.append({kind: f"{current * strip.density!r} A/m^2", "for": seconds})
    runner, run = _run(strip, strip.data(steps, adaptive=adaptive, **deposit))
    return _grown(strip, runner, run, (0.0, 0.0))


def rows() -> Iterator[Row]:
    """Flat fronts in space and time, stripping, books on fixed and adaptive meshes, curved fronts."""
    yield from _long()
    yield from _orders()
    yield from _stripping()
    yield from _plate_and_strip()
    yield from deposit_curved.rows()


def _books(case: str, grown: Grown) -> Iterator[Row]:
    for what, error in zip(("charge", "ions", "metal"), grown.books, strict=True):
        yield Row(case, f"books: {what}", error, 0.0, BOOKS, absolute=True)


def _long() -> Iterator[Row]:
    """30 delta of growth at two time steps: a run-away of the tails would show in the smaller one."""
    for share, allowed in ALLOWED.items():
        for courant in (0.25, 0.05):
            grown = grow(share, 0.1, 3.0, courant)
            case = f"flat front, i/i_lim = {share:g}, v dt/delta <= {courant:g}"
            yield Row(case, "thickness grown", 1 + grown.error, 1.0, allowed)
            yield Row(case, "xi - tanh at the end", grown.profile, 0.0, 0.01, absolute=True)
            yield from _books(case, grown)


def _orders() -> Iterator[Row]:
    """Orders in delta of the growth in the second half of the time.

    In the beginning the depleted layer is thinner than any interface.
    """
    for share, thicknesses in THICKNESSES.items():
        errors = [grow(share, delta, 0.75, tolerance=FINE).late for delta in thicknesses]
        order = float(np.polyfit(np.log(thicknesses), np.log(np.abs(errors)), 1)[0])
        case = f"flat front, i/i_lim = {share:g}, delta = {', '.join(f'{d:g}' for d in thicknesses)} um"
        yield Row(case, "thickness grown late", 1 + errors[-1], 1.0, 1e-3, order=order, least_order=1.8)


def _stripping() -> Iterator[Row]:
    for share, allowed in ALLOWED.items():
        grown = grow(share, 0.1, -1.0)
        case = f"flat front that dissolves, i/i_lim = {share:g}"
        yield Row(case, "thickness lost", 1 + grown.error, 1.0, allowed)
        yield from _books(case, grown)


def _plate_and_strip() -> Iterator[Row]:
    for adaptive in (False, True):
        grown = plate_and_strip(0.2, adaptive)
        case = f"plate and strip, {'adaptive' if adaptive else 'fixed'} mesh"
        yield from _books(case, grown)

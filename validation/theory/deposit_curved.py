"""Curved fronts of a deposit at rest: Gibbs-Thomson potentials, Ostwald ripening, pieces that float.

Discs of metal in a square of electrolyte, in the units of `sharp_front`, lengths in um. A quarter of a disc
in a corner of the strip, whose floor and sides no flux crosses, is part of the electrode. The kinetics are
so slow that c and Phi are uniform.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from thincell.studies.case import Case
from thincell.studies.frames import Frame, frames
from thincell.studies.run import Runner
from thincell.validation.rows import Row
from thincell.validation.theory.front_cases import LENGTH, TIME, Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal, ripening, still_overpotential

Array = NDArray[np.float64]
Disc = tuple[float, float, float]
"""x from the left side, z, radius."""

#: Capillary length, i0.
CAPILLARITY, SLOW = 0.01, 0.01


@dataclass(frozen=True)
class Box:
    """A cell ``width`` by ``height`` with discs, and a film ``film`` thick."""

    width: float
    height: float
    discs: Sequence[Disc]
    film: float = 0.0
    exchange: float = SLOW

    @property
    def metal(self) -> Metal:
        """The metal."""
        return Metal(exchange=self.exchange, capillarity=CAPILLARITY)

    @property
    def cell(self) -> Cell:
        """The cell."""
        return Cell(metal=self.metal, height=self.height, far="counter")

    def strip(self, delta: float) -> Strip:
        """The strip."""
        return Strip(self.cell, self.width, self.film, delta)

    def run(self, delta: float, step: dict[str, Any], duration: float, **deposit: Any) -> _Ran:
        """One step of a protocol that lasts ``duration``."""
        strip = self.strip(delta)
        seeds = [{"x": um(x - self.width), "z": um(z), "radius": um(r)} for x, z, r in self.discs]
        protocol = [{**step, "for": strip.seconds(duration)}]
        data = strip.data(protocol, seeds=seeds, **deposit)
        mesh = {"columns": 4, "layers": round(4 * self.height / self.width)}
        output = {"figures": False, "fields": False, "every": strip.seconds(duration)}
        runner = Runner(Case.parse({**data, "mesh": mesh, "output": output}))
        run = runner.run()
        return _Ran(runner, strip.history(run), frames(run.maps))


@dataclass(frozen=True)
class _Ran:
    runner: Runner
    history: dict[str, Array]
    frames: list[Frame]


def rows() -> Iterator[Row]:
    """Discs that neither grow nor dissolve, that feed each other, and one in the field of a current."""
    yield from _held()
    yield from _ripening()
    yield from _islands()


def still_potential(delta: float, radius: float, cells: float) -> float:
    """E at which no current flows to a disc in the corner, between two holds that bracket it."""
    box = Box(2.0, 2.0, [(0.0, 0.0, radius)])
    exact = still_overpotential(radius, CAPILLARITY)
    held = [share * exact for share in (0.9, 1.1)]
    currents = []
    for potential in held:
        step = {"hold": box.strip(delta).volts(potential)}
        currents.append(float(box.run(delta, step, 0.01, cells=cells).history["current"][-1]))
    return float(held[0] - currents[0] * (held[1] - held[0]) / (currents[1] - currents[0]))


def _held() -> Iterator[Row]:
    radius, cells = 0.5, (1.5, 3.0)
    exact = still_overpotential(radius, CAPILLARITY)
    found = [still_potential(0.1, radius, count) for count in cells]
    errors = [abs(potential / exact - 1) for potential in found]
    order = -float(np.polyfit(np.log(cells), np.log(errors), 1)[0])
    case = "disc at rest, r = 5 delta, 1.5 and 3 cells per delta"
    yield Row(case, "potential [RT/F]", found[-1], exact, 0.02, order=order, least_order=1.5)


def _radii(frame: Frame, delta: float, width: float) -> Array:
    """Radii of quarter discs in the two lower corners from their areas; that of a tanh is larger."""
    a, b, c = (frame.points[frame.triangles[:, k]] / LENGTH for k in range(3))
    twice = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    metal = frame.metal[frame.triangles].mean(axis=1) * twice / 2
    left = (a + b + c)[:, 0] / 3 < -width / 2
    areas = np.array([metal[left].sum(), metal[~left].sum()])
    return np.sqrt(4 / pi * areas - pi**2 / 3 * delta**2)


def ripened(delta: float) -> tuple[Array, Array, float]:
    """Changes of the radii of two discs that exchange metal, exact ones, and the worst of the books."""
    box, duration = Box(2.4, 2.4, [(0.0, 0.0, 0.5), (2.4, 0.0, 0.8)]), 2e5
    ran = box.run(delta, {"rest": True}, duration)
    before, after = (_radii(ran.frames[k], delta, box.width) for k in (0, -1))
    span = [(ran.frames[k].time) / TIME for k in (0, -1)]
    exact = solve_ivp(lambda _, r: ripening(r, box.metal)[1], span, before, rtol=1e-9, atol=1e-12)
    return after - before, exact.y[:, -1] - before, max(ran.runner.observer.worst.values())


def _ripening() -> Iterator[Row]:
    found, exact, books = ripened(0.1)
    for which, change, wanted in zip(("smaller", "larger"), found, exact, strict=True):
        yield Row("two discs, r = 5 and 8 delta", f"change of the {which} one", change, wanted, 0.1)
    yield Row("two discs, r = 5 and 8 delta", "books", books, 0.0, 1e-10, absolute=True)


def islands(delta: float, sign: int, duration: float = 200.0) -> tuple[float, float]:
    """Net over gross current of a floating disc above a film that grows (-1) or dissolves (1); books."""
    box = Box(2.4, 4.0, [(1.2, 2.0, 0.5)], film=0.6, exchange=0.1)
    first = Cell(metal=box.metal, height=box.height - box.film, far="counter")
    voltage = first.voltage(sign * 0.37 * first.limiting_current())
    ran = box.run(delta, {"hold": box.strip(delta).volts(voltage)}, duration)
    problem = ran.runner.problem
    assert problem.deposit is not None
    front: Any = problem.electrodes[0]
    half = problem.deposit.pieces.indicator
    z, floating = problem.deposit.points[:, 1] / LENGTH, problem.deposit.pieces.floating.x.array
    currents = []
    for lower in (True, False):
        half.x.array[:] = floating * ((z < 2.0) == lower)
        currents.append(problem.integral(front.current_of(half)))
    gross = sum(abs(current) for current in currents)
    return abs(sum(currents)) / gross, max(ran.runner.observer.worst.values())


def _islands() -> Iterator[Row]:
    for sign, what in ((-1, "grows"), (1, "dissolves")):
        net, books = islands(0.1, sign)
        case = f"floating disc, the film below it {what}"
        yield Row(case, "net over gross current", net, 0.0, 1e-4, absolute=True)
        yield Row(case, "books", books, 0.0, 1e-10, absolute=True)

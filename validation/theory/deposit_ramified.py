r"""A deposit above the limiting current: its front moves as fast as the anions drift.

No anion enters the metal. If a steady front leaves none behind in the liquid between its branches, it
moves with the drift of those far ahead, whatever its shape (Chazalviel 1990, Phys. Rev. A 42, 7355):

    v = (1 - t+) i/(zF c0)

With anions left behind, a per volume of liquid and metal, c0 - a stands in the place of c0. By Faraday's
law the solid fraction behind the front is Omega c0/(1 - t+). It is 2 % for lithium at 1 mol/L, which no
interface of finite thickness resolves; the metal here has 40 %.

One needle in a channel between two planes of symmetry, from a disc on a film, at constant current. It
gets away from the film at about Sand's time, pi/4 D/v^2 from a uniform start. Lengths in um.

The channel is narrower than D/v and surface tension strong enough that the tip is smooth over several
delta; a fourfold anisotropy keeps it from splitting, as needles of less than half of a channel do. In the
outermost metal anions are pushed out of the layer's tail by diffusion, for which v delta/D has to be small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies import names
from thincell.studies.frames import Frame, frames
from thincell.validation.rows import Row, books
from thincell.validation.theory.front_cases import LENGTH, Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal

Array = NDArray[np.float64]

#: Omega c0 and fast kinetics; capillary length; strength of its anisotropy.
METAL = Metal(exchange=1.0, molar_volume=0.2, capillarity=0.02)
ANISOTROPY = 0.03

#: Half the channel; v delta/D; height, growth and duration in D/v.
HALF, PECLET, HEIGHT, GROWTH = 0.25, 0.025, 10.0, 4.0

#: Film, radius and height of the disc's centre, in delta.
FILM, RADIUS, CENTRE = 6.0, 4.0, 7.5

#: Outputs of a run; criterion of the speed, and of what it rests on.
OUTPUTS, ALLOWED, BEHIND, STEADY = 32, 0.15, 0.1, 0.1


@dataclass(frozen=True)
class Channel:
    """Half a channel at the current for which theory's front has the speed ``velocity``."""

    velocity: float

    @property
    def cell(self) -> Cell:
        """The sharp cell."""
        return Cell(metal=METAL, height=HEIGHT / self.velocity, far="counter")

    @property
    def current(self) -> float:
        """i, deposition positive."""
        return self.velocity / (1 - self.cell.salt.transference)

    @property
    def strip(self) -> Strip:
        """The strip."""
        delta = PECLET / self.velocity
        return Strip(self.cell, HALF, FILM * delta, delta)

    @property
    def duration(self) -> float:
        """In which theory's front travels GROWTH D/v."""
        return GROWTH / self.velocity**2

    def run(self) -> Needle:
        """Grow it."""
        strip, delta = self.strip, self.strip.delta
        data = strip.data(
            [{"plate": f"{self.current * strip.density!r} A/m^2", "for": strip.seconds(self.duration)}],
            seeds=[{"x": um(0.0), "z": um(CENTRE * delta), "radius": um(RADIUS * delta)}],
            surface_anisotropy={"kind": "4-fold", "strength": ANISOTROPY},
            band=6.0,
        )
        data["mesh"] = {"columns": 2, "layers": round(2 * strip.cell.height / HALF)}
        data["output"] = {"every": strip.seconds(self.duration / OUTPUTS)}
        data["solver"] = {"tolerance": 5e-3}
        run = strip.run(data)
        return Needle(self, frames(run.maps), strip.history(run)["time"], run.history, run.summary)


@dataclass(frozen=True)
class Needle:
    """Frames, history and summary of a channel."""

    channel: Channel
    frames: list[Frame]
    times: Array
    history: dict[str, Array]
    summary: dict[str, Any]

    @cached_property
    def tips(self) -> Array:
        """Height of the tip over time."""
        return self.history[names.HEIGHT.name] / LENGTH

    def speed(self, begin: float = 0.5, end: float = 1.0) -> float:
        """Of the tip, between two shares of the duration: the line through all time steps."""
        shares = self.times / self.channel.duration
        inside = (shares > begin) & (shares < end * (1 + 1e-9))
        return float(np.polyfit(self.times[inside], self.tips[inside], 1)[0])

    @cached_property
    def behind(self) -> tuple[float, float]:
        """(a, solid fraction) at the end, between one and two widths of the channel behind the tip."""
        last, width, tip = self.frames[-1], 2 * HALF, self.tips[-1]
        x, z = (last.points[last.triangles] / LENGTH).transpose(2, 1, 0)
        area = np.abs((x[1] - x[0]) * (z[2] - z[0]) - (x[2] - x[0]) * (z[1] - z[0])) / 2
        inside = (z.mean(axis=0) > tip - 2 * width) & (z.mean(axis=0) < tip - width)
        xi = last.metal[last.triangles]
        c = last.fields[names.CONCENTRATION.name][last.triangles] / self.channel.strip.concentration
        share = [
            np.average(values.mean(axis=1)[inside], weights=area[inside])
            for values in (xi, (1 - xi) * c)
        ]
        return float(share[1]), float(share[0])


def needles() -> list[Needle]:
    """Two currents."""
    return [Channel(velocity).run() for velocity in (1.0, 1.5)]


def rows() -> Iterator[Row]:
    """Speeds, how steady they are, what is left behind, the ratio of speeds to that of currents, books."""
    found = needles()
    for needle in found:
        channel = needle.channel
        case = f"needle in a channel, i/i_lim = {channel.current / channel.cell.limiting_current():.2g}"
        left, solid = needle.behind
        speed = needle.speed()
        late = needle.speed(0.75) / needle.speed(0.5, 0.75)
        yield Row(case, "speed of the tip [D/um]", speed, channel.velocity, ALLOWED)
        yield Row(case, "the same, c0 less what is left", speed, channel.velocity / (1 - left), ALLOWED)
        yield Row(case, "speed in the last quarter over that before", late, 1.0, STEADY)
        yield Row(case, "anions left behind, share of c0", left, 0.0, BEHIND, absolute=True)
        yield Row(case, "solid fraction behind", solid, METAL.molar_volume / 0.5, ALLOWED)
        yield from books(case, needle.summary, 1e-10)
        metal = float(np.max(np.abs(needle.history[names.METAL_BALANCE.name])))
        yield Row(case, "books: metal", metal, 0.0, 1e-10, absolute=True)
    slow, fast = found
    wanted = fast.channel.current / slow.channel.current
    yield Row("needles at two currents", "ratio of speeds", fast.speed() / slow.speed(), wanted, ALLOWED)

r"""A growing deposit: ripples on its front against the linear stability of the sharp front.

A cosine on a flat film between two symmetry planes, half a wavelength apart, grows at constant current. Its
amplitude is the volume of metal projected on the cosine,

    A = (2/width) int xi cos kx = -(2/(width k)) int (d xi/dx) sin kx        (sin kx = 0 on the sides)

of which the second form sees the front only, and sigma is the slope of ln A over the second half of the
growth. The sharp front is that of `dispersion` in the middle of this window. Its formula leaves out
storage and the pushed anions: 0.3 % of sigma in this cell (`full_growth_rate`). Lengths in um.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies.frames import Frame, frames
from thincell.validation.rows import Row, books
from thincell.validation.theory.dispersion import Front, critical_wavenumber, fastest, growth_rate
from thincell.validation.theory.front_cases import LENGTH, TIME, Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal

Array = NDArray[np.float64]

#: Gap 4, i/i_lim 0.37, fast kinetics. With Gamma = 0.1 ripples below 2.5 decay and those of 5.4 grow fastest.
GAP, SHARE, TENSION = 4.0, 0.37, 0.1
METAL = Metal(exchange=1.0)

#: Wavelengths on both sides of the sign change, and delta so that k delta <= 0.1 for all of them.
WAVELENGTHS, DELTA = (1.9, 2.25, 2.8, 4.0, 7.0), 0.03

#: The kinetic case: i/i_lim = 0.04 at i0 = 0.01, gap 8; (wavelength, delta).
KINETIC = Metal(exchange=0.01)
KINETIC_CASES = ((2.5, 0.2), (2.5, 0.1), (2.5, 0.05), (5.0, 0.05))

#: Film at the start and growth, in delta; amplitude at the start, in wavelengths.
FILM, GROWTH, AMPLITUDE = 10.0, 4.0, 0.01


@dataclass(frozen=True)
class Ripple:
    """A ripple on the front of a cell: ``gap`` liquid at the start, ``share`` of its limiting current.

    ``growth`` in delta; ``table`` adds to the deposit's.
    """

    wavelength: float
    delta: float = DELTA
    capillarity: float = 0.0
    metal: Metal = METAL
    gap: float = GAP
    share: float = SHARE
    growth: float = GROWTH
    courant: float = 0.25

    @property
    def wavenumber(self) -> float:
        """k."""
        return 2 * np.pi / self.wavelength

    @property
    def cell(self) -> Cell:
        """The sharp cell; its s = 0 is the surface of the film at the start."""
        return Cell(
            metal=replace(self.metal, capillarity=self.capillarity), height=self.gap, far="counter"
        )

    @property
    def current(self) -> float:
        """i, anodic positive."""
        return -self.share * self.cell.limiting_current()

    @property
    def velocity(self) -> float:
        """v."""
        return -self.metal.molar_volume * self.current

    @property
    def front(self) -> Front:
        """The sharp front in the middle of the window in which the growth is measured."""
        return Front.of(self.cell, self.current, 0.75 * self.growth * self.delta)

    @property
    def theory(self) -> float:
        """sigma/v of the sharp front."""
        return growth_rate(self.wavenumber, self.front) / self.velocity

    def run(self, **table: Any) -> Measured:
        """Grow it; ``table`` adds to the case's [deposit]."""
        start = FILM * self.delta
        strip = Strip(
            replace(self.cell, height=self.gap + start), self.wavelength / 2, start, self.delta
        )
        duration = self.growth * self.delta / self.velocity
        data = strip.data(
            [{"plate": f"{-self.current * strip.density!r} A/m^2", "for": strip.seconds(duration)}],
            waves=[{"length": um(self.wavelength), "amplitude": um(AMPLITUDE * self.wavelength)}],
            courant=self.courant,
            **table,
        )
        data["output"] = {"every": strip.seconds(duration / round(4 * self.growth))}
        data["solver"] = {"tolerance": 5e-3}
        run = strip.run(data)
        found = frames(run.maps)
        times = np.array([frame.time for frame in found]) / TIME
        amplitudes = np.array([projection(frame, self.wavelength) for frame in found])
        return Measured(self, times, amplitudes, run.summary)


@dataclass(frozen=True)
class Measured:
    """Amplitudes over time, in the units of the cell, and the run's summary."""

    ripple: Ripple
    times: Array
    amplitudes: Array
    summary: dict[str, Any]

    @cached_property
    def rate(self) -> float:
        """sigma/v over the second half."""
        late = self.times > 0.5 * self.times[-1] * (1 - 1e-9)
        slope = np.polyfit(self.times[late], np.log(self.amplitudes[late]), 1)[0]
        return float(slope) / self.ripple.velocity

    @property
    def capillarity(self) -> float:
        """C = (sigma - theory)/(v k^2 delta)."""
        return (self.rate - self.ripple.theory) / (self.ripple.wavenumber**2 * self.ripple.delta)


def projection(frame: Frame, wavelength: float) -> float:
    """A of half a wavelength that ends at x = 0."""
    k = 2 * np.pi / wavelength
    x, z = (frame.points[frame.triangles] / LENGTH).transpose(2, 1, 0)
    xi = frame.metal[frame.triangles].T
    turned = np.sign((x[1] - x[0]) * (z[2] - z[0]) - (x[2] - x[0]) * (z[1] - z[0]))
    slope = turned * sum(xi[j] * (z[(j + 1) % 3] - z[(j + 2) % 3]) for j in range(3)) / 2
    sine = np.mean([np.sin(k * (x[j] + x[(j + 1) % 3]) / 2) for j in range(3)], axis=0)
    return float(-4 / (wavelength * k) * np.sum(slope * sine))


def neutral(measured: Sequence[Measured]) -> float:
    """k at which the rate vanishes: zero of the polynomial through all (k, sigma)."""
    k = np.array([m.ripple.wavenumber for m in measured])
    roots = np.polynomial.Polynomial.fit(k, [m.rate for m in measured], len(k) - 1).roots()
    real = roots[np.abs(roots.imag) < 1e-9].real
    inside = real[(real > k.min()) & (real < k.max())]
    return float(inside[-1]) if len(inside) else np.nan


def largest_rate() -> float:
    """sigma_max/v with surface tension."""
    ripple = Ripple(WAVELENGTHS[0], capillarity=TENSION)
    return fastest(ripple.front)[1] / ripple.velocity


def rows() -> Iterator[Row]:
    """Growth rates with and without surface tension, the neutral ripple, residual capillarity."""
    top = largest_rate()
    for tension in (TENSION, 0.0):
        case = f"ripples, Gamma = {tension:g} um"
        measured = [Ripple(length, capillarity=tension).run() for length in WAVELENGTHS]
        for m in measured:
            quantity = f"(sigma - theory)/sigma_max, wavelength {m.ripple.wavelength:g} um"
            yield Row(case, quantity, (m.rate - m.ripple.theory) / top, 0.0, 0.1, absolute=True)
        if tension:
            wanted = critical_wavenumber(measured[0].ripple.front)
            yield Row(case, "critical wavenumber [um-1]", neutral(measured), wanted, 0.05)
        yield from books(case, measured[-1].summary)
    for ripple in kinetic():
        case = f"ripples, slow kinetics, k delta = {ripple.wavenumber * ripple.delta:.2g}"
        quantity = "C = (sigma - theory)/(v k^2 delta)"
        yield Row(case, quantity, ripple.run().capillarity, 0.0, 0.05, absolute=True)


def kinetic() -> list[Ripple]:
    """Ripples that hardly grow: what is left is the front's own."""
    return [Ripple(length, delta, metal=KINETIC, gap=8.0, share=0.04) for length, delta in KINETIC_CASES]

"""Nyquist and Bode plots of impedance spectra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thincell.studies.figures import style
from thincell.studies.figures.build import Drawing
from thincell.studies.wording import nice, quantity

if TYPE_CHECKING:
    from thincell.studies.impedance import Spectrum

NYQUIST = (
    "Nyquist plot: minus the imaginary part of the impedance against its real part, per nominal area of"
    " the working electrode, at one scale on both axes. The frequency falls from left to right; large"
    " dots mark its decades, diamonds the maxima of the arcs."
)
BODE = (
    "Bode plot: modulus of the impedance per nominal area of the working electrode, and minus its phase,"
    " against frequency."
)

#: ohm m^2 in one ohm cm^2.
SQUARE_CENTIMETRE = 1e-4

Labelled = Sequence[tuple[str, "Spectrum"]]


def draw_spectrum(spectra: Labelled) -> list[Drawing]:
    """Both figures of one spectrum or several with their labels. Rank 0 only."""
    made = (
        ("impedance-nyquist", "Impedance, Nyquist plot", NYQUIST, nyquist),
        ("impedance-bode", "Impedance, Bode plot", BODE, bode),
    )
    drawings = []
    with style.styled():
        for name, title, caption, draw in made:
            figure = draw(spectra)
            png = style.as_bytes(figure, "png")
            figure.set_layout_engine("none")  # laid out by now: not again for the other format
            svg = style.as_bytes(figure, "svg")
            drawings.append(Drawing(name, title, caption, png, svg, float(figure.get_figwidth())))
    return drawings


def nyquist(spectra: Labelled) -> Figure:
    """-Im Z against Re Z."""
    window = _window(np.concatenate([s.area_specific / SQUARE_CENTIMETRE for _, s in spectra]))
    shape = (window[3] - window[2]) / (window[1] - window[0])
    figure = style.figure(6.4, 1.1 + 5.5 * shape)
    axes = figure.add_subplot()
    for k, (label, spectrum) in enumerate(spectra):
        z = spectrum.area_specific / SQUARE_CENTIMETRE
        look = _look(k, len(spectra))
        axes.plot(z.real, -z.imag, marker=".", ms=4, label=nice(label), **look)
        _decades(axes, spectrum, z, look["color"], named=len(spectra) == 1)
        _tops(axes, spectrum, z, look["color"], named=len(spectra) == 1)
    axes.set(xlim=window[:2], ylim=window[2:])
    axes.set_aspect("equal", adjustable="box")
    axes.axhline(0, color="#999999", lw=0.8)
    axes.set_xlabel("Re $Z$ / Ω cm$^2$")
    axes.set_ylabel("−Im $Z$ / Ω cm$^2$")
    _title(axes, spectra)
    return figure


def bode(spectra: Labelled) -> Figure:
    """|Z| and phase against frequency."""
    figure = style.figure(6.4, 5.2)
    above, below = figure.subplots(2, 1, sharex=True)
    for k, (label, spectrum) in enumerate(spectra):
        z = spectrum.area_specific / SQUARE_CENTIMETRE
        look = _look(k, len(spectra))
        above.plot(spectrum.frequencies, np.abs(z), label=nice(label), **look)
        below.plot(spectrum.frequencies, -np.degrees(np.angle(z)), **look)
        for frequency in spectrum.peaks:
            below.axvline(frequency, color=look["color"], lw=0.8, ls=":")
    style.log_scale(below, "x")
    _decades_apart(above)
    for axes in (above, below):
        _room(axes)
    above.set_ylabel("$|Z|$ / Ω cm$^2$")
    below.set_ylabel("−phase / degrees")
    below.set_xlabel("frequency / Hz")
    _title(above, spectra)
    return figure


def _look(number: int, of: int) -> dict[str, Any]:
    colour = style.THIN if of == 1 else style.shades(of)[number]
    return {"color": colour, "ls": style.DASHES[number % len(style.DASHES)]}


def _title(axes: Axes, spectra: Labelled) -> None:
    if len(spectra) > 1:
        axes.legend(loc="best")
    else:
        axes.set_title(nice(spectra[0][0]), loc="left")


def _window(z: Any) -> tuple[float, float, float, float]:
    """Limits of both axes with room for all points; a mere resistance is a point."""
    bottom, top = min(float(np.min(-z.imag)), 0.0), max(float(np.max(-z.imag)), 0.0)
    size = max(float(np.ptp(z.real)), 1.6 * (top - bottom), 1e-3 * float(np.max(np.abs(z))))
    middle = 0.5 * (float(np.min(z.real)) + float(np.max(z.real)))
    height = max(1.25 * (top - bottom), 0.3 * size)
    return middle - 0.54 * size, middle + 0.62 * size, bottom - 0.03 * size, bottom + height


def _decades(axes: Axes, spectrum: Spectrum, z: Any, colour: Any, named: bool) -> None:
    """A dot at each power of ten; a name where it is not too close to another."""
    log_f = np.log10(spectrum.frequencies[::-1])
    size = max(float(np.ptp(z.real)), float(np.max(np.abs(z.imag))))

    def place(power: float) -> complex:
        x, y = np.interp(power, log_f, z.real[::-1]), -np.interp(power, log_f, z.imag[::-1])
        return complex(x, y)

    taken = [place(float(np.log10(frequency))) for frequency in spectrum.peaks]
    for power in np.arange(np.floor(log_f[-1] + 1e-9), log_f[0] - 1e-9, -1):
        here = place(power)
        axes.plot(here.real, here.imag, "o", ms=6, color=colour)
        if named and all(abs(here - other) > 0.09 * size for other in taken):
            taken.append(here)
            ahead = place(power - 0.1) - here
            rising = ahead.imag > 0.5 * abs(ahead.real)
            axes.annotate(
                nice(quantity(10.0**power, "Hz")), (here.real, here.imag),
                xytext=(7, -2) if rising else (4, 6), textcoords="offset points", fontsize=8,
                va="center" if rising else "bottom",
            )  # fmt: skip


def _tops(axes: Axes, spectrum: Spectrum, z: Any, colour: Any, named: bool) -> None:
    order = np.argsort(spectrum.frequencies)
    for frequency, height in zip(spectrum.peaks, spectrum.peak_heights, strict=True):
        x = np.interp(np.log(frequency), np.log(spectrum.frequencies[order]), z.real[order])
        y = height / SQUARE_CENTIMETRE
        axes.plot(x, y, "D", ms=7, color=colour, mec="white", zorder=4)
        if named:
            axes.annotate(
                nice(quantity(frequency, "Hz")), (x, y), xytext=(0, 7),
                textcoords="offset points", ha="center", fontsize=8,
            )  # fmt: skip


def _decades_apart(axes: Axes) -> None:
    """A logarithmic axis when the values differ by more than a factor of three."""
    values = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in axes.lines])
    if values.max() > 3 * values.min() > 0:
        style.log_scale(axes, "y")


def _room(axes: Axes) -> None:
    """A curve that is flat to rounding looks flat."""
    low, high = axes.get_ylim()
    if axes.get_yscale() == "linear" and high - low < 1e-6 * max(abs(low), abs(high), 1e-3):
        size = max(0.05 * abs(high), 1e-3)
        axes.set_ylim(0.5 * (low + high) - size, 0.5 * (low + high) + size)

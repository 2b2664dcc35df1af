"""Growth rates of ripples on a deposit against the sharp front: docs/images/deposit-dispersion.png.

Prints the rates at all wavelengths, then how the error falls with the interface thickness and the
mesh, what the time step matters, and a mesh that does not follow the front: a quarter of an hour.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import dolfinx_solver  # noqa: F401

import numpy as np

from thincell.studies.figures.style import COIN, DASHES, MARKERS, THIN, figure, styled
from thincell.validation.theory.deposit_stability import (
    DELTA,
    TENSION,
    WAVELENGTHS,
    Measured,
    Ripple,
    kinetic,
    largest_rate,
)
from thincell.validation.theory.dispersion import growth_rate

TARGET = Path(__file__).parents[1] / "docs/images/deposit-dispersion.png"

#: Wavelength and interface thicknesses [um] of the convergence study; its advances per step in delta.
SHORT, THICKNESSES, COURANTS = 2.25, (0.12, 0.06, 0.03, 0.015), (0.5, 0.25, 0.1, 0.05)
TENSIONS = {TENSION: (THIN, MARKERS[0]), 0.0: (COIN, MARKERS[1])}

#: Surface tension and cells per delta of the convergence study.
CURVES = ((TENSION, 1.5), (TENSION, 3.0), (0.0, 1.5))


def measure(ripple: Ripple, note: str = "", **table: Any) -> Measured:
    """Run one, and print its line."""
    began = time.process_time()
    m = ripple.run(**table)
    r = m.ripple
    print(
        f"{r.capillarity:5g} {r.wavelength:5g} {r.delta:5g} {r.courant:5g} {r.wavenumber * r.delta:6.3f}"
        f" {r.theory:9.4f} {m.rate:9.4f} {(m.rate - r.theory) / largest_rate():8.4f}"
        f" {m.capillarity:8.4f} {time.process_time() - began:5.0f} {note}",
        flush=True,
    )
    return m


def main() -> None:
    """The table and the figure."""
    print("Gamma lambda delta courant  k delta   theory   measured  error/max    C      CPU s")
    rates = {g: [measure(Ripple(w, capillarity=g)) for w in WAVELENGTHS] for g in TENSIONS}
    thinner = {
        (g, cells): [
            measure(Ripple(SHORT, d, g), f"{cells:g} cells per delta", cells=cells) for d in THICKNESSES
        ]
        for g, cells in CURVES
    }
    for g in TENSIONS:
        for courant in COURANTS:
            measure(Ripple(SHORT, 2 * DELTA, g, courant=courant))
    measure(Ripple(SHORT, 2 * DELTA, TENSION), "mesh fixed", adaptive=False)
    measure(Ripple(SHORT, 2 * DELTA, TENSION), "mobility 6", mobility=6.0)
    for ripple in kinetic():
        measure(ripple, "slow kinetics")
    with styled():
        draw(rates, thinner)


def label_of(tension: float) -> str:
    """What the legends call it."""
    return rf"$\Gamma$ = {1e3 * tension:g} nm" if tension else "no surface tension"


def draw(rates: dict[float, list[Measured]], thinner: dict[tuple[float, float], list[Measured]]) -> None:
    """Left the dispersion relation, right the error over the thickness of the interface."""
    made = figure(7.2, 3.1)
    left, right = made.subplots(1, 2)
    wave = np.linspace(0.5, 3.6, 200)
    for (g, (colour, marker)), dash in zip(TENSIONS.items(), DASHES, strict=False):
        front, v = rates[g][0].ripple.front, rates[g][0].ripple.velocity
        left.plot(wave, [growth_rate(k, front) / v for k in wave], color=colour, ls=dash)
        left.plot(
            [m.ripple.wavenumber for m in rates[g]], [m.rate for m in rates[g]], marker, color=colour,
            label=label_of(g),
        )  # fmt: skip
    left.axhline(0, color="black", lw=0.6)
    left.set(xlabel="wavenumber k [1/µm]", ylabel="growth rate per advance, σ/v [1/µm]")
    left.set_title(f"lines: sharp front; points: δ = {1e3 * DELTA:g} nm")
    left.legend(loc="lower left")
    for (g, cells), dash in zip(thinner, (DASHES[0], DASHES[3], DASHES[1]), strict=True):
        found = thinner[g, cells]
        errors = [abs(m.rate - m.ripple.theory) / largest_rate() for m in found]
        steps = [m.ripple.wavenumber * m.ripple.delta for m in found]
        right.loglog(
            steps, errors, marker=TENSIONS[g][1], ls=dash, color=TENSIONS[g][0],
            label=f"{label_of(g)}, {cells:g} cells per δ",
        )  # fmt: skip
    right.set_xticks([0.05, 0.1, 0.2, 0.3], ["0.05", "0.1", "0.2", "0.3"])
    right.set_xticks([], minor=True)
    right.axhline(0.1, color="black", lw=0.6, ls=":")
    right.set(xlabel="k δ", ylabel="error / largest rate")
    right.set_title(f"wavelength {SHORT:g} µm; dotted: criterion")
    right.legend(loc="lower right")
    made.savefig(TARGET, dpi=160)


if __name__ == "__main__":
    main()

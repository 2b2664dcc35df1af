"""Galvanostatic symmetric cell: transient series, Sand's time, steady Butler-Volmer overpotentials.

One-dimensional, dilute ions of constant diffusivity. J = i/i_lim with i_lim = 2zFD c0/((1 - t+) L).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import brentq

from thincell.studies import names
from thincell.studies.results import Run
from thincell.validation.rows import Row, books
from thincell.validation.theory import exact
from thincell.validation.theory.cases import (
    FARADAY,
    THERMAL_VOLTAGE,
    column,
    dilute,
    plating,
    solve,
)

LENGTH = 25e-6
CATION, ANION = 2e-10, 4e-10
DIFFUSIVITY = 2 * CATION * ANION / (CATION + ANION)
TRANSFERENCE = CATION / (CATION + ANION)
CONCENTRATION = 1000.0
LIMIT = 2 * FARADAY * DIFFUSIVITY * CONCENTRATION / ((1 - TRANSFERENCE) * LENGTH)
TIME = LENGTH**2 / DIFFUSIVITY

#: Share of the initial concentration at which the runs towards exhaustion stop.
STOP = 0.01

MESH = {"columns": 1, "layers": 24, "edge": 1e-3, "growth": 1.25}


def case(current: float, exchange: float, protocol: dict[str, Any], tolerance: float) -> dict[str, Any]:
    """A symmetric cell at J = ``current``; ``exchange`` = i0/i_lim at c0, proportional to sqrt(c)."""
    return {
        "cell": column(LENGTH),
        "electrolyte": dilute(CATION, ANION),
        "reactions": {"plating": plating(exchange * LIMIT, kinetics={"concentration_exponent": 0.5})},
        "protocol": [{"plate": f"{current * LIMIT!r} A/m^2", "compliance": "10 V", **protocol}],
        "mesh": MESH,
        "solver": {"tolerance": tolerance, "first_step": f"{1e-7 * TIME!r} s"},
    }


def surface(run: Run, electrode: str, time: float | None = None) -> float:
    """Concentration at an electrode, c/c0."""
    return float(np.mean(run.profile(electrode, time)[names.CONCENTRATION.name]) / CONCENTRATION)


def rows() -> Iterator[Row]:
    """Series at several times, Sand's time, exhaustion of a finite cell, overpotentials."""
    yield from _series()
    yield from _sand()
    yield from _exhaustion()
    yield from _overpotentials()


def _series() -> Iterator[Row]:
    current, times = 0.5, (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    seconds = [t * TIME for t in times]
    data = case(current, 0.1, {"for": f"{seconds[-1]!r} s"}, 2e-7)
    data["output"] = {"every": f"{seconds[-1]!r} s", "times": [f"{t!r} s" for t in seconds]}
    run = solve(data)
    for time, moment in zip(times, seconds, strict=True):
        anode, cathode = exact.symmetric_cell_profile([0.0, 1.0], time, current)
        label = f"symmetric cell, J = 0.5, T = {time:g}"
        yield Row(label, "c/c0 at the cathode", surface(run, "working", moment), cathode, 1e-4)
        yield Row(label, "c/c0 at the anode", surface(run, "counter", moment), anode, 1e-4)
    yield from books("symmetric cell, J = 0.5", run.summary)


def _stop_time(current: float, tolerance: float) -> tuple[float, Run]:
    """Time (L^2/D) at which the concentration has fallen to STOP."""
    until = f"minimum concentration < {STOP * CONCENTRATION!r} mol/m^3"
    data = case(current, 0.1, {"for": f"{2 * TIME!r} s", "until": until}, tolerance)
    data["output"] = {"every": f"{2 * TIME!r} s"}
    run = solve(data)
    return float(run.history[names.TIME.name][-1]) / TIME, run


def _sand() -> Iterator[Row]:
    """c = c0 (1 - sqrt(t/tau)): the time to STOP, divided by (1 - STOP)^2, is Sand's time."""
    current = 10.0
    computed, run = _stop_time(current, 1e-7)
    wanted = np.pi / (16 * current**2)
    yield Row("semi-infinite, J = 10", "Sand's time D/L^2", computed / (1 - STOP) ** 2, wanted, 1e-4)
    yield from books("semi-infinite, J = 10", run.summary)


def _exhaustion() -> Iterator[Row]:
    for current in (1.5, 3.0):
        computed, run = _stop_time(current, 2e-7)
        wanted = brentq(
            lambda t, j=current: float(exact.symmetric_cell_profile(1.0, t, j)) - STOP, 1e-6, 5.0
        )
        yield Row(f"finite cell, J = {current:g}", "time to 1 % D/L^2", computed, wanted, 1e-4)
        yield from books(f"finite cell, J = {current:g}", run.summary)


def _overpotentials() -> Iterator[Row]:
    """Da = 1, J = 0.5 of the data of Khoo, Zhao & Bazant 2019, 10.1149/2.1521910jes."""
    current = 0.5
    data = case(current, 0.1, {"for": f"{8 * TIME!r} s"}, 1e-4)
    data["output"] = {"every": f"{8 * TIME!r} s"}
    run = solve(data)
    anode, cathode = exact.khoo_overpotentials(current, 1.0, 1 + current, 1 - current)
    for name, electrode, wanted in (("anode", "counter", anode), ("cathode", "working", cathode)):
        eta = float(np.mean(run.profile(electrode)[names.OVERPOTENTIAL.name])) / THERMAL_VOLTAGE
        yield Row("Khoo-Zhao-Bazant Da = 1, J = 0.5", f"eta at the {name} [RT/F]", eta, wanted[1], 1e-5)
    drop, _ = exact.symmetric_cell_voltage(current)
    phi = {e: np.mean(run.profile(e)[names.PHI.name]) for e in ("working", "counter")}
    computed = float(phi["counter"] - phi["working"]) / THERMAL_VOLTAGE
    yield Row("Khoo-Zhao-Bazant Da = 1, J = 0.5", "drop of Phi [RT/F]", computed, 2 * drop, 1e-5)

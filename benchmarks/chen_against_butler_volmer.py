"""A flat front of Chen et al. 2015 beside the phase field of thincell and the sharp Butler-Volmer front.

    python benchmarks/chen_against_butler_volmer.py            # the whole table, some 10 minutes
    python benchmarks/chen_against_butler_volmer.py --quick    # one thickness, one conductivity

The cells of `validation/theory/sharp_front.py`: a film of 1.2 um in a gap of 8 um, D+ = D- , Omega c0 = 1e-3,
metal held at the potential at which the sharp front has 0.04, 0.37 and 0.83 of the limiting current. The
reference is quasi-static Butler-Volmer kinetics with diffusion and migration of a binary salt at the same
potential and thickness. On the far side the equations of Chen et al. keep c = c0 and phi = 0, which is the
reservoir of `sharp_front`; the phase field faces a counter electrode, and is compared with that cell.

Both models run through `thincell.studies.run` until the film has grown by 0.6 um. Columns: the potential of
the metal [RT/F], delta [um], conductivity of the liquid relative to that of the salt's ions, speed of the
front over that of the sharp front, over that of Butler-Volmer kinetics at c0 and the whole potential (no
transport), c/c0 at the front, current at the counter electrode over that of the metal that grows.

L_s kappa = 20 v delta, v the speed of Butler-Volmer kinetics at c0 and the whole potential: the profile is
kept. The metal conducts 1e4 S/m.
"""

from __future__ import annotations

import argparse
import os
from math import ceil
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dolfinx_solver  # noqa: F401

import numpy as np

import thincell  # noqa: F401  (loads MPI in the right order)
from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.run import Runner
from thincell.studies.schema.deposit_chen import CHEN
from thincell.validation.theory.cases import THERMAL_VOLTAGE
from thincell.validation.theory.front_cases import LENGTH, TIME, Strip, um
from thincell.validation.theory.sharp_front import CASES, Cell

START, GROWTH = 1.2, 0.6
#: Longer than any front takes.
LONGEST = "1000 s"
QUIET = {"output": {"figures": False, "fields": False, "every": LONGEST}}
#: Surface energy [J.m-2]; a flat front feels the product L_s kappa only.
GAMMA = 0.5
#: L_s kappa over v delta.
PROFILE = 20.0
HEAD = (
    "| model | i/i_lim | potential | delta | conductivity | v/v_sharp | v/v_kinetic | c/c0 at the front |"
    " I_counter/I_metal |\n|---|---|---|---|---|---|---|---|---|"
)


def front(share: float, delta: float, model: str, conductivity: float = 1.0) -> str:
    """One row of the table."""
    metal, height = CASES[share].metal, CASES[share].height
    gap = Cell(metal=metal, height=height - START, far="reservoir" if model == CHEN else "counter")
    voltage = gap.voltage(-share * gap.limiting_current())
    kinetic = -metal.current(1.0, voltage)
    strip = Strip(Cell(metal=metal, height=height), 6.01 * delta, START, delta)
    own = _constants(strip, kinetic, conductivity) if model == CHEN else {}
    case = strip.data([_hold(strip, voltage)], adaptive=False, reach=um(START + 3 * GROWTH), **own)
    runner = Runner(
        Case.parse({**case, "mesh": {"columns": 1, "layers": ceil(height / strip.width)}, **QUIET})
    )
    run = runner.run()
    history, flows = strip.history(run), runner.problem.readings.rates()
    rate, sharp = -history["current"][-1], -gap.current(voltage, float(history["thickness"][-1]) - START)
    c = float(np.mean(run.profile("working")[names.CONCENTRATION.name])) / strip.concentration
    balance = -flows["charge counter"] / flows["charge working"]
    return (
        f"| {model} | {share:g} | {voltage:.2f} | {delta:g} | {conductivity:g} | {rate / sharp:.3g} |"
        f" {rate / kinetic:.3g} | {c:.3g} | {balance:.3g} |"
    )


def _hold(strip: Strip, voltage: float) -> dict[str, Any]:
    """Hold the metal at a potential until the film has grown by GROWTH."""
    charge = strip.density * TIME * GROWTH / strip.cell.metal.molar_volume
    return {"hold": strip.volts(voltage), "until": f"charge > {charge!r} C/m^2", "for": LONGEST}


def _constants(strip: Strip, kinetic: float, conductivity: float) -> dict[str, Any]:
    """L_s kappa = PROFILE v delta with kappa = 6 gamma delta, and the liquid's conductivity."""
    speed = strip.cell.metal.molar_volume * kinetic * LENGTH / TIME
    liquid = conductivity * strip.cell.salt.conductivity * strip.density * LENGTH / THERMAL_VOLTAGE
    return {
        "model": CHEN,
        "surface_energy": f"{GAMMA} J/m^2",
        "chen": {
            "mobility": f"{PROFILE * speed / (6 * GAMMA)!r} m^3/(J*s)",
            "conductivity": f"{liquid!r} S/m",
            "metal_conductivity": "1e4 S/m",
        },
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one thickness, one conductivity")
    quick = parser.parse_args().quick
    print(HEAD, flush=True)
    for share in CASES:
        print(front(share, 0.1, "phase-field"), flush=True)
        for delta in (0.1,) if quick else (0.2, 0.1):
            print(front(share, delta, CHEN), flush=True)
        for conductivity in () if quick else (10.0, 0.1, 0.01):
            print(front(share, 0.1, CHEN, conductivity), flush=True)


if __name__ == "__main__":
    main()

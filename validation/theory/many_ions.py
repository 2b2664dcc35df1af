r"""Several ions at once: migration with supporting electrolyte, Donnan equilibrium, reactions, zinc.

**Supporting electrolyte.** M+ is plated and stripped, N+ and X- only conduct; one-dimensional closed
column of height L, steady, electroneutral, Nernst-Planck. With N_X = N_N = 0 and p = i/(F D_M)

    c_X' = c_X phi',   c_N' = -c_N phi',   c_M' + c_M phi' = p,   c_M + c_N = c_X

the sum of the cations' equations is 2 c_X' = p: the total concentration is linear,

    c_X = c_X0 [1 + g (2z/L - 1)],   c_N = B/c_X,   B = 2 g c_X0 c_N0/ln((1 + g)/(1 - g)),   phi = ln c_X

with g = i L/(4 F D_M c_X0). The current is limited where c_M(0) = 0: (1 - g)^2 c_X0^2 = B. With c_N = 0
this is the binary salt; with much N+ migration ends, and the limiting current falls to a half. For a
Nernst layer of thickness l with the bulk at its outer end the same equations give

    i_lim = 2 F D_M (c_X - sqrt(c_N c_X))/l = (F D_M c_M/l) 2/(1 + sqrt(r)),     r = c_N/c_X in the bulk,

the enhancement of Newman & Thomas-Alyea, Electrochemical Systems, ch. 19 (the formula recalled, here
derived); any part of the column next to the cathode is such a layer.

`donnan` and `ion_reactions` hold the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import brentq

from thincell.studies.case import Case
from thincell.studies.steady import Steady
from thincell.validation.rows import Row
from thincell.validation.theory import donnan, ion_reactions
from thincell.validation.theory.cases import FARADAY, THERMAL_VOLTAGE, column, plating, solution
from thincell.validation.theory.profiles import profiles

LENGTH, SALT = 25e-6, 100.0
METAL, OTHER, ANION = 0.7e-9, 1.9e-9, 2.0e-9


def rows() -> Iterator[Row]:
    """Supporting electrolyte at three ratios, and the other modules' rows."""
    for ratio in (0.1, 1.0, 10.0):
        yield from supporting(ratio)
    yield from donnan.rows()
    yield from ion_reactions.rows()


def limiting(ratio: float) -> float:
    """g at the limiting current of the closed column; ``ratio`` r = c_N0/c_M0."""
    share = ratio / (1 + ratio)

    def surface(g: float) -> float:
        return float((1 - g) ** 2 * np.log((1 + g) / (1 - g)) - 2 * g * share)

    return float(brentq(surface, 1e-6, 1 - 1e-12))


def supported_layer(g: float, ratio: float, z: Any) -> dict[str, Any]:
    """Concentrations over c_M0 and phi at heights z/L."""
    total = (1 + ratio) * (1 + g * (2 * np.asarray(z) - 1))
    product = 2 * g * (1 + ratio) * ratio / np.log((1 + g) / (1 - g))
    return {"Li+": total - product / total, "N+": product / total, "X-": total, "phi": np.log(total)}


def supported_voltage(g: float, ratio: float, exchange: float) -> float:
    """E of the cathode at z = 0 against the anode at z = L (RT/F); ``exchange`` [A.m-2] at c_M0."""
    ends = supported_layer(g, ratio, [0.0, 1.0])
    current = 4 * FARADAY * METAL * SALT * (1 + ratio) * g / LENGTH
    eta = [
        2 * np.arcsinh(j / (2 * exchange * np.sqrt(c)))
        for j, c in zip((-current, current), ends["Li+"], strict=True)
    ]
    nernst = np.log(ends["Li+"]) + ends["phi"] + eta
    return float(nernst[0] - nernst[1])


def supporting(ratio: float) -> Iterator[Row]:
    """Voltage and concentrations at 0.5 and 0.9 of the limiting current; the limiting current itself."""
    exchange = 100.0
    steady = Steady(
        Case.parse(
            {
                "cell": column(LENGTH),
                "electrolyte": solution(
                    ("Li+", 1, METAL, SALT),
                    ("N+", 1, OTHER, ratio * SALT),
                    ("X-", -1, ANION, (1 + ratio) * SALT),
                ),
                "reactions": {"plating": _metal(exchange)},
                "protocol": [{"plate": "1 A/m^2", "for": "1 s"}],
                "mesh": {"columns": 1, "layers": 24, "edge": 1e-5, "growth": 1.3},
            }
        )
    )
    label, unit = (
        f"supporting electrolyte, r = {ratio:g}",
        4 * FARADAY * METAL * SALT * (1 + ratio) / LENGTH,
    )
    largest = limiting(ratio)
    for share in (0.5, 0.9):
        g = share * largest
        state = steady.at_current(-g * unit)
        found, at = profiles(steady.problem), f", i/i_lim = {share:g}"
        voltage = state.voltage / THERMAL_VOLTAGE
        yield Row(
            label + at, "cell voltage [RT/F]", voltage, supported_voltage(g, ratio, exchange), 1e-6
        )
        wanted = supported_layer(g, ratio, found["z"] / LENGTH)
        worst = max(
            float(np.max(np.abs(found[ion] / SALT - wanted[ion]))) for ion in ("Li+", "N+", "X-")
        )
        yield Row(label + at, "largest error of c_i/c_M0", worst, 0.0, 1e-5, True)
    state = steady.at_potential(-1.5)
    current = -state.current_density
    plain = 2 * FARADAY * METAL * SALT / LENGTH
    yield Row(
        label, "i_lim over that without migration", current / plain, 2 * (1 + ratio) * largest, 2e-4
    )
    found = profiles(steady.problem)
    k = int(np.argmin(np.abs(found["z"] - LENGTH / 2)))
    metal, total = float(found["Li+"][k]), float(found["X-"][k])
    share, layer = 1 - metal / total, FARADAY * METAL * metal / float(found["z"][k])
    wanted_ratio = 2 / (1 + share**0.5)
    yield Row(label, "Nernst layer: i_lim/i_D = 2/(1 + sqrt r)", current / layer, wanted_ratio, 3e-4)


def _metal(exchange: float, **kinetics: Any) -> dict[str, Any]:
    """Plating of M+ with i0 ~ c^(1/2), given at its initial concentration."""
    table = {"reference_concentration": f"{SALT!r} mol/m^3", "concentration_exponent": 0.5}
    return plating(exchange, kinetics=table | kinetics)

r"""Reactions between ions: recombination, a reaction layer, and zinc with hydrogen evolution.

H+ + OH- = H2O from a uniform start off equilibrium: with x = c_H and c_OH = x + q,
x' = k_f (K_w - x (x + q)), a Riccati equation.

A metal ion M+ bound by an excess of a neutral ligand L, M+ + L = ML+, that carries a current: with
k = k_f c_L, k_b and m, c for [M+], [ML+], u = D_M m + D_C c and w = k m - k_b c,

    u'' = 0,   w'' = w/mu^2,   1/mu^2 = k/D_M + k_b/D_C,   D_M m' = i/F, c' = 0 at both electrodes,

so that w = k (i/F D_M) mu sinh((z - L/2)/mu)/cosh(L/2mu): M+ leaves equilibrium within the reaction
layer mu of each electrode.

Zinc with hydrogen evolution that makes OH-, which binds Zn2+ as ZnOH+ and neutralises H+: no exact
solution, but the books of every ion, and mass action where the reactions are at equilibrium.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.run import Runner
from thincell.studies.steady import Steady
from thincell.validation.rows import Row, books
from thincell.validation.theory.cases import FARADAY, column, plating, solution, solve
from thincell.validation.theory.profiles import profiles

WATER = {
    "equation": "H+ + OH- = H2O", "equilibrium_constant": 1e14, "forward_rate": "1.4e11 L/mol/s",
}  # fmt: skip


def rows() -> Iterator[Row]:
    """All of the above."""
    yield from recombination()
    yield from reaction_layer()
    yield from zinc()


def riccati(time: Any, start: float, excess: float, product: float, rate: float) -> Any:
    """x(t) of x' = rate (product - x (x + excess)), x(0) = start."""
    root = np.sqrt(excess**2 / 4 + product)
    low, high = -excess / 2 - root, -excess / 2 + root
    ratio = (start - high) / (start - low) * np.exp(-rate * (high - low) * np.asarray(time))
    return (high - low * ratio) / (1 - ratio)


def recombination() -> Iterator[Row]:
    """H+ + OH- = H2O from fifty times the ionic product of water, uniform: an ordinary equation."""
    start, excess, product, rate = 2e-4, 3e-4, 1e-8, 1.4e8  # mol/m3 and m3/mol/s: k = 1.4e11 L/mol/s
    times, label = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4], "H+ + OH- = H2O"
    run = solve(
        {
            "cell": column(1e-6, diameter="1 mm"),
            "electrolyte": solution(
                ("Li+", 1, 1.03e-9, 1.0 + excess),
                ("Cl-", -1, 2.03e-9, 1.0),
                ("H+", 1, 9.31e-9, start),
                ("OH-", -1, 5.27e-9, start + excess),
                homogeneous=[WATER],
            ),
            "reactions": {"plating": plating(1.0)},
            "protocol": [{"rest": True, "for": f"{times[-1]!r} s"}],
            "mesh": {"columns": 1},
            "solver": {"tolerance": 1e-10, "first_step": "1e-8 s"},
            "output": {"every": f"{times[-1]!r} s", "times": [f"{t!r} s" for t in times[:-1]]},
        }
    )
    found = run.history[names.lowest_of("H+")]
    for time in times:
        row = int(np.argmin(np.abs(run.history[names.TIME.name] - time)))
        wanted = float(riccati(time, start, excess, product, rate))
        yield Row(label, f"c(H+) at {time:g} s [mol/m3]", float(found[row]), wanted, 1e-4)
    yield from books(label, run.summary)


def reaction_layer() -> Iterator[Row]:
    """Free metal ions at the cathode of a complexed solution, and the reaction layer's thickness."""
    length, bound, free, ligand, support = 10e-6, 1.0, 0.1, 1000.0, 1000.0
    metal, complex_ = 0.7e-9, 0.4e-9
    layer = length / 20  # mu
    backward = 1 / (layer**2 * (bound / free / metal + 1 / complex_))
    forward = backward * bound / (free * ligand)
    density = 0.1 * FARADAY * metal * free / layer
    steady = Steady(
        Case.parse(
            {
                "cell": column(length),
                "electrolyte": solution(
                    ("Li+", 1, metal, free),
                    ("ML+", 1, complex_, bound),
                    ("L", 0, 1.5e-9, ligand),
                    ("K+", 1, 2e-9, support),
                    ("X-", -1, 2e-9, support + bound + free),
                    homogeneous=[
                        {
                            "equation": "Li+ + L = ML+",
                            "equilibrium_constant": 1e3 * bound / (free * ligand),
                            "forward_rate": f"{forward!r} m^3/mol/s",
                        }
                    ],
                ),
                "reactions": {"plating": plating(1.0)},
                "protocol": [{"plate": "1 A/m^2", "for": "1 s"}],
                "mesh": {"columns": 1, "layers": 24, "edge": 5e-3, "growth": 1.3},
            }
        )
    )
    steady.at_current(-density)
    found = profiles(steady.problem)
    label, z = "complexed metal ion", found["z"]
    slope, middle = density / FARADAY, z - length / 2
    k = forward * ligand
    w = k * slope / metal * layer * np.sinh(middle / layer) / np.cosh(length / (2 * layer))
    sum_ = (slope * middle + metal * free + complex_ * bound) * backward
    wanted = (sum_ + complex_ * w) / (backward * metal + complex_ * k)
    yield Row(
        label, "c(M+) at the cathode / c0", float(found["Li+"][0]) / free, float(wanted[0]) / free, 5e-4
    )
    off = forward * found["Li+"] * found["L"] - backward * found["ML+"]
    near = (z > 0) & (z < 4 * layer)
    decay = -np.polyfit(z[near], np.log(-off[near]), 1)[0]
    yield Row(label, "reaction layer [m]", float(1 / decay), layer, 1e-3)


def zinc() -> Iterator[Row]:
    """Plating of zinc with hydrogen evolution: charge, and every ion, are accounted for."""
    for model in ("electroneutral", "nernst-planck-poisson"):
        runner = Runner(Case.parse(zinc_case(model)))
        run = runner.run()
        label = f"zinc and hydrogen, {model}"
        yield from books(label, run.summary)
        found = profiles(runner.problem)
        k = int(np.argmin(np.abs(found["z"] - 5e-7)))
        zn, oh, bound = (float(found[ion][k]) for ion in ("Zn2+", "OH-", "ZnOH+"))
        yield Row(label, "mass action of ZnOH+ half-way", bound / (zn * oh), 100.0, 1e-2)


def zinc_case(model: str) -> dict[str, Any]:
    """ZnSO4 at pH 7 between zinc electrodes 1 um apart; 1 mmol/L for a Debye length that is resolved."""
    proton, hydroxide, zn = 1e-4, 1e-4, 1.0
    bound = 1e5 * 1e-3 * zn * hydroxide
    sulfate = (2 * zn + bound + proton - hydroxide) / 2
    return {
        "cell": column(1e-6, diameter="1 mm"),
        "electrolyte": solution(
            ("Zn2+", 2, 0.7e-9, zn),
            ("SO4--", -2, 1.07e-9, sulfate),
            ("H+", 1, 9.31e-9, proton),
            ("OH-", -1, 5.27e-9, hydroxide),
            ("ZnOH+", 1, 0.7e-9, bound),
            model=model,
            relative_permittivity=78.4,
            homogeneous=[
                WATER,
                {
                    "equation": "Zn2+ + OH- = ZnOH+",
                    "equilibrium_constant": 1e5,
                    "forward_rate": "1e9 L/mol/s",
                },
            ],
        ),
        "reactions": {
            "plating": {
                "name": "Zn/Zn2+",
                "kinetics": {
                    "exchange_current_density": "30 A/m^2",
                    "reference_concentration": "1 mol/m^3",
                },
            },
            "hydrogen": {
                "name": "HER-Zn",
                "electrodes": ["working"],
                "equation": "2 H2O + 2 e- = H2 + 2 OH-",
                "kinetics": {"exchange_current_density": "1e-5 A/m^2"},
            },
        },
        "protocol": [{"plate": "100 A/m^2", "for": "1 ms"}, {"rest": True, "for": "0.2 ms"}],
        "mesh": {"columns": 1},
    }

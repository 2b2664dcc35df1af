r"""Donnan equilibrium between a solution and a film with immobile charge.

Far from the film's edges sum z_i c_i exp(-z_i psi_D) + z_f c_f = 0 with the solution's c_i; and from the
first integrals of the Poisson-Boltzmann equation on both sides of its edge, there

    psi_0 = psi_D + sum c_i [1 - exp(-z_i psi_D)]/(z_f c_f)

which for a 1:1 salt is psi_D - tanh(psi_D/2) (Ohshima; recalled, here derived).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import brentq

from thincell.studies.case import Case
from thincell.studies.steady import Steady
from thincell.validation.rows import Row
from thincell.validation.theory.cases import column, plating, solution
from thincell.validation.theory.profiles import profiles

HEIGHT, FILM = 60e-9, 25e-9


def rows() -> Iterator[Row]:
    """Partition of ions, and the potential at a film's edge."""
    yield from partition()
    yield from film_edge()


def donnan_potential(ions: list[tuple[int, float]], fixed: float) -> float:
    """psi_D (RT/F) from (z_i, c_i) of the solution and the immobile z_f c_f."""

    def charge(psi: float) -> float:
        return float(sum(z * c * np.exp(-z * psi) for z, c in ions) + fixed)

    return float(brentq(charge, -40.0, 40.0, xtol=1e-14))


def edge_potential(ions: list[tuple[int, float]], fixed: float) -> float:
    """psi_0 (RT/F) at the edge of a thick film."""
    inner = donnan_potential(ions, fixed)
    return float(inner + sum(c * (1 - np.exp(-z * inner)) for z, c in ions) / fixed)


def film(fixed: float, *ions: tuple[str, int, float, float]) -> dict[str, Any]:
    """Profiles at equilibrium above a film with ``fixed`` univalent immobile anions [mol.m-3]."""
    table = {"charge": -1, "concentration": f"{fixed!r} mol/m^3", "thickness": f"{FILM!r} m"}
    steady = Steady(
        Case.parse(
            {
                "cell": column(HEIGHT, diameter="0.1 mm"),
                "electrolyte": solution(
                    *ions, model="nernst-planck-poisson", relative_permittivity=78.4, fixed_charge=table
                ),
                "reactions": {"plating": plating(1e-12)},
                "protocol": [{"rest": True, "for": "1 s"}],
                "mesh": {"columns": 1, "double_layer_edge": 0.1, "double_layer_growth": 1.1},
            }
        )
    )
    return profiles(steady.problem)


def partition() -> Iterator[Row]:
    """Partition of three ions, one divalent, between solution and film."""
    ions = (
        ("Li+", 1, 1.03e-9, 100.0), ("Ca2+", 2, 0.79e-9, 20.0), ("Cl-", -1, 2.03e-9, 140.0),
    )  # fmt: skip
    fixed, label = 500.0, "Donnan, film with Li+, Ca2+, Cl-"
    found = film(fixed, *ions)
    inside, outside = (int(np.argmin(np.abs(found["z"] - z))) for z in (FILM / 2, (FILM + HEIGHT) / 2))
    solution_ = [(z, float(found[name][outside])) for name, z, *_ in ions]
    psi = found["phi"] - found["phi"][outside]
    wanted = donnan_potential(solution_, -fixed)
    yield Row(label, "Donnan potential [RT/F]", float(psi[inside]), wanted, 1e-6)
    for name, z, *_ in ions:
        ratio = float(found[name][inside] / found[name][outside])
        yield Row(label, f"partition of {name}", ratio, float(np.exp(-z * wanted)), 1e-6)


def film_edge() -> Iterator[Row]:
    """Potential at the film's edge, 1:1 salt."""
    found, label = (
        film(300.0, ("Li+", 1, 1.03e-9, 100.0), ("Cl-", -1, 2.03e-9, 100.0)),
        "Donnan, 1:1 salt",
    )
    outside, edge = (int(np.argmin(np.abs(found["z"] - z))) for z in ((FILM + HEIGHT) / 2, FILM))
    bulk = float(found["Li+"][outside])
    psi = float(found["phi"][edge] - found["phi"][outside])
    inner = -np.arcsinh(300.0 / (2 * bulk))
    yield Row(label, "potential at the edge [RT/F]", psi, float(inner - np.tanh(inner / 2)), 1e-6)

r"""When electroneutrality holds: three ions with and without space charge; two electroneutral models.

**Limit of thin double layers.** M+ is plated and stripped in the presence of N+ and X-, at half the
limiting current, in a column of length L with lambda_D = eps L and a Stern layer of a tenth of lambda_D.
From the resolved model (nernst-planck-poisson) the electroneutral one with the closure of Gouy, Chapman
and Stern differs

* in voltage by O(eps): the electrochemical potentials vary across a diffuse layer by its thickness times
  the gradient outside;
* in the concentrations half-way between the electrodes by O(eps): a closed cell loses to its double
  layers the ions that these adsorb (the bulk's own space charge, rho = -eps^2 phi'', is smaller).

Without the closure the concentration at the reaction plane is wrong, and with it the rate: an error in
voltage of O(1), unless the rate does not depend on it (concentration_exponent = 0), when it is O(eps).
Orders are slopes of the logarithm of the difference against that of eps, at the two smallest.

**Two electroneutral models.** The binary salt (concentrated-solution theory with the dilute laws;
unknowns c and one potential) and the same two ions followed one by one are one model, and agree to
rounding: at every time step of a galvanostatic run, and along the electrodes of a chip.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.steady import Steady
from thincell.validation.rows import Row, books
from thincell.validation.theory.cases import (
    FARADAY,
    THERMAL_VOLTAGE,
    VACUUM_PERMITTIVITY,
    column,
    dilute,
    permittivity_for,
    plating,
    solution,
    solve,
    strip,
)
from thincell.validation.theory.many_ions import limiting
from thincell.validation.theory.profiles import profiles

LENGTH, SALT = 1e-6, 1.0
METAL, OTHER, ANION = 0.7e-9, 1.9e-9, 2.0e-9
RATIO, STERN = 1.0, 0.1

#: Of the limiting current.
SHARE = 0.5

SIZES = (3e-3, 1e-3, 3e-4)


def rows() -> Iterator[Row]:
    """Orders in eps, then both electroneutral models."""
    yield from thin_layers()
    yield from column_of_both()
    yield from chip_of_both()


# -- thin double layers --------------------------------------------------------------------------------


def steady_state(eps: float, model: str, exponent: float, layer: bool) -> tuple[float, dict[str, float]]:
    """Cell voltage (RT/F), and c_i/c_M0 half-way between the electrodes."""
    strength = 2 * (1 + RATIO)
    relative = permittivity_for(eps * LENGTH, SALT, strength)
    capacitance = relative * VACUUM_PERMITTIVITY / (STERN * eps * LENGTH)
    unit = 4 * FARADAY * METAL * SALT * (1 + RATIO) / LENGTH
    data = {
        "cell": column(LENGTH),
        "electrolyte": solution(
            ("Li+", 1, METAL, SALT),
            ("N+", 1, OTHER, RATIO * SALT),
            ("X-", -1, ANION, (1 + RATIO) * SALT),
            model=model,
            relative_permittivity=relative,
        ),
        "reactions": {
            "plating": plating(
                unit,
                kinetics={
                    "reference_concentration": f"{SALT!r} mol/m^3",
                    "concentration_exponent": exponent,
                },
            )
        },
        "protocol": [{"plate": "1 A/m^2", "for": "1 s"}],
        "mesh": {"columns": 1, "layers": 24, "edge": 5e-3, "growth": 1.3, "double_layer_growth": 1.2},
    }
    if layer:
        data["double_layer"] = {"stern_capacitance": f"{capacitance!r} F/m^2"}
    steady = Steady(Case.parse(data))
    state = steady.at_current(-SHARE * limiting(RATIO) * unit)
    found = profiles(steady.problem)
    half = {
        ion: float(np.interp(LENGTH / 2, found["z"], found[ion])) / SALT for ion in ("Li+", "N+", "X-")
    }
    return state.voltage / THERMAL_VOLTAGE, half


def thin_layers() -> Iterator[Row]:
    """Resolved against electroneutral, with and without the closure."""
    resolved, npp = {}, "nernst-planck-poisson"
    for exponent in (0.5, 0.0):
        resolved[exponent] = [steady_state(eps, npp, exponent, True) for eps in SIZES]
    closed = [steady_state(eps, "electroneutral", 0.5, True) for eps in SIZES]
    plain = {
        exponent: steady_state(SIZES[0], "electroneutral", exponent, False) for exponent in resolved
    }
    pairs = list(zip(resolved[0.5], closed, strict=True))
    label = "three ions, half the limiting current"
    yield _order(f"{label}, closure", "voltage [RT/F]", [abs(a[0] - b[0]) for a, b in pairs], 1)
    for ion in ("Li+", "N+", "X-"):
        gaps = [abs(a[1][ion] - b[1][ion]) for a, b in pairs]
        yield _order(f"{label}, closure", f"c of {ion} half-way", gaps, 1)
    gaps = [abs(a[0] - plain[0.0][0]) for a in resolved[0.0]]
    yield _order(f"{label}, no closure, i0 constant", "voltage [RT/F]", gaps, 1)
    gaps = [abs(a[0] - plain[0.5][0]) for a in resolved[0.5]]
    yield _order(f"{label}, no closure, i0 ~ c^(1/2)", "voltage [RT/F]", gaps, 0)


def _order(case: str, quantity: str, gaps: list[float], expected: int) -> Row:
    """A row that holds when the order is right within a tenth."""
    order = float(np.log(gaps[-2] / gaps[-1]) / np.log(SIZES[-2] / SIZES[-1]))
    return Row(case, f"order in eps of the difference in {quantity}", order, expected, 0.1, True)


# -- two electroneutral models -------------------------------------------------------------------------

CATION, ANION_OF_SALT, CONCENTRATION = 2e-10, 4e-10, 1000.0


def salts() -> dict[str, dict[str, Any]]:
    """The same electrolyte as one salt and as two ions."""
    return {
        "salt": dilute(CATION, ANION_OF_SALT),
        "ions": dilute(
            CATION,
            ANION_OF_SALT,
            species=[{"name": "Li+", "charge": 1}, {"name": "PF6-", "charge": -1}],
        ),
    }


def column_of_both() -> Iterator[Row]:
    """Voltage and concentrations in a galvanostatic run at 0.7 of the limiting current."""
    length = 25e-6
    limit, time = 4 * FARADAY * CATION * CONCENTRATION / length, length**2 / (4 / 3 * CATION)
    runs = {}
    for name, electrolyte in salts().items():
        runs[name] = solve(
            {
                "cell": column(length),
                "electrolyte": electrolyte,
                "reactions": {"plating": plating(0.1 * limit, kinetics={"concentration_exponent": 0.5})},
                "protocol": [{"plate": f"{0.7 * limit!r} A/m^2", "for": f"{time!r} s"}],
                "mesh": {"columns": 1, "layers": 12},
                "solver": {"first_step": f"{1e-5 * time!r} s"},
            }
        )
    salt, ions = runs["salt"], runs["ions"]
    label = "galvanostatic column, binary salt against its ions"
    same = salt.history[names.TIME.name].shape == ions.history[names.TIME.name].shape
    yield Row(label, "same time steps", float(same), 1.0, 0.0)
    for quantity in (names.VOLTAGE, names.LOWEST, names.HIGHEST):
        gap = _gap(salt.history[quantity.name], ions.history[quantity.name])
        yield Row(label, f"largest relative difference of {quantity}", gap, 0.0, 1e-8, True)
    yield from books(label, ions.summary)


def chip_of_both() -> Iterator[Row]:
    """Local current density and concentration along the electrodes of a coplanar chip."""
    tables = {}
    for name, electrolyte in salts().items():
        run = solve(
            {
                "cell": strip(500e-9, 4, 4, 4, 1),
                "electrolyte": electrolyte,
                "reactions": {"plating": plating(2000.0, kinetics={"concentration_exponent": 0.5})},
                "protocol": [{"plate": "1000 A/m^2", "for": "10 ms"}],
                "mesh": {"columns": 4, "layers": 3, "edge": 0.1, "growth": 1.6},
                "solver": {"first_step": "1 us"},
            }
        )
        tables[name] = run
    label = "coplanar chip, binary salt against its ions"
    for electrode in ("working", "counter"):
        a, b = (tables[name].profile(electrode) for name in ("salt", "ions"))
        for quantity in (names.LOCAL, names.CONCENTRATION):
            gap = _gap(a[quantity.name], b[quantity.name])
            yield Row(label, f"{electrode}: {quantity}, largest difference", gap, 0.0, 1e-8, True)
    yield from books(label, tables["ions"].summary)


def _gap(a: Any, b: Any) -> float:
    """Largest difference relative to the largest value."""
    return float(np.max(np.abs(a - b)) / np.max(np.abs(a))) if np.shape(a) == np.shape(b) else np.inf

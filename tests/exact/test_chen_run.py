"""Runs of deposit.model = "chen-2015": a slow front against quadrature, books, controls, meshes.

The reference shares nothing with the forms: for a slow front c = exp(-phi), as no cation moves on average,
and sigma phi' is constant through the tanh profile and the liquid, so that (lengths in um, L_s W >> rate)

    v = 6 delta L_e int_0^1 h'(xi) f dxi = (i0/zF C_s) int_0^1 h'(xi) f dxi,    f = c exp(-phi/2) - exp(phi/2)
"""

from __future__ import annotations

from math import ceil, exp
from typing import Any

import numpy as np
import pytest

from thincell.studies.case import Case
from thincell.studies.run import Run, Runner
from thincell.studies.summary import UNBALANCED
from thincell.validation.theory.cases import THERMAL_VOLTAGE
from thincell.validation.theory.front_cases import LENGTH, TIME, Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal

HEIGHT, START, DELTA, RATIO = 8.0, 1.2, 0.1, 1e4


def strip(exchange: float) -> Strip:
    return Strip(Cell(metal=Metal(exchange=exchange), height=HEIGHT), 6.01 * DELTA, START, DELTA)


def conductivity(cell: Strip) -> float:
    """Of the liquid [S.m-1]: that of the salt's ions."""
    return cell.cell.salt.conductivity * cell.density * LENGTH / THERMAL_VOLTAGE


def run(cell: Strip, step: dict[str, Any], speed: float, **deposit: Any) -> tuple[Runner, Run]:
    """Finished; L_s kappa = 20 v delta for a ``speed`` v in um per unit of time, gamma = 0.5 J/m2."""
    chen = {
        "mobility": f"{20 * speed * LENGTH / TIME / 3!r} m^3/(J*s)",
        "metal_conductivity": f"{RATIO * conductivity(cell)!r} S/m",
    }
    deposit = {"adaptive": False, "reach": um(3.0), **deposit}
    data = cell.data([step], model="chen-2015", chen=chen, **deposit)
    data["deposit"]["surface_energy"] = "0.5 J/m^2"
    mesh = {"columns": 1, "layers": ceil(HEIGHT / cell.width)}
    made = Runner(Case.parse({**data, "mesh": mesh, "output": {"figures": False, "fields": False}}))
    return made, made.run()


def quadrature(voltage: float) -> tuple[float, float]:
    """(v over i0/zF C_s, current to the counter electrode over sigma RT/F per um) of a slow front."""
    z = np.linspace(0.0, HEIGHT, 400_001)
    xi = 0.5 * (1 - np.tanh((z - START) / (2 * DELTA)))
    h = xi**3 * (6 * xi**2 - 15 * xi + 10)
    resistance = 1 / (RATIO * h + 1 - h)
    passed = np.concatenate([[0.0], np.cumsum((resistance[1:] + resistance[:-1]) / 2)]) * (z[1] - z[0])
    phi = voltage * (1 - passed / passed[-1])
    drive = np.exp(-1.5 * phi) - np.exp(0.5 * phi)
    return float(-np.trapezoid(30 * xi**2 * (1 - xi) ** 2 * drive, xi)), voltage / float(passed[-1])


def books(runner: Runner) -> float:
    """Largest of those that the model keeps."""
    return max(runner.observer.audited.values())


def test_slow_front_is_that_of_cations_piled_up_in_the_one_potential() -> None:
    voltage = -1.0
    exchange = 1e-4 * exp(1.5 * voltage)
    cell = strip(exchange)
    exact, counter = quadrature(voltage)
    speed = 1e-3 * exchange * exact
    # Ten times the usual L_s, so that the profile has relaxed within a fraction of delta of growth.
    step = {"hold": cell.volts(voltage), "for": cell.seconds(1e5)}
    made, result = run(cell, step, 10 * speed, cells=3.0, reach=um(2.0))
    rate = -cell.history(result)["current"][-1] / exchange
    assert rate == pytest.approx(exact, rel=0.01)
    assert rate > 2 * (exp(-voltage / 2) - exp(voltage / 2))  # Butler-Volmer at c0
    flows = made.problem.readings.rates()
    balance = -flows["charge counter"] / flows["charge working"]
    expected = -counter * cell.cell.salt.conductivity / (exchange * exact)
    assert balance == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("adaptive", [False, True])
def test_metal_and_cations_close_and_charge_does_not(adaptive: bool) -> None:
    cell = strip(0.1)
    mesh = {"adaptive": True, "band": 2.0, "reach": None} if adaptive else {}
    made, result = run(cell, {"hold": cell.volts(-2.0), "for": cell.seconds(1500.0)}, 5e-4, **mesh)
    assert made.growth is not None
    assert (made.growth.remeshes > 1) == adaptive
    grown = cell.history(result)["thickness"][-1] - START
    assert grown > 3 * DELTA
    assert books(made) < 1e-10
    assert made.observer.worst["charge"] > 0.5
    assert result.manifest["state"] == "finished"
    assert abs(result.summary[UNBALANCED] - 1) > 0.5


def test_given_current_is_that_of_the_metal() -> None:
    cell = strip(0.1)
    step = {"plate": f"{0.05 * cell.density!r} A/m^2", "for": cell.seconds(1000.0)}
    made, result = run(cell, step, 5e-5)
    history = cell.history(result)
    grown, passed = (np.ptp(history[name]) for name in ("thickness", "time"))
    assert grown == pytest.approx(0.05 * 1e-3 * passed, rel=1e-9)
    assert books(made) < 1e-10

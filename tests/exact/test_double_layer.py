"""Resolved double layers: a cheap part of what `gouy-chapman`, `space-charge` and `closure` validate."""

from __future__ import annotations

import numpy as np
import pytest

from thincell.studies import names
from thincell.studies.manufactured import rate
from thincell.studies.profile import ion_profile, surface_charge
from thincell.validation.theory.batch import Trial, trials
from thincell.validation.theory.cases import THERMAL_VOLTAGE
from thincell.validation.theory.closure import difference
from thincell.validation.theory.gouy_chapman import MESH, Diffuse, at_rest, charge_error
from thincell.validation.theory.migration import limiting_current
from thincell.validation.theory.plate import LENGTH, LIMIT, Plate
from thincell.validation.theory.space_charge import JUMP, RAMP, RAMP_STEPS, REFERENCE, voltage

COARSE = {"columns": 1}


@pytest.mark.parametrize("zeta", [1.0, 4.0, 8.0])
def test_charge_of_a_diffuse_layer_on_the_default_mesh(zeta: float) -> None:
    assert charge_error(Diffuse(), zeta, {}) < 1e-4


def test_order_of_the_charge_in_the_first_cell() -> None:
    meshes = [
        {"layers": 16 * n, "growth": 1.4 ** (1 / n), "double_layer_edge": 1 / n,
         "double_layer_growth": 1.2 ** (1 / n)}
        for n in (1, 2)
    ]  # fmt: skip
    errors = [charge_error(Diffuse(), 4.0, mesh) for mesh in meshes]
    assert rate([1.0, 0.5], errors) > 3.5


def test_metal_in_equilibrium_has_one_potential_however_it_is_charged() -> None:
    """Also where the ions crowd: the electrochemical potential is uniform, its level the bulk's."""
    layer = Diffuse(concentrations=(100.0, 100.0), diameter=6e-10)
    steady = at_rest(layer, 8.0, MESH)
    table = ion_profile(steady.problem)
    bulk = np.interp(table[names.Z.name][-1] / 2, table[names.Z.name], table[names.INNER.name])
    assert abs(bulk) < 1e-6 * THERMAL_VOLTAGE
    assert surface_charge(steady.problem, "working") == pytest.approx(layer.charge(8.0), rel=1e-4)
    assert surface_charge(steady.problem, "counter") == pytest.approx(layer.charge(8.0), rel=1e-4)


def test_exact_layers_agree_with_closed_forms() -> None:
    plain, crowded = Diffuse(), Diffuse(concentrations=(100.0, 100.0), diameter=6e-10)
    assert plain.charge(3.0) == pytest.approx(-plain.charge(-3.0))
    assert plain.adsorbed(4.0) == pytest.approx(2 * plain.debye * 10.0 * np.expm1(2.0), rel=1e-8)
    nu = 2 * crowded.volume * 100.0
    point = Diffuse(concentrations=(100.0, 100.0)).charge(6.0)
    steric = np.sqrt(np.log1p(2 * nu * np.sinh(3.0) ** 2) / (2 * nu)) / np.sinh(3.0)
    assert crowded.charge(6.0) == pytest.approx(point * steric, rel=1e-12)


@pytest.mark.parametrize(("eps", "current"), [(1e-2, 0.5), (1e-2, 1.0), (1e-3, 0.9)])
def test_voltage_of_a_plate_cell(eps: float, current: float) -> None:
    found = voltage(Plate(eps).steady().at_current(-current * LIMIT))
    assert found == pytest.approx(REFERENCE[eps][current], rel=1e-4)


@pytest.mark.parametrize(("eps", "current"), [(1e-2, 1.5), (1e-3, 1.2)])
def test_a_cold_start_reaches_currents_beyond_the_limit(eps: float, current: float) -> None:
    """On the default mesh, without an option."""
    found = voltage(Plate(eps).steady(mesh=COARSE).at_current(-current * LIMIT))
    assert found == pytest.approx(REFERENCE[eps][current], rel=1e-2)


@pytest.mark.parametrize("eps", [1e-2, 1e-3, 1e-4])
def test_one_solve_to_nine_tenths_of_the_limiting_current(eps: float) -> None:
    effort = Plate(eps).steady().at_current(-0.9 * LIMIT).effort
    assert (effort.steps, effort.rejected) == (1, 0)
    assert effort.iterations <= JUMP


@pytest.mark.parametrize("eps", [1e-2, 1e-5])
def test_ramp_to_large_potentials(eps: float) -> None:
    effort = Plate(eps, delta=1.0).steady(mesh=COARSE).ramp(-100 * THERMAL_VOLTAGE)
    assert effort.rejected == 0
    assert effort.steps <= RAMP_STEPS
    assert effort.iterations <= RAMP


def test_closure_differs_in_proportion_to_eps() -> None:
    large, small = (difference(Plate(eps), 0.5 * LIMIT) for eps in (1e-3, 1e-4))
    assert large / small == pytest.approx(10.0, abs=1.0)


def test_limiting_currents() -> None:
    """4 for a 1:1 salt, 2 for a trace in a supporting electrolyte, 2 z nu for a z:1 one [F D c/L]."""
    unit = LIMIT / 4
    salt = (("Li+", 1, 1e-9, 1.0), ("PF6-", -1, 3e-9, 1.0))
    trace = (("Li+", 1, 1e-9, 1.0), ("K+", 1, 2e-9, 1e4), ("Cl-", -1, 2e-9, 1e4 + 1))
    zinc = (("Zn2+", 2, 1e-9, 1.0), ("Cl-", -1, 2e-9, 2.0))
    for species, wanted in ((salt, 4.0), (trace, 2.0), (zinc, 12.0)):
        assert limiting_current(species, LENGTH) == pytest.approx(wanted * unit, rel=1e-4)


@pytest.mark.parametrize("trial", trials(12), ids=lambda trial: f"{trial.share:.2f}")
def test_random_cells(trial: Trial) -> None:
    assert trial.run().effort.iterations < 60

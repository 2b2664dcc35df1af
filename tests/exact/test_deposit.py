"""A growing deposit against the sharp front, its laws against exact averages, and its books."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from thincell.model import deposit
from thincell.model.anisotropy import FourFold, Hexagonal, SixFold
from thincell.model.roughness import RandomField
from thincell.studies.case import Case
from thincell.studies.growth.nucleation import Nucleation
from thincell.studies.growth.restore import amounts, restore
from thincell.studies.growth.segments import nearby, segments
from thincell.studies.problem import Problem
from thincell.studies.run import Runner
from thincell.studies.schema.deposit import NucleationTable
from thincell.validation.theory import deposit as planar
from thincell.validation.theory.cases import THERMAL_VOLTAGE
from thincell.validation.theory.deposit_curved import islands, ripened, still_potential
from thincell.validation.theory.deposit_stability import TENSION, Ripple, largest_rate
from thincell.validation.theory.front_cases import TIME, Strip, um
from thincell.validation.theory.sharp_front import Cell, Metal, still_overpotential, transient

STRIP = Strip(Cell(metal=Metal(exchange=0.1), far="counter"), 1.21, 1.2, 0.2)

#: Current of STRIP in its unit, and the unit of resistance times area.
CURRENT = 0.1
RESISTANCE = THERMAL_VOLTAGE / STRIP.density


def plated(duration: float, parts: int = 20, **table: Any) -> Runner:
    """STRIP after plating for some time."""
    step = {"plate": f"{CURRENT * STRIP.density!r} A/m^2", "for": STRIP.seconds(duration)}
    data = STRIP.data([step], **table)
    output = {"figures": False, "fields": False, "every": STRIP.seconds(duration / parts)}
    runner = Runner(Case.parse({**data, "mesh": {"columns": 1, "layers": 7}, "output": output}))
    runner.run()
    return runner


def column(runner: Runner, name: str) -> Any:
    """A column of a run's history."""
    return np.array([row[name] for row in runner.records.rows])


# --- flat fronts ---


def test_flat_front_near_the_limiting_current_follows_the_sharp_one() -> None:
    grown = planar.grow(0.83, delta=0.1, growth=0.4)
    assert abs(grown.error) < planar.ALLOWED[0.83] / 4
    assert grown.profile < 0.01
    assert max(grown.books) < 1e-10


def test_error_falls_with_the_square_of_the_interface_thickness() -> None:
    coarse, fine = (planar.grow(0.37, delta, growth=0.3, tolerance=3e-5) for delta in (0.2, 0.1))
    assert abs(fine.error) < planar.ALLOWED[0.37] / 4
    assert np.log2(abs(coarse.error / fine.error)) > 1.5
    assert max(*coarse.books, *fine.books) < 1e-10


@pytest.mark.parametrize("adaptive", [False, True])
def test_books_close_when_metal_is_plated_and_stripped(adaptive: bool) -> None:
    mesh = {"band": 2.0} if adaptive else {"reach": um(4.0)}
    grown = planar.plate_and_strip(delta=0.2, adaptive=adaptive, **mesh)
    assert (grown.remeshes > 3) == adaptive
    assert max(grown.books) < 1e-10


def test_far_tails_of_a_front_that_runs_dry_stay_tails() -> None:
    """At the compliance the potential falls by 1.3 RT/F per delta: tails that react by it run away."""
    case = Case.parse({
        "title": "dry within 10 ms",
        "cell": {"type": "coin", "porosity": 1.0, "separator_thickness": "4 um", "patch": "0.5 um"},
        "electrolyte": {"name": "Ca-BH42-THF", "concentration": "0.2 mol/L"},
        "reactions": {"calcium": {"name": "Ca/Ca2+"}},
        "deposit": {
            "interface": "40 nm", "film": "125 nm", "courant": 0.5, "cells": 1.0, "band": 14,
            "noise": {"strength": 0.3, "length": "300 nm"},
        },
        "protocol": [{"plate": "600 mA/cm^2", "compliance": "2 V", "for": "20 ms"}],
        "solver": {"tolerance": 0.005},
        "output": {"figures": False, "fields": False},
    })  # fmt: skip
    runner = Runner(case)
    dry = runner.run().summary["Minimum concentration at the end [mol.m-3]"]
    grown = runner.problem.deposit
    far = grown.growing.psi.x.array < -7
    assert dry < 0.02 * 200
    assert np.abs(grown.xi()[far]).max() < 1e-3  # e^-7 at most


# --- curved fronts ---


def test_curved_front_rests_below_the_potential_of_a_flat_one() -> None:
    exact = still_overpotential(0.5, 0.01)
    assert exact < 0
    assert still_potential(0.1, 0.5, cells=1.5) == pytest.approx(exact, rel=0.04)


def test_large_discs_grow_on_small_ones() -> None:
    found, exact, books = ripened(0.1)
    assert found[0] < 0 < found[1]
    assert found == pytest.approx(exact, rel=0.1)
    assert books < 1e-10


def test_floating_disc_gives_off_no_net_current() -> None:
    net, books = islands(0.1, -1, duration=20.0)
    assert net < 1e-9
    assert books < 1e-10


# --- ripples ---


def test_ripple_grows_as_linear_stability_says() -> None:
    ripple = Ripple(4.0, 0.06, capillarity=TENSION)
    assert abs(ripple.run().rate - ripple.theory) < 0.1 * largest_rate()


# --- a film on the metal ---


def test_constant_film_adds_its_resistance_times_current() -> None:
    bare, covered = (
        column(plated(50.0, **table), "Cell voltage [V]") / THERMAL_VOLTAGE
        for table in ({}, {"interphase": {"resistance": f"{2 * RESISTANCE!r} ohm*m^2"}})
    )
    assert len(bare) == len(covered)
    assert covered - bare == pytest.approx(-2 * CURRENT, rel=1e-3)


def test_growing_film_moves_with_the_front_over_all_meshes() -> None:
    """R = g i t at a constant current: 1 RT/F in the end, over several meshes.

    A time step has the film of its beginning.
    """
    duration = 5000.0
    growth = 10 * RESISTANCE / (CURRENT * STRIP.density * duration * TIME)
    runner = plated(duration, interphase={"growth": f"{growth!r} ohm*m^4/C"}, band=2.0)
    assert runner.growth is not None
    assert runner.growth.remeshes > 1
    names = ("Time [s]", "Time step [s]", "Cell voltage [V]")
    time, step, volts = (column(runner, name) for name in names)
    times = np.concatenate([[0.0], time]) / TIME
    bare = transient(STRIP.cell, times, current=-CURRENT, start=STRIP.start).voltage[1:]
    passed = (time - step) / time[-1]
    late = passed > 0.1
    drop = volts / THERMAL_VOLTAGE - bare
    assert drop[late] == pytest.approx(-passed[late] * 10 * CURRENT, abs=5e-3)


# --- restoring amounts ---


def test_restore_brings_back_metal_and_ions_exactly() -> None:
    data = STRIP.data([{"rest": True, "for": "1 s"}])
    problem = Problem(Case.parse({**data, "mesh": {"columns": 1, "layers": 7}}))
    wanted = amounts(problem)
    random = np.random.default_rng(1)
    values = problem.state.x.array.reshape(-1, problem.formulation.fields)
    values[:, 0] *= 1 + 0.01 * random.uniform(size=len(values))
    values[:, -1] *= 1 - 0.01 * random.uniform(size=len(values))
    spoilt = amounts(problem)
    assert all(abs(spoilt[what] / wanted[what] - 1) > 1e-3 for what in wanted)
    restore(problem, wanted)
    found = amounts(problem)
    assert all(found[what] == pytest.approx(wanted[what], rel=1e-14) for what in wanted)


# --- nuclei ---


def test_waiting_times_of_nuclei_are_exponential() -> None:
    table = NucleationTable(spacing="1 um", rate="2 1/s", barrier="1 mV")
    count = 4000
    rng = np.random.default_rng(0)
    sites = Nucleation(table, np.arange(count) * 1e-6, rng.exponential(size=count))
    x, eta, xi = np.array([0.0, 1.0]), np.full(2, -10.0), np.zeros(2)
    born = np.cumsum([len(sites.expose(x, eta, xi, 0.01)) for _ in range(200)]) / count
    waited = 0.01 * np.arange(1, 201)
    # Kolmogorov and Smirnov: 1.63/sqrt(n) is exceeded once in a hundred times
    assert np.max(np.abs(born - (1 - np.exp(-2 * waited)))) < 1.63 / np.sqrt(count)


def test_time_steps_do_not_change_which_sites_nucleate() -> None:
    table = NucleationTable(spacing="1 um", rate="2 1/s", barrier="20 mV")
    thresholds = np.random.default_rng(3).exponential(size=500)
    x, eta, xi = np.array([0.0, 1.0]), np.array([-0.02, -0.02]), np.zeros(2)
    born = []
    for steps in (7, 40):
        sites = Nucleation(table, np.arange(500) * 1e-6, thresholds)
        found = [sites.expose(x, eta, xi, 1.0 / steps) for _ in range(steps)]
        born.append(np.sort(np.concatenate(found)))
    assert np.array_equal(*born)
    assert np.array_equal(born[0], np.flatnonzero(thresholds <= 2 / np.e) * 1e-6)


def test_covered_sites_wait() -> None:
    table = NucleationTable(spacing="1 um", rate="1000 1/s", barrier="1 mV")
    sites = Nucleation(table, np.array([1e-6, 3e-6]), np.ones(2))
    x, eta, xi = np.array([0.0, 2e-6, 4e-6]), np.full(3, -1.0), np.array([1.0, 0.2, 0.0])
    assert len(sites.expose(x, eta, xi, 1.0)) == 0
    assert list(sites.expose(x, eta, np.array([1.0, 0.0, 0.0]), 1.0)) == [3e-6]


# --- noise and anisotropy ---


def test_noise_is_a_function_of_place_and_time_alone() -> None:
    field = RandomField(0.3, 1e-6, 1.0, seed=5)
    points = np.random.default_rng(0).uniform(0, 1e-5, (400, 2))
    whole = field.factor(points, 0.7)
    order = np.random.default_rng(1).permutation(400)[:37]
    assert np.array_equal(field.factor(points[order], 0.7), whole[order])
    assert not np.allclose(RandomField(0.3, 1e-6, 1.0, seed=6).factor(points, 0.7), whole)


def test_noise_has_its_mean_strength_and_correlation() -> None:
    """Averages over many correlation lengths, and over realisations: each has 256 modes only."""
    points = np.random.default_rng(0).uniform(0, 1e-3, (4000, 2))
    aside = points + np.array([1e-6, 0.0])
    found = []
    for seed in range(20):
        field = RandomField(0.3, 1e-6, 1.0, seed)
        here, there = field(points, 0.0), field(aside, 0.0)
        found.append((np.mean(field.factor(points, 0.0)), np.mean(here**2), np.mean(here * there)))
    factor, variance, correlation = np.mean(found, axis=0)
    assert factor == pytest.approx(1.0, abs=0.01)
    assert variance == pytest.approx(1.0, abs=0.02)
    assert correlation == pytest.approx(np.exp(-0.5), abs=0.03)


@pytest.mark.parametrize("law", [FourFold, SixFold, Hexagonal])
def test_anisotropy_is_one_on_average_over_all_normals_of_a_plane(law: Any) -> None:
    angle = np.arange(48) * 2 * np.pi / 48
    fold = {FourFold: 4, SixFold: 6, Hexagonal: 2}[law]
    factors = np.array([float(law(0.2, 0.3)([np.cos(a), np.sin(a)])) for a in angle])
    assert factors.mean() == pytest.approx(1.0, abs=1e-12)
    assert factors == pytest.approx(1 + 0.2 * np.cos(fold * (angle - 0.3)), abs=1e-12)


# --- the interface ---


def test_source_weight_integrates_to_one_and_transport_is_its_integral() -> None:
    xi = np.linspace(0, 1, 20001)
    weight = deposit.source_weight(xi)
    assert np.trapezoid(weight, xi) == pytest.approx(1.0, abs=1e-7)
    assert np.max(np.abs(np.gradient(deposit.unreacted(xi), xi)[5:-5] + weight[5:-5])) < 2e-3


def grid(count: int) -> tuple[Any, Any]:
    """Points of a square from -2 to 2 and its triangles."""
    x = np.linspace(-2, 2, count)
    points = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
    node = np.arange(count**2).reshape(count, count)
    a, b, c, d = (n.ravel() for n in (node[:-1, :-1], node[1:, :-1], node[1:, 1:], node[:-1, 1:]))
    return points, np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])


def test_distance_from_a_circle() -> None:
    points, triangles = grid(81)
    level = 1 - np.hypot(*points.T)
    ends = segments(triangles, level, np.column_stack([points, np.ones(len(points))]))
    length = np.hypot(*(ends[:, 1, :2] - ends[:, 0, :2]).T).sum()
    assert length == pytest.approx(2 * np.pi, rel=1e-3)
    near = nearby(points, ends, 0.5)
    assert np.abs(near.distance - np.abs(level[near.nodes])).max() < 1e-3
    assert np.all(near.values == 1.0)


def test_distance_from_a_straight_line_is_exact() -> None:
    points, triangles = grid(21)
    normal = np.array([0.6, 0.8])
    level = points @ normal - 0.123
    along = points @ np.array([-0.8, 0.6])
    ends = segments(triangles, level, np.column_stack([points, along]))
    near = nearby(points, ends, 0.5)
    inside = np.abs(along[near.nodes]) < 1.2
    assert near.distance[inside] == pytest.approx(np.abs(level[near.nodes])[inside], abs=1e-13)
    assert near.values[inside, 0] == pytest.approx(along[near.nodes][inside], abs=1e-13)


def test_nucleus_in_a_run_is_booked() -> None:
    """A bare electrode, held until nuclei form: half discs, and books that include them."""
    strip = Strip(Cell(metal=Metal(exchange=0.1), far="counter"), 4.0, 0.0, 0.2)
    sites = {"spacing": um(2.0), "rate": "100 1/s", "barrier": "1 mV"}
    step = {"hold": strip.volts(-2.0), "for": strip.seconds(5.0)}
    data = strip.data([step], nucleation=sites, seed=3)
    output = {"figures": False, "fields": False}
    runner = Runner(Case.parse({**data, "mesh": {"columns": 2, "layers": 4}, "output": output}))
    runner.run()
    assert runner.growth is not None
    assert runner.growth.nucleation is not None
    assert runner.growth.nucleation.used.any()
    assert runner.growth.inserted > 0
    assert max(runner.observer.worst.values()) < 1e-9

"""A growing deposit against the sharp front, and its books."""

from __future__ import annotations

import numpy as np
import pytest

from thincell.model import deposit
from thincell.studies.growth.nucleation import Nucleation
from thincell.studies.growth.segments import nearby, segments
from thincell.studies.schema.deposit import NucleationTable
from thincell.validation.theory import deposit as planar


@pytest.mark.parametrize("share", [0.37, 0.83])
def test_planar_front_follows_the_sharp_one(share: float) -> None:
    grown = planar.grow(share, delta=0.1, growth=1.0)
    assert abs(grown.error) < planar.ALLOWED[share]
    assert max(grown.books) < 1e-10


def test_order_in_the_interface_thickness() -> None:
    errors = [abs(planar.grow(0.37, delta, growth=1.0).error) for delta in (0.2, 0.1)]
    assert np.log2(errors[0] / errors[1]) > 1.0


def test_books_close_when_the_mesh_follows_and_metal_is_stripped() -> None:
    grown = planar.plate_and_strip(delta=0.2, adaptive=True)
    assert grown.remeshes > 1
    assert max(grown.books) < 1e-10


def test_source_weight_integrates_to_one_and_transport_is_its_integral() -> None:
    xi = np.linspace(0, 1, 20001)
    weight = deposit.source_weight(xi)
    assert np.trapezoid(weight, xi) == pytest.approx(1.0, abs=1e-7)
    assert np.max(np.abs(np.gradient(deposit.unreacted(xi), xi)[5:-5] + weight[5:-5])) < 2e-3


def test_distance_from_a_circle() -> None:
    x = np.linspace(-2, 2, 81)
    points = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
    node = np.arange(81 * 81).reshape(81, 81)
    a, b, c, d = (n.ravel() for n in (node[:-1, :-1], node[1:, :-1], node[1:, 1:], node[:-1, 1:]))
    triangles = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    level = 1 - np.hypot(*points.T)
    ends = segments(triangles, level, np.column_stack([points, np.ones(len(points))]))
    length = np.hypot(*(ends[:, 1, :2] - ends[:, 0, :2]).T).sum()
    assert length == pytest.approx(2 * np.pi, rel=1e-3)
    near = nearby(points, ends, 0.5)
    assert np.abs(near.distance - np.abs(level[near.nodes])).max() < 1e-3
    assert np.all(near.value == 1.0)


def test_waiting_times_of_nuclei_are_exponential() -> None:
    table = NucleationTable(spacing="1 um", rate="2 1/s", barrier="1 mV")
    count = 4000
    rng = np.random.default_rng(0)
    sites = Nucleation(table, np.arange(count) * 1e-6, rng.exponential(size=count))
    x, eta, xi = np.array([0.0, 1.0]), np.full(2, -10.0), np.zeros(2)
    born = [len(sites.expose(x, eta, xi, 0.01)) for _ in range(100)]
    assert sum(born) / count == pytest.approx(1 - np.exp(-2.0), abs=0.02)
    assert sum(born[:25]) / count == pytest.approx(1 - np.exp(-0.5), abs=0.025)

"""Flow: exact slits, a stream at rest in concentration, books, and what is refused."""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import pytest

from thincell.model import channels
from thincell.studies.case import Case
from thincell.studies.compare import twin
from thincell.studies.flow import steady
from thincell.studies.flow.channel import channel
from thincell.studies.manufactured import rate
from thincell.studies.manufactured_flow import error
from thincell.studies.run import run
from thincell.studies.schema.errors import InputError
from thincell.studies.stage import Stage
from thincell.validation.theory.flow import band, chip


@pytest.mark.parametrize("view", ["section", "plan"])
def test_plane_flow_is_exact(view: str) -> None:
    found = steady.slit(Stage(chip(view), MPI.COMM_WORLD), 2.0)
    assert found.error < 1e-10
    assert found.drop == pytest.approx(12 * 2.0 * 46, rel=1e-10)


def test_uniform_salt_stays_uniform_over_raised_electrodes() -> None:
    raised = {"width": "5 um", "thickness": "100 nm"}
    data = chip(working=raised, counter=raised).resolved()
    data["protocol"] = [{"rest": True, "for": "1 s"}]
    data["flow"]["rate"] = "1e-3 uL/min"
    summary = run(Case.parse(data)).summary
    assert summary["Minimum concentration at the end [mol.m-3]"] == pytest.approx(1000.0, rel=1e-9)


@pytest.mark.parametrize("view", ["section", "plan"])
def test_books_balance(view: str) -> None:
    summary = run(chip(view)).summary
    assert summary["Largest charge imbalance"] < 1e-10
    assert summary["Largest ion imbalance"] < 1e-10


def test_order_at_a_high_peclet_number() -> None:
    cells = (8, 16, 32)
    assert rate([1 / n for n in cells], [error((n, n), 2, 1e6) for n in cells]) > 2.5


def test_bypass_takes_its_share() -> None:
    """Slits side by side share as w h^3; a square duct passes 0.4217 of what its slit would."""
    assert channels.slit_share(1.0, 1.0) == pytest.approx(0.4217, abs=1e-4)
    data = chip().resolved()
    data["flow"]["bypass"] = {"height": "500 nm", "width": "5 mm"}
    found = channel(Case.parse(data))
    beside = 5e-3 * (1 - 0.63 * 1e-4)
    assert found.share == pytest.approx(1e-6 / (1e-6 + beside), rel=1e-5)


def test_twin_has_no_flow() -> None:
    assert twin(band(1.0, 2, 3, 3)).flow is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cell.ends": "closed"}, "reservoir"),
        ({"cell.view": "solid"}, "three dimensions"),
        ({"electrolyte.model": "ohmic"}, "electroneutral"),
        ({"flow.rate": "0 uL/min"}, "must be > 0"),
    ],
)
def test_refusals(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        chip().changed(changes)

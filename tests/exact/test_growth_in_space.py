"""Deposits in space: a bar that is its own section, an eighth of a sphere under its surface tension."""

from __future__ import annotations

import pytest

from thincell.studies import names
from thincell.validation.theory import deposit_space

COARSE = {"cells": 1.0, "courant": 1.0}


@pytest.mark.slow
def test_bar_is_its_section() -> None:
    """Voltage, and the height of a film at its electrode's edge: half a nanometre of 25 nm is the mesh's."""
    solid, section = (deposit_space.bar(view, "4 ms", **COARSE) for view in ("solid", "section"))
    end, wanted = solid.records.rows[-1], section.records.rows[-1]
    assert end[names.VOLTAGE.name] == pytest.approx(wanted[names.VOLTAGE.name], rel=1e-3)
    assert end[names.HEIGHT.name] == pytest.approx(wanted[names.HEIGHT.name], rel=1e-2)
    assert max(solid.observer.worst.values()) < 1e-10


@pytest.mark.slow
def test_sphere_at_rest() -> None:
    """Nearly twice the potential of a disc; one cell per delta is coarse."""
    assert deposit_space.still_potential(1.0) == pytest.approx(deposit_space.rest(), rel=0.1)

"""What is known of a deposit before it grows: the size of its mesh; and a bare electrode that gets nuclei."""

from __future__ import annotations

import cProfile
import pstats
from typing import Any

import pytest

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.check import check
from thincell.studies.meshing import count_unknowns, fields, make_mesh
from thincell.studies.run import run

CHIP: dict[str, Any] = {
    "title": "a deposit",
    "cell": {
        "type": "chip", "height": "500 nm", "working": {"width": "4 um"}, "gap": "4 um",
        "counter": {"width": "4 um"}, "margin": "2 um",
    },
    "electrolyte": {"name": "LiPF6-EC-DMC"},
    "reactions": {"plating": {"name": "Li/Li+"}},
    "protocol": [{"plate": "10 mA/cm^2", "for": "1 s"}],
    "deposit": {"interface": "12 nm", "film": "80 nm"},
    "output": {"figures": False, "fields": False},
}  # fmt: skip

SEED = {"x": "-2 um", "radius": "150 nm"}

#: A box in three dimensions.
SOLID = {
    "type": "chip", "view": "solid", "height": "500 nm", "length": "1 um", "gap": "1.5 um",
    "margin": "0.5 um",
    "working": {"width": "0.5 um", "thickness": "0 nm"},
    "counter": {"width": "0.5 um", "thickness": "0 nm"},
}  # fmt: skip

SIZES: dict[str, dict[str, Any]] = {
    "film": {},
    "thick interface": {"deposit.interface": "25 nm"},
    "thin interface": {"deposit.interface": "6 nm"},
    "seed": {"deposit": {"interface": "10 nm", "seeds": [SEED]}},
    "narrow band": {"deposit.band": 3},
    "fine": {"deposit.cells": 3},
    "tall": {"cell.height": "2 um"},
    "in space": {"cell": SOLID, "deposit": {"interface": "50 nm", "film": "150 nm", "cells": 1}},
    "fixed mesh": {"deposit.adaptive": False},
    "fixed mesh, low": {"deposit.adaptive": False, "deposit.reach": "200 nm"},
}


@pytest.mark.parametrize("name", SIZES)
def test_size_is_known_without_a_mesh(name: str) -> None:
    case = Case.parse(CHIP).changed(SIZES[name])
    counted = count_unknowns(case)
    assert counted is not None
    assert counted / fields(case) == pytest.approx(
        len(make_mesh(case).points), rel=0.35 if name == "in space" else 0.2
    )


def test_a_deposit_adds_a_field_and_makes_elements_linear() -> None:
    plain = Case.parse({key: value for key, value in CHIP.items() if key != "deposit"})
    grown = plain.changed({"deposit": CHIP["deposit"]})
    assert (fields(plain), plain.mesh.order) == (2, 2)
    assert (fields(grown), grown.mesh.order) == (3, 1)
    assert Case.parse(grown.resolved()) == grown


def calls(case: Case) -> int:
    """How many calls of Python functions `check` takes."""
    profile = cProfile.Profile()
    profile.runcall(check, case)
    return pstats.Stats(profile).total_calls


def test_check_makes_no_mesh_and_costs_follow_the_front() -> None:
    case = Case.parse(CHIP)
    check(case)  # the library is read once
    fine = case.changed({"deposit.interface": "3 nm"})
    assert calls(fine) == pytest.approx(calls(case), rel=0.1)  # whatever the number of cells
    found = check(fine)
    longer = check(found.case.changed({"protocol.0.for": "100 s"}))
    assert found.unknowns == longer.unknowns
    assert found.seconds is not None
    assert longer.seconds is not None
    assert longer.seconds > 20 * found.seconds


def test_nuclei_on_a_bare_electrode() -> None:
    """No current flows before the first one; the books hold what was put in."""
    case = Case.parse(
        {
            **CHIP,
            "cell": {
                "type": "coin", "separator_thickness": "8 um", "porosity": 1.0, "patch": "3 um"
            },
            "deposit": {
                "interface": "200 nm", "cells": 1, "courant": 1,
                "nucleation": {
                    "spacing": "1.2 um", "rate": "20 1/s", "barrier": "1 mV", "radius": "0.7 um"
                },
            },
            "protocol": [
                {"hold": "-50 mV", "for": "0.1 s"}, {"plate": "20 mA/cm^2", "for": "0.2 s"}
            ],
            "mesh": {"columns": 1, "layers": 4},
            "solver": {"tolerance": 1e-2, "first_step": "10 ms"},
        }
    )  # fmt: skip
    history = run(case).history
    volume, current = history[names.VOLUME.name], history[names.CURRENT_DENSITY.name]
    bare = volume == 0
    assert 0 < bare.sum() < len(bare)
    assert abs(current[bare]).max() < 1e-9
    assert current[-1] == pytest.approx(-200)
    for balance in (names.CHARGE_BALANCE, names.ION_BALANCE, names.METAL_BALANCE):
        assert history[balance.name].max() < 1e-10

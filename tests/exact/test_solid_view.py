"""The solid view against the section of the same chip, its books, and its solver beside MUMPS."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.figures.above import draw
from thincell.studies.figures.build import Half
from thincell.studies.run import run
from thincell.studies.schema.errors import InputError

CHIP = {
    "type": "chip", "height": "500 nm", "gap": "1 um", "margin": "0.25 um", "length": "0.25 um",
    "working": {"width": "1 um", "thickness": "0 nm"}, "counter": {"width": "0.5 um", "thickness": "0 nm"},
}  # fmt: skip


def of_bars(view: str, solver: str = "auto", order: int = 2, **cell: Any) -> Case:
    """Bars from side to side of the liquid, for a few steps in time."""
    sides = {"margin_sides": "0 um"} if view == "solid" else {}
    return Case.parse(
        {
            "cell": {**CHIP, "view": view, **sides, **cell},
            "electrolyte": {"name": "LiPF6-EC-DMC"},
            "reactions": {"lithium": {"name": "Li/Li+"}},
            "protocol": [{"plate": "20 mA/cm^2", "for": "4 ms"}],
            "mesh": {"order": order},
            "solver": {"linear": solver, "tolerance": 1e-2, "first_step": "1 ms"},
            "output": {"figures": False, "fields": True},
        }
    )


def test_solid_and_section_agree() -> None:
    """Wide bars under a flat lid: to 0.1 % asked; edges of second order elements are far better."""
    whole, cut = run(of_bars("solid", "collapse")), run(of_bars("section"))
    for key, tolerance in (
        ("Cell voltage at the start [V]", 1e-4),
        ("Cell voltage at the end [V]", 1e-4),
        ("Minimum concentration at the end [mol.m-3]", 1e-3),
        ("Charge density [C.m-2]", 1e-12),
    ):
        assert whole.summary[key] == pytest.approx(cut.summary[key], rel=tolerance), key
    assert whole.summary["Largest charge imbalance"] < 1e-10
    assert whole.summary["Largest ion imbalance"] < 1e-10
    rows = whole.profile("working")
    area, density = rows[names.AREA.name], rows[names.LOCAL.name]
    assert area.sum() == pytest.approx(0.25e-12, rel=1e-12)
    assert (area * density).sum() == pytest.approx(-200.0 * 0.25e-12, rel=1e-4)
    assert set(np.round(rows["z [m]"], 12)) == {0.0}
    assert draw([Half("", whole)]) is not None


def test_electrodes_with_thickness_have_sides() -> None:
    """Their sides plate as well; collapse and MUMPS find the same."""
    thick = {"width": "1 um", "thickness": "100 nm"}
    found = [run(of_bars("solid", solver, 1, working=thick)) for solver in ("collapse", "direct")]
    voltages = [made.summary["Cell voltage at the end [V]"] for made in found]
    assert voltages[0] == pytest.approx(voltages[1], rel=1e-8)
    area = found[0].profile("working")[names.AREA.name].sum()
    assert area == pytest.approx((1.0 + 2 * 0.1) * 0.25e-12, rel=1e-9)


def test_what_a_solid_cannot_show_is_refused() -> None:
    with pytest.raises(InputError, match=r"view = 'solid' cannot show double_layer"):
        Case.parse(
            {
                "cell": {**CHIP, "view": "solid"},
                "electrolyte": {"name": "LiPF6-EC-DMC"},
                "reactions": {"lithium": {"name": "Li/Li+"}},
                "double_layer": {},
                "protocol": [{"plate": "1 mA/cm^2", "for": "1 s"}],
            }
        )

"""The plan view against exact end corrections, the section of the same chip, and its own books."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from thincell.model.averaging import FAST, SLOW, share
from thincell.model.constants import FARADAY
from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.figures.above import draw
from thincell.studies.figures.build import Half
from thincell.studies.run import run
from thincell.studies.situation import Situation
from thincell.studies.validity import averaging
from thincell.validation.theory import exact, secondary, views
from thincell.validation.theory.cases import solve
from thincell.validation.theory.primary import resistance

CHIP = {
    "type": "chip", "height": "500 nm", "gap": "5 um", "margin": "2 um", "length": "1 um",
    "working": {"width": "5 um", "thickness": "0 nm"}, "counter": {"width": "5 um", "thickness": "0 nm"},
}  # fmt: skip


def of_bars(view: str, **cell: Any) -> dict[str, Any]:
    """Bars from side to side of the liquid."""
    sides = {"margin_sides": "0 um"} if view == "plan" else {}
    return {
        "cell": {**CHIP, "view": view, **sides, **cell},
        "electrolyte": {"name": "LiPF6-EC-DMC"},
        "reactions": {"lithium": {"name": "Li/Li+"}},
        "protocol": [{"plate": "10 mA/cm^2", "for": "5 s"}],
        "output": {"figures": False, "fields": False},
    }


@pytest.mark.parametrize("biot", [1e-4, 1e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4])
def test_share_gives_the_exact_end_correction(biot: float) -> None:
    """To 2e-4 h, of which the sum of the exact series has 2e-5."""
    found = (1 / biot + share(biot)) ** 0.5
    assert found == pytest.approx(exact.end_correction_series(biot), abs=2.5e-4)


def test_share_has_its_limits() -> None:
    assert share(0.0) == SLOW
    assert share(1e12) == pytest.approx(FAST, abs=1e-6)


@pytest.mark.parametrize("biot", [pytest.param(1.0, marks=pytest.mark.slow), 10.0])
def test_long_bars_have_the_right_resistance(biot: float) -> None:
    case = secondary.case(biot)
    case["cell"] |= {"view": "plan", "margin_sides": "0 um"}
    case["mesh"] = {"growth": 1.3, "columns": 12}
    found = (resistance(solve(case)) - secondary.GAP) / 2
    assert found == pytest.approx(exact.end_correction_series(biot), abs=2e-3)


def test_plan_and_section_agree() -> None:
    """Gap over height 10; what the section adds is of the order of h/gap squared."""
    above, cut = (run(Case.parse(of_bars(view))) for view in ("plan", "section"))
    for key, tolerance in (
        ("Cell voltage at the start [V]", 2e-3),
        ("Cell voltage at the end [V]", 2e-4),
        ("Minimum concentration at the end [mol.m-3]", 5e-4),
        ("Charge density [C.m-2]", 1e-12),
    ):
        assert above.summary[key] == pytest.approx(cut.summary[key], rel=tolerance), key
    assert above.summary["Largest charge imbalance"] < 1e-10
    assert above.summary["Largest ion imbalance"] < 1e-10
    rows = above.profile("working")
    area, density = rows[names.AREA.name], rows[names.LOCAL.name]
    assert area.sum() == pytest.approx(5e-12, rel=1e-12)
    assert draw([Half("", above)]) is not None
    assert draw([Half("", cut)]) is None
    assert (area * density).sum() == pytest.approx(-100.0 * 5e-12, rel=1e-5)


def test_bulged_layer_has_the_same_resistance_from_above() -> None:
    """Windows of infinite length over both cells: the same h(x)."""
    bulge = {"width": "14 um", "centre": "2.5 um", "stress": "200 MPa"}
    voltages = []
    for view in ("plan", "section"):
        case = of_bars(view, bulge=bulge)
        case["protocol"] = [{"plate": "10 mA/cm^2", "for": "0.5 s"}]
        voltages.append(run(Case.parse(case)).summary["Cell voltage at the end [V]"])
    assert voltages[0] == pytest.approx(voltages[1], rel=2e-3)


@pytest.mark.parametrize("ratio", [10, 50])
def test_estimate_of_averaging_ignores_walls(ratio: int) -> None:
    """Bars from wall to wall of a narrow strip are as wide as they are long along the current."""
    found = averaging(views.case("plan", ratio, "1 mA/cm^2", "1 s"))
    assert found is not None
    assert found.error == pytest.approx(ratio**-2)


def test_estimate_of_dryness_is_the_drop_to_the_floor() -> None:
    """Of the parabola that carries a uniform flux in at the lid's zero slope and out at the floor."""
    found = averaging(views.case("plan", 50, "15 mA/cm^2", "1 s"))
    assert found is not None
    s = Situation(views.case("plan", 50, "15 mA/cm^2", "1 s"))
    slope = (1 - s.transference) * 150 / (FARADAY * s.diffusivity)  # dc/dz at the floor; z = 1
    z = np.linspace(0, views.HEIGHT, 2001)
    c = slope * (z - z**2 / (2 * views.HEIGHT))  # over that at the floor
    mean = np.trapezoid(c, z) / views.HEIGHT
    assert found.drop == pytest.approx(mean / s.cations, rel=1e-5)
    assert found.dry_error == found.drop > found.error

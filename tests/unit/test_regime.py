"""Regimes from summaries: each rule, its threshold, and what is missing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from thincell.studies.regime import COMPLIANCE, DRY, EDGE_LIMIT, RULES, UNEVENNESS, regime


def summary(dry: Any = None, compliance: Any = None, unevenness: Any = 1.2) -> dict[str, Any]:
    """The numbers of a run that decide."""
    return {DRY: dry, COMPLIANCE: compliance, UNEVENNESS: unevenness}


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (summary(), "uniform"),
        (summary(unevenness=1), "uniform"),
        (summary(unevenness=EDGE_LIMIT), "uniform"),
        (summary(unevenness=math.nextafter(EDGE_LIMIT, 3)), "edge-limited"),
        (summary(dry=0.5), "depleted"),
        (summary(dry=0.0), "depleted"),
        (summary(compliance=0.5), "depleted"),
        (summary(dry=0.5, unevenness=None), "depleted"),
        (summary(dry=math.nan, compliance=math.nan, unevenness=3.0), "edge-limited"),
        (summary(unevenness=None), ""),
        (summary(unevenness=math.nan), ""),
        ({}, ""),
        ({UNEVENNESS: 1.0}, ""),
    ],
)
def test_regime(numbers: dict[str, Any], expected: str) -> None:
    assert regime(numbers) == expected


def test_every_regime_has_its_rule() -> None:
    assert list(RULES) == ["uniform", "edge-limited", "depleted"]
    assert f"{EDGE_LIMIT:g} times" in RULES["edge-limited"]

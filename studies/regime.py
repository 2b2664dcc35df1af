"""In which regime a run ended: uniform, edge-limited or depleted; from its summary alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: Largest over mean current density from which a distribution counts as edge-limited: the most favoured
#: place receives twice the mean, so a deposit there is twice as thick. The rim of a coin cell's disc in
#: good order stays below (1.6 to 1.8), a thin cell that runs dry lies far above (50 and more).
EDGE_LIMIT = 2.0

DEPLETED, EDGE_LIMITED, UNIFORM = "depleted", "edge-limited", "uniform"

#: Every regime, from even to exhausted, and the rule by which a run belongs to it.
RULES = {
    UNIFORM: f"not depleted, and the largest current density at the end is at most {EDGE_LIMIT:g}"
    " times the mean",
    EDGE_LIMITED: f"not depleted, and the largest current density at the end is more than"
    f" {EDGE_LIMIT:g} times the mean",
    DEPLETED: "the layer ran dry somewhere, or the source reached its compliance voltage, before the"
    " end of the protocol",
}

#: Names in summary.json that decide.
DRY = "Layer dry after [s]"
COMPLIANCE = "Compliance voltage reached after [s]"
UNEVENNESS = "Maximum over mean current density at the end"


def regime(summary: Mapping[str, Any]) -> str:
    """The regime of a run with this summary; empty if the numbers that decide are missing."""
    if any(_finite(summary.get(name)) for name in (DRY, COMPLIANCE)):
        return DEPLETED
    unevenness = summary.get(UNEVENNESS)
    if DRY not in summary or COMPLIANCE not in summary or not _finite(unevenness):
        return ""
    return EDGE_LIMITED if float(unevenness or 0.0) > EDGE_LIMIT else UNIFORM


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)

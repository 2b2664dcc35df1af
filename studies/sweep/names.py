"""Names in the dataset of a sweep: what a run tells, and what is told of each point besides."""

from __future__ import annotations

import re
from collections.abc import Iterable

COIN = "Coin cell: "
"""Stands before the names of a twin's results."""

RESULTS = (
    "Duration [s]",
    "Nominal area [m2]",
    "Electrode potential at the end [V]",
    "Cell voltage at the end [V]",
    "Cell voltage at the start [V]",
    "Current density at the end [A.m-2]",
    "Largest magnitude of the current density [A.m-2]",
    "Charge density [C.m-2]",
    "Minimum concentration at the end [mol.m-3]",
    "Lowest concentration of the run [mol.m-3]",
    "Highest concentration of the run [mol.m-3]",
    "Layer dry after [s]",
    "Compliance voltage reached after [s]",
    "Largest charge imbalance",
    "Largest ion imbalance",
    "Largest metal imbalance",
    "Charge density of NAME [C.m-2]",
    "Mean deposit thickness of NAME [m]",
    "Ions made by side reactions over the initial salt",
    "Maximum over mean current density at the end",
    "Share of current within one height of the edge",
    "Gini coefficient of the current density",
)
"""Numbers of summary.json, as `studies.summary` makes them; NAME is that of a reaction."""

STATUS, REASON, POINT = "Status", "Reason", "Point"
REGIME, ATTEMPTS, WALL_TIME = "Regime", "Attempts", "Wall time [s]"

TOLD = {
    STATUS: "finished, failed, dropped, running or waiting",
    REASON: "why it was dropped or failed",
    POINT: "identity of its case, and the name of its folder in points/",
    REGIME: "how the run ended: uniform, edge-limited or depleted",
    ATTEMPTS: "attempts to run it",
    WALL_TIME: "wall time of its attempts",
}
"""What is told of each point besides its results."""


def results(reactions: Iterable[str]) -> list[str]:
    """Names of the numbers in summary.json of a case with these reactions."""
    return [name.replace("NAME", key) for name in RESULTS for key in _each(name, reactions)]


def _each(name: str, reactions: Iterable[str]) -> Iterable[str]:
    return reactions if "NAME" in name else ("",)


def spell(unit: str) -> str:
    """A unit as results name it: A/m^2 becomes A.m-2."""
    above, _, below = unit.replace("^", "").partition("/")
    match = re.fullmatch(r"(\D+)(\d*)", below)
    return f"{above}.{match[1]}-{match[2] or 1}" if match else above


def allowed(name: str) -> str:
    """A name without the sign that HDF5 keeps for its groups."""
    return name.replace("/", " per ")

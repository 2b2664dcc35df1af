"""The scalars of a run, with units in their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from thincell.geometry.tags import Tag
from thincell.model.constants import FARADAY
from thincell.solvers.sample import POINTS
from thincell.studies import names, uniformity
from thincell.studies.formulation.binary import CATIONS
from thincell.studies.observe import Observer

#: The layer counts as dry where the salt concentration has fallen to this share of the initial one.
DRY = 0.01


def summarise(observer: Observer, rows: Sequence[dict[str, Any]], last: Any) -> dict[str, Any]:
    """summary.json: rank 0 only. ``last`` holds the electrode profiles at the end."""
    p = observer.problem
    end = rows[-1]
    summary: dict[str, Any] = {
        "Title": p.case.title,
        "Duration [s]": end[names.TIME.name],
        "Nominal area [m2]": p.units.nominal_area,
        "Electrode potential at the end [V]": end[names.POTENTIAL.name],
        "Cell voltage at the end [V]": end[names.VOLTAGE.name],
        "Cell voltage at the start [V]": rows[0][names.VOLTAGE.name],
        "Current density at the end [A.m-2]": end[names.CURRENT_DENSITY.name],
        "Largest magnitude of the current density [A.m-2]": max(
            abs(row[names.CURRENT_DENSITY.name]) for row in rows
        ),
        "Charge density [C.m-2]": end[names.CHARGE.name],
        "Minimum concentration at the end [mol.m-3]": end[names.LOWEST.name],
        "Lowest concentration of the run [mol.m-3]": _least(rows, names.LOWEST.name),
        "Highest concentration of the run [mol.m-3]": _most(rows, names.HIGHEST.name),
        "Layer dry after [s]": _dry_after(rows, p.electrolyte.concentration),
        "Compliance voltage reached after [s]": _event_time(rows, "compliance"),
        "Largest charge imbalance": observer.worst["charge"],
        "Largest ion imbalance": observer.worst["ions"],
    }
    if observer.metal is not None:
        summary["Largest metal imbalance"] = observer.worst["metal"]
    if "charge" not in observer.audited:
        totals = p.stepper.ledger.totals
        passed = totals["charge working"]
        summary[UNBALANCED] = -totals["charge counter"] / passed if passed else None
    for reaction in p.surfaces[0].reactions:
        summary[f"Charge density of {reaction.name} [C.m-2]"] = end[names.charge_of(reaction.name)]
        if reaction.kind == "plating" and reaction.molar_volume is not None:
            moles = -end[names.charge_of(reaction.name)] / (reaction.electrons * FARADAY)
            summary[f"Mean deposit thickness of {reaction.name} [m]"] = moles * reaction.molar_volume
    counted = p.formulation.ions == (CATIONS,)
    if counted and any(reaction.kind == "side" for reaction in p.surfaces[0].reactions):
        summary[SIDE_IONS] = _side_ions(observer, end)
    summary |= _distribution(observer, last)
    return summary


#: 1 in a model that keeps the charge.
UNBALANCED = "Fault of chen-2015: charge at the counter electrode over that of the metal grown"

#: Ions that side reactions added, relative to the equivalents of salt at the start. They are counted as
#: the salt's own anion, which is wrong beyond about a tenth.
SIDE_IONS = "Ions made by side reactions over the initial salt"


def _side_ions(observer: Observer, end: dict[str, Any]) -> float:
    p = observer.problem
    charge = sum(abs(end[names.charge_of(r.name)]) for r in p.surfaces[0].reactions if r.kind == "side")
    salt = observer.started_with[CATIONS] * p.units.amount * p.electrolyte.salt.equivalents * FARADAY
    return float(charge * p.units.nominal_area / salt) if salt > 0 else 0.0


def _distribution(observer: Observer, profiles: dict[str, Any]) -> dict[str, Any]:
    working = profiles[names.ELECTRODE.name] == Tag.WORKING.group
    density, area = profiles[names.LOCAL.name][working], profiles[names.AREA.name][working]
    along = profiles[names.ALONG.name][working]
    samples = POINTS if observer.problem.deposit is None else 1
    along, density, area = uniformity.by_facet(along, density, area, samples)
    height = observer.problem.scales.length
    return {
        "Maximum over mean current density at the end": uniformity.maximum_over_mean(density, area),
        "Share of current within one height of the edge": uniformity.share_within(
            height, along, density, area
        ),
        "Gini coefficient of the current density": uniformity.gini(density, area),
    }


def _least(rows: Sequence[dict[str, Any]], key: str) -> float:
    return min(row[key] for row in rows)


def _most(rows: Sequence[dict[str, Any]], key: str) -> float:
    return max(row[key] for row in rows)


def _event_time(rows: Sequence[dict[str, Any]], event: str) -> float | None:
    return next((row[names.TIME.name] for row in rows if row[names.EVENT.name] == event), None)


def _dry_after(rows: Sequence[dict[str, Any]], initial: float) -> float | None:
    """Time at which the lowest concentration fell to DRY times the initial, between two steps."""
    threshold = DRY * initial
    before: tuple[float, float] = (0.0, initial)
    for row in rows:
        now = (row[names.TIME.name], row[names.LOWEST.name])
        if now[1] <= threshold:
            share = (before[1] - threshold) / (before[1] - now[1]) if before[1] > now[1] else 0.0
            return float(before[0] + np.clip(share, 0, 1) * (now[0] - before[0]))
        before = now
    return None

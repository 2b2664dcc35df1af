"""What the points of a sweep will cost: the estimate of `thincell check`, made for each mesh once."""

from __future__ import annotations

from collections.abc import Mapping

from thincell.studies.case import Case
from thincell.studies.check import check, cost
from thincell.studies.meshing import count_unknowns
from thincell.studies.schema.cell import MeshCell


def seconds(cases: Mapping[str, Case]) -> dict[str, float]:
    """Seconds on one core by id; InputError for a mesh of one's own that is wrong."""
    known: dict[str, float] = {}
    found = {}
    for id_, case in cases.items():
        key = f"{case.cell.model_dump_json()} {case.mesh} {case.electrolyte.model} {len(case.protocol)}"
        if key not in known:
            known[key] = _seconds(case)
        found[id_] = known[key]
    return found


def _seconds(case: Case) -> float:
    if isinstance(case.cell, MeshCell):
        return check(case).seconds or 0.0
    return cost(case, count_unknowns(case) or 0)

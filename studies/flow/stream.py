"""The stream function of a run with flow, as it is recorded with its other fields."""

from __future__ import annotations

from typing import Any

from thincell.studies import names
from thincell.studies.formulation.binary import BinarySalt
from thincell.studies.problem import Problem


def stream_of(problem: Problem) -> dict[str, tuple[Any, float]]:
    """The stream function of a problem with flow, by name with unit: scaled expression and its SI unit."""
    formulation, scales = problem.formulation, problem.scales
    if not isinstance(formulation, BinarySalt) or formulation.flow is None:
        return {}
    if problem.stage.seen_from_above:
        return {names.STREAM_ABOVE.name: (formulation.flow.psi, scales.diffusivity * scales.length)}
    return {names.STREAM.name: (formulation.flow.psi, scales.diffusivity)}

"""Bring metal and ions of a state back to given amounts, after something moved them about by hand.

Interpolating to another mesh, or inserting a nucleus, changes integrals a little. What is missing is put
back at the front: xi is shifted along its normal (xi + s xi(1-xi)), concentrations are multiplied with
1 + b xi(1-xi), or with 1 + b where there is no metal yet. The integrals are those of the weak forms, so
the books of the run go on exactly.
"""

from __future__ import annotations

import numpy as np

from thincell.studies.formulation.chen import ChenSalt
from thincell.studies.formulation.growing import METAL, Growing
from thincell.studies.problem import Problem

#: Relative error of an amount that is left, and how often it is tried.
ENOUGH, TRIALS = 1e-15, 6

#: Area of the front's layer, in squares of the interface's thickness, below which there is no front.
NONE = 1e-3


def amounts(problem: Problem) -> dict[str, float]:
    """Scaled amounts of the metal and of every ion in the problem's state."""
    found = problem.readings.functionals()
    return {what: found[f"amount {what}"] for what in (*problem.formulation.ions, METAL)}


def restore(problem: Problem, wanted: dict[str, float]) -> None:
    """Change the problem's state until it holds the wanted amounts. Collective."""
    weight = _front(problem)
    there = _metal(problem, wanted[METAL], weight)
    _ions(problem, wanted, _front(problem) if there else np.ones_like(weight))


def _front(problem: Problem) -> np.ndarray:
    """4 xi(1-xi) at the nodes, 0 outside of [0, 1]."""
    assert problem.deposit is not None
    xi = problem.deposit.xi()
    return np.maximum(4 * xi * (1 - xi), 0.0)


def _metal(problem: Problem, wanted: float, weight: np.ndarray) -> bool:
    """xi enters its integral linearly: two trials tell the shift. False when there is no front."""
    assert problem.deposit is not None
    xi, thickness = problem.deposit.xi(), problem.deposit.table.interface / problem.scales.length
    before = amounts(problem)[METAL]
    start = xi.copy()
    xi[:] = start + weight
    capacity = amounts(problem)[METAL] - before
    if capacity < NONE * thickness**2:
        xi[:] = start
        return False
    shift = (wanted - before) / capacity
    for _ in range(2):  # a second time for the digits that the first has lost
        xi[:] = start + shift * weight
        shift += (wanted - amounts(problem)[METAL]) / capacity
    xi[:] = start + shift * weight
    return True


def _ions(problem: Problem, wanted: dict[str, float], weight: np.ndarray) -> None:
    """Secants for all ions at once: each has an integral of its own."""
    model, state = problem.formulation, problem.state
    assert isinstance(model, Growing | ChenSalt)
    unknowns = state.x.array.reshape(-1, model.fields)
    values, weight = model.inner.values(unknowns), weight[:, None]
    goal = np.array([wanted[ion] for ion in model.ions])

    def held(factor: np.ndarray) -> np.ndarray:
        changed = values * (1 + factor * weight)
        unknowns[:, : model.inner.fields] = model.inner.with_values(
            unknowns[:, : model.inner.fields], changed
        )
        found = amounts(problem)
        return np.array([found[ion] for ion in model.ions])

    factor = np.zeros(len(goal))
    here, probe = held(factor), 1e-3
    slope = (held(factor + probe) - here) / probe
    for _ in range(TRIALS):
        factor = factor + (goal - here) / slope
        here = held(factor)
        if np.all(np.abs(here - goal) <= ENOUGH * np.abs(goal)):
            return

"""The state from which a case with resolved double layers starts: charged, and at rest.

A charged double layer is not a state that Newton's method finds from an uncharged one under current, and
no experiment starts with one. So the open circuit is solved first: no current, reversible
reactions only (a corroding electrode has no equilibrium), for a very long time step; when that does not
converge, for time steps that grow from the time in which the double layer itself forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from thincell.model.kinetics import Tafel
from thincell.model.reactions import Reaction
from thincell.solvers.controls import GivenCurrent
from thincell.solvers.failure import NotConverged, StepFailed
from thincell.studies.formulation.ionic import IonicSolution
from thincell.studies.problem import Problem

#: Scaled time steps: the long one, and the first and the growth of the shorter ones.
LONG, SHORT, GROWTH = 1e3, 1e-8, 10.0


def charge_double_layer(problem: Problem) -> None:
    """Bring a problem with resolved double layers to its open circuit at time zero.

    Raises StepFailed when no open circuit is found.
    """
    model = problem.formulation
    if not isinstance(model, IonicSolution) or not model.resolved:
        return
    stepper = problem.stepper
    with _reversible_only(problem):
        try:
            _rest(problem, LONG)
        except NotConverged:
            stepper.take_back()
            _in_steps(problem)
    stepper.forget()


def _rest(problem: Problem, dt: float) -> None:
    problem.stepper.restart()
    problem.stepper.attempt(dt, GivenCurrent(0.0))
    problem.stepper.accept({})


def _in_steps(problem: Problem) -> None:
    dt = SHORT
    while dt <= LONG * GROWTH:
        try:
            _rest(problem, dt)
        except NotConverged as failure:
            problem.stepper.take_back()
            raise StepFailed(0.0, dt, failure) from failure
        dt *= GROWTH


@contextmanager
def _reversible_only(problem: Problem) -> Iterator[None]:
    """Switch off reactions that would corrode the electrodes at open circuit."""
    constants = [r.exchange.value for r in problem.reactions.values() if _corrodes(r, problem)]
    values = [float(constant.value) for constant in constants]
    for constant in constants:
        constant.value = 0.0
    try:
        yield
    finally:
        for constant, value in zip(constants, values, strict=True):
            constant.value = value


def _corrodes(reaction: Reaction, problem: Problem) -> bool:
    """Whether it is irreversible, or runs beside another reaction that has an equilibrium."""
    if isinstance(reaction.kinetics, Tafel):
        return True
    plated = {tag for r in problem.reactions.values() if r.kind == "plating" for tag in r.electrodes}
    return reaction.kind == "side" and set(reaction.electrodes) <= plated

"""The state from which a case with resolved double layers starts: charged, and at rest.

A charged double layer is not a state that Newton's method finds from an uncharged one under current, and
no experiment starts with one. So the open circuit is solved first: no current, reversible
reactions only (a corroding electrode has no equilibrium), for a very long time step.

The path goes through the potential of zero charge, from the equilibrium potential, at which the uniform
liquid is a solution, to the metal's own: all the way at once, or by continuation. Every solution on
the way is one long step from neutral liquid between uncharged metals. When that does not converge, time
steps grow from the time in which the double layer itself forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dolfinx import fem

from thincell.model.kinetics import Tafel
from thincell.model.reactions import Reaction
from thincell.solvers.continuation import Curve, follow
from thincell.solvers.controls import GivenCurrent
from thincell.solvers.failure import NotConverged, StepFailed
from thincell.studies.formulation.ionic import IonicSolution
from thincell.studies.problem import Problem

#: Long time steps to the open circuit; the first of the shorter ones, and their growth.
STEPS, SHORT, GROWTH = 3, 1e-8, 10.0


def charge_double_layer(problem: Problem) -> None:
    """Bring a problem with resolved double layers to its open circuit at time zero.

    Raises StepFailed or NotConverged when no open circuit is found.
    """
    model = problem.formulation
    if not isinstance(model, IonicSolution) or not model.resolved:
        return
    stepper = problem.stepper
    long = problem.long_time
    with _reversible_only(problem):
        try:
            _charge(problem, model, long)
        except NotConverged:
            stepper.take_back()
            _in_steps(problem, long)
        for _ in range(STEPS - 1):
            _rest(problem, long)
    stepper.forget()


def _charge(problem: Problem, model: IonicSolution, long: float) -> None:
    """Follow the open circuit from an uncharged metal to the given potential of zero charge."""
    stepper, system = problem.stepper, problem.stepper.system
    assert system is not None
    assert model.layer is not None
    zero_charge: Any = model.layer.zero_charge
    unit = problem.scales.potential
    wanted = float(zero_charge.value)
    uncharged = _equilibrium_drop(problem) * unit
    potentials = slice(model.fields - 1, None, model.fields)

    def put(share: float) -> GivenCurrent:
        zero_charge.value = uncharged + share * (wanted - uncharged)
        stepper.previous.x.array[potentials] = -float(zero_charge.value) / unit
        return GivenCurrent(0.0)

    stepper.restart()
    stepper.prepare(long, None)
    problem.state.x.array[potentials] = -uncharged / unit
    curve = Curve(system, put)
    try:
        curve.solve(0.0)
        follow(curve, 0.0, 1.0, first=1.0, smallest=1e-3)
    finally:
        put(1.0)
    stepper.accept({})


def _equilibrium_drop(problem: Problem) -> float:
    """E - phi of the working electrode's first reaction in the initial solution (RT/F)."""
    surface = problem.surfaces[0]
    eta = problem.formulation.overpotential(surface, problem.state)
    one = fem.Constant(problem.domain, 1.0)
    area = problem.integral(problem.measures.surface(one, surface.tag))
    mean = problem.integral(problem.measures.surface(eta, surface.tag)) / area
    metal, phi = (
        float(problem.potential.value),
        float(problem.state.x.array[problem.formulation.fields - 1]),
    )
    return metal - phi - mean


def _rest(problem: Problem, dt: float) -> None:
    problem.stepper.restart()
    problem.stepper.attempt(dt, GivenCurrent(0.0))
    problem.stepper.accept({})


def _in_steps(problem: Problem, long: float) -> None:
    dt = SHORT
    while dt < long * GROWTH:
        try:
            _rest(problem, dt)
        except NotConverged as failure:
            problem.stepper.take_back()
            raise StepFailed(0.0, dt, failure) from failure
        dt *= GROWTH


@contextmanager
def _reversible_only(problem: Problem) -> Iterator[None]:
    """Switch off reactions that would corrode the electrodes at open circuit."""
    corroding = [r for r in problem.reactions.values() if _corrodes(r, problem)]
    constants: list[Any] = [r.exchange.value for r in corroding]
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

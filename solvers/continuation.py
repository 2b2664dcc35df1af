r"""Following a curve of solutions in one parameter: secant prediction, step control, what lies beyond.

A *curve* solves for a given value of its parameter from whatever state it holds. `follow` goes from one
value to another in as few steps as Newton's method allows: a step that takes few iterations is
followed by a longer one, a failed step by a quarter of it from the last solution.

Above the limiting current the current hardly depends on the state but the potential does: a small
step in current is a large one in potential. `reach` therefore goes on in potential, where Newton's
method stays quick, until the wanted current lies between two solutions, and solves for it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.controls import GivenCurrent, GivenPotential
from thincell.solvers.failure import NotConverged

#: Iterations of Newton's method up to which the next step is longer, and how much.
QUICK, GROWTH = 8, 2.5

#: Largest share of the last step by which the secant predicts.
FURTHEST = 3.0


@dataclass
class Count:
    """What a continuation took."""

    steps: int = 0
    iterations: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Point:
    """A solution: parameter, unknowns and potential of the metal."""

    value: float
    state: NDArray[np.float64]
    potential: float


def _nothing() -> None:
    """Nothing follows the solutions."""


@dataclass
class Curve:
    """Solutions of a bordered system over one parameter.

    ``put`` sets the parameter (for a control: builds it) and returns the control to solve with;
    ``keep`` is called for every solution that `follow` goes on from.
    """

    system: BorderedSystem
    put: Callable[[float], Any]
    count: Count = field(default_factory=Count)
    keep: Callable[[], None] = _nothing

    def point(self, value: float) -> Point:
        """The present solution."""
        return Point(value, self.system.state.x.array.copy(), float(self.system.potential.value))

    def stand(self, point: Point) -> None:
        """Return to a solution."""
        self.system.state.x.array[:] = point.state
        self.system.potential.value = point.potential

    def solve(self, value: float) -> int:
        """Solve from the present state."""
        control = self.put(value)
        if isinstance(control, GivenPotential):
            self.system.potential.value += control.potential - self.system.reading()
        return self.system.solve(control)

    def predict(self, last: Point, before: Point | None, value: float) -> None:
        """Extrapolate two solutions to ``value``."""
        self.stand(last)
        if before is None:
            return
        share = min((value - last.value) / (last.value - before.value), FURTHEST)
        self.system.state.x.array[:] += share * (last.state - before.state)
        self.system.potential.value += share * (last.potential - before.potential)


def follow(
    curve: Curve,
    begin: float,
    end: float,
    first: float,
    smallest: float = 1e-6,
    passed: Callable[[], bool] = lambda: False,
) -> tuple[Point, Point | None]:
    """From the solution at ``begin`` that the curve holds to ``end``; returns the last two solutions.

    ``first`` step and ``smallest`` step before giving up, both positive; stops early once ``passed``.
    Raises NotConverged at the last solution.
    """
    last, before = curve.point(begin), None
    step, sign = first, 1.0 if end >= begin else -1.0
    while sign * (end - last.value) > 0:
        value = last.value + sign * min(step, sign * (end - last.value))
        curve.predict(last, before, value)
        try:
            iterations = curve.solve(value)
        except NotConverged as failure:
            curve.stand(last)
            curve.count.rejected += 1
            curve.count.iterations += failure.iterations
            step /= 4
            if step < smallest:
                curve.put(last.value)
                raise
            continue
        curve.count.steps += 1
        curve.count.iterations += iterations
        before, last = last, curve.point(value)
        curve.keep()
        step *= GROWTH if iterations <= QUICK else 1.0
        if passed():
            break
    return last, before


#: First step (RT/F) of a continuation in potential, and how far it goes.
FIRST_POTENTIAL, FARTHEST_POTENTIAL = 8.0, 2e4


def reach(
    system: BorderedSystem,
    control: GivenCurrent | GivenPotential,
    keep: Callable[[], None] = _nothing,
) -> Count:
    """Solve for a control from the present solution, whatever it takes: directly, then by `follow`.

    ``keep`` is called for every solution on the way.
    """
    count = Count()
    direct = Curve(system, lambda value: control, count)
    start = direct.point(0.0)
    try:
        count.iterations += direct.solve(0.0)
        count.steps += 1
        return count
    except NotConverged as failure:
        count.rejected += 1
        count.iterations += failure.iterations
        direct.stand(start)
    by_potential = Curve(system, GivenPotential, count, keep)
    begin = system.reading()
    if isinstance(control, GivenPotential):
        follow(by_potential, begin, control.potential, FIRST_POTENTIAL)
        return count
    _beyond(by_potential, begin, control)
    return count


def _beyond(by_potential: Curve, begin: float, control: GivenCurrent) -> None:
    """Go on in potential until the current has passed the wanted one, then solve for that."""
    system, wanted = by_potential.system, control.current
    sign = 1.0 if wanted > system.current() else -1.0
    currents = {begin: system.current()}

    def passed() -> bool:
        currents[system.reading()] = system.current()
        return sign * (system.current() - wanted) >= 0

    far = begin + sign * FARTHEST_POTENTIAL
    last, before = follow(by_potential, begin, far, FIRST_POTENTIAL, passed=passed)
    assert before is not None
    for _ in range(40):
        here, there = (_nearest(currents, point.value) for point in (last, before))
        share = (wanted - there) / (here - there)
        system.state.x.array[:] = before.state + share * (last.state - before.state)
        system.potential.value = before.potential + share * (last.potential - before.potential)
        try:
            by_potential.count.iterations += Curve(system, lambda value: control).solve(0.0)
            by_potential.count.steps += 1
            return
        except NotConverged as failure:
            by_potential.count.rejected += 1
            by_potential.count.iterations += failure.iterations
        middle = (before.value + last.value) / 2
        by_potential.predict(before, last, middle)
        by_potential.count.iterations += by_potential.solve(middle)
        found = by_potential.point(middle)
        last, before = (found, before) if passed() else (last, found)
    raise NotConverged("the current cannot be reached by continuation in the potential", 40, np.inf)


def _nearest(currents: dict[float, float], value: float) -> float:
    return currents[min(currents, key=lambda known: abs(known - value))]

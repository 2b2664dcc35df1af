"""From a protocol step to what the solver needs: a control, events, a duration."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thincell.solvers.bordered import Control
from thincell.solvers.controls import GivenCurrent, GivenPotential, LimitedCurrent
from thincell.solvers.march import Event
from thincell.studies.problem import Problem
from thincell.studies.schema.protocol import Condition, Step

#: Compliance voltage [V] of a step that names none: the usual range of a small potentiostat.
COMPLIANCE = 2.0

#: How long a step that waits for a condition may take before it is called hopeless [s].
FOREVER = 1e7


@dataclass(frozen=True)
class Plan:
    """A protocol step in scaled units."""

    control: Callable[[float], Control | LimitedCurrent]
    duration: float
    events: list[Event]
    corners: list[float]


@dataclass(frozen=True)
class Start:
    """Where a protocol step began: its time, and the charge passed until then."""

    time: float
    charge: float

    @classmethod
    def now(cls, problem: Problem) -> Start:
        """At the last accepted state."""
        stepper = problem.stepper
        return cls(stepper.time, stepper.ledger.totals.get("charge working", 0.0))


def plan(problem: Problem, step: Step, start: Start) -> Plan:
    """What to solve for a step that began at ``start``."""
    time, volt = problem.scales.time, problem.scales.potential
    corners: list[float] = []
    events = [_event(problem, condition, start) for condition in step.conditions()]
    duration = step.duration if step.duration is not None else FOREVER
    control: Callable[[float], Control | LimitedCurrent]
    if step.kind in ("plate", "strip"):
        limited = _limited(problem, step)
        events.append(_compliance(problem, limited, step.on_compliance == "end"))
        control = lambda t: limited  # noqa: E731
    elif step.kind == "rest":
        control = lambda t: GivenCurrent(0.0)  # noqa: E731
    elif step.kind == "hold":
        held = GivenPotential(float(step.hold or 0.0) / volt)
        control = lambda t: held  # noqa: E731
    else:
        assert step.sweep is not None
        path = step.sweep.corners()
        times = np.array([start.time + t / time for t, _ in path])
        values = np.array([value / volt for _, value in path])
        control = lambda t: GivenPotential(float(np.interp(t, times, values)))  # noqa: E731
        corners = list(times)
        duration = path[-1][0]
    return Plan(control, duration / time, events, corners)


def set_current(problem: Problem, step: Step) -> float:
    """The scaled set current of a galvanostatic step; cathodic negative."""
    value, per_area = step.current()
    amperes = value * problem.units.nominal_area if per_area else value
    return (-1.0 if step.kind == "plate" else 1.0) * amperes / problem.units.current


def _limited(problem: Problem, step: Step) -> LimitedCurrent:
    current = set_current(problem, step)
    limit = step.compliance if step.compliance is not None else COMPLIANCE
    return LimitedCurrent(current, math.copysign(limit / problem.scales.potential, current))


def _compliance(problem: Problem, control: LimitedCurrent, ends: bool) -> Event:
    system = problem.stepper.system
    assert system is not None
    return Event("compliance", lambda: control.margin(system.reading(), system.current()), ends)


def _event(problem: Problem, condition: Condition, start: Start) -> Event:
    """An event whose value is positive until the condition holds, relative to its threshold."""
    read = _reader(problem, condition.quantity, start)
    sign = 1.0 if condition.below else -1.0
    scale = abs(condition.value) or 1.0
    return Event(condition.text, lambda: sign * (read() - condition.value) / scale)


def _reader(problem: Problem, quantity: str, start: Start) -> Callable[[], float]:
    """A function that reads a quantity of the attempted step in SI units."""
    stepper, system, units = problem.stepper, problem.stepper.system, problem.units
    assert system is not None
    if quantity == "voltage":
        return lambda: problem.readings.voltages()[0]
    if quantity == "current":
        return lambda: abs(units.density(system.current()))
    if quantity == "minimum concentration":
        main = problem.formulation.main
        return lambda: float(problem.readings.extremes()[0][main]) * problem.scales.concentration
    per_area = units.current * problem.scales.time / units.nominal_area

    def charge() -> float:
        """Passed since the beginning of this protocol step."""
        total = stepper.ledger.trial("charge working", system.current(), stepper.step)
        return abs(total - start.charge) * per_area

    return charge

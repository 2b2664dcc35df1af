"""One time step: predict, solve, estimate the error, accept or take back.

`TimeStepper` owns the history of one unknown field; it knows no chemistry. The weak form must contain
``rate``, the UFL expression of dq/dt that the stepper makes from the conserved quantity q(w).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from thincell.solvers.bdf import Coefficients, Ledger, local_error
from thincell.solvers.bordered import BorderedSystem, Control
from thincell.solvers.controls import GivenCurrent, GivenPotential, LimitedCurrent
from thincell.solvers.failure import NotConverged

Array = NDArray[np.float64]

#: Potentials [RT/F] closer than this are the same.
SAME = 1e-6

#: Change of the current, as a share of it, that is a jump.
CHANGED = 0.1


@dataclass
class History:
    """Solved states, newest first: time, unknowns (owned and ghosts), conserved values, potential."""

    times: list[float] = field(default_factory=list)
    states: list[Array] = field(default_factory=list)
    conserved: list[Array] = field(default_factory=list)
    potentials: list[float] = field(default_factory=list)

    def push(self, time: float, state: Array, conserved: Array, potential: float) -> None:
        """Add the newest; keep three."""
        self.times = [time, *self.times][:3]
        self.states = [state.copy(), *self.states][:3]
        self.conserved = [conserved, *self.conserved][:3]
        self.potentials = [potential, *self.potentials][:3]

    def keep_newest(self) -> None:
        """Forget all but the newest: the control changes and derivatives with it."""
        for values in (self.times, self.states, self.conserved, self.potentials):
            del values[1:]  # type: ignore[attr-defined]


class TimeStepper:
    """Variable-step BDF2 for a bordered system."""

    def __init__(
        self,
        state: fem.Function,
        potential: fem.Constant,
        conserved: Callable[[Any], Any] | None,
        conserved_values: Callable[[Array], Array],
        on_prepare: Callable[[list[Array], float | None, float], None] | None = None,
    ) -> None:
        """``conserved`` maps the fields to q in UFL (None: nothing is stored, a quasi-static model);

        ``conserved_values`` maps the owned and ghost unknowns to the values whose error is controlled.
        ``on_prepare`` of (solved states, newest first; ratio of the step to the one before, None when they
        must not be extrapolated; time at the step's end) brings coefficients up to date that are kept
        during a step.
        """
        domain = state.function_space.mesh
        self.comm: MPI.Intracomm = domain.comm
        self.state, self.potential = state, potential
        self.previous = fem.Function(state.function_space, name="previous")
        self.older = fem.Function(state.function_space, name="older")
        self._a = [fem.Constant(domain, 0.0) for _ in range(3)]
        self._values = conserved_values
        self._on_prepare = on_prepare
        self.stores = conserved is not None
        self._past_potentials = [fem.Constant(domain, 0.0) for _ in range(2)]
        self.rate: Any = 0.0
        if conserved is not None:
            self.rate = self.rate_of(lambda fields, metal: conserved(fields))
        self.history = History()
        self.ledger = Ledger()
        self.system: BorderedSystem | None = None
        self.step = Coefficients(1.0, -1.0, 0.0)
        self.dt = 0.0
        self.newton_iterations = 0
        self.at_limit = False

    @property
    def leading(self) -> fem.Constant:
        """The constant a0 in rate = a0 q(w) + a1 q(previous) + a2 q(older)."""
        return self._a[0]

    def rate_of(self, stored: Callable[[Any, Any], Any], metal: Any = None) -> Any:
        """d/dt of a function of (fields, potential), by the formula of the step, as UFL.

        ``metal`` stands for the present potential, so that a form can be differentiated by it.
        """
        potentials = (self.potential if metal is None else metal, *self._past_potentials)
        levels = zip(self._a, (self.state, self.previous, self.older), potentials, strict=True)
        return sum(a * stored(fields, potential) for a, fields, potential in levels)

    @property
    def time(self) -> float:
        """Time of the last accepted state."""
        return self.history.times[0]

    def start(self, time: float) -> None:
        """Take the present state as the initial one."""
        self.history.push(
            time, self.state.x.array, self._values(self.state.x.array), float(self.potential.value)
        )

    def forget(self) -> None:
        """Make the present state the initial one at time zero: what led to it is not part of the run."""
        self.history, self.ledger = History(), Ledger()
        self.newton_iterations = 0
        self.start(0.0)

    def memory(self) -> dict[str, Any]:
        """All that the next step depends on, besides the states of `history`: plain values."""
        assert self.system is not None
        return {
            "times": self.history.times,
            "potentials": self.history.potentials,
            "totals": self.ledger.totals,
            "totals before": self.ledger.before,
            "step size": self.dt,
            "at limit": self.at_limit,
            "Newton iterations": self.newton_iterations,
            "factorisations": self.system.factorisations,
            "current scale": self.system.current_scale,
        }

    def recall(self, memory: dict[str, Any], states: list[Array]) -> None:
        """Stand where another stepper stood when it gave its `memory` and the states of its history."""
        assert self.system is not None
        past = self.history
        past.times, past.potentials = list(memory["times"]), list(memory["potentials"])
        past.states, past.conserved = states, [self._values(state) for state in states]
        self.ledger = Ledger(dict(memory["totals"]), dict(memory["totals before"]))
        self.dt, self.at_limit = memory["step size"], memory["at limit"]
        self.newton_iterations = memory["Newton iterations"]
        self.system.factorisations = memory["factorisations"]
        self.system.current_scale = memory["current scale"]
        self.take_back()

    def restart(self) -> None:
        """Backward Euler again: the control has just changed."""
        self.history.keep_newest()

    @property
    def order(self) -> int:
        """Order of the next step."""
        return 2 if len(self.history.times) > 1 else 1

    @property
    def previous_dt(self) -> float | None:
        """Size of the last accepted step; None after a restart."""
        times = self.history.times
        return times[0] - times[1] if len(times) > 1 else None

    def attempt(self, dt: float, control: Control | LimitedCurrent) -> int:
        """Solve for the state at time + dt. Raises NotConverged; then call `take_back`."""
        older = self.previous_dt
        self.prepare(dt, older)
        iterations = self._solve(control, dt, older)
        self.newton_iterations += iterations
        return iterations

    def prepare(self, dt: float, older: float | None) -> None:
        """Set the coefficients and past states of a step of size ``dt``."""
        past = self.history
        self.dt, self.step = dt, Coefficients.of(dt, older)
        for constant, value in zip(self._a, (self.step.a0, self.step.a1, self.step.a2), strict=True):
            constant.value = value
        self.previous.x.array[:] = past.states[0]
        self.older.x.array[:] = past.states[min(1, len(past.states) - 1)]
        levels = [*past.potentials, past.potentials[0]]
        for constant, value in zip(self._past_potentials, levels, strict=False):
            constant.value = value
        if self._on_prepare is not None:
            self._on_prepare(past.states, self._trend(dt), self.time + dt)

    def _solve(self, control: Control | LimitedCurrent, dt: float, older: float | None) -> int:
        """Solve with a control, or with the branch of a limited current that holds."""
        assert self.system is not None
        if not isinstance(control, LimitedCurrent):
            return self._direct(control, dt, older)
        failure: NotConverged | None = None
        for branch, at_limit in control.branches(self.at_limit):
            try:
                iterations = self._direct(branch, dt, older, control.headroom)
            except NotConverged as error:
                failure = error
                continue
            if control.holds(at_limit, self.system.reading(), self.system.current()):
                self.at_limit = at_limit
                return iterations
        raise failure or NotConverged("neither the current nor its limit can be held", 0, 0.0)

    def _direct(
        self,
        control: Control,
        dt: float,
        older: float | None,
        beyond: Callable[[float], float] | None = None,
    ) -> int:
        """Solve from the prediction; from rest, or for a jump of the potential, by continuation."""
        self._predict(dt)
        try:
            return self._newton(control, beyond)
        except NotConverged:
            self.take_back()
            if isinstance(control, GivenPotential) and not self._jumps(control, older):
                return self._newton(
                    control, beyond
                )  # from the last state: the prediction may have misled
            if not self._jumps(control, older):
                raise
        return self._approach(control, beyond)

    def _jumps(self, control: Control, older: float | None) -> bool:
        """Whether a control asks for another potential than the last state's, or at once for another current.

        The same current after a restart, as on a new mesh, is no jump: a smaller time step is its cure.
        """
        assert self.system is not None
        if isinstance(control, GivenPotential):
            return abs(control.potential - self.system.reading()) > SAME
        if not isinstance(control, GivenCurrent) or older is not None:
            return False
        return abs(control.current - self.system.current()) > CHANGED * abs(control.current)

    def _newton(self, control: Control, beyond: Callable[[float], float] | None) -> int:
        """Newton's method; with a given potential the metal is put at it first.

        Were the potential left to Newton's method, its linear row would dominate the line search and a
        jump of 0.3 V would be taken in thousandths.
        """
        assert self.system is not None
        if isinstance(control, GivenPotential):
            self.potential.value += control.potential - self.system.reading()
        return self.system.solve(control, beyond)

    def _approach(self, control: Control, beyond: Callable[[float], float] | None) -> int:
        """Continuation in the potential or the current from the last accepted state.

        A smaller time step is no cure for a jump of the control. It is one where the current can no longer
        be delivered and the potential is on its way to a limit (``beyond``): there this gives up early.
        """
        assert self.system is not None
        least = 1e-5 if beyond is None else 1e-2
        assert isinstance(control, GivenPotential | GivenCurrent)
        begin, end = (
            (self.system.reading(), control.potential)
            if isinstance(control, GivenPotential)
            else (self.system.current(), control.current)
        )
        done, share, iterations = 0.0, 0.25, 0
        while done < 1.0:
            good = self.state.x.array.copy(), float(self.potential.value)
            trial = min(1.0, done + share)
            try:
                iterations += self._newton(type(control)(begin + trial * (end - begin)), beyond)
                done, share = trial, 2 * share
            except NotConverged:
                self.state.x.array[:], self.potential.value = good
                share /= 4
                if share < least:
                    raise
        return iterations

    def _trend(self, dt: float) -> float | None:
        """Ratio of the step to the one before, when the states may be extrapolated; None after a restart.

        Two states are not enough: the older one is from before the control changed, and potentials have
        jumped since. Extrapolated, a jump of the overpotential by 10 RT/F would be taken for a trend.
        """
        past = self.history.times
        return dt / (past[0] - past[1]) if len(past) > 2 else None

    def _predict(self, dt: float) -> None:
        """Linear extrapolation of the unknowns as the first iterate."""
        past, trend = self.history, self._trend(dt)
        self.state.x.array[:] = past.states[0]
        self.potential.value = past.potentials[0]
        if trend is not None:
            slope = min(trend, 2.0)
            self.state.x.array[:] += slope * (past.states[0] - past.states[1])
            self.potential.value += slope * (past.potentials[0] - past.potentials[1])

    def error(self) -> float | None:
        """Largest local error of the attempted step; None when it cannot be estimated."""
        if not self.stores:
            return None
        times = [self.time + self.dt, *self.history.times]
        values = [self._values(self.state.x.array), *self.history.conserved]
        estimate = local_error(times, values)
        if estimate is None:
            return None
        local = float(np.max(np.abs(estimate))) if estimate.size else 0.0
        return float(self.comm.allreduce(local, MPI.MAX))

    def accept(self, rates: dict[str, float]) -> None:
        """Keep the attempted step and book its flows."""
        self.ledger.post(rates, self.step)
        self.history.push(
            self.time + self.dt,
            self.state.x.array,
            self._values(self.state.x.array),
            float(self.potential.value),
        )

    def take_back(self) -> None:
        """Return to the last accepted state."""
        self.state.x.array[:] = self.history.states[0]
        self.potential.value = self.history.potentials[0]

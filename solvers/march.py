"""March through one step of a protocol: adaptive steps, milestones hit exactly, events located.

An event is a function of the solved state that is positive until it happens. When its sign changes
over a time step, the step is solved again with sizes chosen by Brent's method until the event
stands at its end: the state at the event is a solution, not an interpolation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any

from scipy.optimize import brentq

from thincell.solvers.bdf import StepSize
from thincell.solvers.bordered import Control
from thincell.solvers.controls import LimitedCurrent
from thincell.solvers.failure import NotConverged, StepFailed
from thincell.solvers.stepper import TimeStepper

#: Share of the time since the step began below which two times are the same.
SLIVER = 1e-9


@dataclass(frozen=True)
class Event:
    """``value`` of the present state, positive until the event; ``ends`` the march or not."""

    name: str
    value: Callable[[], float]
    ends: bool = True


@dataclass(frozen=True)
class Outcome:
    """Why a march ended (``event`` None: its time was up), and when each event was located."""

    event: str | None
    events: tuple[tuple[str, float], ...]
    rejected: int


@dataclass
class Position:
    """Where a march stands between two time steps: with the stepper's memory, all that it depends on.

    ``pending`` counts the events that have not happened yet, ``levels`` holds their values after the
    last step.
    """

    stops: list[float]
    pending: list[int]
    step_size: float
    levels: dict[str, float] = field(default_factory=dict)
    found: list[tuple[str, float]] = field(default_factory=list)
    rejected: int = 0

    def memory(self) -> dict[str, Any]:
        """As plain values: the keyword arguments of a `Position`."""
        return asdict(self)


@dataclass
class March:
    """One protocol step from the stepper's present time for ``duration``.

    ``pause`` is called between any two attempts, when the stepper holds an accepted state: what
    it finds there and in `position` is enough to go on from, in another process as well. ``longest`` is
    the largest step from the accepted state, where something besides the local error bounds it, and
    ``ran_away`` of the size of an attempted step whether its end shows that it was far too long.
    """

    stepper: TimeStepper
    size: StepSize
    duration: float
    control: Callable[[float], Control | LimitedCurrent]
    events: list[Event]
    milestones: Iterable[float] = ()
    rates: Callable[[], dict[str, float]] = dict
    on_step: Callable[[str | None], None] = lambda event: None
    pause: Callable[[], None] = lambda: None
    longest: Callable[[], float] = lambda: inf
    ran_away: Callable[[float], bool] = lambda dt: False
    event_tolerance: float = 1e-7
    position: Position | None = None

    def run(self) -> Outcome:
        """March to the end or to the first ending event, from ``position`` if there is one."""
        stepper = self.stepper
        self.size.restart()
        at = self.position = self.position or self._beginning()
        self.size.dt = at.step_size
        start = at.stops[-1] - self.duration
        while at.stops:
            at.step_size = self.size.dt
            self.pause()
            self.size.dt = min(self.size.allow(self.size.dt, stepper.previous_dt), self.longest())
            dt = self._towards(at.stops[0] - stepper.time)
            pending = [self.events[k] for k in at.pending]
            try:
                stepper.attempt(dt, self.control(stepper.time + dt))
                if not self._good(dt):
                    at.rejected += 1
                    stepper.take_back()
                    continue
                happened = self._locate(pending, at.levels, dt)
            except NotConverged as failure:
                at.rejected += 1
                stepper.take_back()
                if self.size.after_failure(dt) < self.size.smallest:
                    raise StepFailed(stepper.time, dt, failure) from failure
                continue
            at.levels = {event.name: event.value() for event in pending}  # before booking the step
            stepper.accept(self.rates())
            if happened is not None:
                at.found.append((happened.name, stepper.time))
                at.pending.remove(self.events.index(happened))
            while at.stops and at.stops[0] - stepper.time <= SLIVER * (at.stops[0] - start):
                at.stops.pop(0)
            self.on_step(happened.name if happened else None)
            if happened is not None and happened.ends:
                return Outcome(happened.name, tuple(at.found), at.rejected)
        return Outcome(None, tuple(at.found), at.rejected)

    def _beginning(self) -> Position:
        start = self.stepper.time
        stops = _apart(self.milestones, start, start + self.duration)
        return Position(stops, list(range(len(self.events))), self.size.dt)

    def _good(self, dt: float) -> bool:
        """Judge the attempted step by its error, and by what else bounds it, seen from its end."""
        if self.ran_away(dt):
            self.size.dt = dt / 2
            return False
        proposed = self.size.dt
        good = self.size.judge(dt, self.stepper.error(), self.stepper.order)
        if good and dt < 0.5 * proposed:  # shortened to a milestone: keep the earlier step size
            self.size.dt = max(self.size.dt, proposed)
        return good

    def _towards(self, remaining: float) -> float:
        """A step that lands on the next stop without leaving a sliver."""
        if self.size.dt >= remaining * (1 - 1e-9):
            return remaining
        return remaining / 2 if self.size.dt > remaining / 2 else self.size.dt

    def _locate(self, events: list[Event], levels: dict[str, float], dt: float) -> Event | None:
        """The earliest event within the attempted step; leaves the stepper solved at its time."""
        happened = [event for event in events if event.value() <= 0]
        first: Event | None = None
        while happened:
            event = happened[0]
            before = levels.get(event.name)
            if before is not None and before > 0:
                dt = self._root(event, before, dt)
            first = event
            happened = [other for other in events if other is not event and other.value() < 0]
            happened = [other for other in happened if levels.get(other.name, -1.0) > 0]
        return first

    def _root(self, event: Event, before: float, dt: float) -> float:
        stepper = self.stepper
        known = {0.0: before, dt: event.value()}

        def value(size: float) -> float:
            if size not in known:
                stepper.attempt(size, self.control(stepper.time + size))
                known[size] = event.value()
            return known[size]

        root = float(brentq(value, 0.0, dt, xtol=self.event_tolerance * dt, rtol=1e-12))
        if root <= 0.0:
            root = self.event_tolerance * dt
        stepper.attempt(root, self.control(stepper.time + root))
        return root


def _apart(times: Iterable[float], start: float, end: float) -> list[float]:
    """The times between start and end in order, then the end, without near coincidences.

    Two stops that differ by rounding only would ask for a step of 1e-16, in which nothing can be solved.
    """
    stops = [end]
    for time in sorted(times, reverse=True):
        if start < time < stops[-1] - SLIVER * (stops[-1] - start):
            stops.append(time)
    return stops[::-1]

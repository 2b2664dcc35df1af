r"""Variable-step BDF2 on a conserved quantity q.

    a0 q(t_{n+1}) + a1 q(t_n) + a2 q(t_{n-1}) = dq/dt(t_{n+1}),      omega = dt_{n+1}/dt_n
    a0 = (1 + 2 omega) / ((1 + omega) dt),  a1 = -(1 + omega)/dt,  a2 = omega^2 / ((1 + omega) dt)

Because q itself is differenced (never c dmu/dt), what has flowed in equals what is stored to solver
tolerance, provided that the flow is summed with the same formula (`Ledger`). The first step after a
restart is backward Euler.

Local error of a step, from the divided difference q[n+1, n, n-1, n-2] of solved values:

    e = dt^2 (dt + dt_n)^2 / (2 dt + dt_n) q[n+1, n, n-1, n-2]          (BDF2)
    e = dt^2 q[n+1, n, n-1]                                             (backward Euler)

Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, sec. III.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Coefficients:
    """a0, a1, a2 of one step, in 1/time."""

    a0: float
    a1: float
    a2: float

    @classmethod
    def of(cls, dt: float, previous_dt: float | None) -> Coefficients:
        """BDF2, or backward Euler when there is no previous step."""
        if previous_dt is None:
            return cls(1 / dt, -1 / dt, 0.0)
        omega = dt / previous_dt
        return cls(
            (1 + 2 * omega) / ((1 + omega) * dt), -(1 + omega) / dt, omega**2 / ((1 + omega) * dt)
        )


def local_error(times: list[float], values: list[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """Local error of the last step; ``times`` and ``values`` newest first. None: too few values."""
    if len(times) < 3:
        return None
    dt, older = times[0] - times[1], times[1] - times[2]
    first = (values[0] - values[1]) / dt
    second = (first - (values[1] - values[2]) / older) / (dt + older)
    if len(times) < 4:
        return np.asarray(dt**2 * second)
    oldest = times[2] - times[3]
    before = (values[1] - values[2]) / older - (values[2] - values[3]) / oldest
    third = (second - before / (older + oldest)) / (dt + older + oldest)
    return np.asarray(dt**2 * (dt + older) ** 2 / (2 * dt + older) * third)


@dataclass
class StepSize:
    """Step-size control: the step that would bring the local error to the tolerance.

    ``tolerance`` on the largest local error of q; ``smallest`` the step below which a run gives up.
    """

    tolerance: float
    first: float
    smallest: float
    largest: float = np.inf
    growth: float = 2.0
    dt: float = field(init=False)

    def __post_init__(self) -> None:
        self.dt = self.first

    def restart(self) -> None:
        """Begin again with the first step: the control has just changed."""
        self.dt = self.first

    def after_failure(self, dt: float) -> float:
        """The step to try when Newton's method did not converge with ``dt``."""
        self.dt = dt / 4
        return self.dt

    def judge(self, dt: float, error: float | None, order: int) -> bool:
        """Whether a step of size ``dt`` with this error is good; sets the next step size."""
        if error is None:
            self.dt = min(dt * self.growth, self.largest)
            return True
        ratio = (self.tolerance / max(error, 1e-300)) ** (1 / (order + 1))
        self.dt = min(dt * float(np.clip(0.9 * ratio, 0.2, self.growth)), self.largest)
        return error <= self.tolerance

    def allow(self, dt: float, previous: float | None) -> float:
        """``dt``, at most 2.4 times the previous step: beyond, BDF2 is unstable."""
        return dt if previous is None else min(dt, 2.4 * previous)


@dataclass
class Ledger:
    """Running integrals of flows, summed with the formula of the time step.

    With the same a0, a1, a2 as the stored quantity, "what is stored = what has flowed in" is an
    identity of the discrete equations, to solver tolerance.
    """

    totals: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)

    def trial(self, name: str, rate: float, step: Coefficients) -> float:
        """Total of ``name`` at the end of a step in which it flows at ``rate``."""
        now, old = self.totals.get(name, 0.0), self.before.get(name, 0.0)
        return (rate - step.a1 * now - step.a2 * old) / step.a0

    def post(self, rates: dict[str, float], step: Coefficients) -> None:
        """Book a step that has been accepted."""
        new = {name: self.trial(name, rate, step) for name, rate in rates.items()}
        self.before = {name: self.totals.get(name, 0.0) for name in rates}
        self.totals = new

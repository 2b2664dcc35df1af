"""Time stepping: BDF2 coefficients, error estimate, ledger, controls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thincell.solvers.bdf import Coefficients, Ledger, StepSize, local_error
from thincell.solvers.controls import LimitedCurrent

steps = st.floats(1e-3, 1e3)


@settings(derandomize=True)
@given(steps, steps)
def test_bdf2_differentiates_parabolas_exactly(dt: float, older: float) -> None:
    a = Coefficients.of(dt, older)
    for power, slope in ((0, 0.0), (1, 1.0), (2, 2 * (dt + older))):
        values = [(dt + older) ** power, older**power, 0.0**power]
        assert a.a0 * values[0] + a.a1 * values[1] + a.a2 * values[2] == pytest.approx(
            slope, rel=1e-9, abs=1e-9 * (dt + older) ** power * a.a0
        )


def test_local_error_of_cubic_is_exact() -> None:
    """For y = t^3 the local error of BDF2 with y' = f(t) is known from the formula itself."""
    times = [1.0, 0.7, 0.3, 0.0]
    values = [np.array([t**3]) for t in times]
    dt, older = 0.3, 0.4
    a = Coefficients.of(dt, older)
    stepped = (3 * times[0] ** 2 - a.a1 * times[1] ** 3 - a.a2 * times[2] ** 3) / a.a0
    estimate = local_error(times, values)
    assert estimate is not None
    assert abs(estimate[0]) == pytest.approx(abs(times[0] ** 3 - stepped), rel=1e-12)


def test_ledger_sums_as_the_stepper_differences() -> None:
    """Whatever the flows, a0 Q + a1 Q_n + a2 Q_{n-1} equals the flow at every step."""
    ledger, rng, previous, history = Ledger(), np.random.default_rng(1), None, [0.0]
    for _ in range(20):
        dt, rate = float(rng.uniform(0.1, 2.0)), float(rng.normal())
        a = Coefficients.of(dt, previous)
        ledger.post({"charge": rate}, a)
        history.append(ledger.totals["charge"])
        old = history[-3] if len(history) > 2 else 0.0
        assert a.a0 * history[-1] + a.a1 * history[-2] + a.a2 * old == pytest.approx(rate, rel=1e-9)
        previous = dt


def test_constant_current_gives_exact_charge() -> None:
    ledger, previous, time = Ledger(), None, 0.0
    for dt in (0.1, 0.2, 0.15, 0.4):
        ledger.post({"charge": -3.0}, Coefficients.of(dt, previous))
        previous, time = dt, time + dt
        assert ledger.totals["charge"] == pytest.approx(-3.0 * time, rel=1e-13)


def test_step_size_shrinks_after_a_bad_step_and_grows_after_a_good_one() -> None:
    size = StepSize(1e-4, 1.0, 1e-6)
    assert not size.judge(1.0, 1e-2, 2)
    assert size.dt < 0.5
    assert size.judge(0.1, 1e-9, 2)
    assert size.dt == pytest.approx(0.2)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_limited_current_has_one_valid_branch(sign: float) -> None:
    control = LimitedCurrent(sign * 5.0, sign * 80.0)
    assert control.holds(False, sign * 10.0, sign * 5.0)
    assert not control.holds(False, sign * 90.0, sign * 5.0)
    assert control.holds(True, sign * 80.0, sign * 4.0)
    assert not control.holds(True, sign * 80.0, sign * 6.0)
    assert control.margin(sign * 10.0, sign * 5.0) > 0 > control.margin(sign * 80.0, sign * 4.0)

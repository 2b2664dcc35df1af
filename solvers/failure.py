"""What a solve that failed has to say."""

from __future__ import annotations


class NotConverged(RuntimeError):
    """Newton's method did not converge. ``reason`` in words, iterations done, last residual norm."""

    def __init__(self, reason: str, iterations: int, norm: float) -> None:
        super().__init__(f"{reason} after {iterations} Newton iterations (residual {norm:.3g})")
        self.reason = reason
        self.iterations = iterations
        self.norm = norm


class StepFailed(RuntimeError):
    """No time step, however small, could be solved. ``time`` of the last good state, last ``dt``."""

    def __init__(self, time: float, dt: float, cause: NotConverged) -> None:
        super().__init__(f"no step from t = {time:.6g} could be solved, last tried {dt:.3g}: {cause}")
        self.time = time
        self.dt = dt
        self.cause = cause

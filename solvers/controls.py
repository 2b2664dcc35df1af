r"""Controls of the working electrode: the scalar equation that fixes its potential.

Currents are anodic positive and in the units of the caller (the same as the current functional).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GivenPotential:
    """Potentiostatic: E = potential."""

    potential: float

    def residual(self, potential: float, current: float) -> float:
        """E - E_set."""
        return potential - self.potential

    def partials(self, potential: float, current: float) -> tuple[float, float]:
        """(1, 0)."""
        return 1.0, 0.0


@dataclass(frozen=True)
class GivenCurrent:
    """Galvanostatic: I = current."""

    current: float

    def residual(self, potential: float, current: float) -> float:
        """I - I_set."""
        return current - self.current

    def partials(self, potential: float, current: float) -> tuple[float, float]:
        """(0, 1)."""
        return 0.0, 1.0


@dataclass(frozen=True)
class LimitedCurrent:
    r"""Galvanostatic with a compliance voltage: either the current or the limit, whichever binds.

    For a cathodic set current, min(E - E_limit, s (I_set - I) ...) = 0: the current is I_set while E
    is above the limit, and E is the limit while the cell carries less than I_set. The complementarity

        min(a, b) = 0,   a = side (E - limit) / potential_scale,  b = side (I - I_set) / current_scale

    with side = +1 for cathodic and -1 for anodic currents has a solution at every time, also after
    the layer has run dry; Newton's method takes the derivative of whichever branch is smaller.
    """

    current: float
    limit: float
    current_scale: float

    @property
    def side(self) -> float:
        """+1 when the limit is a lower bound of the potential (cathodic current), else -1."""
        return 1.0 if self.current < 0 else -1.0

    def slack(self, potential: float, current: float) -> tuple[float, float]:
        """(a, b): distance from the voltage limit and shortfall of the current, both >= 0."""
        a = self.side * (potential - self.limit)
        b = self.side * (current - self.current) / self.current_scale
        return a, b

    def margin(self, potential: float, current: float) -> float:
        """a - b: positive while the current is delivered, negative at the limit; its root is the
        moment of the hand-over."""
        a, b = self.slack(potential, current)
        return a - b

    def residual(self, potential: float, current: float) -> float:
        """min(a, b) in the unit of the binding equation."""
        a, b = self.slack(potential, current)
        return a if a < b else b * self.current_scale

    def partials(self, potential: float, current: float) -> tuple[float, float]:
        """Derivatives of the binding branch."""
        a, b = self.slack(potential, current)
        return (self.side, 0.0) if a < b else (0.0, self.side)

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
    r"""Galvanostatic with a compliance voltage: the current, or the limit, whichever binds.

    For a cathodic current the limit is a lower bound of the potential. At every time one of two
    equations holds: I = current with E inside the limit, or E = limit with |I| <= |current|. The second
    has a solution also after the layer has run dry, when the first has none.
    """

    current: float
    limit: float

    @property
    def side(self) -> float:
        """+1 when the limit is a lower bound of the potential (cathodic current), else -1."""
        return 1.0 if self.current < 0 else -1.0

    def headroom(self, potential: float) -> float:
        """Distance from the limit: positive inside it."""
        return self.side * (potential - self.limit)

    def shortfall(self, current: float) -> float:
        """Share of the current that is not delivered: positive at the limit."""
        return self.side * (current - self.current) / abs(self.current)

    def margin(self, potential: float, current: float) -> float:
        """Positive while the current is delivered, negative at the limit: its root is the hand-over."""
        short = self.shortfall(current)
        return -short if short > 1e-9 else self.headroom(potential)

    def branches(self, at_limit: bool) -> list[tuple[GivenCurrent | GivenPotential, bool]]:
        """Both equations, the one that held last first; the flag says "at the limit"."""
        delivered = (GivenCurrent(self.current), False)
        limited = (GivenPotential(self.limit), True)
        return [limited, delivered] if at_limit else [delivered, limited]

    def holds(self, at_limit: bool, potential: float, current: float) -> bool:
        """Whether a solution of one equation satisfies the other's inequality."""
        if at_limit:
            return self.shortfall(current) >= -1e-9
        return self.headroom(potential) >= -1e-9

"""One row of a validation: what was computed, what is exact, and whether it is good enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A number against its reference.

    ``error`` is relative to ``exact`` unless ``absolute``; ``order`` is an observed convergence order,
    judged against ``least_order``.
    """

    case: str
    quantity: str
    computed: float
    exact: float
    tolerance: float
    absolute: bool = False
    order: float | None = None
    least_order: float | None = None

    @property
    def error(self) -> float:
        """Deviation from the reference."""
        deviation = abs(self.computed - self.exact)
        return deviation if self.absolute else deviation / abs(self.exact)

    @property
    def passed(self) -> bool:
        """Whether the criterion is met."""
        accurate = self.error <= self.tolerance
        if self.order is None or self.least_order is None:
            return accurate
        return accurate and self.order >= self.least_order


def finding(said: str, met: bool) -> Row:
    """What was seen in words, as 1 or 0 against 1."""
    return Row(said, "seen", float(met), 1.0, 0.0)


def books(case: str, summary: dict[str, float], tolerance: float = 1e-9) -> Iterable[Row]:
    """The audit of a run as rows."""
    for name in ("charge", "ion"):
        value = summary[f"Largest {name} imbalance"]
        yield Row(case, f"books: {name}s", value, 0.0, tolerance, absolute=True)

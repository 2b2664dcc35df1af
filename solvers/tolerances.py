"""When Newton's method for a bordered system stops."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerances:
    """When Newton's method stops.

    ``residual`` relative to the current scale ends it, at the first iterate only ``already`` times
    that: a cell at rest would else drift by this residual in every step, however long. Below
    ``loose`` it also ends when the step is below ``step`` and the residual no longer falls: it has
    reached the round-off floor, which the flat cells of a thin layer (aspect ratios of 1e4) put at
    about 1e-9 of the current. Below ``floor`` a residual that no longer falls is enough: where
    space charge has driven out an ion, the logarithm of its concentration is not determined to
    rounding, and the step stays large. A Newton direction below ``rounding`` times the unknowns
    ends it whatever the residual: the current has died away (a charged double layer that is held),
    and the residual is the rounding of terms that are larger than it; and so does one below
    ``noise`` when the residual is no more than rounding of the unknowns can make.

    It gives up after ``iterations``, or when a direction has been shortened ``backtracks`` times.
    """

    residual: float = 1e-12
    already: float = 1e-3
    loose: float = 1e-6
    floor: float = 1e-9
    step: float = 1e-6
    rounding: float = 1e-13
    noise: float = 1e-2
    iterations: int = 30
    backtracks: int = 40

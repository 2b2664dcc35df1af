"""Confined interdigitated array: steady limiting current of a half cell against the exact formula.

I/(n F D c* b) = 2 G(H), with G the conductance between a half band at one end of a closed box and a
half band at the other; the concentration obeys the same Laplace problem as the potential of
equipotential electrodes, so the current is 2/(kappa R b).
"""

from __future__ import annotations

from collections.abc import Iterator

from thincell.validation.rows import Row
from thincell.validation.theory import exact
from thincell.validation.theory.cases import solve
from thincell.validation.theory.primary import case, resistance

#: (band width, gap, height).
ARRAYS = (
    (1.0, 1.0, 0.05), (1.0, 1.0, 0.1), (1.0, 1.0, 0.25), (1.0, 1.0, 0.5), (1.0, 1.0, 1.0),
    (1.0, 1.0, 2.0), (2.0, 1.0, 6.0),
)  # fmt: skip


def rows() -> Iterator[Row]:
    """2 G for every array."""
    for width, gap, height in ARRAYS:
        scaled = (width / 2 / height, gap / height, width / 2 / height)
        reach = min(1.0, *scaled)
        mesh = {"order": 3, "edge": 3e-6 * reach, "reach": reach, "growth": 1.4, "columns": 3,
                "layers": 2}  # fmt: skip
        run = solve(case(scaled, 0.0, mesh))
        yield Row(
            f"array w={width:g} g={gap:g} H={height:g}",
            "I/(nFDc b)",
            2 / resistance(run),
            exact.interdigitated_current(width, gap, height),
            1e-4,
        )

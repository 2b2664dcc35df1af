"""What the criteria look at in a run with a deposit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.studies import names
from thincell.studies.growth.telling import verdict
from thincell.studies.morphology.names import PIECES, TIP_RADIUS
from thincell.studies.results import Run
from thincell.studies.schema.cell import ChipCell, CoinCell


@dataclass(frozen=True)
class Outcome:
    """The ``verdict`` on the last output, and measures.

    ``spacing`` [m]: width of the electrode over the largest number of separate pieces of metal at any
    output, that is, over the number of nuclei before they meet. ``least``: lowest concentration of the run
    over the initial one. ``radius`` [m] of the tip at the last output, ``radius_before`` at the output
    nearest to half of the charge.
    """

    verdict: str
    spacing: float
    least: float
    radius: float
    radius_before: float


def outcome(run: Run) -> Outcome:
    """The outcome of a run."""
    measures, history = run.deposit, run.history
    charges = np.abs(history[names.CHARGE.name])
    passed = np.interp(measures[names.TIME.name], history[names.TIME.name], charges)
    half = int(np.argmin(np.abs(passed - charges[-1] / 2)))
    radii = measures[TIP_RADIUS.name]
    return Outcome(
        verdict(measures).name,
        _width(run) / float(measures[PIECES.name].max()),
        float(history[names.LOWEST.name].min()) / run.case.electrolyte.concentration,
        float(radii[-1]),
        float(radii[half]),
    )


def _width(run: Run) -> float:
    """Width [m] of the electrode, or of the strip of it, that carries the deposit."""
    cell = run.case.cell
    if isinstance(cell, ChipCell):
        return float(cell.working.width)
    assert isinstance(cell, CoinCell)
    assert cell.patch is not None
    return float(cell.patch)

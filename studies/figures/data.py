"""What the figures need of a run, in the units in which people plot it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.section import Section
from thincell.solvers.sample import POINTS
from thincell.studies import names, uniformity
from thincell.studies.results import Run
from thincell.studies.schema.cell import CoinCell, MeshCell
from thincell.studies.wording import nice, seconds

Array = NDArray[np.float64]

#: A/m^2 in one mA/cm^2.
MILLIAMPERE = 10.0


def section(run: Run) -> Section | None:
    """The section that a run's cell is seen in; None from above, and for a mesh of one's own."""
    cell = run.case.cell
    return None if isinstance(cell, MeshCell) or cell.view != "section" else cell.section()


def height(run: Run) -> float:
    """Height of the liquid, or distance of the discs [m]."""
    cell = run.case.cell
    return cell.separator_thickness if isinstance(cell, CoinCell) else cell.height


def is_coin(run: Run) -> bool:
    """Whether the run is a coin cell's."""
    return isinstance(run.case.cell, CoinCell)


def from_above(run: Run) -> bool:
    """Whether the run's pictures are those of a chip seen from above: a plan or a solid."""
    return getattr(run.case.cell, "view", "") in ("plan", "solid")


def output_times(run: Run) -> Array:
    """Times [s] of the profiles."""
    return np.unique(run.profiles[names.TIME.name])


def edge_profile(run: Run, time: float | None = None) -> tuple[Array, Array, Array]:
    """(distance from the edge [m], magnitude of current density [A.m-2], area [m2]) by facet.

    The edge is the one that faces the counter electrode; of a disc it is the rim.
    """
    rows = run.profile("working", time)
    distance = np.asarray(rows[names.ALONG.name], dtype=float)
    density = np.asarray(rows[names.LOCAL.name], dtype=float)
    area = np.asarray(rows[names.AREA.name], dtype=float)
    samples = POINTS if run.case.deposit is None else 1
    distance, density, area = uniformity.by_facet(distance, density, area, samples)
    return distance, np.abs(density), area


def evenness(run: Run, time: float | None = None) -> dict[str, float]:
    """The three numbers of non-uniformity at an output time."""
    distance, density, area = edge_profile(run, time)
    return {
        "Maximum over mean": uniformity.maximum_over_mean(density, area),
        "Share of current within one height of the edge": uniformity.share_within(
            height(run), distance, density, area
        ),
        "Gini coefficient": uniformity.gini(density, area),
    }


def when(run: Run, time: float) -> str:
    """An output time in words; the first one is the start."""
    times = output_times(run)
    first = time == times[0] and time <= 1e-3 * times[-1]
    return "start" if first else nice(seconds(time))


def reactions(run: Run) -> list[str]:
    """Names of the reactions on the working electrode."""
    return [
        name
        for name, reaction in run.case.reactions.items()
        if "working" in reaction.electrodes and names.of_reaction(name) in run.history
    ]


def first_event(run: Run, event: str) -> float | None:
    """When an event was first met [s]."""
    events = run.history[names.EVENT.name]
    found = [t for t, e in zip(run.history[names.TIME.name], events, strict=True) if e == event]
    return float(found[0]) if found else None


def dry_time(run: Run) -> float | None:
    """When the lowest concentration fell below a hundredth of the initial one [s]."""
    value = run.summary.get("Layer dry after [s]")
    return None if value is None else float(value)


def telling_times(run: Run) -> list[float]:
    """Up to three output times: the first, the one when it ran dry (or the middle), the last."""
    times = output_times(run)
    first = times[times > 0][0] if np.any(times > 0) else times[0]
    dry = dry_time(run)
    middle = dry if dry is not None else 0.5 * (first + times[-1])
    nearest = times[np.argmin(np.abs(np.log(np.maximum(times, 1e-30) / middle)))]
    chosen = dict.fromkeys([float(first), float(nearest), float(times[-1])])
    return sorted(chosen)


def history(run: Run, name: Any) -> Array:
    """A column of history.csv."""
    return np.asarray(run.history[str(name)], dtype=float)

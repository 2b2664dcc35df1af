"""The published observations: what is asked of which run, and the rows of `thincell validate`.

The criteria, their sources and what is not known of the experiments are in the README.md of each case.
They are asked of the thin cell; the answer of the coin twin is told beside it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from thincell.studies.case import Case
from thincell.studies.compare import Comparison, Member, Pair, compare
from thincell.validation.observations.outcome import Outcome, outcome
from thincell.validation.rows import Row, finding

HERE = Path(__file__).parent

#: Share of the initial concentration below which ions have run out.
DRY = 0.05

#: A cell's outcomes at the currents of a case, in its order, and whether what was seen is there.
Test = Callable[[Sequence[Outcome]], bool]


@dataclass(frozen=True)
class Criterion:
    """What was ``seen``, the ``test`` of it, and what is ``told`` of the outcomes it looks at."""

    seen: str
    test: Test
    told: Callable[[Sequence[Outcome]], str]


def falls(values: Sequence[float]) -> bool:
    """Whether each value is smaller than the one before."""
    return all(later < earlier for earlier, later in pairwise(values))


def spacing_falls() -> Criterion:
    """Features get finer with every value of the current."""
    return Criterion(
        "spacing of features falls with the current",
        lambda found: falls([o.spacing for o in found]),
        lambda found: " > ".join(f"{1e6 * o.spacing:.2g}" for o in found) + " um",
    )


def shape(number: int, current: str, *allowed: str) -> Criterion:
    """The verdict on the run with this ``number`` is one of those ``allowed``."""
    return Criterion(
        f"{' or '.join(allowed)} at {current}",
        lambda found: found[number].verdict in allowed,
        lambda found: found[number].verdict,
    )


def runs_dry(number: int, current: str) -> Criterion:
    """Ions run out at the front."""
    return Criterion(
        f"ions run out at {current}",
        lambda found: found[number].least < DRY,
        lambda found: f"down to {found[number].least:.1%}",
    )


def blunts(number: int, current: str) -> Criterion:
    """The tip is blunter at the end than at half of the charge."""
    return Criterion(
        f"tip gets blunt at {current}",
        lambda found: found[number].radius > found[number].radius_before,
        lambda found: f"{1e9 * found[number].radius_before:.3g} to {1e9 * found[number].radius:.3g} nm",
    )


#: Criteria of each case.
OBSERVATIONS: Mapping[str, tuple[Criterion, ...]] = {
    "leenheer-2015": (
        spacing_falls(),
        shape(0, "1 mA/cm2", "film", "globular"),
        shape(2, "25 mA/cm2", "needle"),
    ),
    "sasaki-2021": (
        runs_dry(1, "160 mA/cm2"),
        shape(1, "160 mA/cm2", "dendritic"),
        shape(0, "20 mA/cm2", "film", "globular"),
    ),
    "pu-2020": (
        shape(0, "1 mA/cm2", "globular"),
        shape(1, "100 mA/cm2", "dendritic"),
        blunts(1, "100 mA/cm2"),
    ),
    "wu-2017": (shape(0, "0.5 mA/cm2", "film"),),
}


def rows(name: str) -> Iterator[Row]:
    """Run a case in both cells; a row per criterion."""
    with tempfile.TemporaryDirectory() as folder:
        found = compare(Case.load(HERE / name / "case.toml"), Path(folder) / name)
        yield from judge(name, found)


def judge(name: str, comparison: Comparison) -> Iterator[Row]:
    """The rows of a comparison that has been run. A run that did not finish meets no criterion."""
    cells = [_outcomes(comparison.pairs, cell) for cell in ("thin", "coin")]
    for criterion in OBSERVATIONS[name]:
        thin, coin = (_told(criterion, found) for found in cells)
        met = isinstance(cells[0], list) and criterion.test(cells[0])
        yield finding(f"{name}: {criterion.seen}; thin cell: {thin}, coin twin: {coin}", met)


def _outcomes(pairs: Sequence[Pair], cell: str) -> list[Outcome] | str:
    """The outcomes of a cell, or what became of the first run that did not finish."""
    members: list[Member] = [getattr(pair, cell) for pair in pairs]
    for member in members:
        if member.state != "finished" or member.run is None:
            return f"{member.state} ({member.message})"
    return [outcome(member.run) for member in members if member.run is not None]


def _told(criterion: Criterion, found: list[Outcome] | str) -> str:
    return found if isinstance(found, str) else criterion.told(found)

"""What a deposit looks like, from its measures: none, film, globular, needle or dendritic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from thincell.studies.morphology import constants, names

NONE, FILM, GLOBULAR, NEEDLE, DENDRITIC = "none", "film", "globular", "needle", "dendritic"

#: Every verdict and its rule, in the order in which they are tried; what none of them fits is a film.
RULES = {
    NONE: "no metal is attached to the electrode",
    FILM: f"lower than {constants.RESOLVED:g} interface thicknesses (nothing to judge), or tip ratio and"
    f" folding below {constants.SMOOTH:g}, or no arm longer than {constants.RELIEF:.0%} of the mean"
    " height, or nothing of the below: it may be thick at one edge, patchy or wavy",
    DENDRITIC: f"at least {constants.BRANCHES} branches and {constants.BRANCHES_PER_STEM:g} per stem",
    NEEDLE: f"an arm of {constants.NEEDLE_SHARE:.0%} of the tip height stands free and is"
    f" {constants.NEEDLE_ASPECT:g} times as long as wide",
    GLOBULAR: f"an arm of {constants.NEEDLE_SHARE:.0%} of the tip height is longer than wide (a column),"
    f" or {constants.STEEP_SHARE:.0%} of the deposit's shadow lie under front steeper than"
    f" {constants.STEEP_ANGLE:g} degrees (bumps)",
}

#: The measures that a verdict is told with.
TOLD = (
    names.TIP_RATIO, names.TORTUOSITY, names.FOLDING, names.COMPACTNESS, names.UNIFORMITY, names.ARMS,
    names.STEMS, names.BRANCHES, names.FREE_ASPECT, names.STEEP_SHARE, names.DEAD_SHARE,
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """``name`` of the kind, ``reasons`` in words, and the ``numbers`` (by name) to judge it by."""

    name: str
    reasons: tuple[str, ...]
    numbers: dict[str, float]


def classify(measures: Mapping[str, float]) -> Verdict:
    """The verdict on a deposit with these measures (of ``measure``). Every deposit gets exactly one."""
    name, reasons = _decide(measures)
    numbers = {entry.name: float(measures[entry.name]) for entry in TOLD}
    return Verdict(name, (*reasons, *_remarks(measures)), numbers)


def _decide(measures: Mapping[str, float]) -> tuple[str, tuple[str, ...]]:
    tip, mean = measures[names.TIP_HEIGHT.name], measures[names.MEAN_HEIGHT.name]
    thickness = tip / measures[names.DELTA.name]
    if not tip > 0:
        return NONE, ("no metal is attached to the electrode",)
    if thickness < constants.RESOLVED:
        return FILM, (f"nothing to judge: only {thickness:.2g} interface thicknesses high",)
    ratio, folding = measures[names.TIP_RATIO.name], measures[names.FOLDING.name]
    if ratio < constants.SMOOTH and folding < constants.SMOOTH:
        return FILM, (f"smooth: tip ratio {ratio:.2f}, folding {folding:.2f}",)
    longest = measures[names.ARM_LENGTH.name]
    if longest < constants.RELIEF * mean:
        return FILM, (f"no arm longer than {constants.RELIEF:.0%} of the mean height",)
    branches, stems = measures[names.BRANCHES.name], measures[names.STEMS.name]
    if branches >= constants.BRANCHES and branches >= constants.BRANCHES_PER_STEM * stems:
        return DENDRITIC, (f"{branches:.0f} branches on {stems:.0f} stems",)
    aspect = measures[names.FREE_ASPECT.name]
    if aspect >= constants.NEEDLE_ASPECT:
        few = f"{branches:.0f} branches" if branches else "no branches"
        return NEEDLE, (f"an arm that stands free is {aspect:.2g} times as long as wide", few)
    if stems >= 1:
        return GLOBULAR, (f"{stems:.0f} columns, longer than wide but no free needles",)
    share = measures[names.STEEP_SHARE.name]
    if share >= constants.STEEP_SHARE:
        return GLOBULAR, (f"{share:.0%} of the deposit's shadow lie under steep bumps",)
    return FILM, (f"only {share:.0%} of the deposit's shadow lie under steep bumps",)


def _remarks(measures: Mapping[str, float]) -> tuple[str, ...]:
    """What a reader would otherwise miss behind the one word."""
    remarks = []
    if measures[names.UNIFORMITY.name] < 0.5:
        remarks.append(f"uneven along the electrode: uniformity {measures[names.UNIFORMITY.name]:.2f}")
    if measures[names.DEAD_SHARE.name] >= 0.005:
        remarks.append(f"{measures[names.DEAD_SHARE.name]:.1%} of the metal is cut off")
    if measures[names.VOIDS.name] > 0:
        remarks.append(f"liquid trapped in {measures[names.VOIDS.name]:.0f} voids")
    return tuple(remarks)

"""What `differences` found, in plain sentences."""

from __future__ import annotations

import math

import numpy as np

from thincell.studies import names
from thincell.studies.differences import (
    CHARGING,
    CONCENTRATION,
    GREATEST,
    ROOT_MEAN_SQUARE,
    VOLTAGE,
    Difference,
    Measure,
)
from thincell.studies.outcome import Outcome
from thincell.studies.wording import nice, number, seconds, volts

#: More intervals than this are not told one by one.
FEW = 3


def words(found: Difference, a: Outcome, b: Outcome) -> list[str]:
    """The sentences of a difference."""
    made = [
        _voltage(found, a, b), _distribution(found), _concentration(found), _charging(found, a, b),
        _dryness(found, a, b),
    ]  # fmt: skip
    return [nice(sentence) for sentence in made if sentence]


def percent(value: float) -> str:
    """A share: 0.0123 reads 1.2 %."""
    if math.isnan(value):
        return "an unknown part"
    return f"{number(100 * value, 2)} %"


def when(measure: Measure) -> str:
    """Where in time the difference is above the tolerance; empty: never."""
    spans = measure.intervals
    if not spans:
        return ""
    begin, end = spans[0][0], spans[-1][1]
    whole = begin <= measure.times[0] and end >= measure.times[-1]
    if whole and len(spans) == 1:
        return "throughout"
    if len(spans) > FEW:
        return f"in {len(spans)} intervals between {seconds(begin)} and {seconds(end)}"
    return " and ".join(_span(measure, *span) for span in spans)


def _span(measure: Measure, begin: float, end: float) -> str:
    if begin <= measure.times[0]:
        return f"until {seconds(end)}"
    if end >= measure.times[-1]:
        return f"from {seconds(begin)} on"
    return f"from {seconds(begin)} to {seconds(end)}"


def _sentence(subject: str, measure: Measure, largest: str, last: str = "") -> str:
    """'The X differs by more than 1 % until ..., most by ... at ...; at the end by ...'"""
    limit, moment = percent(measure.tolerance), seconds(float(measure.times[measure.at]))
    last = last or percent(measure.last)
    spans = when(measure)
    if not spans:
        return f"{subject} never differs by more than {limit}: at most by {largest}, at {moment}."
    if measure.at == len(measure.times) - 1:
        return f"{subject} differs by more than {limit} {spans}, most by {largest} at the end."
    most = f"{subject} differs by more than {limit} {spans}, most by {largest} at {moment}"
    return f"{most}; at the end by {last}."


def _voltage(found: Difference, a: Outcome, b: Outcome) -> str:
    measure = found.measures[VOLTAGE]
    sentence = _sentence("The cell voltage", measure, percent(measure.largest))
    end = min(a.time[-1], b.time[-1])
    one, two = (float(np.interp(end, o.time, o.history(names.VOLTAGE))) for o in (a, b))
    return (
        f"{sentence} At the end it is {volts(one)} with {found.model} and {volts(two)} with"
        f" {found.reference}."
    )


def _distribution(found: Difference) -> str:
    mean, greatest = found.measures.get(ROOT_MEAN_SQUARE), found.measures.get(GREATEST)
    if mean is None or greatest is None or not np.any(np.isfinite(greatest.values)):
        return ""
    largest, last = (
        f"{percent(greatest.values[k])} of the mean ({greatest.where[k]})" for k in (greatest.at, -1)
    )
    sentence = _sentence("The local current density over its mean", greatest, largest, last)
    first = seconds(float(greatest.times[0]))
    return (
        f"{sentence} The root mean square over the electrode is {percent(mean.last)} at the end."
        f" (Compared from {first} on, when reactions carry most of the current.)"
    )


def _concentration(found: Difference) -> str:
    measure = found.measures[CONCENTRATION]
    largest = f"{percent(measure.largest)} of the initial one ({measure.where[measure.at]})"
    return _sentence("The concentration of the plated ion outside the double layers", measure, largest)


def _charging(found: Difference, a: Outcome, b: Outcome) -> str:
    """The reference's double layer, which the other model charges for nothing or not at all."""
    share, limit = np.abs(b.charging_share), found.measures[CHARGING].tolerance
    if not np.any(share > 0):
        return ""
    spans = when(Measure(CHARGING, b.time, share, limit))
    if not spans:
        return (
            f"With {found.reference} the double layer of the working electrode never takes more than"
            f" {percent(limit)} of the current."
        )
    most = int(np.argmax(share))
    passed = float(np.max(np.abs(b.history(names.CHARGE))))
    part = f", {percent(abs(b.charged) / passed)} of all that passed" if passed > 0 else ""
    return (
        f"With {found.reference} the double layer of the working electrode takes more than"
        f" {percent(limit)} of the current {spans}, most {percent(float(share[most]))} at"
        f" {seconds(float(b.time[most]))}; in all {number(abs(b.charged))} C/m^2{part}."
        + (f" {_capital(found.model)} has no charging current." if not np.any(a.charging_share) else "")
    )


def _dryness(found: Difference, a: Outcome, b: Outcome) -> str:
    one, two = a.dry, b.dry
    if one is None and two is None:
        return ""
    if one is not None and two is not None:
        gap = percent(abs(one - two) / two) if two > 0 else "an unknown part"
        return (
            f"Outside the double layers the liquid is dry (1 %) after {seconds(one)} with"
            f" {found.model} and after {seconds(two)} with {found.reference}: a difference of {gap}."
        )
    dry, moment = (found.model, one) if one is not None else (found.reference, two)
    other = found.reference if one is not None else found.model
    assert moment is not None
    return (
        f"Outside the double layers the liquid is dry (1 %) after {seconds(moment)} with {dry}, never"
        f" with {other}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

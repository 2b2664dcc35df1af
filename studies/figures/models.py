"""Models of one cell on the same axes: current distribution, voltage, charging, differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thincell.studies import names
from thincell.studies.differences import GREATEST, VOLTAGE, Difference, compared_distributions
from thincell.studies.figures import style
from thincell.studies.figures.build import Drawing
from thincell.studies.outcome import Outcome
from thincell.studies.results import Run
from thincell.studies.wording import nice, seconds

CURRENT = (
    "Local current density of the reactions over its mean along the working electrode, from the edge"
    " that faces the counter electrode (coin cell: from the rim), at three output times at which"
    " reactions carry most of the current; below, the difference from {reference} as a part of the mean."
    " The grey band is the tolerance of {limit:g} %."
)
TIME = (
    "Cell voltage over time; its difference from {reference}, relative; and the share of the current"
    " that charges the double layer of the working electrode. The grey band is the tolerance of"
    " {limit:g} %."
)

#: Colours of the models, the reference's last: they differ in lightness, and in dash.
COLOURS = ("#d98200", "#4e94c9", "#0b3c6f")

#: From which share of the electrode on the curves are drawn; least difference that is drawn.
CLOSEST, SMALLEST = 1e-5, 1e-6

Named = Sequence[tuple[str, Run]]


def draw_models(named: Named, found: Sequence[Difference]) -> list[Drawing]:
    """The figures of several models, the reference last. Rank 0 only."""
    words = {"reference": named[-1][0], "limit": 100 * next(iter(found[0].measures.values())).tolerance}
    makers: tuple[tuple[str, str, str, Callable[..., Figure | None]], ...] = (
        ("models-current", "Current distribution of the models", CURRENT, _current),
        ("models-over-time", "Voltage and charging of the models", TIME, _over_time),
    )
    drawings = []
    with style.styled():
        for name, title, caption, draw in makers:
            made = draw([(label, Outcome(run)) for label, run in named], found)
            if made is None:
                continue
            png = style.as_bytes(made, "png")
            made.set_layout_engine("none")  # laid out by now: not again for the other format
            svg = style.as_bytes(made, "svg")
            width = float(made.get_figwidth())
            drawings.append(Drawing(name, title, caption.format(**words), png, svg, width))
    return drawings


def look(number: int, of: int) -> dict[str, Any]:
    """Colour, dash and width of a model; the reference is drawn first, solid and wide."""
    if number == of - 1:
        return {"color": COLOURS[-1], "ls": "-", "lw": 2.6, "alpha": 0.55, "zorder": 2}
    return {"color": COLOURS[number], "ls": style.DASHES[number + 1], "zorder": 3}


def _times(item: Difference) -> list[float]:
    """First, middle (of the logarithm) and last of the times at which distributions were compared."""
    times = item.measures[GREATEST].times
    middle = np.sqrt(times[0] * times[-1])
    chosen = [times[0], times[np.argmin(np.abs(np.log(times / middle)))], times[-1]]
    return sorted({float(time) for time in chosen})


def _current(named: Sequence[tuple[str, Outcome]], found: Sequence[Difference]) -> Figure | None:
    reference = named[-1][1]
    if GREATEST not in found[0].measures:
        return None
    times = _times(found[0])
    made = style.figure(3.1 * len(times) + 0.5, 5.0)
    grid = made.subplots(2, len(times), squeeze=False, sharex=True, height_ratios=(3, 2))
    tolerance = found[0].measures[VOLTAGE].tolerance
    for column, time in enumerate(times):
        above, below = grid[0, column], grid[1, column]
        for k, (label, outcome) in enumerate(named):
            distance, density, _ = outcome.distribution(time)
            seen = distance >= CLOSEST * distance.max()
            above.plot(1e6 * distance[seen], density[seen], label=label, **look(k, len(named)))
            if outcome is not reference:
                place, one, two, _ = compared_distributions(outcome, reference, time)
                seen = place >= CLOSEST * place.max()
                below.plot(1e6 * place[seen], 100 * (one - two)[seen], **look(k, len(named)))
        below.axhspan(-100 * tolerance, 100 * tolerance, color="#dddddd", zorder=0)
        style.log_scale(below, "x")
        style.panel_letter(above, column, nice(seconds(time)))
        below.set_xlabel("distance from the edge / µm")
    grid[0, 0].set_ylabel("$i/\\langle i\\rangle$")
    grid[1, 0].set_ylabel("difference / %")
    grid[0, -1].legend(loc="best")
    return made


def _over_time(named: Sequence[tuple[str, Outcome]], found: Sequence[Difference]) -> Figure:
    made = style.figure(6.4, 6.2)
    voltage, gap, share = made.subplots(3, 1, sharex=True, height_ratios=(3, 2, 2))
    for k, (label, outcome) in enumerate(named):
        time = outcome.time
        later = time > 0
        voltage.plot(
            time[later], outcome.history(names.VOLTAGE)[later], label=label, **look(k, len(named))
        )
        share.plot(time[later], 100 * outcome.charging_share[later], **look(k, len(named)))
    for k, item in enumerate(found):
        measure = item.measures[VOLTAGE]
        values = 100 * np.maximum(measure.values, SMALLEST)
        gap.plot(measure.times, values, **look(k, len(named)))
    style.log_scale(gap, "x")
    style.log_scale(gap, "y")
    _band(gap, 100 * found[0].measures[VOLTAGE].tolerance)
    voltage.set_ylabel("cell voltage / V")
    gap.set_ylabel("difference / %")
    share.set_ylabel("charging / % of current")
    share.set_xlabel("time / s")
    voltage.legend(loc="best")
    for number, axes in enumerate((voltage, gap, share)):
        axes.set_title(f"({chr(97 + number)})", loc="left")
    return made


def _band(axes: Axes, tolerance: float) -> None:
    """What is within the tolerance, down to the end of the axis."""
    low, high = axes.get_ylim()
    axes.axhspan(min(low, tolerance / 10), tolerance, color="#dddddd", zorder=0)
    axes.set_ylim(min(low, tolerance / 10), max(high, 2 * tolerance))

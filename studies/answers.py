"""The plain-language answer on top of a page: sentences with the numbers of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.figures import data
from thincell.studies.figures.build import Half
from thincell.studies.frames import frame_at
from thincell.studies.protocol import COMPLIANCE
from thincell.studies.results import Run
from thincell.studies.schema.cell import coordinates
from thincell.studies.validity import averaging
from thincell.studies.wording import current_density, metres, nice, number, quantity, seconds, volts

#: A reaction that carries less than this share of the current is not mentioned.
NOTICED = 0.01


def answer(half: Half) -> list[str]:
    """What happened in the thin cell, in its twin, and how far they are apart."""
    found = []
    if half.thin is not None:
        found += _of_run(half.thin, "thin cell")
    if half.coin is not None:
        found += _of_run(half.coin, "coin cell")
    if half.thin is not None and half.coin is not None:
        found.append(_voltages(half.thin, half.coin))
    return [nice(sentence) for sentence in found]


def _of_run(run: Run, cell: str) -> list[str]:
    """The sentences of one run."""
    parts = (_dry(run, cell), _current(run, cell), _composition(run, cell), _evenness(run, cell))
    return [part for part in (*parts, _deposit(run, cell)) if part]


def _deposit(run: Run, cell: str) -> str:
    """The verdict on a deposit, with its reasons."""
    if "Morphology" not in run.summary:
        return ""
    kind, reasons = run.summary["Morphology"], run.summary["Reasons for the morphology"]
    above = "Deposit: Tip distance [m]" in run.summary
    tip = metres(run.summary[f"Deposit: Tip {'distance' if above else 'height'} [m]"])
    mean = metres(run.summary[f"Deposit: {'Even distance' if above else 'Mean height'} [m]"])
    dead = run.summary["Deposit: Dead share"]
    lost = f"; {number(100 * dead)} % of the metal has lost contact" if dead > 0 else ""
    reach = f"reaches {tip} from the electrode's rim" if above else f"is {tip} high at its highest"
    return (
        f"The deposit in the {cell} is of the kind {kind!r}: {reasons}. It is {mean} thick on average and"
        f" {reach}{lost}."
    )


def _dry(run: Run, cell: str) -> str:
    lasted = data.history(run, names.TIME)[-1]
    lowest = data.history(run, names.LOWEST).min() / run.case.electrolyte.concentration
    if run.case.electrolyte.model == "ohmic":
        return ""
    moment = data.dry_time(run)
    if moment is None:
        return (
            f"The {cell} did not run dry in {seconds(lasted)}: the lowest concentration was"
            f" {number(100 * lowest)} % of the initial one, {place_of_lowest(run, lasted)}."
        )
    return (
        f"The {cell} ran dry after {seconds(moment)}, {place_of_lowest(run, moment)} (the"
        " concentration there fell below 1 % of the initial one)."
    )


def place_of_lowest(run: Run, time: float) -> str:
    """Where the concentration was lowest at the output time nearest to ``time``."""
    frame = frame_at(run.maps, time)
    place = frame.points[int(np.nanargmin(frame.liquid(names.CONCENTRATION.name)))]
    cut = data.section(run)
    if cut is None:
        named = zip(coordinates(run.case), place, strict=True)
        return "at " + ", ".join(f"{name} = {metres(value)}" for name, value in named)
    x, _ = place
    electrode = cut.electrode(Tag.WORKING)
    slack = 1e-6 * cut.height
    if cut.axisymmetric:
        return "at the rim of the disc" if x > 0.99 * electrode.end else "on the disc"
    for tag in (Tag.WORKING, Tag.COUNTER):
        electrode = cut.electrode(tag)
        inner = electrode.end if tag == Tag.WORKING else electrode.start
        if electrode.start - slack <= x <= electrode.end + slack:
            inside = abs(x - inner)
            if inside < 0.02 * cut.height:
                return f"at the edge of the {tag.group} electrode that faces the other one"
            return f"above the {tag.group} electrode, {metres(inside)} from its inner edge"
    return f"{metres(abs(x))} beside the working electrode"


def _current(run: Run, cell: str) -> str:
    time, density = data.history(run, names.TIME), data.history(run, names.CURRENT_DENSITY)
    moment = data.first_event(run, "compliance")
    step = run.case.protocol[0]
    mean = abs(data.history(run, names.CHARGE)[-1]) / time[-1]
    if moment is None:
        if step.kind in ("plate", "strip") and len(run.case.protocol) == 1:
            return f"It carried the set current of {current_density(abs(density[-1]))} throughout."
        return f"On average it carried {current_density(mean)}."
    limit = step.compliance if step.compliance is not None else COMPLIANCE
    late = np.abs(density[time >= moment])
    again = time[time >= moment][np.flatnonzero(late < 0.999 * late[0])[-1:]]
    end = f"{current_density(abs(density[-1]))} at the end"
    if again.size and again[0] < time[-1]:
        end = f"until {seconds(again[0])}, when it could deliver the set current again"
    return (
        f"After {seconds(moment)} the set current would have needed more than the {volts(limit)} of"
        f" the source: the source held its voltage and the electrode carried what the {cell} let"
        f" through, down to {current_density(late.min())}, {end} ({current_density(mean)} on"
        " average)."
    )


def _composition(run: Run, cell: str) -> str:
    """For several reactions: what part of the current was metal, and for how long."""
    listed = data.reactions(run)
    plating = [name for name in listed if run.case.reactions[name].type == "plating"]
    if len(listed) < 2 or not plating:
        return ""
    name = plating[0]
    charge, total = (
        data.history(run, names.charge_of(name))[-1],
        data.history(run, names.CHARGE)[-1],
    )
    if total == 0:
        return ""
    density = data.history(run, names.CURRENT_DENSITY)
    part = data.history(run, names.of_reaction(name)) / np.where(density == 0, np.nan, density)
    time = data.history(run, names.TIME)
    sentence = f"{name.capitalize()} was {number(100 * charge / total)} % of the charge"
    below = np.flatnonzero(part < 0.9)
    if below.size:
        sentence += (
            f": more than 90 % of the current for the first {seconds(time[below[0]])},"
            f" {number(100 * np.nanmin(part))} % at the least, {number(100 * part[-1])} % at"
            " the end"
        )
    return sentence + "."


def _evenness(run: Run, cell: str) -> str:
    times = data.output_times(run)
    first, last = data.evenness(run, times[0]), data.evenness(run, times[-1])
    share = "Share of current within one height of the edge"
    h, ratio = metres(data.height(run)), "Maximum over mean"
    what = "the strip's inner edge" if cell == "thin cell" else "the rim"
    return (
        f"Its largest local current density was {number(first[ratio])} times the mean at the"
        " start and"
        f" {number(last[ratio])} times at the end; {number(100 * last[share])} % of the"
        " current entered"
        f" within {h} of {what} (Gini coefficient {number(last['Gini coefficient'])})."
    )


def _voltages(thin: Run, coin: Run) -> str:
    there = [float(data.history(run, names.VOLTAGE)[-1]) for run in (thin, coin)]
    apart = abs(there[0]) - abs(there[1])
    more = "more" if apart >= 0 else "less"
    return (
        f"At the end the thin cell stood at {volts(there[0])} and the coin cell at"
        f" {volts(there[1])}:"
        f" {volts(abs(apart))} {more}."
    )


def glance(half: Half) -> list[list[str]]:
    """Rows of the table on top: dry, compliance, least current, unevenness, voltage, metal."""
    rows = []
    for run, cell in ((half.thin, "thin cell"), (half.coin, "coin cell")):
        if run is None:
            continue
        dry, limit = data.dry_time(run), data.first_event(run, "compliance")
        density = np.abs(data.history(run, names.CURRENT_DENSITY))
        even = data.evenness(run, float(data.output_times(run)[-1]))
        plating = [n for n in data.reactions(run) if run.case.reactions[n].type == "plating"]
        total = data.history(run, names.CHARGE)[-1]
        metal = data.history(run, names.charge_of(plating[0]))[-1] if plating else 0.0
        row = [
            cell,
            "not dry" if dry is None else seconds(dry),
            "–" if limit is None else seconds(limit),
            current_density(float(density.min())),
            number(even["Maximum over mean"]),
            f"{number(100 * even['Share of current within one height of the edge'])} %",
            volts(float(data.history(run, names.VOLTAGE)[-1])),
            f"{number(100 * metal / total)} %" if plating and total else "–",
        ]
        rows.append([nice(text) for text in row])
    return rows


def cautions(halves: Sequence[Half]) -> list[str]:
    """What to keep in mind about these results, each with its reason in the numbers."""
    runs = [run for half in halves for run in half.runs]
    found: dict[str, None] = {}
    for run in runs:
        plan = averaging(run.case)
        if plan is not None:
            found[f"{plan.sentence}."] = None
    high = max((_beyond(run) for run in runs), default=0.0)
    if high > 0:
        top = runs[0].case.electrolyte.validity()[1]
        found[
            f"The highest concentration was {number(high / 1000)} mol/L; the laws of the"
            " electrolyte"
            f" hold up to {number(top / 1000)} mol/L and keep their last value above. Salt may"
            " precipitate there, which is not represented."
        ] = None
    if any(_side_share(run) > NOTICED for run in runs):
        found[
            "The side reaction takes charge but no cations: what it leaves behind (such as"
            " hydroxide)"
            " is counted as the anion of the salt. Its pH, precipitates and bubbles are not"
            " represented, so results after its onset are limits rather than forecasts."
        ] = None
    return [nice(text) for text in found]


def _beyond(run: Run) -> float:
    """Highest concentration [mol.m-3] if it lies above the range of the laws, else 0."""
    highest = float(data.history(run, names.HIGHEST).max())
    return highest if highest > 1.001 * run.case.electrolyte.validity()[1] else 0.0


def _side_share(run: Run) -> float:
    total = abs(data.history(run, names.CHARGE)[-1]) or 1.0
    return sum(
        abs(data.history(run, names.charge_of(name))[-1]) / total
        for name in data.reactions(run)
        if run.case.reactions[name].type == "side"
    )


def protocol(case: Any) -> list[str]:
    """The steps of a protocol in words."""
    lines = []
    for step in case.protocol:
        if step.kind in ("plate", "strip"):
            value, per_area = step.current()
            text = f"{step.kind} {quantity(value, 'A/m^2' if per_area else 'A')}"
            limit = step.compliance if step.compliance is not None else COMPLIANCE
            text += f", compliance {volts(limit)} (then {step.on_compliance})"
        elif step.kind == "hold":
            text = f"hold {volts(step.hold)}"
        elif step.kind == "sweep":
            way = " → ".join(volts(v) for v in step.sweep.vertices)
            text = f"sweep {way} at {volts(step.sweep.rate)}/s, {step.sweep.cycles} cycle(s)"
        else:
            text = "rest"
        if step.duration is not None:
            text += f", for {seconds(step.duration)}"
        if step.until:
            text += ", until " + " or ".join(step.until)
        lines.append(nice(text))
    return lines

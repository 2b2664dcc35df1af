"""`thincell check`: what a case will do, before anything is solved.

Groups with their sentences, the size of the mesh, an estimate of the cost, and the values of low
confidence that the case rests on. Needs neither DOLFINx nor gmsh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thincell.geometry.tags import Tag
from thincell.studies.case import Case
from thincell.studies.groups import Group, groups
from thincell.studies.growth.groups import front_speed
from thincell.studies.growth.guard import FAULTS, guard, require_possible
from thincell.studies.growth.size import count_steps
from thincell.studies.library import Provenance
from thincell.studies.meshing import count_unknowns, read_mesh, resolves_double_layers, unknowns_on
from thincell.studies.nominal import nominal_density
from thincell.studies.resolution import Resolution, resolution
from thincell.studies.schema.cell import MeshCell
from thincell.studies.schema.deposit_chen import CHEN
from thincell.studies.schema.protocol import Step
from thincell.studies.validity import averaging
from thincell.studies.wording import metres, number

#: Seconds per Newton iteration and unknown, and per iteration, measured on one core with MUMPS.
PER_UNKNOWN, PER_ITERATION = 2.5e-6, 3e-3

#: The same where double layers are resolved: three fields, elements of high aspect ratio, 7e4 to 5e5
#: unknowns (assembly and factorisation; 0.9e-5 to 1.9e-5).
PER_UNKNOWN_RESOLVED = 1.2e-5

#: In three dimensions, where a node has four times as many neighbours.
PER_UNKNOWN_SOLID = 2e-5

#: Seconds per Newton iteration and unknown with a deposit, 5e3 to 4e4 unknowns.
PER_UNKNOWN_DEPOSIT = 9e-6

#: Time steps of a protocol step with a deposit before the front sets their length, and Newton iterations
#: of each.
FIRST_STEPS, PER_STEP = 20, 3

#: Newton iterations of a usual galvanostatic step: about 60 time steps of 3 iterations.
ITERATIONS = 180

#: Confidences that a reader of the results should know of.
DOUBTFUL = ("low", "assumed")


@dataclass(frozen=True)
class Check:
    """What `thincell check` tells of a case."""

    case: Case
    groups: list[Group]
    unknowns: int | None
    seconds: float | None
    doubtful: list[tuple[str, Provenance]]
    resolution: Resolution | None = None


def check(case: Case) -> Check:
    """What can be said of a case without solving it; InputError for a mesh that is wrong."""
    require_possible(case)
    plane = read_mesh(case.cell) if isinstance(case.cell, MeshCell) else None
    unknowns = count_unknowns(case) if plane is None else unknowns_on(plane, case)
    seconds = None if unknowns is None else cost(case, unknowns)
    doubtful = [(key, p) for key, p in case.provenance() if p.confidence in DOUBTFUL]
    return Check(case, groups(case), unknowns, seconds, doubtful, resolution(case, plane))


def cost(case: Case, unknowns: int) -> float:
    """Seconds on one core for a usual course of a case's protocol."""
    if case.deposit is not None:
        iterations = sum(_iterations(case, step) for step in case.protocol)
        return iterations * (PER_ITERATION + PER_UNKNOWN_DEPOSIT * unknowns)
    steps = len(case.protocol) * (ITERATIONS if case.electrolyte.model != "ohmic" else 20)
    resolved = resolves_double_layers(case)
    solid = getattr(case.cell, "view", "") == "solid"
    share = PER_UNKNOWN_RESOLVED if resolved else PER_UNKNOWN_SOLID if solid else PER_UNKNOWN
    return steps * (PER_ITERATION + share * unknowns)


def _iterations(case: Case, step: Step) -> int:
    """Newton iterations of a protocol step with a deposit: its front sets the length of time steps."""
    if step.kind not in ("plate", "strip") or step.duration is None or case.deposit is None:
        return ITERATIONS
    distance = front_speed(case, nominal_density(case, step)) * step.duration
    return PER_STEP * (FIRST_STEPS + count_steps(case.deposit, distance))


def show(found: Check, console: Console) -> None:
    """Print a check: table, sentences, cost, doubtful values."""
    console.print(f"[bold]{escape(found.case.title)}[/bold]", highlight=False)
    table = Table(title="Groups and limits, at the initial concentration", title_justify="left")
    for heading in ("Symbol", "Meaning", "Value"):
        table.add_column(heading, justify="right" if heading == "Value" else "left")
    for group in found.groups:
        table.add_row(escape(group.symbol), escape(group.name), escape(group.shown()))
    console.print(table)
    for group in found.groups:
        sentence = group.sentence[:1].upper() + group.sentence[1:]
        console.print(f"- {escape(sentence)}.", highlight=False, soft_wrap=True)
    console.print()
    _show_windows(found.case, console)
    plan = averaging(found.case)
    if plan is not None:
        console.print(f"{escape(plan.sentence)}.", highlight=False, soft_wrap=True)
    _show_resolution(found.resolution, console)
    _show_guard(found.case, console)
    console.print(_cost(found), highlight=False)
    _show_doubtful(found, console)


def _show_windows(case: Case, console: Console) -> None:
    """How high the liquid is under windows that bulge, and which height counts above."""
    section = None if isinstance(case.cell, MeshCell) else case.cell.section()
    if section is None or section.lid is None:
        return
    lid, window = section.lid, section.lid.window
    inside = [min(max(x, section.start), section.end) for x in lid.edges]
    working, counter = section.electrode(Tag.WORKING), section.electrode(Tag.COUNTER)
    heights = [section.mean_height(*ends) for ends in (inside, (working.start, working.end))]
    conducts = (counter.start - working.end) / section.path(working.end, counter.start)
    sides = "both windows bulge" if lid.lower else "the lid bulges"
    console.print(
        f"The liquid is {metres(lid.middle)} high at the windows' centre (x = {metres(lid.centre)}), where"
        f" {sides} by {metres(lid.upper)}, and {metres(lid.spacer)} outside of them; the mean height under"
        f" the windows, {metres(window.width)} wide, is {metres(heights[0])}, above the working electrode"
        f" {metres(heights[1])}. Limits and times above take the height as it varies: currents the integral"
        f" of dx/h (the gap conducts like a flat layer of {metres(conducts)}), exhaustion the mean above the"
        " electrode.",
        highlight=False,
        soft_wrap=True,
    )


def _show_resolution(found: Resolution | None, console: Console) -> None:
    """How the mesh resolves the double layers, and what to do if it does not."""
    if found is None:
        return
    sentence = found.sentence[:1].upper() + found.sentence[1:]
    console.print(f"{escape(sentence)}.", highlight=False, soft_wrap=True)
    for warning in found.warnings:
        console.print(f"Note: {escape(warning)}.", highlight=False, soft_wrap=True)
    if found.refusal:
        console.print(f"[bold]`run` refuses this case:[/bold] {escape(found.refusal)}.", soft_wrap=True)


def _show_guard(case: Case, console: Console) -> None:
    """Whether a deposit's interface is thin enough, or what is wrong with its model."""
    if case.deposit is not None and case.deposit.model == CHEN:
        console.print(f"Warning: {escape(FAULTS)}.", highlight=False, soft_wrap=True)
    found = guard(case)
    if found is None:
        return
    ripple = "none that fits on the electrode"
    if math.isfinite(found.wavelength):
        ripple = metres(found.wavelength) + " long"
    console.print(
        f"Fastest-growing ripple of a flat front: {ripple}; boundary layer of the concentration"
        f" {metres(found.layer)} thick, interface {metres(found.interface)}.",
        highlight=False,
        soft_wrap=True,
    )
    for warning in found.warnings:
        console.print(f"Note: {escape(warning)}.", highlight=False, soft_wrap=True)


def _cost(found: Check) -> str:
    if found.unknowns is None or found.seconds is None:
        return "Size and cost are known once the mesh is read."
    few = max(1.0, found.seconds)
    text = f"{few / 60:.0f} minutes" if few > 120 else f"{few:.0f} seconds"
    return (
        f"About {number(found.unknowns)} unknowns and, for a usual course, some {text} on one core"
        " (a minute more when kernels have to be compiled first)."
    )


def _show_doubtful(found: Check, console: Console) -> None:
    if not found.doubtful:
        console.print("No value from the library is of low confidence.", highlight=False)
        return
    title = "Values of low confidence: check them against your own cell"
    table = Table(title=title, title_justify="left")
    for heading in ("Key", "Value", "Confidence", "Plausible range"):
        table.add_column(heading, overflow="fold")
    for key, item in found.doubtful:
        bounds = " to ".join(map(str, item.range)) if item.range else ""
        value = item.value if not isinstance(item.value, dict) else item.value.get("law", "")
        table.add_row(escape(key), escape(str(value)), item.confidence, escape(bounds))
    console.print(table)

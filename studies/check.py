"""`thincell check`: what a case will do, before anything is solved.

Groups with their sentences, the size of the mesh, an estimate of the cost, and the values of low
confidence that the case rests on. Needs neither DOLFINx nor gmsh.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thincell.studies.case import Case
from thincell.studies.groups import Group, groups
from thincell.studies.library import Provenance
from thincell.studies.meshing import count_unknowns
from thincell.studies.schema.cell import MeshCell
from thincell.studies.wording import number

#: Seconds per Newton iteration and unknown, and per iteration, measured on one core with MUMPS.
PER_UNKNOWN, PER_ITERATION = 2.5e-6, 3e-3

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


def check(case: Case) -> Check:
    """What can be said of a case without solving it; InputError for a mesh that is wrong."""
    unknowns = count_unknowns(case)
    if isinstance(case.cell, MeshCell):
        unknowns = _mesh_unknowns(case, case.cell)
    seconds = None
    if unknowns is not None:
        steps = len(case.protocol) * (ITERATIONS if case.electrolyte.model != "ohmic" else 20)
        seconds = steps * (PER_ITERATION + PER_UNKNOWN * unknowns)
    doubtful = [(key, p) for key, p in case.provenance() if p.confidence in DOUBTFUL]
    return Check(case, groups(case), unknowns, seconds, doubtful)


def _mesh_unknowns(case: Case, cell: MeshCell) -> int:
    """Unknowns on a mesh of one's own: Euler's formula counts its edges."""
    from thincell.studies.meshing import read_mesh

    plane, order = read_mesh(cell), case.mesh.order
    points, triangles = len(plane.points), len(plane.triangles)
    edges = (3 * triangles + len(plane.lines)) // 2
    inner = (order - 1) * (order - 2) // 2
    nodes = points + edges * (order - 1) + triangles * inner
    return nodes * (2 if case.electrolyte.model == "electroneutral" else 1)


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
    console.print(_cost(found), highlight=False)
    _show_doubtful(found, console)


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

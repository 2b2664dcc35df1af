"""`thincell validate`: runs the benchmarks and prints one table."""

from __future__ import annotations

import csv
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mpi4py import MPI

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thincell.studies.schema.errors import InputError
from thincell.validation.rows import Row

#: Name on the command line, module below thincell.validation, what it shows.
THEORY = {
    "primary": "primary current distribution of coplanar electrodes",
    "secondary": "end correction with linear kinetics",
    "arrays": "confined interdigitated array",
    "comb": "interdigitated combs: transport in the section, unit cells and whole combs from above",
    "views": "plan, section and solid view of one chip",
    "corner": "current along an electrode's rim near sharp and rounded corners, from above",
    "galvanostatic": "symmetric cell, Sand's time, Butler-Volmer overpotentials",
    "coin": "coin-cell twin against PyBaMM",
    "limits": "limiting current and exhaustion of a thin layer",
    "flow": "flow through the layer: Poiseuille, Hele-Shaw, limiting currents in a stream",
    "voltammetry": "cyclic voltammetry from thin to thick layers",
    "impedance": "finite-length Warburg impedance, at rest and under current",
    "randles": "Randles circuit with resolved double layers",
    "gouy-chapman": "surface charge and profile of diffuse layers, crowding, dielectric saturation",
    "space-charge": "voltage below and beyond the limiting current, space charge, Newton counts",
    "closure": "Gouy-Chapman-Stern closure against resolved double layers",
    "charging": "charging of blocking electrodes, equal and unequal diffusivities",
    "many-ions": "supporting electrolyte, Donnan equilibrium, reactions between ions, zinc and hydrogen",
    "electroneutrality": "resolved double layers towards electroneutrality; salt against ions",
    "deposit": "flat and curved fronts of a deposit against sharp moving boundaries, books, floating pieces",
    "deposit-space": "a deposit in space: a sphere at rest and dissolving, a bar against its section",
    "deposit-stability": "growth rates of ripples on a deposit against linear stability",
    "deposit-ramified": "speed of a needle above the limiting current: drift of the anions",
    "deposit-radius": "radius from which on a growing disc branches, proportional to D/k_s",
    "manufactured": "orders of convergence in space and time",
}

#: Published observations: minutes to tens of minutes each, so that only their names or --all run them.
OBSERVED = {
    "leenheer-2015": "lithium at 1, 10 and 25 mA/cm2: spacing of features, needles",
    "sasaki-2021": "zinc at 20 and 160 mA/cm2: branches where ions run out",
    "pu-2020": "calcium at 1 and 100 mA/cm2: globular to dendritic, blunting",
    "wu-2017": "magnesium: a film",
}

#: All observations at once.
OBSERVATIONS = "observations"


def main(names: list[str], theory: bool, all_: bool, to: Path | None = None) -> int:
    """Run benchmarks by name, or all of theory, or everything; 0 when every criterion is met, else 1."""
    chosen = choose(names, all_)
    console = Console(width=None if sys.stdout.isatty() else 150)
    loud = MPI.COMM_WORLD.rank == 0
    rows: list[Row] = []
    for name in chosen:
        if loud and console.is_terminal:
            console.print(f"[dim]{name}: {(THEORY | OBSERVED)[name]} ...[/dim]")
        rows += list(_rows(name))
    if loud:
        console.print(table(rows))
        failed = [row for row in rows if not row.passed]
        console.print(f"{len(rows) - len(failed)} passed, {len(failed)} failed")
        if to is not None:
            write(rows, to)
    return 0 if all(row.passed for row in rows) else 1


def choose(names: list[str], all_: bool) -> list[str]:
    """What to run: the names given, all theory without any, observations too with ``all_``."""
    known = [*THEORY, *OBSERVED, OBSERVATIONS]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"validate: there is no {unknown[0]!r}; there are {', '.join(known)}")
    if not names:
        return [*THEORY, *OBSERVED] if all_ else list(THEORY)
    listed = [found for name in names for found in (OBSERVED if name == OBSERVATIONS else [name])]
    return list(dict.fromkeys(listed))


def module_of(name: str) -> Any:
    """The benchmark's module."""
    return importlib.import_module(f"thincell.validation.theory.{name.replace('-', '_')}")


def _rows(name: str) -> Iterator[Row]:
    if name in OBSERVED:
        from thincell.validation.observations import published

        yield from published.rows(name)
    else:
        yield from module_of(name).rows()


HEADINGS = ("case", "quantity", "computed", "exact", "error", "allowed", "order", "pass")


def _cells(row: Row) -> tuple[str, ...]:
    order = "" if row.order is None else f"{row.order:.2f}"
    bound = f"{row.tolerance:.1e}"
    if row.least_order is not None:
        bound = f"order >= {row.least_order:g}"
    return (
        row.case,
        row.quantity,
        f"{row.computed:.9g}",
        f"{row.exact:.9g}",
        f"{row.error:.1e}",
        bound,
        order,
        "yes" if row.passed else "NO",
    )


def table(rows: list[Row]) -> Table:
    """All rows; failures in bold."""
    made = Table(title="Validation")
    for heading in HEADINGS:
        right = heading in ("computed", "exact", "error", "allowed", "order")
        made.add_column(heading, justify="right" if right else "left", no_wrap=heading != "case")
    for row in rows:
        made.add_row(*map(escape, _cells(row)), style=None if row.passed else "bold red")
    return made


def write(rows: list[Row], path: Path) -> None:
    """The table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(_cells(row) for row in rows)

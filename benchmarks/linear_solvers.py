"""The linear solvers of Newton's method beside MUMPS, in thin cells with resolved double layers.

    python benchmarks/linear_solvers.py            # everything: half an hour, 10 GB
    python benchmarks/linear_solvers.py --quick    # small sizes: under a minute

Every row is one nonlinear solve, from rest to -4 RT/F between the electrodes, of the cell in
thin_cell.py. Memory is the peak of a process that does nothing else. Times are CPU times of the whole
nonlinear solve, assembly included, divided by the median time of one MUMPS factorisation (with one back
substitution) of the same system. ``collapse`` is timed twice, alone and in the process in which MUMPS
went before; the faster counts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dolfinx_solver  # noqa: F401

from thin_cell import ThinCell

from thincell.solvers.controls import GivenPotential
from thincell.solvers.linear import Linear

SIZES = [ThinCell(80, 20), ThinCell(160, 40), ThinCell(540, 60), ThinCell(1200, 133)]
SLENDERNESS = [1e-3, 1e-2, 1e-1]
STEPS = [1e-5, 1e-3, 1e-1, 1e1, 1e3]
HEAD = (
    "| {0} | unknowns | Newton | Krylov per Newton | preconditioners | MUMPS Newton "
    "| time / MUMPS factorisation | MUMPS time / factorisation | peak memory [GB] | with MUMPS [GB] |"
)
MISSING = "-"


def solve(cell: ThinCell, preset: str) -> dict[str, Any]:
    """One nonlinear solve with everything that is counted."""
    system = cell.system(Linear(preset))  # type: ignore[arg-type]
    factorised, pending = [], [False]
    linear = system.linear
    set_operators, precondition = linear.set_operators, linear.precondition

    def note(matrix: Any) -> None:
        set_operators(matrix)
        pending[0] = True

    def timed(b: Any, x: Any) -> None:
        start = time.process_time()
        precondition(b, x)
        if pending[0]:
            factorised.append(time.process_time() - start)
            pending[0] = False

    linear.set_operators, linear.precondition = note, timed  # type: ignore[method-assign]
    start = time.process_time()
    newton = system.solve(GivenPotential(-4.0))
    found = {
        "time": time.process_time() - start,
        "newton": newton,
        "krylov": system.krylov_iterations,
        "factorisations": system.factorisations,
        "factor": statistics.median(factorised),
        "current": system.current(),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    linear.set_operators, linear.precondition = set_operators, precondition  # type: ignore[method-assign]
    system.release()
    return found


def apart(cell: ThinCell, *presets: str) -> list[dict[str, Any]]:
    """Solves one after the other in a process of their own."""
    arguments = [f"{key}={value}" for key, value in cell.__dict__.items()]
    command = [sys.executable, __file__, "--one", ",".join(presets), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def row(cell: ThinCell, name: str, beside: bool) -> tuple[str, float]:
    """One line of a table, and its Krylov iterations per Newton step."""
    alone = apart(cell, "collapse")[0]
    collapse = alone
    cells = [MISSING] * 5
    if beside:
        direct, again = apart(cell, "direct", "collapse")
        collapse = min(alone, again, key=lambda run: run["time"])
        if abs(direct["current"] / collapse["current"] - 1) > 1e-7:
            raise SystemExit(f"{name}: the solvers disagree about the current")
        times = [run["time"] / direct["factor"] for run in (collapse, direct)]
        memory = [alone["memory"], direct["memory"]]
        cells = [f"{direct['newton']}", *(f"{t:.1f}" for t in times), *(f"{m:.2f}" for m in memory)]
    per_newton = collapse["krylov"] / collapse["newton"]
    counts = [f"{cell.unknowns}", f"{collapse['newton']}", f"{per_newton:.1f}"]
    counts += [f"{collapse['factorisations']}", *cells]
    return f"| {name} | " + " | ".join(counts) + " |", per_newton


def tables(quick: bool) -> Iterator[str]:
    """The three tables, line by line, and what follows from them."""
    sizes = SIZES[:2] if quick else SIZES
    base = SIZES[0] if quick else SIZES[1]
    kinds: list[tuple[str, list[tuple[str, ThinCell]]]] = [
        ("mesh", [(f"{c.columns} x {c.layers}", c) for c in sizes]),
        ("h/L", [(f"{v:g}", replace(base, slenderness=v)) for v in SLENDERNESS]),
        ("time step", [(f"{v:g}", replace(base, dt=v)) for v in STEPS]),
    ]
    for kind, rows in kinds:
        head = HEAD.format(kind)
        yield head
        yield "|---" * (head.count("|") - 1) + "|"
        found = []
        for name, cell in rows:
            line, per_newton = row(cell, name, beside=kind == "mesh")
            found.append(per_newton)
            yield line
        growth = max(found) / min(found)
        yield f"\nKrylov iterations per Newton step, largest over smallest: {growth:.2f}\n"


def main() -> None:
    """Print the tables, or solve one problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--save", type=Path, help="also write the tables to this file")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("cell", nargs="*", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        given = dict(pair.split("=") for pair in asked.cell)
        whole = {"columns", "layers", "order"}
        cell = ThinCell(**{k: int(v) if k in whole else float(v) for k, v in given.items()})  # type: ignore[arg-type]
        for preset in asked.one.split(","):
            print(json.dumps(solve(cell, preset)), flush=True)
        return
    lines = []
    for line in tables(asked.quick):
        print(line, flush=True)
        lines.append(line)
    if asked.save:
        asked.save.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

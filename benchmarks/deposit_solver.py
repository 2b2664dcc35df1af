"""The linear solvers of Newton's method on a growing deposit: `split` beside MUMPS.

    python benchmarks/deposit_solver.py            # everything: five minutes, 4 GB
    python benchmarks/deposit_solver.py --quick    # small sizes: under a minute
    python benchmarks/deposit_solver.py --one split cells=200 cfl=0.1 ksp_rtol=1e-6      # one problem

Every row is two time steps of the front in deposit_front.py, each to 1e-8 of its first residual, with
linear systems solved to 1e-5, in processes of their own. Times are CPU seconds per Newton iteration,
those of one rank of several; memory is the peak of one rank.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dolfinx_solver  # noqa: F401

from mpi4py import MPI

from deposit_front import Deposit, Step

from thincell.solvers.linear import Linear

KINDS = {"cells": int, "kind": str, "cfl": float, "ions": int, "degree": int, "native": int}
SIZES = [Deposit(cells) for cells in (100, 200, 295, 577)]
SHAPES = [
    Deposit(295, cfl=0.1),
    Deposit(1280, "graded"),
    Deposit(80, "thin"),
    Deposit(200, ions=3),
]
HEAD = (
    "| mesh | v dt/delta | ions | unknowns | ranks | Krylov per Newton | made | assembly | split "
    "| MUMPS | MUMPS / split | memory [GB] | with MUMPS [GB] |"
)


def run(cell: Deposit, linear: Linear, steps: int = 2) -> dict[str, Any]:
    """Time steps with everything that is counted."""
    step = Step(cell, linear)
    newton = [step.advance() for _ in range(steps)]
    w = step.w.x.array[: step.x.getLocalSize()]
    found = {
        "unknowns": step.x.getSize(),
        "newton": newton,
        "krylov": step.counts,
        "made": step.solver.factorisations,
        **{name: spent / sum(newton) for name, spent in step.seconds.items()},
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "norm": float(step.comm.allreduce(float(w @ w))) ** 0.5,
    }
    step.solver.release()
    return found


def apart(cell: Deposit, preset: str, ranks: int = 1) -> dict[str, Any]:
    """The same in processes of their own."""
    command = [sys.executable, __file__, "--one", preset, *(f"{k}={v}" for k, v in asdict(cell).items())]
    if ranks > 1:
        command = ["mpiexec", "-n", f"{ranks}", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return next(json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))


def row(cell: Deposit, ranks: int) -> str:
    """One line of the table of solvers."""
    split, direct = (apart(cell, preset, ranks) for preset in ("split", "direct"))
    if abs(direct["norm"] / split["norm"] - 1) > 1e-8:
        raise SystemExit(f"{cell}: the solvers disagree")
    if split["newton"] != direct["newton"]:
        raise SystemExit(f"{cell}: {split['newton']} Newton iterations, with MUMPS {direct['newton']}")
    times = [run["setup"] + run["solve"] for run in (split, direct)]
    cells = [
        f"{cell.kind}, {cell.cells}",
        f"{cell.cfl:g}",
        f"{cell.ions}",
        f"{split['unknowns']}",
        f"{ranks}",
    ]
    cells += [f"{min(split['krylov'])} to {max(split['krylov'])}", f"{split['made']}"]
    cells += [f"{value:.3f}" for value in (split["assembly"], *times)]
    cells += [f"{times[1] / times[0]:.1f}", *(f"{run['memory']:.2f}" for run in (split, direct))]
    return "| " + " | ".join(cells) + " |"


def tables(quick: bool) -> Iterator[str]:
    """Both tables, line by line."""
    yield HEAD
    yield "|---" * (HEAD.count("|") - 1) + "|"
    for cell in SIZES[:2] if quick else SIZES + SHAPES:
        for ranks in (1, 2):
            yield row(cell, ranks)
    yield (
        "\n| degree of quadrature | compiled for this machine | assembly of the Jacobian | norm |\n"
        + "|---" * 4
        + "|"
    )
    for degree in (2, 5):
        for native in (0, 1):
            cell = replace(SIZES[0 if quick else 2], degree=degree, native=native)
            found = apart(cell, "split")
            yield f"| {degree} | {native} | {found['assembly']:.3f} | {found['norm']:.9g} |"


def main() -> None:
    """Print the tables, or solve one problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--save", type=Path, help="also write the tables to this file")
    parser.add_argument("--one", metavar="PRESET", help="solve one problem")
    parser.add_argument("given", nargs="*", help="KEY=VALUE of the problem, and PETSc's options")
    asked = parser.parse_args()
    if asked.one:
        given = dict(pair.split("=") for pair in asked.given)
        cell = Deposit(**{k: KINDS[k](v) for k, v in given.items() if k in KINDS})  # type: ignore[operator]
        petsc = {k: v for k, v in given.items() if k not in KINDS}
        found = run(cell, Linear(asked.one, petsc, swapped=cell.swapped))
        if MPI.COMM_WORLD.rank == 0:
            print(json.dumps(found), flush=True)
        return
    lines = []
    for line in tables(asked.quick):
        print(line, flush=True)
        lines.append(line)
    if asked.save:
        asked.save.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

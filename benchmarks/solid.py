"""The column solver in three dimensions: counts over sizes, beside MUMPS, and scaling over MPI ranks.

    python benchmarks/solid.py sizes             # counts and memory; an hour, 10 GB
    python benchmarks/solid.py sizes --quick     # small sizes: a minute
    python benchmarks/solid.py scaling --ranks 1 2 --plot scaling.png
    python benchmarks/solid.py --one columns=96 rows=32 layers=32 model=npp     # under mpiexec, or alone

Every solve is one nonlinear solve, from rest to -4 RT/F between the electrodes, of the cell in solid_cell.py,
in a process of its own. Strong scaling keeps the cell, weak scaling the unknowns per rank (more rows in a
wider cell). Seconds are of the wall, assembly and linear algebra apart; memory is the sum over ranks.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dolfinx_solver  # noqa: F401

from mpi4py import MPI

from solid_cell import SolidCell

from thincell.solvers.controls import GivenPotential
from thincell.solvers.linear import Linear

#: Each eight times as large as the one before.
SIZES = [(48, 16, 16), (96, 32, 32), (192, 64, 64)]
QUICK = [(24, 8, 8), (48, 16, 16)]
MODELS, SLENDERNESS = ("neutral", "npp"), (1e-2, 1e-3)

#: Unknowns up to which MUMPS is asked as well.
MUMPS = 250_000


def solve(cell: SolidCell, preset: str) -> dict[str, Any]:
    """One nonlinear solve on the ranks of this process group; what was counted."""
    comm = MPI.COMM_WORLD
    system = cell.system(Linear(preset))  # type: ignore[arg-type]
    spent = {"callbacks": 0.0, "linear algebra": 0.0}

    def timed(what: str, action: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            start = time.perf_counter()
            action(*arguments)
            spent[what] += time.perf_counter() - start

        return call

    system._newton._residual = timed("callbacks", system._assemble_residual)
    system._newton._jacobian = timed("callbacks", system._assemble_jacobian)
    system._renew()
    linear, border = system.linear, system._border  # used inside of the Jacobian's callback
    linear.set_operators = timed("linear algebra", linear.set_operators)  # type: ignore[method-assign]
    border.put = timed("linear algebra", border.put)  # type: ignore[method-assign]
    comm.barrier()
    start = time.perf_counter()
    newton = system.solve(GivenPotential(-4.0))
    seconds = time.perf_counter() - start
    memory = comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
    return {
        "ranks": comm.size,
        "unknowns": cell.unknowns,
        "newton": newton,
        "krylov": system.krylov_iterations / newton,
        "seconds": seconds,
        "assembly": comm.allreduce(spent["callbacks"] - spent["linear algebra"], MPI.MAX),
        "current": system.current(),
        "memory": memory,
    }


def apart(cell: SolidCell, preset: str = "collapse", ranks: int = 1) -> dict[str, Any]:
    """A solve in processes of its own."""
    given = [f"{key}={value}" for key, value in cell.__dict__.items()]
    command = [sys.executable, __file__, "--one", *given, "--preset", preset]
    if ranks > 1:
        beside = Path(sys.executable).with_name("mpiexec")
        mpiexec = str(beside) if beside.exists() else shutil.which("mpiexec") or "mpiexec"
        command = [mpiexec, "-n", str(ranks), *command]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def sizes(quick: bool) -> Iterator[str]:
    """Counts over sizes, each eight times the one before, and MUMPS on the smallest."""
    yield (
        "| model, h/L | unknowns | Newton | Krylov per Newton | kB per unknown | seconds"
        " | MUMPS: kB per unknown | seconds |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for model in MODELS:
        for slenderness in SLENDERNESS:
            for columns, rows, layers in QUICK if quick else SIZES:
                cell = SolidCell(columns, layers, slenderness, rows=rows, model=model)
                made = apart(cell)
                beside = "- | -"
                if cell.unknowns <= MUMPS:
                    direct = apart(cell, "direct")
                    if abs(direct["current"] / made["current"] - 1) > 1e-7:
                        raise SystemExit("the solvers disagree about the current")
                    beside = f"{_per_unknown(direct):.1f} | {direct['seconds']:.1f}"
                yield (
                    f"| {model}, {slenderness:g} | {cell.unknowns} | {made['newton']} | {made['krylov']:.1f}"
                    f" | {_per_unknown(made):.1f} | {made['seconds']:.1f} | {beside} |"
                )


def _per_unknown(made: dict[str, Any]) -> float:
    """kB of the process per unknown, program included."""
    return float(1e6 * made["memory"] / made["unknowns"])


def scaling(ranks: list[int], quick: bool, plot: Path | None) -> Iterator[str]:
    """Strong and weak scaling."""
    columns, rows, layers = (QUICK if quick else SIZES)[1]
    cell = SolidCell(columns, layers, rows=rows)
    yield "| scaling | ranks | unknowns | Newton | Krylov/Newton | assembly [s] | solve [s] | efficiency |"
    yield "|---|---|---|---|---|---|---|---|"
    found: dict[str, list[float]] = {"strong": [], "weak": []}
    for kind, efficiencies in found.items():
        base = 0.0
        for count in ranks:
            wide = replace(cell, rows=rows * count, width=cell.width * count)
            made = apart(wide if kind == "weak" else cell, ranks=count)
            base = base or made["seconds"] * (ranks[0] if kind == "strong" else 1)
            share = base / made["seconds"] / (count if kind == "strong" else 1)
            efficiencies.append(share)
            linear = made["seconds"] - made["assembly"]
            yield (
                f"| {kind} | {count} | {made['unknowns']} | {made['newton']} | {made['krylov']:.1f}"
                f" | {made['assembly']:.1f} | {linear:.1f} | {share:.2f} |"
            )
    if plot is not None:
        _draw(ranks, found, plot)


def _draw(ranks: list[int], found: dict[str, list[float]], to: Path) -> None:
    """Efficiency over ranks."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 3.2), layout="constrained")
    axes = figure.subplots()
    for (kind, efficiencies), marker in zip(found.items(), "os", strict=True):
        axes.plot(ranks, efficiencies, f"{marker}-", label=f"{kind} scaling")
    axes.set(xlabel="ranks", ylabel="efficiency", ylim=(0, 1.1), xticks=ranks)
    axes.legend()
    figure.savefig(to, dpi=150)


def main() -> None:
    """Print the tables, or solve one problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", nargs="?", choices=["sizes", "scaling"], default="sizes")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--plot", type=Path, help="write the plot of the scaling to this file")
    parser.add_argument("--one", nargs="+", metavar="KEY=VALUE", help="solve one cell")
    parser.add_argument("--preset", default="collapse")
    asked = parser.parse_args()
    if asked.one:
        given = dict(pair.split("=") for pair in asked.one)
        whole = {"columns", "layers", "order", "rows"}
        values = {k: v if k == "model" else int(v) if k in whole else float(v) for k, v in given.items()}
        made = solve(SolidCell(**values), asked.preset)  # type: ignore[arg-type]
        if MPI.COMM_WORLD.rank == 0:
            print(json.dumps(made), flush=True)
        return
    lines = (
        sizes(asked.quick) if asked.what == "sizes" else scaling(asked.ranks, asked.quick, asked.plot)
    )
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()

"""Solves a small thin cell with two linear solvers and prints what came out (see test_linear.py)."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import dolfinx_solver  # noqa: F401

from mpi4py import MPI

import numpy as np

from thincell.solvers.controls import GivenCurrent
from thincell.solvers.linear import Linear
from thincell.solvers.tolerances import Tolerances


def thin_cell() -> ModuleType:
    """benchmarks/thin_cell.py."""
    path = Path(__file__).parents[2] / "benchmarks" / "thin_cell.py"
    spec = importlib.util.spec_from_file_location("thin_cell", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """One line of JSON per preset: potential, integral of the solution's square, counts."""
    comm = MPI.COMM_WORLD
    cell = thin_cell().ThinCell(40, 10)
    for preset in ("direct", "collapse"):
        system = cell.system(Linear(preset))  # type: ignore[arg-type]
        system.tolerances = Tolerances()
        newton = system.solve(GivenCurrent(-0.06))
        owned = system.state.x.array[: system.owned]
        square = comm.allreduce(float(np.dot(owned, owned)))
        found = {
            "potential": float(system.potential.value),
            "square": square,
            "newton": newton,
            "krylov": system.krylov_iterations,
            "factorisations": system.factorisations,
        }
        if comm.rank == 0:
            print(json.dumps(found), flush=True)
        system.release()


if __name__ == "__main__":
    main()

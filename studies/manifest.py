"""manifest.json: what made a run's numbers, and how it stands."""

from __future__ import annotations

import hashlib
import platform
from typing import Any

from thincell.studies.case import Case
from thincell.studies.problem import Problem


def manifest(
    case: Case, problem: Problem, state: str, message: str, counts: dict[str, Any]
) -> dict[str, Any]:
    """The manifest of a run in a state, with ``counts`` of its work. Any rank."""
    from petsc4py import PETSc

    import dolfinx

    import thincell

    made, system = problem.stage.made, problem.stepper.system
    assert system is not None
    mesh = b"" if made is None else made.points.tobytes() + made.cells.tobytes()
    return {
        "state": state,
        "message": message,
        "thincell": thincell.__version__,
        "dolfinx": dolfinx.__version__,
        "petsc": ".".join(map(str, PETSc.Sys.getVersion())),
        "python": platform.python_version(),
        "host": platform.node(),
        "ranks": problem.comm.size,
        "case sha256": case.fingerprint(),
        "mesh sha256": hashlib.sha256(mesh).hexdigest(),
        "unknowns": problem.unknowns,
        "Newton iterations": problem.stepper.newton_iterations,
        "factorisations": system.factorisations,
        **counts,
    }

"""What is no longer used is freed: PETSc must not keep it alive, or MPI runs out of communicators."""

from __future__ import annotations

import gc
import weakref

from thincell.studies.case import Case
from thincell.studies.problem import Problem


def test_a_problem_leaves_no_system_behind() -> None:
    case = Case.parse(
        {
            "cell": {"type": "coin"},
            "electrolyte": {"name": "LiPF6-EC-DMC"},
            "reactions": {"plating": {"name": "Li/Li+"}},
            "protocol": [{"rest": True, "for": "1 s"}],
            "mesh": {"columns": 1, "layers": 1, "edge": 0.5},
        }
    )
    problem = Problem(case)
    system, domain = weakref.ref(problem.stepper.system), weakref.ref(problem.domain)
    del problem
    gc.collect()
    assert system() is None
    assert domain() is None

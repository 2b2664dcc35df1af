"""For every test: the environment's own mpiexec, one thread a rank, kernels shared with patience."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

# mpi-pytest starts `mpiexec` from PATH; the one that belongs to this Python lies beside it.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Ranks that wait give way to the others: here they may be more than the cores (MPICH).
os.environ.setdefault("MPIR_CVAR_CH4_PROGRESS_THROTTLE", "1")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests that use DOLFINx by itself wait for each other's kernels as long as runs do."""
    if "dolfinx" in sys.modules and session.items:
        from mpi4py import MPI

        from thincell.studies import kernels

        kernels.claim(MPI.COMM_WORLD)

"""For every test: the environment's own mpiexec comes first, and each rank uses one thread."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# mpi-pytest starts `mpiexec` from PATH; the one that belongs to this Python lies beside it.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Ranks that wait give way to the others: here they may be more than the cores (MPICH).
os.environ.setdefault("MPIR_CVAR_CH4_PROGRESS_THROTTLE", "1")

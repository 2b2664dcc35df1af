"""A Slurm of one node, started for the tests and ended after them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("cluster.sh")
NEEDED = ("slurmctld", "slurmd", "sbatch", "munged")


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which Slurm's commands find the cluster."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no Slurm here: {', '.join(missing)} missing (Debian: slurmctld slurmd munge)")
    if os.geteuid() != 0:
        pytest.skip("a Slurm of one's own needs root")
    folder = tmp_path_factory.mktemp("slurm")
    try:
        start = subprocess.run(
            ["sh", SCRIPT, "start", folder], capture_output=True, text=True, timeout=60, check=False
        )
        if start.returncode:
            pytest.skip(f"Slurm does not start here: {start.stderr.strip()}")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        yield {**os.environ, "PATH": path, "SLURM_CONF": start.stdout.strip(), "OMP_NUM_THREADS": "1"}
    finally:
        subprocess.run(["sh", SCRIPT, "stop", folder], timeout=60, check=False)

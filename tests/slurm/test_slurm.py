"""On a real Slurm: a sweep as anywhere else, a job that requeues itself, ranks started by srun."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

JOB = Path(__file__).parents[2] / "docs" / "job.sh"

CASE = """
title = "a chip"

[cell]
type = "chip"

[electrolyte]
name = "LiPF6-EC-DMC"

[reactions.plating]
name = "Li/Li+"

[[protocol]]
plate = "1 mA/cm^2"
for = "{duration}"

[mesh]
edge = 0.2
layers = 2

[output]
figures = false
"""

SWEEP = """
case = "case.toml"

[[axis]]
name = "height"
key = "cell.height"
values = ["300 nm", "500 nm"]

[[axis]]
name = "current"
key = "protocol.0.plate"
values = ["1 mA/cm^2", "2 mA/cm^2"]

[twin]
run = false

[engine.slurm]
partition = "main"
walltime = "00:10:00"
points_per_node = 2
"""

Numbers = dict[str, Any]


def thincell(
    *arguments: object, before: tuple[str, ...] = (), env: dict[str, str] | None = None
) -> None:
    """Run the command, ranks in front if need be; it must succeed."""
    command = [*before, sys.executable, "-m", "thincell", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def summary(run: Path) -> Numbers:
    """The numbers of a run, but for the errors of its books, which are rounding."""
    found: Numbers = json.loads((run / "summary.json").read_text())
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, float) and "imbalance" not in name
    }


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in {seconds:g} s"
        time.sleep(0.2)


def test_a_sweep_gives_the_same_results_on_slurm(slurm: dict[str, str], tmp_path: Path) -> None:
    import xarray

    (tmp_path / "case.toml").write_text(CASE.format(duration="20 ms"))
    (tmp_path / "sweep.toml").write_text(SWEEP)
    for engine in ("local", "slurm"):
        thincell(
            "sweep", tmp_path / "sweep.toml", "--out", tmp_path / engine, "--engine", engine, env=slurm
        )
    local, cluster = (xarray.load_dataset(tmp_path / name / "results.nc") for name in ("local", "slurm"))
    assert set(cluster["Status"].values.ravel()) == {"finished"}
    assert set(local.data_vars) == set(cluster.data_vars)
    compared = 0
    for name in local.data_vars:
        if local[name].dtype.kind == "f" and name != "Wall time [s]":
            np.testing.assert_allclose(cluster[name], local[name], rtol=1e-8, err_msg=str(name))
            compared += 1
    assert compared > 10
    left = subprocess.check_output(["squeue", "--noheader", "--states=RUNNING,PENDING"], env=slurm)
    assert left == b""


def test_a_job_is_warned_requeues_itself_and_resumes(slurm: dict[str, str], tmp_path: Path) -> None:
    case, job, out = tmp_path / "case.toml", tmp_path / "job.sh", tmp_path / "out"
    case.write_text(CASE.format(duration="2 s").replace("edge = 0.2", "edge = 0.05"))
    lines = JOB.read_text().splitlines(keepends=True)
    job.write_text("".join(line for line in lines if not line.startswith("source ")))

    def slurms(*command: object) -> str:
        words = list(map(str, command))
        return subprocess.check_output(words, env=slurm, text=True, cwd=tmp_path, timeout=30)

    number = slurms("sbatch", "--ntasks=2", job, case, out).split()[-1]
    wait_for(lambda: (out / "progress.json").is_file())
    slurms("scancel", "--batch", "--signal=USR1", number)  # what --signal=B:USR1 makes Slurm do
    wait_for(lambda: slurms("squeue", "-h", "-o", "%t", "-j", number).strip() == "PD")
    assert json.loads((out / "manifest.json").read_text())["state"] == "stopped"
    wait_for(lambda: json.loads((out / "manifest.json").read_text())["state"] == "finished")
    assert "resumed from checkpoint" in (out / "run.log").read_text()

    ranks = (str(Path(sys.executable).with_name("mpiexec")), "-n", "2")
    thincell("run", case, "--out", tmp_path / "whole", "--quiet", before=ranks)
    assert summary(out) == pytest.approx(summary(tmp_path / "whole"), rel=1e-8, abs=1e-12)


def test_ranks_started_by_srun(slurm: dict[str, str], tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text(CASE.format(duration="20 ms"))
    srun = ("srun", "--mpi=pmi2", "-n", "2")
    thincell("run", case, "--out", tmp_path / "two", "--quiet", before=srun, env=slurm)
    thincell("run", case, "--out", tmp_path / "one", "--quiet")
    assert json.loads((tmp_path / "two" / "manifest.json").read_text())["ranks"] == 2
    assert summary(tmp_path / "two") == pytest.approx(summary(tmp_path / "one"), rel=1e-8, abs=1e-12)


def test_a_node_examines_itself(slurm: dict[str, str]) -> None:
    """doctor starts ranks of its own with mpiexec, within a job step."""
    thincell("doctor", before=("srun", "-n", "1"), env=slurm)

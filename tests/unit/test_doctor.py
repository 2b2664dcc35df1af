"""`thincell doctor`: healthy here, and plain about what is wrong elsewhere."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest
from rich.console import Console

from thincell.studies import doctor
from thincell.studies.doctor import Finding


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=120)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_all_is_well_here(console: Console) -> None:
    assert doctor.run_doctor(console), printed(console)
    text = printed(console)
    assert text.count(" ok ") == len(doctor.CHECKS)
    assert "2 ranks" in text


def test_failures_are_told_with_their_remedy(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Finding:
        raise OSError("libGLU.so.1: cannot open [shared] object file")

    sick = Finding("gmsh", False, "gmsh needs libGLU.so.1", "sudo apt-get install libglu1-mesa")
    monkeypatch.setattr(doctor, "CHECKS", {"gmsh": lambda: sick, "Solve": broken})
    assert not doctor.run_doctor(console)
    text = printed(console)
    assert text.count("FAILED") == 2
    assert "sudo apt-get install libglu1-mesa" in text
    assert "cannot open [shared] object file" in text


@pytest.mark.parametrize(
    ("ranks", "environment", "good"),
    [
        (1, {}, True),
        (4, {}, True),
        (1, {"SLURM_NTASKS": "4"}, True),  # in the batch script itself, outside srun
        (4, {"SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4"}, True),
        (4, {"SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "1"}, True),  # mpiexec in an allocation
        (1, {"SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4"}, False),
    ],
)
def test_launch(ranks: int, environment: dict[str, str], good: bool) -> None:
    finding = doctor.launch_finding(ranks, environment)
    assert finding.good is good
    assert finding.found.startswith(f"{ranks} rank")


def test_stale_kernels(tmp_path: Path) -> None:
    long_ago = time.time() - 3600.0
    for name in ("finished", "dead", "running"):
        (tmp_path / f"libffcx_forms_{name}.c").touch()
    (tmp_path / "libffcx_forms_finished.c.cached").touch()
    for name in ("finished", "dead"):
        os.utime(tmp_path / f"libffcx_forms_{name}.c", (long_ago, long_ago))
    assert doctor.stale_kernels(tmp_path) == [tmp_path / "libffcx_forms_dead.c"]


def test_kernel_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setattr("thincell.studies.kernels.choose", lambda: (in_the_way / "fenics", True))
    finding = doctor.check_kernel_cache()
    assert not finding.good
    assert "XDG_CACHE_HOME" in finding.remedy

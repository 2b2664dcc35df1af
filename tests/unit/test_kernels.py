"""Kernels that a killed process left half made do not stop later ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thincell.studies import kernels

SOLVE = """
from mpi4py import MPI
from thincell.studies.kernels import claim
claim(MPI.COMM_WORLD)
import ufl
from dolfinx import fem, mesh
square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
print(fem.assemble_scalar(fem.form(fem.Constant(square, 3.0) * ufl.dx(square))))
"""


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for name in ("half", "ready"):
        (tmp_path / f"{name}.c").write_text("")
    (tmp_path / "ready.c.cached").write_text("")
    return tmp_path


def test_half_made_kernels_go(cache: Path) -> None:
    lock = kernels.tidy(cache)
    assert not (cache / "half.c").exists()
    assert (cache / "ready.c").exists()
    assert lock >= 0
    os.close(lock)


def test_others_at_work_are_left_alone(cache: Path) -> None:
    first = kernels.tidy(cache)
    (cache / "young.c").write_text("")
    (cache / "old.c").write_text("")
    os.utime(cache / "old.c", (0, 0))
    second = kernels.tidy(cache)  # not alone: the first still holds its lock
    assert (cache / "young.c").exists()
    assert not (cache / "old.c").exists()
    os.close(first)
    os.close(second)


def test_a_cache_shared_with_other_programs_loses_only_old_marks(cache: Path) -> None:
    (cache / "old.c").write_text("")
    os.utime(cache / "old.c", (0, 0))
    os.close(kernels.tidy(cache, ours=False))  # alone, but another program may compile without the lock
    assert (cache / "half.c").exists()
    assert not (cache / "old.c").exists()


@pytest.mark.parametrize("lost", [".c.cached", ".c"])
def test_a_process_goes_on_where_another_stopped(lost: str, tmp_path: Path) -> None:
    """Whoever wrote the `.c` file of this very kernel is dead, or woke up late and took it away."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}

    def solve() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", f"import thincell\n{SOLVE}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=environment,
        )

    assert solve().stdout.strip() == "3.0"
    made = sorted((tmp_path / "fenics" / "thincell").glob("*.c.cached"))
    assert made
    for path in made:
        path.with_name(path.name.removesuffix(".c.cached") + lost).unlink()
    again = solve()
    assert again.stdout.strip() == "3.0", again.stderr
    assert sorted((tmp_path / "fenics" / "thincell").glob("*.c.cached")) == made

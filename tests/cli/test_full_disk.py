"""A disk that fills up while a run goes on: a clear error, and nothing of before is lost."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CASE = """
[cell]
type = "chip"
height = "500 nm"
working = { width = "10 um" }
margin = "20 um"
[electrolyte]
name = "LiPF6-EC-DMC"
[reactions.plating]
name = "Li/Li+"
[[protocol]]
plate = "10 mA/cm^2"
for = "0.2 s"
[output]
checkpoint = "1 ms"
every = "0.005 s"
figures = false
"""

#: Size of the disk: room for a few outputs and checkpoints, not for all.
SIZE = 3_000_000


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of SIZE bytes in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={SIZE}".encode()
    if libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, options) != 0:
        pytest.skip(f"no right to mount a small disk: {os.strerror(ctypes.get_errno())}")
    yield place
    libc.umount2(os.fsencode(place), 2)


def thincell(*arguments: object, ranks: int = 1) -> subprocess.CompletedProcess[str]:
    launcher = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    return subprocess.run(
        [*launcher, sys.executable, "-m", "thincell", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 74, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, done.stderr
    assert "cannot write" in lines[0]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ranks", [1, 2])
def test_full_disk(case: Path, small_disk: Path, tmp_path: Path, ranks: int) -> None:
    out = small_disk / "run"
    done = thincell("run", case, "--out", out, "--quiet", ranks=ranks)
    told(done)
    assert "No space left on device" in done.stderr
    # what was written before is whole: on a larger disk the run goes on from there
    roomy = tmp_path / "roomy"
    subprocess.run(["cp", "-r", str(out), str(roomy)], check=True)
    assert list((roomy / "checkpoint").glob("*.npz"))
    assert not list(roomy.rglob("*.part"))
    done = thincell("run", case, "--out", roomy, "--resume", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "resumed from checkpoint" in (roomy / "run.log").read_text()
    assert json.loads((roomy / "manifest.json").read_text())["state"] == "finished"

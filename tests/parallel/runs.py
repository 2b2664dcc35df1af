"""Starting `thincell run` in processes of its own, killing them, and comparing what they leave."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

#: A reference electrode, three kinds of control, two events and a wave, in a few seconds.
CASE = """
title = "a run to be killed"
[cell]
type = "chip"
height = "500 nm"
working = { width = "10 um" }
margin = "20 um"
reference = { width = "5 um", gap = "10 um" }
[electrolyte]
name = "LiPF6-EC-DMC"
concentration = "1 mol/L"
[reactions.plating]
name = "Li/Li+"
[[protocol]]
plate = "10 mA/cm^2"
for = "1 s"
until = "voltage < -0.06 V"
[[protocol]]
strip = "5 mA/cm^2"
until = "charge > 10 C/m^2"
[[protocol]]
sweep = { vertices = ["0 V", "-0.01 V", "0 V"], rate = "0.05 V/s" }
[mesh]
edge = 0.2
layers = 2
columns = 4
[solver]
tolerance = 1e-3
first_step = "0.3 ms"
[output]
checkpoint = "50 ms"
figures = false
fields = false
"""

#: Numbers that are themselves rounding errors.
ROUNDING = ("Largest charge imbalance", "Largest ion imbalance", "Largest metal imbalance")

#: Size of what a number is measured against when it is zero, by its unit.
UNITS = {"[A.m-2]": 100.0, "[V]": 0.05}


def command(case: Path, out: Path, ranks: int = 1, *more: str) -> list[str]:
    launcher = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    own = [sys.executable, "-m", "thincell", "run", str(case), "--out", str(out), "--quiet"]
    return [*launcher, *own, *more]


def start(*arguments: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(out: Path, text: str) -> None:
    """Until run.log says so."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if (out / "run.log").is_file() and text in (out / "run.log").read_text():
            return
        time.sleep(0.02)
    pytest.fail(f"{text!r} never appeared in run.log")


def finish(*arguments: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=300, check=False)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL for a process and everything that it has started."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.kill()
    for member in family:
        if member.is_running():
            os.kill(member.pid, signal.SIGKILL)
    process.communicate()
    psutil.wait_procs(family, timeout=20)


def summary(out: Path) -> dict[str, Any]:
    loaded = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two summaries agree to 1e-8."""
    assert one.keys() == other.keys()
    for key, value in one.items():
        if key in ROUNDING:
            continue
        if isinstance(value, float):
            unit = next((size for mark, size in UNITS.items() if mark in key), 1e-3)
            near = pytest.approx(value, rel=1e-8, abs=1e-9 * unit, nan_ok=True)
            assert other[key] == near, key
        else:
            assert other[key] == value, key

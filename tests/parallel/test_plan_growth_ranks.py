"""A deposit seen from above does not depend on the ranks, and goes on after a stop.

Its rim has a corner; nuclei form on it, a piece of metal floats, and the mesh follows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from parallel import runs
from parallel.test_deposit_ranks import ROUNDING, agree, counts, history, stopped

CASE = """
title = "a deposit from above on ranks"
[cell]
type = "chip"
view = "plan"
height = "1 um"
gap = "8 um"
margin = "1 um"
margin_sides = "1 um"
[cell.working]
width = "2 um"
thickness = "0 nm"
outline = { shape = "bar", x = "-1 um", width = "2 um", length = "3 um" }
[cell.counter]
width = "1 um"
thickness = "0 nm"
outline = { shape = "bar", x = "8 um", width = "2 um", length = "3 um" }
[electrolyte]
name = "LiPF6-EC-DMC"
concentration = "1 mol/L"
[reactions.plating]
name = "Li/Li+"
[deposit]
interface = "200 nm"
seeds = [{ x = "0 um", y = "0.4 um", radius = "0.7 um" }, { x = "3 um", radius = "0.7 um" }]
nucleation = { spacing = "1.2 um", rate = "3 1/s", barrier = "20 mV", radius = "0.6 um" }
seed = 4
band = 2
cells = 1
courant = 1
[[protocol]]
plate = "100 mA/cm^2"
for = "1.5 s"
[solver]
tolerance = 2e-2
first_step = "50 ms"
[output]
every = "1 s"
figures = false
fields = false
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("above") / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(case: Path) -> Path:
    """The run of one rank that nobody stops."""
    out = case.parent / "alone"
    done = runs.finish(case, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_everything_happens_and_books_close(alone: Path) -> None:
    rows = history(alone)
    assert counts(alone)["remeshes"] >= 2
    assert np.all(rows["Isolated metal share"] > 0.1)
    charge = np.diff(rows["Charge density [C.m-2]"], prepend=0.0)
    grown = np.diff(rows["Deposit volume per area [m]"])
    nuclei = grown > 1.5 * np.abs(charge[1:]) * 1.347e-10  # the molar volume of lithium over F
    assert np.count_nonzero(nuclei) >= 1
    for name in ROUNDING:
        assert np.max(rows[name]) < 1e-10, name


def test_ranks_agree(case: Path, alone: Path) -> None:
    out = case.parent / "2"
    done = runs.finish(case, out, 2)
    assert done.returncode == 0, done.stdout + done.stderr
    agree(alone, out)
    assert counts(out)["remeshes"] == counts(alone)["remeshes"]


def test_stopped_run_goes_on(case: Path, alone: Path) -> None:
    out = case.parent / "stopped"
    stopped(case, out, 5)
    done = runs.finish(case, out, 2, "--resume")
    assert done.returncode == 0, done.stdout + done.stderr
    agree(alone, out)

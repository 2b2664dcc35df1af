"""A deposit in space does not depend on the ranks, and goes on after a stop; a piece of its metal floats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from parallel import runs
from parallel.test_deposit_ranks import ROUNDING, agree, history, stopped

CASE = """
title = "a deposit in space on ranks"
[cell]
type = "chip"
view = "solid"
height = "0.3 um"
gap = "0.8 um"
margin = "0.2 um"
margin_working = "0 um"
margin_sides = "0 um"
length = "0.4 um"
working = { width = "0.2 um", thickness = "0 nm" }
counter = { width = "0.2 um", thickness = "0 nm" }
[electrolyte]
name = "LiPF6-EC-DMC"
concentration = "1 mol/L"
[reactions.plating]
name = "Li/Li+"
[deposit]
interface = "30 nm"
cells = 1
reach = "470 nm"
seeds = [
  { x = "0 um", y = "-0.2 um", radius = "0.12 um" },
  { x = "0.2 um", y = "0.2 um", radius = "0.1 um" },
]
noise = { strength = 0.3, length = "200 nm" }
courant = 1
[[protocol]]
plate = "1 A/cm^2"
for = "5 ms"
[solver]
tolerance = 2e-2
first_step = "2 ms"
[output]
every = "2.5 ms"
figures = false
fields = false
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("space") / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(case: Path) -> Path:
    """The run of one rank that nobody stops."""
    out = case.parent / "alone"
    done = runs.finish(case, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_a_piece_floats_and_books_close(alone: Path) -> None:
    rows = history(alone)
    assert np.all(rows["Isolated metal share"] > 0.1)
    assert rows["Deposit volume per area [m]"][-1] > 1.05 * rows["Deposit volume per area [m]"][0]
    for name in ROUNDING:
        assert np.max(rows[name]) < 1e-10, name


@pytest.mark.parametrize("ranks", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_ranks_agree(case: Path, alone: Path, ranks: int) -> None:
    out = case.parent / str(ranks)
    done = runs.finish(case, out, ranks)
    assert done.returncode == 0, done.stdout + done.stderr
    agree(alone, out)


@pytest.mark.slow
def test_stopped_run_goes_on(case: Path, alone: Path) -> None:
    out = case.parent / "stopped"
    stopped(case, out, 2)
    done = runs.finish(case, out, 2, "--resume")
    assert done.returncode == 0, done.stdout + done.stderr
    agree(alone, out)

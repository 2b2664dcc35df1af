"""A growing deposit does not depend on the ranks, and goes on after a stop as if there had been none.

The case has all that happens between time steps: a piece of metal that floats, nuclei that form, meshes that
follow, a current that is reversed.
"""

from __future__ import annotations

import json
from collections.abc import Sized
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parallel import runs

from thincell.studies.case import Case
from thincell.studies.output import read_columns
from thincell.studies.run import RunStopped, run

CASE = """
title = "a deposit on ranks"
[cell]
type = "coin"
separator_thickness = "8 um"
porosity = 1.0
patch = "2.4 um"
[electrolyte]
name = "LiPF6-EC-DMC"
concentration = "1 mol/L"
[reactions.plating]
name = "Li/Li+"
[deposit]
interface = "200 nm"
seeds = [{ x = "-1.8 um", radius = "0.7 um" }, { x = "-0.8 um", z = "3.6 um", radius = "0.7 um" }]
nucleation = { spacing = "0.8 um", rate = "10 1/s", barrier = "20 mV", radius = "0.6 um" }
seed = 4
band = 2
cells = 1
courant = 1
[[protocol]]
plate = "100 mA/cm^2"
for = "2 s"
[[protocol]]
strip = "100 mA/cm^2"
for = "0.2 s"
[mesh]
columns = 1
layers = 4
[solver]
tolerance = 2e-2
first_step = "50 ms"
[output]
every = "2 s"
figures = false
fields = false
"""

#: Columns of the history that are themselves rounding errors.
ROUNDING = ("Charge imbalance", "Ion imbalance", "Metal imbalance")


class AfterSteps:
    """Asks a run to stop between two time steps, once ``rows`` of the history are there."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.rows: Sized = ()

    @property
    def signal(self) -> int:
        return 15 if len(self.rows) >= self.number else 0


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("deposits") / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(case: Path) -> Path:
    """The run of one rank that nobody stops."""
    out = case.parent / "alone"
    done = runs.finish(case, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def history(out: Path) -> dict[str, Any]:
    return read_columns(out / "history.csv")


def counts(out: Path) -> dict[str, Any]:
    loaded = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def agree(one: Path, other: Path) -> None:
    """Summaries and every row of the histories agree to 1e-8."""
    runs.same(runs.summary(one), runs.summary(other))
    expected, found = history(one), history(other)
    assert list(found) == list(expected)
    for name, column in expected.items():
        if name in ROUNDING:
            continue
        if column.dtype.kind == "f":
            size = float(np.max(np.abs(column)))
            np.testing.assert_allclose(found[name], column, rtol=1e-8, atol=1e-9 * size, err_msg=name)
        else:
            assert list(found[name]) == list(column), name


def test_everything_happens(alone: Path) -> None:
    rows = history(alone)
    volume = rows["Deposit volume per area [m]"]
    isolated = rows["Isolated metal share"]
    assert counts(alone)["remeshes"] >= 2
    assert len(volume) >= 10
    charge = np.diff(rows["Charge density [C.m-2]"], prepend=0.0)
    grown = np.diff(volume)
    nuclei = grown > 1.5 * np.abs(charge[1:]) * 1.347e-10  # the molar volume of lithium over F
    assert np.count_nonzero(nuclei) == 1
    assert grown[-1] < 0  # stripping
    assert np.all((isolated > 0.2) & (isolated < 0.5))


def test_books_close(alone: Path) -> None:
    rows = history(alone)
    for name in ROUNDING:
        assert np.max(rows[name]) < 1e-10, name


@pytest.mark.parametrize("ranks", [2, 3])
def test_deposit_does_not_depend_on_ranks(case: Path, alone: Path, ranks: int) -> None:
    out = case.parent / str(ranks)
    done = runs.finish(case, out, ranks)
    assert done.returncode == 0, done.stdout + done.stderr
    agree(alone, out)
    assert counts(out)["remeshes"] == counts(alone)["remeshes"]


def stopped(case: Path, out: Path, steps: int) -> None:
    """A run on one rank that stops after so many time steps."""
    asking = AfterSteps(steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("thincell.studies.run.Records", _watched(asking))
        with pytest.raises(RunStopped):
            run(Case.load(case), out, stopping=asking)  # type: ignore[arg-type]
    assert len(history(out)["Time [s]"]) == steps


def _watched(asking: AfterSteps) -> Any:
    """Records whose rows ``asking`` sees."""
    from thincell.studies.records import Records

    def make(*arguments: Any) -> Records:
        records = Records(*arguments)
        asking.rows = records.rows
        return records

    return make


@pytest.mark.parametrize(
    ("steps", "ranks"),
    [(2, 1), (7, 2), (12, 1)],
    ids=["with nuclei about to be put in", "on other ranks", "while stripping"],
)
def test_stopped_run_goes_on(case: Path, alone: Path, steps: int, ranks: int) -> None:
    out = case.parent / f"stopped after {steps}"
    stopped(case, out, steps)
    if ranks == 1:
        run(Case.load(case), out, resume=True)
    else:
        done = runs.finish(case, out, ranks, "--resume")
        assert done.returncode == 0, done.stdout + done.stderr
    agree(alone, out)
    assert counts(out)["sessions"] == 2
    assert counts(out)["remeshes"] == counts(alone)["remeshes"]

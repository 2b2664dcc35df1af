"""The dataset of a sweep, gathered from records alone."""

from __future__ import annotations

import ast
import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

from thincell.studies import output
from thincell.studies.sweep import names
from thincell.studies.sweep.collect import collect
from thincell.studies.sweep.plan import SweepPlan, plan, record

ROOT = Path(__file__).resolve().parents[2]

CASE = """
title = "base"
description = "What it is about: 5 µm"
[cell]
type = "chip"
gap = "20 um"
[electrolyte]
name = "LiPF6-EC-DMC"
[reactions.p]
name = "Li/Li+"
[[protocol]]
plate = "10 mA/cm^2"
for = "1 s"
"""

GRID = """
case = "case.toml"
title = "a grid"
[[axis]]
name = "height"
label = "Liquid height"
key = "cell.height"
values = ["300 nm", "0.5 um", "5 um"]
[[axis]]
name = "kind"
key = "electrolyte.model"
values = ["electroneutral", "ohmic"]
labels = ["fast", "straight"]
[symbols]
gap = "cell.gap"
dry = "Layer dry after [s]"
coin = "Coin cell: Duration [s]"
[[drop]]
when = "height > gap / 5"
reason = "too high"
[derived]
"Dry after, per square height [s.m-2]" = "dry / height**2"
twice = "2 * gap"
"Four times" = "2 * twice"
"Against the coin cell" = "coin / height"
"""

SAMPLE = """
case = "case.toml"
[twin]
run = false
[design]
method = "sobol"
points = 4
[[axis]]
name = "height"
key = "cell.height"
from = "100 nm"
to = "1 um"
spacing = "log"
[[axis]]
name = "current"
key = "protocol.0.plate"
from = "1 mA/cm^2"
to = "10 mA/cm^2"
"""


def prepared(folder: Path, text: str) -> SweepPlan:
    """A sweep's folder in which nothing has run yet."""
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    (folder / "sweep.toml").write_text(text)
    found = plan(folder / "sweep.toml")
    output.write_json(folder / "sweep.json", record(found))
    return found


def summary(dry: float | None, duration: float = 1.0) -> dict[str, Any]:
    return {
        "Title": "x",
        "Duration [s]": duration,
        "Layer dry after [s]": dry,
        "Compliance voltage reached after [s]": None,
        "Maximum over mean current density at the end": 1.5,
        "Charge of a/b [C]": 2,
    }


def point(
    folder: Path, id_: str, state: str, run: str = "run", result: dict[str, Any] | None = None
) -> None:
    """A point that has run, as the process that runs it leaves it."""
    place = folder / "points" / id_
    folders = ["run", "retry"] if run == "retry" else ["run"]
    attempts = [
        {"folder": name, "exit code": 0, "seconds": 2.0, "reason": "", "settings": {}}
        for name in folders
    ]
    reason = "no convergence" if state == "failed" else ""
    output.write_json(
        place / "point.json",
        {
            "id": id_, "state": state, "reason": reason, "run": run,
            "attempts": attempts if state != "running" else [], "seconds": 2.0 * len(folders),
        },
    )  # fmt: skip
    if result is not None:
        output.write_json(place / run / "summary.json", result)


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    """Finished, finished at the second attempt, failed, running; the highest layers are dropped."""
    found = prepared(tmp_path, GRID)
    first, second, third, fourth = (p.id for p in found.points if p.id)
    point(tmp_path, first, "finished", result=summary(0.5))
    point(tmp_path, second, "finished", "retry", summary(None))
    point(tmp_path, third, "failed", result=summary(9.0))
    point(tmp_path, fourth, "running", result=summary(9.0))
    point(tmp_path, found.points[0].twin, "finished", result=summary(None, 3.0))
    return tmp_path


def test_grid(grid: Path) -> None:
    found = collect(grid)
    assert dict(found.sizes) == {"height": 3, "kind": 2}
    assert found["height"].values.tolist() == [3e-7, 5e-7, 5e-6]
    assert found["kind"].values.tolist() == ["fast", "straight"]
    assert found["height"].attrs == {
        "long_name": "Liquid height", "key": "cell.height", "units": "m",
        "written": "300 nm; 0.5 um; 5 um",
    }  # fmt: skip
    assert found["Status"].values.tolist() == [
        ["finished", "finished"], ["failed", "running"], ["dropped", "dropped"],
    ]  # fmt: skip
    assert found["Reason"].values.tolist() == [["", ""], ["no convergence", ""], ["too high"] * 2]
    assert found["Regime"].values.tolist() == [["depleted", "uniform"], ["", ""], ["", ""]]
    assert found["Attempts"].values.tolist() == [[1, 2], [1, 0], [0, 0]]
    assert found["Wall time [s]"].sel(kind="straight").values[0] == 4.0
    assert found["Wall time [s]"].attrs["units"] == "s"


def test_only_finished_points_have_results(grid: Path) -> None:
    found = collect(grid)
    dry = found["Layer dry after [s]"]
    assert dry.attrs == {"long_name": "Layer dry after", "units": "s"}
    np.testing.assert_array_equal(dry, [[0.5, math.nan], [math.nan] * 2, [math.nan] * 2])
    np.testing.assert_array_equal(found["Duration [s]"], [[1.0, 1.0], [math.nan] * 2, [math.nan] * 2])
    assert "Title" not in found
    assert found["Charge of a per b [C]"].values[0, 0] == 2.0


def test_derived_results(grid: Path) -> None:
    found = collect(grid)
    derived = found["Dry after, per square height [s.m-2]"]
    assert derived.attrs["expression"] == "dry / height**2"
    assert derived.attrs["units"] == "s.m-2"
    assert derived.values[0, 0] == pytest.approx(0.5 / 9e-14, rel=1e-12)
    assert np.isnan(derived.values).sum() == 5
    np.testing.assert_allclose(found["Four times"], [[8e-5, 8e-5], [8e-5, 8e-5], [np.nan, np.nan]])


def test_twins(grid: Path) -> None:
    """The first twin has finished, the second is waiting; one serves every height."""
    found = collect(grid)
    np.testing.assert_array_equal(
        found["Coin cell: Duration [s]"], [[3.0, math.nan], [3.0, math.nan], [math.nan] * 2]
    )
    assert found["Against the coin cell"].values[1, 0] == pytest.approx(3.0 / 5e-7)


def test_round_trip(grid: Path) -> None:
    found = collect(grid)
    with xarray.open_dataset(grid / "results.nc") as read:
        xarray.testing.assert_identical(found, read.load())
        assert read.sel(kind="fast", height=3e-7)["Status"].item() == "finished"
        assert read.attrs["title"] == "a grid"
        assert read.attrs["description"] == "What it is about: 5 µm"
        assert read.attrs["thincell"][0].isdigit()
        assert 'gap = "2e-05 m"' in read.attrs["case"]
        kept = json.loads((grid / "sweep.json").read_text())
        assert json.loads(read.attrs["sweep"]) == {k: v for k, v in kept.items() if k != "state"}


def test_table(grid: Path) -> None:
    collect(grid)
    with (grid / "results.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 6
    assert rows[0]["height [m]"] == "3e-07"
    assert rows[0]["kind"] == "fast"
    assert rows[0]["Layer dry after [s]"] == "0.5"
    assert rows[1]["Layer dry after [s]"] == ""
    assert rows[5]["Status"] == "dropped"
    assert rows[5]["Reason"] == "too high"


def test_the_same_again(grid: Path) -> None:
    collect(grid)
    before = [(grid / name).read_bytes() for name in ("results.nc", "results.csv")]
    collect(grid)
    assert [(grid / name).read_bytes() for name in ("results.nc", "results.csv")] == before
    assert not list(grid.glob("*.part"))


def test_nothing_has_run(tmp_path: Path) -> None:
    prepared(tmp_path, GRID)
    found = collect(tmp_path)
    assert set(found["Status"].values.ravel()) == {"waiting", "dropped"}
    with xarray.open_dataset(tmp_path / "results.nc") as read:
        xarray.testing.assert_identical(found, read.load())


def test_sample(tmp_path: Path) -> None:
    made = prepared(tmp_path, SAMPLE)
    for k, place in enumerate(made.points[:3]):
        point(tmp_path, place.id, "finished", result=summary(float(k)))
    found = collect(tmp_path)
    assert dict(found.sizes) == {"point": 4}
    assert found["height"].dims == ("point",)
    assert found["height"].values.tolist() == [p.coordinates["height"] for p in made.points]
    assert found["current"].attrs["units"] == "A.m-2"
    assert found["Status"].values.tolist() == ["finished"] * 3 + ["waiting"]
    assert found["Layer dry after [s]"].values[:3].tolist() == [0.0, 1.0, 2.0]
    assert found["Point"].values.tolist() == [p.id for p in made.points]
    with xarray.open_dataset(tmp_path / "results.nc") as read:
        xarray.testing.assert_identical(found, read.load())


def test_points_of_an_earlier_version_are_left_alone(grid: Path) -> None:
    point(grid, "0123456789abcdef", "finished", result=summary(7.0))
    assert 7.0 not in collect(grid)["Layer dry after [s]"].values


def test_known_results_are_those_of_a_summary() -> None:
    """Symbols are checked against this list before anything runs."""
    tree = ast.parse((ROOT / "studies" / "summary.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            found |= {_text(key) for key in node.keys if key is not None}
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.add(_text(node.slice))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SIDE_IONS":
            found.add(_text(node.value))
    assert found - {"", "Title"} == set(names.RESULTS)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "NAME" for p in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ("m", "m"), ("A/m^2", "A.m-2"), ("mol/m^3", "mol.m-3"), ("m^2/s", "m2.s-1"),
        ("m^3/mol", "m3.mol-1"), ("V/s", "V.s-1"), ("S/m", "S.m-1"), ("eV", "eV"),
    ],
)  # fmt: skip
def test_units_as_results_name_them(unit: str, wanted: str) -> None:
    assert names.spell(unit) == wanted

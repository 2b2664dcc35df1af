"""The tables behind the page of a sweep: units, places of extremes, pages of points."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import thincell.studies
from thincell.studies.sweep import pages, tables

VENDOR = Path(thincell.studies.__file__).parent / "templates" / "vendor"


def axis(si: str, values: list[float], written: list[str], label: str = "") -> tables.Axis:
    """An axis with a point at each of its values."""
    points = [
        {"coordinates": {"a_b": value}, "written": {"a_b": text}}
        for value, text in zip(values, written, strict=True)
    ]
    record = {"name": "a_b", "label": label, "keys": ["k"], "unit": si, "values": values}
    return tables.axes({"axes": [{**record, "written": written}], "points": points})[0]


def test_axis_takes_the_unit_written_most() -> None:
    found = axis("m", [1.5e-7, 5e-7, 1e-6], ["150 nm", "500 nm", "1 um"])
    assert (found.unit, found.shown, found.at) == ("nm", ("150", "500", "1000"), (150.0, 500.0, 1000.0))
    assert not found.logarithmic
    assert axis("m", [1e-7, 1e-6], ["0.1 um", "1um"]).unit == "µm"
    assert axis("A/m^2", [10.0, 250.0], ["1 mA/cm^2", "25 mA/cm^2"]).unit == "mA/cm²"


def test_axis_with_an_offset() -> None:
    found = axis("K", [298.15, 313.15], ["25 degC", "40 degC"])
    assert found.at == (25.0, 40.0)


def test_axis_whose_unit_cannot_be_read() -> None:
    found = axis("m", [1e-7, 1e-5], ["?", "0.1 parsnips"])
    assert (found.unit, found.at) == ("m", (1e-7, 1e-5))
    assert found.logarithmic


def test_axis_without_unit_or_label() -> None:
    found = axis("", [1.0, 2.0], ["1", "2"])
    assert (found.label, found.unit, found.shown) == ("A b", "", ("1", "2"))
    assert axis("", [1.0], ["1"], label="a_b").label == "A b"
    assert axis("", [1.0], ["1"], label="Order").label == "Order"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Charge density [C.m-2]", ("Charge density", "C m⁻²")),
        ("Dry per height squared [s.m-2]", ("Dry per height squared", "s m⁻²")),
        ("Nominal area [m2]", ("Nominal area", "m²")),
        ("Gini coefficient", ("Gini coefficient", "")),
        ("Share [1]", ("Share", "")),
    ],
)
def test_titles(name: str, expected: tuple[str, str]) -> None:
    assert tables.title(name) == expected


def test_pages_are_made_where_there_are_results_and_none_yet(tmp_path: Path) -> None:
    """Neither of a point that never ran, nor of one whose page is newer than its results."""
    run = tmp_path / "points" / "a" / "run"
    run.mkdir(parents=True)
    (tmp_path / "points" / "b").mkdir()
    for name in (
        "case.toml",
        "manifest.json",
        "summary.json",
        "history.csv",
        "electrode.csv",
        "maps.npz",
    ):
        (run / name).write_text("not a run's")
    assert pages.make_pages(tmp_path, 1) == [run]  # it was tried, in vain, and the rest goes on
    (run / "report.html").write_text("a page")
    assert pages.make_pages(tmp_path, 1) == []


def test_vendored_libraries_bring_their_licences() -> None:
    """And name no place that anything could be loaded from."""
    licences = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    for name in ("@observablehq/plot", "d3", "interval-tree-1d", "isoformat", "delaunator"):
        assert re.search(rf"^(.*, )?{name}\b", licences, re.MULTILINE)
    for file in VENDOR.iterdir():
        text = file.read_text(encoding="utf-8")
        assert "</script" not in text.lower()
        assert not re.search(r"registry|npmjs|unpkg|jsdelivr|sourceMappingURL", text)

"""Synthetic sweeps, as folders, and a browser that has no network."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from thincell.studies.case import Case
from thincell.studies.toml import dumps

AXES: list[dict[str, Any]] = [
    {
        "name": "height",
        "label": "Liquid height",
        "keys": ["cell.height"],
        "unit": "m",
        "values": [1.5e-7, 3e-7, 5e-7, 1e-6, 2e-6],
        "written": ["150 nm", "300 nm", "500 nm", "1 um", "2 um"],
    },
    {
        "name": "current",
        "label": "",
        "keys": ["protocol.0.plate"],
        "unit": "A/m^2",
        "values": [10.0, 50.0, 100.0, 250.0],
        "written": ["1 mA/cm^2", "5 mA/cm^2", "10 mA/cm^2", "25 mA/cm^2"],
    },
    {
        "name": "electrolyte",
        "label": "Electrolyte",
        "keys": ["electrolyte.name", "reactions.plating.name"],
        "unit": "",
        "values": ["lithium salt", "zinc salt", "sodium salt"],
        "written": ["lithium salt", "zinc salt", "sodium salt"],
    },
]

MORE: list[dict[str, Any]] = [
    {
        "name": "order",
        "label": "Order of the elements",
        "keys": ["mesh.order"],
        "unit": "",
        "values": [1.0, 2.0],
        "written": ["1", "2"],
    },
    {
        "name": "temperature",
        "label": "Temperature",
        "keys": ["electrolyte.temperature"],
        "unit": "K",
        "values": [273.15 + 5 * k for k in range(9)],
        "written": [f"{5 * k} degC" for k in range(9)],
    },
]

UNITS = (1e9, 0.1), ("nm", "mA/cm^2")
DROPPED = "the layer is higher than the gap is wide"
SALTS = {"lithium salt": 1.0, "zinc salt": 0.7, "sodium salt": 2.0}

Place = tuple[list[int], dict[str, Any], dict[str, str]]
"""Index, coordinates and written values of a point."""

CASE = Case.parse(
    {
        "title": "base",
        "cell": {"type": "chip"},
        "electrolyte": {"name": "LiPF6-EC-DMC"},
        "reactions": {"plating": {"name": "Li/Li+"}},
        "protocol": [{"plate": "10 mA/cm^2", "for": "10 s"}],
    }
)


def summary(place: dict[str, Any], coin: bool = False) -> dict[str, Any]:
    """Numbers that vary as those of a real sweep do: thin and fast runs dry."""
    height, density = place.get("height", 5e-7), place.get("current", 100.0)
    salt = {"lithium salt": 1.0, "zinc salt": 0.7, "sodium salt": 2.0}.get(
        place.get("electrolyte", ""), 1.0
    )
    load = 0.0 if coin else density / 100 * 5e-7 / height / salt
    dry = 10 / load if load > 1 else None
    return {
        "Title": "a point",
        "Duration [s]": 10.0,
        "Cell voltage at the end [V]": -0.1 - 0.3 * load,
        "Charge density [C.m-2]": -10 * density * (0.3 + 0.7 / load if load > 1 else 1.0),
        "Minimum concentration at the end [mol.m-3]": max(0.0, 1000 * (1 - load)),
        "Layer dry after [s]": dry,
        "Compliance voltage reached after [s]": None if dry is None else 1.2 * dry,
        "Maximum over mean current density at the end": 1.6 + density / 1000
        if coin
        else 1.3 * math.exp(min(load, 4.0)),
    }


def write(path: Path, data: Any) -> None:
    """A JSON file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


def add_point(folder: Path, coordinates: dict[str, Any], state: str, coin: bool = False) -> str:
    """The folder of one case of the sweep; its id."""
    name = hashlib.sha256(json.dumps([coordinates, coin]).encode()).hexdigest()[:16]
    place = folder / "points" / name
    reason = "Newton's method failed at t = 0.1 s <here>" if state == "failed" else ""
    write(
        place / "point.json",
        {"id": name, "state": state, "reason": reason, "run": "run", "attempts": [], "seconds": 5.0},
    )
    (place / "case.toml").write_text(dumps(CASE.resolved()), encoding="utf-8")
    (place / "log.txt").write_text("what the run said\n", encoding="utf-8")
    if state == "finished":
        write(place / "run" / "summary.json", summary(coordinates, coin))
        write(place / "run" / "manifest.json", {"state": state, "thincell": "0.1.0", "python": "3.12.1"})
        (place / "run" / "report.html").write_text(
            "<!DOCTYPE html><title>a point</title>", encoding="utf-8"
        )
    return name


def grid(axes: list[dict[str, Any]]) -> list[Place]:
    """Index, coordinates and written values of every point of a grid."""
    return [
        (
            list(index),
            {axis["name"]: axis["values"][k] for axis, k in zip(axes, index, strict=True)},
            {axis["name"]: axis["written"][k] for axis, k in zip(axes, index, strict=True)},
        )
        for index in itertools.product(*(range(len(axis["values"])) for axis in axes))
    ]


def sample(axes: list[dict[str, Any]], count: int) -> list[Place]:
    """The same of points spread over the ranges of the axes."""
    points = []
    for k in range(count):
        coordinates, written = {}, {}
        for number, (axis, factor, unit) in enumerate(
            zip(axes, (1e9, 0.1), ("nm", "mA/cm^2"), strict=True)
        ):
            low, high = axis["values"][0], axis["values"][-1]
            share = (0.5 + k * (0.618 + 0.2 * number)) % 1
            value = low * (high / low) ** share
            coordinates[axis["name"]] = value
            written[axis["name"]] = f"{value * factor:.12g} {unit}"
        points.append(([], coordinates, written))
    return points


def some_failed(number: int) -> str:
    """State of a point: every 17th failed, every 19th was dropped."""
    return "failed" if number % 17 == 4 else "dropped" if number % 19 == 7 else "finished"


def none_finished(number: int) -> str:
    """State of a point in a sweep that has just begun."""
    return "failed" if number == 2 else "running" if number < 4 else "waiting"


def write_folder(
    folder: Path,
    axes: list[dict[str, Any]],
    design: str = "grid",
    count: int = 0,
    state_of: Callable[[int], str] = some_failed,
) -> Path:
    """A sweep's folder."""
    listed = grid(axes) if design == "grid" else sample(axes, count)
    points, cases, twins = [], [], []
    for number, (index, coordinates, written) in enumerate(listed):
        state = state_of(number)
        point = {"number": number, "index": index, "coordinates": coordinates, "written": written}
        point |= {
            "symbols": {},
            "id": "",
            "twin": "",
            "dropped": "the layer is higher than the gap is wide",
        }
        if state != "dropped":
            own = {key: value for key, value in coordinates.items() if key != "height"}
            twin = add_point(folder, own, "finished", coin=True)
            point |= {"id": add_point(folder, coordinates, state), "twin": twin, "dropped": ""}
            cases.append(point["id"])
            twins.append(twin)
        points.append(point)
    ends = [
        {**axis, **{key: axis[key][:: len(axis[key]) - 1] for key in ("values", "written")}}
        for axis in axes
    ]
    record = {
        "format": 1,
        "title": "Height & current <of> a sweep",
        "description": "What um of liquid does.",
        "state": "running" if state_of is none_finished else "some points failed",
        "design": design,
        "axes": axes if design == "grid" else ends,
        "points": points,
        "symbols": {"dry": "Layer dry after [s]"},
        "derived": {"Time per current [m2.s.A-1]": "dry / current"},
        "cases": cases,
        "twins": sorted(set(twins)),
        "base": dumps(CASE.resolved()),
    }
    write(folder / "sweep.json", record)
    base = dumps({"title": record["title"], "base": CASE.resolved()})
    (folder / "sweep.toml").write_text(base, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium of this system."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium on this system")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    switches += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=found, headless=True, args=switches)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes the page of a kind of sweep, once."""
    from thincell.studies.sweep.report import write_sweep

    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = synthetic(tmp_path_factory.mktemp(kind), kind)
            write_sweep(made[kind], processes=1)
        return made[kind]

    return make


def synthetic(folder: Path, kind: str) -> Path:
    """The sweeps of these tests by name."""
    if kind == "sample":
        return write_folder(folder, AXES[:2], "latin-hypercube", 40)
    if kind == "begun":
        return write_folder(folder, AXES[:2], state_of=none_finished)
    return write_folder(folder, {"grid": AXES, "single": AXES[1:2], "many": [*AXES, *MORE]}[kind])

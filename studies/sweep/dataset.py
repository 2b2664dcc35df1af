"""The dataset of a sweep for xarray: one dimension per axis of a grid, one of points for a sample."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray

from thincell import __version__
from thincell.studies.sweep import names
from thincell.studies.sweep.collect import Row


def dataset(record: Mapping[str, Any], rows: Sequence[Row]) -> xarray.Dataset:
    """All rows of a sweep as a dataset."""
    fill = _on_grid(record, rows) if record["design"] == "grid" else _on_points(rows)
    told = {name: _attributes(name, meaning) for name, meaning in names.TOLD.items()}
    numbers = {name: _attributes(name) for name in rows[0].numbers}
    for name, text in record["derived"].items():
        numbers[name]["expression"] = text
    variables = {
        **{name: (*fill([row.told[name] for row in rows]), told[name]) for name in told},
        **{name: (*fill([row.numbers[name] for row in rows]), numbers[name]) for name in numbers},
    }
    return xarray.Dataset(variables, _coordinates(record, rows), _sweep(record))


def write(found: xarray.Dataset, path: Path) -> None:
    """Atomically replace a netCDF file."""
    temporary = path.with_name(path.name + ".part")
    found.to_netcdf(temporary, engine="h5netcdf")
    temporary.replace(path)


Filled = tuple[list[str], np.ndarray[Any, Any]]


def _on_grid(record: Mapping[str, Any], rows: Sequence[Row]) -> Callable[[list[Any]], Filled]:
    dimensions = [axis["name"] for axis in record["axes"]]
    shape = [len(axis["values"]) for axis in record["axes"]]
    places = tuple(np.array([row.index for row in rows]).T)

    def fill(values: list[Any]) -> Filled:
        plain = np.array(values)
        grid = np.empty(shape, dtype=plain.dtype)
        grid[places] = plain
        return dimensions, grid

    return fill


def _on_points(rows: Sequence[Row]) -> Callable[[list[Any]], Filled]:
    return lambda values: (["point"], np.array(values))


def _coordinates(record: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    grid = record["design"] == "grid"
    found: dict[str, Any] = {}
    if not grid:
        found["point"] = (["point"], np.array([row.number for row in rows]))
    for axis in record["axes"]:
        name = axis["name"]
        values = axis["values"] if grid else [row.coordinates[name] for row in rows]
        attributes = {"long_name": axis["label"], "key": ", ".join(axis["keys"])}
        if axis["unit"]:
            attributes["units"] = names.spell(axis["unit"])
        attributes["written"] = "; ".join(axis["written"])
        found[name] = ([name if grid else "point"], np.array(values), attributes)
    return found


def _attributes(name: str, meaning: str = "") -> dict[str, str]:
    match = re.search(r" \[([^\]]+)\]$", name)
    units = {"units": match[1]} if match else {}
    return {"long_name": meaning or re.sub(r" \[[^\]]+\]$", "", name), **units}


def _sweep(record: Mapping[str, Any]) -> dict[str, str]:
    rest = {key: value for key, value in record.items() if key != "state"}
    return {
        "title": record["title"],
        "description": record["description"],
        "thincell": __version__,
        "case": record["base"],
        "sweep": json.dumps(rest, ensure_ascii=False),
    }

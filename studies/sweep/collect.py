"""The results of a sweep as one table: results.nc and results.csv.

Everything comes from the records in the folder (sweep.json, the points' point.json and summary.json),
so that it can be gathered at any time, also while points still run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thincell.studies import output, regime
from thincell.studies.sweep import expression, names
from thincell.studies.sweep.expression import Expression, Value
from thincell.studies.sweep.folder import DATASET, TABLE, point_folder, read_point, read_record

if TYPE_CHECKING:
    import xarray

SUMMARY = "summary.json"


@dataclass(frozen=True)
class Row:
    """What is known of one point. ``numbers`` are results, NaN where there is none."""

    number: int
    index: tuple[int, ...]
    coordinates: dict[str, float | str]
    told: dict[str, str | float]
    numbers: dict[str, float]


def collect(folder: str | Path) -> xarray.Dataset:
    """Gather a sweep's folder, write results.nc and results.csv into it, and give the dataset."""
    from thincell.studies.sweep.dataset import dataset, write

    folder = Path(folder)
    record = read_record(folder)
    found = rows(folder, record)
    gathered = dataset(record, found)
    write(gathered, folder / DATASET)
    output.write_rows(folder / TABLE, _table(record, found))
    return gathered


def rows(folder: Path, record: Mapping[str, Any]) -> list[Row]:
    """All points in order; every row has the same results."""
    derived = _derived(record)
    found = [_row(folder, record, point, derived) for point in record["points"]]
    every = dict.fromkeys(name for row in found for name in row.numbers)
    order = [name for name in every if name not in record["derived"]] + list(record["derived"])
    return [
        Row(row.number, row.index, row.coordinates, row.told,
            {name: row.numbers.get(name, math.nan) for name in order})
        for row in found
    ]  # fmt: skip


def _derived(record: Mapping[str, Any]) -> dict[str, Expression]:
    known = [axis["name"] for axis in record["axes"]] + list(record["symbols"])
    found = {}
    for name, text in record["derived"].items():
        found[name] = expression.read(text, f"derived.{name!r}", known)
        known.append(name)
    return found


def _row(
    folder: Path, record: Mapping[str, Any], point: Mapping[str, Any], derived: Mapping[str, Expression]
) -> Row:
    told, summary = _told(folder, point)
    numbers = _numbers(summary)
    if point["twin"]:
        coin = _numbers(_finished_summary(folder, point["twin"]))
        numbers |= {names.COIN + name: value for name, value in coin.items()}
    values: dict[str, Value] = {**point["coordinates"]}
    for name, target in record["symbols"].items():
        values[name] = point["symbols"].get(name, numbers.get(names.allowed(target), math.nan))
    for name, formula in derived.items():
        dropped = bool(point["dropped"])
        numbers[name] = values[name] = math.nan if dropped else expression.number(formula, values)
    return Row(point["number"], tuple(point["index"]), point["coordinates"], told, numbers)


def _told(folder: Path, point: Mapping[str, Any]) -> tuple[dict[str, str | float], dict[str, Any]]:
    """What is told of a point besides its results, and its summary."""
    status, reason, attempts, seconds, summary = "dropped", point["dropped"], 0, math.nan, {}
    if not point["dropped"]:
        place = point_folder(folder, point["id"])
        found = read_point(place)
        status, reason, attempts = found.state, found.reason, len(found.attempts)
        seconds = found.seconds if attempts else math.nan
        if status == "finished":
            summary = _read(place / found.run / SUMMARY)
    told: dict[str, str | float] = {
        names.STATUS: status,
        names.REASON: reason,
        names.POINT: point["id"],
        names.REGIME: regime.regime(summary),
        names.ATTEMPTS: attempts,
        names.WALL_TIME: seconds,
    }
    return told, summary


def _finished_summary(folder: Path, id_: str) -> dict[str, Any]:
    """Only a run that finished with closed books has results."""
    place = point_folder(folder, id_)
    found = read_point(place)
    return _read(place / found.run / SUMMARY) if found.state == "finished" else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _numbers(summary: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a summary; what did not happen is NaN."""
    return {
        names.allowed(name): math.nan if value is None else float(value)
        for name, value in summary.items()
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    }


def _table(record: Mapping[str, Any], found: list[Row]) -> list[dict[str, Any]]:
    """Rows of results.csv: empty where there is nothing."""
    heads = {
        axis["name"]: f"{axis['name']} [{names.spell(axis['unit'])}]" if axis["unit"] else axis["name"]
        for axis in record["axes"]
    }
    return [
        {
            "Number": row.number,
            **{heads[name]: value for name, value in row.coordinates.items()},
            **{name: _blank(value) for name, value in row.told.items()},
            **{name: _blank(value) for name, value in row.numbers.items()},
        }
        for row in found
    ]


def _blank(value: str | float) -> str | float:
    return "" if isinstance(value, float) and math.isnan(value) else value

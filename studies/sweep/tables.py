"""What the page of a sweep shows, as plain tables: axes in the user's units, quantities and points."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray

from thincell.model.units import UnitError, parse
from thincell.studies import regime
from thincell.studies.sweep import names
from thincell.studies.sweep.folder import PAGE, POINT_LOG, point_folder
from thincell.studies.sweep.pages import run_folder
from thincell.studies.wording import nice, number

#: Most telling first; the first three with values are what the page opens with.
HEADLINES = (
    regime.UNEVENNESS,
    regime.DRY,
    "Charge density [C.m-2]",
    "Minimum concentration at the end [mol.m-3]",
    "Cell voltage at the end [V]",
)
EFFORT = (names.ATTEMPTS, names.WALL_TIME)

_UNIT = re.compile(r"^(?P<name>.*?) \[(?P<unit>[^\]]+)\]$")
_WRITTEN = re.compile(
    r"^\s*(?P<value>[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)\s*(?P<unit>.*?)\s*$", re.IGNORECASE
)
_POWER = re.compile(r"(?<=[A-Za-z])-?\d+")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Axis:
    """An axis as it is shown: ``values`` and ``shown`` in ``unit``; labels if it is no quantity."""

    name: str
    label: str
    keys: tuple[str, ...]
    unit: str
    values: tuple[float | str, ...]
    shown: tuple[str, ...]
    at: tuple[float | str, ...]
    """The value of every point."""

    @property
    def span(self) -> str:
        """Its range, for an axis that takes a value of its own at every point."""
        numbers = [v for v in self.at if not isinstance(v, str)]
        return f"{number(min(numbers), 4)} to {number(max(numbers), 4)}" if numbers else "–"

    @property
    def logarithmic(self) -> bool:
        """Whether its values spread over decades rather than evenly."""
        numbers = [v for v in self.at if not isinstance(v, str)]
        return (
            len(numbers) == len(self.at) > 0 and min(numbers) > 0 and max(numbers) / min(numbers) >= 10
        )


def axes(record: Mapping[str, Any]) -> list[Axis]:
    """The axes of sweep.json, each in the unit that its user wrote."""
    return [_axis(axis, record["points"]) for axis in record["axes"]]


def _axis(axis: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> Axis:
    name = axis["name"]
    raw = [point["coordinates"][name] for point in points]
    written = [str(point["written"].get(name, "")) for point in points]
    unit, convert = _unit_of(axis["unit"], written) if axis["unit"] else ("", float)
    values = tuple(v if isinstance(v, str) else convert(v) for v in axis["values"])
    return Axis(
        name=name,
        label=axis["label"] if axis["label"] not in ("", name) else name.replace("_", " ").capitalize(),
        keys=tuple(axis["keys"]),
        unit=nice(f" {unit}").strip(),
        values=values,
        shown=tuple(nice(v) if isinstance(v, str) else number(v, 4) for v in values),
        at=tuple(v if isinstance(v, str) else convert(v) for v in raw),
    )


def _unit_of(si: str, written: Sequence[str]) -> tuple[str, Any]:
    """The unit written most often, and the conversion into it."""
    found = [match["unit"] for text in written if (match := _WRITTEN.match(text.split(",")[0]))]
    if not found:
        return si, float
    unit = max(dict.fromkeys(found), key=found.count)
    try:
        zero, one = parse(f"0 {unit}", si), parse(f"1 {unit}", si)
    except UnitError:
        return si, float
    return unit, lambda value: float(f"{(value - zero) / (one - zero):.12g}")


def title(name: str) -> tuple[str, str]:
    """A result's name and its unit in typographic writing: [A.m-2] is A m⁻²."""
    match = _UNIT.match(name)
    if match is None:
        return name, ""
    unit = match["unit"].replace(".", " ") if match["unit"] not in ("1", "-") else ""
    return match["name"], _POWER.sub(lambda power: power.group().translate(_RAISED), unit)


def columns(dataset: xarray.Dataset, record: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every variable as a list over the points of sweep.json."""
    dimensions = [axis["name"] for axis in record["axes"]]
    grid = set(dimensions) <= set(dataset.sizes)
    found = {}
    for name, variable in dataset.data_vars.items():
        if grid:
            values = variable.transpose(*dimensions).values
            column = [values[tuple(point["index"])] for point in record["points"]]
        else:
            column = list(variable.values)
        found[str(name)] = [_plain(value) for value in column]
    return found


def _plain(value: Any) -> Any:
    """A value for JSON: numbers with eight digits, what is no number as None."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, np.integer | np.bool_ | int):
        return int(value)
    if isinstance(value, np.floating | float):
        return float(f"{value:.8g}") if math.isfinite(value) else None
    return str(value)


def quantities(dataset: xarray.Dataset, table: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """The numbers that can be shown: headlines first, then what was derived, the rest, the effort."""
    numeric = [n for n in table if dataset[n].dtype.kind in "fiu" and not n.startswith(names.COIN)]
    shown = [name for name in numeric if any(value is not None for value in table[name])]
    head = [name for name in HEADLINES if name in shown][:3]
    derived = [name for name in numeric if "expression" in dataset[name].attrs]
    effort = [name for name in EFFORT if name in numeric]
    rest = [name for name in numeric if name not in {*head, *derived, *effort}]
    groups = (("headline", head), ("derived", derived), ("result", rest), ("effort", effort))
    return [
        {
            "name": name,
            "label": title(name)[0],
            "unit": title(name)[1],
            "group": group,
            "expression": str(dataset[name].attrs.get("expression", "")),
            "values": table[name],
            "twin": _or_nothing(table.get(names.COIN + name, [])),
        }
        for group, members in groups
        for name in dict.fromkeys(members)
    ]


def _or_nothing(column: list[Any]) -> list[Any] | None:
    return column if any(value is not None for value in column) else None


def points(
    folder: Path, record: Mapping[str, Any], table: Mapping[str, list[Any]]
) -> list[dict[str, Any]]:
    """Number, place, state, reason and page of every point."""
    return [
        {
            "number": point["number"],
            "index": point["index"],
            "id": point["id"],
            "status": table[names.STATUS][k],
            "regime": table[names.REGIME][k] or "",
            "reason": table[names.REASON][k] or "",
            "page": _file(folder, point["id"], PAGE),
            "log": _file(folder, point["id"], POINT_LOG),
            "twin": _file(folder, point["twin"], PAGE),
        }
        for k, point in enumerate(record["points"])
    ]


def _file(folder: Path, point: str, name: str) -> str:
    """The page or log of a point relative to the sweep's folder; empty if there is none."""
    place = point_folder(folder, point)
    path = (run_folder(place) if name == PAGE else place) / name
    return path.relative_to(folder).as_posix() if point and path.is_file() else ""


def glance(found: Sequence[Mapping[str, Any]], listed: Sequence[Axis]) -> list[list[str]]:
    """Rows of the table on top: a headline, where it is smallest and largest, and its twin."""
    rows = []
    for item in found:
        if item["group"] != "headline":
            continue
        numbers = {k: v for k, v in enumerate(item["values"]) if v is not None}
        twins = [v for v in item["twin"] or () if v is not None]
        low, high = min(numbers, key=numbers.__getitem__), max(numbers, key=numbers.__getitem__)
        head = item["label"] + (f" [{item['unit']}]" if item["unit"] else "")
        cells = [head, str(len(numbers))]
        for k in (low, high):
            cells += [number(numbers[k]), ", ".join(_place(axis, k) for axis in listed)]
        rows.append([*cells, _range(twins)])
    return [[nice(cell) for cell in row] for row in rows]


def _place(axis: Axis, point: int) -> str:
    value = axis.at[point]
    return value if isinstance(value, str) else f"{number(value, 4)} {axis.unit}".strip()


def _range(values: Sequence[float]) -> str:
    if not values:
        return "–"
    low, high = number(min(values)), number(max(values))
    return low if low == high else f"{low} to {high}"

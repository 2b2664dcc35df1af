"""The points of a sweep: all combinations of the axes' values, or a sample of their ranges."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from thincell.studies.schema.errors import InputError
from thincell.studies.sweep.file import AxisTable, DesignTable, SweepFile
from thincell.studies.sweep.quantity import Range, label, number

MOST = 100_000
"""Points of a sweep."""


@dataclass(frozen=True)
class Axis:
    """What changes, and its values in SI (``unit`` is "" for plain numbers) or their names.

    Of a sample, ``values`` are the ends of the range. ``settings`` are the changes of the case at each
    value.
    """

    name: str
    label: str
    keys: tuple[str, ...]
    unit: str
    values: tuple[float | str, ...]
    written: tuple[str, ...]
    settings: tuple[dict[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Place:
    """One place in the design, not a case yet. ``index`` is empty in a sample."""

    index: tuple[int, ...]
    coordinates: dict[str, float | str]
    written: dict[str, str]
    changes: dict[str, Any]


def axes(file: SweepFile) -> tuple[Axis, ...]:
    """The axes of a sweep file; InputError when values do not go together."""
    return tuple(_axis(table, f"axis.{k}") for k, table in enumerate(file.axes))


def places(file: SweepFile, along: tuple[Axis, ...]) -> Iterator[Place]:
    """Every place of the design; of a grid, the last axis changes first."""
    if file.design.method != "grid":
        yield from _sample(file.design, file.axes, along)
        return
    count = math.prod(len(axis.values) for axis in along)
    if count > MOST:
        raise InputError(f"axis: the grid has {count} points; at most {MOST} are possible")
    for index in itertools.product(*(range(len(axis.values)) for axis in along)):
        pairs = list(zip(along, index, strict=True))
        yield Place(
            index,
            {axis.name: axis.values[k] for axis, k in pairs},
            {axis.name: axis.written[k] for axis, k in pairs},
            {key: value for axis, k in pairs for key, value in axis.settings[k].items()},
        )


def _sample(design: DesignTable, tables: list[AxisTable], along: tuple[Axis, ...]) -> Iterator[Place]:
    ranges = [_range(table, f"axis.{k}") for k, table in enumerate(tables)]
    for shares in _shares(design, len(ranges)):
        values = [span.at(float(share)) for span, share in zip(ranges, shares, strict=True)]
        found = [number(value) for value in values]
        yield Place(
            (),
            {axis.name: at[0] for axis, at in zip(along, found, strict=True) if at is not None},
            {axis.name: label(value) for axis, value in zip(along, values, strict=True)},
            {axis.keys[0]: value for axis, value in zip(along, values, strict=True)},
        )


def _shares(design: DesignTable, dimensions: int) -> Any:
    """Points of the unit cube, the same for the same seed."""
    from scipy.stats import qmc

    kind = {"latin-hypercube": qmc.LatinHypercube, "sobol": qmc.Sobol}[design.method]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Sobol numbers that are no power of two
        return kind(dimensions, rng=design.seed).random(design.points)


def _range(table: AxisTable, place: str) -> Range:
    return Range.between(table.start, table.stop, table.spacing, place)


def _axis(table: AxisTable, place: str) -> Axis:
    if table.zip is not None:
        columns = list(table.zip.values())
        settings = [dict(zip(table.zip, row, strict=True)) for row in zip(*columns, strict=True)]
        return _listed(table, settings, f"{place}.zip")
    if table.values is not None:
        return _listed(table, [{table.key: value} for value in table.values], f"{place}.values")
    span = _range(table, place)
    count = 2 if table.count is None else table.count  # of a sample: its ends
    values = [span.at(k / (count - 1)) for k in range(count)]
    return _listed(table, [{table.key: value} for value in values], place)


def _listed(table: AxisTable, settings: list[dict[str, Any]], place: str) -> Axis:
    written = tuple(_together(setting) for setting in settings)
    unit, values = _coordinates(table, settings, place)
    seen: set[float | str] = set()
    for text, value in zip(written, values, strict=True):
        if value in seen:
            raise InputError(
                f"{place}: {text!r} is there twice (as {value!r}); remove one, or give labels"
            )
        seen.add(value)
    return Axis(
        table.name, table.label or table.name, table.keys, unit, values, written, tuple(settings)
    )


def _coordinates(
    table: AxisTable, settings: list[dict[str, Any]], place: str
) -> tuple[str, tuple[float | str, ...]]:
    """Unit and values along the axis: labels if there are any, else the first key's values."""
    if table.labels is not None:
        return "", tuple(table.labels)
    first = [next(iter(setting.values())) for setting in settings]
    found = [number(value) for value in first]
    numbers = [item for item in found if item is not None and math.isfinite(item[0])]
    if not numbers:
        names = [label(value) for value in first]
        return "", tuple(names if len(set(names)) == len(names) else map(_together, settings))
    unit = numbers[0][1]
    for value, item in zip(first, found, strict=True):
        if item is None or item[1] != unit or not math.isfinite(item[0]):
            wanted = f"a quantity in units of {unit}" if unit else "a number without unit"
            raise InputError(
                f"{place}: {label(value)!r} is not {wanted} as the others; for values of different"
                " kinds give labels"
            )
    return unit, tuple(value for value, _ in numbers)


def _together(setting: dict[str, Any]) -> str:
    return ", ".join(label(value) for value in setting.values())

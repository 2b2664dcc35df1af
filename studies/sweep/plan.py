"""From a sweep file to its points: which cases are run, which are dropped and why, what they cost.

The identity of a point is that of its case: titles do not matter, and points that stay when an axis is
changed keep their results. Nothing is solved here and no mesh is made; the cost is a case's validation
for each point.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thincell.studies.case import Case, assign
from thincell.studies.schema.cell import ChipCell, CoinCell
from thincell.studies.schema.errors import InputError
from thincell.studies.sweep import design, expression
from thincell.studies.sweep.design import Axis, Place
from thincell.studies.sweep.estimate import seconds
from thincell.studies.sweep.expression import Expression, Value
from thincell.studies.sweep.file import SweepFile, overlap
from thincell.studies.sweep.names import COIN, TOLD, results
from thincell.studies.sweep.reading import read
from thincell.studies.sweep.symbols import Symbols
from thincell.studies.sweep.twins import Twins
from thincell.studies.toml import dumps

FORMAT = 1
"""Of sweep.json."""

INVALID = "not a valid case: "


@dataclass(frozen=True)
class Point:
    """One place of the design and its case: ``id`` is "" if it is dropped, ``twin`` if it has none.

    ``symbols`` are the values (SI) of those symbols that are keys of the case.
    """

    number: int
    index: tuple[int, ...]
    coordinates: dict[str, float | str]
    written: dict[str, str]
    id: str
    dropped: str
    twin: str
    symbols: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SweepPlan:
    """All that a sweep will do. ``cases`` holds each distinct case once, twins included."""

    file: SweepFile
    base: Case
    design: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    cases: dict[str, Case]
    twins: frozenset[str]
    estimate: dict[str, float]

    @property
    def title(self) -> str:
        """The sweep's title, or that of its base case."""
        return self.file.title or self.base.title


@dataclass(frozen=True)
class _Rule:
    condition: Expression
    reason: str


def plan(path: str | Path, overrides: Iterable[str] = ()) -> SweepPlan:
    """The plan of a sweep file; InputError, one line per mistake.

    ``overrides`` are texts KEY=VALUE that change the base case.
    """
    file = read(path, tuple(overrides))
    base = _base(file)
    axes = design.axes(file)
    symbols = Symbols.of(file, base)
    rules = _rules(file, axes, symbols)
    _check_derived(file, base, axes, symbols)
    planner = _Planner(file, base, axes, symbols, rules)
    for number, place in enumerate(design.places(file, axes)):
        planner.add(number, place)
    planner.check()
    return SweepPlan(
        file,
        base,
        file.design.method,
        axes,
        tuple(planner.points),
        planner.cases,
        frozenset(planner.twins.ids),
        seconds(planner.cases),
    )


def record(found: SweepPlan) -> dict[str, Any]:
    """What sweep.json holds before anything has run."""
    return {
        "format": FORMAT,
        "title": found.title,
        "description": found.file.description or found.base.description,
        "state": "running",
        "design": found.design,
        "axes": [
            {
                "name": axis.name,
                "label": axis.label,
                "keys": list(axis.keys),
                "unit": axis.unit,
                "values": list(axis.values),
                "written": list(axis.written),
            }
            for axis in found.axes
        ],
        "points": [
            {
                "number": point.number,
                "index": list(point.index),
                "coordinates": point.coordinates,
                "written": point.written,
                "id": point.id,
                "dropped": point.dropped,
                "twin": point.twin,
                "symbols": point.symbols,
            }
            for point in found.points
        ],
        "symbols": dict(found.file.symbols),
        "derived": dict(found.file.derived),
        "cases": list(found.cases),
        "twins": sorted(found.twins),
        "base": dumps(found.base.resolved()),
    }


def _base(file: SweepFile) -> Case:
    """The base case with the fixed changes; it and its second attempt must be good cases."""
    data = copy.deepcopy(file.base or {})
    with _told("base case"):
        base = Case.parse(data)
    if file.changes:
        with _told("set"):
            for key, value in file.changes.items():
                assign(data, key, value)
            base = Case.parse(data)
    with _told("engine.retry"):
        base.changed({**file.engine.retry, "compare.vary": {}})
    return base


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Tell mistakes with their place in the sweep file."""
    try:
        yield
    except InputError as error:
        raise InputError("\n".join(f"{place}: {line}" for line in str(error).splitlines())) from None


def _rules(file: SweepFile, axes: tuple[Axis, ...], symbols: Symbols) -> list[_Rule]:
    known = [axis.name for axis in axes] + list(symbols.keys)
    rules = []
    for k, table in enumerate(file.drop):
        place = f"drop.{k}.when"
        condition = expression.read(table.when, place, [*known, *symbols.results])
        for name in sorted(condition.names & set(symbols.results)):
            raise InputError(
                f"{place}: {name!r} is a result, known only after a run; a rule takes axes and keys of"
                " the case"
            )
        rules.append(_Rule(condition, table.reason))
    return rules


def _check_derived(file: SweepFile, base: Case, axes: tuple[Axis, ...], symbols: Symbols) -> None:
    """Every derived result must be a number, made of what is known before it."""
    sample: dict[str, Value] = {axis.name: axis.values[0] for axis in axes}
    sample |= dict.fromkeys((*symbols.keys, *symbols.results), 1.0)
    own = {*results(base.reactions), *TOLD, *sample}
    for name, text in file.derived.items():
        place = f"derived.{name!r}"
        if not name.strip() or name in own or name.startswith(COIN) or "/" in name:
            raise InputError(
                f"{place}: this name is taken or holds '/'; choose another, with its unit as in"
                " 'Dry after, per height [s.m-1]'"
            )
        expression.check_number(expression.read(text, place, sample), sample)
        sample[name] = 1.0


class _Planner:
    """Collects points, cases and what is wrong with them."""

    def __init__(
        self,
        file: SweepFile,
        base: Case,
        axes: tuple[Axis, ...],
        symbols: Symbols,
        rules: list[_Rule],
    ) -> None:
        self.title, self.base, self.axes = file.title or base.title, base, axes
        self.symbols = symbols
        self.early = [r for r in rules if not r.condition.names & set(symbols.keys)]
        self.late = [r for r in rules if r not in self.early]
        self.points: list[Point] = []
        self.cases: dict[str, Case] = {}
        self.twins = Twins(_wants_twins(file, base))
        self.invalid: dict[str, None] = {}

    def add(self, number: int, place: Place) -> None:
        """One more point, run or dropped."""
        dropped, values = _first(self.early, place.coordinates), {}
        case = None if dropped else self._case(place)
        if isinstance(case, InputError):
            lines = str(case).splitlines()
            self.invalid |= dict.fromkeys(lines)
            dropped, case = INVALID + "; ".join(lines), None
        if case is not None:
            values = self.symbols.values(case)
            dropped = _first(self.late, {**place.coordinates, **values})
        twin = id_ = ""
        if case is not None and not dropped:
            id_ = self._keep(case)
            with _told("twin.run"):
                twin = self.twins.id_of(case, self._keep)
        self.points.append(
            Point(number, place.index, place.coordinates, place.written, id_, dropped, twin, values)
        )

    def _case(self, place: Place) -> Case | InputError:
        where = ", ".join(f"{axis.label} {place.written[axis.name]}" for axis in self.axes)
        try:
            return self.base.changed(
                {**place.changes, "compare.vary": {}, "title": f"{self.title}: {where}"}
            )
        except InputError as error:
            return error

    def _keep(self, case: Case) -> str:
        id_ = case.fingerprint()[:16]
        self.cases.setdefault(id_, case)
        return id_

    def check(self) -> None:
        """InputError when there is nothing to run."""
        if self.cases:
            return
        lines = [self._with_axis(line) for line in list(self.invalid)[:10]]
        reasons = dict.fromkeys(p.dropped for p in self.points if not p.dropped.startswith(INVALID))
        lines += [f"drop: every point is dropped: {reason}" for reason in reasons]
        raise InputError("\n".join(lines))

    def _with_axis(self, line: str) -> str:
        """A mistake of a case with the axis that made it."""
        place = line.partition(":")[0]
        for k, axis in enumerate(self.axes):
            if any(overlap(place, key) for key in axis.keys):
                return f"axis.{k} ({axis.name}): {line}"
        return f"every point is invalid: {line}"


def _wants_twins(file: SweepFile, base: Case) -> bool:
    if file.twin.run and isinstance(base.cell, CoinCell):
        raise InputError("twin.run: the base is a coin cell already; only chips and meshes have twins")
    return isinstance(base.cell, ChipCell) if file.twin.run is None else file.twin.run


def _first(rules: list[_Rule], values: dict[str, Any]) -> str:
    """Reason of the first rule that holds, or nothing."""
    return next((r.reason for r in rules if expression.holds(r.condition, values)), "")

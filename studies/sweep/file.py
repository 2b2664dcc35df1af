"""The sweep file: which keys of a case take which values, what is dropped, how the points are run.

`reading.read` reads one; here is what it may hold.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from thincell.studies.case import json_ready
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import Duration, Flag, Integer
from thincell.studies.sweep.expression import reserved

SAFER = {"solver.tolerance": 1e-4, "solver.first_step": "1 us"}
"""Settings of a point's second attempt: smaller time steps."""

SAMPLED = ("latin-hypercube", "sobol")


class SweepTable(Table):
    """A table of the sweep file; keys are known by the name that users write only."""

    model_config = ConfigDict(populate_by_name=False)


class AxisTable(SweepTable):
    """What changes: one key with its values or its range, or several keys that change together."""

    name: str = Field(default="", description="Name in expressions and in the results.")
    label: str = Field(default="", description="Name in plots (default: the name).")
    key: str = Field(default="", description="Dotted key of the case, as in --set.")
    values: list[Any] | None = Field(default=None, description="Its values.")
    start: Any = Field(default=None, alias="from", description="Lower end of a range.")
    stop: Any = Field(default=None, alias="to", description="Upper end of a range.")
    count: Integer | None = Field(default=None, ge=2, le=10000, description="Values in the range.")
    spacing: Literal["linear", "log"] = Field(default="linear", description="Of the range.")
    zip: dict[str, list[Any]] | None = Field(
        default=None, description="Keys that change together, each with its list of values."
    )
    labels: list[str] | None = Field(default=None, description="Names of the values.")

    @field_validator("name")
    @classmethod
    def _identifier(cls, name: str) -> str:
        return identifier(name, "height")

    @model_validator(mode="after")
    def _whole(self) -> AxisTable:
        if not self.name:
            raise fault("axis", "it is missing; an axis needs a name such as 'height'", {}, at="name")
        if (self.key == "") == (self.zip is None):
            raise fault(
                "axis", "give either key (such as 'cell.height') or zip = {{ key = [...], ... }}", {}
            )
        ranged = self.start is not None or self.stop is not None
        if self.zip is not None:
            self._check_zip(self.zip, ranged)
        elif ranged == (self.values is not None):
            raise fault("axis", "give either values = [...] or a range: from, to and count", {})
        elif ranged:
            self._check_range()
        self._check_list()
        for key in self.keys:
            if not all(part.strip() for part in key.split(".")):
                raise fault("axis", "{key!r} is not a dotted key", {"key": key}, at="key")
        return self

    def _check_zip(self, zipped: dict[str, list[Any]], ranged: bool) -> None:
        if ranged or self.values is not None:
            raise fault("axis", "zip holds the values: remove values, from and to", {}, at="zip")
        lengths = {key: len(values) for key, values in zipped.items()}
        if not lengths or 0 in lengths.values():
            raise fault("axis", "it has no values", {}, at="zip")
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{key} has {n}" for key, n in lengths.items())
            raise fault("axis", "the lists must be equally long: {told}", {"told": told}, at="zip")

    def _check_range(self) -> None:
        for key, value in (("from", self.start), ("to", self.stop)):
            if value is None:
                raise fault("axis", "it is missing; a range has from and to", {}, at=key)
        if self.labels is not None:
            raise fault("axis", "labels are for values and zip, not for a range", {}, at="labels")

    def _check_list(self) -> None:
        given = self.model_fields_set & {"count", "spacing"}
        if self.start is None and given:
            told = {"key": sorted(given)[0]}
            raise fault("axis", "{key} is for a range: from and to", told, at=told["key"])
        if self.values == []:
            raise fault("axis", "it has no values", {}, at="values")
        long = len(next(iter(self.zip.values()))) if self.zip is not None else len(self.values or [])
        if self.labels is not None and len(self.labels) != long:
            told_ = {"n": len(self.labels), "m": long}
            raise fault("axis", "{n} labels for {m} values", told_, at="labels")

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the case that it changes."""
        return tuple(self.zip) if self.zip is not None else (self.key,)


class DesignTable(SweepTable):
    """Which points: all combinations, or a sample."""

    method: Literal["grid", "latin-hypercube", "sobol"] = "grid"
    points: Integer | None = Field(default=None, ge=1, le=100_000, description="Size of a sample.")
    seed: Integer = Field(default=0, ge=0, lt=2**63, description="Of the sample.")

    @model_validator(mode="after")
    def _sized(self) -> DesignTable:
        sampled = self.method in SAMPLED
        if sampled and self.points is None:
            told = {"method": self.method}
            raise fault("design", "it is missing; {method} needs points = 64, say", told, at="points")
        if not sampled and self.points is not None:
            text = "a grid has the points of its axes; remove it, or set method = 'latin-hypercube'"
            raise fault("design", text, {}, at="points")
        return self


class DropTable(SweepTable):
    """A rule for points that make no sense."""

    when: str = Field(default="", description="Condition in axes and symbols, SI values.")
    reason: str = Field(default="", description="Why; recorded with the point.")

    @model_validator(mode="after")
    def _whole(self) -> DropTable:
        for key, example in (("when", "height > gap"), ("reason", "higher than the gap is wide")):
            if not getattr(self, key).strip():
                told = {"example": example}
                raise fault("drop", "it is missing; write for example {example!r}", told, at=key)
        return self


class TwinTable(SweepTable):
    """Coin-cell twins."""

    run: Flag | None = Field(default=None, description="Default: true when the base is a chip.")


class LocalTable(SweepTable):
    """Points side by side on this machine."""

    cores: Integer | None = Field(default=None, ge=1, description="Default: all.")


class SlurmTable(SweepTable):
    """Points on a cluster."""

    partition: str | None = None
    account: str | None = None
    walltime: str = "01:00:00"
    nodes: Integer = Field(default=1, ge=1, description="Per block.")
    points_per_node: Integer = Field(default=1, ge=1, description="Side by side on a node.")
    blocks: Integer = Field(default=1, ge=1, description="Most blocks at once.")
    scheduler_options: str = Field(default="", description="Further #SBATCH lines.")
    worker_init: str = Field(default="", description="Shell lines before the workers start.")

    @field_validator("walltime")
    @classmethod
    def _clock(cls, walltime: str) -> str:
        if not re.fullmatch(r"\d{1,4}:[0-5]\d:[0-5]\d", walltime):
            told = {"text": walltime}
            raise fault("engine", "{text!r} is not a time; write for example '01:00:00'", told)
        return walltime


class EngineTable(SweepTable):
    """How the points are run."""

    ranks: Integer = Field(default=1, ge=1, description="MPI ranks per point.")
    time_limit: Duration | None = Field(default=None, description="Per attempt of a point.")
    retry: dict[str, Any] = Field(default=SAFER, description="Settings of the second attempt.")
    launcher: str = Field(default="mpiexec -n {ranks}", description="For more than one rank.")
    local: LocalTable = LocalTable()
    slurm: SlurmTable = SlurmTable()

    @field_validator("launcher")
    @classmethod
    def _format(cls, launcher: str) -> str:
        rest = launcher.replace("{ranks}", "")
        if rest == launcher or "{" in rest or "}" in rest:
            text = "{text!r} must hold {{ranks}} and no other braces, as in 'srun -n {{ranks}}'"
            raise fault("engine", text, {"text": launcher})
        return launcher


class SweepFile(SweepTable):
    """One validated sweep file."""

    title: str = Field(default="", description="Title of the report (default: the base's).")
    description: str = ""
    case: str = Field(default="", description="File of the base case.")
    base: dict[str, Any] | None = Field(default=None, description="Or the base case itself.")
    changes: dict[str, Any] = Field(default={}, alias="set", description="Fixed changes of the base.")
    axes: list[AxisTable] = Field(default=[], alias="axis")
    design: DesignTable = DesignTable()
    symbols: dict[str, str] = Field(default={}, description="Names of other quantities.")
    drop: list[DropTable] = Field(default=[], description="Rules for points not to run.")
    derived: dict[str, str] = Field(default={}, description="Further results, as expressions.")
    twin: TwinTable = TwinTable()
    engine: EngineTable = EngineTable()

    @field_validator("symbols")
    @classmethod
    def _identifiers(cls, symbols: dict[str, str]) -> dict[str, str]:
        for name in symbols:
            identifier(name, "gap")
        return symbols

    @model_validator(mode="after")
    def _whole(self) -> SweepFile:
        if (self.case == "") == (self.base is None):
            raise fault("case", "give either case = 'FILE.toml' or the base case in a table [base]", {})
        if not self.axes:
            raise fault("axis", "a sweep needs at least one [[axis]] with name, key and values", {})
        self._check_names()
        self._check_keys()
        for number, axis in enumerate(self.axes):
            self._check_design(axis, f"axis.{number}")
        return self

    def _check_names(self) -> None:
        names: set[str] = set()
        for number, axis in enumerate(self.axes):
            if axis.name in names:
                told = {"name": axis.name}
                raise fault("axis", "there are two axes {name!r}", told, at=f"axis.{number}.name")
            names.add(axis.name)
        for name in self.symbols:
            if name in names:
                text = "there is an axis of this name already"
                raise fault("symbols", text, {}, at=f"symbols.{name}")

    def _check_keys(self) -> None:
        """No two places may decide the same key."""
        owner: dict[str, str] = {}
        for number, axis in enumerate(self.axes):
            for key in axis.keys:
                for other, name in owner.items():
                    if overlap(key, other):
                        told = {"key": key, "other": other, "name": name}
                        text = "{key!r} overwrites {other!r} of axis {name!r}; change them in one axis"
                        raise fault("axis", text, told, at=f"axis.{number}")
                owner[key] = axis.name
        for key in self.changes:
            for other, name in owner.items():
                if key == other or key.startswith(other + "."):
                    told = {"name": name}
                    text = "axis {name!r} changes it at every point, so that this has no effect"
                    raise fault("set", text, told, at=f"set.{key}")

    def _check_design(self, axis: AxisTable, place: str) -> None:
        method, ranged = self.design.method, axis.start is not None
        told = {"method": method}
        if method in SAMPLED and not ranged:
            raise fault("axis", "{method} needs a range: from and to", told, at=place)
        if method in SAMPLED and axis.count is not None:
            text = "{method} has design.points points; remove count"
            raise fault("axis", text, told, at=f"{place}.count")
        if method not in SAMPLED and ranged and axis.count is None:
            text = "it is missing; a range needs count = 5, say"
            raise fault("axis", text, {}, at=f"{place}.count")

    def written(self) -> dict[str, Any]:
        """The file as it was given, in the form of TOML tables."""
        return json_ready(self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True))


def overlap(key: str, other: str) -> bool:
    """Whether one dotted key holds the other."""
    return key == other or key.startswith(other + ".") or other.startswith(key + ".")


def identifier(name: str, example: str) -> str:
    """The name, if expressions can use it."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        text = "{name!r} is not a name; use letters, digits and _ as in {example!r}"
        raise fault("name", text, {"name": name, "example": example})
    if reserved(name):
        raise fault("name", "{name!r} has a meaning of its own; choose another name", {"name": name})
    return name

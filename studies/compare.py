"""A case next to its coin-cell twin, or several models of one cell next to each other.

The twin has the same electrolyte, reactions, protocol and current density. What `compare.models` asks
for is in `models`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np

from thincell.studies import models, output
from thincell.studies.case import Case, InputError
from thincell.studies.growth.ground import Floor, Rim, ground_in
from thincell.studies.nominal import nominal_density
from thincell.studies.parallel import on_root
from thincell.studies.progress import Progress, Silent
from thincell.studies.results import Run
from thincell.studies.schema.cell import ChipCell, CoinCell
from thincell.studies.schema.deposit import DepositTable
from thincell.studies.worker import Task, run_all

#: The file that makes a folder a comparison's.
RECORD = "comparison.json"


@dataclass(frozen=True)
class Member:
    """One run of a comparison. ``run`` is None when it left nothing that can be read."""

    folder: Path
    state: str
    message: str = ""
    run: Run | None = None


@dataclass(frozen=True)
class Pair:
    """The thin cell and its twin at one value of what is varied. ``label`` is that value."""

    label: str
    thin: Member
    coin: Member | None = None


@dataclass
class Comparison:
    """What was compared: on rank 0; elsewhere ``pairs`` and ``models`` (by name) are empty."""

    case: Case
    key: str | None
    pairs: list[Pair] = field(default_factory=list)
    folder: Path | None = None
    models: dict[str, Member] = field(default_factory=dict)

    @property
    def failures(self) -> list[Member]:
        """Members that did not finish."""
        both = [member for pair in self.pairs for member in (pair.thin, pair.coin)]
        members = [*both, *self.models.values()]
        return [m for m in members if m is not None and m.state != "finished"]

    @property
    def finished_models(self) -> list[tuple[str, Run]]:
        """(model, run) of those that finished."""
        return [
            (k, m.run) for k, m in self.models.items() if m.run is not None and m.state == "finished"
        ]

    @classmethod
    def load(cls, folder: str | Path) -> Comparison:
        """Read a comparison's folder: comparison.json and the folders of its members."""
        folder = Path(folder)
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        pairs = [
            Pair(item["value"], _member(folder, item["thin"]), _member(folder, item["coin"]))
            for item in record["pairs"]
        ]
        models = {item["model"]: _member(folder, item) for item in record.get("models", ())}
        return cls(Case.load(folder / "case.toml"), record["key"], pairs, folder, models)


def _member(folder: Path, record: dict[str, str]) -> Member:
    place = folder / record["folder"]
    try:
        run: Run | None = Run.load(place)
    except (OSError, ValueError, KeyError, StopIteration):
        run = None
    return Member(place, record["state"], record["message"], run)


def twin(case: Case) -> Case:
    """The coin cell with the same electrolyte, reactions and protocol at the same current density.

    A total current becomes the nominal density that it means on the chip's working electrode. The
    mesh keeps the order of its elements, for the rest of it the coin cell's defaults hold.
    """
    if isinstance(case.cell, CoinCell):
        raise InputError("this case is a coin cell already: compare needs a chip or a mesh")
    if case.deposit is not None and getattr(case.cell, "view", "") == "solid":
        raise InputError(
            "compare: the coin cell is a section, and a deposit in space is none; use cell.view = 'section'"
            " for the thin cell, or `run` for this one alone"
        )
    data = case.resolved()
    data["cell"] = {"type": "coin", "coin": case.compare.coin}
    if case.deposit is not None:  # as wide a strip of the disc as the chip's electrode
        assert isinstance(case.cell, ChipCell)
        data["cell"]["patch"] = f"{case.cell.working.width!r} m"
        data["deposit"]["seeds"] = _on_strip(case.cell, case.deposit, data["deposit"]["seeds"])
    data.pop("flow", None)  # nothing is pumped through a coin cell
    data["mesh"] = {"order": case.mesh.order}
    for step, table in zip(case.protocol, data["protocol"], strict=True):
        if step.kind in ("plate", "strip"):
            table[step.kind] = f"{nominal_density(case, step)!r} A/m^2"
    data["title"] = f"Coin-cell twin of: {case.title}"
    return type(case).parse(data)


def _on_strip(cell: ChipCell, deposit: DepositTable, tables: list[Any]) -> list[Any]:
    """Seeds in the twin: those over a section's electrode; those from above as they follow on the rim."""
    ground, width = ground_in(cell), cell.working.width
    if isinstance(ground, Floor):
        inside = [-width <= seed.x <= 0 for seed in deposit.seeds]
        return [table for table, here in zip(tables, inside, strict=True) if here]
    assert isinstance(ground, Rim)
    centres = np.array([ground.centre(seed) for seed in deposit.seeds]).reshape(-1, 2)
    places = -width * ground.along(centres) / ground.length if len(centres) else []
    made = zip(places, deposit.seeds, strict=True)
    return [{"x": f"{float(x)!r} m", "radius": f"{seed.radius!r} m"} for x, seed in made]


def cases(case: Case) -> tuple[str | None, list[tuple[str, Case]]]:
    """(what is varied first, [(label, case)]): the variants of compare.vary, or the case as it is."""
    if not case.compare.vary:
        return None, [("as given", case)]
    key = next(iter(case.compare.vary))
    return key, [(str(v[key]), case.changed(v)) for v in case.compare.variants()]


def compare(
    case: Case,
    out: str | Path,
    *,
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    progress: Progress | None = None,
    force: bool = False,
    resume: bool = False,
) -> Comparison:
    """Run a case, or its variants, and the coin-cell twin of each; write their page.

    With compare.models, run the case with each model instead.

    ``resume`` keeps the members that are finished and goes on with the others; ``force`` replaces all.

    A member that fails is reported with its message and the others go on; InputError when the
    case or the folder cannot be used. Collective over ``comm``; with one process, members run
    side by side.
    """
    out, progress = Path(out), progress or Silent()
    if case.compare.models:
        found = models.members(case)
        on_root(comm, lambda: _prepare(out, case, force, resume))
        listed = [
            (place, name, member) for place, (name, member) in zip(_places(found), found, strict=True)
        ]
        tasks = _tasks(listed, out, resume, comm)
        answers = run_all(tasks, comm, progress, first=range(len(tasks) - 1, -1, -1))
        done = on_root(comm, lambda: _conclude_models(case, tasks, answers, out))
        return done or Comparison(case, None, [], out)
    key, variants = cases(case)
    twins = [twin(variant) for _, variant in variants]
    on_root(comm, lambda: _prepare(out, case, force, resume))
    pairs = [
        (f"{place}/{kind}", f"{label}, {name}", member)
        for place, (label, variant), other in zip(_places(variants), variants, twins, strict=True)
        for kind, name, member in (("thin", "thin cell", variant), ("coin", "coin cell", other))
    ]
    tasks = _tasks(pairs, out, resume, comm)
    # The longest first: thin cells before coin cells, later values before earlier ones.
    answers = run_all(tasks, comm, progress, first=sorted(range(len(tasks)), key=lambda k: (k % 2, -k)))
    labels = [label for label, _ in variants]
    return on_root(comm, lambda: _conclude(case, key, labels, tasks, answers, out)) or Comparison(
        case, key, [], out
    )


def _tasks(
    members: Sequence[tuple[str, str, Case]], out: Path, resume: bool, comm: MPI.Intracomm
) -> list[Task]:
    """A task and a case file for each (place, label, case)."""
    tasks = []
    for place, label, member in members:
        file = out / f"{place}.toml"
        if comm.rank == 0:  # the barrier below keeps the others from reading too early
            output.write_case(file, member)
        tasks.append(Task(file, out / place, label, resume))
    comm.Barrier()
    return tasks


def _prepare(out: Path, case: Case, force: bool, resume: bool) -> None:
    output.prepare(out, force, RECORD, resume)
    record: dict[str, Any] = {"state": "running", "title": case.title, "key": None, "pairs": []}
    output.write_json(out / RECORD, record)
    output.write_case(out / "case.toml", case)


def _places(variants: list[tuple[str, Case]]) -> list[str]:
    """A sub-folder for each variant: its label in plain letters, numbered where two agree."""
    places: list[str] = []
    for number, (label, _) in enumerate(variants, start=1):
        plain = re.sub(r"[^A-Za-z0-9.]+", "-", label).strip("-.").lower() or "case"
        places.append(plain if plain not in places else f"{plain}-{number}")
    return places


def _conclude(
    case: Case,
    key: str | None,
    labels: list[str],
    tasks: list[Task],
    answers: list[dict[str, str]],
    out: Path,
) -> Comparison:
    from thincell.studies.report import write_comparison

    members = [
        {"folder": task.out.relative_to(out).as_posix(), **answer}
        for task, answer in zip(tasks, answers, strict=True)
    ]
    pairs = [
        {"value": label, "thin": members[2 * k], "coin": members[2 * k + 1]}
        for k, label in enumerate(labels)
    ]
    good = all(member["state"] == "finished" for member in members)
    record: dict[str, Any] = {
        "state": "finished" if good else "some members failed",
        "title": case.title,
        "key": key,
        "pairs": pairs,
    }
    output.write_json(out / RECORD, record)
    comparison = Comparison.load(out)
    for item, pair in zip(pairs, comparison.pairs, strict=True):
        for name, member in (("thin", pair.thin), ("coin", pair.coin)):
            if member is not None and member.run is not None:
                item[f"summary of the {name} cell"] = member.run.summary
    output.write_json(out / RECORD, record)
    write_comparison(comparison)
    return comparison


def _conclude_models(
    case: Case, tasks: list[Task], answers: list[dict[str, str]], out: Path
) -> Comparison:
    from thincell.studies.report import write_models

    good = all(answer["state"] == "finished" for answer in answers)
    members: list[dict[str, Any]] = [
        {"model": task.label, "folder": task.out.relative_to(out).as_posix(), **answer}
        for task, answer in zip(tasks, answers, strict=True)
    ]
    record: dict[str, Any] = {
        "state": "finished" if good else "some members failed",
        "title": case.title,
        "key": None,
        "pairs": [],
        "models": members,
    }
    output.write_json(out / RECORD, record)
    comparison = Comparison.load(out)
    found = models.conclude(comparison.finished_models, case.compare.tolerance)
    record |= models.write(out, found, case.compare.tolerance)
    for item in members:
        run = comparison.models[item["model"]].run
        if run is not None:
            item["summary"] = run.summary
    output.write_json(out / RECORD, record)
    write_models(comparison)
    return comparison


__all__ = ["Comparison", "Member", "Pair", "compare", "nominal_density", "twin"]

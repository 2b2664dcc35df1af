"""The commands of a sweep: `thincell sweep`, `status` and `collect`.

Exit codes of `sweep`: 0 all points finished, 3 some failed (results and report are there all the
same) or there were no workers, 75 stopped by a signal, 130 by Ctrl-C; the last two are continued by
the same command.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thincell.studies.exits import FAILED
from thincell.studies.schema.errors import InputError, one_line

if TYPE_CHECKING:
    from thincell.studies.sweep.plan import SweepPlan

SweepFile = Annotated[str, typer.Argument(metavar="SWEEP", help="Sweep file (TOML).")]
Folder = Annotated[str, typer.Argument(metavar="DIR", help="Folder of a sweep.")]
Out = Annotated[str | None, typer.Option("--out", metavar="DIR", help="Folder for the results.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the base case; repeatable."),
]
Where = Annotated[
    str,
    typer.Option("--engine", metavar="NAME", help="local, slurm, or MODULE:NAME of a Parsl Config."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and run nothing.")]
Retry = Annotated[bool, typer.Option("--retry", help="Run the failed points again.")]
Force = Annotated[bool, typer.Option("--force", help="Run all points again.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(sweep)
    app.command()(status)
    app.command()(collect)


def sweep(
    file: SweepFile,
    out: Out = None,
    set_: Settings = None,
    engine: Where = "local",
    dry_run: DryRun = False,
    retry: Retry = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Run a case at many values of its keys; the same command continues an interrupted sweep."""
    if out == "":
        raise InputError("--out: '' names no folder")
    from thincell.studies.sweep.plan import plan as make_plan

    plan = make_plan(file, set_ or [])
    if dry_run:
        sys.stdout.write(_told(plan))
        return
    from rich.console import Console

    from thincell.studies.sweep import drive
    from thincell.studies.sweep.engine import EngineFailed
    from thincell.studies.sweep.progress import board

    root = Path(out) if out is not None else Path(f"{Path(file).stem}.out")
    wish = drive.Wish(engine, retry, force)
    try:
        code = drive.sweep(plan, root, wish, board(Console(), quiet))
    except EngineFailed as error:
        sys.stderr.write(f"error: --engine {engine}: {error}\n")
        raise typer.Exit(FAILED) from None
    raise typer.Exit(code)


def status(folder: Folder) -> None:
    """Say how a sweep stands; also while it runs, from anywhere."""
    sys.stdout.write(_standing(Path(folder)))


def collect(folder: Folder) -> None:
    """Write results.nc and results.csv from what is there by now."""
    from thincell.studies.sweep.folder import DATASET, TABLE, read_record

    read_record(Path(folder))
    from thincell.studies.sweep.collect import collect as gather

    gather(Path(folder))
    sys.stdout.write(f"{Path(folder) / DATASET}\n{Path(folder) / TABLE}\n")


def _told(plan: SweepPlan) -> str:
    """What a sweep would do."""
    from thincell.studies.sweep.progress import duration

    dropped = Counter(point.dropped for point in plan.points if point.dropped)
    lines = [f"{plan.file.title}" if plan.file.title else plan.base.title]
    for axis in plan.axes:
        values = axis.written if len(axis.written) <= 8 else (*axis.written[:7], "...")
        lines.append(f"  {axis.name}: {', '.join(values)}")
    lines.append(
        f"{len(plan.points)} points ({plan.design}), {sum(dropped.values())} of them dropped;"
        f" {len(plan.cases)} cases to run, {len(plan.twins)} of them coin cells"
    )
    lines += [f"  dropped {count}: {one_line(reason)}" for reason, count in dropped.items()]
    lines.append(f"about {duration(sum(plan.estimate.values()))} on one core, with kernels compiled")
    return "\n".join(lines) + "\n"


def _standing(root: Path) -> str:
    """Counts, the running points with their share, and why points failed."""
    from thincell.studies.sweep.folder import (
        is_abandoned,
        point_folder,
        read_point,
        read_progress,
        read_record,
    )

    told = read_record(root)
    state = told["state"]
    if state == "running" and is_abandoned(root):
        state = "its driver was killed; the same command goes on with it"
    labels = {id_: f"coin cell {id_}" for id_ in told["twins"]}
    for point in told["points"]:
        if point["id"]:
            labels[point["id"]] = ", ".join(f"{k} = {v}" for k, v in point["written"].items())
    places = {id_: point_folder(root, id_) for id_ in told["cases"]}
    records = {id_: read_point(place) for id_, place in places.items()}
    counts = Counter(record.state for record in records.values())
    lines = [f"{told['title']}: {state}"]
    lines.append(", ".join(f"{counts[s]} {s}" for s in ("finished", "failed", "running", "waiting")))
    for id_, record in records.items():
        if record.state == "running":
            share = read_progress(places[id_], record.run).get("share")
            lines.append(f"  running: {labels[id_]}{'' if share is None else f' ({share:.0%})'}")
    lines += [f"  failed: {labels[i]}: {r.reason}" for i, r in records.items() if r.state == "failed"]
    return "\n".join(lines) + "\n"

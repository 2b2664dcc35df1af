"""What a run leaves: the summary and tables of its records, and the files of its folder. Rank 0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from thincell.geometry.distribute import Mesh
from thincell.studies import output
from thincell.studies.frames import Frame, frames, pack
from thincell.studies.growth import telling
from thincell.studies.observe import Observer
from thincell.studies.records import Records
from thincell.studies.results import DEPOSIT, Run
from thincell.studies.summary import summarise

#: Arrays of a mesh among the maps of an output.
MESH = ("points", "triangles")


def complete(run: Run, observer: Observer, records: Records, made: Mesh) -> None:
    """Fill in a run's results; ``made`` is the mesh of the outputs that bring none of their own."""
    run.summary = summarise(observer, records.rows, records.tables[-1])
    run.history, run.profiles = records.history(), records.profiles()
    unit = observer.problem.scales.time
    outputs = zip(records.times, records.maps, strict=True)
    run.maps = pack([_frame(time * unit, maps, made) for time, maps in outputs])
    if run.case.deposit is not None:
        shown = frames(run.maps)
        run.deposit = telling.table(run.case, shown)
        run.summary |= telling.summary(run.case, run.deposit, shown[-1])


def _frame(time: float, maps: dict[str, Any], made: Mesh) -> Frame:
    """One output on its mesh: that of the run, or its own where the mesh follows a deposit."""
    fields = {name: values for name, values in maps.items() if name not in MESH}
    points, triangles = maps.get("points", made.points), maps.get("triangles", made.cells)
    return Frame(time, points, triangles, fields)


def write(run: Run, records: Records, folder: Path) -> None:
    """The files of a run; the manifest last, since it says that the others are there."""
    if records.rows:
        output.write_rows(folder / "history.csv", records.rows)
        output.write_columns(folder / "electrode.csv", records.tables)
        output.write_json(folder / "summary.json", run.summary)
        output.write_maps(folder / "maps.npz", run.maps)
        if run.deposit:
            output.write_columns(folder / DEPOSIT, [run.deposit])
        if run.case.output.fields:
            output.write_fields(folder, run.maps)
    output.write_json(folder / output.MANIFEST, run.manifest)

"""The page of a sweep: one self-contained HTML file with maps, lines and a table of all points."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import thincell
from thincell.studies import output, regime
from thincell.studies.case import Case
from thincell.studies.report import Column, citations, template, text
from thincell.studies.results import Run
from thincell.studies.summary import DRY
from thincell.studies.sweep import folder as places
from thincell.studies.sweep import tables
from thincell.studies.sweep.collect import collect
from thincell.studies.sweep.pages import make_pages, run_folder
from thincell.studies.wording import nice

#: The libraries that draw, and the page's own script, in the order in which they must be read.
SCRIPTS = ("vendor/d3.min.js", "vendor/plot.umd.min.js", "sweep.js")

#: Files of the folder that the page offers, if they are there.
DOWNLOADS = {
    places.TABLE: "one row per point",
    places.DATASET: "netCDF, one dimension per axis",
    places.FILE: "the sweep file with its base case",
    places.RECORD: "what was planned",
}

STATUSES = ("finished", "failed", "dropped", "running", "waiting")

_VERSIONS = ("thincell", "dolfinx", "petsc", "python", "ranks")


def write_sweep(folder: str | Path, processes: int = 0, most: int | None = None) -> Path:
    """Collect the results of a sweep's folder, make the pages of its points that lack one, and its own.

    ``processes`` make the points' pages; by default as many as there are cores. Where there are more
    than ``most`` points, none of their pages are made.
    """
    folder = Path(folder)
    dataset = collect(folder)
    if most is None or dataset.Status.size <= most:
        make_pages(folder, processes)
    record = places.read_record(folder)
    output.write_text(folder / places.PAGE, render(folder, record, dataset))
    return folder / places.PAGE


def render(folder: Path, record: Mapping[str, Any], dataset: Any) -> str:
    """The HTML text of the page."""
    table = tables.columns(dataset, record)
    axes = tables.axes(record)
    points = tables.points(folder, record, table)
    found = tables.quantities(dataset, table)
    counts = Counter(point["status"] for point in points)
    regimes = Counter(point["regime"] for point in points if point["regime"])
    return template("sweep.html.j2").render(
        title=nice(record["title"]),
        description=nice(record["description"].strip()),
        state=record["state"],
        design=record["design"],
        css=text("report.css") + text("sweep.css"),
        finished=counts["finished"],
        counts={status: counts[status] for status in STATUSES if counts[status]},
        total=len(points),
        axes=axes,
        regimes={name: regimes[name] for name in regime.RULES},
        rules=regime.RULES,
        dry=f"{100 * DRY:g} %",
        glance=tables.glance(found, axes),
        headlines=[item for item in found if item["group"] == "headline"],
        derived=[item for item in found if item["expression"]],
        failures=_failures(points),
        downloads={name: what for name, what in DOWNLOADS.items() if (folder / name).is_file()},
        base=_source(folder),
        citations=_cited(folder, record, axes),
        versions=_versions(folder, record),
        version=thincell.__version__,
        data=_payload(record, axes, points, found),
        scripts=[text(name) for name in SCRIPTS],
        licences=text("vendor/LICENSES.txt"),
    )


def _payload(
    record: Mapping[str, Any],
    axes: Sequence[tables.Axis],
    points: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
) -> str:
    """What the script draws, as JSON that may stand inside an HTML element."""
    data = {
        "grid": record["design"] == "grid",
        "axes": [
            {
                "label": axis.label,
                "unit": axis.unit,
                "shown": axis.shown,
                "at": axis.at,
                "log": axis.logarithmic,
            }
            for axis in axes
        ],
        "points": points,
        "quantities": found,
        "regimes": list(regime.RULES),
        "statuses": STATUSES,
        "threshold": {
            "name": regime.UNEVENNESS,
            "value": regime.EDGE_LIMIT,
            "text": f"{regime.EDGE_LIMITED} above {regime.EDGE_LIMIT:g}",
        },
    }
    packed = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return packed.replace("<", "\\u003c")


def _failures(points: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[int]]]:
    """(status, reason, numbers of the points): each distinct reason once."""
    found: dict[tuple[str, str], list[int]] = {}
    for point in points:
        if point["status"] in ("failed", "dropped"):
            reason = point["reason"] or "no reason was left"
            found.setdefault((point["status"], reason), []).append(point["number"])
    return [(status, nice(reason), numbers) for (status, reason), numbers in found.items()]


def _source(folder: Path) -> str:
    path = folder / places.FILE
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _cited(folder: Path, record: Mapping[str, Any], axes: Sequence[tables.Axis]) -> list[dict[str, str]]:
    """Sources of the library entries used: of a point for each value of the axes that are no numbers."""
    names = [k for k, axis in enumerate(axes) if any(isinstance(value, str) for value in axis.at)]
    chosen: dict[tuple[Any, ...], Path] = {}
    for k, point in enumerate(record["points"]):
        case = places.point_folder(folder, point["id"]) / places.CASE
        if point["id"] and case.is_file():
            chosen.setdefault(tuple(axes[n].at[k] for n in names), case)
    return citations([Column("", "", Run(Case.load(path))) for path in chosen.values()])


def _versions(folder: Path, record: Mapping[str, Any]) -> dict[str, str]:
    """Versions of what computed the points; several where they differ."""
    found: dict[str, dict[str, None]] = {key: {} for key in _VERSIONS}
    for name in dict.fromkeys(point["id"] for point in record["points"] if point["id"]):
        path = run_folder(places.point_folder(folder, name)) / output.MANIFEST
        if path.is_file():
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for key in _VERSIONS:
                found[key] |= {str(manifest.get(key, "–")): None}
    return {key: ", ".join(values) for key, values in found.items() if values}

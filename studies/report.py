"""Pages from run folders alone: one self-contained HTML file per run or comparison."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

import thincell
from thincell.studies import answers, models, output
from thincell.studies.case import Case, InputError
from thincell.studies.compare import RECORD, Comparison, Member
from thincell.studies.differences import Difference
from thincell.studies.figures import Drawing, Half, data, draw_all
from thincell.studies.figures.models import draw_models
from thincell.studies.groups import Group, groups
from thincell.studies.library import load
from thincell.studies.results import AUDIT_TOLERANCE, Run
from thincell.studies.wording import nice, number

#: Names of groups may say at which current; in a table of several currents that is the column's.
_AT = re.compile(r" at [0-9.e+-]+ mA/cm\^2$")

#: The file that makes a folder a sweep's.
SWEEP = "sweep.json"

#: Name of the page in the folder of a run or comparison.
PAGE = "report.html"


@dataclass(frozen=True)
class Column:
    """One run on a page: the value of what is varied, the kind of cell, and its run."""

    label: str
    cell: str
    run: Run

    @property
    def title(self) -> str:
        """Head of a table's column."""
        return f"{nice(self.label)}, {self.cell}" if self.label else self.cell


def report(*folders: str | Path) -> list[Path]:
    """Make the pages of folders of runs, comparisons or sweeps again; their paths. Rank 0 only."""
    pages = []
    for folder in map(Path, folders):
        if (folder / RECORD).is_file():
            comparison = _read(Comparison.load, folder)
            pages.append((write_models if comparison.models else write_comparison)(comparison))
        elif (folder / output.MANIFEST).is_file():
            pages.append(write_run(_read(Run.load, folder)))
        elif (folder / SWEEP).is_file():
            from thincell.studies.sweep.report import write_sweep

            pages.append(_read(write_sweep, folder))
        else:
            raise InputError(f"{str(folder)!r} is not the folder of a run, comparison or sweep")
    return pages


def read_run(folder: Path) -> Run:
    """A finished run's folder; InputError when it is none."""
    if not (folder / output.MANIFEST).is_file():
        raise InputError(f"{str(folder)!r} is not the folder of a run")
    run: Run = _read(Run.load, folder)
    return run


def _read(how: Any, folder: Path) -> Any:
    try:
        return how(folder)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise InputError(f"the folder {str(folder)!r} is incomplete: {error}") from None


def write_run(run: Run, folder: Path | None = None) -> Path:
    """The page of a single run, in its folder."""
    place = folder or run.folder
    if place is None:
        raise InputError("this run has no folder: name one for its page")
    coin = data.is_coin(run)
    half = Half("", None, run) if coin else Half("", run)
    failed = [] if run.manifest.get("state") == "finished" else [_failure("this run", run.manifest)]
    return _write(place, run.case, "One run", [half], failed)


def write_comparison(comparison: Comparison) -> Path:
    """The page of a comparison, in its folder."""
    assert comparison.folder is not None
    several = comparison.key is not None
    halves, failed = [], []
    for pair in comparison.pairs:
        label = pair.label if several else ""
        halves.append(Half(label, _usable(pair.thin), _usable(pair.coin)))
        for member, cell in ((pair.thin, "thin cell"), (pair.coin, "coin cell")):
            if member is not None and member.state != "finished":
                name = f"{label}, {cell}" if label else cell
                failed.append(_failure(name, {"state": member.state, "message": member.message}))
    return _write(comparison.folder, comparison.case, "Thin cell and coin cell", halves, failed)


def write_models(comparison: Comparison) -> Path:
    """The page of several models of one cell, in the comparison's folder."""
    folder, case = comparison.folder, comparison.case
    assert folder is not None
    runs = [(name, _usable(member)) for name, member in comparison.models.items()]
    halves = [
        Half(name, None, run) if run is not None and data.is_coin(run) else Half(name, run)
        for name, run in runs
    ]
    failed = [
        _failure(name, {"state": member.state, "message": member.message})
        for name, member in comparison.models.items()
        if member.state != "finished"
    ]
    found = models.conclude(comparison.finished_models, case.compare.tolerance)
    own = draw_models(comparison.finished_models, found) if found and case.output.figures else []
    return _write(folder, case, "Models of one cell", halves, failed, found, own)


def _usable(member: Member | None) -> Run | None:
    """The run of a member, if it went far enough to be shown."""
    run = None if member is None else member.run
    return run if run is not None and run.history and len(run.maps.get("times", ())) else None


def _failure(name: str, manifest: dict[str, Any]) -> dict[str, str]:
    state, message = str(manifest.get("state", "?")), str(manifest.get("message", ""))
    return {"name": nice(name), "state": state, "message": message or "no message was left"}


def _write(
    folder: Path,
    case: Case,
    kind: str,
    halves: Sequence[Half],
    failed: list[dict[str, str]],
    found: Sequence[Difference] = (),
    own: Sequence[Drawing] = (),
) -> Path:
    drawings = [*own, *(draw_all(halves) if case.output.figures else [])]
    for drawing in drawings:
        drawing.write(folder / "figures")
    page = render(case, kind, halves, failed, drawings, found)
    output.write_text(folder / PAGE, page)
    return folder / PAGE


def render(
    case: Case,
    kind: str,
    halves: Sequence[Half],
    failed: list[dict[str, str]],
    drawings: Sequence[Drawing],
    found: Sequence[Difference] = (),
) -> str:
    """The HTML text of a page."""
    columns = _columns(halves)
    return template("report.html.j2").render(
        title=nice(case.title),
        description=nice(case.description.strip()),
        kind=kind,
        css=text("report.css"),
        answers=[(nice(half.label), answers.answer(half)) for half in halves if half.runs],
        glance=[(nice(half.label), row) for half in halves for row in answers.glance(half)],
        cautions=answers.cautions(halves),
        failed=failed,
        differences=found,
        limit=case.compare.tolerance,
        figures=[_embedded(drawing) for drawing in drawings],
        columns=columns,
        evenness=_evenness(columns),
        summary=_summary(columns),
        groups=_groups(columns),
        inputs=_inputs(columns),
        audit=_audit(columns),
        tolerance=AUDIT_TOLERANCE,
        protocols=_protocols(case, halves),
        citations=citations(columns),
        versions=_versions(columns),
        version=thincell.__version__,
    )


def _columns(halves: Sequence[Half]) -> list[Column]:
    both = [
        (half.label, cell, run)
        for half in halves
        for cell, run in (("thin cell", half.thin), ("coin cell", half.coin))
    ]
    return [Column(label, cell, run) for label, cell, run in both if run is not None]


@cache
def text(name: str) -> str:
    return (resources.files("thincell.studies") / "templates" / name).read_text(encoding="utf-8")


@cache
def template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(text(name))


def _embedded(drawing: Drawing) -> dict[str, str]:
    return {
        "name": drawing.name,
        "title": drawing.title,
        "caption": drawing.caption,
        "width": f"{100 * drawing.width:.0f}",
        "source": "data:image/png;base64," + base64.b64encode(drawing.png).decode("ascii"),
    }


# -- tables ------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    """A scalar of summary.json for a table."""
    if value is None:
        return "–"
    if isinstance(value, int | float):
        return number(float(value), 4) if math.isfinite(value) else "–"
    return str(value)


def _evenness(columns: Sequence[Column]) -> list[tuple[str, str, list[str]]]:
    rows = []
    for column in columns:
        times = data.output_times(column.run)
        for time in dict.fromkeys((times[0], times[-1])):
            numbers = data.evenness(column.run, time).values()
            when = data.when(column.run, float(time))
            rows.append((column.title, when, [number(v) for v in numbers]))
    return rows


def _summary(columns: Sequence[Column]) -> list[tuple[str, list[str]]]:
    keys = dict.fromkeys(key for column in columns for key in column.run.summary if key != "Title")
    return [(key, [shown(column.run.summary.get(key)) for column in columns]) for key in keys]


def _groups(columns: Sequence[Column]) -> dict[str, Any]:
    """Rows (symbol, name, values per column), and the sentences of every column."""
    found = [_groups_of(column.run.case) for column in columns]
    known: dict[str, str] = {}
    for table in found:
        for name, group in table.items():
            known.setdefault(name, group.symbol)
    rows = [
        (symbol, name, [nice(t[name].shown()) if name in t else "–" for t in found])
        for name, symbol in known.items()
    ]
    sentences = [
        (column.title, [nice(group.sentence) for group in table.values() if group.sentence])
        for column, table in zip(columns, found, strict=True)
    ]
    return {"rows": rows, "sentences": sentences}


def _groups_of(case: Case) -> dict[str, Group]:
    """By name; none when a limit cannot be computed, for a page must not be lost to that."""
    try:
        return {_AT.sub(" at the set current", group.name): group for group in groups(case)}
    except (ArithmeticError, ValueError):
        return {}


def _inputs(columns: Sequence[Column]) -> list[dict[str, str]]:
    """Library values of low confidence, or assumed, that these runs used."""
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for column in columns:
        for key, item in column.run.case.provenance():
            if item.confidence not in ("low", "assumed"):
                continue
            cell = column.cell if key.startswith("cell.") else ""
            value = item.value.get("law", "") if isinstance(item.value, dict) else item.value
            bounds = " to ".join(map(str, item.range)) if item.range else "–"
            rows[(cell, key, str(value))] = {
                "key": key,
                "cell": cell,
                "value": nice(str(value)),
                "range": nice(bounds),
                "confidence": item.confidence,
                "source": item.source,
            }
    return list(rows.values())


def _audit(columns: Sequence[Column]) -> list[dict[str, Any]]:
    rows = []
    for column in columns:
        charge = float(column.run.summary.get("Largest charge imbalance", math.nan))
        ions = float(column.run.summary.get("Largest ion imbalance", math.nan))
        rows.append(
            {
                "title": column.title,
                "charge": f"{charge:.1e}",
                "ions": f"{ions:.1e}",
                "passed": charge <= AUDIT_TOLERANCE and ions <= AUDIT_TOLERANCE,
            }
        )
    return rows


def _protocols(case: Case, halves: Sequence[Half]) -> list[tuple[str, list[str]]]:
    found = [(nice(half.label), answers.protocol(half.runs[0].case)) for half in halves if half.runs]
    return found or [("", answers.protocol(case))]


def citations(columns: Sequence[Column]) -> list[dict[str, str]]:
    """Where the library's entries come from, each once."""
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        case = column.run.case
        for _, kind, name in case._entries():
            about = load(kind, name).information
            sources = dict.fromkeys(
                item.source
                for _, item in case.provenance()
                if item.entry == name and item.confidence in ("high", "medium")
            )
            found.setdefault(
                f"{kind}/{name}",
                {
                    "name": f"{kind[:-1]} {name}",
                    "citation": str(about.get("citation", about.get("title", ""))),
                    "doi": str(about.get("doi", "")),
                    "sources": "; ".join(sources),
                },
            )
    return list(found.values())


def _versions(columns: Sequence[Column]) -> list[tuple[str, list[str]]]:
    keys = ("thincell", "dolfinx", "petsc", "python", "ranks", "unknowns", "time steps",
            "Newton iterations", "wall time [s]", "case sha256", "mesh sha256")  # fmt: skip
    return [(key, [str(column.run.manifest.get(key, "–"))[:16] for column in columns]) for key in keys]

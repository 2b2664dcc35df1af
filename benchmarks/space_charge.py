"""What space charge changes in thin cells: three models at three concentrations and two heights.

    python benchmarks/space_charge.py --out FOLDER [--figure FILE] [--resume]

Zinc from ZnSO4 in the library's chip generic-coplanar at 0.3 of each cell's limiting current, for 2 s,
by the electroneutral model, with the Gouy-Chapman-Stern closure, and by Nernst-Planck-Poisson. The
metal is uncharged at 0 V against zinc in 1 mol/L: with 10 mmol/L zinc is at -59 mV and charged at rest;
a second set has a metal that is uncharged at rest. Prints a table. 4e4 to 6e4 unknowns with resolved
double layers, one to five minutes of a core for each cell.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import thincell  # noqa: F401
from thincell.model.constants import FARADAY, GAS_CONSTANT
from thincell.studies import names, output
from thincell.studies.case import Case
from thincell.studies.compare import Comparison, compare
from thincell.studies.differences import (
    CONCENTRATION,
    GREATEST,
    ROOT_MEAN_SQUARE,
    VOLTAGE,
    Difference,
    Measure,
)
from thincell.studies.figures import data, style
from thincell.studies.figures.models import COLOURS, look
from thincell.studies.limits import limiting_current
from thincell.studies.models import conclude
from thincell.studies.outcome import Outcome
from thincell.studies.situation import Situation

CONCENTRATIONS = {"10 mmol/L": 0.01, "100 mmol/L": 0.1, "1 mol/L": 1.0}
HEIGHTS = ("150 nm", "500 nm")
MODELS = ["electroneutral", "electroneutral with closure", "nernst-planck-poisson"]

#: Part of the limiting current.
PART = 0.3

#: Smaller differences are drawn as this one.
LEAST = 1e-5

#: RT/2F [V]: zinc's potential per ln c.
NERNST = GAS_CONSTANT * 298.15 / (2 * FARADAY)


def case(concentration: str, height: str, charged: bool) -> Case:
    """One cell, its current from its own limit; ``charged`` at rest, or not."""
    zero = 0.0 if charged else NERNST * float(np.log(CONCENTRATIONS[concentration]))
    table: dict[str, Any] = {
        "title": f"Zinc from {concentration} ZnSO4 in {height}",
        "cell": {"type": "chip", "height": height},
        "electrolyte": {
            "name": "ZnSO4-aq",
            "concentration": concentration,
            "species": [{"name": "Zn2+", "charge": 2}, {"name": "SO4 2-", "charge": -2}],
        },
        "reactions": {"plating": {"name": "Zn/Zn2+"}},
        "double_layer": {"potential_of_zero_charge": f"{zero!r} V"},
        "protocol": [{"plate": "1 mA/cm^2", "for": "2 s"}],
        "mesh": {"double_layer_edge": 2, "double_layer_growth": 1.6},
        "output": {"every": "0.5 s", "fields": False, "figures": False},
        "compare": {"models": MODELS},
    }
    limit = limiting_current(Situation(Case.parse(table)))
    assert limit is not None
    table["protocol"][0]["plate"] = f"{PART * limit.value:.4g} A/m^2"
    return Case.parse(table)


@dataclass(frozen=True)
class Cell:
    """The outcome for one concentration and height."""

    concentration: str
    height: str
    charged: bool
    comparison: Comparison

    @cached_property
    def outcomes(self) -> list[tuple[str, Outcome]]:
        return [(name, Outcome(run)) for name, run in self.comparison.finished_models]

    @property
    def resolved(self) -> Outcome:
        return self.outcomes[-1][1]

    @cached_property
    def found(self) -> list[Difference]:
        return conclude(self.comparison.finished_models, self.comparison.case.compare.tolerance)

    @cached_property
    def charging(self) -> tuple[float, float]:
        """(time [s] after which the double layer takes less than 1 % of the current, its part of the
        charge passed by then)."""
        o = self.resolved
        spans = Measure("", o.time, o.charging_share, 0.01).intervals
        end = spans[-1][1] if spans else 0.0
        passed = np.abs(np.interp(end, o.time, o.history(names.CHARGE)))
        charged = o.charged_at(end)
        return end, float(abs(charged) / passed) if passed > 0 else 0.0

    def row(self) -> str:
        """A line of the table."""
        o, cells = self.resolved, [self.concentration, self.height]
        cells.append("E_pzc = 0" if self.charged else "uncharged")
        cells.append(f"{abs(o.history(names.CURRENT_DENSITY)[-1]) / 10:.3g}")
        for _, one in self.outcomes:
            cells.append(f"{1e3 * one.history(names.VOLTAGE)[-1]:.2f}")
        cells += [f"{data.evenness(one.run)['Maximum over mean']:.3f}" for _, one in self.outcomes]
        for item in self.found:
            values = [
                item.measures[k].last for k in (VOLTAGE, ROOT_MEAN_SQUARE, GREATEST, CONCENTRATION)
            ]
            cells.append(" / ".join(f"{100 * value:.2g}" for value in values))
        end, part = self.charging
        cells += [f"{1e3 * end:.3g}", f"{100 * part:.2g}"]
        books = max(
            float(one.run.summary[f"Largest {what} imbalance"])
            for _, one in self.outcomes
            for what in ("charge", "ion")
        )
        return "| " + " | ".join([*cells, f"{books:.1e}", str(o.run.manifest["unknowns"])]) + " |"


HEAD = (
    "| c | h | metal at rest | mA/cm2 | U / mV: neutral | closure | resolved | max/mean: neutral"
    " | closure | resolved | neutral: U / rms i / max i / c, % | closure: the same"
    " | charging < 1 % after, ms | its part of the charge, % | books | unknowns |"
)


def draw(cells: list[Cell]) -> Any:
    """Six panels: one cell in detail, and all of them."""
    with style.styled():
        made = style.figure(11.0, 6.6)
        grid = made.subplots(2, 3)
        thin = cells[0]
        for k, (label, outcome) in enumerate(thin.outcomes):
            curve = look(k, len(thin.outcomes))
            time = outcome.time > 0
            grid[0, 0].plot(
                outcome.time[time], 1e3 * outcome.history(names.VOLTAGE)[time], label=label, **curve
            )
            distance, density, _ = outcome.distribution(float(outcome.outputs[-1]))
            seen = distance > 1e-10
            grid[0, 1].plot(1e6 * distance[seen], density[seen], **curve)
        _charging(grid[0, 2], cells)
        _against_concentration(grid[1], cells)
        for axes in (grid[0, 0], grid[0, 1]):
            style.log_scale(axes, "x")
        name = f"{thin.concentration}, {thin.height}"
        titles = (f"voltage, {name}", f"distribution at the end, {name}", "charging of the double layer",
                  "voltage at the end", "distribution at the end", "when charging is over")  # fmt: skip
        for number, (axes, title) in enumerate(zip(grid.flat, titles, strict=True)):
            style.panel_letter(axes, number, title)
        labels = (
            ("time / s", "cell voltage / mV"),
            ("distance from the edge / µm", "$i/\\langle i\\rangle$"),
            ("time / s", "part of the current / %"),
        )
        for axes, (x, y) in zip(grid[0], labels, strict=True):
            axes.set(xlabel=x, ylabel=y)
        grid[0, 0].legend(loc="best")
        return style.as_bytes(made, "png")


def _charging(axes: Any, cells: list[Cell]) -> None:
    """Share over time; dark to light with concentration, dashed for the thicker layer."""
    shades = dict(zip(CONCENTRATIONS, style.shades(len(CONCENTRATIONS)), strict=True))
    for cell in filter(lambda one: one.charged, cells):
        o, dash = cell.resolved, style.DASHES[HEIGHTS.index(cell.height)]
        label = f"{cell.concentration}, {cell.height}"
        axes.plot(o.time, 100 * o.charging_share, color=shades[cell.concentration], ls=dash, label=label)
    style.log_scale(axes, "x")
    axes.legend(loc="best", fontsize=7)


def _against_concentration(row: Any, cells: list[Cell]) -> None:
    """Differences from the resolved model, and the charging time."""
    for k, height in enumerate(HEIGHTS):
        own = [cell for cell in cells if cell.height == height and cell.charged]
        c = [CONCENTRATIONS[cell.concentration] for cell in own]
        for number, model in enumerate(MODELS[:-1]):
            curve = {**look(number, len(MODELS)), "ls": style.DASHES[k], "marker": style.MARKERS[number]}
            for axes, key in ((row[0], VOLTAGE), (row[1], ROOT_MEAN_SQUARE)):
                values = [100 * max(cell.found[number].measures[key].last, LEAST) for cell in own]
                axes.plot(c, values, label=f"{model}, {height}", **curve)
        times = [1e3 * cell.charging[0] for cell in own]
        row[2].plot(c, times, color=style.THIN, ls=style.DASHES[k], marker="o", label=height)
    others = [cell for cell in cells if not cell.charged]
    c = [CONCENTRATIONS[cell.concentration] for cell in others]
    for number in range(len(MODELS) - 1):
        curve = {"color": COLOURS[number], "marker": style.MARKERS[number], "mfc": "white", "ls": ""}
        for axes, key in ((row[0], VOLTAGE), (row[1], ROOT_MEAN_SQUARE)):
            values = [100 * max(cell.found[number].measures[key].last, LEAST) for cell in others]
            axes.plot(
                c, values, **curve, label="open: uncharged at rest" if number == 0 else None, zorder=4
            )
    times = [1e3 * cell.charging[0] for cell in others]
    row[2].plot(
        c, times, color=style.THIN, marker="o", mfc="white", ls="", label="open: uncharged at rest"
    )
    labels = ("difference from resolved / %", "root mean square difference / %", "below 1 % after / ms")
    for axes, label in zip(row, labels, strict=True):
        axes.set(xlabel="concentration / mol L$^{-1}$", ylabel=label)
        style.log_scale(axes, "x")
        axes.set_xticks(list(CONCENTRATIONS.values()))
    for axes in row[:2]:
        style.log_scale(axes, "y")
    row[0].set_ylim(top=1e4)
    row[2].set_ylim(bottom=0)
    for axes in (row[0], row[2]):
        axes.legend(loc="best", fontsize=7)


def main() -> None:
    """Run what is missing, print the table, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, required=True, help="folder of the comparisons")
    parser.add_argument("--figure", type=Path, help="PNG file")
    parser.add_argument("--resume", action="store_true", help="keep what is finished")
    given = parser.parse_args()
    cells = []
    print(HEAD, "|---" * (HEAD.count("|") - 1) + "|", sep="\n", flush=True)
    for charged, concentration, height in itertools.product((True, False), CONCENTRATIONS, HEIGHTS):
        if not charged and CONCENTRATIONS[concentration] == 1.0:
            continue  # there both are the same
        name = f"{concentration}-{height}".replace(" ", "").replace("/", "-")
        place = given.out / (name if charged else f"{name}-uncharged")
        if place.exists() and not given.resume:
            shutil.rmtree(place)
        found = compare(case(concentration, height, charged), place, resume=place.exists())
        if found.failures:
            print(f"| {concentration} | {height} | " + "; ".join(m.message for m in found.failures), "|")
            continue
        cells.append(Cell(concentration, height, charged, found))
        print(cells[-1].row(), flush=True)
    if given.figure is not None and cells:
        output.write_bytes(given.figure, draw(cells))


if __name__ == "__main__":
    main()

r"""Three views of one chip: section, plan and solid, at gap/height = 10 and 50.

Bars from side to side of the liquid, galvanostatic from rest: the voltage at the end, the current profile (in
sums over parts of the working electrode, from the inner edge outwards) and the time until the layer is dry
above the limiting current. Plan and section may differ by (h/l)^2, times to dryness also by the drop of the
salt to the floor: the estimates that `check` and the report give (`studies.validity`); solid and section,
which solve the same equations, by 0.1 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.results import Run
from thincell.studies.run import run
from thincell.studies.validity import averaging
from thincell.validation.rows import Row

#: Ends of parts of the working electrode, as shares of its width.
PARTS = (0.0, 0.2, 0.5, 1.0)

#: Columns of the section's electrodes: shares are read off sums over samples, and with eight columns, three
#: samples each, the section's own shares would be off by 1e-3.
COLUMNS = 80

#: Height [m] of the liquid.
HEIGHT = 0.5e-6


#: Condition that ends a run when the layer is dry, below 1 % of 1 mol/L.
DRY = "minimum concentration < 9.9 mol/m^3"


def case(view: str, ratio: int, current: str, duration: str, *until: str) -> Case:
    """Gap and electrodes ``ratio`` heights wide."""
    width = f"{ratio * HEIGHT} m"
    return Case.parse(
        {
            "cell": {
                "type": "chip", "view": view, "height": f"{HEIGHT} m", "gap": width,
                "margin": "0.5 um", "margin_sides": "0 um" if view != "section" else None,
                "length": "0.25 um", "working": {"width": width, "thickness": "0 nm"},
                "counter": {"width": width, "thickness": "0 nm"},
            },
            "electrolyte": {"name": "LiPF6-EC-DMC"},
            "reactions": {"lithium": {"name": "Li/Li+"}},
            "protocol": [{"plate": current, "for": duration, "until": list(until)}],
            "mesh": {"columns": COLUMNS} if view == "section" else {},
            "output": {"figures": False, "fields": False},
        }
    )  # fmt: skip


@cache
def solved(view: str, ratio: int, current: str, duration: str, *until: str) -> Run:
    """The run of a view."""
    return run(case(view, ratio, current, duration, *until))


def shares(found: Run) -> Any:
    """Share of the current in each part of the working electrode's area at the end, from the inner edge."""
    rows = found.profile("working")
    order = np.argsort(-rows[names.X.name])
    area = np.cumsum(rows[names.AREA.name][order])
    current = np.cumsum((rows[names.AREA.name] * rows[names.LOCAL.name])[order])
    upto = np.interp(np.array(PARTS) * area[-1], np.append(0.0, area), np.append(0.0, current))
    return np.diff(upto) / current[-1]


def rows() -> Iterator[Row]:
    """Plan and solid against the section."""
    for view in ("plan", "solid"):
        yield from against_section(view, 10, "10 mA/cm^2", "5 s", "300 mA/cm^2")
        yield from against_section(view, 50, "1 mA/cm^2", "100 s", "15 mA/cm^2")


def against_section(view: str, ratio: int, mild: str, long: str, strong: str) -> Iterator[Row]:
    """The rows of a view at a gap over height."""
    estimate = averaging(case("plan", ratio, mild, long))
    assert estimate is not None
    allowed = estimate.error if view == "plan" else 1e-3
    cut, seen = (solved(v, ratio, mild, long) for v in ("section", view))
    where = f"{view} against section, gap/h = {ratio}"
    key = "Cell voltage at the end [V]"
    yield Row(where, "voltage at the end [V]", seen.summary[key], cut.summary[key], allowed)
    for number, (a, b) in enumerate(zip(shares(seen), shares(cut), strict=True)):
        part = f"share of current, {PARTS[number]:g} to {PARTS[number + 1]:g} of the electrode"
        yield Row(where, part, a, b, allowed)
    dry = "Layer dry after [s]"
    cut, seen = (solved(v, ratio, strong, long, DRY) for v in ("section", view))
    estimate = averaging(case("plan", ratio, strong, long))
    assert estimate is not None
    allowed = estimate.dry_error if view == "plan" else 1e-3
    yield Row(where, "layer dry after [s]", seen.summary[dry], cut.summary[dry], allowed)

r"""Interdigitated combs: transport in the section, unit cell and whole combs in the plan view.

One band of an array carries, in units of n F D c* b or kappa V b,

    2 G = 2 K(sqrt l)/K(sqrt(1 - l)),     l = ((1 - e)/(1 + e))^2,  e = sn(K(m) g/W | m),  q = exp(-2 pi H/W)

with w the width of bands, g their gap, H the height and W = w + g; 2/(g/H + 4 ln2/pi) as H -> 0 (Guajardo
Yevenes & Surareungchai 2019, arXiv:1903.02727). `arrays` has it as a primary distribution in the section.

**Section.** The same as transport of a binary salt in half a band and half a gap: the bands hold c/c0 =
1 - J and 1 + J, J = tanh(F V/4RT), and the salt in between obeys the Laplace problem.

**Plan, unit cell.** Half bands from side to side of the liquid with linear kinetics. The view from above
refuses equipotential electrodes; at Bi = 10^4 the exact end correction Delta L(Bi) in place of Delta L(inf) =
2 ln2/pi H is taken off, 4e-4 H at each end. At smaller Bi against g/H + 2 Delta L(Bi, w/2)/H, exact for bands
of finite width and a gap of two heights or more. The averaged layer does not see how the two ends of a narrow
band meet: with w = g it is 0.05 % above the formula at 4 H, 0.24 % at 3 H, 1.3 % at 2 H and 3.7 % at H.

**Plan, combs.** Two combs with spines. A comb with longer fingers carries more by (2 N - 1) x/g', with x the
difference in length and g' = g + 2 Delta L: nothing of the tips enters. A comb with one finger more carries
more by one period: two gaps of the length s, two tips of the width w and four right-angled bends,

    2 s/g' + 2 w'/g' + 4 (1 - 2 ln2/pi),      s = L - g - 2 Delta L,  w' = w - 2 Delta L

for rims that stand back by Delta L; L is the length of fingers, whose tips are g from the other comb's spine.
The bend: a channel of the width 1 mapped by dz/df = [(f - 1)/(f + 1)]^(1/2)/(pi f) (Schwarz-Christoffel).
It holds while bends are a width apart (fingers half as wide as the gap: 0.7 % off) and to the first order in
Delta L/g.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log, pi, tanh
from typing import Any

from thincell.studies import names
from thincell.validation.rows import Row, books
from thincell.validation.theory import exact
from thincell.validation.theory.cases import (
    FARADAY,
    THERMAL_VOLTAGE,
    dilute,
    electrolyte,
    plating,
    solve,
    strip,
)

HEIGHT = 1e-6
VOLTAGE = 0.01
BIOT = 1e4

#: Band width, gap and height of unit cells.
SECTIONS = ((1.0, 1.0, 0.25), (2.0, 1.0, 1.0))
PLANS = ((1.0, 1.0, 0.05), (1.0, 1.0, 0.1), (1.0, 1.0, 0.25), (2.0, 1.0, 0.2), (1.0, 2.0, 0.2))
#: Bi at which the first of PLANS and the last but one are repeated.
SLOWER = (0.1, 1.0, 10.0)
#: Finger width, gap and length of combs in heights; what is added to the length.
COMBS = ((10.0, 10.0, 40.0), (20.0, 10.0, 40.0))
LONGER = 20.0

#: End correction of an equipotential edge and resistance of a right-angled bend in squares.
END, BEND = 2 * log(2) / pi, 1 - 2 * log(2) / pi


def rows() -> Iterator[Row]:
    """Section, unit cells from above, combs from above."""
    for geometry in SECTIONS:
        yield from _section(*geometry)
    for width, gap, height in PLANS:
        beyond = exact.end_correction_series(BIOT) - END
        computed = 2 / (unit_resistance(width, gap, height, BIOT) - 2 * beyond)
        wanted = exact.interdigitated_current(width, gap, height)
        yield Row(f"plan: w={width:g} g={gap:g} H={height:g}", "I/(nFDc b)", computed, wanted, 5e-3)
    for width, gap, height in (PLANS[0], PLANS[3]):
        for biot in SLOWER:
            wanted = gap / height + 2 * exact.end_correction_modes(biot, width / 2 / height)
            computed = unit_resistance(width, gap, height, biot)
            label = f"plan: w={width:g} g={gap:g} H={height:g}, Bi = {biot:g}"
            yield Row(label, "kappa R b", computed, wanted, 5e-3)
    for width, gap, length in COMBS:
        yield from _combs(width, gap, length)


def _section(width: float, gap: float, height: float) -> Iterator[Row]:
    """A closed cell held at a voltage with fast kinetics until it is steady."""
    cation, anion, concentration, voltage = 2e-10, 4e-10, 1000.0, 0.1
    diffusivity, left = 2 * cation * anion / (cation + anion), anion / (cation + anion)
    scaled = (width / 2 / height, gap / height, width / 2 / height)
    time = 3 * (sum(scaled) * HEIGHT) ** 2 / diffusivity
    run = solve(
        {
            "cell": strip(HEIGHT, *scaled, 0.0),
            "electrolyte": dilute(cation, anion),
            "reactions": {"plating": plating(1e10, kinetics={"concentration_exponent": 0.5})},
            "protocol": [{"hold": f"-{voltage} V", "for": f"{time!r} s"}],
            "output": {"every": f"{time!r} s"},
            "mesh": {"edge": 1e-5 * min(1.0, *scaled), "growth": 1.5, "columns": 8, "order": 3},
            "solver": {"tolerance": 5e-3},
        }
    )
    unit = FARADAY * diffusivity * concentration / left * tanh(voltage / (4 * THERMAL_VOLTAGE))
    computed = -run.history[names.CURRENT.name][-1] / 1e-3 / unit
    label = f"section: w={width:g} g={gap:g} H={height:g}"
    # between 1 - J and 1 + J a half cell carries 2 J G
    yield Row(label, "2 G", float(computed), exact.interdigitated_current(width, gap, height), 1e-4)
    yield from books(label, run.summary)


def _metres(value: float) -> str:
    return f"{value * HEIGHT!r} m"


def _held(cell: dict[str, Any], biot: float) -> float:
    """kappa R h of a cell with linear kinetics."""
    run = solve(
        {
            "cell": {**cell, "view": "plan"},
            "electrolyte": {**electrolyte(conductivity="1 S/m"), "model": "ohmic"},
            "reactions": {"plating": plating(biot * THERMAL_VOLTAGE / HEIGHT, "linear")},
            "protocol": [{"hold": f"{VOLTAGE} V", "for": "1 s"}],
            "output": {"every": "1 s"},
            "mesh": {"growth": 1.3},
        }
    )
    return float(VOLTAGE * HEIGHT / run.history[names.CURRENT.name][-1])


def unit_resistance(width: float, gap: float, height: float, biot: float) -> float:
    """kappa R b of half a band, a gap and half a band, seen from above."""
    long = 4.0
    cell = strip(HEIGHT, width / 2 / height, gap / height, width / 2 / height, 0.0)
    return _held({**cell, "length": _metres(long), "margin_sides": "0 m"}, biot) * long


def comb_conductance(fingers: int, width: float, gap: float, length: float) -> float:
    """1/(kappa R h) of two combs with fast kinetics; lengths in heights."""
    spine, margin = 10.0, 10.0
    shape = {
        "shape": "comb",
        "fingers": fingers,
        "width": _metres(width),
        "gap": _metres(gap),
        "length": _metres(length),
        "spine": _metres(spine),
    }
    partner = {"x": _metres(length + gap), "y": _metres(width + gap), "direction": "180 deg"}
    electrode = {"width": _metres(width), "thickness": "0 m"}
    cell = {
        "type": "chip",
        "height": _metres(1.0),
        "gap": _metres(gap),
        "margin": _metres(margin),
        "length": _metres(length),
        "working": {**electrode, "outline": {**shape, "x": "0 m"}},
        "counter": {**electrode, "outline": {**shape, **partner}},
    }
    return 1 / _held(cell, BIOT)


def _combs(width: float, gap: float, length: float) -> Iterator[Row]:
    """What longer fingers add to combs of two fingers, and what a third finger adds."""
    end = exact.end_correction_series(BIOT)
    across = gap + 2 * end
    two = comb_conductance(2, width, gap, length)
    longer = comb_conductance(2, width, gap, length + LONGER) - two
    label = f"plan: combs w={width:g} g={gap:g} h, fingers of {length:g} h"
    yield Row(label, f"1/(kappa R h) of {LONGER:g} h more", longer, 3 * LONGER / across, 5e-3)
    period = comb_conductance(3, width, gap, length) - two
    straight = 2 * (length - gap - 2 * end) / across + 2 * (width - 2 * end) / across
    yield Row(label, "1/(kappa R h) of a third finger", period, straight + 4 * BEND, 5e-3)

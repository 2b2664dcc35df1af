"""What a thin layer can carry and for how long: limiting currents, exhaustion, Sand's time.

Magnitudes; SI. Properties constant; concentrations are those of the cation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi, sqrt
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import erfc

from thincell.model.constants import FARADAY
from thincell.model.coplanar import PRIMARY_END, CoplanarCell


@dataclass(frozen=True)
class LimitingCurrent:
    """Steady limiting current: I/b [A/m], its averages over the electrodes [A/m2].

    `counter_concentration` [mol/m3] is that of the cation at the inner edge of the counter.
    """

    per_depth: float
    working: float
    counter: float
    counter_concentration: float


def limiting_current_closed(
    cell: CoplanarCell,
    diffusivity: float,
    concentration: float,
    transference_number: float,
    charge: int = 1,
    counter: Literal["equal-concentration", "equal-current"] = "equal-concentration",
) -> LimitingCurrent:
    """Plating from a closed cell of binary salt; the counter electrode dissolves the same metal.

    At rest the anions do not move, so their electrochemical potential is uniform, and with constant
    properties -D grad c = (1 - t+) i/(zF), c harmonic, c the cation's concentration (nu+ times the
    salt's), D the salt's diffusivity. The working face is at c = 0. A fast counter reaction on an
    equipotential metal makes its face uniform, c = C u with u of `mean_counter_share`; the salt
    that was there fixes C = c0/<u> (2 c0 for equal electrodes and margins), and
        I/b = zFD C/((1 - t+) kappa R b).
    A counter of slow kinetics ("equal-current") keeps more salt above it. The depth average then
    obeys D h c'' = (1 - t+) i/(zF) exactly; with j the slope in the gap and e = PRIMARY_END h,
        c0 L = j [<d^2>/2 + g (g/2 + e) + w2 (g + e + w2/3) + m2 (g + e + w2/2)].
    The two are the ends of a range of counter kinetics. Widths above 2 h for this one.
    """
    if not isfinite(cell.length):
        raise ValueError("a closed cell needs finite margins")
    conversion = charge * FARADAY * diffusivity / (1 - transference_number)
    if counter == "equal-concentration":
        edge = concentration / cell.mean_counter_share()
        return _limit(cell, conversion * edge / cell.resistance(), edge)
    end = PRIMARY_END * cell.height
    above = end**2 + cell.height**2 / 3  # <d^2>
    gap, width = cell.gap, cell.counter_width
    stored = above / 2 + gap * (gap / 2 + end) + width * (gap + end + width / 3)
    stored += cell.counter_margin * (gap + end + width / 2)
    slope = concentration * cell.length / stored
    return _limit(cell, conversion * slope * cell.height, slope * (gap + end))


def limiting_current_reservoir(
    cell: CoplanarCell,
    diffusivity: float,
    concentration: float,
    transference_number: float,
    charge: int = 1,
    reversible: bool = True,
) -> LimitingCurrent:
    """The same where both ends of the liquid are held at c0 and pass no net current.

    Now anions run steadily from the end behind the working electrode, where salt is consumed, to
    the other. Over a fast metal electrode the cation's potential is uniform, so they pass with
    the slope t+ of a free layer (dilute solution) and c is not uniform along the faces; the
    limit is c = 0 at the inner edge of the working electrode. With ends e = PRIMARY_END h in g'
    = g + 2e and m' = m + e, and m'' = m' + t+ w,
        I/b = zFD c0 h (g' + m1'' + m2'')/((1 - t+) g' m1'').
    `reversible=False`: c = 0 on the whole working face, which takes any voltage (t+ w -> 0 there).
    Depth-averaged: gap, widths and margins above 2 h; O(h/gap) where t+ w matters. Both margins
    inf: taken as growing alike, I/b = 2 zFD c0 h/((1 - t+) g'). With a supporting electrolyte
    t+ = 0 and D is the reactant's.
    """
    end = PRIMARY_END * cell.height
    gap = cell.gap + 2 * end
    path = transference_number if reversible else 0.0
    behind = cell.working_margin + end + path * cell.working_width
    beyond = cell.counter_margin + end + transference_number * cell.counter_width
    if not isfinite(cell.length):
        if isfinite(cell.working_margin) or isfinite(cell.counter_margin):
            raise ValueError("one open end: no steady state")
        ratio = 1.0
    else:
        ratio = beyond / behind
    conversion = charge * FARADAY * diffusivity / (1 - transference_number)
    per_depth = conversion * concentration * cell.height * ((1 + ratio) / gap + 1 / behind)
    return _limit(cell, per_depth, concentration * (1 + ratio))


def _limit(cell: CoplanarCell, per_depth: float, counter: float) -> LimitingCurrent:
    return LimitingCurrent(
        per_depth, per_depth / cell.working_width, per_depth / cell.counter_width, counter
    )


def exhaustion_time(
    height: float,
    current_density: float,
    concentration: float,
    transference_number: float,
    charge: int = 1,
) -> float:
    """tau [s] = zF c0 h/((1 - t+) |i|): a layer of even depth runs dry; valid for h^2/D << tau."""
    moved = (1 - transference_number) * abs(current_density) / (charge * FARADAY)
    return concentration * height / moved


def sand_time(
    diffusivity: float,
    current_density: float,
    concentration: float,
    transference_number: float,
    charge: int = 1,
    porosity: float = 1,
    bruggeman_exponent: float = 1.5,
) -> float:
    """tau [s] = pi D [zF c0/(2 (1 - t+) |i|)]^2 (Sand 1901); deep liquid.

    In a separator D c_t -> porosity^(b+1) D: porosity of the store times porosity^b of transport.
    """
    moved = (1 - transference_number) * abs(current_density) / (charge * FARADAY)
    effective = diffusivity * porosity ** (1 + bruggeman_exponent)
    return pi * effective * (concentration / (2 * moved)) ** 2


def depletion_time(
    height: float,
    diffusivity: float,
    current_density: float,
    concentration: float,
    transference_number: float,
    charge: int = 1,
) -> float:
    """Time [s] to c = 0 at the electrode for any depth h, current from the floor, sealed lid.

    With T = D t/h^2: c0 D/(q h) = T + 1/3 - (2/pi^2) sum exp(-(n pi)^2 T)/n^2, q = (1 - t+) i/(zF)
    (Carslaw & Jaeger 1959, 3.8). Sand's time for thick layers, exhaustion time - h^2/3D for thin.
    """
    moved = (1 - transference_number) * abs(current_density) / (charge * FARADAY)
    load = concentration * diffusivity / (moved * height)
    upper = min(load, pi * load**2 / 4)

    def excess(time: float) -> float:
        if time > 0.3:
            terms = sum(np.exp(-((n * pi) ** 2) * time) / n**2 for n in (1, 2, 3, 4))
            return float(time + 1 / 3 - 2 / pi**2 * terms - load)
        root = sqrt(time)
        images = sum(
            np.exp(-((n / root) ** 2)) / sqrt(pi) - n / root * erfc(n / root) for n in (1, 2, 3, 4)
        )
        return float(2 * root * (1 / sqrt(pi) + 2 * images) - load)

    time = brentq(excess, 0.1 * upper, upper * (1 + 1e-9), xtol=1e-15 * upper, rtol=1e-14)
    return float(time) * height**2 / diffusivity


def spread_length(diffusivity: float, time: float) -> float:
    """sqrt(D t) [m]: what the layer brings in from the sides in that time."""
    return sqrt(diffusivity * time)


def settling_time(length: float, diffusivity: float) -> float:
    """L^2/(pi^2 D) [s]: slowest decay of a closed layer of length L under imposed current."""
    return length**2 / (pi**2 * diffusivity)


def coin_limiting_current(
    thickness: float,
    diffusivity: float,
    concentration: float,
    transference_number: float,
    charge: int = 1,
    porosity: float = 1,
    bruggeman_exponent: float = 1.5,
) -> float:
    """i_lim [A/m2] = 2 zF D porosity^b c0/((1 - t+) L), facing discs, separator of thickness L."""
    conversion = charge * FARADAY * diffusivity / (1 - transference_number)
    return 2 * conversion * porosity**bruggeman_exponent * concentration / thickness

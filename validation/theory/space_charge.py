r"""Steady voltage of a plate cell below and above the limiting current, and the space charge beyond it.

The problem of `plate`. Voltages v(J) in RT/F of an independent collocation solver (scipy's solve_bvp,
relative tolerance 1e-6). With fast kinetics and thin layers v = 4 artanh J, to the order of eps. Above
the limiting current anions are driven out of x < x_0 = 1 - J^(-1/2), where to leading order
phi' = (2/eps) sqrt(J (x_0 - x)): a drop of (4/3) sqrt(J) x_0^(3/2)/eps.

What "the edge" of the space charge is at finite eps depends on who asks; two answers are measured:

* the bulk's concentration extrapolated to zero, x_1 = 1/2 - c(1/2)/2J: the momentum of the ions,
  c - eps^2 phi'^2/2 = 2J (x - x_1), makes x_1 a constant of the solution. It differs from x_0 by the
  salt of the anode's double layer, of the order of eps (0.7 eps measured);
* the place where c- = c+/2: it lies in the transition layer, whose width is of the order of
  eps^(2/3) (Smyrl & Newman 1967, 10.1039/tf9676300207).

The rows compare them with x_0 itself, with the fitted order in eps of their distance from it; the
allowed error is a row's own first distance, at the largest eps. The drop across the space charge is
compared in the same way, relative to the leading order: it exceeds that by 2.5 to 3.0 RT/F, which
grows as ln(1/eps).

Newton counts are those of the first solution, from rest, with no option set.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from thincell.studies import names
from thincell.studies.manufactured import rate
from thincell.studies.profile import ion_profile
from thincell.studies.steady import Steady, SteadyState
from thincell.validation.rows import Row, books
from thincell.validation.theory.cases import THERMAL_VOLTAGE
from thincell.validation.theory.plate import FINE, LENGTH, LIMIT, Plate

#: v(J) [RT/F] for delta = 0.1, k = 10.
REFERENCE = {
    1e-2: {
        0.1: 0.421223, 0.3: 1.294405, 0.5: 2.274185, 0.7: 3.497663, 0.9: 5.305613, 1.0: 6.689190,
        1.2: 11.154821, 1.5: 20.765358,
    },
    1e-3: {
        0.1: 0.421329, 0.3: 1.297696, 0.5: 2.294770, 0.7: 3.596382, 0.9: 5.939904, 1.0: 9.377127,
        1.2: 47.238781,
    },
}  # fmt: skip

#: Cells through the height where the transition layer inside of the cell is to be resolved.
RESOLVED = {**FINE, "layers": 400}

#: What a cold start may take: Newton iterations below the limiting current, and of a potential ramp.
JUMP, RAMP_STEPS, RAMP = 8, 10, 60


def rows() -> Iterator[Row]:
    """Voltages, outer solutions, space charge, and what it takes to get there."""
    for eps in REFERENCE:
        yield from _voltages(eps)
    for current in (0.1, 0.5, 0.9):
        yield _fast(current)
    yield from _reference_profile()
    yield from _edges()
    for eps in (1e-2, 1e-3, 1e-4):
        yield from _jump(eps)
    for eps in (1e-2, 1e-3, 1e-4, 1e-5):
        yield from _ramp(eps)


def voltage(state: SteadyState) -> float:
    """v in RT/F: positive when the working electrode plates."""
    return -state.voltage / THERMAL_VOLTAGE


def _voltages(eps: float) -> Iterator[Row]:
    for current, wanted in REFERENCE[eps].items():
        steady = Plate(eps).steady()
        found = voltage(steady.at_current(-current * LIMIT))
        yield Row(f"plate, eps = {eps:g}, J = {current:g}", "voltage [RT/F]", found, wanted, 1e-4)
    row = steady.observer.row(1, None)
    summary = {"Largest charge imbalance": row[names.CHARGE_BALANCE.name],
               "Largest ion imbalance": row[names.ION_BALANCE.name]}  # fmt: skip
    yield from books(f"plate, eps = {eps:g}, J = {current:g}", summary)


def _fast(current: float) -> Row:
    steady = Plate(1e-6, rate=1e6).steady()
    found = voltage(steady.at_current(-current * LIMIT))
    label = f"plate, eps = 1e-06, fast kinetics, J = {current:g}"
    return Row(label, "voltage [RT/F]: 4 artanh J", found, 4 * float(np.arctanh(current)), 1e-4)


class Profile:
    """Scaled fields from the cathode on: x, phi, c = (c+ + c-)/2, c+ and c-."""

    def __init__(self, steady: Steady) -> None:
        table = ion_profile(steady.problem)
        self.x = table[names.Z.name] / LENGTH
        self.phi = table[names.INNER.name] / THERMAL_VOLTAGE
        self.cation = table[names.concentration_of("Li+")]
        self.anion = table[names.concentration_of("PF6-")]

    def drop(self, x: float) -> float:
        """phi(x) - phi(0)."""
        return float(np.interp(x, self.x, self.phi) - self.phi[0])

    def extrapolated(self, current: float) -> float:
        """x_1 = 1/2 - c(1/2)/2J."""
        middle = np.interp(0.5, self.x, (self.cation + self.anion) / 2)
        return float(0.5 - middle / (2 * current))

    def half(self) -> float:
        """First x at which c- = c+/2, outside the cathode's diffuse layer."""
        lack = self.anion - self.cation / 2
        k = int(np.argmax(lack > 0))
        return float(np.interp(0.0, lack[k - 1 : k + 1], self.x[k - 1 : k + 1]))


def _reference_profile() -> Iterator[Row]:
    """Drops and the concentration in the middle, to the digits of the reference."""
    for eps, current, drop in ((1e-3, 1.2, 40.22), (1e-2, 1.5, 14.95)):
        steady = Plate(eps).steady(mesh=RESOLVED)
        steady.at_current(-current * LIMIT)
        profile, edge = Profile(steady), 1 - current**-0.5
        label = f"plate, eps = {eps:g}, J = {current:g}"
        yield Row(label, "phi(x0) - phi(0) [RT/F]", profile.drop(edge), drop, 5e-4)
        if eps == 1e-3:
            middle = float(np.interp(0.5, profile.x, profile.anion))
            yield Row(label, "c-(1/2)/c0", middle, 0.98933, 5e-5)


def _edges() -> Iterator[Row]:
    """Both edges and the drop against the outer solution, with the order of the difference in eps."""
    current, sizes = 1.5, (4e-3, 2e-3, 1e-3)
    edge = 1 - current**-0.5
    extrapolated, half, drop = [], [], []
    for eps in sizes:
        steady = Plate(eps).steady(mesh=RESOLVED)
        steady.at_current(-current * LIMIT)
        profile = Profile(steady)
        extrapolated.append(profile.extrapolated(current))
        half.append(profile.half())
        drop.append(profile.drop(edge) * eps / (4 / 3 * current**0.5 * edge**1.5))
    label = f"space charge, J = {current:g}, eps = 1e-3"
    for name, values, exact, least in (
        ("x0: bulk extrapolated", extrapolated, edge, 0.95),
        ("x0: c- = c+/2", half, edge, 0.6),
        ("drop over the outer one's", drop, 1.0, 0.8),
    ):
        distances = [abs(value - exact) for value in values]
        order = rate(list(sizes), distances)
        yield Row(label, name, values[-1], exact, distances[0], True, order, least)


def _jump(eps: float) -> Iterator[Row]:
    """From rest to 0.9 of the limiting current in one solve."""
    effort = Plate(eps).steady().at_current(-0.9 * LIMIT).effort
    label = f"rest to J = 0.9, eps = {eps:g}"
    yield Row(label, f"Newton iterations (at most {JUMP})", effort.iterations, 0, JUMP, absolute=True)
    yield Row(label, "solves besides the one", effort.steps + effort.rejected - 1, 0, 0, absolute=True)


def _ramp(eps: float) -> Iterator[Row]:
    """From rest to -100 RT/F by continuation, delta = 1."""
    effort = Plate(eps, delta=1.0).steady().ramp(-100 * THERMAL_VOLTAGE)
    label = f"ramp to -100 RT/F, eps = {eps:g}"
    yield Row(label, f"steps (at most {RAMP_STEPS})", effort.steps, 0, RAMP_STEPS, absolute=True)
    yield Row(label, f"Newton iterations (at most {RAMP})", effort.iterations, 0, RAMP, absolute=True)
    yield Row(label, "rejected steps", effort.rejected, 0, 0, absolute=True)

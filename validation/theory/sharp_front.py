r"""Reference solutions: a flat metal front that grows or dissolves in a binary salt, sharp interface.

Self-contained (numpy, scipy): nothing is shared with the code under test. Units: any length l and time
t, concentration c0, potential RT/F, current density zF c0 l/t, molar volume as Omega c0. Currents are
anodic positive, z points from the metal into the electrolyte, metal fills z < s(t).

A z:z salt, dilute, Phi measured against the metal:

    N = -D c' + t+ i        i = -kappa (Phi' - chi c'/c)        chi = 2 (1 - t+)/z
    kappa = z D c/(2 t+ (1 - t+))       (Nernst-Einstein)        dc/dt = -N', i' = 0

The front moves with v = -Omega i. Cations are left behind as metal, N - v c = i; no anion crosses it,
(N - i) - v c = 0: the anions of the swept volume are pushed ahead. Hence at z = s

    D c' = (v/Omega) (1 - t+ - Omega c).

The last term is a share Omega c/(1 - t+) of the first. It belongs to an electrolyte that stands still;
were the liquid displaced with the metal (velocity v), it would vanish. *Quasi-static* solutions leave it
out, and dc/dt: anions rest, c is linear, Phi = (2/z) ln c + constant.

Kinetics: i = i0 c^gamma [exp(alpha_a eta) - exp(-alpha_c eta)], eta = E - Phi - U, and U = -Gamma K/z on
a front of curvature K (positive: metal convex), Gamma = (surface energy) Omega/RT.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import asinh, exp, inf, log
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

Array = npt.NDArray[np.float64]
Program = float | Callable[[float], float]


@dataclass(frozen=True)
class Salt:
    """A dilute z:z salt; equal ions of unit diffusivity by default."""

    diffusivity: float = 1.0
    transference: float = 0.5
    charge: int = 1

    @property
    def resting(self) -> float:
        """Flux of cations per gradient where anions rest: D/(1 - t+) = 2 D+."""
        return self.diffusivity / (1 - self.transference)

    @property
    def shift(self) -> float:
        """dPhi/dln c where anions rest."""
        return 2 / self.charge

    @property
    def chi(self) -> float:
        """dPhi/dln c without current."""
        return 2 * (1 - self.transference) / self.charge

    @property
    def conductivity(self) -> float:
        """kappa/c."""
        return self.charge * self.diffusivity / (2 * self.transference * (1 - self.transference))


@dataclass(frozen=True)
class Metal:
    """Butler-Volmer kinetics, Omega c0, and the capillary length Gamma of a metal."""

    exchange: float = 0.1
    anodic: float = 0.5
    cathodic: float = 0.5
    exponent: float = 0.5
    molar_volume: float = 1e-3
    capillarity: float = 0.0

    def current(self, c: float, eta: float) -> float:
        """i, anodic positive."""
        return self.exchange * c**self.exponent * (exp(self.anodic * eta) - exp(-self.cathodic * eta))

    def conductance(self, c: float, eta: float) -> float:
        """di/deta."""
        oxidation, reduction = exp(self.anodic * eta), exp(-self.cathodic * eta)
        return self.exchange * c**self.exponent * (self.anodic * oxidation + self.cathodic * reduction)

    def overpotential(self, c: float, current: float) -> float:
        """eta at a current."""
        ratio = current / (self.exchange * c**self.exponent)
        if self.anodic == self.cathodic:
            return asinh(ratio / 2) / self.anodic
        bound = log(2 + abs(ratio)) / min(self.anodic, self.cathodic)

        def rest(eta: float) -> float:
            return exp(self.anodic * eta) - exp(-self.cathodic * eta) - ratio

        return float(brentq(rest, -bound, bound, xtol=1e-15))


@dataclass(frozen=True)
class Cell:
    """Metal at z < s, and at z = height a reservoir (c = 1, Phi = 0) or a counter electrode.

    The counter electrode is of the same metal but does not move; its potential is the zero of E, and the
    anions of the layer at s = 0 stay in it.
    """

    salt: Salt = Salt()
    metal: Metal = Metal()
    height: float = 8.0
    far: Literal["reservoir", "counter"] = "reservoir"

    def limiting_current(self, thickness: float = 0.0) -> float:
        """|i| at which the quasi-static c vanishes at the front."""
        gap = self.height - thickness
        if self.far == "reservoir":
            return self.salt.resting / gap
        return 2 * self.salt.resting * self.height / gap**2

    def faces(self, current: float, thickness: float = 0.0) -> tuple[float, float]:
        """Quasi-static c at the front and at the far side."""
        gap = self.height - thickness
        drop = -current * gap / self.salt.resting
        if self.far == "reservoir":
            return 1 - drop, 1.0
        return self.height / gap - drop / 2, self.height / gap + drop / 2

    def displaced_face(self, current: float, thickness: float = 0.0) -> float:
        """c at the front below a reservoir with the pushed anions, steady; error O(Omega^2)."""
        drop = -current * (self.height - thickness) / self.salt.diffusivity
        return (1 - drop * (1 - self.salt.transference)) / (1 - drop * self.metal.molar_volume)

    def electrode_voltage(self, current: float, front: float, far: float, drop: float) -> float:
        """E from c on either side and Phi(front) - Phi(far)."""
        opposite = 0.0 if self.far == "reservoir" else self.metal.overpotential(far, -current)
        return self.metal.overpotential(front, current) + drop - opposite

    def voltage(self, current: float, thickness: float = 0.0) -> float:
        """E, quasi-static."""
        front, far = self.faces(current, thickness)
        return self.electrode_voltage(current, front, far, self.salt.shift * log(front / far))

    def current(self, voltage: float, thickness: float = 0.0) -> float:
        """i at E, quasi-static."""
        limit = self.limiting_current(thickness) * (1 - 1e-14)
        top = limit
        while self.far == "reservoir" and self.voltage(top, thickness) < voltage:
            top *= 2
        return float(
            brentq(lambda i: self.voltage(i, thickness) - voltage, -limit, top, xtol=1e-16, rtol=1e-14)
        )

    def thickness(self, times: npt.ArrayLike, voltage: float, start: float = 0.0) -> Array:
        """s at `times` under a constant E, quasi-static."""
        t = np.asarray(times, dtype=float)

        def speed(_: float, s: Array) -> list[float]:
            return [-self.metal.molar_volume * self.current(voltage, float(s[0]))]

        solution = solve_ivp(speed, (0.0, t[-1]), [start], "DOP853", t, rtol=1e-12, atol=1e-13)
        return np.asarray(solution.y[0])


#: Cells of numerics.md, Part 2, section 1, by i/i_lim: lengths in um, gap 8, D+ = D- = 1, Omega c0 =
#: 1e-3; their exchange current densities are not on record, these are chosen: kinetic, mixed, limiting.
CASES: dict[float, Cell] = {
    0.04: Cell(metal=Metal(exchange=0.01)),
    0.37: Cell(metal=Metal(exchange=0.1)),
    0.83: Cell(metal=Metal(exchange=0.1)),
}


def case_voltage(share: float) -> float:
    """E at which a case starts with its share of the limiting current."""
    cell = CASES[share]
    return cell.voltage(-share * cell.limiting_current())


@dataclass(frozen=True)
class History:
    """Result of `transient` at `times`: arrays over time; c at z = s + place (height - s)."""

    times: Array
    thickness: Array
    velocity: Array
    current: Array
    voltage: Array
    place: Array
    concentration: Array


def lobatto(order: int) -> tuple[Array, Array, Array]:
    """Nodes, weights and derivative matrix of Gauss-Lobatto-Legendre on (0, 1)."""
    legendre = np.polynomial.legendre.Legendre.basis(order)
    x = np.concatenate([[-1.0], np.sort(legendre.deriv().roots().real), [1.0]])
    value = legendre(x)
    gap = x[:, None] - x + np.eye(order + 1)
    derivative = value[:, None] / value / gap * (1 - np.eye(order + 1))
    derivative[0, 0], derivative[-1, -1] = -order * (order + 1) / 4, order * (order + 1) / 4
    return (x + 1) / 2, 1 / (order * (order + 1) * value**2), 2 * derivative


def transient(
    cell: Cell,
    times: npt.ArrayLike,
    *,
    voltage: Program | None = None,
    current: Program | None = None,
    start: float = 0.0,
    initial: Callable[[Array], Array] | None = None,
    order: int = 40,
    tolerance: float = 1e-10,
) -> History:
    """The moving-boundary problem, transient: E(t) or i(t) given, c(z) at first 1 or `initial`.

    y = (z - s)/(height - s); one Legendre element, nodal quadrature, natural conditions: the flux of
    anions relative to the grid, which vanishes at the front, is tested with dv/dy, so no anions are lost
    in space. In time BDF with `tolerance`. An error when the salt runs out at a given current.
    """
    if (voltage is None) == (current is None):
        raise ValueError("give a voltage or a current")
    given = voltage if current is None else current
    assert given is not None
    program = given if callable(given) else lambda _: given
    y, weight, slope = lobatto(order)
    salt, omega = cell.salt, cell.metal.molar_volume
    held = cell.far == "reservoir"

    def resistance(c: Array, s: float) -> float:
        return (cell.height - s) * float(np.sum(weight / c)) / salt.conductivity

    def electrode(c: Array, s: float, i: float) -> float:
        drop = salt.chi * log(c[0] / c[-1]) + i * resistance(c, s)
        return cell.electrode_voltage(i, float(c[0]), float(c[-1]), drop)

    def drawn(t: float, c: Array, s: float) -> float:
        value = program(t)
        if current is not None:
            return value
        bound = (abs(value - salt.chi * log(c[0] / c[-1])) + 1e-12) / resistance(c, s)
        return float(brentq(lambda i: electrode(c, s, i) - value, -bound, bound, xtol=1e-17, rtol=1e-14))

    def unpack(state: Array) -> tuple[Array, float]:
        c = np.append(state[:-1], 1.0) if held else state[:-1]
        return np.maximum(c, 1e-12), float(state[-1])

    def rate(t: float, state: Array) -> Array:
        c, s = unpack(state)
        i, gap = drawn(t, c, s), cell.height - s
        v = -omega * i
        flux = -salt.diffusivity * (slope @ c) / gap - (1 - salt.transference) * i - v * (1 - y) * c
        change = ((weight * flux) @ slope / weight + v * c) / gap
        return np.append(change[:-1] if held else change, v)

    t = np.asarray(times, dtype=float)
    z = start + (cell.height - start) * y
    c = np.ones_like(z) if initial is None else initial(z)
    begin = np.append(c[:-1] if held else c, start)
    solution = solve_ivp(
        rate, (float(t[0]), float(t[-1])), begin, "BDF", t, rtol=tolerance, atol=tolerance / 10
    )
    if not solution.success or solution.y[:-1].min() <= 0:
        raise ValueError("no solution to the end: the salt runs out at the front")
    states = [unpack(state) for state in solution.y.T]
    currents = np.array([drawn(time, *state) for time, state in zip(t, states, strict=True)])
    volts = [electrode(*state, i) for state, i in zip(states, currents, strict=True)]
    c = np.array([state[0] for state in states])
    return History(t, solution.y[-1], -omega * currents, currents, np.array(volts), y, c)


# --- Curved fronts at rest (Gibbs-Thomson), in a plane ---


def still_overpotential(radius: float, capillarity: float, charge: int = 1) -> float:
    """eta = E - Phi at which a disc neither grows nor dissolves: -Gamma/(z r), cathodic.

    At eta = 0 it dissolves; a hole (r < 0) fills. A sphere has -2 Gamma/(z r).
    """
    return 0.0 if radius == inf else -capillarity / (charge * radius)


def ripening(radii: npt.ArrayLike, metal: Metal, charge: int = 1, c: float = 1.0) -> tuple[float, Array]:
    """(eta, dr/dt) of discs at one floating potential in one uniform c and Phi.

    No net current: sum r_j i(eta + Gamma/(z r_j)) = 0, dr_j/dt = -Omega i(eta + Gamma/(z r_j)), which
    keeps sum r_j^2. With linear kinetics eta = -Gamma/(z r*), r* = mean radius, and dr_j/dt = Omega
    (di/deta) (Gamma/z) (1/r* - 1/r_j): discs larger than r* grow, smaller ones dissolve.
    """
    r = np.asarray(radii, dtype=float)
    shift = metal.capillarity / (charge * r)

    def currents(eta: float) -> Array:
        return np.array([metal.current(c, eta + one) for one in shift])

    low, high = -float(shift.max()), -float(shift.min())
    eta = low if low == high else float(brentq(lambda e: r @ currents(e), low, high, xtol=1e-17))
    return eta, -metal.molar_volume * currents(eta)

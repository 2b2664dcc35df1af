"""Coplanar electrodes in a thin liquid layer: exact distributions, resistances and limits.

Section (x, y): liquid 0 < y < h; a working and a counter electrode, flush with the insulating wall
y = 0 and separated by the gap g; lid insulating; side walls at the ends of the margins (margin inf:
open strip). All conductivities and diffusivities are constant.

Primary distribution (equipotential electrodes). The rectangle is mapped on a half plane by a
Weierstrass function of periods 2L and 2ih, L the length of the liquid. Differences of its values
factorise, t(x) - t(y) ~ S(x - y) S(x + y), S the first theta function (Whittaker & Watson 1927,
ch. 20-21; for open ends S(x) S(y) -> sinh(pi (x - y)/2h)), so everything follows from
    lambda = t21 t43 / (t31 t42),  kappa R b = K(1 - lambda)/K(lambda)  (K of the parameter m = k^2)
with edges 1, 2 (outer, inner) of one electrode and 3, 4 (inner, outer) of the other. It is the
same answer as Jacobi's sn of nome q = exp(-2 pi h/L), which loses all digits as q -> 1 (L > 10 h).
Here S is the product over the images in the side walls for h <= L and its transform over images in
floor and lid for h > L; the exponents of thin layers cancel by hand: no case needs a fallback.

Secondary distribution (linear kinetics, resistance R_ct [ohm m2], Biot number Bi = h/(kappa R_ct)):
residue calculus, roots beta tan(beta) = Bi. Mass transport: see `limiting_current_closed`.

Signs: magnitudes; anodic or cathodic is the caller's. Units: SI, with b the depth (out of plane),
R the resistance, I the current, kappa the conductivity.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, inf, isfinite, log, pi, sin, sqrt, tanh
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ellipkm1, elliprf, erfc, expit

from thincell.model.constants import FARADAY, thermal_voltage

PRIMARY_END = 2 * log(2) / pi
"""End length of a wide equipotential electrode over h: mean distance of the current to its edge."""

Array = npt.NDArray[np.float64]
Values = float | npt.ArrayLike
Electrode = Literal["working", "counter"]


@dataclass(frozen=True)
class CoplanarCell:
    """Two flush electrodes in a layer of `height`; lengths in m, a margin may be inf (open)."""

    height: float
    gap: float
    working_width: float
    counter_width: float
    working_margin: float = inf
    counter_margin: float = inf

    def __post_init__(self) -> None:
        sizes = (self.height, self.gap, self.working_width, self.counter_width)
        if not all(0 < size < inf for size in sizes):
            raise ValueError("height, gap and widths must be positive and finite")
        if not (self.working_margin >= 0 and self.counter_margin >= 0):
            raise ValueError("margins must not be negative")

    @property
    def length(self) -> float:
        """Length of the liquid layer [m]."""
        inner = self.working_width + self.gap + self.counter_width
        return self.working_margin + inner + self.counter_margin

    def width(self, electrode: Electrode) -> float:
        """Width of an electrode [m]."""
        return self.working_width if electrode == "working" else self.counter_width

    def resistance(self) -> float:
        """Primary resistance kappa*R*b [-]; thin layer and wide electrodes: g/h + 4 ln2/pi."""
        log_ratio, log_rest = _Map(self, "counter").cross_ratio()
        return _complete(log_ratio) / _complete(log_rest)

    def current_density(self, electrode: Electrode, distance: Values) -> Array:
        """Primary i*b/I [1/m] at `distance` [m] from the inner edge (inf at the edges)."""
        return _Map(self, electrode).density(np.asarray(distance, dtype=float))

    def current_fraction(self, electrode: Electrode, distance: Values) -> Array:
        """Primary: part of the current entering within `distance` [m] of the inner edge [-]."""
        return _Map(self, electrode).fraction(np.asarray(distance, dtype=float))

    def edge_strength(self, electrode: Electrode) -> float:
        """Primary: limit of (i*b/I)*sqrt(distance) at the inner edge [m^-1/2]."""
        tiny = 1e-13 * min(self.height, self.gap, self.width(electrode))
        return float(self.current_density(electrode, tiny)) * sqrt(tiny)

    def current_moments(self, electrode: Electrode) -> tuple[float, float]:
        """Primary: means of distance [m] and distance^2 [m2] to the inner edge, by the current."""
        distance, weight = _Map(self, electrode).quadrature()
        first, second = (float(np.sum(weight * distance**k)) for k in (1, 2))
        return first / float(np.sum(weight)), second / float(np.sum(weight))

    def mean_counter_share(self) -> float:
        """Mean over the liquid of the harmonic u, u = 0 on working and 1 on counter electrode [-].

        Exact, from Green's identity of u with x^2/2: needs second moments of the primary current
        and the mean of u on both side walls. Thin and wide: (g/2 + w2 + m2)/L, see
        `mean_counter_share_1d`. Closed cells only.
        """
        if not isfinite(self.length):
            raise ValueError("the mean over the liquid needs finite margins")
        first_w, second_w = self.current_moments("working")
        first_c, second_c = self.current_moments("counter")
        right = self.gap / 2 + self.counter_width + self.counter_margin
        left = self.gap / 2 + self.working_width + self.working_margin
        at_right = 1 - _Map(self, "counter").wall_deficit()
        at_left = _Map(self, "working").wall_deficit()
        moments = self.gap * (first_c - first_w) + second_c - second_w
        total = right * at_right + left * at_left - moments / (2 * self.height * self.resistance())
        return total / self.length

    def mean_counter_share_1d(self) -> float:
        """`mean_counter_share` of the depth-averaged picture: linear in the gap, flat elsewhere.

        For widths >> h the 2-D field is antisymmetric about the middle of the gap, so the error is
        only O(exp(-pi w/2h)), whatever the gap.
        """
        return (self.gap / 2 + self.counter_width + self.counter_margin) / self.length


class _Map:
    """The map seen from one electrode: its edges are 3 (inner) and 4 (outer), the other's 1, 2."""

    def __init__(self, cell: CoplanarCell, electrode: Electrode) -> None:
        self.h, self.gap, self.size = cell.height, cell.gap, cell.length
        sides = [
            (cell.working_width, cell.working_margin),
            (cell.counter_width, cell.counter_margin),
        ]
        (w1, m1), (w2, m2) = sides if electrode == "counter" else sides[::-1]
        self.w1, self.w2, self.m2 = w1, w2, m2
        self.x = (0.0, w1, w1 + self.gap, w1 + self.gap + w2)
        self.left = tuple(m1 + x for x in self.x)  # distances to the walls
        self.right = (m2 + w2 + self.gap + w1, m2 + w2 + self.gap, m2 + w2, m2)
        self.dual = self.h > self.size
        self.rate = 0.0 if self.dual else pi / self.h  # exponents taken out of the products
        period = 2 * self.h / self.size if self.dual else 2 * self.size / self.h
        self.orders = range(1, int(np.ceil(40 / (pi * period))) + 1 if isfinite(period) else 1)

    def _log(self, x: Any) -> Any:
        """log(1 - exp(-pi x/h)), or the factor of the transformed product when h > L."""
        with np.errstate(divide="ignore"):
            if not self.dual:
                return np.log(-np.expm1(-pi * np.asarray(x) / self.h))
            z = pi * np.asarray(x) / self.size
            up = np.abs(np.imag(z))  # only the modulus is wanted; e^up may overflow
            phase = 1j * np.real(z) - up
            result = np.log(np.abs(np.expm1(phase))) + up / 2 - log(2)
            for n in self.orders:
                shift = -2 * pi * n * self.h / self.size
                result = result + np.log(np.abs(1 - np.exp(shift + phase)))
                result = result + np.log(np.abs(1 - np.exp(shift - phase)))
            return result

    def _sum(self, left: Any, right: Any) -> Any:
        """log S of a sum of two positions, from the distances to both walls; exponent dropped."""
        if self.dual:
            return self._log(np.where(np.real(left) < np.real(right), left, right))
        shifts = (2 * self.size * n for n in self.orders)
        return sum(
            (self._log(left + s) + self._log(right + s) for s in shifts),
            start=self._log(left) + self._log(right),
        )

    def _pair(self, difference: Any, left: Any, right: Any) -> Any:
        """log |t(x) - t(y)| without rate * max(x, y) and what cancels in a cross-ratio."""
        result = self._log(difference) + self._sum(left, right)
        if not self.dual:
            for n in self.orders:
                shift = 2 * self.size * n
                result = result + self._log(shift - difference) + self._log(shift + difference)
        return np.real(result)

    def _edges(self, j: int, k: int) -> float:
        j, k = j - 1, k - 1
        apart = abs(self.x[k] - self.x[j])
        if abs(j - k) == 1:
            apart = (self.w1, self.gap, self.w2)[min(j, k)]
        sums = self.left[j] + self.left[k], self.right[j] + self.right[k]
        return float(self._pair(apart, *sums))

    def _point(self, j: int, d: Array) -> Any:
        """`_pair` of edge j and the point at distance d from the inner edge 3."""
        outer = self.w2 - d
        apart = (d + self.gap + self.w1, d + self.gap, d, outer)[j - 1]
        sums = self.left[2] + d + self.left[j - 1], self.m2 + outer + self.right[j - 1]
        return self._pair(apart, *sums)

    def cross_ratio(self) -> tuple[float, float]:
        """log(lambda), log(1 - lambda)."""
        both = self._edges(3, 1) + self._edges(4, 2)
        ratio = self._edges(2, 1) + self._edges(4, 3) - both - self.rate * self.gap
        return min(ratio, 0.0), min(self._edges(3, 2) + self._edges(4, 1) - both, 0.0)

    def density(self, d: Array) -> Array:
        if np.any((d < 0) | (d > self.w2)):
            raise ValueError("the distance must lie on the electrode")
        if self.m2 == 0:  # the outer edge is a mirror line, where the formula reads 0/0
            d = np.minimum(d, self.w2 * (1 - 1e-12))
        with np.errstate(divide="ignore", over="ignore"):
            twice = self._sum(2 * (self.left[2] + d), 2 * (self.m2 + self.w2 - d))
            exponent = twice + (self._edges(3, 1) + self._edges(4, 2)) / 2 - self.rate * d / 2
            exponent = exponent - sum(self._point(j, d) for j in (1, 2, 3, 4)) / 2
            scale = pi / (2 * self.size) if self.dual else pi / self.h
            for n in self.orders:
                image = 2 * pi * n * (self.h / self.size if self.dual else self.size / self.h)
                scale *= np.expm1(-image) ** 2
            return scale * np.exp(exponent) / (2 * _complete(self.cross_ratio()[1]))

    def fraction(self, d: Array) -> Array:
        d = np.clip(d, 0.0, self.w2)
        with np.errstate(divide="ignore"):
            tangent = self.rate * d + self._edges(4, 2) + self._point(3, d)
            tangent = tangent - self._edges(3, 2) - self._point(4, d)
        return _incomplete(tangent, self.cross_ratio()[1])

    def wall_deficit(self) -> float:
        """1 - u averaged over the side wall next to this electrode, u = 1 on it, 0 on the other."""
        nodes, weights = np.polynomial.legendre.leggauss(80)
        angle = pi / 4 * (nodes + 1)
        y = 1j * self.h * np.sin(angle) ** 2
        logs = [
            self._pair(self.right[j] + y, self.size + self.left[j] + y, self.right[j] - y)
            for j in (3, 0)
        ]
        tangent = self._edges(3, 1) + logs[0] - self._edges(4, 3) - logs[1] - self.rate * self.w2
        deficit = _incomplete(tangent, self.cross_ratio()[0])
        return float(np.sum(weights * pi / 4 * np.sin(2 * angle) * deficit))

    def quadrature(self) -> tuple[Array, Array]:
        """Distances and weights i*b/I dx over the electrode; both edge singularities removed."""
        reach = min(self.w2 / 2, 40 * self.h)  # beyond: e^-62 of the current
        first = 0.1 * sqrt(min(reach, self.gap, self.h))
        edges = np.concatenate([[0.0], np.geomspace(first, sqrt(reach), 25)])
        nodes, weights = np.polynomial.legendre.leggauss(14)
        half = np.diff(edges)[:, None] / 2
        s = (edges[:-1, None] + half * (nodes + 1)).ravel()
        ds = (half * weights).ravel()
        distance, weight = s**2, 2 * s * ds * self.density(s**2)
        if reach < 40 * self.h:
            outer = self.w2 - s**2
            distance = np.concatenate([distance, outer])
            weight = np.concatenate([weight, 2 * s * ds * self.density(outer)])
        return distance, weight


def _complete(log_rest: float) -> float:
    """K(m) from log(1 - m), also where 1 - m underflows."""
    if log_rest < -80:
        return log(4) - log_rest / 2
    return float(ellipkm1(np.exp(log_rest)))


def _incomplete(log_tangent: Any, log_rest: float) -> Array:
    """F(phi|m)/K(m) from log(tan(phi)^2) and log(1 - m), to full accuracy at both ends."""
    log_tangent = np.asarray(log_tangent, dtype=float)
    # F(phi) + F(psi) = K where tan(phi)^2 tan(psi)^2 (1 - m) = 1
    upper = log_tangent > -log_rest / 2
    value = np.where(upper, -log_tangent - log_rest, log_tangent)
    sine, cosine = expit(value), expit(-value)
    part = np.sqrt(sine) * elliprf(cosine, cosine + np.exp(log_rest) * sine, 1.0)
    part = part / _complete(log_rest)
    return np.asarray(np.where(upper, 1 - part, part))


# --- Open layer, one wide electrode: the thin-layer limit of the primary distribution ---


def primary_density(height: float, distance: Values) -> Array:
    """i*b/I [1/m] = (exp(pi d/h) - 1)^(-1/2)/h at d [m] from the edge; gap and width >> height."""
    with np.errstate(divide="ignore"):
        d = np.asarray(distance, dtype=float) / height
        return np.asarray(np.exp(-pi * d / 2) / np.sqrt(-np.expm1(-pi * d)) / height)


def primary_fraction(height: float, distance: Values) -> Array:
    """Part of the current within d [m] of the edge: F = (2/pi) arccos(exp(-pi d/2h)) [-]."""
    d = np.asarray(distance, dtype=float) / height
    return np.asarray(2 / pi * np.arctan2(np.sqrt(-np.expm1(-pi * d)), np.exp(-pi * d / 2)))


def primary_distance(height: float, fraction: Values) -> Array:
    """Distance [m] within which a `fraction` of the current enters: -(2h/pi) ln cos(pi F/2)."""
    part = np.asarray(fraction, dtype=float)
    with np.errstate(divide="ignore"):
        return np.asarray(-2 * height / pi * np.log(np.sin(pi / 2 * (1 - part))))


# --- Secondary distribution: linear kinetics ---


def charge_transfer_resistance(
    exchange_current_density: float, slope: float = 1, temperature: float = 298.15
) -> float:
    """R_ct [ohm m2] = RT/(F i0 slope); slope alpha_a + alpha_c in Butler-Volmer (= z, one step)."""
    return thermal_voltage(temperature) / (slope * exchange_current_density)


def tafel_resistance(
    current_density: float, transfer_coefficient: float, temperature: float = 298.15
) -> float:
    """Differential resistance [ohm m2] of Tafel kinetics, RT/(alpha F |i|)."""
    return charge_transfer_resistance(abs(current_density), transfer_coefficient, temperature)


def biot_number(height: float, conductivity: float, resistance: float) -> float:
    """Bi = h/(kappa R_ct) [-]; R_ct [ohm m2]."""
    return height / (conductivity * resistance)


def wagner_number(height: float, conductivity: float, resistance: float, width: float) -> float:
    """Thin-cell Wagner number kappa h R_ct/w^2 [-]: h/w times the usual kappa R_ct/w.

    (IUPAC gold book, doi:10.1351/goldbook.C01456, for the latter.) Edge and far end differ by less
    than 10 % where it exceeds 5.
    """
    return conductivity * height * resistance / width**2


def penetration_root(biot: float) -> float:
    """beta_1*h: smallest root of b tan(b) = Bi; the current decays as exp(-beta_1 x) [-]."""
    root = sqrt(biot / (1 + 4 * biot / pi**2))
    for _ in range(50):
        residual = root * sin(root) - biot * cos(root)
        step = residual / ((1 + biot) * sin(root) + root * cos(root))
        root = min(root - step, pi / 2)
        if abs(step) < 1e-15 * root:
            break
    return root


def penetration_length(height: float, biot: float) -> float:
    """Decay length 1/beta_1 [m] along the electrode: sqrt(kappa h R_ct) for small Bi, 2h/pi."""
    return height / penetration_root(biot)


def end_correction(biot: float, width: float = inf) -> float:
    """End length of an electrode over h (`width` over h, too): kappa R b = g/h + sum of both [-].

    Wide electrodes: exact for every Bi, and the mean distance of the current to the inner edge.
        1/b_1 + sum_n [1/b_(n+1) - 1/(n pi)] = Bi^-1/2 + (1/pi) int_0^inf ln(rho) dx/x^2,
        rho = (x^2 + Bi x coth x)/(x^2 + Bi),
    the second form by contour integration, exact to rounding with the trapezoidal rule in ln x.
    Finite width, sealed at the outer edge: [coth(beta_1 w) - 1]/b_1 more; the error is then below
    0.04 at w = h, 0.01 at w = 2 h, for every Bi. Gap above 2 h.
    """
    x = np.exp(np.arange(-40.0, 50.0, 0.25) + max(0.0, 0.25 * round(2 * log(biot))))
    square = np.where(x < 0.1, x * x, 0)
    series = 2 / 93555 * square + -1 / 4725
    series = square * (1 / 3 + square * (-1 / 45 + square * (2 / 945 + square * series)))
    excess = np.where(x < 0.1, series, x / np.tanh(x) - 1)
    integral = float(np.sum(np.log1p(biot * excess / (x * x + biot)) / x)) * 0.25
    root = penetration_root(biot)
    return 1 / sqrt(biot) + integral / pi + (1 / tanh(root * width) - 1) / root


def secondary_resistance(cell: CoplanarCell, biot_working: float, biot_counter: float) -> float:
    """kappa*R*b [-] with linear kinetics on both electrodes; gap and widths above 2 h."""
    ends = (
        end_correction(biot, width / cell.height)
        for biot, width in ((biot_working, cell.working_width), (biot_counter, cell.counter_width))
    )
    return cell.gap / cell.height + sum(ends)


def edge_density(height: float, biot: float, width: float = inf) -> float:
    """i*b/I [1/m] at the inner edge, linear kinetics: coth(w/l)/l, l = sqrt(kappa h R_ct).

    Exact for wide electrodes at every Bi (the transform of i is sqrt(Bi)/s at infinity), otherwise
    the fin model, Bi below 0.1.
    """
    length = height / sqrt(biot)
    return 1 / (length * tanh(width / length))


def fin_profile(length: float, width: float, distance: Values) -> Array:
    """i/i_average at `distance` [m] from the inner edge, fin of `length` sqrt(kappa h R_ct).

    (w/l) cosh((w - x)/l)/sinh(w/l), outer edge sealed, Bi below 0.1. Edge over average: (w/l)
    coth(w/l); far over edge: 1/cosh(w/l).
    """
    x, ratio = np.asarray(distance, dtype=float) / length, width / length
    grow = np.exp(-x) + np.exp(x - 2 * ratio)
    return np.asarray(ratio * grow / -np.expm1(-2 * ratio))


# --- Limits of mass transport ---


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

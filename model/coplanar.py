"""Coplanar electrodes in a thin liquid layer: exact primary distribution and resistance.

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

Signs: magnitudes; anodic or cathodic is the caller's. Units: SI, with b the depth (out of plane),
R the resistance, I the current, kappa the conductivity.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log, pi, sqrt
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ellipkm1, elliprf, expit

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

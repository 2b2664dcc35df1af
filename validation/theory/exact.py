"""Reference solutions: coplanar cells, arrays, symmetric cell, finite layers, voltammetry.

Self-contained (numpy, scipy): nothing is shared with the code under test, and what
`thincell.model.coplanar` also computes is derived here in another way.

Units are SI unless a function says dimensionless. Currents: magnitudes, except voltammograms, which
are anodic positive. F = 96485.33 C/mol, T = 298.15 K by default.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log, pi, sin, sinh, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import constants
from scipy.optimize import brentq
from scipy.special import ellipj, erfc, expit, zeta

FARADAY: float = constants.physical_constants["Faraday constant"][0]
GAS_CONSTANT: float = constants.R
Array = npt.NDArray[np.float64]
Values = float | npt.ArrayLike


# --- Coplanar electrodes, primary distribution (kappa R b dimensionless) ---


def _agm(smaller: float) -> float:
    """Arithmetic-geometric mean of 1 and `smaller`; K(m) = pi/(2 agm(1, sqrt(1 - m)))."""
    a, b = 1.0, smaller
    for _ in range(60):
        a, b = (a + b) / 2, sqrt(a * b)
        if abs(a - b) < 1e-16 * a:
            break
    return a


def _nome(nome: float) -> tuple[float, float]:
    """(K, m) of a nome, by theta functions of zero argument."""
    n = np.arange(1, 60)
    theta3 = 1 + 2 * float(np.sum(nome ** (n**2)))
    theta2 = 2 * nome**0.25 * (1 + float(np.sum(nome ** (n * (n + 1)))))
    return pi / 2 * theta3**2, (theta2 / theta3) ** 4


def strip_resistance(working: float, gap: float, counter: float, height: float = 1) -> float:
    """kappa R b in an open strip, exponential map; arguments below 400 heights."""
    s = [sinh(pi * d / (2 * height)) for d in (working, gap, counter, working + gap, counter + gap)]
    whole = sinh(pi * (working + gap + counter) / (2 * height))
    ratio, rest = s[0] * s[2] / (s[3] * s[4]), s[1] * whole / (s[3] * s[4])
    return _agm(sqrt(rest)) / _agm(sqrt(ratio))


def strip_resistance_symmetric(width: float, gap: float, height: float = 1) -> float:
    """Equal electrodes: 2 K(k)/K(k'), k = tanh(pi g/4h)/tanh(pi (g + 2w)/4h)."""
    inner, outer = (np.tanh(pi * d / (4 * height)) for d in (gap, gap + 2 * width))
    small, large = (1 / np.cosh(pi * d / (4 * height)) ** 2 for d in (gap + 2 * width, gap))
    return 2 * _agm(float(inner / outer)) / _agm(sqrt(float(large - small)) / float(outer))


@dataclass(frozen=True)
class CoplanarBox:
    """Electrodes [x1, x2], [x3, x4] on the floor of a closed box -A < x < A, 0 < y < h.

    Map t = sn(K x/A | m) of nome q = exp(-pi h/A). Needs A < 4 h: q near 1 spoils sn.
    """

    edges: tuple[float, float, float, float]
    half_length: float
    height: float

    def _map(self, x: Values) -> tuple[Array, Array]:
        nome = exp(-pi * self.height / self.half_length)
        if self.half_length > 4 * self.height:
            raise ValueError("the box is too long for the nome")
        quarter, parameter = _nome(nome)
        sn, cn, dn, _ = ellipj(quarter * np.asarray(x) / self.half_length, parameter)
        return sn, quarter / self.half_length * cn * dn

    def _ratios(self) -> tuple[Array, float, float]:
        e, _ = self._map(self.edges)
        both = (e[2] - e[0]) * (e[3] - e[1])
        ratio = (e[1] - e[0]) * (e[3] - e[2]) / both
        return e, float(ratio), float((e[2] - e[1]) * (e[3] - e[0]) / both)

    def resistance(self) -> float:
        """kappa R b."""
        _, ratio, rest = self._ratios()
        return _agm(sqrt(rest)) / _agm(sqrt(ratio))

    def current_density(self, x: Values) -> Array:
        """i b/I [1/m] at x on either electrode."""
        e, _, rest = self._ratios()
        t, slope = self._map(x)
        product = np.prod([t - edge for edge in e], axis=0)
        complete = pi / (2 * _agm(sqrt(rest)))
        both = (e[2] - e[0]) * (e[3] - e[1])
        return np.asarray(np.sqrt(both / np.abs(product)) * slope / (2 * complete))


# --- Secondary distribution, linear kinetics (lengths over h; Bi = h/(kappa R_ct)) ---


def secondary_roots(biot: float, count: int) -> Array:
    """First roots of b tan(b) = Bi, one in each ((n - 1) pi, (n - 1/2) pi)."""
    base = pi * np.arange(count)
    part = np.arctan2(biot, base + sqrt(biot / (1 + biot)))
    for _ in range(40):
        root = base + part
        slope = (1 + biot) * np.sin(part) + root * np.cos(part)
        part = np.clip(part - (root * np.sin(part) - biot * np.cos(part)) / slope, 0, pi / 2)
    return np.asarray(base + part)


def end_correction_series(biot: float, terms: int = 0) -> float:
    """End length over h of a wide electrode: 1/b_1 + sum [1/b_(n+1) - 1/(n pi)] with its tail.

    The tail is that of b_(n+1) = n pi + Bi/(n pi) - (Bi^2 + Bi^3/3)/(n pi)^3, which wants n >> Bi:
    `terms` of zero takes 40 Bi, at least 400.
    """
    count = terms or int(max(400, 40 * biot))
    root = secondary_roots(biot, count + 1)
    n = pi * np.arange(1, count + 1)
    total = 1 / root[0] + np.sum((n - root[1:]) / (n * root[1:]))
    tail = -biot * zeta(3, count + 1) / pi**3
    return float(total + tail + (2 * biot**2 + biot**3 / 3) * zeta(5, count + 1) / pi**5)


def secondary_density(biot: float, distance: Values, terms: int = 4000) -> Array:
    """i b h/I against distance/h from the edge of a wide electrode, gap >> h; exact.

    i = sum a_k exp(-b_k d), a_k residues of f(z) = prod (1 - z/n pi)/prod (1 - z/b_k), from
    f(z) f(-z) = Bi sin(z)/(z (Bi cos z - z sin z)) and Poisson's integral for f(-z), Re z > 0.
    The edge value is sqrt(Bi) (f(-z) -> sqrt(Bi)/z). Good to 1e-9 for distances above 0.003.
    """
    root = secondary_roots(biot, terms)
    x = np.exp(np.arange(-40, 60, 0.2))
    density = np.log(biot / (x * (x + biot / np.tanh(x))))
    mirror = np.array([np.sum(x * density / (b * b + x * x)) * b * 0.2 / pi for b in root])
    cosine = np.cos(root)
    sine = np.sin(root)
    residue = biot * sine / (root * ((1 + biot) * sine + root * cosine)) / np.exp(mirror)
    d = np.asarray(distance, dtype=float)
    value = np.exp(-np.multiply.outer(d, root)) @ residue
    return np.asarray(np.where(d == 0, sqrt(biot), value))


def end_correction_modes(biot: float, width: float, modes: int = 200) -> float:
    """End length over h of an electrode of finite width/h, sealed at its outer edge.

    Modes of the gap, cos(n pi y) exp(n pi x), matched to those of the electrode, cos(b (1 - y))
    cosh(b (w - x)); error O(Bi/modes^2), removed once by Richardson extrapolation.
    """

    def solve(count: int) -> float:
        root = secondary_roots(biot, count)
        flux = root * np.tanh(root * width)
        n = pi * np.arange(count)[:, None]
        matrix = (n + flux) * root * np.sin(root) / (root**2 - n**2)
        right = np.zeros(count)
        right[0] = 1.0
        scale = np.max(np.abs(matrix), axis=0)
        amplitude = np.linalg.solve(matrix / scale, right) / scale
        return float(np.sum(amplitude * np.sin(root) / root))

    coarse, fine = solve(modes), solve(2 * modes)
    return fine + (fine - coarse) / 3


# --- Interdigitated array in a confined cell ---


def interdigitated_current(width: float, gap: float, height: float = inf) -> float:
    """I/(nF D c* b) of one band, equal bands of `width` at c* and 0 in turn, lid at `height`.

    2 K(l)/K(1 - l), l = ((1 - e)/(1 + e))^2, e = sn(K g/W | m), W = w + g, nome exp(-2 pi H/W);
    e = sin(pi g/2W) in the open. Thin layers through the complementary nome q' = exp(-pi W/2H):
    (1 - e)/(1 + e) = exp(-pi g/2H) [(1 - exp(-pi w/2H))/(1 - exp(-pi (w + 2g)/2H))]^2 + O(q'^3),
    hence 2/(g/H + 4 ln2/pi). (Guajardo Yevenes & Surareungchai 2019, arXiv:1903.02727.)
    """
    pitch = width + gap
    if height < 0.15 * pitch:
        rate = pi / (2 * height)
        shape = (1 - exp(-rate * width)) / (1 - exp(-rate * (width + 2 * gap)))
        if rate * gap > 300:  # K(1 - l) = ln(4/root), K(l) = pi/2
            return pi / (log(4) + rate * gap - 2 * log(shape))
        root = exp(-rate * gap) * shape**2
        return 2 * _agm(root) / _agm(sqrt(1 - root**2))
    e = sin(pi * gap / (2 * pitch))
    if height < inf:
        quarter, parameter = _nome(exp(-2 * pi * height / pitch))
        e = float(ellipj(quarter * gap / pitch, parameter)[0])
    return 2 * _agm((1 - e) / (1 + e)) / _agm(2 * sqrt(e) / (1 + e))


def aoki_interdigitated(width: float, gap: float) -> float:
    """Fit to the open array (Aoki et al. 1988, J. Electroanal. Chem. 256, 269): a check only."""
    return 0.637 * log(2.55 * (1 + width / gap)) - 0.19 * (gap / (gap + width)) ** 2


# --- Binary salt between two electrodes of the same metal ---


def sand_time(
    diffusivity: float, current: float, concentration: float, transference: float, charge: int = 1
) -> float:
    """pi D [zF c0/(2 i (1 - t+))]^2 [s]; in units of L^2/D and i_lim: pi/(16 J^2)."""
    return (
        pi * diffusivity * (charge * FARADAY * concentration / (2 * current * (1 - transference))) ** 2
    )


def symmetric_cell_profile(position: Values, time: float, current: float) -> Array:
    """c/c0 at X = x/L (anode 0, cathode 1), T = D t/L^2, J = i/i_lim, i_lim = 2zFD c0/((1 - t+) L).

    c/c0 = 1 - 2J [X - 1/2 + (4/pi^2) sum_odd cos(n pi X) exp(-(n pi)^2 T)/n^2]; for small T by
    images, 2 sqrt(T) ierfc sums, which the sum cannot resolve.
    """
    x = np.asarray(position, dtype=float)
    if time >= 0.05:
        n = np.arange(1, 30, 2)
        waves = np.cos(pi * np.multiply.outer(x, n)) * np.exp(-((n * pi) ** 2) * time) / n**2
        return np.asarray(1 - 2 * current * (x - 0.5 + 4 / pi**2 * np.sum(waves, axis=-1)))
    if time <= 0:
        return np.ones_like(x)
    spread = 2 * sqrt(time)
    images = [(-1) ** k * (_ierfc((x + k) / spread) - _ierfc((1 - x + k) / spread)) for k in range(6)]
    return np.asarray(1 + 2 * current * spread * np.sum(images, axis=0))


def symmetric_cell_depletion(current: float) -> float:
    """T = D t/L^2 at which c = 0 at the cathode, J > 1; Sand's pi/(16 J^2) for J >> 1."""
    if current <= 1:
        raise ValueError("below the limiting current nothing runs out")
    return float(
        brentq(
            lambda time: float(symmetric_cell_profile(1.0, time, current)),
            1e-12,
            5 + log(1 / (current - 1) + 1),
            xtol=1e-15,
        )
    )


def symmetric_cell_voltage(current: float) -> tuple[float, float]:
    """(electrolyte drop ln((1 + J)/(1 - J)), cell voltage 4 artanh J) in RT/F, 1:1, no kinetics."""
    return 2 * float(np.arctanh(current)), 4 * float(np.arctanh(current))


def khoo_overpotentials(
    current: float, damkohler: float, anode: float, cathode: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """((J0, eta) at anode and cathode), J = 2 J0 sinh(eta/2), J0 = 0.1 Da sqrt(c/c0).

    Currents in i_lim, eta in RT/F (Khoo, Zhao & Bazant 2019, doi:10.1149/2.1521910jes, and the
    data of their repository edwinksl/linear-stability-analysis-code).
    """
    exchange = [0.1 * damkohler * sqrt(c) for c in (anode, cathode)]
    eta = [
        2 * float(np.arcsinh(j / (2 * e))) for j, e in zip((current, -current), exchange, strict=True)
    ]
    return (exchange[0], eta[0]), (exchange[1], eta[1])


def _ierfc(z: Values) -> Array:
    z = np.asarray(z, dtype=float)
    return np.asarray(np.exp(-(z**2)) / sqrt(pi) - z * erfc(z))


@dataclass(frozen=True)
class CoinTwin:
    """Steady Li | separator | Li, constant properties, thermodynamic factor 1."""

    thickness: float = 25e-6
    porosity: float = 0.39
    bruggeman: float = 1.5
    diffusivity: float = 3.2227e-10
    conductivity: float = 1.1943
    transference: float = 0.38
    concentration: float = 1000.0
    temperature: float = 298.15

    def difference(self, current: float) -> float:
        """c(stripping face) - c(plating face) [mol/m3] = i (1 - t+) L/(F D eps^b)."""
        effective = self.diffusivity * self.porosity**self.bruggeman
        return current * (1 - self.transference) * self.thickness / (FARADAY * effective)

    def ohmic_drop(self, current: float) -> float:
        """i L/(kappa eps^b) [V]."""
        return current * self.thickness / (self.conductivity * self.porosity**self.bruggeman)

    def diffusion_drop(self, current: float, mean: float | None = None) -> float:
        """2 (1 - t+) (RT/F) ln(c_stripping/c_plating) [V] against lithium reference electrodes."""
        mean = self.concentration if mean is None else mean
        half = self.difference(current) / 2
        thermal = GAS_CONSTANT * self.temperature / FARADAY
        return 2 * (1 - self.transference) * thermal * log((mean + half) / (mean - half))


def xu2019_plating(
    current: float, concentration: float, temperature: float = 298.15
) -> tuple[float, float]:
    """(i0 [A/m2], overpotential [V] < 0) of plating, i0 = 3.5e-8 F c_Li^0.7 c^0.3, alpha = 1/2.

    Xu et al. 2019 as in PyBaMM, c_Li = 76900 mol/m3.
    """
    exchange = 3.5e-8 * FARADAY * 76900**0.7 * concentration**0.3
    thermal = GAS_CONSTANT * temperature / FARADAY
    return exchange, -2 * thermal * float(np.arcsinh(current / (2 * exchange)))


PYBAMM_TWIN = {
    "Concentration at the plating face [mol.m-3]": 989.07,
    "Concentration at the stripping face [mol.m-3]": 1009.55,
    "Electrolyte potential drop [V]": 1.513e-3,
    "Exchange current density [A.m-2]": 70.36,
    "Overpotential [V]": -3.648e-3,
}
"""PyBaMM 26.10, DFN half cell, Xu2019, thin counter electrode, 10 A/m2 (run by the project)."""


# --- Potential steps and sweeps in a layer 0 < x < h ---


def step_response(time: Values, height: float, far: Literal["sealed", "held"] = "sealed") -> Array:
    """Flux/sqrt(D) after a unit step of surface concentration [s^-1/2]; height is h/sqrt(D).

    Cottrell's (pi t)^-1/2 times 1 + 2 sum (-1)^n exp(-n^2 h^2/Dt) for a sealed lid (+ for a lid
    held at the old concentration); at long times (2/h) sum exp(-(n + 1/2)^2 pi^2 Dt/h^2), or
    (1/h)(1 + 2 sum exp(-(n pi)^2 Dt/h^2)). Crank 1975, The Mathematics of Diffusion, 4.3.
    """
    t = np.asarray(time, dtype=float)
    if height == inf:
        return np.asarray(1 / np.sqrt(pi * t))
    scaled = np.maximum(t / height**2, 1e-300)
    sign, shift, level = (-1, 0.5, 0.0) if far == "sealed" else (1, 1.0, 0.5)
    early = 0.5 + sum(sign**n * np.exp(-np.minimum(n**2 / scaled, 700)) for n in range(1, 5))
    late = level + sum(np.exp(-np.minimum(((n + shift) * pi) ** 2 * scaled, 700)) for n in range(5))
    return np.asarray(np.where(scaled < 0.5, 2 * early / np.sqrt(pi * t), 2 * late / height))


def cottrell_current(
    time: Values,
    diffusivity: float,
    concentration: float,
    height: float = inf,
    electrons: int = 1,
    transference: float = 0,
    far: Literal["sealed", "held"] = "sealed",
) -> Array:
    """|i| [A/m2] after a step to c = 0: zFc sqrt(D/(pi t))/(1 - t+), or its finite layer."""
    root = sqrt(diffusivity)
    factor = electrons * FARADAY * concentration * root / (1 - transference)
    return factor * step_response(time, height / root, far)


def _panels(*edges: float) -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights over consecutive panels, in sqrt(u) to remove u^-1/2."""
    roots = np.sqrt(np.unique(edges))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half = np.diff(roots)[:, None] / 2
    v = (roots[:-1, None] + half * (nodes + 1)).ravel()
    return v**2, 2 * v * (half * weights).ravel()


def _grid(height: float, end: float) -> list[float]:
    """Edges from 0 to `end`, geometric at the start (scale height^2), then at most one unit."""
    fine = min(1.0, height**2, end)
    first = np.geomspace(1e-3 * fine, min(1.0, end), 8 + int(3 * np.log2(min(1.0, end) / fine + 1)))
    return [0.0, *first, *np.linspace(min(1.0, end), end, 2 + int(end))]


def reversible_wave(potential: float, height: float = inf, order: int = 0) -> float:
    """Sweep of a Nernstian soluble couple, equal D: current function, or its derivative (order 1).

    Dimensionless: p = zF(E - E0)/RT falls from +inf with unit rate (time RT/(zF nu)), height
    h sqrt(zF nu/(RT D)), current i/(zF c sqrt(D zF nu/RT)), here positive for the reaction that
    is driven. c_surface = 1/(1 + exp(-p)) and the response is linear, so
        chi(p) = int_0^inf G(u) sech^2((p + u)/2)/4 du,   G of `step_response`.
    Thick: maximum 0.446295 at p = -1.109 (Randles-Sevcik). Thin: height/4 at p = 0.
    """
    u, weight = _panels(*_grid(height, max(0.0, -potential) + 90))
    x = potential + u
    rate = expit(x) * expit(-x)
    if order == 1:
        rate = rate * (expit(-x) - expit(x))
    return float(np.sum(weight * step_response(u, height) * rate))


def reversible_peak(height: float = inf) -> tuple[float, float]:
    """(current function, potential) of the peak, dimensionless as in `reversible_wave`."""
    place = brentq(lambda p: reversible_wave(p, height, 1), -1.5, 0.01, xtol=1e-13)
    return reversible_wave(place, height), float(place)


def peak_current(
    scan_rate: float,
    diffusivity: float,
    concentration: float,
    height: float = inf,
    electrons: int = 1,
    temperature: float = 298.15,
) -> float:
    """Peak |i| [A/m2] for a layer of any height [m]; thin: z^2 F^2 nu h c/(4RT)."""
    rate = electrons * FARADAY * scan_rate / (GAS_CONSTANT * temperature)
    chi, _ = reversible_peak(height * sqrt(rate / diffusivity))
    return electrons * FARADAY * concentration * sqrt(diffusivity * rate) * chi


def cyclic_voltammogram(
    start: float, vertex: float, height: float = inf, points: int = 200
) -> tuple[Array, Array]:
    """(p, chi) over one cycle start -> vertex -> start, start > vertex, dimensionless as above.

    The layer holds only the species that is consumed, at rest until the sweep starts; the step of
    surface concentration at the start is part of the solution. The mirror (oxidation first) is
    p -> -p. chi > 0: forward reaction. For reduction first, anodic positive: i ~ -chi.
    """
    turn = start - vertex
    times = np.linspace(0, 2 * turn, 2 * points + 1)[1:]
    current = np.empty_like(times)
    for k, t in enumerate(times):
        edges = [e for e in _grid(height, t) if e < t]
        u, weight = _panels(*edges, t, *([t - turn] if t > turn else []))
        then = t - u
        p = start - np.where(then < turn, then, 2 * turn - then)
        rate = np.where(then < turn, 1, -1) * expit(p) * expit(-p)
        current[k] = np.sum(weight * step_response(u, height) * rate)
        current[k] += float(step_response(t, height)) * expit(-start)
    return start - np.where(times < turn, times, 2 * turn - times), current

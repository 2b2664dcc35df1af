r"""A window membrane under pressure: how far it bulges, and its shape.

A thin plate without bending stiffness, clamped at its rim, of thickness t, Young's modulus E, Poisson's
ratio nu and tension sigma (residual stress), with short half side a and long half side b. With the pressure
p inside over that outside, the deflection w0 of its centre (outwards positive) solves

    p = [c1 sigma t/a^2] w0 + [c3 E t/a^4] w0^3,        sigma >= 0.

| | c1 | c3 |
|---|---|---|
| strip, b >> a | 2 | (4/3)/(1 - nu^2) |
| square, b = a | 3.45 | 1.994 (1 - 0.271 nu)/(1 - nu) |

The strip's are exact for a shallow parabola (tension uniform across the strip). The square's are the
constants of the bulge test (Tabata et al. 1989; Maier-Schneider et al. 1995), quoted as recalled, as are
typical stresses of silicon nitride (50 to 300 MPa low-stress, about 1 GPa stoichiometric).

**Rectangles.** Kantorovich's solution of the membrane under pure tension, w = (1 - x^2/a^2) f(y) with the
energy made stationary in f, is

    w = (p a^2/2 sigma t)(1 - x^2/a^2) [1 - cosh(k y/a)/cosh(k b/a)],    k^2 = 5/2,

so that c1 = 2/[1 - sech(k b/a)]. Here k is chosen such that the square's constant comes out, 1.51 in place
of 1.58; c1 is then within 2 % of the series solution of the linear problem. The stiffening of c3 by the short
sides decays faster,

    c3 = c3(strip) + [c3(square) - c3(strip)] (a/b)^5,

the exponent from a Ritz solution with stretching (polynomials, nu = 0.23), of which w0 is within 2 %. Both
limits are exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: k of the square: 2/[1 - sech(k)] = 3.45.
RATE = math.acosh(1 / (1 - 2 / 3.45))


@dataclass(frozen=True)
class Membrane:
    """A window: ``thickness`` [m], ``modulus`` [Pa], ``poisson`` [-], residual ``stress`` [Pa].

    ``width`` [m] is its extent along x, ``length`` [m] along y; inf is a strip.
    """

    thickness: float
    modulus: float
    poisson: float
    stress: float
    width: float
    length: float = math.inf

    @property
    def short(self) -> float:
        """Half of the short side, a [m]."""
        return min(self.width, self.length) / 2

    @property
    def aspect(self) -> float:
        """Long side over short side."""
        return max(self.width, self.length) / min(self.width, self.length)

    @property
    def tension_factor(self) -> float:
        """c1 [-]."""
        return 2.0 / (1 - _sech(RATE * self.aspect))

    @property
    def stretching_factor(self) -> float:
        """c3 [-]."""
        nu = self.poisson
        strip, square = (4 / 3) / (1 - nu**2), 1.994 * (1 - 0.271 * nu) / (1 - nu)
        return strip + (square - strip) * self.aspect**-5

    def deflection(self, pressure: float) -> float:
        """w0 [m] of the centre; odd in the pressure [Pa]."""
        linear = self.tension_factor * self.stress * self.thickness / self.short**2
        cubic = self.stretching_factor * self.modulus * self.thickness / self.short**4
        # w0 = 2 r sinh(arsinh(s)/3) solves w0^3 + 3 r^2 w0 = 2 r^3 s; without tension the cube root
        third = linear / (3 * cubic)
        load = abs(pressure) / cubic
        if third == 0:
            return math.copysign(load ** (1 / 3), pressure)
        root = math.sqrt(third)
        s = load / (2 * root**3)
        return math.copysign(2 * root * math.sinh(math.asinh(s) / 3), pressure)

    def shape(self, x: npt.ArrayLike, y: npt.ArrayLike, w0: float) -> Array:
        """Deflection [m] at a distance (x, y) [m] from the centre; zero outside of the window.

        A parabola along the short side, times 1 - cosh(k y/a)/cosh(k b/a), scaled to 1, along the long one.
        """
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        across, along = (x, y) if self.width <= self.length else (y, x)
        a, b = self.short, self.short * self.aspect
        parabola = np.maximum(1 - (across / a) ** 2, 0.0)
        if math.isinf(b):
            return np.asarray(w0 * parabola)
        position = np.minimum(np.abs(along), b)
        # cosh(k y/a)/cosh(k b/a) without overflow
        falls = np.exp(-RATE * (b - position) / a) * (1 + np.exp(-2 * RATE * position / a))
        ratio = falls / (1 + math.exp(-2 * RATE * b / a))
        return np.asarray(w0 * parabola * (1 - ratio) / (1 - _sech(RATE * b / a)))


def _sech(x: float) -> float:
    return 2 * math.exp(-x) / (1 + math.exp(-2 * x))

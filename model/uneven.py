r"""A thin layer of uneven height h(x): what it can carry and for how long, by its depth average.

    h c_t = (D h c_x)_x - q(x),        resistance of a piece over 1/(kappa b): integral of dx/h

with q [mol.m-2.s-1] taken by the electrode that consumes (see `thincell.model.depletion`). Where the
current turns into an electrode, over a length h at its inner edge, the layer resists like PRIMARY_END
heights more, as a flat one does (`thincell.model.coplanar`). Valid for |h'| << 1, h << widths and gap,
h^2 << D t: errors are of the order h'^2 and h/gap. Properties constant; magnitudes; concentrations are
the cation's; SI.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import brentq

from thincell.model.constants import FARADAY
from thincell.model.coplanar import PRIMARY_END
from thincell.model.depletion import uptake

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Salt:
    """D [m2.s-1], c0 [mol.m-3], t+ and the charge number of what is consumed."""

    diffusivity: float
    concentration: float
    transference: float
    charge: int = 1

    @property
    def conversion(self) -> float:
        """I/b [A.m-1] per c [mol.m-3]: zF D/(1 - t+)."""
        return self.charge * FARADAY * self.diffusivity / (1 - self.transference)


@dataclass(frozen=True)
class UnevenLayer:
    """Cells between ``nodes`` (n + 1) [m], each of a height ``heights`` (n) [m].

    ``sink`` and ``source`` are (start, end) [m] of the electrode that consumes and, to its right, the other
    one; their ends are nodes.
    """

    nodes: Array
    heights: Array
    sink: tuple[float, float]
    source: tuple[float, float]

    @property
    def middles(self) -> Array:
        """Middles of the cells [m]."""
        return (self.nodes[:-1] + self.nodes[1:]) / 2

    @property
    def volumes(self) -> Array:
        """h dx [m2]."""
        return self.heights * np.diff(self.nodes)

    @property
    def paths(self) -> Array:
        """dx/h [-]."""
        return np.diff(self.nodes) / self.heights

    def within(self, start: float, end: float) -> npt.NDArray[np.bool_]:
        """Which cells lie between two places."""
        return np.asarray((self.middles > start) & (self.middles < end))

    def path(self, start: float, end: float) -> float:
        """Integral of dx/h [-]."""
        return float(self.paths[self.within(start, end)].sum())

    # -- steady currents, I/b [A/m] ---------------------------------------------------------------

    def limit_closed(self, salt: Salt) -> float:
        """Closed, fast counter electrode: c = C u, u = 0 on the sink, 1 on the source, <c> = c0."""
        gap = np.where(self.within(self.sink[1], self.source[0]), self.paths, 0.0)
        share = (np.cumsum(gap) - gap / 2) / gap.sum()
        mean = share @ self.volumes / self.volumes.sum()
        return salt.conversion * salt.concentration / float(mean * (gap.sum() + 2 * PRIMARY_END))

    def limit_closed_slow(self, salt: Salt) -> float:
        """Closed, counter electrode of even current density: c follows the current that is left."""
        start, end = self.source
        left = np.clip((end - self.middles) / (end - start), 0.0, 1.0)  # of the current
        steps = np.where(self.middles > self.sink[1], left * self.paths, 0.0)
        rise = np.cumsum(steps) - steps / 2
        beyond = self.middles > self.sink[1]
        edge = float(np.interp(self.sink[1], self.middles, self.heights))
        stored = (PRIMARY_END**2 + 1 / 3) * edge**2 / 2
        stored += float(np.sum((PRIMARY_END + rise[beyond]) * self.volumes[beyond]))
        return salt.conversion * salt.concentration * float(self.volumes.sum()) / stored

    def limit_reservoirs(self, salt: Salt) -> float:
        """Ends held at c0, fast electrodes: `thincell.model.capacity.limiting_current_reservoir`."""
        gap = self.path(self.sink[1], self.source[0]) + 2 * PRIMARY_END
        behind = self.path(self.nodes[0], self.sink[0]) + PRIMARY_END
        behind += salt.transference * self.path(*self.sink)
        beyond = self.path(self.source[1], self.nodes[-1]) + PRIMARY_END
        beyond += salt.transference * self.path(*self.source)
        return salt.conversion * salt.concentration * ((1 + beyond / behind) / gap + 1 / behind)

    def limit_supplied(self, salt: Salt) -> float:
        """Ends held at c0, nothing returned by the source: what diffuses in from both."""
        near = self.path(self.nodes[0], self.sink[0]) + PRIMARY_END
        far = self.path(self.sink[1], self.nodes[-1]) + PRIMARY_END
        return salt.charge * FARADAY * salt.diffusivity * salt.concentration * (1 / near + 1 / far)

    # -- transient --------------------------------------------------------------------------------

    def depletion_time(
        self, salt: Salt, current_density: float, returned: bool, open_ends: bool = False
    ) -> float:
        """Time [s] until c = 0 anywhere on the sink, under a uniform current; inf: never.

        With the eigenvectors of the layer's finite volumes; ``returned``: the source releases as much.
        """
        q = uptake(current_density, salt.transference, salt.charge)
        width = np.diff(self.nodes)
        taken = q * width * self.within(*self.sink)
        if returned:
            ratio = (self.sink[1] - self.sink[0]) / (self.source[1] - self.source[0])
            taken = taken - q * ratio * width * self.within(*self.source)
        rate, modes = self._modes(open_ends)
        rate = rate * salt.diffusivity
        root = np.sqrt(self.volumes)
        weight = modes.T @ (taken / root)
        if not open_ends:
            rate[0] = 0.0
            weight[0] = 0.0 if returned else weight[0]
        shape = (modes / root[:, None])[self.within(*self.sink)] * weight

        def lowest(time: float) -> float:
            """min c/c0."""
            slow = rate * time < 1e-12
            grown = np.where(slow, time, -np.expm1(-rate * time) / np.where(slow, 1.0, rate))
            return 1 - float(np.max(shape @ grown)) / salt.concentration

        upper = salt.concentration * float(self.heights.max()) / q  # exhaustion of a layer without sides
        if (returned or open_ends) and lowest(1e3 / float(rate[1 if not open_ends else 0])) > 0:
            return inf
        while lowest(upper) > 0:
            upper *= 2
        return float(brentq(lowest, 0.0, upper, rtol=1e-9))

    def _modes(self, open_ends: bool) -> tuple[Array, Array]:
        """Eigenvalues [m-2] and vectors of M^(-1/2) K M^(-1/2)."""
        between = 2 / (self.paths[:-1] + self.paths[1:])
        diagonal = np.zeros_like(self.heights)
        diagonal[:-1] += between
        diagonal[1:] += between
        if open_ends:
            diagonal[[0, -1]] += 2 / self.paths[[0, -1]]
        root = np.sqrt(self.volumes)
        values, vectors = eigh_tridiagonal(diagonal / root**2, -between / (root[:-1] * root[1:]))
        return np.maximum(values, 0.0), vectors

r"""A deposit after Chen et al. 2015: Allen-Cahn growth with one continuous potential, in scaled units.

Kept to reproduce the literature; `deposit` is the quantitative model. The metal fraction xi is 1 in the
metal and 0 in the liquid; in SI units, with f = F/RT,

    d xi/dt = -L_s [g'(xi) - kappa lap xi]
              - L_e h'(xi) {exp[(1-alpha) z f eta] - (c/c0) exp[-alpha z f eta]}
    dc/dt   = div[D (grad c + z f c grad phi)] - C_s d xi/dt
    0       = div(sigma grad phi) - z F C_s d xi/dt

    g = W xi^2 (1-xi)^2,      h = xi^3 (6 xi^2 - 15 xi + 10),      eta = phi - U
    D = D_m h + D_l (1-h),    sigma = sigma_m h + sigma_l (1-h)        m: metal, l: liquid

so that eta < 0 plates. Boundary conditions, in every row the natural ones unless a value is kept:

| boundary                       | xi        | cations   | charge    |
|--------------------------------|-----------|-----------|-----------|
| working electrode, under metal | no flux   | N.n = 0   | phi = E   |
| counter electrode, reservoir   | no flux   | c = c0    | phi = 0   |
| insulator, symmetry            | no flux   | N.n = 0   | i.n = 0   |

At rest xi = 1/2 [1 - tanh(s/2 delta)], delta = sqrt(kappa/2W), s the distance from the front, and the
surface energy is gamma = sqrt(2 kappa W)/6. With c and eta uniform a front moves at

    v  = 6 L_e delta Q(r) [(c/c0) exp(-alpha z f eta) - exp((1-alpha) z f eta)]
    i0 = 6 z F C_s L_e delta

where Q = 1 as r -> 0, r being the ratio of the reaction's rate L_e [...] to the double well's L_s W: see
`slowdown`.

Known faults of these equations, none of which vanishes with delta:

1. One continuous phi is both the metal's potential and the electrolyte's. The ohmic drop therefore never
   lowers |eta|, and current crosses the front without reacting: the charge that has passed is not that
   of the metal that has grown (off by factors of 0.01 to 200, whatever sigma_m/sigma_l makes of it).
2. Cations migrate in that potential with no counter-ion. They pile up in front of the metal, up to
   exp(-z f eta) c0, and the slope of Tafel's law belongs to alpha + z instead of alpha.
3. L_s has to be large to hold the profile (r << 1), and L_s kappa K, K the curvature, acts as a
   numerical surface tension, of about a hundred times the effect of the metal's own.

Metal and ions together are conserved: the source of c is the rate of xi. c can fall below zero inside
the metal, where D is small.

Chen, Zhang, Liu, Zhang, Huang, Dong, Liu, Hao, Chen & Chen 2015, J. Power Sources 300:376,
10.1016/j.jpowsour.2015.09.055; Hong & Viswanathan 2018, ACS Energy Lett. 3:1737,
10.1021/acsenergylett.8b01009.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import ufl
from numpy.typing import NDArray

from thincell.model.constants import FARADAY
from thincell.model.measures import Measures
from thincell.model.ops import Law, Value, bounded_exp, sqrt, tanh
from thincell.model.scales import Scales
from thincell.model.terms import divergence, storage

#: Where the fields stand among the unknowns: c/c0, phi in RT/F, xi.
C, PHI, XI = 0, 1, 2

#: Fields per node.
FIELDS = 3


@dataclass(frozen=True)
class ChenDeposit(Law):
    """Parameters in SI units; see the module for the equations and for what is wrong with them.

    ``mobility`` L_s [m3.J-1.s-1], ``rate`` L_e [s-1], ``gradient`` kappa [J.m-1], ``barrier`` W
    [J.m-3], ``transfer`` alpha of the cathodic direction, ``equilibrium_potential`` U [V], ``sites``
    C_s [mol.m-3] of metal, diffusivities [m2.s-1] and conductivities [S.m-1] of liquid and metal,
    ``charge`` z of the cation. The numbers are those of Hong & Viswanathan's input for lithium; they
    give delta = 0.25 um, gamma = 0.5 J/m2 and i0 = 11 A/m2.

    Faults of the model: one continuous potential (no ohmic control, current without reaction), cations
    that migrate without a counter-ion, a mobility that acts as surface tension.
    """

    mobility: float = 2.5e-6
    rate: float = 1e-3
    gradient: float = 7.5e-7
    barrier: float = 6e6
    transfer: float = 0.5
    equilibrium_potential: float = 0.0
    sites: float = 7.64e4
    liquid_diffusivity: float = 3.179e-10
    metal_diffusivity: float = 3.179e-13
    liquid_conductivity: float = 1.19
    metal_conductivity: float = 1e7
    charge: int = 1

    def thickness(self) -> Value:
        """delta = sqrt(kappa/2W) [m]; xi falls from 0.9 to 0.1 within 4.4 delta."""
        return sqrt(self.gradient / (2 * self.barrier))

    def surface_energy(self) -> Value:
        """gamma = sqrt(2 kappa W)/6 [J.m-2]."""
        return sqrt(2 * self.gradient * self.barrier) / 6

    def exchange_current_density(self) -> Value:
        """i0 = 6 z F C_s L_e delta [A.m-2]."""
        return 6 * self.charge * FARADAY * self.sites * self.rate * self.thickness()

    def with_exchange_current_density(self, density: float) -> Self:
        """The same law with L_e such that i0 is ``density`` [A.m-2]."""
        return replace(self, rate=self.rate * density / self.exchange_current_density())

    def drive(self, eta: Value, c: Value) -> Value:
        """(c/c0) exp(-alpha z eta) - exp((1-alpha) z eta), positive where metal plates; eta in RT/F."""
        z = self.charge
        return c * bounded_exp(-self.transfer * z * eta) - bounded_exp((1 - self.transfer) * z * eta)

    def front_speed(self, eta: Value, c: Value) -> Value:
        """6 L_e delta drive [m.s-1]: the Butler-Volmer speed, without the slowdown."""
        return 6 * self.rate * self.thickness() * self.drive(eta, c)

    def reaction_ratio(self, eta: Value, c: Value) -> Value:
        """r = L_e drive/(L_s W); a front is within 0.5 % of Butler-Volmer up to r = 0.05."""
        return self.rate * self.drive(eta, c) / (self.mobility * self.barrier)

    def scales(self, length: float, concentration: float, potential: float) -> Scales:
        """Scales with this law's liquid; ``potential`` is RT/F [V]."""
        return Scales(length, concentration, self.liquid_diffusivity, potential, float(self.charge))


def double_well_slope(xi: Value) -> Value:
    """g'/W = 2 xi (1-xi)(1-2 xi)."""
    return 2 * xi * (1 - xi) * (1 - 2 * xi)


def share(xi: Value) -> Value:
    """h = xi^3 (6 xi^2 - 15 xi + 10): the metal's share of properties."""
    return xi**3 * (6 * xi**2 - 15 * xi + 10)


def share_slope(xi: Value) -> Value:
    """h' = 30 xi^2 (1-xi)^2."""
    return 30 * xi**2 * (1 - xi) ** 2


def profile(distance: Value, thickness: Value) -> Value:
    """xi at rest, at a distance from the front that is positive in the liquid."""
    return (1 - tanh(distance / (2 * thickness))) / 2


def overpotential(law: ChenDeposit, scales: Scales, fields: Value) -> Value:
    """eta = phi - U in RT/F."""
    return fields[PHI] - law.equilibrium_potential / scales.potential


def sites_ratio(law: ChenDeposit, scales: Scales) -> Value:
    """C_s/c0."""
    return law.sites / scales.concentration


def cations(law: ChenDeposit, scales: Scales, fields: Value) -> Value:
    """c/c0 + (C_s/c0) xi: ions and metal per volume, which are conserved together."""
    return fields[C] + sites_ratio(law, scales) * fields[XI]


def cation_flux(law: ChenDeposit, scales: Scales, fields: Value) -> Value:
    """N = -D (grad c + z c grad phi)."""
    c, h = fields[C], share(fields[XI])
    diffusivity = law.metal_diffusivity * h + law.liquid_diffusivity * (1 - h)
    force = ufl.grad(c) + law.charge * c * ufl.grad(fields[PHI])
    return -diffusivity / scales.diffusivity * force


def current(law: ChenDeposit, scales: Scales, fields: Value) -> Value:
    """i = -sigma grad phi."""
    h = share(fields[XI])
    conductivity = law.metal_conductivity * h + law.liquid_conductivity * (1 - h)
    return -conductivity / scales.conductivity * ufl.grad(fields[PHI])


def growth(
    measures: Measures, law: ChenDeposit, scales: Scales, fields: Value, test: Value, rate: Value
) -> ufl.Form:
    """Balance of the metal; ``rate`` is d xi/dt in scaled time."""
    xi = fields[XI]
    reaction = share_slope(xi) * law.drive(overpotential(law, scales, fields), fields[C])
    made = scales.time * (law.rate * reaction - law.mobility * law.barrier * double_well_slope(xi))
    smoothing = scales.time * law.mobility * law.gradient / scales.length**2
    return storage(measures, rate - made, test) + divergence(measures, -smoothing * ufl.grad(xi), test)


def volume(
    measures: Measures, law: ChenDeposit, scales: Scales, fields: Value, tests: Value, rate_of: Any
) -> ufl.Form:
    """All three balances; ``rate_of`` makes the time derivative of a function of (fields, metal)."""
    grown = rate_of(lambda past, metal: past[XI])
    stored = rate_of(lambda past, metal: cations(law, scales, past))
    consumed = law.charge / scales.equivalents * sites_ratio(law, scales) * grown
    return (
        storage(measures, stored, tests[C])
        + divergence(measures, cation_flux(law, scales, fields), tests[C])
        + storage(measures, consumed, tests[PHI])
        + divergence(measures, current(law, scales, fields), tests[PHI])
        + growth(measures, law, scales, fields, tests[XI], grown)
    )


#: Chebyshev points of `slowdown`, and its Newton steps.
_POINTS = 40
_STEPS = 60


def slowdown(ratio: float) -> float:
    r"""Q(r) = v/(6 L_e delta drive) of a plane front at uniform c and eta, exact.

    With p = -delta d xi/ds = xi(1-xi) q(xi) and v = u delta L_s W the travelling wave is

        2 q [(1-2 xi) q + xi(1-xi) dq/dxi] - u q - 2 (1-2 xi) + 30 r xi(1-xi) = 0

    for a smooth q on [0, 1] and a number u (collocation, Newton), Q = u/6r. Q = 0.981 at r = 0.1, 0.835
    at 0.4, 0.632 at 1. Plating and stripping are alike: Q(-r) = Q(r), by xi -> 1 - xi.
    """
    r = abs(ratio)
    if r == 0:
        return 1.0
    theta = np.pi * (np.arange(_POINTS + 1) + 0.5) / (_POINTS + 1)
    x = (1 - np.cos(theta)) / 2
    basis = np.cos(np.outer(np.pi - theta, np.arange(_POINTS)))
    order = np.arange(_POINTS)
    slopes = 2 * order * np.sin(np.outer(np.pi - theta, order)) / np.sin(theta)[:, None]
    b, e = x * (1 - x), 1 - 2 * x
    solution: NDArray[np.float64] = np.zeros(_POINTS + 1)
    solution[0] = 1.0
    # From the double well's own profile, q = 1 and u = 0, in steps of r that Newton's method can take.
    for part in np.linspace(0, r, max(2, int(4 * r) + 2))[1:]:
        for _ in range(_STEPS):
            q, dq, u = basis @ solution[:-1], slopes @ solution[:-1], solution[-1]
            residual = 2 * q * (e * q + b * dq) - u * q - 2 * e + 30 * part * b
            by_q = 4 * e * q + 2 * b * dq - u
            matrix = np.column_stack([by_q[:, None] * basis + (2 * b * q)[:, None] * slopes, -q])
            step = np.linalg.solve(matrix, residual)
            solution = solution - step
            if np.abs(step).max() < 1e-12:
                break
    return float(solution[-1] / (6 * r))

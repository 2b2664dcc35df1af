r"""Solvent that moves: creeping flow in a section and from above, and the salt that it carries.

In a section the flow is Stokes',

    -mu lap u + grad p = 0,    div u = 0,    u = 0 on walls and electrodes,

between ends of given pressure without flow along them, for which plane Poiseuille flow is exact. Transport
sees its projection on curls of a stream function, u = (d psi/dz, -d psi/dx), with psi constant on every wall:
free of divergence at every point, no flow through walls, and the given flow through every cross-section.
From above it is Hele-Shaw's, with the height h(x, y):

    div(h^3/(12 mu) grad p) = 0,    u = -h^2/(12 mu) grad p    (mean over the height),

p = 0 at the inlet, walls without flow, and at the outlet the given flow with one gradient of the pressure all
along it, u.n ~ h^2. The flow is given, so that mu sets the pressure only, and scaled equations have mu = 1
(pressures in mu D0/L^2, velocities in D0/L).

Salt is carried along; charge is not, since the liquid has none:

    dc/dt + div(N+ + c u) = 0,    div i = 0.

At the inlet c = c0; at the outlet N+.n = 0, so that c u.n leaves (or c = c0, where the stream is so slow that
diffusion rules the margin before it). The weak form is that of conservation,

    int dc/dt v - int (N+ + c u).grad v + int_outlet c u.n v,

whose sum over all v is the balance of ions, and where a uniform c stays so since u is free of divergence as v
tests it. Streamline-upwind Petrov-Galerkin terms make it stable at any cell Peclet number,

    int R tau u.grad v,    R = dc/dt + u.grad c - div(D grad c) + grad t+ . i,

which vanish with the residual R of the strong form (div i = 0 in it). With the Jacobian J of the cells,
l = |u|/|J^-1 u| is their length along the stream, and for elements of order p

    tau = ((2p/l)^2 |u|^2 + (12 p^2/l^2)^2 D0^2)^(-1/2):

l/2p|u| where the stream is strong, l^2/12p^2 D0 where diffusion is (Shakib, Hughes & Johan, Comput Methods
Appl Mech Eng 1991;89:141, with l/p for the size of a cell).
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl

from thincell.model.electroneutral import Salt
from thincell.model.measures import Measures
from thincell.model.ops import Value
from thincell.model.terms import Medium, divergence

#: |u|^2 below which the liquid counts as still, in (D0/L)^2: keeps tau finite at walls.
STILL = 1e-12


def stokes(measures: Measures, fields: Value, tests: Value) -> ufl.Form:
    """Stokes' equations; fields (u, p) and tests (v, q)."""
    u, p = ufl.split(fields)
    v, q = ufl.split(tests)
    return measures.volume(ufl.inner(ufl.grad(u), ufl.grad(v)) - p * ufl.div(v) - q * ufl.div(u))


def push(measures: Measures, tests: Value, tag: int) -> ufl.Form:
    """A pressure of 1 on an end, with the sign of the right-hand side."""
    v, _ = ufl.split(tests)
    return -measures.surface(ufl.inner(v, ufl.FacetNormal(measures.domain)), tag)


def curl(psi: Value) -> Value:
    """u = (d psi/dz, -d psi/dx)."""
    return ufl.as_vector((psi.dx(1), -psi.dx(0)))


def stream(measures: Measures, psi: Value, velocity: Value, test: Value) -> ufl.Form:
    """Least squares of curl psi - u."""
    return measures.volume(ufl.inner(curl(psi) - velocity, curl(test)))


def hele_shaw(measures: Measures, depth: Value, p: Value, test: Value) -> ufl.Form:
    """div(h u) = 0, tested; ``depth`` is h, which weighs the integral once."""
    return -measures.volume(ufl.inner(mean_velocity(depth, p), ufl.grad(test)))


def mean_velocity(depth: Value, p: Value) -> Value:
    """u = -h^2/12 grad p."""
    return -(depth**2) / 12 * ufl.grad(p)


@dataclass(frozen=True)
class Flow:
    """What carries salt: ``velocity`` [D0/L], ``outward`` its normal part at the outlet.

    ``depth`` is the height over the unit of length where fields are means over it, 1 in a section;
    ``order`` that of the elements. ``psi`` is the stream function of depth times velocity [D0, from above
    D0 L], for pictures.
    """

    velocity: Value
    outward: Value
    depth: Value
    order: int
    psi: Value | None = None

    def _tau(self, domain: Value, medium: Medium) -> Value:
        u = self.velocity
        along = ufl.dot(ufl.JacobianInverse(domain), u)
        strong = ufl.inner(along, along)  # |u|^2/l^2
        inverse = strong / (ufl.inner(u, u) + STILL)  # 1/l^2
        diffusion = 12 * self.order**2 * medium.transport * inverse
        return 1 / ufl.sqrt((2 * self.order) ** 2 * strong + diffusion**2 + STILL)

    def upwind(self, measures: Measures, medium: Medium, test: Value) -> Value:
        """tau u.grad v."""
        return self._tau(measures.domain, medium) * ufl.dot(self.velocity, ufl.grad(test))

    def strong(self, medium: Medium, salt: Salt, fields: Value, rate: Value) -> Value:
        """R, without what electrodes below the liquid deliver; ``rate`` is d(c/c0)/dt."""
        c = salt.concentration(fields)
        spread = self.depth * medium.diffusivity(c) * ufl.grad(c)
        current = medium.current(c, salt.gradient(fields, medium.background), fields[1])
        shift = medium.transference(c)
        drift = ufl.dot(ufl.grad(shift), current) if _varies(shift) else 0.0
        return rate + ufl.dot(self.velocity, ufl.grad(c)) - ufl.div(spread) / self.depth + drift

    def carried(
        self,
        measures: Measures,
        medium: Medium,
        salt: Salt,
        fields: Value,
        test: Value,
        rate: Value,
        outlet: int,
    ) -> ufl.Form:
        """Everything that flow adds to the balance of salt."""
        c = salt.concentration(fields)
        residual = self.strong(medium, salt, fields, rate)
        return (
            divergence(measures, c * self.velocity, test)
            + measures.surface(self.leaving(salt, fields) * test, outlet)
            + measures.volume(residual * self.upwind(measures, medium, test))
        )

    def leaving(self, salt: Salt, fields: Value) -> Value:
        """c u.n at the outlet."""
        return salt.concentration(fields) * self.outward


def _varies(value: Value) -> bool:
    """Whether a property depends on the place at all."""
    return isinstance(value, ufl.core.expr.Expr) and not ufl.checks.is_cellwise_constant(value)

r"""A deposit as a phase field: conservative diffuse-domain Butler-Volmer growth, in scaled units.

The metal fraction xi is 1 in the metal and 0 in the liquid; across the interface

    xi = 1/2 [1 - tanh(s / 2 delta)],      s the distance from the front, towards the liquid,

with the thickness delta (10 to 90 % within 4.4 delta). With the area density of the interface

    a = s(xi) n.grad xi,      int s dxi = 1,      n the unit normal into the metal,

so that int a over any profile is the length of the front (area in 3-D), every reaction r of the
electrode has one rate density

    R_r = a A j_r + (dj_r/deta) (1/n_r) Gamma w(xi) [-lap xi + xi(1-xi)(1-2xi)/delta^2],

with j_r the anodic-positive current density of the case's own kinetics, A the factor of kinetic
anisotropy and noise, and the second part capillarity (below). The same discrete R_r stands in every balance:

    metal    d xi/dt                = -sum omega_r R_r + div {M [grad xi - xi(1-xi)/delta n] + v d n}
    ions     d (porosity p c_i)/dt  = -div(q N_i) + sum s_ir R_r          p = 1 - xi
    charge   0                      = -div(q i) + sum R_r

(omega_r: scaled volume of metal per charge), hence Faraday's law and the balances of ions and of charge
are identities of the discrete equations, at any delta, mesh and time step.

**Weights.** s clips the tails, s = min(1, xi(1-xi)/0.05)/Z: they lie in other concentrations than the
front, would run away from it, and get no source. q(xi) = int_xi^1 s is the share of the flux that has
not reacted yet, so that grad c is continuous through the layer. In the metal q keeps a small floor and
the concentration there is an extension of the liquid's without meaning.

**Fields of the front.** j_r is that of the fields f at the front, not of those at the point of the layer:
f - delta psi n.grad f, with psi = ln(xi/(1-xi)) the distance from the front in delta. Evaluated point by
point the rate would be wrong by 3.3 delta^2 r''/2r per unit gradient, and the outer tail, which lies in
higher concentrations, would run ahead. Beyond 4 delta, where a straight line tells little, the
difference f - f_front is that of the extrapolated state: at a front that is nearly dry the potential falls
by several RT/F per delta, and the tail's rate would grow outwards faster than its metal falls off.

**Profile.** The last term of the metal's balance is a divergence: it moves metal across the layer, adds
none and carries no charge. Its first part relaxes the profile to the tanh along the normal, with
M = m v_max delta. Its second part makes up for the clipped tails: with d(xi) = xi - int_0^xi s, whose
slope is 1 - s, and v the speed of the front, extended along the normal from xi = 1/2,

    v s n.grad xi + div (v d n) = v n.grad xi + d div (v n),

so that a planar front moves without changing its shape, whatever M is. Without it the profile would
have to be deformed until M's flux makes up for them, which is a capillarity of its own, of O(delta v).

**Capillarity.** A curved front has the equilibrium potential U - Gamma K/n_r (in RT/F), K the curvature
(positive where the metal is convex) and Gamma = gamma Omega/RT. For the profile above
|grad xi| K = -lap xi + xi(1-xi)(1-2xi)/delta^2 exactly, so no curvature is ever computed. The weight
w = 6 xi(1-xi), int w dxi = 1, keeps it out of the tails: in that towards the metal q ~ (1-xi)^2 could
carry a source ~ 1-xi to the liquid with gradients ~ 1/(1-xi) only. With a surface energy that depends on
the orientation, Gamma grad xi becomes the flux of Cahn and Hoffman,
Gamma grad xi + (n.grad xi) (1 - nn) dGamma/dn, whose divergence is the weighted curvature
(Gamma + Gamma'') K in a plane. The slope dj_r/deta is that of the extrapolated state at the front, extended
along the normal: in the tails, where fields are carried over several delta, it may be e^10 times as large,
and where the profile undershoots w turns negative.

Conservative profile term: Chiu & Lin 2011, 10.1016/j.jcp.2010.09.021; diffuse-domain sources: Li et al.
2009, Commun. Math. Sci. 7:81; Cahn & Hoffman 1974, 10.1016/0001-6160(74)90134-5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import ufl

from thincell.model.ops import Law, Value, maximum, minimum

#: xi(1-xi) below which the source is clipped.
CLIP = 0.05

#: xi(1-xi) = CLIP at this xi and at 1 minus it.
EDGE = (1 - math.sqrt(1 - 4 * CLIP)) / 2

#: int_0^EDGE xi(1-xi)/CLIP dxi.
_TAIL = (EDGE**2 / 2 - EDGE**3 / 3) / CLIP

#: int_0^1 min(1, xi(1-xi)/CLIP) dxi.
_WHOLE = 2 * _TAIL + 1 - 2 * EDGE

#: Distance in delta over which fields are extrapolated at most. Beyond lies 0.7 % of the source.
FARTHEST = 4.0

#: Residual concentration of ions in pure metal, relative to c0.
DEEP = 0.05

#: Change of a potential [RT/F] towards which its extrapolation to the front levels off. At a dry tip, as thin
#: as the layer, the potential falls so steeply that the exponential of a straight line overtakes every
#: iteration; where the layer is thin enough, changes are below 0.3, of which this takes 0.002.
STRAY = 2.0

#: Logarithm of xi/(1-xi) beyond which the distance function of the front levels off.
REACH = math.log(1e6)


@dataclass(frozen=True)
class Interface(Law):
    """The diffuse interface, scaled: thickness delta, floor of the transport weight in the metal."""

    thickness: float
    floor: float = 1e-4

    def liquid(self, xi: Value) -> Value:
        """p, the share of the volume that is not metal."""
        return 1 - xi

    def transport(self, xi: Value) -> Value:
        """q, the weight of all fluxes."""
        return self.floor + (1 - self.floor) * unreacted(xi)

    def background(self, xi: Value) -> Value:
        """Residual concentration of ions in the metal, relative to c0.

        Where the front is nearly dry the salt's extension into the metal ends below zero, and nothing would
        tell the potential there, at which half of the layer reacts.
        """
        return DEEP * minimum(maximum(xi, 0.0), 1.0) ** 4


def source_weight(xi: Value) -> Value:
    """s(xi): 1/Z between the clipped tails, 0 outside of [0, 1]."""
    return maximum(minimum(1.0, xi * (1 - xi) / CLIP), 0.0) / _WHOLE


def unreacted(xi: Value) -> Value:
    """q(xi) = int_xi^1 s: 1 in the liquid, 0 in the metal."""
    return _integral(1 - xi)


def _integral(x: Value) -> Value:
    """int_0^x s for any x, 0 below 0 and 1 above 1; s is symmetric about 1/2."""
    core = minimum(maximum(x, EDGE), 1 - EDGE) - EDGE
    return (_tail(x) + core + _TAIL - _tail(1 - x)) / _WHOLE


def _tail(x: Value) -> Value:
    """int_0^x xi(1-xi)/CLIP for x in [0, EDGE], constant outside."""
    inside = minimum(maximum(x, 0.0), EDGE)
    return (inside**2 / 2 - inside**3 / 3) / CLIP


def normal(psi: Value, thickness: Value) -> Value:
    """n = grad psi/|grad psi|, into the metal; zero where psi = ln(xi/(1-xi)) has levelled off."""
    gradient = ufl.grad(psi)
    least = (1e-3 / thickness) ** 2
    return gradient / ufl.sqrt(ufl.inner(gradient, gradient) + least)


def area_density(xi: Value, n: Value) -> Value:
    """a = s(xi) n.grad xi: area of the front per volume."""
    return source_weight(xi) * ufl.inner(n, ufl.grad(xi))


def at_front(fields: Any, beyond: Any, count: int, n: Value, psi: Value, thickness: Value) -> Any:
    """The first ``count`` fields at the nearest point of the front, for a point of the layer at ``psi``.

    Within FARTHEST they are extrapolated along n, the potential, which is the last, with a limit; farther
    off they are those of the point less ``beyond``, by which those of the extrapolated state differ.
    """
    away = thickness * minimum(maximum(psi, -FARTHEST), FARTHEST)
    steps = [away * ufl.inner(n, ufl.grad(fields)[k, :]) for k in range(count)]
    steps[-1] = STRAY * ufl.tanh(steps[-1] / STRAY)
    tail = minimum(maximum(abs(psi) - FARTHEST + 1, 0.0), 1.0)
    return ufl.as_vector([fields[k] - (1 - tail) * steps[k] - tail * beyond[k] for k in range(count)])


def profile_flux(xi: Value, n: Value, mobility: Value, speed: Value, thickness: Value) -> Value:
    """-M [grad xi - xi(1-xi)/delta n] - v d n: flux of metal that keeps the profile."""
    missing = xi - 1 + unreacted(xi)
    return -mobility * (ufl.grad(xi) - xi * (1 - xi) / thickness * n) - speed * missing * n


def bulk_force(xi: Value, thickness: Value) -> Value:
    """xi(1-xi)(1-2xi)/delta^2."""
    return xi * (1 - xi) * (1 - 2 * xi) / thickness**2


def capillary_flux(xi: Value, n: Value, gamma: Any) -> Value:
    """Gamma grad xi + (n.grad xi)(1 - nn) dGamma/dn; ``gamma`` is a function of the normal."""
    gradient = ufl.grad(xi)
    variable = ufl.variable(n)
    energy = gamma(variable)
    slope = ufl.diff(energy, variable) if isinstance(energy, ufl.core.expr.Expr) else 0 * n
    tangent = slope - ufl.inner(slope, n) * n
    return energy * gradient + ufl.inner(n, gradient) * tangent


def capillary_area(xi: Value, n: Value, test: Value) -> Value:
    """w n.grad xi, tested: area of the front per volume with the weight of capillarity."""
    return 6 * xi * (1 - xi) * ufl.inner(n, ufl.grad(xi)) * test


def capillarity(xi: Value, n: Value, thickness: Value, gamma: Any, test: Value) -> Value:
    """Gamma K w |grad xi|, tested, integrated by parts: the capillary part of R per slope."""
    weighted = 6 * xi * (1 - xi) * test
    flux = ufl.inner(capillary_flux(xi, n, gamma), ufl.grad(weighted))
    return flux + gamma(n) * bulk_force(xi, thickness) * weighted

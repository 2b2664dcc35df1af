r"""Nernst-Planck transport of any number of species, with Poisson's equation or electroneutral.

    porosity dc_i/dt + div N_i = R_i            N_i = -D_i c_i grad(mu_i + z_i phi)
    -div(eps grad phi) = F (sum z_i c_i + z_f c_f)                (nernst-planck-poisson)
    0 = sum z_i c_i + z_f c_f                                     (electroneutral)

mu_i is the chemical potential in RT: ln c_i, or with ions of finite size (Bikerman 1942; volume v_i per
mole) ln c_i - ln(1 - sum v_j c_j). Boundary conditions, n pointing out of the electrolyte:

| boundary                       | ions                         | potential                         |
|--------------------------------|------------------------------|-----------------------------------|
| electrode, reactions r         | N_i.n = -sum_r nu_ir j_r / F | eps dphi/dn = sigma (Stern layer) |
| insulator, symmetry, reference | N_i.n = 0                    | dphi/dn = 0                       |
| reservoir (inlet, outlet)      | N_i.n = k (c_i - c_i0)       | dphi/dn = 0                       |

k is a mass transfer so fast that c_i = c_i0, the same for all ions so that no current leaves. nu_ir:
ions of species i that reaction r releases per electron when it runs anodically; sigma: surface charge
of the metal, see `double_layer`.

Unknowns, in one blocked space of second-order elements: one y_i per species, and the potential.

* Poisson: y_i = mu_i, so that c_i = exp(y_i)/(1 + sum v_j exp(y_j)) is positive and below close
  packing whatever Newton's method tries; the potential is phi.
* electroneutral: c_i/c0 = s ln(1 + exp(y_i/s)) as in `electroneutral`, or exp(y_i) for ions that are
  traces at the beginning, and the potential psi of the commonest anion, phi = psi - mu_a/z_a, which
  stays regular where the salt runs out.

The balance of one species, the commonest anion, is replaced by the sum of all balances times z_i, minus
the time derivative of the last equation: div (i + d(eps E)/dt) = 0, the conservation of the total
current. The solution is the same, but no charge density, a small difference of large numbers, is
divided by a small time step: currents balance to rounding, and so do the amounts of all ions.

A residual concentration of mobile ions, `RESIDUAL`, keeps the balance of an ion that space charge has
driven out (anions at exp(-50) c0) from becoming nothing but rounding, and its logarithm from
wandering. At rest and in every ion that carries no current it has no effect at all, for it is driven
by the same gradient of mu + z phi; it changed the current beyond the limiting current, at 100 RT/F, by
5e-10 (eps = 1e-2) to 2e-9 (1e-5), and made Newton's method converge there in half the iterations.

Everything is scaled as told in `scales`, with z+ nu+ = 1; eps2 = eps RT/(F^2 c0 L^2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ufl

from thincell.model.constants import FARADAY, VACUUM_PERMITTIVITY
from thincell.model.electroneutral import POSITIVE, SOFT
from thincell.model.measures import Measures
from thincell.model.ops import Value, exp, ln, log_softplus, softplus, symbolic
from thincell.model.scales import Scales
from thincell.model.species import Solution

#: Residual concentration of mobile ions relative to c0 where double layers are resolved.
RESIDUAL = 1e-10


class Variables(Protocol):
    """What the unknowns (y_1 ... y_n, p) mean."""

    @property
    def traces(self) -> tuple[int, ...]:
        """Species whose logarithm Newton's method approaches in limited steps."""

    def concentrations(self, fields: Any) -> list[Value]:
        """c_i/c0."""

    def chemical(self, fields: Any) -> list[Value]:
        """mu_i, up to a constant, in RT."""

    def potential(self, fields: Any) -> Value:
        """phi in RT/F."""

    def unknowns(self, concentrations: Sequence[Value]) -> list[Value]:
        """y_i and p from c_i/c0 at phi = 0."""


@dataclass(frozen=True)
class LogVariables:
    """y_i = mu_i; ``volumes`` v_i c0 of the ions, empty for point ions."""

    count: int
    volumes: tuple[Any, ...] = ()
    traces: tuple[int, ...] = ()

    def concentrations(self, fields: Any) -> list[Value]:
        """c_i/c0 = exp(y_i)/(1 + sum v_j exp(y_j))."""
        powers = [exp(fields[k]) for k in range(self.count)]
        if not self.volumes:
            return powers
        sizes = self._sizes(powers)
        free = 1 + sum(v * power for v, power in zip(sizes, powers, strict=True))
        return [power / free for power in powers]

    def _sizes(self, values: Sequence[Value]) -> Sequence[Any]:
        """The volumes: constants of the mesh for UFL, numbers for arrays."""
        if symbolic(*values):
            return self.volumes
        return [float(getattr(volume, "value", volume)) for volume in self.volumes]

    def chemical(self, fields: Any) -> list[Value]:
        """mu_i = y_i."""
        return [fields[k] for k in range(self.count)]

    def potential(self, fields: Any) -> Value:
        """phi."""
        return fields[self.count]

    def unknowns(self, concentrations: Sequence[Value]) -> list[Value]:
        """ln c_i - ln(1 - sum v_j c_j), and phi = 0."""
        filled = zip(self._sizes(concentrations), concentrations, strict=False)  # no sizes: points
        crowd = sum((v * c for v, c in filled), 0.0)
        return [ln(c) - ln(1 - crowd) for c in concentrations] + [0.0 * concentrations[0]]


@dataclass(frozen=True)
class SoftVariables:
    """c_i soft, and the potential of the species ``anchor`` with the charge number ``charge``.

    Of ``traces``, whose concentrations change by orders of magnitude, the unknown is ln(c_i/c0).
    """

    count: int
    anchor: int
    charge: int
    traces: tuple[int, ...] = ()

    def concentrations(self, fields: Any) -> list[Value]:
        """c_i/c0 = s ln(1 + exp(y_i/s)), or exp(y_i)."""
        return [
            exp(fields[k]) if k in self.traces else SOFT * softplus(fields[k] / SOFT)
            for k in range(self.count)
        ]

    def chemical(self, fields: Any) -> list[Value]:
        """ln(c_i/c0)."""
        return [self._logarithm(fields, k) for k in range(self.count)]

    def _logarithm(self, fields: Any, k: int) -> Value:
        return fields[k] if k in self.traces else ln(SOFT) + log_softplus(fields[k] / SOFT)

    def potential(self, fields: Any) -> Value:
        """phi = psi - mu_a/z_a."""
        return fields[self.count] - self._logarithm(fields, self.anchor) / self.charge

    def unknowns(self, concentrations: Sequence[Value]) -> list[Value]:
        """y_i, and psi of phi = 0."""
        made = [ln(c) if k in self.traces else POSITIVE.unknown(c) for k, c in enumerate(concentrations)]
        return [*made, ln(concentrations[self.anchor]) / self.charge]


@dataclass(frozen=True)
class Ions:
    """What the electrolyte is and what it fills, every number a fem.Constant, as in `terms.Medium`.

    ``liquid`` is the share of the volume that a deposit leaves.
    """

    solution: Solution
    scales: Scales
    variables: Variables
    porosity: Any
    transport: Any
    background: Any
    liquid: Any = 1.0

    @property
    def count(self) -> int:
        """Number of species."""
        return len(self.solution.species)

    def mobility(self, k: int) -> Value:
        """D_k/D0, effective."""
        return self.transport * self.solution.species[k].diffusivity / self.scales.diffusivity

    def flux(self, fields: Value, k: int) -> Value:
        """N_k = -D_k c_k grad(mu_k + z_k phi)."""
        v = self.variables
        driving = v.chemical(fields)[k] + self.solution.charges[k] * v.potential(fields)
        mobile = v.concentrations(fields)[k] + self.background
        return -self.mobility(k) * mobile * ufl.grad(driving)

    def production(self, fields: Value, k: int) -> Value:
        """R_k in units of c0 D0/L^2; None when no reaction touches the species."""
        s = self.scales
        c = [s.concentration * value for value in self.variables.concentrations(fields)]
        unit = self.liquid * self.porosity * s.length**2 / (s.diffusivity * s.concentration)
        parts = [unit * r.made(k) * r.rate(c) for r in self.solution.reactions if r.made(k)]
        return sum(parts) if parts else None

    def charge_density(self, fields: Value, domain: Any) -> Value:
        """(sum z_i c_i + z_f c_f)/c0, of the whole volume."""
        c = self.variables.concentrations(fields)
        mobile = sum(z * value for z, value in zip(self.solution.charges, c, strict=True))
        fixed = self.solution.fixed
        if fixed is None:
            return self.porosity * mobile
        height = ufl.SpatialCoordinate(domain)[1] * self.scales.length
        here = ufl.conditional(ufl.le(height, fixed.thickness), fixed.density, 0.0)
        return self.porosity * (mobile + here / self.scales.concentration)

    def permittivity(self, phi: Value) -> Value:
        """eps2 at the local field."""
        s = self.scales
        field = ufl.inner(ufl.grad(phi), ufl.grad(phi)) * (s.potential / s.length) ** 2
        unit = VACUUM_PERMITTIVITY * s.potential / (FARADAY * s.concentration * s.length**2)
        return self.porosity * unit * self.solution.permittivity.relative(field)

    def displacement(self, fields: Value) -> Value:
        """eps2 grad phi: minus the electric displacement."""
        phi = self.variables.potential(fields)
        return self.permittivity(phi) * ufl.grad(phi)


def species_balance(
    measures: Measures, ions: Ions, fields: Value, k: int, test: Value, rate: Value
) -> ufl.Form:
    """Volume part of the balance of species k; ``rate`` is d(c_k/c0)/dt in scaled time."""
    form = measures.volume(ions.porosity * rate * test)
    form -= measures.volume(ufl.inner(ions.flux(fields, k), ufl.grad(test)))
    production = ions.production(fields, k)
    return form if production is None else form - measures.volume(production * test)


def charge_balance(
    measures: Measures, ions: Ions, fields: Value, test: Value, displacement: Value | None
) -> ufl.Form:
    """Volume part of div (i + dD/dt) = 0, i = sum z_k N_k; ``displacement`` is d(eps2 grad phi)/dt."""
    current = sum(z * ions.flux(fields, k) for k, z in enumerate(ions.solution.charges) if z)
    total = current if displacement is None else current - displacement
    return -measures.volume(ufl.inner(total, ufl.grad(test)))


def poisson(measures: Measures, ions: Ions, fields: Value, test: Value) -> ufl.Form:
    """Volume part of Poisson's equation: int eps2 grad phi . grad w - rho w."""
    displacement = ufl.inner(ions.displacement(fields), ufl.grad(test))
    return measures.volume(displacement - ions.charge_density(fields, measures.domain) * test)


def electroneutrality(measures: Measures, ions: Ions, fields: Value, test: Value) -> ufl.Form:
    """int rho w = 0."""
    return measures.volume(ions.charge_density(fields, measures.domain) * test)

r"""Relative permittivity of a solvent as a function of the electric field.

* constant: eps_r;
* Booth: dipoles saturate in strong fields,

    eps_r(E) = n^2 + (eps_r(0) - n^2) 3 L(x)/x,    x = beta |E|,    L(x) = coth x - 1/x

  Booth 1951, 10.1063/1.1748233. For water n = 1.33 and beta = 1.41e-8 m/V (recalled, not checked
  against the paper).

Both have ``relative(field_squared)`` with the squared field in V2.m-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from thincell.model.ops import Law, Value, exp, maximum, minimum, sqrt

#: x^2 below which 3 L(x)/x is summed as its series.
SMALL = 0.04


class Permittivity(Protocol):
    """A law of the relative permittivity."""

    def relative(self, field_squared: Value) -> Value:
        """eps_r at |E|^2 [V2.m-2]."""

    def on(self, domain: Any) -> Law:
        """The same law with constants of a mesh."""


@dataclass(frozen=True)
class ConstantPermittivity(Law):
    """eps_r whatever the field."""

    value: float

    def relative(self, field_squared: Value) -> Value:
        return self.value


@dataclass(frozen=True)
class Booth(Law):
    """Dielectric saturation; ``index`` n of refraction, ``beta`` [m.V-1]."""

    value: float
    index: float = 1.33
    beta: float = 1.41e-8

    def relative(self, field_squared: Value) -> Value:
        x2 = self.beta**2 * field_squared
        return self.index**2 + (self.value - self.index**2) * _saturation(x2)


def _saturation(x2: Value) -> Value:
    """3 L(x)/x from x^2: 1 - x^2/15 + 2 x^4/315 - x^6/1575 + ... for small x."""
    low = minimum(x2, SMALL)
    series = 1 - low / 15 + 2 * low**2 / 315 - low**3 / 1575 + 2 * low**4 / 31185
    x = sqrt(maximum(x2, SMALL))
    decay = exp(-2 * x)
    whole = 3 * ((1 + decay) / (1 - decay) - 1 / x) / x
    return series + whole - _AT_SMALL


def _at_small() -> float:
    """The branch that does not apply adds its value at the seam, which is taken off again."""
    x = SMALL**0.5
    decay = float(exp(-2 * x))
    return float(3 * ((1 + decay) / (1 - decay) - 1 / x) / x)


_AT_SMALL = _at_small()

"""Elementary functions that take numbers, numpy arrays and UFL expressions alike.

A law written with these is used unchanged in a form, in `thincell check` and in a plot. UFL and
DOLFINx are loaded only where a form is made: the laws alone need neither.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from typing import Any, cast

import numpy as np
from scipy import special

Value = Any
"""A float, a numpy array or a UFL expression."""


def symbolic(*values: Value) -> Any:
    """The module ufl if one of the values is a UFL expression, else None."""
    ufl = sys.modules.get("ufl")  # no expression without it
    if ufl is None:
        return None
    return ufl if any(isinstance(value, ufl.core.expr.Expr) for value in values) else None


def exp(x: Value) -> Value:
    """Exponential."""
    ufl = symbolic(x)
    return ufl.exp(x) if ufl else np.exp(x)


def ln(x: Value) -> Value:
    """Natural logarithm."""
    ufl = symbolic(x)
    return ufl.ln(x) if ufl else np.log(x)


def sqrt(x: Value) -> Value:
    """Square root."""
    ufl = symbolic(x)
    return ufl.sqrt(x) if ufl else np.sqrt(x)


def tanh(x: Value) -> Value:
    """Hyperbolic tangent."""
    ufl = symbolic(x)
    return ufl.tanh(x) if ufl else np.tanh(x)


def erf(x: Value) -> Value:
    """Error function."""
    ufl = symbolic(x)
    return ufl.erf(x) if ufl else special.erf(x)


def minimum(x: Value, y: Value) -> Value:
    """The smaller of two values."""
    ufl = symbolic(x, y)
    if ufl:
        return ufl.min_value(x, y)
    return np.minimum(x, y)


def maximum(x: Value, y: Value) -> Value:
    """The larger of two values."""
    ufl = symbolic(x, y)
    if ufl:
        return ufl.max_value(x, y)
    return np.maximum(x, y)


#: Argument beyond which `bounded_exp` continues as a parabola.
EXPONENT_LIMIT = 60.0


def bounded_exp(x: Value) -> Value:
    """exp(x) up to x = 60, then its second-order Taylor polynomial: C2, never overflows.

    exp(60) = 1e26 times any exchange current density is beyond every current that an electrolyte
    carries, so the continuation is seen only by Newton's iterates, never by a solution.
    """
    excess = maximum(x - EXPONENT_LIMIT, 0.0)
    return exp(minimum(x, EXPONENT_LIMIT)) * (1.0 + excess + excess**2 / 2)


def softplus(x: Value) -> Value:
    """ln(1 + exp(x)) without overflow."""
    ufl = symbolic(x)
    if ufl:
        return ufl.max_value(x, 0.0) + ufl.ln(1 + ufl.exp(-abs(x)))
    return np.logaddexp(0.0, x)


def log_softplus(x: Value) -> Value:
    """ln(ln(1 + exp(x))), equal to x where exp(x) is below the rounding of 1."""
    ufl = symbolic(x)
    if ufl:
        deep = ufl.lt(x, -36.0)
        return ufl.conditional(deep, x, ufl.ln(softplus(ufl.conditional(deep, 0.0, x))))
    deep = np.asarray(x) < -36.0
    return np.where(deep, x, np.log(softplus(np.where(deep, 0.0, x))))


#: Half-width of the bend of `bounded_above`, relative to the bound.
BEND = 0.05


def bounded_above(x: Value, bound: Value) -> Value:
    """x below the bound, the bound above it, a parabola between: continuously differentiable.

    A plain minimum has a kink at which Newton's method cycles.
    """
    bend = BEND * bound
    above = minimum(maximum(x - (bound - bend), 0.0), 2 * bend)
    return minimum(x, bound + bend) - above**2 / (4 * bend)


@dataclass(frozen=True)
class Law:
    """Base of laws: a frozen dataclass whose numbers can become fem.Constants."""

    def on(self, domain: Any) -> Law:
        """The same law with every float (also in tuples and nested laws) a fem.Constant.

        A float in a form is baked into its signature and every new value would compile a new
        kernel; constants let a whole sweep compile once.
        """
        made = {f.name: _constant(getattr(self, f.name), domain) for f in fields(self)}
        return cast(Law, replace(self, **made))


def constant(domain: Any, value: float) -> Any:
    """A fem.Constant of a mesh."""
    from dolfinx import fem

    return fem.Constant(domain, value)


def _constant(value: Any, domain: Any) -> Any:
    if isinstance(value, float):
        return constant(domain, value)
    if isinstance(value, tuple):
        return tuple(_constant(item, domain) for item in value)
    if isinstance(value, Law):
        return value.on(domain)
    return value

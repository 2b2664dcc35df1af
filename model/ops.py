"""Elementary functions that take numbers, numpy arrays and UFL expressions alike.

A law written with these is used unchanged in a form, in `thincell check` and in a plot. UFL and
DOLFINx are loaded only where a form is made: the laws alone need neither.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

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


#: Argument below which `softplus` is summed as a series: ln(1 + u) of a small u loses its digits.
_SERIES = -3.0


def _log1p_over(u: Value) -> Value:
    """ln(1 + u)/u for 0 < u < 0.05, to rounding: 2 artanh(w)/u with w = u/(2 + u)."""
    w2 = (u / (2 + u)) ** 2
    return 2 / (2 + u) * (1 + w2 * (1 / 3 + w2 * (1 / 5 + w2 * (1 / 7 + w2 * (1 / 9 + w2 / 11)))))


def softplus(x: Value) -> Value:
    """ln(1 + exp(x)), to rounding at any argument."""
    ufl = symbolic(x)
    if not ufl:
        return np.logaddexp(0.0, x)
    deep = ufl.lt(x, _SERIES)
    low, high = ufl.conditional(deep, x, _SERIES), ufl.conditional(deep, _SERIES, x)
    small = ufl.exp(low)
    whole = ufl.max_value(high, 0.0) + ufl.ln(1 + ufl.exp(-abs(high)))
    return ufl.conditional(deep, small * _log1p_over(small), whole)


def log_softplus(x: Value) -> Value:
    """ln(ln(1 + exp(x))), to rounding at any argument; x itself far below zero."""
    ufl = symbolic(x)
    if not ufl:
        x = np.asarray(x, dtype=float)
        low = np.minimum(x, _SERIES)
        series = low + np.log(_log1p_over(np.exp(low)))
        return np.where(x < _SERIES, series, np.log(np.logaddexp(0.0, np.maximum(x, _SERIES))))
    deep = ufl.lt(x, _SERIES)
    low, high = ufl.conditional(deep, x, _SERIES), ufl.conditional(deep, _SERIES, x)
    series = low + ufl.ln(_log1p_over(ufl.exp(low)))
    return ufl.conditional(deep, series, ufl.ln(softplus(high)))


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

    def on(self, domain: Any) -> Self:
        """The same law with every float (also in tuples and nested laws) a fem.Constant.

        A float in a form is baked into its signature and every new value would compile a new
        kernel; constants let a whole sweep compile once.
        """
        made = {f.name: _constant(getattr(self, f.name), domain) for f in fields(self)}
        return replace(self, **made)


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

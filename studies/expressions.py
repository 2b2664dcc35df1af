"""UFL expressions made fit to be evaluated at points."""

from __future__ import annotations

from typing import Any

import ufl
from ufl.algorithms.apply_algebra_lowering import apply_algebra_lowering
from ufl.algorithms.apply_derivatives import apply_derivatives


def bare(expression: Any) -> Any:
    """The expression without ufl.variable labels, which an Expression cannot be compiled with."""
    if not isinstance(expression, ufl.core.expr.Expr):
        return expression
    if isinstance(expression, ufl.classes.Variable):
        return bare(expression.ufl_operands[0])
    operands = [bare(operand) for operand in expression.ufl_operands]
    if all(a is b for a, b in zip(operands, expression.ufl_operands, strict=True)):
        return expression
    return expression._ufl_expr_reconstruct_(*operands)


def slope(expression: Any, variable: Any) -> Any:
    """d(expression)/d(variable), carried out, without labels."""
    return carried_out(ufl.diff(expression, variable))


def carried_out(expression: Any) -> Any:
    """The expression with its derivatives carried out, without labels."""
    if not isinstance(expression, ufl.core.expr.Expr):
        return expression
    return bare(apply_derivatives(apply_algebra_lowering(expression)))

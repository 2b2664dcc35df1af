"""UFL expressions made fit to be evaluated at points."""

from __future__ import annotations

from typing import Any

import ufl
from ufl.algorithms.apply_algebra_lowering import apply_algebra_lowering
from ufl.algorithms.apply_derivatives import apply_derivatives
from ufl.corealg.traversal import unique_post_traversal


def bare(expression: Any) -> Any:
    """The expression without ufl.variable labels, which an Expression cannot be compiled with."""
    if not isinstance(expression, ufl.core.expr.Expr):
        return expression
    made: dict[Any, Any] = {}
    for part in unique_post_traversal(expression):  # each part once: they are shared many times over
        operands = [made[operand] for operand in part.ufl_operands]
        if isinstance(part, ufl.classes.Variable):
            made[part] = operands[0]
        elif all(a is b for a, b in zip(operands, part.ufl_operands, strict=True)):
            made[part] = part
        else:
            made[part] = part._ufl_expr_reconstruct_(*operands)
    return made[expression]


def slope(expression: Any, variable: Any) -> Any:
    """d(expression)/d(variable), carried out, without labels."""
    return carried_out(ufl.diff(expression, variable))


def carried_out(expression: Any) -> Any:
    """The expression with its derivatives carried out, without labels."""
    if not isinstance(expression, ufl.core.expr.Expr):
        return expression
    return bare(apply_derivatives(apply_algebra_lowering(expression)))

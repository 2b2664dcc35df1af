"""Expressions of the sweep file: arithmetic and comparisons of named numbers, nothing else.

simpleeval evaluates them; before that, the syntax tree is searched for anything but numbers, names,
operators and a few functions, so that mistakes are told when the sweep file is read.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from simpleeval import DEFAULT_OPERATORS, InvalidExpression, SimpleEval

from thincell.studies.schema.errors import InputError
from thincell.studies.sweep.names import TOLD

Value = float | str | bool

FUNCTIONS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "log10": math.log10,
    "exp": math.exp,
    "abs": abs,
    "min": min,
    "max": max,
}

_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Name,
    ast.Constant, ast.Load, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd, ast.Not,
    ast.And, ast.Or, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip

#: Powers of floats: simpleeval limits the base to 4e6, because those of integers can be endless.
_OPERATORS = {**DEFAULT_OPERATORS, ast.Pow: lambda a, b: float(a) ** float(b)}

_MISTAKES = (InvalidExpression, TypeError, ArithmeticError, ValueError)


@dataclass(frozen=True)
class Expression:
    """A readable expression. ``place`` is its key in the sweep file."""

    text: str
    place: str
    names: frozenset[str]
    tree: ast.expr


def reserved(name: str) -> bool:
    """Whether a name has a meaning in expressions or in the dataset already."""
    return keyword.iskeyword(name) or name in FUNCTIONS or name in TOLD or name == "point"


def read(text: str, place: str, known: Collection[str]) -> Expression:
    """Parse an expression; InputError when it cannot be read or uses what is not ``known``."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(
            f"{place}: {text!r} is not an expression; write for example 'height > 2 * gap'"
        ) from None
    for node in ast.walk(tree):
        _check_node(node, text, place)
    called = {node.func.id for node in ast.walk(tree) if _is_call(node)}  # type: ignore[attr-defined]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - called
    for name in sorted(called - set(FUNCTIONS)):
        raise InputError(
            f"{place}: there is no function {name!r} in {text!r}; there are {', '.join(FUNCTIONS)}"
        )
    for name in sorted(names - set(known)):
        listed = ", ".join(sorted(known))
        raise InputError(f"{place}: unknown name {name!r}{hint(name, known)} (known are {listed})")
    return Expression(text, place, frozenset(names), tree.body)


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def _check_node(node: ast.AST, text: str, place: str) -> None:
    strange = not isinstance(node, _ALLOWED)
    if isinstance(node, ast.Call):
        strange = not _is_call(node) or bool(node.keywords)
    if isinstance(node, ast.Constant):
        strange = not isinstance(node.value, int | float | str)
    if strange:
        raise InputError(
            f"{place}: {text!r} holds something else than numbers, names, + - * / **, comparisons,"
            f" and, or, not, if-else and the functions {', '.join(FUNCTIONS)}"
        )


def hint(name: str, known: Collection[str]) -> str:
    """'; did you mean ...?', or nothing."""
    by_case = {item.lower(): item for item in known}
    close = difflib.get_close_matches(name.lower(), by_case, n=1, cutoff=0.5)
    return f"; did you mean {by_case[close[0]]!r}?" if close else ""


def evaluate(expression: Expression, values: Mapping[str, Value]) -> Any:
    """The value of an expression; InputError when there is none."""
    for name in sorted(expression.names - set(values)):
        raise InputError(f"{expression.place}: {name!r} has no value at some points")
    evaluator = SimpleEval(_OPERATORS, FUNCTIONS, values)
    try:
        return evaluator.eval(expression.text, previously_parsed=expression.tree)
    except _MISTAKES as error:
        used = ", ".join(f"{name} = {values[name]!r}" for name in sorted(expression.names))
        at = f" at {used}" if used else ""
        raise InputError(f"{expression.place}: {expression.text!r}: {error}{at}") from None


def holds(expression: Expression, values: Mapping[str, Value]) -> bool:
    """Whether a condition is true; InputError when it is no condition."""
    answer = evaluate(expression, values)
    if not isinstance(answer, bool):
        raise InputError(
            f"{expression.place}: {expression.text!r} is not a condition; write for example"
            " 'height > gap'"
        )
    return answer


def number(expression: Expression, values: Mapping[str, Value]) -> float:
    """The value of an expression; NaN where it has none, or where a quantity in it has none."""
    used = [values[name] for name in expression.names]
    if any(isinstance(value, float) and math.isnan(value) for value in used):
        return math.nan
    try:
        answer = evaluate(expression, values)
    except InputError:
        return math.nan
    return float(answer) if isinstance(answer, int | float) else math.nan


def check_number(expression: Expression, sample: Mapping[str, Value]) -> None:
    """InputError when an expression can give no number, whatever its quantities are.

    ``sample`` holds a value for each; where they are unlucky (a division by zero) nothing is said.
    """
    evaluator = SimpleEval(_OPERATORS, FUNCTIONS, sample)
    try:
        answer = evaluator.eval(expression.text, previously_parsed=expression.tree)
    except (ArithmeticError, ValueError):
        return
    except (InvalidExpression, TypeError) as error:
        raise InputError(f"{expression.place}: {expression.text!r}: {error}") from None
    if isinstance(answer, str):
        raise InputError(f"{expression.place}: {expression.text!r} is text, not a number")

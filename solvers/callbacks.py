"""Callbacks of PETSc that do not keep their objects alive."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Protocol

from petsc4py import PETSc


class Matrix(Protocol):
    """A matrix that is applied and inverted by methods."""

    def mult(self, matrix: Any, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = A x."""

    def apply(self, pc: Any, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = A^-1 x."""


def weak(method: Callable[..., Any]) -> Callable[..., Any]:
    """A callback that does not keep its object alive.

    PETSc holds what it calls, and Python cannot see through PETSc: systems would never be freed, and
    after some 150 of them MPI has no communicators left.
    """
    found = weakref.WeakMethod(method)

    def call(*arguments: Any) -> Any:
        bound = found()
        assert bound is not None
        return bound(*arguments)

    return call


class Inverse:
    """The bordered matrix and its inverse as PETSc calls them."""

    def __init__(self, system: Matrix) -> None:
        self.mult = weak(system.mult)
        self.apply = weak(system.apply)

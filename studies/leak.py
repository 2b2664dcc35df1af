"""A leak of Python's own: `functools.singledispatchmethod` of 3.13.0 and 3.13.1 never forgets an object.

It caches the bound method of every object, and the method keeps the object (python/cpython issue 127750). UFL
differentiates with such methods, so every form would stay with its mesh, and after two hundred meshes of a
growing deposit MPI has no communicators left. Without the cache nothing else changes.
"""

from __future__ import annotations

from functools import singledispatchmethod
from typing import Any

from ufl.corealg.dag_traverser import DAGTraverser


def mend() -> None:
    """Switch the cache off in all of UFL's classes; nothing to do in other versions of Python."""
    for kind in _kinds(DAGTraverser):
        for method in vars(kind).values():
            if isinstance(method, singledispatchmethod) and hasattr(method, "_method_cache"):
                method._method_cache = None


def _kinds(kind: Any) -> list[Any]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _kinds(child))]

"""Lists the packages: `thincell` and, inside it, the rooms with whatever packages they contain.

Everything else is in pyproject.toml, including where each room lies.
"""

from __future__ import annotations

from setuptools import find_packages, setup

ROOMS = ("geometry", "model", "solvers", "studies", "validation")

patterns = [pattern for room in ROOMS for pattern in (room, f"{room}.*")]
setup(packages=["thincell", *(f"thincell.{name}" for name in find_packages(include=patterns))])

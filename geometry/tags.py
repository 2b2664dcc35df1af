"""Boundary tags, the same for every geometry and on every rank.

Fixed numbers let a whole sweep compile its forms once: UFL bakes the tag of a measure into the
signature of a form.
"""

from __future__ import annotations

from enum import IntEnum


class Tag(IntEnum):
    """Facet tags and, by their lower-case names, the physical groups of every mesh."""

    WORKING = 1
    COUNTER = 2
    REFERENCE = 3
    INSULATOR = 4
    SYMMETRY = 5
    INLET = 6
    OUTLET = 7

    @property
    def group(self) -> str:
        """Name of the physical group in mesh files."""
        return self.name.lower()


ELECTROLYTE = 1
"""Cell tag of the electrolyte."""

ELECTROLYTE_GROUP = "electrolyte"
"""Physical group of the electrolyte in mesh files."""

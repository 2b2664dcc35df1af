"""Reaction equations in words: "2 H2O + 2 e- = H2 + 2 OH-"."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from thincell.studies.schema.base import fault, short

ELECTRON = "e-"

_TERM = re.compile(r"(?:(\d+)\s+)?(\S(?:.*\S)?)")


@dataclass(frozen=True)
class Equation:
    """Stoichiometric numbers by name on both sides; electrons are counted apart (right minus left)."""

    left: dict[str, int]
    right: dict[str, int]

    @property
    def electrons(self) -> int:
        """Electrons on the left minus those on the right: positive when written as a reduction."""
        return self.left.get(ELECTRON, 0) - self.right.get(ELECTRON, 0)

    def made(self, name: str) -> int:
        """How many of a species one event from left to right makes."""
        return self.right.get(name, 0) - self.left.get(name, 0)


def read_equation(text: str, at: str = "equation") -> Equation:
    """An equation with one "=" and terms joined by " + "; each an optional whole number and a name."""
    sides = text.split(" = ")
    if len(sides) != 2:
        raise _wrong(text, "it needs exactly one ' = ' with a space on both sides", at)
    return Equation(*(_side(side, text, at) for side in sides))


def _side(side: str, text: str, at: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for term in side.split(" + "):
        match = _TERM.fullmatch(term.strip())
        if match is None or match[2] == "+":
            raise _wrong(text, f"{short(term.strip())} is not a number and a name", at)
        counted[match[2]] += int(match[1] or 1)
    return dict(counted)


def _wrong(text: str, why: str, at: str) -> Exception:
    return fault(
        "equation",
        "{text} cannot be read: {why}; write for example '2 H2O + 2 e- = H2 + 2 OH-'",
        {"text": short(text), "why": why},
        at=at,
    )

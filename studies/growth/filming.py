"""The film of a problem's deposit: its reaction's law in plain numbers, and the front that it sits on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.model.constants import FARADAY
from thincell.model.electrolyte import Electrolyte
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales
from thincell.model.terms import Surface
from thincell.studies.formulation.binary import BinarySalt
from thincell.studies.formulation.ionic import IonicSolution
from thincell.studies.growth.interphase import Interphase
from thincell.studies.schema.case import Case

Array = NDArray[np.float64]


class PlainLaw:
    """J of a plating reaction at nodes, evaluated with NumPy."""

    def __init__(
        self,
        inner: BinarySalt | IonicSolution,
        reaction: Reaction,
        case: Case,
        electrolyte: Electrolyte,
        scales: Scales,
    ) -> None:
        """``reaction``, ``electrolyte`` and ``scales`` hold plain numbers."""
        medium: Any = replace(inner.medium, scales=scales)
        made: Any = replace(inner, medium=medium)
        if isinstance(inner, BinarySalt):
            made = replace(made, medium=replace(medium, electrolyte=electrolyte))
        else:
            table = case.reactions[reaction.name]
            ionic = table.ionic(reaction.name, reaction, case.electrolyte)
            made = replace(made, reactions={reaction.name: ionic})
        self._inner, self._reaction = made, reaction

    def __call__(self, unknowns: Array, metal: Array) -> Array:
        """J at nodes with unknowns (nodes, fields) and the metal's potential there, scaled."""
        surface = Surface(self._reaction.electrodes[0], metal, (self._reaction,))
        (density,) = self._inner.partial_currents(surface, unknowns.T)
        return np.asarray(density)


def follow(film: Interphase, rows: Array, reaction: Reaction, scales: Scales, dt: float) -> None:
    """Let ``dt`` [s] pass: ``rows`` (x, z, length, j) of the front, scaled. All ranks."""
    density = np.abs(rows[:, 3]) * scales.current_density
    volume = float(reaction.molar_volume or 0.0) / (reaction.electrons * FARADAY)
    film.follow(rows[:, :2] * scales.length, density, density * volume, dt)

"""The metal at the start: a film on the working electrode, rough or wavy, and seeds.

Everything random is a function of place and seed, so that it is the same on any mesh.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thincell.model.roughness import RandomField
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.ground import Ground
from thincell.studies.schema.deposit import DepositTable

Array = NDArray[np.float64]


def metal_fraction(table: DepositTable, ground: Ground | Bed, points: Array) -> Array:
    """xi at points (n, 2 or 3) [m] of the start: 1/2 [1 - tanh(s/2 delta)]."""
    distance = np.full(len(points), np.inf)
    if table.film > 0:
        distance = np.minimum(distance, _film(table, ground, points))
    for seed in table.seeds:
        distance = np.minimum(
            distance, np.linalg.norm(points - ground.centre(seed), axis=1) - seed.radius
        )
    return profile(distance, table.interface)


def profile(distance: Array, thickness: float) -> Array:
    """xi at a distance from the front, positive in the liquid."""
    return np.asarray(0.5 * (1 - np.tanh(distance / (2 * thickness))))


def _film(table: DepositTable, ground: Ground | Bed, points: Array) -> Array:
    """Distance from a film that covers the ground, its sides and a rim of its own thickness."""
    return ground.distance(points) - thickness(table, ground, points)


def thickness(table: DepositTable, ground: Ground | Bed, points: Array) -> Array:
    """Thickness [m] of the film beneath points (n, 2) [m]."""
    made = np.full(len(points), table.film)
    for wave in table.waves:
        assert not isinstance(ground, Bed)
        made += wave.amplitude * np.cos(2 * np.pi * ground.along(points) / wave.length)
    if table.roughness > 0:
        rough = RandomField(1.0, 4 * table.interface, 1.0, table.seed)
        made += table.roughness * np.clip(rough(ground.feet(points), 0.0), -2.0, 2.0)
    return made

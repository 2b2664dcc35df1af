"""The metal at the start: a film on the working electrode, rough or wavy, and seeds.

Everything random is a function of place and seed, so that it is the same on any mesh.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.model.roughness import RandomField
from thincell.studies.schema.deposit import DepositTable

Array = NDArray[np.float64]


def metal_fraction(table: DepositTable, section: Section, points: Array) -> Array:
    """xi at points (n, 2) [m] of the start: 1/2 [1 - tanh(s/2 delta)]."""
    distance = np.full(len(points), np.inf)
    if table.film > 0:
        distance = np.minimum(distance, _film(table, section, points))
    for seed in table.seeds:
        distance = np.minimum(
            distance, np.hypot(points[:, 0] - seed.x, points[:, 1] - seed.z) - seed.radius
        )
    return profile(distance, table.interface)


def profile(distance: Array, thickness: float) -> Array:
    """xi at a distance from the front, positive in the liquid."""
    return np.asarray(0.5 * (1 - np.tanh(distance / (2 * thickness))))


def _film(table: DepositTable, section: Section, points: Array) -> Array:
    """Distance from a film that covers the electrode, its sides and a rim of its own thickness."""
    electrode = section.electrode(Tag.WORKING)
    slack = 1e-9 * section.height
    start = -np.inf if abs(electrode.start - section.start) < slack else electrode.start
    end = np.inf if abs(electrode.end - section.end) < slack else electrode.end
    x, z = points[:, 0], points[:, 1]
    beside = np.maximum(np.maximum(start - x, x - end), 0.0)
    above = np.maximum(z - electrode.thickness, 0.0)
    return np.hypot(beside, above) - thickness(table, x)


def thickness(table: DepositTable, x: Array) -> Array:
    """Thickness [m] of the film at x [m]."""
    made = np.full(len(x), table.film)
    for wave in table.waves:
        made += wave.amplitude * np.cos(2 * np.pi * x / wave.length)
    if table.roughness > 0:
        rough = RandomField(1.0, 4 * table.interface, 1.0, table.seed)
        made += table.roughness * np.clip(rough(x[:, None], 0.0), -2.0, 2.0)
    return made

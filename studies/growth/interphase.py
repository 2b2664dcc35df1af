r"""A film on the metal (SEI) that conducts ions only: a resistance in series with the reaction.

The current density j of a plating reaction through a film of the resistance R (times area) is

    j = J(E - R j),

J being the reaction's own law; u = R j is found at every node, by Newton's method in one variable, before
each assembly. The form holds one more step of that method from the node's u_0,

    j = [J(E - u_0) + J'(E - u_0) u_0] / [1 + R J'(E - u_0)],

which is j itself where u_0 solves the equation, and has the derivatives of the true solution there.

The film belongs to the surface and moves with it. It is kept at points of the front: every point of the
new front takes over from the nearest point of the old one, and adds the charge that passed,

    R = min(R_0 + g int |j| dt, R_max),

unless the front moved faster there than the film can follow: then it has cracked, and is fresh.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from thincell.model.scales import Scales
from thincell.studies.schema.deposit_parts import FilmTable

Array = NDArray[np.float64]
Current = Callable[[Array, NDArray[np.intp]], Array]
"""J at nodes, from the metal's potential there and the nodes' numbers, scaled."""

#: Newton steps in one variable, largest step (RT/F), and when it has converged.
STEPS, LARGEST, ENOUGH = 60, 3.0, 1e-13

#: Step of the difference quotient for J'.
DIFFERENCE = 1e-5


class Interphase:
    """The film of one deposit on one mesh. ``resistance`` R and ``drop`` u_0 at the nodes, scaled."""

    def __init__(self, table: FilmTable, scalars: fem.FunctionSpace, scales: Scales) -> None:
        self.table, self.scales = table, scales
        self.unit = scales.potential / scales.current_density
        self.resistance = fem.Function(scalars, name="film resistance")
        self.drop = fem.Function(scalars, name="film drop")
        self.resistance.x.array[:] = table.resistance / self.unit
        self.places = np.empty((0, 2))
        self.charge = np.empty(0)

    # -- the local balance ----------------------------------------------------------------------------

    def solve(self, current: Current, metal: Array) -> None:
        """u = R J(E - u) at all nodes of this rank. Local."""
        resistance, drop = self.resistance.x.array, self.drop.x.array
        nodes = np.flatnonzero(resistance > 0)
        drop[resistance <= 0] = 0.0
        for _ in range(STEPS):
            u, r, e = drop[nodes], resistance[nodes], metal[nodes]
            here = current(e - u, nodes)
            slope = (current(e - u + DIFFERENCE, nodes) - here) / DIFFERENCE
            step = np.clip((u - r * here) / (1 + r * slope), -LARGEST, LARGEST)
            drop[nodes] = u - step
            nodes = nodes[np.abs(step) > ENOUGH * (1 + np.abs(u))]
            if not nodes.size:
                return

    # -- the film on its surface ----------------------------------------------------------------------

    def follow(self, places: Array, density: Array, speed: Array, dt: float) -> None:
        """A step of ``dt`` [s]: the front's points [m], |j| [A.m-2] and |v| [m.s-1]. All ranks."""
        if not len(places):
            return
        passed = np.zeros(len(places))
        if len(self.places):
            passed = self.charge[cKDTree(self.places).query(places)[1]]
        passed = passed + density * dt
        if self.table.cracks_above is not None:
            passed[speed > self.table.cracks_above] = 0.0
        self.places, self.charge = places, passed

    def spread(self, points: Array, near: NDArray[np.bool_]) -> None:
        """R at the nodes ``near`` the front: that of its nearest point."""
        values = np.full(len(points), self.table.resistance)
        if len(self.places) and near.any():
            nearest = cKDTree(self.places).query(points[near])[1]
            values[near] += self.table.growth * self.charge[nearest]
        self.resistance.x.array[:] = np.minimum(values, self.table.largest) / self.unit

    def mean(self) -> float:
        """Mean resistance [ohm.m2] over the points of the front."""
        made = self.table.resistance + self.table.growth * self.charge
        return float(np.minimum(made, self.table.largest).mean()) if len(made) else self.table.resistance

    def memory(self) -> dict[str, Any]:
        """The film, as plain values."""
        return {"places": self.places.tolist(), "charge": self.charge.tolist()}

    def recall(self, memory: dict[str, Any]) -> None:
        """Go on from there."""
        self.places = np.array(memory["places"], dtype=float).reshape(-1, 2)
        self.charge = np.array(memory["charge"], dtype=float)

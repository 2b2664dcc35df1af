"""The Gouy-Chapman-Stern closure on the electrodes of an electroneutral model.

Holds, for each electrode, the diffuse layer's potential zeta at the nodes; `model.double_layer` says
what is solved and why the form is exact although the node values are interpolated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from dolfinx import fem, mesh
from numpy.typing import NDArray

from thincell.model.constants import FARADAY
from thincell.model.double_layer import Closure, DoubleLayer, diffuse_charge
from thincell.model.ops import Value
from thincell.model.scales import Scales
from thincell.model.terms import Surface
from thincell.studies import names

#: c/c0 below which the diffuse layer is computed as if this much salt were left.
LEAST = 1e-12

Outside = Callable[[Any], tuple[Value, list[Value]]]
"""(phi, [c_i/c0]) outside the diffuse layer from the fields, as UFL or as arrays."""


class Diffuse:
    """zeta on the electrodes, from the fields outside the diffuse layer."""

    def __init__(
        self,
        state: fem.Function,
        facets: mesh.MeshTags,
        layer: DoubleLayer,
        scales: Scales,
        closure: Closure,
        outside: Outside,
    ) -> None:
        domain = state.function_space.mesh
        self.state, self.outside = state, outside
        self._layer, self._scales, self._closure = layer, scales, closure
        self.layer, self.scales = layer.on(domain), scales.on(domain)
        self.closure = Closure(
            fem.Constant(domain, float(closure.capacitance)),
            fem.Constant(domain, float(closure.eps2)),
            closure.charges,
        )
        self._scalar, to_parent = state.function_space.sub(0).collapse()
        self._blocks = np.asarray(to_parent).ravel() // state.function_space.dofmap.index_map_bs
        self._facets = facets
        self._guesses: dict[int, tuple[Surface, fem.Function, NDArray[np.int32]]] = {}

    def on(self, surface: Surface) -> fem.Function:
        """The node values of zeta on an electrode."""
        if surface.tag not in self._guesses:
            nodes = fem.locate_dofs_topological(self._scalar, 1, self._facets.find(surface.tag))
            guess = fem.Function(self._scalar, name=f"zeta {surface.tag}")
            self._guesses[surface.tag] = (surface, guess, np.asarray(nodes))
        return self._guesses[surface.tag][1]

    def zeta(self, surface: Surface, fields: Any) -> Value:
        """zeta on an electrode, as UFL."""
        phi, c = self.outside(fields)
        drop = self.layer.drop(surface.potential, phi, self.scales)
        return self.closure.zeta(self.on(surface), drop, [value + LEAST for value in c])

    def results(self, surface: Surface, fields: Any) -> dict[str, tuple[Value, float]]:
        """zeta and the surface charge for the electrode's profile: scaled, with their SI units.

        From the node values: what a picture needs, in a much smaller kernel.
        """
        _, c = self.outside(fields)
        zeta = self.on(surface)
        charge = diffuse_charge(
            zeta, [value + LEAST for value in c], self.closure.charges, self.closure.eps2
        )
        per_area = FARADAY * self._scales.concentration * self._scales.length
        return {
            names.DIFFUSE.name: (zeta, self._scales.potential),
            names.SURFACE_CHARGE.name: (charge, per_area),
        }

    def refresh(self) -> None:
        """Solve for the node values at the present state. Local, no communication."""
        block = self.state.function_space.dofmap.index_map_bs
        unknowns = self.state.x.array.reshape(-1, block)
        for surface, guess, nodes in self._guesses.values():
            local = unknowns[self._blocks[nodes]]
            phi, c = self.outside([local[:, k] for k in range(block)])
            metal = _number(surface.potential)
            drop = self._layer.drop(metal, phi, self._scales)
            guess.x.array[nodes] = self._closure.solve(drop, [_floor(value) for value in c])


def _number(potential: Any) -> float:
    """Present value of a fem.Constant, also within a ufl.variable."""
    inner = potential.ufl_operands[0] if potential.ufl_operands else potential
    return float(inner.value)


def _floor(c: Any) -> NDArray[np.float64]:
    return np.asarray(c, dtype=float) + LEAST
